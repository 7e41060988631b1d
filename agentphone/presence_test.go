package agentphone

import (
	"testing"
	"time"

	"github.com/coder/websocket"

	"hotline/call"
)

// reach waits for what the queues hear of the phone.
func (r *rig) reach(want bool) {
	r.t.Helper()
	select {
	case got := <-r.changed:
		if got != want || r.phones.Reachable("1001") != want {
			r.t.Fatalf("reachable = %v, want %v", got, want)
		}
	case <-time.After(20 * time.Second):
		r.t.Fatalf("the phone never became reachable = %v", want)
	}
}

func TestPresenceIsWhatTheSoundSays(t *testing.T) {
	r := newRig(t)
	b := r.open(map[string]any{"v": 1})
	b.do("ready", map[string]any{"on": true})
	if r.phones.Reachable("1001") {
		t.Error("reachable without a way for its sound")
	}
	v := b.standBy()
	r.reach(true)
	b.await("reach", func(ev map[string]any) bool { return ev["on"] == true })
	v.leave()
	r.reach(false)
	b.await("reach", func(ev map[string]any) bool { return ev["on"] == false })
	b.standBy()
	r.reach(true)
	b.do("ready", map[string]any{"on": false, "why": "no microphone"})
	r.reach(false)
}

// A machine that sleeps or loses its network says nothing: its checks stop.
func TestABrowserThatFallsSilentIsNotReachable(t *testing.T) {
	r := newRig(t)
	b := r.open(map[string]any{"v": 1})
	b.do("ready", map[string]any{"on": true})
	v := b.standBy()
	r.reach(true)
	v.net.cut()
	began := time.Now()
	r.reach(false)
	t.Logf("noticed after %v", time.Since(began).Round(100*time.Millisecond))
}

func TestOnlyTheOwnerWaits(t *testing.T) {
	r := newRig(t)
	r.open(map[string]any{"v": 1})
	other := r.open(map[string]any{"v": 1})
	for verb, fields := range map[string]map[string]any{"media": {"sdp": chromium}, "dial": {"to": "600"}} {
		if got := other.do(verb, fields); got["ok"] == true {
			t.Errorf("%s of a tab without the sound = %v", verb, got)
		}
	}
}

// A tab takes the sound from another one of its browser; on another computer the agent is asked first, and then takes it by a command.
func TestASecondComputerDoesNotTakeTheSoundByItself(t *testing.T) {
	r := newRig(t)
	hello := func(browser string) map[string]any { return map[string]any{"v": 1, "browser": browser, "take": true} }
	owns := func(b *tab, want bool) {
		t.Helper()
		if got := b.await("snapshot", nil)["owner"]; got != want {
			t.Errorf("owner = %v, want %v", got, want)
		}
	}
	one := r.open(hello("a"))
	owns(one, true)
	two := r.open(hello("a"))
	owns(two, true)
	far := r.open(hello("b"))
	owns(far, false)
	_ = two.socket.CloseNow()
	one.await("owner", func(ev map[string]any) bool { return ev["mine"] == true }) // not the other computer
	far.do("take", nil)
	far.await("owner", func(ev map[string]any) bool { return ev["mine"] == true })
	_ = far.socket.CloseNow()
	one.await("owner", func(ev map[string]any) bool { return ev["mine"] == true }) // nobody else is there by now
}

func TestTheSessionEnds(t *testing.T) {
	r, c := newRig(t), newCalls(t)
	b := r.open(map[string]any{"v": 1})
	_, _, v := r.talking(b, c)
	r.signOut()
	if end := await[call.LegEnded](c); end.Cause != call.Normal || !end.ByPeer {
		t.Errorf("end = %+v, want one of the agent's side", end)
	}
	for {
		_, _, err := b.socket.Read(t.Context())
		if err != nil {
			if got := websocket.CloseStatus(err); got != signedOut {
				t.Errorf("closed with %v (%v), want %v", got, err, signedOut)
			}
			break
		}
	}
	v.leave()
	again := r.open(nil)
	if _, _, err := again.socket.Read(t.Context()); websocket.CloseStatus(err) != signedOut {
		t.Errorf("a telephone of nobody: %v", err)
	}
}

