package report

import (
	"cmp"
	"slices"
	"time"

	"hotline/cdr"
	"hotline/queue"
)

// Agent is what one agent did in a time: the states, from the log of states, and the calls, from the cases.
type Agent struct {
	Agent  string
	States map[string]time.Duration
	Totals
}

// OccupancyText is the formula of Agent.Occupancy.
const OccupancyText = "(talking + wrap-up) / (signed in - not ready - missed - listening), by the log of states"

// Listening is the state of a supervisor who only listens to others: the log has it as a talk with that reason.
const Listening = queue.Listening

// Occupancy is the share of the time at work in which the agent talked or wrote up a call; false for no time at work.
func (a Agent) Occupancy() (float64, bool) {
	work := time.Duration(0)
	for state, d := range a.States {
		if working(state) {
			work += d
		}
	}
	if work <= 0 {
		return 0, false
	}
	return float64(a.States["talking"]+a.States["wrap-up"]) / float64(work), true
}

// Agents adds up states and cases by agent, in the order of their ids. changes are those of the time and, at best, the one
// before for each agent; what was before the first known change is its From.
func Agents(changes []cdr.AgentChange, cases []Case, from, to time.Time, within time.Duration) []Agent {
	all := map[string]*Agent{}
	of := func(id string) *Agent {
		if all[id] == nil {
			all[id] = &Agent{Agent: id, States: map[string]time.Duration{}, Totals: Sum(nil, within)}
		}
		return all[id]
	}
	for _, s := range Spans(changes, from, to) {
		of(s.Agent).States[s.State] += s.To.Sub(s.From)
	}
	for _, c := range cases {
		for _, id := range c.whose() {
			of(id).addOf(id, c, within)
		}
	}
	list := make([]Agent, 0, len(all))
	for _, a := range all {
		list = append(list, *a)
	}
	slices.SortFunc(list, func(a, b Agent) int { return cmp.Compare(a.Agent, b.Agent) })
	return list
}

// Span is a time in which an agent was in one state for one reason; the state may be Listening.
type Span struct {
	Agent, State, Reason string
	From, To             time.Time
}

// Spans are the log of agents' states between two times, by agent and time, without holes between an agent's first and
// last.
func Spans(changes []cdr.AgentChange, from, to time.Time) []Span {
	changes = slices.Clone(changes)
	slices.SortStableFunc(changes, func(a, b cdr.AgentChange) int { return cmp.Or(cmp.Compare(a.Agent, b.Agent), a.At.Compare(b.At)) })
	var all []Span
	add := func(s Span) {
		if s.State == string(queue.Talking) && s.Reason == queue.Listening {
			s.State = Listening
		}
		if s.From.Before(from) {
			s.From = from
		}
		if s.To.After(to) {
			s.To = to
		}
		if s.To.After(s.From) {
			all = append(all, s)
		}
	}
	for i, c := range changes {
		if i == 0 || changes[i-1].Agent != c.Agent {
			add(Span{c.Agent, c.From, "", from, c.At})
		}
		until := to
		if i+1 < len(changes) && changes[i+1].Agent == c.Agent {
			until = changes[i+1].At
		}
		add(Span{c.Agent, c.To, c.Reason, c.At, until})
	}
	return all
}
