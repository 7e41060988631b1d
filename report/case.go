// Package report turns records and agents' states into figures. Each figure is defined once, with the text that people are
// shown, and counts cases: a case is one call in one queue, so every figure can name the calls it is made of.
//
// It is pure: records come in, figures go out, and the same records give the same figures in any order. Records are folds
// over facts, so figures can be rebuilt from facts at any time. It reads no store; package api does.
package report

import (
	"slices"
	"time"

	"hotline/call"
	"hotline/cdr"
)

// Case is one stay of a call in one queue, or with an empty Queue a call that came to none.
type Case struct {
	Call      call.ID
	Queue     string
	At        time.Time     // when it joined the queue; for a call without one when it began
	Agent     string        // who answered; "" nobody, or somebody who is no agent
	PickedUp  bool          // a phone of nobody's took the caller while agents were rung
	Wait      time.Duration // in this queue, ringing included
	Ring      time.Duration // of the agent who answered
	Talk      time.Duration
	Hold      time.Duration
	Wrap      time.Duration
	Estimate  time.Duration // as said first; 0 none
	Missed    []string      // whose phones rang without an answer, once for each offer
	Abandoned string        // where the caller gave up: "ivr", "queue" or "ring"; "" not
	Short     bool          // given up within cdr.ShortAbandonWithin
	Left      string        // why the queue was left otherwise: timeout, full, no-agents ...; "" answered, abandoned or still there
	CameFrom  string        // the queue before, for a call that overflowed
	Came      []string      // agents who came to the caller after who answered: by transfer, conference, take-over
	HandedOn  bool          // the agent who answered handed the caller over
	Taken     bool          // a supervisor took the caller from them: moved them on, or took over
	Callback  bool          // the caller chose to be called back
	Back      bool          // it is such a callback: the wait was not spent on the line
	Asked     bool          // the caller was asked how it was, in this queue
	Score     int           // what they answered, 1 to 5; 0 nothing
	About     string        // whom that is about: who answered, or whom the caller was given to; "" nobody was asked
}

// Answered reports whether somebody had the caller.
func (c Case) Answered() bool { return c.Agent != "" || c.PickedUp }

// Of reports whether a count of this case is an agent's figure: of surveys if they are about them, of missed offers if it was their phone that
// rang, of those who came later if they did, else if they answered.
func (c Case) Of(count, agent string) bool {
	switch count {
	case "surveyed", "rated", "satisfied":
		return c.About == agent
	case "missed":
		return slices.Contains(c.Missed, agent)
	case "came":
		return slices.Contains(c.Came, agent)
	}
	return c.Agent == agent
}

// whose are those whose figures this case is in, each once.
func (c Case) whose() []string {
	var all []string
	for _, id := range slices.Concat([]string{c.Agent, c.About}, c.Missed, c.Came) {
		if id != "" && !slices.Contains(all, id) {
			all = append(all, id)
		}
	}
	return all
}

// Cases takes a record apart. Calls from our own phones that came to no queue are nobody's service and give none.
func Cases(r cdr.Record) []Case {
	if len(r.Queues) == 0 {
		if r.Direction != "in" {
			return nil
		}
		return []Case{{Call: r.Call, At: r.Started, Abandoned: r.AbandonedIn, Short: r.ShortAbandon}}
	}
	var all []Case
	since, waited := time.Time{}, int64(0)
	for i, stay := range r.Queues {
		if since.IsZero() {
			since = stay.Since
		}
		if (stay.Why == "agent-left" || stay.Why == "turn") && i+1 < len(r.Queues) { // the same wait goes on
			waited += stay.WaitMS
			continue
		}
		c := Case{
			Call: r.Call, Queue: stay.Queue, At: since, Wait: ms(waited + stay.WaitMS), Estimate: ms(stay.Foretold),
			CameFrom: cameFrom(all), Left: stay.Why, Callback: stay.Why == "callback", Back: r.CalledBack,
		}
		last := i == len(r.Queues)-1
		until := time.Time{}
		if !last {
			until = r.Queues[i+1].Since
		}
		c.agents(r, stay, until)
		c.outcome(r, stay, last)
		all = append(all, c)
		since, waited = time.Time{}, 0
	}
	survey(r, all)
	return all
}

