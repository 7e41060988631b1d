package agentphone

import (
	"context"
	"errors"
	"math"
	"testing"
	"time"

	"hotline/call"
	"hotline/media"
	"hotline/media/codec"
	"hotline/media/tape"
	"hotline/media/tone"
)

// calls hears what a leg tells its call.
type calls struct {
	t      *testing.T
	events chan call.Event
}

func newCalls(t *testing.T) *calls { return &calls{t: t, events: make(chan call.Event, 64)} }

func (c *calls) sink(ev call.Event) { c.events <- ev }

// await returns the first event that is of type E.
func await[E call.Event](c *calls) E {
	c.t.Helper()
	for timeout := time.After(30 * time.Second); ; {
		select {
		case ev := <-c.events:
			if e, ok := ev.(E); ok {
				return e
			}
		case <-timeout:
			var none E
			c.t.Fatalf("no %T came", none)
		}
	}
}

// hears fails unless the tone of hertz is what comes, and that of other is not.
func (v *voice) hears(t *testing.T, hertz, other float64) {
	t.Helper()
	var pcm []int16
	for timeout := time.After(30 * time.Second); ; {
		select {
		case frame := <-v.heard:
			if pcm = append(pcm, frame...); len(pcm) < tone.Window {
				continue
			}
			if tone.Find(pcm, hertz) > -20 && tone.Find(pcm, other) < -50 {
				return
			}
			pcm = nil
		case <-timeout:
			t.Fatalf("%v Hz never heard", hertz)
		}
	}
}

// tapped reads what the leg's stream got from the browser until it holds the tone.
func tapped(t *testing.T, s *media.Stream, hertz float64) {
	t.Helper()
	tap := tape.New(1024)
	s.Tap(tap, tape.Left)
	defer s.Tap(nil, tape.Left)
	var pcm []int16
	var f tape.Frame
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	best := math.Inf(-1)
	for timeout := time.After(30 * time.Second); ; {
		select {
		case <-tick.C:
			for tap.Read(&f) {
				frame := make([]int16, len(f.Payload))
				codec.PCMA.Decode(frame, f.Payload)
				pcm = append(pcm, frame...)
			}
			if len(pcm) >= tone.Window {
				if best = tone.SNR(pcm, hertz); best > 30 {
					return
				}
				pcm = nil
			}
		case <-timeout:
			t.Fatalf("%v Hz of the browser never came whole: %.1f dB", hertz, best)
		}
	}
}

func playing(s *media.Stream, hertz float64) {
	s.Play(media.Playback{ID: 1, Loop: true, Sounds: []*media.Sound{media.NewSound(tone.Make(hertz, -10, time.Second))}})
}

// talking is a call that a tab has answered.
func (r *rig) talking(b *tab, c *calls) (*Leg, string, *voice) {
	r.t.Helper()
	leg := r.phones.Dial("agent", "1001", Ringing{From: "13800138000"}, c.sink)
	id := b.inState("ringing", "")
	v := b.connect(id, 700)
	if got := b.do("answer", map[string]any{"call": id}); got["ok"] != true {
		r.t.Fatalf("answer = %v", got)
	}
	await[call.LegAnswered](c)
	return leg, id, v
}

func TestACallIsAnsweredAndHeardBothWays(t *testing.T) {
	r, c := newRig(t), newCalls(t)
	b := r.open(map[string]any{"v": 1, "device": "test"})
	if ev := b.await("snapshot", nil); ev["owner"] != true || len(ev["calls"].([]any)) != 0 {
		t.Errorf("snapshot = %v", ev)
	}
	b.do("ready", map[string]any{"on": true})
	b.standBy()
	if !<-r.changed || !r.phones.Reachable("1001") {
		t.Error("the phone is not reachable, though its browser is ready")
	}
	leg, id, v := r.talking(b, c)
	playing(leg.Stream(), 1000)
	v.hears(t, 1000, 700)
	tapped(t, leg.Stream(), 700)

	leg.Hangup(call.Normal, 0)
	if ev := b.await("ended", nil); ev["id"] != id {
		t.Errorf("ended = %v, want %s", ev, id)
	}
	end := await[call.LegEnded](c)
	if end.Cause != call.Normal || end.ByPeer || end.Quality == nil || end.Quality.Received == 0 {
		t.Errorf("end = %+v, quality %+v", end, end.Quality)
	}
	if got := b.do("hangup", map[string]any{"call": id}); got["ok"] == true || got["error"] == "" {
		t.Errorf("hanging up twice = %v, want a sentence", got)
	}
	_ = b.socket.CloseNow()
	if <-r.changed || r.phones.Reachable("1001") {
		t.Error("the phone is still reachable without a browser")
	}
}

