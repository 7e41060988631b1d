package report

import (
	"time"

	"hotline/cdr"
)

// Count is a figure that counts cases: what Holds says is counted, and can be shown.
type Count struct {
	ID    string
	Text  string // what is counted, for people
	Holds func(c Case, within time.Duration) bool
}

// Counts lists all. within is the time of the service level, such as 20 s.
var Counts = []Count{
	{"offered", "calls that joined the queue", func(c Case, _ time.Duration) bool { return c.Queue != "" && !c.Back }},
	{"answered", "calls that an agent answered, or whoever picked them up while agents were rung", func(c Case, _ time.Duration) bool { return c.Answered() && !c.Back }},
	{"answered_within", "answered calls whose wait was not longer than the service level's time", func(c Case, w time.Duration) bool { return c.Answered() && !c.Back && c.Wait <= w }},
	{"abandoned", "callers who hung up in the queue, waiting or while an agent was rung", abandonedQueue},
	{"abandoned_within", "abandoned not later than the service level's time", func(c Case, w time.Duration) bool { return abandonedQueue(c, 0) && c.Wait <= w }},
	{"abandoned_waiting", "abandoned while nobody was rung", func(c Case, _ time.Duration) bool { return abandonedQueue(c, 0) && c.Abandoned == cdr.InQueue }},
	{"abandoned_ring", "abandoned while an agent was rung", func(c Case, _ time.Duration) bool { return abandonedQueue(c, 0) && c.Abandoned == cdr.InRing }},
	{"abandoned_short", "abandoned within 5 s", func(c Case, _ time.Duration) bool { return abandonedQueue(c, 0) && c.Short }},
	{"abandoned_ivr", "callers who hung up in the voice flow, before any queue", func(c Case, _ time.Duration) bool { return c.Queue == "" && c.Abandoned == cdr.InIVR }},
	{"callbacks", "callers who chose to be called back; they count neither as answered nor as abandoned", func(c Case, _ time.Duration) bool { return c.Callback }},
	{"callbacks_tried", "callbacks that were begun: each waits for its turn, and most dial the customer", func(c Case, _ time.Duration) bool { return c.Back }},
	{"callbacks_reached", "callbacks in which the customer and an agent talked", func(c Case, _ time.Duration) bool { return c.Back && c.Answered() }},
	{"left", "calls that left the queue otherwise: timeout, full, no agents, on break, closed, a key, moved or ended by us", func(c Case, _ time.Duration) bool { return c.Queue != "" && c.Left != "" && !c.Callback && !c.Back }},
	{"overflowed_in", "calls that came from another queue which gave them up", func(c Case, _ time.Duration) bool { return c.CameFrom != "" }},
	{"missed", "calls for which a phone rang to the end without an answer (RONA)", func(c Case, _ time.Duration) bool { return len(c.Missed) > 0 }},
	{"transferred", "answered calls that the agent handed over", func(c Case, _ time.Duration) bool { return c.Answered() && !c.Back && c.HandedOn }},
	{"taken", "answered calls that a supervisor moved on from the agent, or took over; they are not the agent's transfers", func(c Case, _ time.Duration) bool { return c.Answered() && !c.Back && c.Taken }},
	{"came", "calls to which further agents came: by transfer, conference or take-over", func(c Case, _ time.Duration) bool { return len(c.Came) > 0 }},
	{"surveyed", "callers who were asked how it was", func(c Case, _ time.Duration) bool { return c.Asked }},
	{"rated", "callers who gave a score", func(c Case, _ time.Duration) bool { return c.Score > 0 }},
	{"satisfied", "callers who gave a score of 4 or 5", func(c Case, _ time.Duration) bool { return c.Score >= 4 }},
	{"none", "calls in no queue", func(c Case, _ time.Duration) bool { return c.Queue == "" }},
}

func abandonedQueue(c Case, _ time.Duration) bool {
	return c.Queue != "" && !c.Back && (c.Abandoned == cdr.InQueue || c.Abandoned == cdr.InRing)
}

// CountOf finds a count by its id.
func CountOf(id string) (Count, bool) {
	for _, c := range Counts {
		if c.ID == id {
			return c, true
		}
	}
	return Count{}, false
}

// Totals is what ratios are made of: the counts by id, and sums.
type Totals struct {
	N map[string]int

	WaitAnswered, WaitAbandoned time.Duration
	Ring, Talk, Hold, Wrap      time.Duration // of the agents who answered
	Longest                     time.Duration // wait of anybody
	Scores                      int           // the sum of what callers answered
	Given                       int           // surveys about an agent, of calls that another answered

	Forecasts     int           // answered calls that were told an estimate
	ForecastError time.Duration // mean absolute difference between it and the wait, times Forecasts
}

// Sum adds cases up.
func Sum(cases []Case, within time.Duration) Totals {
	t := Totals{N: make(map[string]int, len(Counts))}
	for _, c := range cases {
		t.add(c, within)
	}
	return t
}

func (t *Totals) add(c Case, within time.Duration) {
	for _, k := range Counts {
		if k.Holds(c, within) {
			t.N[k.ID]++
		}
	}
	t.Scores += c.Score
	t.sum(c, within)
}

