package switchboard

import (
	"testing"

	"hotline/call"
	"hotline/queue"
)

// A supervisor who follows an agent is rung for each call in which the agent talks, and no more once they follow nobody.
func TestFollow(t *testing.T) {
	r := newRig(t)
	r.ready()
	r.b.Follow("sue", "1003", "anna", "Sue")
	n := 0
	for _, number := range []string{"13800138000", "13800138001"} {
		caller := r.arrive(number, "4001")
		agent := r.dialled(n)
		agent.tell(call.LegAnswered{Leg: agent.name()})
		boss := r.dialled(n + 1)
		if d := boss.dial; d.Target.Value != "1003" || d.Display != "listen anna" {
			t.Errorf("for the call of %s the supervisor's phone is dialled by %+v", number, d)
		}
		n += 2
		caller.tell(call.LegEnded{Leg: call.CallerLeg, Cause: call.Normal, ByPeer: true})
		eventually(t, "the call to be over", func() bool { return r.b.Exchange().Live() == 0 })
		eventually(t, "the agent to be free", func() bool { return r.agent() == queue.Ready })
	}
	r.b.Follow("sue", "", "", "Sue")
	r.arrive("13800138002", "4001")
	agent := r.dialled(n)
	agent.tell(call.LegAnswered{Leg: agent.name()})
	id := agent.of()
	eventually(t, "the agent to talk", func() bool { return r.agent() == queue.Talking })
	if why, ok := r.b.Exchange().Ask(t.Context(), id, call.SuperviseAsked{Agent: "max", Phone: "1004", What: call.Listen, Of: "anna"}); !ok || why != "" {
		t.Errorf("somebody else listens, and is told %q", why) // nobody who does not follow any more is in the way
	}
}
