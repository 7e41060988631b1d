package report

import (
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"
	"time"

	"hotline/call"
	"hotline/cdr"
)

var nine = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)

// told is the facts of one call, each so many seconds after the beginning.
type told struct {
	id    call.ID
	at    time.Time
	facts []call.Fact
}

func begin(id string, after time.Duration) *told {
	t := &told{id: call.ID(id), at: nine.Add(after)}
	return t.then(0, call.Fact{Kind: call.Started, Leg: call.CallerLeg, From: "+8613800138000", To: "4001", Direction: "in"})
}

func (t *told) then(after float64, f call.Fact) *told {
	f.Call, f.Seq, f.At = t.id, len(t.facts)+1, t.at.Add(time.Duration(after*float64(time.Second)))
	t.facts = append(t.facts, f)
	return t
}

func (t *told) queued(after float64, queue string) *told {
	return t.then(after, call.Fact{Kind: call.Queued, Queue: queue})
}

func (t *told) left(after float64, queue, why string) *told {
	return t.then(after, call.Fact{Kind: call.LeftQueue, Queue: queue, Reason: why})
}

// talk rings an agent, who answers and hangs up.
func (t *told) talk(ring, answer, end float64, agent, queue string) *told {
	leg := call.LegID("leg-" + agent)
	return t.then(ring, call.Fact{Kind: call.Offer, Agent: agent, Queue: queue}).
		then(ring, call.Fact{Kind: call.Dialled, Agent: agent, Leg: leg}).
		left(answer, queue, "answered").
		then(answer, call.Fact{Kind: call.Connected, Agent: agent, Queue: queue, Leg: leg}).
		then(end, call.Fact{Kind: call.LegGone, Agent: agent, Leg: leg, Cause: call.Normal, Side: "agent"})
}

func (t *told) over(after float64, side string) *told {
	t.then(after, call.Fact{Kind: call.LegGone, Leg: call.CallerLeg, Cause: call.Normal, Side: side})
	return t.then(after, call.Fact{Kind: call.Ended, Cause: call.Normal, Side: side})
}

func (t *told) wrapped(after float64, agent string) *told {
	f := cdr.Late(call.Fact{Kind: cdr.Wrapped, Agent: agent, At: t.at.Add(time.Duration(after * float64(time.Second)))})
	f.Call = t.id
	t.facts = append(t.facts, f)
	return t
}

// day is a small day in which everything happens once or twice.
func day() []*told {
	return []*told{
		begin("quick", 0).queued(2, "sales").talk(3, 12, 72, "anna", "sales").over(72, "agent").wrapped(82, "anna"),
		begin("slow", time.Minute).queued(1, "sales").talk(31, 41, 141, "bo", "sales").over(141, "caller").wrapped(146, "bo"),
		begin("gives-up", 2*time.Minute).queued(5, "sales").over(45, "caller"),
		begin("gives-up-at-once", 3*time.Minute).queued(5, "sales").over(8, "caller"),
		begin("gives-up-while-it-rings", 4*time.Minute).queued(5, "sales").
			then(10, call.Fact{Kind: call.Offer, Agent: "anna", Queue: "sales"}).then(10, call.Fact{Kind: call.Dialled, Agent: "anna", Leg: "leg2"}).over(19, "caller"),
		begin("in-the-flow", 5*time.Minute).over(20, "caller"),
		begin("overflows", 16*time.Minute).queued(5, "sales").left(65, "sales", "timeout").queued(65, "nation").talk(70, 75, 175, "anna", "nation").over(175, "agent"),
		begin("missed", 17*time.Minute).queued(0, "sales").
			then(1, call.Fact{Kind: call.Offer, Agent: "bo", Queue: "sales"}).then(1, call.Fact{Kind: call.Dialled, Agent: "bo", Leg: "leg-x"}).
			then(21, call.Fact{Kind: call.Refused, Agent: "bo", Leg: "leg-x", Reason: "no-answer"}).
			talk(22, 26, 56, "anna", "sales").over(56, "agent"),
		begin("taken", 40*time.Minute).queued(0, "nation").talk(1, 5, 35, "anna", "nation").
			then(35, call.Fact{Kind: call.Transferred, Agent: "anna", Leg: "leg-anna", To: "1002", Reason: "take-over"}).over(40, "caller"),
		begin("handed-over", 18*time.Minute).queued(0, "sales").talk(1, 5, 35, "anna", "sales").
			then(34, call.Fact{Kind: call.Transferred, Agent: "anna", Leg: "leg-anna", To: "1002", Reason: "blind"}).over(40, "caller"),
	}
}