// outcome is how a stay ended: one thing for each that is over.
func (c *Case) outcome(r cdr.Record, stay cdr.Stay, last bool) {
	gave := stay.AbandonedIn
	if last && gave == "" && (stay.Why == "abandoned" || stay.Why == "") && r.AbandonedIn != cdr.InIVR {
		gave = r.AbandonedIn // a record of before stays had it
	}
	switch {
	case c.Callback:
	case c.Answered():
		c.Left = ""
	case gave != "":
		c.Left, c.Abandoned, c.Short = "", gave, last && r.ShortAbandon
	case stay.Why == "answered" && r.Talked:
		c.Left, c.PickedUp = "", true
		if !slices.ContainsFunc(r.Agents, func(p cdr.Part) bool { return !p.Connected.IsZero() }) {
			c.Talk, c.Hold = ms(r.TalkMS), ms(r.HoldMS)
		}
	case stay.Why == "answered" || stay.Why == "abandoned" || stay.Why == "":
		if c.Left = ""; !last || !r.Open() {
			c.Left = "ended"
		}
	}
}

// survey gives each answer to one case: the latest stay in its queue that an agent answered before. Who was asked and said nothing is of
// the last queue that was answered, and about who talked last.
func survey(r cdr.Record, all []Case) {
	asked := func(queue, agent string, score int, at time.Time) {
		for i := range slices.Backward(all) {
			if c := &all[i]; c.Answered() && (queue == "" || c.Queue == queue) && (at.IsZero() || !c.At.After(at)) {
				c.Asked, c.Score, c.About = true, score, agent
				return
			}
		}
	}
	for _, a := range r.Ratings {
		asked(a.Queue, a.Agent, a.Score, a.At)
	}
	if r.Surveyed && len(r.Ratings) == 0 {
		asked("", lastToTalk(r), 0, time.Time{})
	}
}

// lastToTalk is the agent who was connected last; "" for nobody.
func lastToTalk(r cdr.Record) (agent string) {
	var at time.Time
	for _, p := range r.Agents {
		if !p.Connected.IsZero() && !p.Connected.Before(at) {
			agent, at = p.Agent, p.Connected
		}
	}
	return agent
}

func cameFrom(before []Case) string {
	if n := len(before); n > 0 && !before[n-1].Answered() {
		return before[n-1].Queue
	}
	return ""
}

// agents gives a case what its agents did before the caller came to another queue, if they did: the offers, and the talk that came of one, with
// what the same agent talked to the caller later.
func (c *Case) agents(r cdr.Record, stay cdr.Stay, until time.Time) {
	for _, p := range r.Agents {
		began := p.Offered
		if began.IsZero() {
			began = p.Connected
		}
		first := c.Agent == "" && stay.Why != "agent-left" && (p.Queue != "" || stay.Why == "answered")
		switch {
		case began.Before(c.At), !until.IsZero() && !began.Before(until), p.Leg == call.CallerLeg:
		case p.Refused == "no-answer" && p.Queue != "":
			c.Missed = append(c.Missed, p.Agent)
		case p.Connected.IsZero():
		case first, p.Agent == c.Agent:
			c.talked(r, p)
		case c.Agent != "" && !slices.Contains(c.Came, p.Agent):
			c.Came = append(c.Came, p.Agent)
		}
	}
}

// talked adds a talk of who answered.
func (c *Case) talked(r cdr.Record, p cdr.Part) {
	if c.Agent == "" {
		c.Agent, c.Ring = p.Agent, ms(p.RingMS)
	}
	handedOn, taken := ending(r, p)
	c.Talk, c.Hold, c.Wrap = c.Talk+ms(p.TalkMS), c.Hold+ms(p.HoldMS), c.Wrap+ms(p.WrapMS)
	c.HandedOn, c.Taken = c.HandedOn || handedOn, c.Taken || taken
}

// ending says how an agent's talk was given on: by themselves, or by a supervisor. A transfer is of the agent's newest talk before it.
func ending(r cdr.Record, p cdr.Part) (handedOn, taken bool) {
	for _, t := range r.Transfers {
		later := func(q cdr.Part) bool {
			return q.Agent == p.Agent && q.Connected.After(p.Connected) && !q.Connected.After(t.At)
		}
		if t.From != p.Agent || t.At.Before(p.Connected) || slices.ContainsFunc(r.Agents, later) {
			continue
		}
		if t.BySupervisor() {
			taken = true
		} else {
			handedOn = true
		}
	}
	return handedOn, taken
}

func ms(n int64) time.Duration { return time.Duration(n) * time.Millisecond }
