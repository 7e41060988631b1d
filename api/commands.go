package api

import (
	"cmp"
	"context"
	"slices"

	"github.com/danielgtaylor/huma/v2"

	"hotline/account"
	"hotline/call"
	"hotline/cdr"
)

type commandIn struct {
	ID   string `path:"id"`
	Body struct {
		What  call.Verb  `json:"what" enum:"hold,resume,mute,unmute,transfer,consult,swap,complete,merge,cancel,add,remove,park,pick-up,survey,hangup,listen,whisper,barge,take-over,leave" doc:"hangup ends the agent's leg: the caller goes on in the flow; survey does that and invites the caller to rate it; from listen on: a supervisor's"`
		To    string     `json:"to,omitempty" maxLength:"80" doc:"of transfer, consult and add: what the agent's phone would dial (a colleague, a number with a flow or queue behind it, or outside), or agent:ID, queue:NAME, flow:NAME"`
		Leg   call.LegID `json:"leg,omitempty" maxLength:"20" doc:"of remove: whom; of mute and unmute: another participant of the conference; see members of the record"`
		Agent string     `json:"agent,omitempty" maxLength:"64" doc:"for whom; a supervisor's to say, else the asker; of listen: whose talk, else that of who talks"`
	}
}

func (s *server) commands(api huma.API) {
	add(s, api, account.Agent, huma.Operation{
		Method: "POST", Path: "/calls/{id}/commands", Summary: "Control a live call for the agent on it, or supervise it", Tags: []string{"calls"},
		Description: "The answer says that the call was told; what makes no sense at the moment does nothing. A transfer or consultation that comes to nothing leaves " +
			"the talk as it was, the agent hears so, and the fact unreached says why. " +
			"A supervisor begins with listen, which rings their own phone as one more leg; whisper, barge and take-over change what that leg does, and leave ends it.",
	}, s.command)
	add(s, api, account.Agent, huma.Operation{
		Method: "GET", Path: "/calls/parked", Summary: "Callers who are parked, by slot; any agent may pick them up", Tags: []string{"calls"},
	}, s.parkedCalls)
}

func (s *server) command(ctx context.Context, who Identity, in *commandIn) (*nothing, error) {
	if ofSupervisors(in.Body.What) {
		return s.supervise(ctx, who, in)
	}
	agent := in.Body.Agent
	if agent == "" {
		agent = who.Agent
	}
	switch {
	case agent == "":
		return nil, huma.Error422UnprocessableEntity("Say for which agent.")
	case agent != who.Agent && who.masks():
		return nil, huma.Error403Forbidden("Agents command their own side of a call only.")
	case in.Body.To == "" && slices.Contains([]call.Verb{call.Transfer, call.Consult, call.Add}, in.Body.What):
		return nil, huma.Error422UnprocessableEntity("Say to whom.")
	case in.Body.What == call.Remove && in.Body.Leg == "":
		return nil, huma.Error422UnprocessableEntity("Say which leg.")
	}
	facts, err := s.Calls.FactsOf(ctx, call.ID(in.ID))
	if err != nil {
		return nil, err
	}
	r := cdr.Fold(facts)
	if in.Body.What == call.PickUp {
		return s.pickUp(ctx, who, agent, in, r)
	}
	talks := func(p cdr.Part) bool { return p.Agent == agent && !p.Connected.IsZero() && p.Left.IsZero() }
	if !r.Open() || !slices.ContainsFunc(r.Agents, talks) {
		return nil, huma.Error404NotFound("That agent is on no such call.")
	}
	if !s.Live.Send(call.ID(in.ID), call.Commanded{Agent: agent, What: in.Body.What, To: in.Body.To, Leg: in.Body.Leg, By: who.Name}) {
		return nil, huma.Error404NotFound("That call is over.")
	}
	if agent != who.Agent {
		s.trail(ctx, who, "call."+string(in.Body.What), in.ID, agent)
	}
	return &nothing{}, nil
}

// pickUp tells a call that an agent who is not on it fetches who is parked there.
func (s *server) pickUp(ctx context.Context, who Identity, agent string, in *commandIn, r cdr.Record) (*nothing, error) {
	switch {
	case s.PhoneOf(agent) == "":
		return nil, huma.Error422UnprocessableEntity("That agent has no phone that could ring.")
	case r.Call == "" || !r.Open():
		return nil, huma.Error404NotFound("There is no such call under way.")
	case r.Parked == nil:
		return nil, huma.Error409Conflict("Nobody is parked there any more.")
	}
	if !s.Live.Send(call.ID(in.ID), call.Commanded{Agent: agent, What: call.PickUp, By: who.Name}) {
		return nil, huma.Error404NotFound("That call is over.")
	}
	if agent != who.Agent {
		s.trail(ctx, who, "call.pick-up", in.ID, agent)
	}
	return &nothing{}, nil
}

type parkedOut struct{ Body []parkedCall }

type parkedCall struct {
	cdr.Parking
	Call   call.ID `json:"call"`
	Number string  `json:"number" doc:"the caller's; masked for agents"`
	Topic  string  `json:"topic,omitempty"`
}

// parkedCalls are what any agent may fetch, by slot.
func (s *server) parkedCalls(ctx context.Context, who Identity, _ *nothing) (*parkedOut, error) {
	out := &parkedOut{Body: []parkedCall{}}
	for _, id := range s.Live.IDs() {
		facts, err := s.Calls.FactsOf(ctx, id)
		if err != nil {
			return nil, err
		}
		if r := shown(who, cdr.Fold(facts)); r.Parked != nil {
			out.Body = append(out.Body, parkedCall{Parking: *r.Parked, Call: r.Call, Number: r.Caller.Best(), Topic: r.Topic})
		}
	}
	slices.SortFunc(out.Body, func(a, b parkedCall) int { return cmp.Compare(a.Slot, b.Slot) })
	return out, nil
}