// Where no UDP comes through, the sound goes by TCP, both ways and through a new connection in the middle of the call.
func TestACallByTCP(t *testing.T) {
	r, c := newRig(t), newCalls(t)
	b := r.open(map[string]any{"v": 1})
	b.tcp = true
	b.do("ready", map[string]any{"on": true})
	b.standBy()
	r.reach(true)
	leg, id, v := r.talking(b, c)
	playing(leg.Stream(), 1000)
	v.hears(t, 1000, 700)
	tapped(t, leg.Stream(), 700)
	w := b.connect(id, 900)
	w.hears(t, 1000, 900)
	tapped(t, leg.Stream(), 900)
	leg.Hangup(call.Normal, 0)
	if end := await[call.LegEnded](c); end.Quality == nil || end.Quality.Received == 0 {
		t.Errorf("end = %+v, quality %+v", end, end.Quality)
	}
}

func TestACallWithFullICE(t *testing.T) {
	r, c := newRig(t), newCalls(t)
	r.phones.FullICE = true
	b := r.open(map[string]any{"v": 1})
	leg, _, v := r.talking(b, c)
	playing(leg.Stream(), 1000)
	v.hears(t, 1000, 700)
	tapped(t, leg.Stream(), 700)
	leg.Hangup(call.Normal, 0)
	await[call.LegEnded](c)
}

func TestNumbersAreMasked(t *testing.T) {
	r, c := newRig(t), newCalls(t)
	b := r.open(map[string]any{"v": 1})
	leg := r.phones.Dial("agent", "1001", Ringing{From: "13800138000"}, c.sink)
	ev := b.await("call", nil)
	if got := ev["call"].(map[string]any)["number"]; got != "138****8000" {
		t.Errorf("number = %v, want it masked", got)
	}
	leg.Hangup(call.Normal, 0)
}

func TestTheBrowserDeclinesAndHangsUp(t *testing.T) {
	r, c := newRig(t), newCalls(t)
	b := r.open(map[string]any{"v": 1})
	r.phones.Dial("agent", "1001", Ringing{From: "x"}, c.sink)
	b.do("reject", map[string]any{"call": b.inState("ringing", "")})
	if end := await[call.LegEnded](c); end.Cause != call.Declined || !end.ByPeer {
		t.Errorf("end = %+v, want declined by the agent", end)
	}
	_, id, _ := r.talking(b, c)
	b.do("hangup", map[string]any{"call": id})
	if end := await[call.LegEnded](c); end.Cause != call.Normal || !end.ByPeer {
		t.Errorf("end = %+v, want a hang-up of the agent's", end)
	}
}

func TestThePageIsLoadedAnew(t *testing.T) {
	r, c := newRig(t), newCalls(t)
	b := r.open(map[string]any{"v": 1})
	leg, id, v := r.talking(b, c)
	playing(leg.Stream(), 1000)
	v.hears(t, 1000, 700)
	v.leave()
	_ = b.socket.CloseNow()

	again := r.open(map[string]any{"v": 1, "take": true})
	ev := again.await("snapshot", nil)
	list := ev["calls"].([]any)
	if ev["owner"] != true || len(list) != 1 || list[0].(map[string]any)["state"] != "talking" {
		t.Fatalf("snapshot = %v, want the call as it was", ev)
	}
	w := again.connect(id, 900)
	w.hears(t, 1000, 900)
	tapped(t, leg.Stream(), 900)
	leg.Hangup(call.Normal, 0)
	await[call.LegEnded](c)
}

func TestASecondTabTakesTheSoundOver(t *testing.T) {
	r, c := newRig(t), newCalls(t)
	one := r.open(map[string]any{"v": 1, "device": "one"})
	leg, id, _ := r.talking(one, c)
	two := r.open(map[string]any{"v": 1, "device": "two"})
	if ev := two.await("snapshot", nil); ev["owner"] != false || ev["device"] != "one" {
		t.Errorf("snapshot = %v, want the first tab as owner", ev)
	}
	if got := two.do("media", map[string]any{"call": id, "sdp": "v=0"}); got["ok"] == true {
		t.Error("a tab without the sound connected it")
	}
	two.do("take", nil)
	if ev := one.await("owner", nil); ev["mine"] != false || ev["device"] != "two" {
		t.Errorf("owner = %v, want the second tab", ev)
	}
	v := two.connect(id, 900)
	playing(leg.Stream(), 1000)
	v.hears(t, 1000, 900)
	leg.Hangup(call.Normal, 0)
}

