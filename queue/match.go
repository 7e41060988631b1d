package queue

import "slices"

// want looks for a free agent for a waiting caller and books the best. except, if not nil, is not asked.
func (b *Board) want(c *caller, except *seat) {
	if p := pick(c, except); p != nil {
		b.book(c, p)
	}
}

// pick takes the first free agent in the order of the earliest step that has one. Agents who refused this caller come
// last, who refused longest ago first; nil: nobody is free.
func pick(c *caller, except *seat) *post {
	var again *post
	rank := len(c.refused)
	for _, l := range c.lanes {
		for _, p := range l.line.idle.items {
			if p.seat == except || !p.seat.meets(l.needs) {
				continue
			}
			i := slices.Index(c.refused, p.seat.ID)
			if i < 0 {
				return p
			}
			if i < rank {
				again, rank = p, i
			}
		}
	}
	return again
}

// serve looks for the first caller in the order of service whom a free agent can serve, over all the agent's queues.
func (b *Board) serve(s *seat) {
	if !s.idle {
		return
	}
	var first *caller
	for _, p := range s.posts {
		for _, l := range p.line.lanes.items {
			if c := l.waiting.items[0]; (first == nil || before(c, first) < 0) && s.meets(l.needs) {
				first = c
			}
		}
	}
	if first != nil {
		b.book(first, s.meeting(first))
	}
}

// meeting is the post through which the agent serves a caller: the one of the caller's earliest step.
func (s *seat) meeting(c *caller) *post {
	for _, l := range c.lanes {
		if p := s.at(l.line); p != nil && s.meets(l.needs) {
			return p
		}
	}
	return nil
}