// strays are calls that reach a queue, or leave one, by a side door.
func strays() []*told {
	handed := begin("handed", 0).queued(0, "sales").talk(1, 5, 35, "anna", "sales").
		then(35, call.Fact{Kind: call.Transferred, Agent: "anna", Leg: "leg-anna", To: "queue:care", Reason: "blind"}).queued(35, "care").over(37, "caller").left(37, "care", "abandoned")
	rung := begin("rung", time.Hour).queued(0, "sales").talk(1, 5, 35, "anna", "sales").queued(35, "care").
		then(40, call.Fact{Kind: call.Offer, Agent: "bo", Queue: "care"}).then(40, call.Fact{Kind: call.Dialled, Agent: "bo", Leg: "leg2"}).over(50, "caller")
	hung := begin("hung", 2*time.Hour).queued(0, "care").left(30, "care", "abandoned").over(30, "system")
	picked := begin("picked", 3*time.Hour).queued(0, "care").then(1, call.Fact{Kind: call.Offer, Agent: "bo", Queue: "care"}).
		then(5, call.Fact{Kind: call.Refused, Agent: "bo", Reason: "answered-before"}).left(5, "care", "answered").
		then(5, call.Fact{Kind: call.Joined, Leg: "leg3", To: "1009", Reason: "came"}).then(5, call.Fact{Kind: call.Connected, Leg: "leg3"}).over(65, "caller")
	return []*told{handed, rung, hung, picked}
}

// returns are calls in which agents come and go.
func returns() []*told {
	back := begin("comes-back", 0).queued(0, "sales").talk(1, 5, 35, "anna", "sales").
		then(40, call.Fact{Kind: call.Dialled, Agent: "bo", Leg: "leg3"}).then(45, call.Fact{Kind: call.Connected, Agent: "bo", Leg: "leg3"}).
		then(65, call.Fact{Kind: call.LegGone, Agent: "bo", Leg: "leg3"}).
		then(66, call.Fact{Kind: call.Dialled, Agent: "anna", Leg: "leg4"}).then(70, call.Fact{Kind: call.Connected, Agent: "anna", Leg: "leg4"}).over(80, "caller")
	picked := begin("picked-by-a-colleague", time.Hour).queued(0, "sales").then(1, call.Fact{Kind: call.Offer, Agent: "anna", Queue: "sales"}).
		then(5, call.Fact{Kind: call.Refused, Agent: "anna", Reason: "answered-before"}).left(5, "sales", "answered").
		then(5, call.Fact{Kind: call.Joined, Agent: "cy", Leg: "leg3", To: "1009", Reason: "came"}).then(5, call.Fact{Kind: call.Connected, Agent: "cy", Leg: "leg3"}).over(65, "caller")
	return []*told{back, picked}
}

func casesOf(days []*told) []Case {
	var all []Case
	for _, t := range days {
		all = append(all, Cases(cdr.Fold(t.facts))...)
	}
	return all
}

func TestFiguresOfASmallDay(t *testing.T) {
	cases := casesOf(day())
	sales := slices.DeleteFunc(slices.Clone(cases), func(c Case) bool { return c.Queue != "sales" })
	got := Sum(sales, 20*time.Second)
	for id, want := range map[string]int{
		"offered": 8, "answered": 4, "answered_within": 2, "abandoned": 3, "abandoned_within": 2, "abandoned_waiting": 2, "abandoned_ring": 1,
		"abandoned_short": 1, "left": 1, "missed": 1, "transferred": 1, "none": 0, "overflowed_in": 0, "callbacks": 0, "abandoned_ivr": 0,
	} {
		if got.N[id] != want {
			t.Errorf("%s: got %d, want %d", id, got.N[id], want)
		}
	}
	for id, want := range map[string]float64{
		"service_level_answered": 2.0 / 4, "service_level": 4.0 / 7, "service_level_offered": 2.0 / 8, "abandon_rate": 3.0 / 8, "abandon_rate_long": 2.0 / 7,
		"transfer_rate": 1.0 / 4, "asa": (10.0 + 40 + 26 + 5) / 4, "abandon_wait": (40.0 + 3 + 14) / 3, "longest_wait": 60,
	} {
		near(t, id, got.Figures()[id], want, 1e-9)
	}
	if got, want := Sum(cases, 20*time.Second).N["abandoned_ivr"], 1; got != want {
		t.Errorf("given up in the flow: got %d, want %d", got, want)
	}
	for _, c := range cases {
		if c.Call == "overflows" && c.Queue == "nation" && (c.CameFrom != "sales" || c.Wait != 10*time.Second || c.Agent != "anna") {
			t.Errorf("overflow: got %+v", c)
		}
	}
	empty := Sum(nil, time.Second).Figures()
	if len(empty) != 0 {
		t.Errorf("figures of nothing: %v, want none", empty)
	}
}

