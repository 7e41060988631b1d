package records

import (
	"context"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"hotline/account"
	"hotline/api/gate"
	"hotline/cdr"
	"hotline/report"
)

type logIn struct {
	ID   string    `path:"id"`
	From time.Time `query:"from" required:"true"`
	To   time.Time `query:"to" required:"true" doc:"at most 92 days later"`
}

type logOut struct{ Body []cdr.AgentChange }

type occupancyIn struct {
	From  time.Time `query:"from" required:"true"`
	To    time.Time `query:"to" required:"true" doc:"at most 92 days later"`
	Step  int       `query:"step" minimum:"0" maximum:"1440" default:"15" doc:"minutes of an interval; 0: one for the whole time"`
	Agent string    `query:"agent" maxLength:"64" doc:"one agent; all together when absent"`
}

type occupancyRow struct {
	At        time.Time `json:"at" doc:"the beginning of the interval"`
	Work      float64   `json:"work" doc:"seconds signed in, not on break, not away after missed offers and not listening to others"`
	Talking   float64   `json:"talking" doc:"seconds"`
	WrapUp    float64   `json:"wrapUp" doc:"seconds"`
	Occupancy *float64  `json:"occupancy,omitempty" doc:"(talking + wrap-up) / work; absent for no work"`
}

type occupancyOut struct{ Body []occupancyRow }

func (s *Routes) stateLog() {
	gate.Add(s.Gate, account.Agent, huma.Operation{
		Method: "GET", Path: "/agents/{id}/log", Summary: "What an agent did: each state with reason and source, the first being the state in which the time found them", Tags: []string{"queues"},
	}, s.agentLog)
	gate.Add(s.Gate, account.Supervisor, huma.Operation{
		Method: "GET", Path: "/reports/occupancy", Summary: "How busy agents were, by interval", Tags: []string{"reports"},
	}, s.occupancy)
}

// spanOf refuses a time that is none, or too long.
func spanOf(from, to time.Time) error {
	switch {
	case !to.After(from):
		return huma.Error422UnprocessableEntity("The time must end after it begins.")
	case to.Sub(from) > reportLongest:
		return huma.Error422UnprocessableEntity("Ask for at most 92 days at once.")
	}
	return nil
}

// soFar is the end of what is past of a time: what is still to come is nobody's time in any state.
func soFar(from, to time.Time) time.Time {
	if now := time.Now(); now.Before(to) {
		return now.Add(max(0, from.Sub(now)))
	}
	return to
}

func (s *Routes) agentLog(ctx context.Context, who gate.Identity, in *logIn) (*logOut, error) {
	if who.Agent != in.ID && who.Masks() {
		return nil, huma.Error403Forbidden("Agents see their own log only.")
	}
	if err := spanOf(in.From, in.To); err != nil {
		return nil, err
	}
	changes, err := s.changes(ctx, in.ID, in.From, in.To)
	return &logOut{Body: gate.List(changes)}, err
}

func (s *Routes) occupancy(ctx context.Context, _ gate.Identity, in *occupancyIn) (*occupancyOut, error) {
	if err := spanOf(in.From, in.To); err != nil {
		return nil, err
	}
	changes, err := s.changes(ctx, in.Agent, in.From, in.To)
	if err != nil {
		return nil, err
	}
	out := &occupancyOut{Body: []occupancyRow{}}
	for _, b := range report.BusyTable(report.Spans(changes, in.From, soFar(in.From, in.To)), in.From, in.To, time.Duration(in.Step)*time.Minute) {
		row := occupancyRow{At: b.At, Work: b.Work.Seconds(), Talking: b.Talking.Seconds(), WrapUp: b.WrapUp.Seconds()}
		if v, ok := b.Occupancy(); ok {
			row.Occupancy = &v
		}
		out.Body = append(out.Body, row)
	}
	return out, nil
}

// changes are those of a time, after the states in which it found the agents, as changes at its beginning; agent empty means all.
func (s *Routes) changes(ctx context.Context, agent string, from, to time.Time) ([]cdr.AgentChange, error) {
	changes, err := s.AgentLog.AgentChanges(ctx, agent, from, to)
	if err != nil {
		return nil, err
	}
	states, err := s.AgentLog.AgentStates(ctx, from)
	if err != nil {
		return nil, err
	}
	var before []cdr.AgentChange
	for _, last := range states {
		if agent == "" || last.Agent == agent {
			last.From, last.At = last.To, from
			before = append(before, last)
		}
	}
	return append(before, changes...), nil
}
