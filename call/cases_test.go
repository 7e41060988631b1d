package call_test

import (
	"testing"

	"hotline/call"
	"hotline/cdr"
	"hotline/report"
)

// Whatever happens in a call, each of its stays in a queue that is over counts as one thing: answered, given up by the caller, given up by the queue,
// or a callback. What counts as nothing would be missing in every figure.
func TestEveryStayCountsAsOneThing(t *testing.T) {
	count := func(c report.Case, id string) int {
		k, ok := report.CountOf(id)
		if !ok {
			t.Fatalf("there is no count %s", id)
		}
		if k.Holds(c, 0) {
			return 1
		}
		return 0
	}
	seen := map[string]int{}
	for seed := range uint64(3000) {
		_, facts, _ := call.Random(t, seed, 40)
		r := cdr.Fold(facts)
		for i, c := range report.Cases(r) {
			if c.Queue == "" || c.Back {
				continue
			}
			sum := 0
			for _, id := range []string{"answered", "abandoned", "left", "callbacks"} {
				n := count(c, id)
				sum += n
				seen[id] += n
			}
			if sum != 1 {
				t.Fatalf("seed %d: stay %d counts as %d things: %+v\n%+v %s", seed, i, sum, c, r.Queues, tell(facts))
			}
		}
	}
	for _, id := range []string{"answered", "abandoned", "left"} {
		if seen[id] < 10 {
			t.Errorf("%d stays were %s: too few to say anything", seen[id], id)
		}
	}
}
