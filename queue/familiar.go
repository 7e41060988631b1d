package queue

import (
	"slices"
	"time"
)

// recognise lets a new caller wait for the agent they know, where the queue does that, they talked lately, and the agent
// is here and could serve them.
func (b *Board) recognise(c *caller) {
	s := b.seats[c.Familiar]
	if s == nil || s.away() || len(c.Steps) == 0 {
		return
	}
	for _, step := range c.Steps {
		l := b.lines[step.Queue]
		if l == nil {
			continue
		}
		knows := l.FamiliarFor > 0 && !c.FamiliarAt.Before(b.now.Add(-l.FamiliarWithin))
		if knows && s.at(l) != nil && (wants{needs: step.Needs, any: step.Any}).metBy(s) {
			c.familiar = s
			s.fans = append(s.fans, c)
		}
		return // the first step that exists decides
	}
}

// away reports whether nobody should wait for this agent: not here, or here and not at work.
func (s *seat) away() bool {
	return s.gone || !atDesk(s.shown.To)
}

// familiarUntil is when others may serve too; zero: they may already.
func (c *caller) familiarUntil() time.Time {
	if c.familiar == nil {
		return time.Time{}
	}
	return c.joined.Add(c.home.FamiliarFor)
}

// unknow ends the waiting for one agent. The caller's lanes are not changed.
func (b *Board) unknow(c *caller) {
	c.familiar.fans = slices.DeleteFunc(c.familiar.fans, func(other *caller) bool { return other == c })
	c.familiar = nil
}

// openUp lets others serve a waiting caller too.
func (b *Board) openUp(c *caller) {
	b.stepOut(c)
	b.unknow(c)
	b.relane(c)
	b.queueUp(c)
}

// relane finds the caller's lanes anew after what is wanted changed.
func (b *Board) relane(c *caller) {
	old := c.lanes
	c.lanes = nil
	for _, l := range old {
		w := l.wants
		w.agent = ""
		c.reach(l.line.lane(w))
	}
}

// openFans lets others serve those who wait for an agent who goes away. They enter the lanes at once, before anybody else is matched
// in this verb, and look for an agent in their turn; see wantOpened.
func (b *Board) openFans(s *seat) {
	for _, c := range slices.Clone(s.fans) {
		if len(c.held) == 0 {
			b.openUp(c)
			b.opened = append(b.opened, c)
		}
	}
}

// wantOpened looks for agents for those whom others may serve since this verb, in the order of service; only for those who stand
// before a caller, if one is given.
func (b *Board) wantOpened(until *caller) {
	slices.SortFunc(b.opened, before)
	for len(b.opened) > 0 && (until == nil || before(b.opened[0], until) < 0) {
		c := b.opened[0]
		b.opened = b.opened[1:]
		if b.callers[c.ID] == c && len(c.held) == 0 {
			b.find(c, nil)
		}
	}
}