// What a supervisor does with a call is no transfer of the agent's: it is a figure of its own. Each transfer is of the talk before it, also where the
// caller comes to the same agent twice.
func TestTransfersOfAgentsAndSupervisors(t *testing.T) {
	hands := func(leg, agent, how string) call.Fact {
		return call.Fact{Kind: call.Transferred, Agent: agent, Leg: call.LegID(leg), To: "queue:nation", Reason: how}
	}
	moved := begin("moved", 0).queued(0, "sales").talk(1, 5, 35, "anna", "sales").then(35, hands("leg-anna", "anna", "move")).
		queued(35, "nation").talk(36, 40, 70, "anna", "nation").then(70, hands("leg-anna", "anna", "blind")).over(80, "caller")
	over := begin("over", time.Hour).queued(0, "sales").talk(1, 5, 35, "bo", "sales").then(35, hands("leg-bo", "bo", "take-over")).over(80, "caller")
	consulted := begin("consulted", 2*time.Hour).queued(0, "sales").talk(1, 5, 35, "bo", "sales").then(35, hands("leg-bo", "bo", "consult")).over(80, "caller")
	want := map[string][2]int{"moved sales": {0, 1}, "moved nation": {1, 0}, "over sales": {0, 1}, "consulted sales": {1, 0}} // transferred, taken
	cases := casesOf([]*told{moved, over, consulted})
	for _, c := range cases {
		got := Sum([]Case{c}, time.Second)
		if w := want[string(c.Call)+" "+c.Queue]; got.N["transferred"] != w[0] || got.N["taken"] != w[1] {
			t.Errorf("%s in %s: transferred %d, taken %d, want %v", c.Call, c.Queue, got.N["transferred"], got.N["taken"], w)
		}
	}
	rows := Agents(nil, cases, nine, nine.Add(24*time.Hour), time.Second)
	for i, want := range []float64{1.0 / 2, 1.0 / 2} { // of two answered calls each
		near(t, "transfer_rate of "+rows[i].Agent, rows[i].Figures()["transfer_rate"], want, 1e-9)
		if rows[i].N["taken"] != 1 {
			t.Errorf("%s: taken %d, want 1", rows[i].Agent, rows[i].N["taken"])
		}
	}
}

// A caller whom an agent hands over into a queue and who gives up there is lost to that queue, however long they have talked before; one whom we
// hang up on is not. A phone of nobody's that picks a caller up has answered.
func TestEachStayHasItsOutcome(t *testing.T) {
	cases := casesOf(strays())
	care := slices.DeleteFunc(slices.Clone(cases), func(c Case) bool { return c.Queue != "care" })
	got := Sum(care, 20*time.Second)
	for id, want := range map[string]int{
		"offered": 4, "answered": 1, "answered_within": 1, "abandoned": 2, "abandoned_within": 2, "abandoned_waiting": 1, "abandoned_ring": 1, "abandoned_short": 0, "left": 1,
	} {
		if got.N[id] != want {
			t.Errorf("%s: got %d, want %d", id, got.N[id], want)
		}
	}
	for id, want := range map[string]float64{"abandon_rate": 2.0 / 4, "abandon_wait": (2.0 + 15) / 2, "service_level": 3.0 / 3, "aht": 60, "talk": 60} {
		near(t, id, got.Figures()[id], want, 1e-9)
	}
	if rows := Agents(nil, cases, nine, nine.Add(24*time.Hour), time.Second); len(rows) != 1 || rows[0].Agent != "anna" || rows[0].N["answered"] != 2 {
		t.Errorf("agents: %+v", rows)
	}
}

