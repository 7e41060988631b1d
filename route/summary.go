package route

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Summary is what a dry run comes to.
type Summary struct {
	Calls     int
	Unmatched int            // calls that no rule would have taken
	Rules     map[string]int // rule id -> calls
	Queues    map[string]int // first queue -> calls
}

// Summarise counts the outcomes of a dry run.
func Summarise(outcomes []Outcome) Summary {
	s := Summary{Calls: len(outcomes), Rules: map[string]int{}, Queues: map[string]int{}}
	for _, o := range outcomes {
		if !o.OK {
			s.Unmatched++
			continue
		}
		s.Rules[o.Choice.Rule]++
		s.Queues[o.Choice.Steps[0].Queue]++
	}
	return s
}

// String is a few lines for a terminal: rules and queues, the busiest first.
func (s Summary) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%d calls, %d without a rule\n", s.Calls, s.Unmatched)
	for _, part := range []struct {
		name   string
		counts map[string]int
	}{{"rule", s.Rules}, {"queue", s.Queues}} {
		ids := slices.SortedFunc(maps.Keys(part.counts), func(x, y string) int {
			return cmp.Or(part.counts[y]-part.counts[x], strings.Compare(x, y))
		})
		for _, id := range ids {
			fmt.Fprintf(&b, "%-5s %-24s %6d\n", part.name, id, part.counts[id])
		}
	}
	return b.String()
}
