package cdr

import (
	"testing"
	"time"

	"hotline/call"
)

// Who waited when the process died has credit, once and for ten minutes; who talked, had hung up or was in no queue has none.
func TestCredits(t *testing.T) {
	store := newMemory()
	at := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	now := at.Add(8 * time.Minute)
	crash := func(id, from string, facts ...call.Fact) {
		all := append([]call.Fact{{Kind: call.Started, Leg: call.CallerLeg, From: from, Direction: "in", At: at}}, facts...)
		for i := range all {
			all[i].Call, all[i].Seq = call.ID(id), i+1
		}
		r := Fold(all)
		if err := store.SaveRecords(t.Context(), []Record{r}); err != nil {
			t.Fatal(err)
		}
	}
	queued := call.Fact{Kind: call.Queued, Queue: "q", At: at.Add(time.Minute)}
	died := call.Fact{Kind: call.Ended, Cause: call.Crashed, Side: "system", At: at.Add(4 * time.Minute)}
	crash("waiting", "+8613800138001", queued, died)
	crash("talking", "+8613800138002", queued, call.Fact{Kind: call.Connected, Agent: "a", Queue: "q", At: at.Add(2 * time.Minute)}, died)
	crash("in the flow", "+8613800138003", died)
	crash("hung up", "+8613800138004", queued, call.Fact{Kind: call.LegGone, Leg: call.CallerLeg, Cause: call.Normal, Side: "caller", At: at.Add(2 * time.Minute)},
		call.Fact{Kind: call.Ended, Cause: call.Normal, Side: "caller", At: at.Add(2 * time.Minute)})
	crash("left a message", "+8613800138005", queued, call.Fact{Kind: call.LeftQueue, Queue: "q", Reason: "timeout", At: at.Add(2 * time.Minute)}, died)
	crash("an extension", "1001", queued, died)
	crash("overflowed", "+8613800138006", queued, call.Fact{Kind: call.LeftQueue, Queue: "q", Reason: "timeout", At: at.Add(2 * time.Minute)},
		call.Fact{Kind: call.Queued, Queue: "r", At: at.Add(2 * time.Minute)}, died)

	c, err := LoadCredits(t.Context(), store, now)
	if err != nil {
		t.Fatal(err)
	}
	if c.Len() != 2 {
		t.Errorf("got %v, want the two who waited", c.since)
	}
	if got := c.Take("+8613800138006", now); !got.Equal(queued.At) {
		t.Errorf("overflowed: got %v, want the first queue's %v", got, queued.At)
	}
	if got := c.Take("+8613800138001", now.Add(creditWithin)); !got.Equal(queued.At) {
		t.Errorf("got %v, want %v", got, queued.At)
	}
	if got := c.Take("+8613800138001", now); !got.IsZero() {
		t.Errorf("a second time: got %v", got)
	}
	late, err := LoadCredits(t.Context(), store, at.Add(15*time.Minute))
	if err != nil || late.Len() != 0 {
		t.Errorf("eleven minutes after the end: got %d, %v", late.Len(), err)
	}
	c, _ = LoadCredits(t.Context(), store, now)
	if got := c.Take("+8613800138001", now.Add(creditWithin+time.Second)); !got.IsZero() || c.Len() != 0 {
		t.Errorf("too late: got %v", got)
	}
}
