package api

import (
	"context"
	"slices"

	"github.com/danielgtaylor/huma/v2"

	"hotline/account"
	"hotline/call"
	"hotline/queue"
)

// ofSupervisors is true for the commands that are a supervisor's.
func ofSupervisors(what call.Verb) bool {
	return slices.Contains([]call.Verb{call.Listen, call.WhisperTo, call.Barge, call.TakeOver, call.Leave}, what)
}

// supervise tells a call what a supervisor wants of it.
func (s *server) supervise(ctx context.Context, who Identity, in *commandIn) (*nothing, error) {
	if who.masks() {
		return nil, huma.Error403Forbidden("Only supervisors listen to calls.")
	}
	phone := s.PhoneOf(who.Agent)
	if phone == "" {
		return nil, huma.Error422UnprocessableEntity("You are no agent with a phone that could ring: ask for one in the data of the centre.")
	}
	ev := call.SuperviseAsked{Agent: who.Agent, Phone: phone, What: in.Body.What, Of: in.Body.Agent, By: who.Name}
	if err := s.tell(ctx, call.ID(in.ID), ev); err != nil {
		return nil, err
	}
	s.trail(ctx, who, "call."+string(ev.What), in.ID, ev.Of)
	return &nothing{}, nil
}

// supervising are the routes for following an agent from call to call.
func (s *server) supervising(api huma.API) {
	add(s, api, account.Supervisor, huma.Operation{
		Method: "PUT", Path: "/agents/{id}/follow", Summary: "Listen to every call in which an agent begins to talk, until told otherwise", Tags: []string{"calls"},
		Description: "The asker's own phone rings for each such call, as by the command listen, and what may be done then is the same. One agent at a time: " +
			"following another one ends it. It ends with the node.",
	}, s.followAgent)
	add(s, api, account.Supervisor, huma.Operation{
		Method: "DELETE", Path: "/agents/{id}/follow", Summary: "Follow an agent no longer; a call that is listened to goes on", Tags: []string{"calls"},
	}, func(ctx context.Context, who Identity, in *idIn) (*nothing, error) {
		s.Follow(who.Agent, "", "", who.Name)
		s.trail(ctx, who, "agent.unfollow", in.ID, "")
		return &nothing{}, nil
	})
}

func (s *server) followAgent(ctx context.Context, who Identity, in *idIn) (*nothing, error) {
	phone := s.PhoneOf(who.Agent)
	switch {
	case !slices.ContainsFunc(s.Queues.Snapshot().Agents, func(a queue.AgentView) bool { return a.ID == in.ID }):
		return nil, huma.Error404NotFound("There is no such agent.")
	case phone == "" || in.ID == who.Agent:
		return nil, huma.Error422UnprocessableEntity("You are no agent with a phone that could ring, or it is yourself.")
	}
	s.Follow(who.Agent, phone, in.ID, who.Name)
	s.trail(ctx, who, "agent.follow", in.ID, "")
	return &nothing{}, nil
}

type supervision struct {
	Agent string `json:"agent" doc:"the supervisor, as an agent"`
	Of    string `json:"of" doc:"the agent it is about"`
	Mode  string `json:"mode" enum:"listen,whisper,barge"`
}

// supervises is who supervises a call now, by the facts; nil for nobody.
func supervises(facts []call.Fact) *supervision {
	var s *supervision
	for _, f := range facts {
		if f.Kind != call.Supervised {
			continue
		}
		s = nil
		if f.Reason != "left" && f.Reason != string(call.TakeOver) {
			s = &supervision{Agent: f.Agent, Of: f.To, Mode: f.Reason}
		}
	}
	return s
}
