package queue

import (
	"cmp"
	"strings"
)

// Strategy names the order in which a queue's free agents are asked. Within every strategy a higher level in the queue
// comes first, except that Weighted takes the level for the weight.
type Strategy string

// The strategies known. Calls and talk are those of the queue since the agent signed in.
const (
	LongestIdle       Strategy = "longest-idle"       // who has been free for the longest time
	RingAll           Strategy = "ring-all"           // all free agents of the highest level at once; the first to answer has the caller
	RoundRobin        Strategy = "round-robin"        // who was rung longest ago for this queue
	FewestCalls       Strategy = "fewest-calls"       // who has answered the fewest
	LeastTalk         Strategy = "least-talk-time"    // who has talked least
	TopDown           Strategy = "top-down"           // always in the order of the agents' ids
	Random            Strategy = "random"             // anybody
	Weighted          Strategy = "weighted"           // anybody, a level of 4 twice as often as one of 2; level 0 only when nobody else is free
	RingProgressively Strategy = "ring-progressively" // one, and another each RingNext, while those before go on ringing
)

// Strategies lists all, as they are documented.
var Strategies = []Strategy{LongestIdle, RingAll, RoundRobin, FewestCalls, LeastTalk, TopDown, Random, Weighted, RingProgressively}

// Known says whether s can be used; "" can and is LongestIdle. A board treats an unknown one as LongestIdle too.
func (s Strategy) Known() bool {
	_, ok := orders[s]
	return ok || s == ""
}

// drawn is true where dice choose among the free.
func (s Strategy) drawn() bool { return s == Random || s == Weighted }

// orders compares two free agents of one queue who have the same level; negative: a is asked first. What is compared
// changes only while an agent is not free, so that the lists of free agents stay in order.
var orders = map[Strategy]func(a, b *post) int{
	LongestIdle: byIdle,
	RingAll:     byIdle,
	RoundRobin:  func(a, b *post) int { return cmp.Compare(a.tally.turn, b.tally.turn) },
	FewestCalls: func(a, b *post) int { return cmp.Or(cmp.Compare(a.tally.calls, b.tally.calls), byIdle(a, b)) },
	LeastTalk:   func(a, b *post) int { return cmp.Or(cmp.Compare(a.tally.talked, b.tally.talked), byIdle(a, b)) },
	TopDown:     byID,
	Random:      byID,
	Weighted:    byID,

	RingProgressively: byID,
}

func byIdle(a, b *post) int { return a.seat.idleSince.Compare(b.seat.idleSince) }

func byID(_, _ *post) int { return 0 }

// order is the full comparison for a queue: level, strategy, and the id so that it never depends on chance.
func (s Strategy) order() func(a, b *post) int {
	within, ok := orders[s]
	if !ok {
		within = byIdle
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

// draw lets the dice choose among free agents, who are in the order of their levels.
func (b *Board) draw(s Strategy, free []*post) *post {
	if s == Weighted {
		if total := weight(free); total > 0 {
			n := b.dice.below(total)
			for _, p := range free {
				if n -= max(p.level, 0); n < 0 {
					return p
				}
			}
		}
	}
	same := 1
	for same < len(free) && free[same].level == free[0].level {
		same++
	}
	return free[b.dice.below(same)]
}

func weight(free []*post) int {
	total := 0
	for _, p := range free {
		total += max(p.level, 0)
	}
	return total
}

// dice are pseudo-random numbers that the same seed gives again (splitmix64): a board stays a function of its events.
type dice uint64

// Seed gives the dice of the strategies Random and Weighted their start; without it they begin at 0.
func (b *Board) Seed(seed uint64) { b.dice = dice(seed) }

// below is a number from 0 to n-1. The bias of the remainder is below one in 10^14 for any number of agents.
func (d *dice) below(n int) int {
	*d += 0x9e3779b97f4a7c15
	z := uint64(*d)
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return int((z ^ z>>31) % uint64(n))
}