// An agent who parks the caller and fetches them again, or has them back from a colleague, is credited with both talks; the colleague is no agent who
// answered, but one who came. A colleague who picks up a ringing phone has answered.
func TestTalksOfOneAgentAddUp(t *testing.T) {
	cases := casesOf(returns())
	rows := Agents(nil, cases, nine, nine.Add(24*time.Hour), time.Minute)
	for i, want := range []struct {
		agent          string
		answered, came int
		talk           time.Duration
	}{{"anna", 1, 0, 40 * time.Second}, {"bo", 0, 1, 0}, {"cy", 1, 0, time.Minute}} {
		if got := rows[i]; got.Agent != want.agent || got.N["answered"] != want.answered || got.N["came"] != want.came || got.Talk != want.talk {
			t.Errorf("%s: answered %d, came %d, talked %v, want %+v", got.Agent, got.N["answered"], got.N["came"], got.Talk, want)
		}
	}
	near(t, "aht of the queue", Sum(cases, time.Minute).Figures()["aht"], 50, 1e-9)
}

// The first estimate is held against the whole wait, also where it came late; who gave up says nothing about it.
func TestEstimatesAgainstTheTruth(t *testing.T) {
	said := func(b *told, after float64, d time.Duration) *told {
		return b.then(after, call.Fact{Kind: call.Estimated, Queue: "sales", For: d})
	}
	cases := casesOf([]*told{
		said(begin("early", 0).queued(0, "sales"), 0, 30*time.Second).talk(20, 25, 60, "anna", "sales").over(60, "agent"),                                // 5 s off
		said(said(begin("late", time.Hour).queued(0, "sales"), 40, 20*time.Second), 50, time.Second).talk(70, 75, 90, "anna", "sales").over(90, "agent"), // 60 s, was 75
		said(begin("gone", 2*time.Hour).queued(0, "sales"), 0, time.Hour).over(10, "caller"),
		begin("untold", 3*time.Hour).queued(0, "sales").talk(1, 5, 60, "anna", "sales").over(60, "agent"),
	})
	near(t, "estimate_error", Sum(cases, time.Minute).Figures()["estimate_error"], (5.0+15)/2, 1e-9)
}

// A missed offer is of the agent whose phone rang, not of who answered after them; it is theirs too where nobody answered at all.
func TestMissesAreOfWhoMissed(t *testing.T) {
	rings := func(b *told, after float64, agent, leg string) *told {
		return b.then(after, call.Fact{Kind: call.Offer, Agent: agent, Queue: "sales"}).then(after, call.Fact{Kind: call.Dialled, Agent: agent, Leg: call.LegID(leg)}).
			then(after+20, call.Fact{Kind: call.Refused, Agent: agent, Leg: call.LegID(leg), Reason: "no-answer"})
	}
	twice := rings(rings(begin("twice", 0).queued(0, "sales"), 1, "bo", "leg-1"), 22, "bo", "leg-2").talk(43, 46, 76, "anna", "sales").over(76, "agent")
	nobody := rings(begin("nobody", time.Hour).queued(0, "sales"), 1, "cy", "leg-1").over(30, "caller")
	cases := casesOf([]*told{twice, nobody})
	if got := Sum(cases, time.Second).N["missed"]; got != 2 {
		t.Errorf("calls of the queue that were missed: %d, want 2", got)
	}
	rows := Agents(nil, cases, nine, nine.Add(24*time.Hour), time.Second)
	for i, want := range []struct {
		agent            string
		answered, missed int
	}{{"anna", 1, 0}, {"bo", 0, 1}, {"cy", 0, 1}} {
		got := rows[i]
		if got.Agent != want.agent || got.N["answered"] != want.answered || got.N["missed"] != want.missed {
			t.Errorf("%s: answered %d, missed %d, want %+v", got.Agent, got.N["answered"], got.N["missed"], want)
		}
		if got.Given != 0 || len(got.Figures()) > 0 && want.answered == 0 {
			t.Errorf("%s has figures of calls they did not answer: %v", got.Agent, got.Figures())
		}
	}
}

func everything() []*told { return slices.Concat(day(), strays(), returns()) }

