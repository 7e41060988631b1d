package switchboard

import (
	"context"
	"fmt"
	"testing"
	"time"

	"hotline/call"
	"hotline/ivr"
	"hotline/queue"
	"hotline/route"
	"hotline/sip/ua"
)

// Refuse makes the test's line one that is told why.
func (l *leg) Refuse(cause call.Cause, status int, why string) {
	l.say(fmt.Sprintf("refuse %d %s", status, why))
	l.end(call.LegEnded{Cause: cause, SIP: status})
}

// coded is a rig with feature codes, where ben on 1002 shares a queue with anna, carl on 1003 does not, and 1009 is no agent's.
func coded(t *testing.T) *rig {
	t.Helper()
	r := newRig(t)
	c := *r.b.Centre()
	f, err := ivr.Read("f.yml", []byte("flow: ext\nstart: ring\nnodes:\n  ring: {type: dial, targets: [{phone: \"${dialled}\"}]}\n"))
	if err != nil {
		t.Fatal(err)
	}
	c.Flows.Flows[f.ID] = f
	c.Agents = map[string]string{"1001": "anna", "1002": "ben", "1003": "carl"}
	c.Routes = &route.Table{Numbers: append(c.Routes.Numbers, route.Number{Pattern: "10XX", Flow: "ext"}), Codes: route.Codes{
		Park: "*70", PickUp: "*8", SignIn: "*51", SignOut: "*52", Ready: "*53", Break: "*54", EndWrap: "*55", Slots: route.Slots{First: 701, Last: 702},
	}}
	r.b.Replace(&c)
	r.disp.Replace([]queue.Queue{{ID: "q", RingFor: time.Minute, WrapUp: time.Hour}, {ID: "other", RingFor: time.Minute}}, []queue.Agent{
		{ID: "anna", Phone: "1001", Queues: map[string]int{"q": 1}}, {ID: "ben", Phone: "1002", Queues: map[string]int{"q": 1, "other": 1}},
		{ID: "carl", Phone: "1003", Queues: map[string]int{"other": 1}},
	})
	for _, phone := range []string{"1001", "1002", "1003"} {
		r.b.PhoneReachable(phone, true)
	}
	r.disp.Set("anna", queue.Ready, "", "test")
	eventually(t, "anna to be ready", func() bool { return r.agent() == queue.Ready })
	return r
}

// dials lets a phone dial, on a line of its own.
func (r *rig) dials(phone, number string) *leg {
	l := r.leg(nil)
	r.b.arrive(context.Background(), from(phone, number), l)
	return l
}

func from(phone, number string) ua.Arrival {
	return ua.Arrival{From: phone, Dialled: number, Origin: route.Origin{Kind: route.FromPhone, Phone: phone}}
}

// talking is a caller with anna.
func (r *rig) talking() (caller, agent *leg) {
	r.t.Helper()
	caller = r.arrive("13800138000", "4001")
	agent = r.dialled(0)
	agent.tell(call.LegAnswered{Leg: agent.id})
	eventually(r.t, "anna to talk", func() bool { return len(r.noted(call.Connected)) == 1 })
	return caller, agent
}

// An agent's phone parks the caller from another line, which says the slot and ends; a phone that dials the slot has the caller, and both hear
// each other.
func TestParkAndFetchByCode(t *testing.T) {
	r := coded(t)
	caller, agent := r.talking()
	agent.tell(call.LegHeld{Leg: agent.id, On: true})
	second := r.dials("1001", "*70")
	hears(t, second.phone, 1500)
	hears(t, caller.phone, 450)
	if !agent.was("hangup normal") || !second.was("answer") {
		t.Errorf("the agent's line was told %s, the second one %s", agent.all(), second.all())
	}
	eventually(t, "the second line to end", func() bool { return second.was("hangup normal") })
	if r.seat("anna").State != queue.WrapUp {
		t.Errorf("anna is %+v", r.seat("anna"))
	}
	if empty := r.dials("1002", "702"); empty.all() != "refuse 404 nobody is parked in 702" {
		t.Errorf("an empty slot: %s", empty.all())
	}
	fetch := r.dials("1002", "701")
	fetch.phone.play(1900)
	caller.phone.play(900)
	hears(t, caller.phone, 1900)
	hears(t, fetch.phone, 900)
	eventually(t, "ben to be busy", func() bool { return r.seat("ben").Busy })
	if late := r.dials("1003", "701"); late.all() != "refuse 404 nobody is parked in 701" {
		t.Errorf("a slot that is free again: %s", late.all())
	}
	caller.end(call.LegEnded{Cause: call.Normal, ByPeer: true})
	r.over()
	eventually(t, "ben to be free", func() bool { return !r.seat("ben").Busy })
	if len(r.b.stations.all) != 0 || len(r.b.guests) != 0 {
		t.Errorf("left over: %v, %v", r.b.stations.all, r.b.guests)
	}
}

// A phone transfers the caller to the code, and hears the slot before its line ends; a key with the slot's lamp fetches them.
func TestParkByTransfer(t *testing.T) {
	r := coded(t)
	caller, agent := r.talking()
	agent.tell(call.TransferAsked{Leg: agent.id, To: "*70"})
	hears(t, agent.phone, 1500)
	eventually(t, "the agent's line to end", func() bool { return agent.was("transferred 200") && agent.was("hangup normal") })
	fetch := r.dials("1002", "*8701")
	eventually(t, "ben to have the caller", func() bool { return len(r.noted(call.Connected)) == 2 && fetch.was("answer") })
	caller.end(call.LegEnded{Cause: call.Normal, ByPeer: true})
	r.over()
}

