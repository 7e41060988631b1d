package switchboard

import (
	"context"
	"slices"
	"strings"
	"testing"

	"hotline/call"
	"hotline/ivr"
	"hotline/media"
	"hotline/queue"
	"hotline/route"
	"hotline/sip/ua"
)

// Move and Of make the test's line one that can go on in another call.
func (l *leg) Move(id call.LegID, _ *media.Stream, sink func(call.Event)) {
	l.mu.Lock()
	ended := l.ended
	l.mu.Unlock()
	l.Hear(id, sink)
	if ended {
		sink(call.LegEnded{Leg: id, Cause: call.Normal, ByPeer: true})
	}
}

func (l *leg) Of(id call.ID) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.call = id
}

// of is the call that the line is of.
func (l *leg) of() call.ID {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.call != "" {
		return l.call
	}
	return l.dial.Call
}

// name is what the line is called in its call.
func (l *leg) name() call.LegID {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.id
}

// consulting is a rig where anna, on 1001, talks to a caller and, in a second call, to 1003. Both calls are recorded.
func consulting(t *testing.T) (r *rig, caller, agent, consult, third *leg) {
	t.Helper()
	r = newRig(t)
	c := *r.b.Centre()
	for _, src := range []string{
		"flow: ext\nstart: tape\nnodes:\n  tape: {type: record, next: ring}\n  ring: {type: dial, targets: [{phone: \"${dialled}\"}]}\n",
		"flow: taped\nstart: tape\nnodes:\n  tape: {type: record, next: people}\n" +
			"  people: {type: queue, queue: q, on: {timeout: bye, full: bye, no-agents: bye, closed: bye}}\n  bye: {type: hangup}\n",
	} {
		f, err := ivr.Read("f.yml", []byte(src))
		if err != nil {
			t.Fatal(err)
		}
		c.Flows.Flows[f.ID] = f
	}
	c.Routes.Numbers = append(c.Routes.Numbers, route.Number{Pattern: "10XX", Flow: "ext"}, route.Number{Pattern: "4002", Flow: "taped"})
	r.b.Replace(&c)
	r.ready()
	caller = r.arrive("13800138000", "4002")
	agent = r.dialled(0)
	agent.tell(call.LegAnswered{Leg: agent.id})
	eventually(t, "the agent to talk", func() bool { return r.agent() == queue.Talking })
	agent.tell(call.LegHeld{Leg: agent.id, On: true})
	consult = r.leg(agent.stream)
	r.b.arrive(context.Background(), ua.Arrival{From: "1001", Dialled: "1003", Origin: route.Origin{Kind: route.FromPhone, Phone: "1001"}}, consult)
	third = r.dialled(1)
	third.tell(call.LegAnswered{Leg: third.id})
	eventually(t, "the consultation", func() bool { return len(r.noted(call.Connected)) == 2 })
	return r, caller, agent, consult, third
}

// TestAttendedTransfer: whichever of the two calls the phone asks it of, the caller's goes on, with its recording; the other ends.
func TestAttendedTransfer(t *testing.T) {
	for _, inFirst := range []bool{true, false} {
		r, caller, agent, consult, third := consulting(t)
		first, second := caller.of(), consult.of()
		asked := agent
		if inFirst {
			agent.tell(call.AttendedAsked{Leg: agent.id, Call: second, With: call.CallerLeg})
		} else {
			asked = consult
			consult.tell(call.AttendedAsked{Leg: call.CallerLeg, Call: first, With: agent.id})
		}
		eventually(t, "both legs of the agent to end", func() bool { return agent.was("hangup normal") && consult.was("hangup merged") })
		if !asked.was("transferred 200") {
			t.Errorf("who asked was told %s", asked.all())
		}
		eventually(t, "the agent to be free", func() bool { return r.agent() == queue.Ready })
		caller.phone.play(700)
		third.phone.play(1300)
		hears(t, caller.phone, 1300)
		hears(t, third.phone, 700)
		if third.name() != "leg3" {
			t.Errorf("the third party is %s", third.name())
		}
		third.end(call.LegEnded{Cause: call.Normal, ByPeer: true})
		r.over()
		checkJoined(t, r, first, second)
	}
}

