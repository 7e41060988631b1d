package media

import (
	"testing"
	"time"

	"hotline/media/codec"
	"hotline/media/tone"
)

// tape is what a recorder would write: two channels by position.
type tape struct {
	pcm  [2][]int16
	gaps [2]int // samples that frames left out or overlapped, in pieces
	end  [2]int64
}

func (a *tape) drain(t *Tap) {
	var f Frame
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
	tap := NewTap(1000)
	caller.stream.Tap(tap, Left)
	agent.stream.Tap(tap, Right)
	r.talk(500*time.Millisecond, caller)
	r.talk(2*time.Second, caller, agent)
	var a tape
	a.drain(tap)
	only(t, a.pcm[Left], 700, 1300, 36)
	only(t, a.pcm[Right][4100:], 1300, 700, 32)
	if a.gaps != [2]int{} {
		t.Errorf("gaps %v, want none", a.gaps)
	}
	if got := tone.Level(a.pcm[Right][:3900]); got > -80 {
		t.Errorf("the agent is heard %.0f dBFS before speaking", got)
	}
	if d := a.end[Left] - a.end[Right]; d > 160 || d < -160 {
		t.Errorf("sides end %d samples apart", d)
	}
	if tap.Lost() != 0 {
		t.Errorf("%d frames lost", tap.Lost())
	}
}

// TestTapFollowsDrift: ten minutes with one clock 100 ppm fast, arrival jittered by 40±30 ms; sides stay within 40 ms.
func TestTapFollowsDrift(t *testing.T) {
	var fast, slow tapSide
	var fastEnd, slowEnd int64
	jumps := 0
	jitter := func(i, k int64) int64 { return 8 * (10 + (i*k)%61) }
	for i := range int64(30000) {
		arrival := i * 160
		at, grow := fast.place(1, uint32(i*160), 160, arrival-arrival/10000+jitter(i, 7919))
		if i > 0 && at != fastEnd {
			jumps++
		}
		fastEnd = at + 160 + int64(grow)
		at, grow = slow.place(2, uint32(1<<31+i*160), 160, arrival+arrival/10000+jitter(i, 104729))
		if i > 0 && at != slowEnd {
			jumps++
		}
		slowEnd = at + 160 + int64(grow)
	}
	if jumps > 0 {
		t.Errorf("%d jumps, want frames that follow each other", jumps)
	}
	want := int64(30000 * 160 / 5000) // both drifts together
	if d := slowEnd - fastEnd - want; d > 320 || d < -320 {
		t.Errorf("sides are %d samples off their arrival after ten minutes, want 320 at most", d)
	}
}

func TestTapAnchorsAnewWhenTheClockJumps(t *testing.T) {
	r := newRig(t)
	p := r.phone(callerAt, codec.PCMA, 700)
	tap := NewTap(1000)
	p.stream.Tap(tap, Left)
	r.talk(time.Second, p)
	for _, bend := range []func(){
		func() { p.stamp += 1 << 29 },
		func() { p.stamp -= 3 * 8000 },
		func() { p.ssrc++; p.stamp = 5 },
	} {
		bend()
		r.talk(time.Second, p)
	}
	var a tape
	a.drain(tap)
	if got := a.end[Left]; got < 4*8000-400 || got > 4*8000+400 {
		t.Errorf("recording ends at %d after 4 s, want about 32000", got)
	}
}

func TestFullTapDropsAndCounts(t *testing.T) {
	r := newRig(t)
	p := r.phone(callerAt, codec.PCMA, 700)
	p.size = 480
	tap := NewTap(8)
	p.stream.Tap(tap, Left)
	r.talk(100*time.Millisecond, p)
	if got := tap.Lost(); got != 7 { // 5 packets of 3 frames
		t.Errorf("lost %d frames, want 7", got)
	}
	if got := r.engine.Load().TapLost; got != 7 {
		t.Errorf("load says %d lost", got)
	}
	var f Frame
	for i := range 8 {
		if !tap.Read(&f) || f.At-f.At%160 != f.At || len(f.Payload) != 160 {
			t.Errorf("frame %d: at %d with %d samples", i, f.At, len(f.Payload))
		}
	}
	if tap.Read(&f) {
		t.Error("a ninth frame came out of eight slots")
	}
	p.stream.Tap(nil, Left)
	r.talk(100*time.Millisecond, p)
	if tap.Read(&f) {
		t.Error("a frame came after the tap was taken off")
	}
}

func TestTapOfAnotherShardIsRefused(t *testing.T) {
	one, other := newRig(t), newRig(t)
	p, q := one.phone(callerAt, codec.PCMA, 700), other.phone(agentAt, codec.PCMA, 1300)
	tap := NewTap(8)
	p.stream.Tap(tap, Left)
	one.run(4 * time.Millisecond)
	q.stream.Tap(tap, Right)
	q.stream.Bridge(p.stream)
	other.talk(100*time.Millisecond, q)
	if q.stream.tap != nil || q.stream.peer != nil {
		t.Error("streams of two shards were joined: their threads would race")
	}
}

func TestTapDoesNotClickForATick(t *testing.T) {
	// A packet that is drained a tick or two earlier than the first one says nothing about clocks.
	var side tapSide
	var end int64
	for i := range int64(200) {
		early := (i * 7919 % 3) * 16
		at, grow := side.place(1, uint32(i*160), 160, 1000+i*160-early)
		if i > 0 && at != end {
			t.Fatalf("packet %d is at %d, want %d: right after the one before", i, at, end)
		}
		end = at + 160 + int64(grow)
	}
}

func TestTapIsNotFooledByLateness(t *testing.T) {
	// A busy machine delivers packets up to 120 ms late for seconds on end, and the very first one 60 ms late.
	var side tapSide
	var at, grown int64
	for i := range int64(3000) {
		late := (i * 7919 % 960) * ((i / 400) % 2)
		if i == 0 {
			late = 480
		}
		pos, grow := side.place(1, uint32(i*160), 160, 1000+i*160+late)
		if i > settlePackets && pos != at+160 {
			t.Fatalf("packet %d is at %d, want %d: right after the one before", i, pos, at+160)
		}
		at, grown = pos, grown+int64(max(grow, -grow))
	}
	if grown != 0 {
		t.Errorf("%d samples added or dropped although the clocks agree", grown)
	}
	if want := int64(1000 + 2999*160); at != want {
		t.Errorf("the last packet is at %d, want %d: the late start was not put right", at, want)
	}
}
