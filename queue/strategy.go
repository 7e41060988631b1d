package queue

import (
	"cmp"
	"strings"
)

// Strategy names the order in which a queue's free agents are asked. Within every strategy a higher level in the queue
// comes first. Further strategies are further rows of the table below.
type Strategy string

// The strategies known.
const (
	LongestIdle Strategy = "longest-idle" // who has been free for the longest time
	TopDown     Strategy = "top-down"     // always in the order of the agents' ids
)

// Known says whether s can be used; "" can and is LongestIdle. A board treats an unknown one as LongestIdle too.
func (s Strategy) Known() bool {
	_, ok := orders[s]
	return ok || s == ""
}

// orders compares two free agents of one queue who have the same level; negative: a is asked first.
var orders = map[Strategy]func(a, b *post) int{
	LongestIdle: func(a, b *post) int { return a.seat.idleSince.Compare(b.seat.idleSince) },
	TopDown:     func(_, _ *post) int { return 0 },
}

// order is the full comparison for a queue: level, strategy, and the id so that it never depends on chance.
func (s Strategy) order() func(a, b *post) int {
	within, ok := orders[s]
	if !ok {
		within = orders[LongestIdle]
	}
	return func(a, b *post) int {
		if c := cmp.Compare(b.level, a.level); c != 0 {
			return c
		}
		if c := within(a, b); c != 0 {
			return c
		}
		return strings.Compare(a.seat.ID, b.seat.ID)
	}
}
