package media

import (
	"testing"
	"time"

	"hotline/media/codec"
	"hotline/media/tape"
	"hotline/media/tone"
)

// track is what a recorder would write: two channels by position.
type track struct {
	pcm  [2][]int16
	gaps [2]int // samples that frames left out or overlapped, in pieces
	end  [2]int64
}

func (a *track) drain(t *tape.Tap) {
	var f tape.Frame
	for t.Read(&f) {
		if a.end[f.Side] != 0 && f.At != a.end[f.Side] {
			a.gaps[f.Side]++
		}
		a.end[f.Side] = f.At + int64(len(f.Payload))
		ch := a.pcm[f.Side]
		for int64(len(ch)) < a.end[f.Side] {
			ch = append(ch, 0)
		}
		codec.DecodeALaw(ch[f.At:], f.Payload)
		a.pcm[f.Side] = ch
	}
}

func TestTapKeepsSidesApartAndAligned(t *testing.T) {
	r := newRig(t)
	caller, agent := r.phone(callerAt, codec.PCMA, 700), r.phone(agentAt, codec.PCMU, 1300)
	caller.stream.Bridge(agent.stream)
	tap := tape.New(1000)
	caller.stream.Tap(tap, tape.Left)
	agent.stream.Tap(tap, tape.Right)
	r.talk(500*time.Millisecond, caller)
	r.talk(2*time.Second, caller, agent)
	var a track
	a.drain(tap)
	only(t, a.pcm[tape.Left], 700, 1300, 36)
	only(t, a.pcm[tape.Right][4100:], 1300, 700, 32)
	if a.gaps != [2]int{} {
		t.Errorf("gaps %v, want none", a.gaps)
	}
	if got := tone.Level(a.pcm[tape.Right][:3900]); got > -80 {
		t.Errorf("the agent is heard %.0f dBFS before speaking", got)
	}
	if d := a.end[tape.Left] - a.end[tape.Right]; d > 160 || d < -160 {
		t.Errorf("sides end %d samples apart", d)
	}
	if tap.Lost() != 0 {
		t.Errorf("%d frames lost", tap.Lost())
	}
}

func TestTapAnchorsAnewWhenTheClockJumps(t *testing.T) {
	r := newRig(t)
	p := r.phone(callerAt, codec.PCMA, 700)
	tap := tape.New(1000)
	p.stream.Tap(tap, tape.Left)
	r.talk(time.Second, p)
	for _, bend := range []func(){
		func() { p.stamp += 1 << 29 },
		func() { p.stamp -= 3 * 8000 },
		func() { p.ssrc++; p.stamp = 5 },
	} {
		bend()
		r.talk(time.Second, p)
	}
	var a track
	a.drain(tap)
	if got := a.end[tape.Left]; got < 4*8000-400 || got > 4*8000+400 {
		t.Errorf("recording ends at %d after 4 s, want about 32000", got)
	}
}

func TestFullTapDropsAndCounts(t *testing.T) {
	r := newRig(t)
	p := r.phone(callerAt, codec.PCMA, 700)
	p.size = 480
	tap := tape.New(8)
	p.stream.Tap(tap, tape.Left)
	r.talk(100*time.Millisecond, p)
	if got := tap.Lost(); got != 7 { // 5 packets of 3 frames
		t.Errorf("lost %d frames, want 7", got)
	}
	if got := r.engine.Load().TapLost; got != 7 {
		t.Errorf("load says %d lost", got)
	}
	var f tape.Frame
	for i := range 8 {
		if !tap.Read(&f) || f.At-f.At%160 != f.At || len(f.Payload) != 160 {
			t.Errorf("frame %d: at %d with %d samples", i, f.At, len(f.Payload))
		}
	}
	if tap.Read(&f) {
		t.Error("a ninth frame came out of eight slots")
	}
	p.stream.Tap(nil, tape.Left)
	r.talk(100*time.Millisecond, p)
	if tap.Read(&f) {
		t.Error("a frame came after the tap was taken off")
	}
}

func TestTapOfAnotherShardIsRefused(t *testing.T) {
	one, other := newRig(t), newRig(t)
	p, q := one.phone(callerAt, codec.PCMA, 700), other.phone(agentAt, codec.PCMA, 1300)
	tap := tape.New(8)
	p.stream.Tap(tap, tape.Left)
	one.run(4 * time.Millisecond)
	q.stream.Tap(tap, tape.Right)
	q.stream.Bridge(p.stream)
	other.talk(100*time.Millisecond, q)
	if q.stream.tap != nil || q.stream.peer != nil {
		t.Error("streams of two shards were joined: their threads would race")
	}
}
