package api

import (
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
		What  call.Verb `json:"what" enum:"hold,resume,transfer,consult,swap,complete,cancel,survey,hangup,listen,whisper,barge,take-over,leave" doc:"hangup ends the agent's leg: the caller goes on in the flow; survey does that and invites the caller to rate it; from listen on: a supervisor's"`
		To    string    `json:"to,omitempty" maxLength:"80" doc:"of transfer and consult: what the agent's phone would dial (a colleague, a number with a flow or queue behind it, or outside), or agent:ID, queue:NAME, flow:NAME"`
		Agent string    `json:"agent,omitempty" maxLength:"64" doc:"for whom; a supervisor's to say, else the asker; of listen: whose talk, else that of who talks"`
	}
}

func (s *server) commands(api huma.API) {
	add(s, api, account.Agent, huma.Operation{
		Method: "POST", Path: "/calls/{id}/commands", Summary: "Control a live call for the agent on it, or supervise it", Tags: []string{"calls"},
		Description: "The answer says that the call was told; what makes no sense at the moment does nothing. A transfer or consultation that comes to nothing leaves " +
			"the talk as it was, the agent hears so, and the fact unreached says why. " +
			"A supervisor begins with listen, which rings their own phone as one more leg; whisper, barge and take-over change what that leg does, and leave ends it.",
	}, s.command)
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
	case in.Body.To == "" && slices.Contains([]call.Verb{call.Transfer, call.Consult}, in.Body.What):
		return nil, huma.Error422UnprocessableEntity("Say to whom.")
	}
	facts, err := s.Calls.FactsOf(ctx, call.ID(in.ID))
	if err != nil {
		return nil, err
	}
	r := cdr.Fold(facts)
	talks := func(p cdr.Part) bool { return p.Agent == agent && !p.Connected.IsZero() && p.Left.IsZero() }
	if !r.Open() || !slices.ContainsFunc(r.Agents, talks) {
		return nil, huma.Error404NotFound("That agent is on no such call.")
	}
	if !s.Live.Send(call.ID(in.ID), call.Commanded{Agent: agent, What: in.Body.What, To: in.Body.To, By: who.Name}) {
		return nil, huma.Error404NotFound("That call is over.")
	}
	if agent != who.Agent {
		s.trail(ctx, who, "call."+string(in.Body.What), in.ID, agent)
	}
	return &nothing{}, nil
}
