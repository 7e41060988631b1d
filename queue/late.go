package queue

import "time"

// lateWithin is how long after its withdrawal an offer may still turn out to have been answered: the word of the phone and that
// of the board crossed on their way.
const lateWithin = 10 * time.Second

// late keeps offers that were taken back while their phone may just be answering.
type late struct {
	byID  map[string]*booking
	queue []*booking // by the time of taking back
	at    []time.Time
}

// remember keeps a withdrawn offer for a while, and forgets those that are too old.
func (b *Board) remember(h *booking) {
	l := &b.late
	for len(l.queue) > 0 && l.at[0].Before(b.now.Add(-lateWithin)) {
		delete(l.byID, l.queue[0].ID)
		l.queue, l.at = l.queue[1:], l.at[1:]
	}
	if l.byID == nil {
		l.byID = map[string]*booking{}
	}
	l.byID[h.ID] = h
	l.queue, l.at = append(l.queue, h), append(l.at, b.now)
}

// answeredLate finds the withdrawn offer that an agent answered after all; nil: none that could be. An agent who talks already
// keeps that talk.
func (b *Board) answeredLate(offer string) *booking {
	h := b.late.byID[offer]
	if h == nil || b.seats[h.Agent] != h.seat || h.seat.gone || h.seat.held != nil && !h.seat.held.answered.IsZero() {
		return nil
	}
	return h
}

// acceptLate makes true what happened: the agent talks with the caller. Whoever else was rung for either stops.
func (b *Board) acceptLate(h *booking) {
	delete(b.late.byID, h.ID)
	s := h.seat
	if c := b.callers[h.Request]; c != nil {
		b.drop(c, AnsweredElsewhere)
	}
	if b.open(s.offer()) != nil {
		c := s.held.caller
		if b.withdraw(s.held, "busy") {
			defer b.want(c, nil)
		}
	}
	if l := b.lines[h.Queue]; l != nil {
		h.line = l
	}
	h.answered, h.caller = b.now, nil
	s.held = h
	b.offers[h.ID] = h
	s.misses, s.stumbles = 0, 0
	b.settle(s, cause{})
	s.tally(h.Queue).calls++ // only now: the list of the free may have been ordered by it
}