// Figures rebuilt from facts, in any order and with facts told twice, are the same; and every count opens exactly its calls.
func TestRebuiltFromFacts(t *testing.T) {
	want := Table(casesOf(everything()), nine, 15*time.Minute, 20*time.Second)
	random := rand.New(rand.NewPCG(5, 5))
	for range 20 {
		again := everything()
		for _, call := range again {
			call.facts = append(call.facts, call.facts[random.IntN(len(call.facts))])
			random.Shuffle(len(call.facts), func(i, j int) { call.facts[i], call.facts[j] = call.facts[j], call.facts[i] })
		}
		random.Shuffle(len(again), func(i, j int) { again[i], again[j] = again[j], again[i] })
		if got := Table(casesOf(again), nine, 15*time.Minute, 20*time.Second); !reflect.DeepEqual(got, want) {
			t.Fatalf("got\n%+v\nwant\n%+v", got, want)
		}
	}
	whole := Sum(casesOf(everything()), 20*time.Second)
	for _, count := range Counts {
		n := 0
		for _, row := range want {
			n += row.N[count.ID]
		}
		if n != whole.N[count.ID] {
			t.Errorf("%s: the intervals add up to %d, the day has %d", count.ID, n, whole.N[count.ID])
		}
		opened := 0
		for _, c := range casesOf(everything()) {
			if count.Holds(c, 20*time.Second) {
				opened++
			}
		}
		if opened != n {
			t.Errorf("%s: %d calls open for a figure of %d", count.ID, opened, n)
		}
	}
}

func TestStatesOfAgents(t *testing.T) {
	at := func(minute int) time.Time { return nine.Add(time.Duration(minute) * time.Minute) }
	changes := []cdr.AgentChange{
		{Agent: "bo", From: "offline", To: "ready", At: at(30)},
		{Agent: "anna", From: "ready", To: "talking", At: at(10)}, {Agent: "anna", From: "talking", To: "wrap-up", At: at(20)},
		{Agent: "anna", From: "wrap-up", To: "ready", At: at(25)}, {Agent: "anna", From: "ready", To: "not-ready", Reason: "lunch", At: at(40)},
		{Agent: "anna", From: "not-ready", To: "offline", At: at(90)},
	}
	agents := Agents(changes, casesOf(day()), at(0), at(60), 20*time.Second)
	if len(agents) != 2 || agents[0].Agent != "anna" || agents[1].Agent != "bo" {
		t.Fatalf("got %+v", agents)
	}
	for state, want := range map[string]time.Duration{"ready": 25 * time.Minute, "talking": 10 * time.Minute, "wrap-up": 5 * time.Minute, "not-ready": 20 * time.Minute, "offline": 0} {
		if got := agents[0].States[state]; got != want {
			t.Errorf("anna %s: got %v, want %v", state, got, want)
		}
	}
	got, ok := agents[0].Occupancy()
	near(t, "occupancy", got, 15.0/40, 1e-9)
	if !ok || agents[0].N["answered"] != 5 || agents[1].N["answered"] != 1 {
		t.Errorf("answered: got %d and %d", agents[0].N["answered"], agents[1].N["answered"])
	}
	if _, ok := (Agent{}).Occupancy(); ok {
		t.Error("an occupancy of no time")
	}
	var sum time.Duration
	for _, s := range Spans(changes, at(0), at(60)) {
		sum += s.To.Sub(s.From)
	}
	if sum != 2*time.Hour {
		t.Errorf("states of two agents in an hour add up to %v", sum)
	}
}

