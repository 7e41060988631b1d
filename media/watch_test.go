package media

import (
	"testing"
	"time"

	"hotline/media/codec"
	"hotline/media/tape"
)

// TestStreamThatPlaysIsLookedAtWithItsOwnPackets: menus leave the poller, still hear keys, count what came, and come back for a bridge,
// a recording, an echo and the end of the sound without losing a packet.
func TestStreamThatPlaysIsLookedAtWithItsOwnPackets(t *testing.T) {
	for name, wanted := range map[string]func(r *rig, p, other *party){
		"bridge":    func(_ *rig, p, other *party) { p.stream.StopPlay(); p.stream.Bridge(other.stream) },
		"recording": func(_ *rig, p, _ *party) { p.stream.Tap(tape.New(100), tape.Left) },
		"echo":      func(_ *rig, p, _ *party) { p.stream.Echo(true) },
		"stop":      func(_ *rig, p, _ *party) { p.stream.StopPlay() },
		"end":       func(r *rig, p, _ *party) { r.talk(1100*time.Millisecond, p) },
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t)
			p, other := r.phone(callerAt, codec.PCMA, 700), r.phone(agentAt, codec.PCMA, 900)
			watched := func() bool { return r.wires.all[p.stream.slot<<1] == p.wire }
			r.talk(100*time.Millisecond, p)
			p.stream.Play(Playback{ID: 1, Sounds: []*Sound{toneSound(500, 2*time.Second)}})
			r.talk(200*time.Millisecond, p)
			if watched() {
				t.Fatal("a stream that only plays is in the poller")
			}
			for _, b := range p.key('5') {
				p.send(b)
				r.run(20 * time.Millisecond)
			}
			r.talk(700*time.Millisecond, p)
			if got := p.keys(); got != "5" {
				t.Errorf("keys %q while it plays, want 5", got)
			}
			wanted(r, p, other)
			r.talk(100*time.Millisecond, p)
			if !watched() {
				t.Fatal("the socket did not come back to the poller")
			}
			if q := p.stream.quality(); q.Lost != 0 || len(p.wire.in) > 1 {
				t.Errorf("%d lost, %d packets lie in the socket", q.Lost, len(p.wire.in))
			}
		})
	}
}

// TestStreamThatPlaysEndsClean: its place in the poller may be another's at once.
func TestStreamThatPlaysEndsClean(t *testing.T) {
	r := newRig(t)
	p := r.phone(callerAt, codec.PCMA, 700)
	p.stream.Play(Playback{Sounds: []*Sound{toneSound(500, time.Second)}, Loop: true})
	r.talk(300*time.Millisecond, p)
	p.stream.Close(nil)
	r.run(20 * time.Millisecond)
	next := r.phone(agentAt, codec.PCMA, 900)
	r.talk(100*time.Millisecond, next)
	if r.wires.all[next.stream.slot<<1] != next.wire || next.stream.quality().Received == 0 {
		t.Error("the next stream in the place is not heard")
	}
}
