package tape

import "testing"

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