// Callbacks and surveys count apart from the service.
func TestCallbacksAndSurveys(t *testing.T) {
	wanted := begin("wants", 0).queued(1, "sales").left(21, "sales", "key").then(22, call.Fact{Kind: call.CallbackAsked, Queue: "sales"}).over(25, "caller")
	back := begin("back", time.Hour).queued(0, "sales").talk(600, 605, 665, "anna", "sales").over(665, "agent")
	back.facts[0].Direction, back.facts[0].Reason, back.facts[0].Other = "out", "callback", "wants"
	rated := begin("rated", 2*time.Hour).queued(0, "sales").talk(1, 5, 35, "bo", "sales").
		then(36, call.Fact{Kind: call.SurveyAsked, Agent: "bo", Queue: "sales"}).then(40, call.Fact{Kind: call.Rated, Score: 4, Agent: "bo", Queue: "sales"}).over(41, "caller")
	silent := begin("silent", 3*time.Hour).queued(0, "sales").talk(1, 5, 65, "bo", "sales").then(66, call.Fact{Kind: call.SurveyAsked, Agent: "bo", Queue: "sales"}).over(80, "caller")
	got := Sum(casesOf([]*told{wanted, back, rated, silent}), 20*time.Second)
	for id, want := range map[string]int{
		"offered": 3, "answered": 2, "abandoned": 0, "callbacks": 1, "callbacks_tried": 1, "callbacks_reached": 1, "left": 0, "surveyed": 2, "rated": 1, "satisfied": 1,
	} {
		if got.N[id] != want {
			t.Errorf("%s: got %d, want %d", id, got.N[id], want)
		}
	}
	figures := got.Figures()
	for id, want := range map[string]float64{
		"aht": (60.0 + 30 + 60) / 3, "asa": 5, "callback_rate": 1.0 / 3, "survey_rate": 2.0 / 3, "rating_rate": 0.5, "score": 4, "satisfied_rate": 1, "longest_wait": 20,
	} {
		near(t, id, figures[id], want, 1e-9)
	}
}

// A score is of the agent whom it is about, also where another answered and handed the caller over; it counts once, and opens its call.
func TestScoresAreOfWhomTheyAreAbout(t *testing.T) {
	given := begin("given", 0).queued(0, "sales").talk(1, 5, 35, "anna", "sales").
		then(34, call.Fact{Kind: call.Transferred, Agent: "anna", Leg: "leg-anna", To: "agent:bo", Reason: "blind"}).
		then(36, call.Fact{Kind: call.Dialled, Agent: "bo", Leg: "leg-bo"}).then(40, call.Fact{Kind: call.Connected, Agent: "bo", Queue: "sales", Leg: "leg-bo"}).
		then(70, call.Fact{Kind: call.LegGone, Agent: "bo", Leg: "leg-bo", Side: "agent"}).
		then(71, call.Fact{Kind: call.SurveyAsked, Agent: "bo", Queue: "sales"}).then(75, call.Fact{Kind: call.Rated, Score: 2, Agent: "bo", Queue: "sales"}).over(76, "caller")
	twice := begin("twice", time.Hour).queued(0, "sales").talk(1, 5, 35, "anna", "sales").queued(36, "sales").talk(37, 40, 70, "anna", "sales").
		then(71, call.Fact{Kind: call.SurveyAsked, Agent: "anna", Queue: "sales"}).then(75, call.Fact{Kind: call.Rated, Score: 5, Agent: "anna", Queue: "sales"}).over(76, "caller")
	silent := begin("silent", 2*time.Hour).queued(0, "sales").talk(1, 5, 35, "anna", "sales").
		then(36, call.Fact{Kind: call.Connected, Agent: "bo", Leg: "leg-bo"}).
		then(71, call.Fact{Kind: call.SurveyAsked, Agent: "bo", Queue: "sales"}).over(76, "caller")
	cases := casesOf([]*told{given, twice, silent})
	if got := Sum(cases, time.Minute); got.N["rated"] != 2 || got.N["surveyed"] != 3 || got.Scores != 7 {
		t.Errorf("the queue: %d rated of %d, %d in all, want 2 of 3 and 7", got.N["rated"], got.N["surveyed"], got.Scores)
	}
	rows := Agents(nil, cases, nine, nine.Add(24*time.Hour), time.Minute)
	for i, want := range []struct {
		agent                   string
		answered, rated, scores int
		rate                    float64
	}{{"anna", 4, 1, 5, 1.0 / 4}, {"bo", 0, 1, 2, 1}} {
		got := rows[i]
		if got.Agent != want.agent || got.N["answered"] != want.answered || got.N["rated"] != want.rated || got.Scores != want.scores {
			t.Errorf("got %+v, want %+v", got, want)
		}
		near(t, "survey_rate of "+want.agent, got.Figures()["survey_rate"], want.rate, 1e-9)
		for _, count := range Counts {
			opened := 0
			for _, c := range cases {
				if count.Holds(c, time.Minute) && c.Of(count.ID, got.Agent) {
					opened++
				}
			}
			if opened != got.N[count.ID] {
				t.Errorf("%s of %s: %d calls open for a figure of %d", count.ID, got.Agent, opened, got.N[count.ID])
			}
		}
	}
}