// addOf adds what of a case is one agent's: the talk of who answered, the score of whom it is about, the offer that was missed.
func (t *Totals) addOf(agent string, c Case, within time.Duration) {
	for _, k := range Counts {
		if c.Of(k.ID, agent) && k.Holds(c, within) {
			t.N[k.ID]++
		}
	}
	if c.About == agent {
		t.Scores += c.Score
	}
	switch agent {
	case c.Agent:
		t.sum(c, within)
	case c.About:
		t.Given++
	}
}

func (t *Totals) sum(c Case, within time.Duration) {
	if !c.Back {
		t.Longest = max(t.Longest, c.Wait)
	}
	if abandonedQueue(c, within) {
		t.WaitAbandoned += c.Wait
	}
	if !c.Answered() {
		return
	}
	if !c.Back {
		t.WaitAnswered += c.Wait
	}
	t.Ring, t.Talk, t.Hold, t.Wrap = t.Ring+c.Ring, t.Talk+c.Talk, t.Hold+c.Hold, t.Wrap+c.Wrap
	if c.Estimate > 0 {
		t.Forecasts++
		t.ForecastError += (c.Wait - c.Estimate).Abs()
	}
}

// Ratio is a figure made of totals.
type Ratio struct {
	ID   string
	Text string // the formula, for people
	Unit string // "share" (0 to 1), "s" or "score" (1 to 5)
	Of   func(t Totals) (value float64, ok bool)
}

// Ratios lists all. A ratio of nothing is absent, not 0.
var Ratios = []Ratio{
	{"service_level_answered", "answered within T / answered", "share", func(t Totals) (float64, bool) { return share(t.N["answered_within"], t.N["answered"]) }},
	{"service_level", "(answered within T + abandoned within T) / (answered + abandoned)", "share", func(t Totals) (float64, bool) {
		return share(t.N["answered_within"]+t.N["abandoned_within"], t.N["answered"]+t.N["abandoned"])
	}},
	{"service_level_offered", "answered within T / offered", "share", func(t Totals) (float64, bool) { return share(t.N["answered_within"], t.N["offered"]) }},
	{"abandon_rate", "abandoned / offered", "share", func(t Totals) (float64, bool) { return share(t.N["abandoned"], t.N["offered"]) }},
	{"abandon_rate_long", "(abandoned - abandoned within 5 s) / (offered - abandoned within 5 s)", "share", func(t Totals) (float64, bool) {
		return share(t.N["abandoned"]-t.N["abandoned_short"], t.N["offered"]-t.N["abandoned_short"])
	}},
	{"transfer_rate", "transferred / answered", "share", func(t Totals) (float64, bool) { return share(t.N["transferred"], t.N["answered"]) }},
	{"asa", "wait of answered / answered", "s", func(t Totals) (float64, bool) { return mean(t.WaitAnswered, t.N["answered"]) }},
	{"abandon_wait", "wait of abandoned / abandoned", "s", func(t Totals) (float64, bool) { return mean(t.WaitAbandoned, t.N["abandoned"]) }},
	{"aht", "(talk + hold + wrap-up) / (answered + callbacks reached)", "s", func(t Totals) (float64, bool) { return mean(t.Talk+t.Hold+t.Wrap, t.handled()) }},
	{"talk", "talk / (answered + callbacks reached)", "s", func(t Totals) (float64, bool) { return mean(t.Talk, t.handled()) }},
	{"ring", "ringing of those who answered / (answered + callbacks reached)", "s", func(t Totals) (float64, bool) { return mean(t.Ring, t.handled()) }},
	{"callback_rate", "callbacks / offered", "share", func(t Totals) (float64, bool) { return share(t.N["callbacks"], t.N["offered"]) }},
	{"survey_rate", "surveyed / (answered + callbacks reached); of an agent also the surveyed calls that others handed to them", "share", func(t Totals) (float64, bool) {
		return share(t.N["surveyed"], t.handled()+t.Given)
	}},
	{"rating_rate", "rated / surveyed", "share", func(t Totals) (float64, bool) { return share(t.N["rated"], t.N["surveyed"]) }},
	{"score", "sum of the scores (1 to 5) / rated", "score", func(t Totals) (float64, bool) {
		if t.N["rated"] == 0 {
			return 0, false
		}
		return float64(t.Scores) / float64(t.N["rated"]), true
	}},
	{"satisfied_rate", "scores of 4 and 5 / rated", "share", func(t Totals) (float64, bool) { return share(t.N["satisfied"], t.N["rated"]) }},
	{"longest_wait", "the longest wait of all", "s", func(t Totals) (float64, bool) { return t.Longest.Seconds(), t.N["offered"] > 0 }},
	{"estimate_error", "mean difference between the estimated and the true wait, of answered calls that were told one", "s", func(t Totals) (float64, bool) {
		return mean(t.ForecastError, t.Forecasts)
	}},
}

// handled are the talks: calls answered, and callbacks.
func (t Totals) handled() int { return t.N["answered"] + t.N["callbacks_reached"] }

func share(n, of int) (float64, bool) {
	if of <= 0 {
		return 0, false
	}
	return float64(n) / float64(of), true
}

func mean(d time.Duration, n int) (float64, bool) {
	if n <= 0 {
		return 0, false
	}
	return d.Seconds() / float64(n), true
}

// Figures are all ratios that exist, by id.
func (t Totals) Figures() map[string]float64 {
	all := map[string]float64{}
	for _, r := range Ratios {
		if v, ok := r.Of(t); ok {
			all[r.ID] = v
		}
	}
	return all
}