func TestABrowserCalls(t *testing.T) {
	r, c := newRig(t), newCalls(t)
	b := r.open(map[string]any{"v": 1})
	got := b.do("dial", map[string]any{"to": "600"})
	leg := <-r.arrived
	leg.Hear(call.CallerLeg, c.sink)
	id, _ := got["call"].(string)
	v := b.connect(id, 700)
	leg.Answer()
	await[call.LegAnswered](c)
	b.inState("talking", "connected")
	leg.Stream().Echo(true)
	v.hears(t, 700, 1000)
	b.do("digit", map[string]any{"call": id, "key": "5"})
	if d := await[call.Digit](c); d.Key != '5' {
		t.Errorf("digit = %+v", d)
	}
	leg.Hangup(call.Normal, 0)
}

func TestNobodyThere(t *testing.T) {
	r, c := newRig(t), newCalls(t)
	r.phones.Dial("agent", "1001", Ringing{From: "x"}, c.sink)
	if end := await[call.LegEnded](c); end.Cause != call.NotRegistered {
		t.Errorf("end = %+v, want not registered", end)
	}
}

func TestCommandsThatMakeNoSense(t *testing.T) {
	r := newRig(t)
	b := r.open(nil)
	for _, tt := range []struct {
		do     string
		fields map[string]any
	}{
		{"answer", map[string]any{"call": "x"}}, // before hello
		{"hello", map[string]any{"v": 2}},
		{"hello", map[string]any{"v": 1}},
		{"hello", map[string]any{"v": 1}}, // twice
		{"fly", map[string]any{"call": "x"}},
		{"media", map[string]any{"call": "x", "sdp": "v=0"}},
		{"digit", map[string]any{"call": "x", "key": "!"}},
	} {
		got := b.do(tt.do, tt.fields)
		good := tt.do == "hello" && tt.fields["v"] == 1 && len(b.events) == 0 && got["ok"] == true
		if !good && (got["ok"] == true || got["error"] == "" || got["error"] == nil) {
			t.Errorf("%s %v = %v, want a sentence", tt.do, tt.fields, got)
		}
	}
}

// Whom an agent may not see they can call all the same, by the call they know them from: the server finds the number, the page never has it.
func TestABrowserCallsWhomItMayNotSee(t *testing.T) {
	r, c := newRig(t), newCalls(t)
	r.find = func(_ context.Context, record, ticket string) (string, error) {
		if record == "c1" && ticket == "" {
			return "13800138000", nil
		}
		return "", errors.New("There is no such call.")
	}
	b := r.open(map[string]any{"v": 1})
	if got := b.do("dial", map[string]any{"record": "c2"}); got["ok"] != false || got["error"] != "There is no such call." {
		t.Errorf("a strange call's party: %v", got)
	}
	b.do("dial", map[string]any{"record": "c1"})
	leg := <-r.arrived
	leg.Hear(call.CallerLeg, c.sink)
	if leg.number != "13800138000" {
		t.Errorf("%q is called", leg.number)
	}
	shown, _ := b.await("call", nil)["call"].(map[string]any)
	if got := shown["number"]; got != "138****8000" {
		t.Errorf("the page is told %v", got)
	}
	leg.Hangup(call.Normal, 0)
}

// Who has no phone watches what is live by the same connection, and cannot telephone. A page that does not read is told later.
func TestAPageWatches(t *testing.T) {
	r := newRig(t)
	r.watch = func(_ context.Context, tell func(any) bool) {
		tell(map[string]any{"event": "live", "seq": 1})
	}
	b := r.open(nil)
	if got := b.do("dial", map[string]any{"to": "600"}); got["ok"] != false {
		t.Errorf("a page that only watches calls: %v", got)
	}
	if got := b.do("watch", nil); got["ok"] != true {
		t.Fatalf("watch = %v", got)
	}
	b.await("live", nil)
	if got := b.do("watch", nil); got["ok"] != false {
		t.Errorf("it watches twice: %v", got)
	}
	if got := b.do("hello", map[string]any{"v": 1}); got["ok"] != true {
		t.Errorf("a page that watches becomes a telephone: %v", got)
	}
	r.user = ""
	other := r.open(nil)
	if got := other.do("hello", map[string]any{"v": 1}); got["ok"] != false {
		t.Errorf("who has no phone telephones: %v", got)
	}
	if got := other.do("watch", nil); got["ok"] != true {
		t.Errorf("who has no phone watches: %v", got)
	}
}
