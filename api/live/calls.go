package live

import (
	"cmp"
	"context"
	"slices"

	"github.com/danielgtaylor/huma/v2"

	"hotline/account"
	"hotline/api/gate"
	"hotline/api/records"
	"hotline/call"
	"hotline/cdr"
)

type liveOut struct{ Body []liveCall }

type liveCall struct {
	cdr.Record
	Supervisor *supervision `json:"supervisor,omitempty" doc:"who listens to it; for supervisors only, where calls.tell_supervision is off"`
}

// calls are the routes of calls under way.
func (s *Routes) calls() {
	tags := []string{"calls"}
	gate.Add(s.Gate, account.Agent, huma.Operation{Method: "GET", Path: "/calls/live", Summary: "Calls under way, the newest first", Tags: tags}, s.liveCalls)
	gate.Add(s.Gate, account.Supervisor, huma.Operation{Method: "DELETE", Path: "/calls/{id}", Summary: "Hang a call up", Tags: tags},
		func(ctx context.Context, who gate.Identity, in *gate.ByID) (*gate.Nothing, error) {
			if !s.Live.Send(call.ID(in.ID), call.HangupAsked{By: who.Name}) {
				return nil, huma.Error404NotFound("There is no such call under way.")
			}
			s.Audit(ctx, who, "call.hangup", in.ID, "")
			return &gate.Nothing{}, nil
		})
}

func (s *Routes) liveCalls(ctx context.Context, who gate.Identity, _ *gate.Nothing) (*liveOut, error) {
	out := &liveOut{Body: []liveCall{}}
	for _, id := range s.Live.IDs() {
		facts, err := s.Calls.FactsOf(ctx, id)
		if err != nil {
			return nil, err
		}
		if r := cdr.Fold(facts); len(facts) > 0 && (!who.Masks() || records.Took(r, who.Agent)) {
			c := liveCall{Record: records.Shown(who, r)}
			if !who.Masks() || s.Supervised {
				c.Supervisor = supervises(facts)
			}
			out.Body = append(out.Body, c)
		}
	}
	slices.SortFunc(out.Body, latestFirst)
	return out, nil
}

// latestFirst is the order of calls under way.
func latestFirst(a, b liveCall) int {
	return cmp.Or(b.Started.Compare(a.Started), cmp.Compare(b.Call, a.Call))
}
