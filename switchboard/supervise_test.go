package switchboard

import (
	"testing"

	"hotline/call"
	"hotline/queue"
)

// TestSupervisor: a supervisor beside a talk of a queue is heard by whom the mode says and nobody else, hears both, and takes over.
func TestSupervisor(t *testing.T) {
	r := newRig(t)
	r.ready()
	caller := r.arrive("13800138000", "4001")
	agent := r.dialled(0)
	agent.tell(call.LegAnswered{Leg: agent.name()})
	eventually(t, "the agent to talk", func() bool { return r.agent() == queue.Talking })
	id := agent.of()
	ask := func(what call.Verb) {
		t.Helper()
		if !r.b.Exchange().Send(id, call.SuperviseAsked{Agent: "sue", Phone: "1003", What: what, Of: "anna"}) {
			t.Fatal("the call is over")
		}
	}
	ask(call.Listen)
	boss := r.dialled(1)
	if d := boss.dial; d.Target.Value != "1003" || d.Display != "listen anna" {
		t.Errorf("the supervisor's phone is dialled by %+v", d)
	}
	boss.tell(call.LegAnswered{Leg: boss.name()})
	hz := map[call.LegID]float64{call.CallerLeg: 450, agent.name(): 700, boss.name(): 1300}
	for _, l := range []*leg{caller, agent, boss} {
		l.phone.play(hz[l.name()])
	}
	both := []call.LegID{call.CallerLeg, agent.name()}
	for _, step := range []struct {
		what          call.Verb
		caller, agent bool // hear the supervisor
	}{{"", false, false}, {call.WhisperTo, false, true}, {call.Barge, true, true}, {call.Listen, false, false}} {
		if step.what != "" {
			ask(step.what)
		}
		toCaller, toAgent := []call.LegID{agent.name()}, []call.LegID{call.CallerLeg}
		if step.caller {
			toCaller = append(toCaller, boss.name())
		}
		if step.agent {
			toAgent = append(toAgent, boss.name())
		}
		hearsExactly(t, string(step.what)+", caller", caller.phone, hz, toCaller)
		hearsExactly(t, string(step.what)+", agent", agent.phone, hz, toAgent)
		hearsExactly(t, string(step.what)+", supervisor", boss.phone, hz, both)
	}
	ask(call.TakeOver)
	eventually(t, "the agent to be free", func() bool { return r.agent() == queue.Ready })
	hearsExactly(t, "taken over, caller", caller.phone, hz, []call.LegID{boss.name()})
	hearsExactly(t, "taken over, supervisor", boss.phone, hz, []call.LegID{call.CallerLeg})
	if !agent.was("hangup normal") {
		t.Errorf("the agent's leg was told %s", agent.all())
	}
	boss.end(call.LegEnded{Cause: call.Normal, ByPeer: true})
	r.over()
}

// TestSupervisorLeaves: the two are a bridge again when the supervisor hangs up.
func TestSupervisorLeaves(t *testing.T) {
	r := newRig(t)
	r.ready()
	caller := r.arrive("13800138000", "4001")
	agent := r.dialled(0)
	agent.tell(call.LegAnswered{Leg: agent.name()})
	eventually(t, "the agent to talk", func() bool { return r.agent() == queue.Talking })
	r.b.Exchange().Send(agent.of(), call.SuperviseAsked{Agent: "sue", Phone: "1003", What: call.Listen, Of: "anna"})
	boss := r.dialled(1)
	boss.tell(call.LegAnswered{Leg: boss.name()})
	hz := map[call.LegID]float64{call.CallerLeg: 450, agent.name(): 700}
	caller.phone.play(450)
	agent.phone.play(700)
	hearsExactly(t, "supervisor", boss.phone, hz, []call.LegID{call.CallerLeg, agent.name()})
	boss.end(call.LegEnded{Cause: call.Normal, ByPeer: true})
	eventually(t, "the supervisor to be gone", func() bool {
		said := r.noted(call.Supervised)
		return len(said) == 2 && said[1].Reason == "left"
	})
	hearsExactly(t, "caller", caller.phone, hz, []call.LegID{agent.name()})
	hearsExactly(t, "agent", agent.phone, hz, []call.LegID{call.CallerLeg})
	caller.end(call.LegEnded{Cause: call.Normal, ByPeer: true})
	r.over()
}
