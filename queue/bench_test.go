package queue

import (
	"fmt"
	"slices"
	"testing"
	"time"
)

const manyQueues = 20

// size is how many agents talk and how many callers wait.
type size struct{ agents, callers int }

// many is the size that a board must bear, and few a quarter of it, to see how the work grows.
var few, many = size{1_250, 2_500}, size{5_000, 10_000}

// crowd is a board of a size, a third of its callers with needs.
func crowd(tb testing.TB, of size) *Board {
	queues := make([]Queue, manyQueues)
	for i := range queues {
		queues[i] = Queue{ID: fmt.Sprintf("q%02d", i)}
	}
	agents := make([]Agent, of.agents)
	for i := range agents {
		a := Agent{ID: fmt.Sprintf("a%04d", i), Queues: map[string]int{}, Skills: map[string]int{"zh": 1 + i%5}}
		for j := range 4 {
			a.Queues[queues[(i+j*5)%manyQueues].ID] = 1 + j
		}
		if i%3 == 0 {
			a.Skills["en"] = 1 + i%4
		}
		agents[i] = a
	}
	b := NewBoard(queues, agents)
	for _, a := range agents {
		b.Reach(start, a.ID, true)
		b.Set(start, a.ID, Ready, "", "")
	}
	for i := range of.agents {
		b.Join(start, Request{ID: fmt.Sprintf("t%d", i), Steps: []Step{{Queue: queues[i%manyQueues].ID}}})
		b.Accept(start, fmt.Sprintf("offer-%d", i+1))
	}
	if n := len(b.callers); n != 0 {
		tb.Fatalf("%d callers left over, want all served", n)
	}
	for i := range of.callers {
		b.Join(start.Add(time.Duration(i)*time.Millisecond), someone(i))
	}
	return b
}

func someone(i int) Request {
	step := Step{Queue: fmt.Sprintf("q%02d", i*7%manyQueues)}
	if i%3 == 0 {
		step.Needs = []Need{{"en", 1 + i%4}}
	}
	return Request{ID: fmt.Sprintf("c%d", i), Priority: i % 5, Steps: []Step{step}}
}

// report holds the 99th percentile against its bound, and gives the median.
func report(b *testing.B, took []time.Duration) time.Duration {
	slices.Sort(took)
	if p99 := took[len(took)*99/100]; p99 > time.Millisecond && len(took) > 1000 {
		b.Errorf("the 99th percentile is %s, want less than 1 ms", p99)
	}
	b.ReportMetric(float64(took[len(took)*99/100].Nanoseconds()), "p99-ns")
	b.ReportMetric(float64(took[len(took)-1].Nanoseconds()), "max-ns")
	return took[len(took)/2]
}

// grows runs a benchmark on a board of each size: four times the crowd may cost four times as much.
func grows(b *testing.B, run func(b *testing.B, of size) time.Duration) {
	var median []time.Duration
	for _, of := range []size{few, many} {
		b.Run(fmt.Sprintf("agents=%d/callers=%d", of.agents, of.callers), func(b *testing.B) { median = append(median, run(b, of)) })
	}
	if n := len(median); n > 1 && median[n-1] > 4*median[0]+20*time.Microsecond {
		b.Errorf("the median grows from %s to %s with four times the crowd", median[0], median[n-1])
	}
}

// BenchmarkJoin is one more caller for a full board, who leaves again outside the measured time.
func BenchmarkJoin(b *testing.B) {
	grows(b, func(b *testing.B, of size) time.Duration {
		board := crowd(b, of)
		now := start.Add(time.Hour)
		var took []time.Duration
		for i := 0; b.Loop(); i++ {
			r := someone(of.callers + i)
			begun := time.Now()
			board.Join(now, r)
			took = append(took, time.Since(begun))
			board.Leave(now, r.ID, "")
		}
		return report(b, took)
	})
}

// BenchmarkFree is one agent becoming free on a full board and being offered the next of those who wait; the offer is accepted
// and a new caller joins, so that the board stays full, outside the measured time of the p99.
func BenchmarkFree(b *testing.B) {
	grows(b, func(b *testing.B, of size) time.Duration {
		board := crowd(b, of)
		now := start.Add(time.Hour)
		var took []time.Duration
		for i := 0; b.Loop(); i++ {
			agent := fmt.Sprintf("a%04d", i*13%of.agents)
			begun := time.Now()
			out := board.Free(now, agent)
			took = append(took, time.Since(begun))
			made, ok := out[len(out)-1].(OfferMade)
			if !ok {
				b.Fatalf("got %+v, want an offer", out)
			}
			board.Accept(now, made.Offer.ID)
			board.Join(now.Add(time.Duration(i)*time.Millisecond), someone(of.callers+i))
		}
		return report(b, took)
	})
}

// BenchmarkSnapshot is the price of one look at a full board.
func BenchmarkSnapshot(b *testing.B) {
	board := crowd(b, many)
	for b.Loop() {
		board.Snapshot()
	}
}

// BenchmarkTell is a round of telling places after the head of one long queue left.
func BenchmarkTell(b *testing.B) {
	board := NewBoard([]Queue{{ID: "q"}}, nil)
	for i := range many.callers {
		board.Join(start, Request{ID: fmt.Sprint(i), Steps: []Step{{Queue: "q"}}})
	}
	now := start
	for i := 0; b.Loop(); i++ {
		board.Join(now, Request{ID: "vip", Priority: 1 + i%2, Steps: []Step{{Queue: "q"}}})
		board.Tick(now.Add(tellEvery))
		board.Leave(now.Add(tellEvery), "vip", "")
		now = now.Add(2 * tellEvery)
		board.Tick(now)
	}
}
