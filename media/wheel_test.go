package media

import (
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"
)

// The wheel against the plainest possible list of appointments: nothing fires early, late by more than the step, twice, or after it was
// stopped, however long the shard stalls and whatever is set while others fire.
func TestWheelAgainstAList(t *testing.T) {
	const tick = int64(2 * time.Millisecond)
	random := rand.New(rand.NewPCG(4, 2))
	var w wheel
	now := int64(12345) * tick
	w.start(tick, now)
	timers := make([]timer, 200)
	due := map[*timer]int64{}
	for range 20_000 {
		tm := &timers[random.IntN(len(timers))]
		switch random.IntN(8) {
		case 0:
			tm.stop()
			delete(due, tm)
		case 1: // far ahead: more than a round
			due[tm] = now + random.Int64N(6*wheelSlots*tick)
			w.set(tm, due[tm])
		case 2, 3, 4:
			due[tm] = now + random.Int64N(50*tick) - 5*tick // sometimes past
			w.set(tm, due[tm])
		default:
			before := now
			step := random.Int64N(4 * tick)
			if random.IntN(100) == 0 {
				step = random.Int64N(3 * wheelSlots * tick) // a stall
			}
			now += step
			w.advance(now, func(tm *timer) {
				at, set := due[tm]
				if !set || at > now || at < before-6*tick {
					t.Fatalf("fired at %d what was set for %d (%v)", now, at, set)
				}
				delete(due, tm)
				if random.IntN(3) == 0 { // again at once: never in the same round
					due[tm] = now
					w.set(tm, now)
				}
			})
			for tm, at := range due {
				if at <= now-tick && tm.due <= w.at {
					t.Fatalf("at %d the one for %d has not fired", now, at)
				}
			}
		}
	}
}

// A timer that stops another of the same tick is obeyed.
func TestWheelStopsWhatIsDueToo(t *testing.T) {
	var w wheel
	w.start(1, 0)
	timers := make([]timer, 3)
	for i := range timers {
		w.set(&timers[i], 5)
	}
	fired := 0
	w.advance(5, func(*timer) {
		fired++
		timers[1].stop()
		timers[2].stop()
	})
	if fired != 1 {
		t.Errorf("fired %d, want the first alone", fired)
	}
}

// Commands of one sender stay in order, none is lost or seen twice, and after the end none is taken.
func TestInboxKeepsOrder(t *testing.T) {
	const senders, each = 4, 500
	b := &inbox{bell: make(chan struct{}, 1)}
	b.idle.Store(true)
	var got [senders][]int
	var wg sync.WaitGroup
	for s := range senders {
		wg.Go(func() {
			for i := range each {
				if !b.put(command{do: func(*Stream) { got[s] = append(got[s], i) }}) {
					t.Error("refused before the end")
				}
			}
		})
	}
	run := func(all []command) (n int) {
		for _, c := range all {
			c.do(nil)
		}
		return len(all)
	}
	for n := 0; n < senders*each; {
		<-b.bell // rings at least once after each put; what a take missed has rung again or is found below
		for more := run(b.take()); more > 0; more = run(b.take()) {
			n += more
		}
		if b.any.Load() {
			b.ring()
		}
	}
	wg.Wait()
	for s := range got {
		if len(got[s]) != each || !slices.IsSorted(got[s]) {
			t.Errorf("sender %d: got %d commands, in order %v", s, len(got[s]), slices.IsSorted(got[s]))
		}
	}
	b.put(command{do: func(*Stream) {}})
	if last := b.close(); len(last) != 1 || b.put(command{}) {
		t.Errorf("at the end: got %d commands, want the last, and no more taken", len(last))
	}
}

func TestLatePercentile(t *testing.T) {
	for _, row := range []struct {
		name string
		late []int64 // ns, each a hundred times
		want time.Duration
	}{
		{"no tick", nil, 0},
		{"all in time", []int64{0, 1000}, 200 * time.Microsecond},
		{"one in ten thousand late", slices.Concat(slices.Repeat([]int64{0}, 200), []int64{int64(time.Second)}), 200 * time.Microsecond},
		{"half late", []int64{0, int64(3 * time.Millisecond)}, 5 * time.Millisecond},
		{"on the bound", []int64{int64(time.Millisecond)}, 2 * time.Millisecond},
		{"hopeless", []int64{int64(time.Minute)}, time.Hour},
	} {
		var c counters
		for _, ns := range row.late {
			for range 100 {
				c.late(ns)
			}
		}
		l := Load{Late: make([]Bucket, lateBuckets)}
		for i, bound := range lateBounds {
			l.Late[i].Below = bound
		}
		l.add(&c)
		if got := l.percentile(0.99); got != row.want {
			t.Errorf("%s: got %v, want %v", row.name, got, row.want)
		}
	}
}