// Codes that make no sense are refused with a status and words, and begin nothing.
func TestCodesAreRefused(t *testing.T) {
	r := coded(t)
	for _, c := range []struct{ phone, code, want string }{
		{"1001", "*70", "refuse 480 there is nobody to park"}, {"1001", "701", "refuse 404 nobody is parked in 701"},
		{"1001", "*8", "refuse 404 nothing rings there"}, {"1009", "*8", "refuse 403 this phone is no agent's"},
		{"1001", "*81002", "refuse 404 nothing rings there"}, {"1009", "*53", "refuse 403 this phone is no agent's"},
		{"1001", "*55", "refuse 480 no wrap-up is running"},
	} {
		if l := r.dials(c.phone, c.code); l.all() != c.want {
			t.Errorf("%s dialled %s: %s, want %s", c.phone, c.code, l.all(), c.want)
		}
	}
	if l := r.leg(nil); true {
		r.b.arrive(context.Background(), ua.Arrival{From: "1", Dialled: "*70", Origin: route.Origin{Kind: route.FromTrunk, Trunk: "t"}}, l)
		if !l.was("hangup not-found") {
			t.Errorf("a trunk dialled a code: %s", l.all())
		}
	}
	if n := r.b.exchange.Live(); n != 0 || len(r.b.guests) != 0 {
		t.Errorf("%d calls, guests %v", n, r.b.guests)
	}
}

// A colleague's ringing call is picked up by the group's code, one that rings at a certain phone by that phone's; the agent has no miss.
func TestPickUpByCode(t *testing.T) {
	r := coded(t)
	caller := r.arrive("13800138000", "4001")
	rings := r.dialled(0)
	eventually(t, "anna to be rung", func() bool { return len(r.noted(call.Dialled)) == 1 })
	if other := r.dials("1003", "*8"); other.all() != "refuse 404 nothing rings there" {
		t.Errorf("who shares no queue: %s", other.all())
	}
	ben := r.dials("1002", "*8")
	ben.phone.play(1900)
	hears(t, caller.phone, 1900)
	if !rings.was("hangup answered-before") || r.seat("anna").Misses != 0 {
		t.Errorf("anna's phone was told %s, misses %d", rings.all(), r.seat("anna").Misses)
	}
	caller.end(call.LegEnded{Cause: call.Normal, ByPeer: true})
	r.over()

	inside := r.dials("1001", "1009")
	eventually(t, "1009 to be rung", func() bool { return len(r.noted(call.Dialled)) == 2 })
	if own := r.dials("1009", "*81009"); own.all() != "refuse 404 nothing rings there" {
		t.Errorf("its own: %s", own.all())
	}
	carl := r.dials("1003", "*81009")
	carl.phone.play(2500)
	hears(t, inside.phone, 2500)
	if late := r.dials("1002", "*81003"); late.all() != "refuse 404 nothing rings there" {
		t.Errorf("a phone that talks: %s", late.all())
	}
	inside.end(call.LegEnded{Cause: call.Normal, ByPeer: true})
	r.over()
}

// Agents change their state by code; who gets ready is offered nobody before the phone is free again.
func TestStateByCode(t *testing.T) {
	r := coded(t)
	is := func(what string, state queue.State, reason string) {
		t.Helper()
		eventually(t, what, func() bool { s := r.seat("ben"); return s.State == state && (reason == "" || s.Reason == reason) })
	}
	is("ben to be signed out", queue.Offline, "")
	for _, c := range []struct {
		code   string
		state  queue.State
		reason string
	}{{"*51", queue.NotReady, "signed-in"}, {"*542", queue.NotReady, "meal"}, {"*51", queue.NotReady, "meal"}, {"*54", queue.NotReady, "break"}, {"*52", queue.Offline, ""}} {
		l := r.dials("1002", c.code)
		eventually(t, "the line to end", func() bool { return l.all() == "answer,hangup normal" }) // the rig has no words for these
		is(c.code, c.state, c.reason)
	}
	l := r.dials("1002", "*53")
	hears(t, l.phone, 1500)
	is("ben, while the phone speaks", queue.Offline, "")
	is("ben, once it is free", queue.Ready, "")
	if s := r.seat("ben").Source; s != "code of phone 1002" {
		t.Errorf("the source is %q", s)
	}
	r.dials("1002", "*52")
	is("ben, who left", queue.Offline, "")
	page := r.dials("1002", "*53")
	page.tell(call.LegAnswered{Leg: page.id}) // as a browser does once its sound is there
	hears(t, page.phone, 1500)
	is("ben, by a browser", queue.Ready, "")
	r.dials("1002", "*52")
	is("ben, who left again", queue.Offline, "")
	caller, _ := r.talking()
	caller.end(call.LegEnded{Cause: call.Normal, ByPeer: true})
	eventually(t, "anna to write up", func() bool { return r.agent() == queue.WrapUp })
	r.dials("1001", "*55")
	eventually(t, "anna to be ready", func() bool { return r.agent() == queue.Ready })
}

// A phone on two calls outside the queues is busy until both are over, and listens where it talks in none.
func TestBusyOnTwoCalls(t *testing.T) {
	var b busy
	for i, step := range []struct{ on, ear, busy, listens bool }{
		{true, false, true, false}, {true, false, true, false}, {false, false, true, false}, {false, false, false, false},
		{true, true, true, true}, {true, false, true, false}, {false, true, true, false}, {false, false, false, false},
		{true, true, true, true}, {true, true, true, true}, {false, true, true, true}, {false, true, false, false},
	} {
		busy, listens := b.count(call.PhoneBusy{Phone: "1001", On: step.on, Listens: step.ear})
		if busy != step.busy || listens != step.listens {
			t.Errorf("step %d: busy %v, listens %v", i, busy, listens)
		}
	}
}
