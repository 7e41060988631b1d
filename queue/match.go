package queue

import "slices"

// want looks for a free agent for a waiting caller, after those who stand before it and may look since this verb. except, if not
// nil, is not asked.
func (b *Board) want(c *caller, except *seat) {
	b.wantOpened(c)
	b.find(c, except)
}

// find books the best free agent, or all whom the strategy rings together.
func (b *Board) find(c *caller, except *seat) {
	p := b.pick(c, except)
	if p == nil {
		return
	}
	if c.Turns {
		b.giveUp(c, Turn)
		return
	}
	b.book(c, p)
	if p.line.Strategy == RingAll {
		for _, other := range company(c, p, except) {
			b.book(c, other)
		}
	}
}

// pick takes the first free agent in the order of the earliest step that has one. Agents who refused this caller come
// last, who refused longest ago first; nil: nobody is free.
func (b *Board) pick(c *caller, except *seat) *post {
	var again *post
	rank := len(c.refused)
	for _, l := range c.lanes {
		drawn := b.drawn[:0]
		for _, p := range l.line.idle.items {
			if p.seat == except || !l.metBy(p.seat) {
				continue
			}
			i := slices.Index(c.refused, p.seat.ID)
			switch {
			case i < 0 && !l.line.Strategy.drawn():
				return p
			case i < 0:
				drawn = append(drawn, p)
			case i < rank:
				again, rank = p, i
			}
		}
		if b.drawn = drawn; len(drawn) > 0 {
			return b.draw(l.line.Strategy, drawn)
		}
	}
	return again
}

// company is who is rung together with the first: all free agents of the same level. Those who refused this caller only
// when the first did too.
func company(c *caller, first *post, except *seat) []*post {
	var all []*post
	again := slices.Contains(c.refused, first.seat.ID)
	l := c.laneIn(first.line, first.seat)
	for _, p := range first.line.idle.items {
		if p != first && p.seat != except && p.level == first.level && l.metBy(p.seat) && (again || !slices.Contains(c.refused, p.seat.ID)) {
			all = append(all, p)
		}
	}
	return all
}

// laneIn is the caller's lane of a line through which the agent can serve; nil: none.
func (c *caller) laneIn(l *line, s *seat) *lane {
	for _, have := range c.lanes {
		if have.line == l && have.metBy(s) {
			return have
		}
	}
	return nil
}

// serve looks for the first caller in the order of service whom a free agent can serve, over all the agent's queues;
// then for one who is ringing all agents of such a queue.
func (b *Board) serve(s *seat) {
	if !s.idle {
		return
	}
	first := s.first()
	for ; first != nil && first.Turns; first = s.first() {
		b.giveUp(first, Turn)
	}
	if first == nil {
		b.ringAlong(s)
		return
	}
	p := s.meeting(first)
	b.book(first, p)
	if p.line.Strategy == RingAll { // nobody else was free before this verb; others may be within it
		for _, other := range company(first, p, nil) {
			b.book(first, other)
		}
	}
}

// first is the first caller in the order of service whom the agent can serve; nil: nobody waits for them.
func (s *seat) first() *caller {
	var first *caller
	for _, p := range s.posts {
		for _, l := range p.line.lanes.items {
			if c := l.waiting.items[0]; (first == nil || before(c, first) < 0) && l.metBy(s) {
				first = c
			}
		}
	}
	return first
}

// ringAlong lets an agent who is free now ring for the first caller of those who ring all agents already.
func (b *Board) ringAlong(s *seat) {
	for _, p := range s.posts {
		for _, c := range p.line.ringing.items {
			h := c.held[0]
			again := !slices.Contains(c.refused, s.ID) || slices.Contains(c.refused, h.Agent)
			if again && h.line == p.line && p.level >= h.level && c.laneIn(p.line, s) != nil {
				b.book(c, p)
				return
			}
		}
	}
}

// ringNext rings one more agent for a caller whose queue rings progressively.
func (b *Board) ringNext(c *caller) {
	line := c.held[0].line
	if line.Strategy != RingProgressively { // changed meanwhile
		return
	}
	for _, p := range line.idle.items {
		if !slices.Contains(c.refused, p.seat.ID) && c.laneIn(line, p.seat) != nil {
			b.book(c, p)
			break
		}
	}
	b.alarms.set(&c.alarm, b.now.Add(line.RingNext))
}

// meeting is the post through which the agent serves a caller: the one of the caller's earliest step.
func (s *seat) meeting(c *caller) *post {
	for _, l := range c.lanes {
		if p := s.at(l.line); p != nil && l.metBy(s) {
			return p
		}
	}
	return nil
}
