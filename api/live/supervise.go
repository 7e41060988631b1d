package live

import (
	"context"
	"slices"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"hotline/account"
	"hotline/api/gate"
	"hotline/call"
	"hotline/cdr"
	"hotline/floor"
	"hotline/queue"
	"hotline/switchboard"
)

// ofSupervisors is true for the commands that are a supervisor's.
func ofSupervisors(what call.Verb) bool {
	return slices.Contains([]call.Verb{call.Listen, call.WhisperTo, call.Barge, call.TakeOver, call.Leave}, what)
}

// supervise tells a call what a supervisor wants of it.
func (s *Routes) supervise(ctx context.Context, who gate.Identity, in *commandIn) (*gate.Nothing, error) {
	if who.Masks() {
		return nil, huma.Error403Forbidden("Only supervisors listen to calls.")
	}
	phone := s.PhoneOf(who.Agent)
	if phone == "" {
		return nil, errNoPhone
	}
	if in.Body.What == call.Listen && !s.Rings(phone) {
		return nil, huma.Error409Conflict("Your phone is not there: connect the headset in the page, or have the desk phone register.")
	}
	ev := call.SuperviseAsked{Agent: who.Agent, Phone: phone, What: in.Body.What, Of: in.Body.Agent, By: who.Name}
	about, err := s.supervisedAgent(ctx, call.ID(in.ID), ev)
	if err != nil {
		return nil, err
	}
	if err := s.tell(ctx, call.ID(in.ID), ev); err != nil {
		return nil, err
	}
	s.Audit(ctx, who, "call."+string(ev.What), in.ID, about)
	return &gate.Nothing{}, nil
}

// supervisedAgent is the agent whom a supervisor's command is about, for the audit log: where it does not say so, whoever is supervised or talks;
// "" for nobody.
func (s *Routes) supervisedAgent(ctx context.Context, id call.ID, ev call.SuperviseAsked) (string, error) {
	if ev.Of != "" {
		return ev.Of, nil
	}
	facts, err := s.Calls.FactsOf(ctx, id)
	if err != nil {
		return "", err
	}
	if now := supervises(facts); now != nil && now.Agent == ev.Agent {
		return now.Of, nil
	}
	for _, p := range slices.Backward(cdr.Fold(facts).Agents) {
		if !p.Connected.IsZero() && p.Left.IsZero() {
			return p.Agent, nil
		}
	}
	return "", nil
}

var errNoPhone = huma.Error422UnprocessableEntity("You are no agent with a phone that could ring: ask for one in the data of the centre.")

// supervising are the routes for following an agent from call to call.
func (s *Routes) supervising() {
	gate.Add(s.Gate, account.Supervisor, huma.Operation{
		Method: "PUT", Path: "/agents/{id}/follow", Summary: "Be beside an agent from call to call, until told otherwise", Tags: []string{"calls"},
		Description: "The asker's own phone rings once, and stays up: it listens to the call under way and to each one in which the agent begins to talk, and is silent " +
			"between. What may be done in a call is the same as by the command listen. One agent at a time: following another one goes on by the same line. It ends by " +
			"DELETE, when the phone is hung up or not answered, when the agent signs out, and after 12 hours; over a restart it is kept, and the phone rings again.",
	}, s.followAgent)
	gate.Add(s.Gate, account.Supervisor, huma.Operation{
		Method: "DELETE", Path: "/agents/{id}/follow", Summary: "Follow an agent no longer: the asker's phone is hung up", Tags: []string{"calls"},
	}, func(ctx context.Context, who gate.Identity, in *gate.ByID) (*gate.Nothing, error) {
		if err := s.Floor.Unfollow(ctx, who.Agent, in.ID); err != nil {
			return nil, err
		}
		s.Follows.Unfollow(who.Agent)
		s.Audit(ctx, who, "agent.unfollow", in.ID, "")
		return &gate.Nothing{}, nil
	})
}

func (s *Routes) followAgent(ctx context.Context, who gate.Identity, in *gate.ByID) (*gate.Nothing, error) {
	phone := s.PhoneOf(who.Agent)
	if phone == "" {
		return nil, errNoPhone
	}
	out := func(a queue.AgentView) bool {
		return a.ID == in.ID && a.State == queue.Offline && a.Next == queue.Offline
	}
	if slices.ContainsFunc(s.Queues.Snapshot().Agents, out) {
		return nil, huma.Error409Conflict("This agent is not signed in.")
	}
	w, err := s.Floor.Follow(ctx, floor.Following{Supervisor: who.Agent, Of: in.ID, By: who.Name}, time.Now())
	if err != nil {
		return nil, err
	}
	s.Follows.Follow(switchboard.Follow{Supervisor: w.Supervisor, Phone: phone, Of: w.Of, By: w.By, Until: w.Until})
	s.Audit(ctx, who, "agent.follow", in.ID, "")
	return &gate.Nothing{}, nil
}

// followerView is a supervisor who follows an agent.
type followerView struct {
	Agent string                  `json:"agent" doc:"the supervisor, as an agent"`
	Name  string                  `json:"name"`
	State switchboard.FollowState `json:"state" enum:"away,ringing,waiting,listening" doc:"away: their phone is not there yet after a restart; ringing: it rings; waiting: it is up, and the agent has no call that can be listened to"`
	Call  string                  `json:"call,omitempty" doc:"the call that is listened to"`
	Since time.Time               `json:"since"`
	Until time.Time               `json:"until" doc:"when it ends by itself"`
}

// followers are the supervisors who follow, by agent.
func (s *Routes) followers(now time.Time) map[string][]followerView {
	lines, all := s.Follows.Follows(), map[string][]followerView{}
	for _, w := range s.Floor.Followings(now) {
		v := followerView{Agent: w.Supervisor, Name: w.By, State: switchboard.FollowAway, Since: w.Since, Until: w.Until}
		if l, ok := lines[w.Supervisor]; ok && l.Of == w.Of {
			v.State, v.Call = l.State, string(l.Call)
		}
		all[w.Of] = append(all[w.Of], v)
	}
	return all
}

// mayKnow is an agent as the asker may know them: who follows whom is for supervisors and, where the node tells them, for the agent.
func (s *Routes) mayKnow(who gate.Identity, a agentView) agentView {
	if who.Masks() && (!s.Supervised || a.ID != who.Agent) {
		a.Followers = nil
	}
	return a
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
