package live

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"hotline/account"
	"hotline/api/gate"
	"hotline/call"
	"hotline/cdr"
	"hotline/queue"
)

type lengthenIn struct {
	ID string `path:"id"`
}

type disposeIn struct {
	ID   string `path:"id"`
	Body struct {
		Code  string `json:"code" minLength:"1" maxLength:"100" doc:"one of the queue's dispositions where it lists some"`
		Agent string `json:"agent,omitempty" doc:"whose word it is; a supervisor's to give, else the asker's own"`
	}
}

func (s *Routes) wrapUps() {
	tags := []string{"queues"}
	gate.Add(s.Gate, account.Agent, huma.Operation{
		Method: "POST", Path: "/agents/{id}/wrap-up/lengthen", Summary: "Lengthen a wrap-up by the queue's wrap_more, once", Tags: tags,
	}, s.lengthen)
	gate.Add(s.Gate, account.Agent, huma.Operation{
		Method: "PUT", Path: "/calls/{id}/disposition", Summary: "Say what a call was about; a wrap-up that waits for it ends", Tags: tags,
	}, s.dispose)
}

func (s *Routes) agentNow(id string) (queue.AgentView, bool) {
	all := s.Queues.Snapshot().Agents
	i := slices.IndexFunc(all, func(a queue.AgentView) bool { return a.ID == id })
	if i < 0 {
		return queue.AgentView{}, false
	}
	return all[i], true
}

func (s *Routes) lengthen(_ context.Context, who gate.Identity, in *lengthenIn) (*gate.Nothing, error) {
	if who.Agent != in.ID && who.Masks() {
		return nil, huma.Error403Forbidden("Agents lengthen their own wrap-up only.")
	}
	switch a, ok := s.agentNow(in.ID); {
	case !ok:
		return nil, huma.Error404NotFound("There is no such agent.")
	case a.State != queue.WrapUp:
		return nil, huma.Error409Conflict("There is no wrap-up to lengthen.")
	case !a.WrapMore:
		return nil, huma.Error409Conflict("The queue lets a wrap-up be lengthened once, or not at all.")
	}
	if !s.Queues.Lengthen(in.ID) {
		return nil, huma.Error503ServiceUnavailable("The queues have stopped.")
	}
	return &gate.Nothing{}, nil
}

func (s *Routes) dispose(ctx context.Context, who gate.Identity, in *disposeIn) (*gate.Nothing, error) {
	agent := in.Body.Agent
	if agent == "" {
		agent = who.Agent
	}
	if agent == "" {
		return nil, huma.Error422UnprocessableEntity("Say whose disposition it is.")
	}
	if agent != who.Agent && who.Masks() {
		return nil, huma.Error403Forbidden("Agents give their own disposition only.")
	}
	facts, err := s.Calls.FactsOf(ctx, call.ID(in.ID))
	if err != nil {
		return nil, err
	}
	r := cdr.Fold(facts)
	i := slices.IndexFunc(r.Agents, func(p cdr.Part) bool { return p.Agent == agent && !p.Connected.IsZero() })
	if i < 0 {
		return nil, huma.Error404NotFound("That agent was not on such a call.")
	}
	code := strings.TrimSpace(in.Body.Code)
	if known := s.Dispositions(r.Agents[i].Queue); len(known) > 0 && !slices.Contains(known, code) {
		return nil, huma.Error422UnprocessableEntity("Choose one of: " + strings.Join(known, ", ") + ".")
	}
	s.Note(cdr.Late(call.Fact{Kind: cdr.Disposed, Call: call.ID(in.ID), Agent: agent, Queue: r.Agents[i].Queue, Reason: code, At: time.Now()}))
	if !s.Queues.Dispose(agent, in.ID) {
		return nil, huma.Error503ServiceUnavailable("The queues have stopped.")
	}
	return &gate.Nothing{}, nil
}