// checkJoined looks at what the facts say of the two calls.
func checkJoined(t *testing.T, r *rig, first, second call.ID) {
	t.Helper()
	var lines []string
	for _, f := range slices.Concat(r.noted(call.Joined), r.noted(call.Transferred), r.noted(call.Ended)) {
		name := map[call.ID]string{first: "first", second: "second", "": ""}
		lines = append(lines, strings.TrimSpace(strings.Join([]string{name[f.Call], string(f.Kind), string(f.Leg), f.Reason, name[f.Other], string(f.Cause)}, " ")))
	}
	slices.Sort(lines)
	want := []string{
		"first ended    normal", "first joined leg3 came second", "first transferred leg2 attended second",
		"second ended    merged", "second joined leg2 left first",
	}
	if !slices.Equal(lines, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(lines, "\n"), strings.Join(want, "\n"))
	}
	starts, stops := r.noted(call.RecordingStarted), r.noted(call.RecordingStopped)
	if len(starts) != 2 || len(stops) != 2 {
		t.Errorf("%d recordings began, %d ended, want 2", len(starts), len(stops))
	}
}

// TestPartyIsGoneBeforeItIsTaken: a leg that ends between two calls ends the one it comes to.
func TestPartyIsGoneBeforeItIsTaken(t *testing.T) {
	r, caller, agent, consult, third := consulting(t)
	third.mu.Lock()
	third.ended = true // told to nobody
	third.mu.Unlock()
	agent.tell(call.AttendedAsked{Leg: agent.id, Call: consult.of(), With: call.CallerLeg})
	r.over()
	if !caller.was("hangup normal") {
		t.Errorf("the caller was told %s", caller.all())
	}
}

// TestLegForACallThatIsOver is hung up, and what came with it given back.
func TestLegForACallThatIsOver(t *testing.T) {
	r := newRig(t)
	id, legs := r.bare("caller", "leg2")
	r.b.Do(id, call.GiveLeg{Leg: "leg2", Call: "gone", With: "leg2", Guest: call.Guest{Phone: "1001", Busy: true, Offer: call.Offered{Offer: "o"}}})
	r.b.Do(id, call.AskLeg{Call: "gone", Leg: "leg2", With: "caller"})
	r.b.Do(id, call.AskJoin{Call: "gone", Leg: "leg2", With: "caller"})
	r.b.Do(id, call.TakeLeg{Leg: "leg3", Line: "nobody"})
	r.b.Do(id, call.TurnAway{Line: "nobody", SIP: 481})
	if !legs["leg2"].was("hangup merged") || len(r.b.guests) != 0 {
		t.Errorf("leg2 was told %s, guests %v", legs["leg2"].all(), r.b.guests)
	}
}

// TestAnotherPhoneTakesOver: by INVITE with Replaces; refused where there is no such call, or no such leg.
func TestAnotherPhoneTakesOver(t *testing.T) {
	r := newRig(t)
	r.ready()
	caller := r.arrive("13800138000", "4001")
	agent := r.dialled(0)
	over := func(in call.ID, with call.LegID) *leg {
		l := r.leg(agent.stream)
		r.b.takeOver(ua.Arrival{From: "1005", Origin: route.Origin{Kind: route.FromPhone, Phone: "1005"}}, in, with, l)
		return l
	}
	for _, l := range []*leg{over("no such", "leg2"), over(caller.of(), "leg9")} {
		eventually(t, "a refusal", func() bool {
			return strings.HasPrefix(l.all(), "hangup") || l.was("refuse 481 nobody rings there any more")
		})
	}
	l := over(caller.of(), agent.id) // it rings at anna's
	eventually(t, "the phone to be answered", func() bool { return l.was("answer") })
	eventually(t, "the agent's phone to stop", func() bool { return agent.was("hangup answered-before") })
	eventually(t, "the agent to be ready", func() bool { return r.agent() == queue.Ready })
	caller.phone.play(700)
	hears(t, l.phone, 700)
	caller.end(call.LegEnded{Cause: call.Normal, ByPeer: true})
	r.over()
}
