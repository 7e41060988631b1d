package live

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"hotline/account"
	"hotline/api/gate"
	"hotline/api/records"
	"hotline/call"
	"hotline/cdr"
)

type commandIn struct {
	ID   string `path:"id"`
	Body struct {
		What  call.Verb  `json:"what" enum:"hold,resume,mute,unmute,transfer,consult,swap,complete,merge,cancel,add,remove,park,pick-up,move,survey,hangup,listen,whisper,barge,take-over,leave" doc:"hangup ends the agent's leg: the caller goes on in the flow; survey does that and invites the caller to rate it; from listen on: a supervisor's"`
		To    string     `json:"to,omitempty" maxLength:"80" doc:"of transfer, consult, add and move: what the agent's phone would dial (a colleague, a number with a flow or queue behind it, or outside), or agent:ID, queue:NAME, flow:NAME"`
		Leg   call.LegID `json:"leg,omitempty" maxLength:"20" doc:"of remove: whom; of mute and unmute: another participant of the conference; see members of the record"`
		Agent string     `json:"agent,omitempty" maxLength:"64" doc:"for whom; a supervisor's to say, else the asker; of listen: whose talk, else that of who talks"`
	}
}

func (s *Routes) commands() {
	gate.Add(s.Gate, account.Agent, huma.Operation{
		Method: "POST", Path: "/calls/{id}/commands", Summary: "Control a live call for the agent on it, or supervise it", Tags: []string{"calls"},
		Description: "204 says that it is done or has begun, or was so already; 409 that it makes no sense at the moment, and why. A transfer or consultation that " +
			"comes to nothing leaves the talk as it was, the agent hears so, and the fact unreached says why. " +
			"A supervisor begins with listen, which rings their own phone as one more leg; whisper, barge and take-over change what that leg does, and leave ends it.",
	}, s.command)
	gate.Add(s.Gate, account.Agent, huma.Operation{
		Method: "GET", Path: "/calls/parked", Summary: "Callers who are parked, by slot; any agent may pick them up", Tags: []string{"calls"},
	}, s.parkedCalls)
}

func (s *Routes) command(ctx context.Context, who gate.Identity, in *commandIn) (*gate.Nothing, error) {
	if ofSupervisors(in.Body.What) {
		return s.supervise(ctx, who, in)
	}
	agent := in.Body.Agent
	if agent == "" {
		agent = who.Agent
	}
	switch {
	case in.Body.What == call.Move && who.Masks():
		return nil, huma.Error403Forbidden("Only supervisors move who waits.")
	case in.Body.What == call.Move && in.Body.To != "":
		agent = "" // who waits has nobody
	case agent == "":
		return nil, huma.Error422UnprocessableEntity("Say for which agent.")
	case agent != who.Agent && who.Masks():
		return nil, huma.Error403Forbidden("Agents command their own side of a call only.")
	case in.Body.To == "" && slices.Contains([]call.Verb{call.Transfer, call.Consult, call.Add, call.Move}, in.Body.What):
		return nil, huma.Error422UnprocessableEntity("Say to whom.")
	case in.Body.What == call.Remove && in.Body.Leg == "":
		return nil, huma.Error422UnprocessableEntity("Say which leg.")
	}
	if in.Body.What == call.PickUp && s.PhoneOf(agent) == "" {
		return nil, huma.Error422UnprocessableEntity("That agent has no phone that could ring.")
	}
	err := s.tell(ctx, call.ID(in.ID), call.Commanded{Agent: agent, What: in.Body.What, To: in.Body.To, Leg: in.Body.Leg, By: who.Name})
	if err != nil {
		return nil, err
	}
	if agent != who.Agent || in.Body.What == call.Move {
		s.Audit(ctx, who, "call."+string(in.Body.What), in.ID, cmp.Or(agent, in.Body.To))
	}
	return &gate.Nothing{}, nil
}

// tellWithin bounds how long a call may take to say whether it does what it is told; it needs no longer than its other letters.
const tellWithin = 5 * time.Second

// nays say why a call does not do what it is told.
var nays = map[call.Nay]string{
	call.NayNotNow:  "Not at the moment: the two do not talk, somebody is rung or moves.",
	call.NayNobody:  "There is nobody: no one is consulted, has answered yet, rings or is parked.",
	call.NayHeld:    "The other party holds, or the agent does by the key of the phone.",
	call.NayNoLeg:   "There is no such participant, or it is the caller, who is not removed.",
	call.NayTaken:   "Somebody else supervises this call, or is rung for who is parked.",
	call.NayListen:  "Listen first, and answer the phone: the microphone is closed at the beginning.",
	call.NayOnPhone: "The phone that would ring is on this call.",
}

// tell tells a live call something, and is the error where the call does not do it.
func (s *Routes) tell(ctx context.Context, id call.ID, ev call.Event) error {
	ctx, stop := context.WithTimeout(ctx, tellWithin)
	defer stop()
	why, ok := s.Live.Ask(ctx, id, ev)
	switch {
	case !ok:
		return huma.Error404NotFound("There is no such call under way.")
	case why == call.NayNotOn:
		return huma.Error404NotFound("That agent is on no such call.")
	case why != "":
		return huma.Error409Conflict(nays[why])
	}
	return nil
}

type parkedOut struct{ Body []parkedCall }

type parkedCall struct {
	cdr.Parking
	Call   call.ID `json:"call"`
	Number string  `json:"number" doc:"the caller's; masked for agents"`
	Topic  string  `json:"topic,omitempty"`
}

// parkedCalls are what any agent may fetch, by slot.
func (s *Routes) parkedCalls(ctx context.Context, who gate.Identity, _ *gate.Nothing) (*parkedOut, error) {
	out := &parkedOut{Body: []parkedCall{}}
	for _, id := range s.Live.IDs() {
		facts, err := s.Calls.FactsOf(ctx, id)
		if err != nil {
			return nil, err
		}
		if r := records.Shown(who, cdr.Fold(facts)); r.Parked != nil {
			out.Body = append(out.Body, parkedCall{Parking: *r.Parked, Call: r.Call, Number: r.Caller.Best(), Topic: r.Topic})
		}
	}
	slices.SortFunc(out.Body, func(a, b parkedCall) int { return cmp.Compare(a.Slot, b.Slot) })
	return out, nil
}
