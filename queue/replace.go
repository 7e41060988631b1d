package queue

import (
	"maps"
	"slices"
	"time"
)

// Replace takes a new configuration whole. Callers keep Since and order; agents who remain keep state, misses and talk;
// an agent who vanishes gives an open offer back and finishes a talk first. A caller is given up with Closed only when
// none of its steps has a queue any more.
func (b *Board) Replace(now time.Time, queues []Queue, agents []Agent) []Effect {
	b.begin(now)
	for _, s := range b.staff.items {
		b.unidle(s)
	}
	b.setLines(queues)
	b.setSeats(agents)
	places := make(map[*caller]string, len(b.order.items))
	for _, c := range b.order.items {
		places[c] = b.place(c)
		if f := c.familiar; f != nil && (f.gone || c.home == nil || c.home.FamiliarFor <= 0 || f.meeting(c) == nil) {
			b.unknow(c)
			places[c] = b.place(c)
		}
	}
	slices.SortFunc(b.order.items, before) // priority may be worth another time now
	for _, c := range slices.Clone(b.order.items) {
		b.replaceCaller(c, places[c])
	}
	for _, s := range slices.Clone(b.staff.items) {
		b.replaceSeat(s)
	}
	for _, c := range slices.Clone(b.order.items) {
		if len(c.held) == 0 && b.callers[c.ID] == c {
			b.want(c, nil)
		}
	}
	return b.done()
}

// setLines makes the lines anew, empty of callers and agents.
func (b *Board) setLines(queues []Queue) {
	for _, l := range b.lines {
		b.alarms.clear(&l.told)
	}
	b.lines = make(map[string]*line, len(queues))
	for _, q := range queues {
		if b.lines[q.ID] != nil {
			continue
		}
		l := newLine(q)
		l.turn(b.doors[q.ID])
		l.told.ring = func() { b.tellAll(l) }
		b.lines[q.ID] = l
	}
}

// setSeats takes in new agents, changes those who remain and marks those who vanish; all get their posts.
func (b *Board) setSeats(agents []Agent) {
	for _, s := range b.staff.items {
		s.gone, s.posts = true, nil
	}
	named := map[string]bool{}
	for _, a := range agents {
		if named[a.ID] {
			continue
		}
		named[a.ID] = true
		s := b.seats[a.ID]
		if s == nil {
			s = b.newSeat(a.ID)
		}
		a.Queues, a.Skills = maps.Clone(a.Queues), maps.Clone(a.Skills)
		s.Agent, s.gone = a, false
		s.working = s.atWork()
		b.post(s)
	}
}

func (b *Board) newSeat(id string) *seat {
	s := &seat{Agent: Agent{ID: id}, wish: wish{Offline, "signed out", byConfig}, since: b.now}
	s.shown = AgentChanged{Agent: id, From: Offline, To: Offline, Reason: "signed out", Source: byConfig, Next: Offline, NextReason: "signed out"}
	s.alarm.ring = func() { b.rang(s) }
	b.seats[id] = s
	b.staff.add(s)
	return s
}

// post gives an agent a place in each queue named that exists.
func (b *Board) post(s *seat) {
	for _, id := range slices.Sorted(maps.Keys(s.Queues)) {
		l := b.lines[id]
		if l == nil {
			continue
		}
		p := &post{seat: s, line: l, level: s.Queues[id], tally: s.tally(id)}
		s.posts = append(s.posts, p)
		l.posts = append(l.posts, p)
		l.count[s.shown.To]++
		if s.working {
			l.atWork++
		}
	}
}

func (b *Board) replaceCaller(c *caller, why string) {
	if len(c.held) > 0 { // rings on; putBack looks again
		for _, h := range c.held {
			if l := b.lines[h.Queue]; l != nil {
				h.line = l
			}
		}
		if l := c.held[0].line; l.Strategy == RingAll && b.lines[l.ID] == l {
			l.ringing.add(c)
		}
		return
	}
	if why == NoQueue {
		b.giveUp(c, Closed)
		return
	}
	b.queueUp(c)
}

func (b *Board) replaceSeat(s *seat) {
	if h := s.held; h != nil && !h.answered.IsZero() && b.lines[h.Queue] != nil {
		h.line = b.lines[h.Queue]
	}
	switch {
	case !s.gone:
		b.enlist(s)
	case s.held != nil && s.held.answered.IsZero():
		b.withdraw(s.held, "agent-removed")
		b.dismiss(s)
	case s.held == nil && !s.busy:
		b.dismiss(s)
	}
}

// dismiss removes an agent who is no longer configured.
func (b *Board) dismiss(s *seat) {
	if s.busy { // until the talk outside is over, too
		b.settle(s, cause{})
		return
	}
	s.wish = wish{Offline, removed, byConfig}
	s.pauseUntil, s.graceUntil = time.Time{}, time.Time{}
	s.wrap = wrap{}
	b.settle(s, cause{})
	b.alarms.clear(&s.alarm)
	delete(b.seats, s.ID)
	b.staff.remove(s)
}
