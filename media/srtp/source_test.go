package srtp

import (
	"math/rand/v2"
	"testing"
)

// TestHistory against a plain list of all that came.
func TestHistory(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	for range 200 {
		var h history
		came := map[uint64]bool{}
		newest, at := uint64(0), rnd.Uint64N(1000)
		for step := range 400 {
			n := at + rnd.Uint64N(uint64(1+rnd.IntN(300)))
			if step%3 == 0 && at > 60 {
				n = at - rnd.Uint64N(60)
			}
			want := step == 0 || n > newest || (!came[n] && newest-n < window)
			if got := h.fresh(n); got != want {
				t.Fatalf("step %d: %d after %d is fresh: %v, want %v", step, n, newest, got, want)
			}
			if want {
				h.note(n)
				came[n] = true
				newest = max(newest, n)
			}
			at = n
		}
	}
}

func TestIndexIsTheNearest(t *testing.T) {
	for _, row := range []struct {
		newest uint64
		seq    uint16
		want   uint64
	}{
		{5, 6, 6}, {5, 5, 5}, {5, 3, 3}, {5, 40000, 40000}, {5, 65535, 65535}, // there is no round before the first
		{65535, 0, 65536}, {65535, 65534, 65534}, {65536, 65535, 65535}, {65536 + 10, 65530, 65530},
		{3<<16 + 100, 101, 3<<16 + 101}, {3<<16 + 100, 65000, 2<<16 + 65000}, {3<<16 + 65000, 100, 4<<16 + 100},
	} {
		s := source{}
		s.sound.note(row.newest)
		if got := s.index(row.seq); got != row.want {
			t.Errorf("%d after %d is %d, want %d", row.seq, row.newest, got, row.want)
		}
	}
}
