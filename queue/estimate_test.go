package queue

import (
	"fmt"
	"testing"
	"time"
)

// talks lets one agent have calls of these lengths, one after another.
func talks(t *testing.T, b *Board, now time.Time, lengths ...time.Duration) time.Time {
	t.Helper()
	for i, length := range lengths {
		for _, e := range b.Join(now, Request{ID: fmt.Sprint(now.UnixNano(), i), Steps: []Step{{Queue: "q"}}}) {
			if o, ok := e.(OfferMade); ok {
				b.Accept(now, o.Offer.ID)
			}
		}
		now = now.Add(length)
		b.Free(now, "801")
	}
	return now
}

// The wait is place x handling / agents who serve: within bounds, and not said while too little is known, when talks vary too
// much, and when nobody serves.
func TestEstimate(t *testing.T) {
	minute := time.Minute
	for _, row := range []struct {
		name    string
		lengths []time.Duration
		place   int
		want    time.Duration
	}{
		{"four talks are too few", []time.Duration{minute, minute, minute, minute}, 1, 0},
		{"five will do", []time.Duration{minute, minute, minute, minute, minute}, 4, 2 * minute},
		{"the mean", []time.Duration{30 * time.Second, 90 * time.Second, minute, minute, minute}, 3, 90 * time.Second},
		{"never below", []time.Duration{time.Second, time.Second, time.Second, time.Second, time.Second}, 1, estimateLeast},
		{"never above", []time.Duration{minute, minute, minute, minute, minute}, 1000, estimateMost},
		{"one very long talk says nothing", []time.Duration{time.Second, time.Second, time.Second, time.Second, time.Second, time.Hour}, 1, 0},
	} {
		t.Run(row.name, func(t *testing.T) {
			b := NewBoard([]Queue{{ID: "q", Strategy: TopDown}}, []Agent{{ID: "801", Queues: map[string]int{"q": 1}}, {ID: "802", Queues: map[string]int{"q": 1}}})
			for _, id := range []string{"801", "802"} {
				b.Reach(start, id, true)
				b.Set(start, id, Ready, "", "")
			}
			now := talks(t, b, start, row.lengths...)
			if got := b.estimate(b.lines["q"], row.place); got != row.want {
				t.Errorf("place %d: got %v, want %v (%+v)", row.place, got, row.want, b.loads["q"])
			}
			for _, id := range []string{"801", "802"} {
				b.Set(now, id, NotReady, "lunch", "")
			}
			if got := b.estimate(b.lines["q"], row.place); got != 0 {
				t.Errorf("nobody serves: got %v, want nothing", got)
			}
		})
	}
}
