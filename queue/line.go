package queue

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"
)

// ordered is a sorted slice. At ten thousand elements an insertion moves 80 kB, a few microseconds: less than the cache
// misses of a tree, and much easier to believe. The comparison must never call two different elements equal.
type ordered[T comparable] struct {
	items []T
	cmp   func(a, b T) int
}

func (o *ordered[T]) find(x T) (int, bool) {
	i, found := slices.BinarySearchFunc(o.items, x, o.cmp)
	return i, found && o.items[i] == x
}

// add reports false when x is in already.
func (o *ordered[T]) add(x T) bool {
	i, found := o.find(x)
	if !found {
		o.items = slices.Insert(o.items, i, x)
	}
	return !found
}

// remove reports whether x was in.
func (o *ordered[T]) remove(x T) bool {
	i, found := o.find(x)
	if found {
		o.items = slices.Delete(o.items, i, i+1)
	}
	return found
}

// line is one queue at work: its callers in the order of service, and its free agents in the order of asking.
type line struct {
	Queue
	waiting  ordered[*caller]
	lanes    ordered[*lane]
	posts    []*post // all its agents
	idle     ordered[*post]
	count    map[State]int // its agents by the state shown
	signedIn int           // its agents who are not signed out
	told     alarm         // the next round of telling places
}

// lane is the part of a line whose callers have the same needs, so that an agent's suitability is asked once for all.
type lane struct {
	line    *line
	key     string
	needs   []Need
	waiting ordered[*caller]
}

// post is an agent's place in a line.
type post struct {
	seat  *seat
	line  *line
	level int
}

func newLine(q Queue) *line {
	l := &line{Queue: q, count: map[State]int{}}
	if l.RingFor <= 0 {
		l.RingFor = defaultRing
	}
	l.waiting.cmp = before
	l.idle.cmp = q.Strategy.order()
	l.lanes.cmp = func(a, b *lane) int { return strings.Compare(a.key, b.key) }
	return l
}

// before is the order of service: priority, then the longest wait, then who came first.
func before(a, b *caller) int {
	if c := cmp.Compare(b.Priority, a.Priority); c != 0 {
		return c
	}
	if c := a.Since.Compare(b.Since); c != 0 {
		return c
	}
	return cmp.Compare(a.seq, b.seq)
}

// lane finds the lane for these needs or makes one, which enters the line with its first caller.
func (l *line) lane(needs []Need) *lane {
	probe := &lane{line: l, key: needKey(needs), needs: needs}
	i, found := slices.BinarySearchFunc(l.lanes.items, probe, l.lanes.cmp)
	if found {
		return l.lanes.items[i]
	}
	probe.waiting.cmp = before
	return probe
}

func needKey(needs []Need) string {
	if len(needs) == 0 {
		return ""
	}
	keys := make([]string, len(needs))
	for i, n := range needs {
		keys[i] = fmt.Sprintf("%q:%d", n.Skill, n.Level)
	}
	slices.Sort(keys)
	return strings.Join(keys, ",")
}

// enter and leave keep lane and line together. A lane without callers is not kept: needs come and go with the flows.
func (l *lane) enter(c *caller) {
	if len(l.waiting.items) == 0 {
		l.line.lanes.add(l)
	}
	l.waiting.add(c)
	l.line.waiting.add(c)
}

func (l *lane) leave(c *caller) {
	if l.waiting.remove(c) && len(l.waiting.items) == 0 {
		l.line.lanes.remove(l)
	}
	l.line.waiting.remove(c)
}

// longest is the earliest Since among those waiting; a later caller of a higher priority may stand before them.
func (l *line) longest() time.Time {
	var since time.Time
	for _, c := range l.waiting.items {
		if since.IsZero() || c.Since.Before(since) {
			since = c.Since
		}
	}
	return since
}
