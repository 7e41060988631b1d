package records

import (
	"context"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"hotline/account"
	"hotline/api/gate"
	"hotline/call"
	"hotline/cdr"
	"hotline/sip/ladder"
)

// CallFilter holds the filters that the list and the export share.
type CallFilter struct {
	From      time.Time `query:"from" doc:"started at or after"`
	To        time.Time `query:"to" doc:"started before"`
	Direction string    `query:"direction" enum:"in,out,internal"`
	Number    string    `query:"number" doc:"part of the caller's or called number; not for agents" maxLength:"30"`
	DID       string    `query:"did" maxLength:"30"`
	Trunk     string    `query:"trunk" maxLength:"64"`
	Region    string    `query:"region" doc:"广东 finds 广东/广州" maxLength:"60"`
	Topic     string    `query:"topic" maxLength:"64"`
	Queue     string    `query:"queue" maxLength:"64"`
	Agent     string    `query:"agent" maxLength:"64"`
	Result    string    `query:"result" enum:"answered,voicemail,callback,abandoned-ivr,abandoned-queue,abandoned-ring,self-service,not-connected,crashed,open"`
}

func (f CallFilter) query() cdr.Query {
	return cdr.Query{
		From: f.From, To: f.To, Direction: f.Direction, Number: f.Number, DID: f.DID, Trunk: f.Trunk, Region: f.Region,
		Topic: f.Topic, Queue: f.Queue, Agent: f.Agent, Result: f.Result,
	}
}

type callsIn struct {
	CallFilter
	Sort   string `query:"sort" enum:"started,-started,wait,-wait,talk,-talk" default:"-started"`
	Before string `query:"before" doc:"cursor: the next of the page before, in the same order" maxLength:"200"`
	Limit  int    `query:"limit" minimum:"1" maximum:"1000" default:"50"`
}

type callsOut struct {
	Body struct {
		Calls []cdr.Record `json:"calls"`
		Next  string       `json:"next,omitempty" doc:"cursor of the next page; absent at the end"`
	}
}

type callOut struct{ Body cdr.Record }

type factsOut struct{ Body []call.Fact }

type traceOut struct{ Body []call.Moment }

type ladderOut struct{ Body []ladder.Message }

func (s *Routes) calls() {
	tags := []string{"calls"}
	gate.Add(s.Gate, account.Agent, huma.Operation{Method: "GET", Path: "/calls", Summary: "Calls that are over", Tags: tags}, s.listCalls)
	gate.Add(s.Gate, account.Agent, huma.Operation{Method: "GET", Path: "/calls/{id}", Summary: "One call", Tags: tags}, s.oneCall)
	gate.Add(s.Gate, account.Agent, huma.Operation{Method: "GET", Path: "/calls/{id}/ticket", Summary: "The ticket that a call made", Tags: tags},
		func(ctx context.Context, who gate.Identity, in *gate.ByID) (*ticketOut, error) {
			if _, err := Find(ctx, s.Calls, who, in.ID); err != nil {
				return nil, err
			}
			t, err := s.OfCall(ctx, call.ID(in.ID))
			return seen(who, t, err)
		})
	gate.Add(s.Gate, account.Supervisor, huma.Operation{Method: "GET", Path: "/calls/{id}/facts", Summary: "All that is known of a call, fact by fact", Tags: tags},
		func(ctx context.Context, _ gate.Identity, in *gate.ByID) (*factsOut, error) {
			facts, err := s.Calls.FactsOf(ctx, call.ID(in.ID))
			if err == nil && len(facts) == 0 {
				return nil, errNoCall
			}
			return &factsOut{Body: facts}, err
		})
	gate.Add(s.Gate, account.Supervisor, huma.Operation{Method: "GET", Path: "/calls/{id}/trace", Tags: tags,
		Summary: "What a recent call went through, events and actions; empty for an old one"}, s.callTrace)
	gate.Add(s.Gate, account.Supervisor, huma.Operation{Method: "GET", Path: "/calls/{id}/ladder", Tags: tags,
		Summary: "The SIP messages of a recent call, by its id or a SIP Call-ID; empty for an old one"}, s.callLadder)
	s.exports()
}

func (s *Routes) callTrace(ctx context.Context, who gate.Identity, in *gate.ByID) (*traceOut, error) {
	moments := s.Trace(call.ID(in.ID))
	if moments == nil {
		if _, err := Find(ctx, s.Calls, who, in.ID); err != nil {
			return nil, err
		}
	}
	for i := range moments {
		moments[i].Actions = gate.List(moments[i].Actions)
	}
	return &traceOut{Body: gate.List(moments)}, nil
}

func (s *Routes) listCalls(ctx context.Context, who gate.Identity, in *callsIn) (*callsOut, error) {
	q := in.query()
	q.Sort, q.Before, q.Limit = in.Sort, in.Before, in.Limit
	out := &callsOut{}
	out.Body.Calls = []cdr.Record{}
	if who.Masks() {
		if in.Number != "" {
			return nil, huma.Error403Forbidden("Agents cannot look for numbers.")
		}
		if who.Agent == "" || in.Agent != "" && in.Agent != who.Agent {
			return out, nil
		}
		q.Agent = who.Agent
	}
	records, next, err := s.Calls.Records(ctx, q)
	if err != nil {
		return nil, err
	}
	out.Body.Next = next
	for _, r := range records {
		out.Body.Calls = append(out.Body.Calls, Shown(who, r))
	}
	return out, nil
}

func (s *Routes) oneCall(ctx context.Context, who gate.Identity, in *gate.ByID) (*callOut, error) {
	r, err := Find(ctx, s.Calls, who, in.ID)
	if err != nil {
		return nil, err
	}
	return &callOut{Body: Shown(who, r)}, nil
}

func (s *Routes) callLadder(ctx context.Context, _ gate.Identity, in *gate.ByID) (*ladderOut, error) {
	facts, err := s.Calls.FactsOf(ctx, call.ID(in.ID))
	if err != nil {
		return nil, err
	}
	var dialogs []string
	seen := map[string]bool{}
	for _, f := range facts {
		for _, d := range f.Dialogs {
			if !seen[d] {
				seen[d] = true
				dialogs = append(dialogs, d)
			}
		}
	}
	if len(facts) == 0 {
		dialogs = []string{in.ID} // a SIP Call-ID will do too
	}
	return &ladderOut{Body: gate.List(s.Ladders.Of(dialogs...))}, nil
}