func TestTheOtherSideHearsMusicWhileTheSoundIsGone(t *testing.T) {
	r, c := newRig(t), newCalls(t)
	b := r.open(map[string]any{"v": 1})
	leg, id, v := r.talking(b, c)
	v.leave()
	if ev := await[call.LegHeld](c); !ev.On || ev.Leg != "agent" {
		t.Errorf("held = %+v", ev)
	}
	w := b.connect(id, 900)
	if ev := await[call.LegHeld](c); ev.On {
		t.Errorf("held = %+v, want the end of it", ev)
	}
	playing(leg.Stream(), 1000)
	w.hears(t, 1000, 900)
	leg.Hangup(call.Normal, 0)
	await[call.LegEnded](c)
}

// The connection of a tab is lost, its sound is not: the same tab comes back, before or after the server knows of the loss.
func TestATabThatComesBackKeepsItsSound(t *testing.T) {
	r, c := newRig(t), newCalls(t)
	b := r.open(map[string]any{"v": 1, "tab": "one"})
	leg, id, v := r.talking(b, c)
	playing(leg.Stream(), 1000)
	v.hears(t, 1000, 700)
	again := r.open(map[string]any{"v": 1, "tab": "one"})
	ev := again.await("snapshot", nil)
	if list := ev["calls"].([]any); ev["owner"] != true || len(list) != 1 || list[0].(map[string]any)["media"] != "connected" {
		t.Errorf("snapshot = %v, want the call with its sound", ev)
	}
	for err := error(nil); err == nil; { // the lost connection ends
		_, _, err = b.socket.Read(t.Context())
	}
	v.hears(t, 1000, 700)
	other := r.open(map[string]any{"v": 1, "tab": "two"})
	if ev := other.await("snapshot", nil); ev["owner"] != false {
		t.Errorf("snapshot = %v, want the first tab as owner", ev)
	}
	again.do("hangup", map[string]any{"call": id})
	await[call.LegEnded](c)
}

func TestTabsAreToldMessages(t *testing.T) {
	r := newRig(t)
	r.phones.Tell("1001", Message{ID: "m0", Text: "nobody is there"})
	b := r.open(map[string]any{"v": 1})
	b.await("snapshot", nil)
	r.phones.Tell("1002", Message{ID: "m1", Text: "not yours"})
	r.phones.Tell("1001", Message{ID: "m2", Text: "早会改到九点半", By: "sue", At: time.Unix(1, 0)})
	ev := b.await("message", nil)
	if m := ev["message"].(map[string]any); m["id"] != "m2" || m["text"] != "早会改到九点半" || m["by"] != "sue" || ev["n"].(float64) < 2 {
		t.Errorf("got %v", ev)
	}
}

func TestTabsSeeTheStateOfTheirAgent(t *testing.T) {
	r := newRig(t)
	b := r.open(map[string]any{"v": 1})
	if ev := b.await("snapshot", nil); ev["agent"] != nil {
		t.Errorf("snapshot = %v before anything is known", ev)
	}
	r.phones.Show("1001", AgentState{State: "not-ready", Reason: "小休", Since: time.Unix(1, 0)})
	r.phones.Show("1002", AgentState{State: "ready"})
	if a, _ := b.await("agent", nil)["agent"].(map[string]any); a["state"] != "not-ready" || a["reason"] != "小休" {
		t.Errorf("agent = %v", a)
	}
	if a, _ := r.open(map[string]any{"v": 1}).await("snapshot", nil)["agent"].(map[string]any); a["state"] != "not-ready" {
		t.Errorf("snapshot with agent %v", a)
	}
}

// The network of a browser dies in the middle of a call: the other side hears music, and the browser comes back by another one.
func TestTheNetworkChangesInACall(t *testing.T) {
	r, c := newRig(t), newCalls(t)
	b := r.open(map[string]any{"v": 1})
	leg, id, v := r.talking(b, c)
	<-v.up
	v.net.cut()
	for held := false; !held; {
		select {
		case ev := <-c.events:
			h, ok := ev.(call.LegHeld)
			held = ok && h.On
		case <-time.After(30 * time.Second):
			t.Fatal("the loss was not noticed")
		}
	}
	w := b.connect(id, 900)
	if ev := await[call.LegHeld](c); ev.On {
		t.Errorf("held = %+v, want the end of it", ev)
	}
	playing(leg.Stream(), 1000)
	w.hears(t, 1000, 900)
	tapped(t, leg.Stream(), 900)
	leg.Hangup(call.Normal, 0)
	await[call.LegEnded](c)
}
