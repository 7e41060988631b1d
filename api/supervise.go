package api

import (
	"context"
	"slices"

	"github.com/danielgtaylor/huma/v2"

	"hotline/call"
	"hotline/cdr"
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
	facts, err := s.Calls.FactsOf(ctx, call.ID(in.ID))
	if err != nil {
		return nil, err
	}
	r := cdr.Fold(facts)
	if len(facts) == 0 || !r.Open() {
		return nil, huma.Error404NotFound("There is no such call under way.")
	}
	ev := call.SuperviseAsked{Agent: who.Agent, Phone: phone, What: in.Body.What, By: who.Name}
	switch by := supervisor(facts); {
	case ev.What == call.Listen && by != "" && by != who.Agent:
		return nil, huma.Error409Conflict("Somebody supervises this call already.")
	case ev.What == call.Listen && by == "":
		if ev.Of = talker(r, in.Body.Agent); ev.Of == "" || ev.Of == who.Agent {
			return nil, huma.Error404NotFound("That agent is on no such call.")
		}
	case ev.What != call.Listen && ev.What != call.Leave && by != who.Agent:
		return nil, huma.Error409Conflict("Listen first: the microphone is closed at the beginning.")
	}
	if !s.Live.Send(call.ID(in.ID), ev) {
		return nil, huma.Error404NotFound("That call is over.")
	}
	s.trail(ctx, who, "call."+string(ev.What), in.ID, ev.Of)
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

// supervisor is the agent who supervises a call now; "" for nobody.
func supervisor(facts []call.Fact) string {
	if s := supervises(facts); s != nil {
		return s.Agent
	}
	return ""
}

// talker is the agent if they talk in the call, or whoever does where none is named; "" for nobody.
func talker(r cdr.Record, agent string) string {
	for _, p := range slices.Backward(r.Agents) {
		if (agent == "" || p.Agent == agent) && !p.Connected.IsZero() && p.Left.IsZero() {
			return p.Agent
		}
	}
	return ""
}
