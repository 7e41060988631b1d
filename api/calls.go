package api

import (
	"context"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"hotline/account"
	"hotline/call"
	"hotline/cdr"
	"hotline/sip/ladder"
)

type callsIn struct {
	From      time.Time `query:"from" doc:"started at or after"`
	To        time.Time `query:"to" doc:"started before"`
	Direction string    `query:"direction" enum:"in,out,internal"`
	Number    string    `query:"number" doc:"part of the caller's or called number" maxLength:"30"`
	DID       string    `query:"did" maxLength:"30"`
	Trunk     string    `query:"trunk" maxLength:"64"`
	Region    string    `query:"region" doc:"广东 finds 广东/广州" maxLength:"60"`
	Topic     string    `query:"topic" maxLength:"64"`
	Queue     string    `query:"queue" maxLength:"64"`
	Agent     string    `query:"agent" maxLength:"64"`
	Result    string    `query:"result" maxLength:"30"`
	Before    string    `query:"before" doc:"cursor: the next of the page before" maxLength:"200"`
	Limit     int       `query:"limit" minimum:"1" maximum:"1000" default:"50"`
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

func (s *server) calls(api huma.API) {
	tags := []string{"calls"}
	add(s, api, account.Agent, huma.Operation{Method: "GET", Path: "/calls", Summary: "Calls, the newest first", Tags: tags}, s.listCalls)
	add(s, api, account.Agent, huma.Operation{Method: "GET", Path: "/calls/live", Summary: "Calls under way", Tags: tags}, s.liveCalls)
	add(s, api, account.Agent, huma.Operation{Method: "GET", Path: "/calls/{id}", Summary: "One call", Tags: tags}, s.oneCall)
	add(s, api, account.Supervisor, huma.Operation{Method: "GET", Path: "/calls/{id}/facts", Summary: "All that is known of a call, fact by fact", Tags: tags},
		func(ctx context.Context, _ Identity, in *idIn) (*factsOut, error) {
			facts, err := s.Calls.FactsOf(ctx, call.ID(in.ID))
			if err == nil && len(facts) == 0 {
				return nil, huma.Error404NotFound("There is no such call.")
			}
			return &factsOut{Body: facts}, err
		})
	add(s, api, account.Supervisor, huma.Operation{Method: "GET", Path: "/calls/{id}/trace", Summary: "What a recent call went through: events and actions", Tags: tags},
		func(_ context.Context, _ Identity, in *idIn) (*traceOut, error) {
			return &traceOut{Body: s.Live.Trace(call.ID(in.ID))}, nil
		})
	add(s, api, account.Supervisor, huma.Operation{Method: "GET", Path: "/calls/{id}/ladder", Summary: "The SIP messages of a recent call", Tags: tags}, s.callLadder)
	add(s, api, account.Agent, huma.Operation{Method: "GET", Path: "/calls/{id}/ticket", Summary: "The ticket that a call made", Tags: tags},
		func(ctx context.Context, who Identity, in *idIn) (*ticketOut, error) {
			t, err := s.OfCall(ctx, call.ID(in.ID))
			return seen(who, t, err)
		})
	add(s, api, account.Supervisor, huma.Operation{Method: "DELETE", Path: "/calls/{id}", Summary: "Hang a call up", Tags: tags},
		func(ctx context.Context, who Identity, in *idIn) (*nothing, error) {
			if !s.Live.Send(call.ID(in.ID), call.HangupAsked{By: who.Name}) {
				return nil, huma.Error404NotFound("There is no such call under way.")
			}
			s.trail(ctx, who, "call.hangup", in.ID, "")
			return &nothing{}, nil
		})
}

// shown is a record as the asker may see it.
func shown(who Identity, r cdr.Record) cdr.Record {
	if who.masks() {
		return r.Masked()
	}
	return r
}

func (s *server) listCalls(ctx context.Context, who Identity, in *callsIn) (*callsOut, error) {
	q := cdr.Query{
		From: in.From, To: in.To, Direction: in.Direction, Number: in.Number, DID: in.DID, Trunk: in.Trunk, Region: in.Region,
		Topic: in.Topic, Queue: in.Queue, Agent: in.Agent, Result: in.Result, Before: in.Before, Limit: in.Limit,
	}
	if who.masks() {
		q.Agent, q.Number = who.Agent, "" // agents see their own calls, and cannot find out a number by searching for it
		if who.Agent == "" {
			return &callsOut{}, nil
		}
	}
	records, next, err := s.Calls.Records(ctx, q)
	if err != nil {
		return nil, err
	}
	out := &callsOut{}
	out.Body.Calls, out.Body.Next = make([]cdr.Record, 0, len(records)), next
	for _, r := range records {
		out.Body.Calls = append(out.Body.Calls, shown(who, r))
	}
	return out, nil
}

func (s *server) liveCalls(ctx context.Context, who Identity, _ *nothing) (*callsOut, error) {
	out := &callsOut{}
	out.Body.Calls = []cdr.Record{}
	for _, id := range s.Live.IDs() {
		facts, err := s.Calls.FactsOf(ctx, id)
		if err != nil {
			return nil, err
		}
		if r := cdr.Fold(facts); len(facts) > 0 && (!who.masks() || took(r, who.Agent)) {
			out.Body.Calls = append(out.Body.Calls, shown(who, r))
		}
	}
	return out, nil
}

// took is true where an agent had a part in a call.
func took(r cdr.Record, agent string) bool {
	for _, p := range r.Agents {
		if agent != "" && p.Agent == agent {
			return true
		}
	}
	return false
}

// record is one call's record, folded from its facts while it is under way.
func (s *server) record(ctx context.Context, who Identity, id string) (cdr.Record, error) {
	facts, err := s.Calls.FactsOf(ctx, call.ID(id))
	if err != nil {
		return cdr.Record{}, err
	}
	r, found, err := s.Calls.Record(ctx, call.ID(id))
	if err != nil {
		return cdr.Record{}, err
	}
	if !found {
		r = cdr.Fold(facts)
	}
	if len(facts) == 0 && !found || who.masks() && !took(r, who.Agent) {
		return cdr.Record{}, huma.Error404NotFound("There is no such call.")
	}
	return r, nil
}

func (s *server) oneCall(ctx context.Context, who Identity, in *idIn) (*callOut, error) {
	r, err := s.record(ctx, who, in.ID)
	if err != nil {
		return nil, err
	}
	return &callOut{Body: shown(who, r)}, nil
}

func (s *server) callLadder(ctx context.Context, _ Identity, in *idIn) (*ladderOut, error) {
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
	return &ladderOut{Body: s.Ladders.Of(dialogs...)}, nil
}
