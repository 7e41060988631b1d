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
	waiting ordered[*caller]
	lanes   ordered[*lane]
	posts   []*post // all its agents
	idle    ordered[*post]
	count   map[State]int    // its agents by the state shown
	atWork  int              // its agents who are signed in, with a device
	told    alarm            // the next round of telling places
	ringing ordered[*caller] // who rings all agents of the line
	closed  bool
	leaves  bool // while closed: who waits does not wait on
	absent  int  // of those who wait, nobody is on the line
}

// lane is the part of a line whose callers want the same, so that an agent's suitability is asked once for all.
type lane struct {
	line *line
	wants
	key     string
	waiting ordered[*caller]
}

// wants is what an agent must have for a caller: all needs, one of each list of any, and where agent is not empty to be
// that agent.
type wants struct {
	needs []Need
	any   [][]Need
	agent string
}

// post is an agent's place in a line.
type post struct {
	seat  *seat
	line  *line
	level int
	tally *tally
}

// tally is what an agent did for a queue since signing in; turn goes on.
type tally struct {
	turn   uint64 // of the offer made last
	calls  int    // answered
	talked time.Duration
}

func newLine(q Queue) *line {
	l := &line{Queue: q, count: map[State]int{}}
	l.RingFor = positive(l.RingFor, defaultRing)
	l.RingNext = positive(l.RingNext, defaultNext)
	l.PriorityWorth = positive(l.PriorityWorth, defaultWorth)
	l.waiting.cmp, l.ringing.cmp = before, before
	l.idle.cmp = q.Strategy.order()
	l.lanes.cmp = func(a, b *lane) int { return strings.Compare(a.key, b.key) }
	return l
}

func positive(d, otherwise time.Duration) time.Duration {
	if d <= 0 {
		return otherwise
	}
	return d
}

// before is the order of service: who has waited longest, priority counted in, then who waited longest, then who came first.
func before(a, b *caller) int {
	if c := a.rank.Compare(b.rank); c != 0 {
		return c
	}
	if c := a.Since.Compare(b.Since); c != 0 {
		return c
	}
	return cmp.Compare(a.seq, b.seq)
}

// lane finds the lane of those who want this or makes one, which enters the line with its first caller.
func (l *line) lane(w wants) *lane {
	probe := &lane{line: l, key: w.key(), wants: w}
	i, found := slices.BinarySearchFunc(l.lanes.items, probe, l.lanes.cmp)
	if found {
		return l.lanes.items[i]
	}
	probe.waiting.cmp = before
	return probe
}

// key is the same for those who want the same.
func (w wants) key() string {
	if len(w.needs) == 0 && len(w.any) == 0 && w.agent == "" {
		return ""
	}
	keys := make([]string, 0, len(w.any)+1)
	for _, list := range w.any {
		keys = append(keys, needKey(list, "|"))
	}
	slices.Sort(keys)
	return fmt.Sprintf("%q ", w.agent) + needKey(w.needs, ",") + " " + strings.Join(keys, " ")
}

func needKey(needs []Need, between string) string {
	keys := make([]string, len(needs))
	for i, n := range needs {
		keys[i] = fmt.Sprintf("%q:%d", n.Skill, n.Level)
	}
	slices.Sort(keys)
	return strings.Join(keys, between)
}

// metBy reports whether the agent has what is wanted.
func (w wants) metBy(s *seat) bool {
	if w.agent != "" && w.agent != s.ID {
		return false
	}
	for _, n := range w.needs {
		if !s.has(n) {
			return false
		}
	}
	for _, list := range w.any {
		if !slices.ContainsFunc(list, s.has) {
			return false
		}
	}
	return true
}

// has reports whether the agent has a skill at the level.
func (s *seat) has(n Need) bool {
	level, ok := s.Skills[n.Skill]
	return ok && level >= n.Level
}

// enter and leave keep lane and line together. A lane without callers is not kept: needs come and go with the flows.
func (l *lane) enter(c *caller) {
	if len(l.waiting.items) == 0 {
		l.line.lanes.add(l)
	}
	l.waiting.add(c)
	if l.line.waiting.add(c) && c.Absent {
		l.line.absent++
	}
}

func (l *lane) leave(c *caller) {
	if l.waiting.remove(c) && len(l.waiting.items) == 0 {
		l.line.lanes.remove(l)
	}
	if l.line.waiting.remove(c) && c.Absent {
		l.line.absent--
	}
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
