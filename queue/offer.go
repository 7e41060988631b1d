package queue

import (
	"fmt"
	"slices"
	"time"
)

// booking is an offer and, once answered, the talk that came of it: the agent is held by it from the one to the other.
type booking struct {
	Offer
	seat     *seat
	caller   *caller // nil once answered: the board has done its part for the caller
	line     *line
	level    int       // the agent's in the line
	answered time.Time // zero: not yet
}

// deadline is when the board stops believing that the call will answer; zero: no offer, or answered.
func (h *booking) deadline() time.Time {
	if h == nil || !h.answered.IsZero() {
		return time.Time{}
	}
	return h.At.Add(h.RingFor + ringGrace)
}

// book reserves a free agent for a caller who waits, or who rings others already.
func (b *Board) book(c *caller, p *post) {
	if len(c.held) == 0 {
		b.stepOut(c)
		b.setOut(c, p.line)
	}
	b.offered++
	s := p.seat
	h := &booking{seat: s, caller: c, line: p.line, level: p.level, Offer: Offer{
		ID: fmt.Sprintf("offer-%d", b.offered), Request: c.ID, Agent: s.ID, Phone: s.Phone,
		Queue: p.line.ID, At: b.now, RingFor: p.line.RingFor,
	}}
	c.held, s.held = append(c.held, h), h
	b.offers[h.ID] = h
	b.settle(s, cause{})
	p.tally.turn = b.offered // only now: the list of the free was ordered by it
	b.emit(OfferMade{h.Offer})
}

// setOut begins a round of ringing.
func (b *Board) setOut(c *caller, l *line) {
	if l.Strategy == RingAll {
		l.ringing.add(c)
	}
	if l.Strategy == RingProgressively {
		b.alarms.set(&c.alarm, b.now.Add(l.RingNext))
	}
}

func (b *Board) unbook(h *booking) {
	delete(b.offers, h.ID)
	h.seat.held = nil
	c := h.caller
	if c == nil {
		return
	}
	c.held = slices.DeleteFunc(c.held, func(o *booking) bool { return o == h })
	if len(c.held) == 0 {
		h.line.ringing.remove(c)
		b.alarms.clear(&c.alarm)
	}
}

// open finds an offer that still waits for its answer.
func (b *Board) open(offer string) *booking {
	if h := b.offers[offer]; h != nil && h.answered.IsZero() {
		return h
	}
	return nil
}

// Accept says the agent answered: the request is served and no longer in the board, the agent talks until Free. Others who
// rang for the caller are free again. An offer that was withdrawn moments ago, while the phone was being answered, counts too.
func (b *Board) Accept(now time.Time, offer string) []Effect {
	b.begin(now)
	h := b.open(offer)
	if h == nil {
		if h = b.answeredLate(offer); h != nil {
			b.acceptLate(h)
			return b.done()
		}
		return b.reject("accept", offer, "no such open offer")
	}
	c := h.caller
	h.line.ringing.remove(c)
	b.forget(c)
	others := slices.DeleteFunc(c.held, func(o *booking) bool { return o == h })
	c.held = nil
	h.answered, h.caller = b.now, nil
	s := h.seat
	s.misses, s.stumbles = 0, 0
	s.tally(h.Queue).calls++
	b.settle(s, cause{})
	for _, o := range others {
		o.caller = nil
		b.emit(OfferWithdrawn{o.Offer, AnsweredElsewhere})
		b.standDown(o, AnsweredElsewhere)
	}
	return b.done()
}

// standDown frees an agent who had no part in the end of an offer.
func (b *Board) standDown(h *booking, why string) {
	b.unbook(h)
	b.settle(h.seat, cause{reason: why, source: "caller", keepIdle: true})
	b.serve(h.seat)
}

// Refuse gives the agent of an open offer back. The caller returns to the place of the original Since, unless others ring
// for them still, or the reason says that the call is gone (Undelivered, CallerLeft). Only NoAnswer is a miss.
func (b *Board) Refuse(now time.Time, offer, why string) []Effect {
	b.begin(now)
	h := b.open(offer)
	if h == nil {
		return b.reject("refuse", offer, "no such open offer")
	}
	if why == Undelivered || why == CallerLeft {
		for _, o := range h.caller.held {
			if o != h {
				b.emit(OfferWithdrawn{o.Offer, why})
			}
		}
		b.lose(h.caller, why)
		return b.done()
	}
	h.caller.silent = 0
	b.blame(h, why)
	b.turnDown(h, why)
	return b.done()
}

// lose ends the offers for a caller who is gone. The agents had no part in it.
func (b *Board) lose(c *caller, why string) {
	held := c.held
	held[0].line.ringing.remove(c)
	b.forget(c)
	c.held = nil
	for _, h := range held {
		h.caller = nil
	}
	for _, h := range held {
		b.standDown(h, why)
	}
}

// blame counts what a refusal says about the agent. A refusal that cost no time is followed by a pause: a phone that
// always answers "busy" would otherwise be offered the same caller thousands of times a second.
func (b *Board) blame(h *booking, why string) {
	s := h.seat
	if why != NoAnswer {
		s.pauseUntil = b.now.Add(min(firstPause<<min(s.stumbles, 8), longestRest))
		s.stumbles++
		return
	}
	s.stumbles = 0
	s.misses++
	if most := h.line.MissesBeforeAway; most > 0 && s.misses >= most && s.wish.state == Ready {
		s.wish = wish{Missed, fmt.Sprintf("offers without an answer: %d", s.misses), byQueue}
	}
}

// turnDown returns the caller after a refusal, to others first; then the agent looks for the next caller, who may be
// the same again when nobody else is free. While others still ring for the caller, that goes on.
func (b *Board) turnDown(h *booking, why string) {
	c, s := h.caller, h.seat
	c.refused = append(slices.DeleteFunc(c.refused, func(id string) bool { return id == s.ID }), s.ID)
	b.unbook(h)
	if c.familiar == s {
		b.unknow(c)
		b.relane(c)
	}
	b.settle(s, cause{reason: why, source: blamed(s, why)})
	switch {
	case len(c.held) > 0:
		b.wantOpened(nil)
		if h.line.Strategy == RingProgressively {
			b.ringNext(c)
		}
	case b.putBack(c):
		b.want(c, s)
	}
	b.serve(s)
}

// blamed is who a refusal comes from.
func blamed(s *seat, why string) string {
	switch why {
	case Silent:
		return byQueue
	case Unreachable:
		return byPhone
	}
	return "agent " + s.ID
}

// putBack makes an offered caller wait again. It reports false when there is nothing left to wait for.
func (b *Board) putBack(c *caller) bool {
	switch {
	case c.home == nil:
		c.lanes = nil
		b.giveUp(c, Closed)
		return false
	case c.late(b.now):
		c.lanes = nil
		b.giveUp(c, Timeout)
		return false
	case (c.Absent || c.home.leaves) && b.shut(c): // the hours ended while a phone rang
		c.lanes = nil
		b.giveUp(c, Closed)
		return false
	}
	b.queueUp(c)
	return true
}

// withdraw takes an offer back before its answer and makes the caller wait again, unless others ring still; see putBack.
// It reports whether the caller waits. The agent is not settled.
func (b *Board) withdraw(h *booking, why string) bool {
	c := h.caller
	b.unbook(h)
	b.remember(h)
	b.emit(OfferWithdrawn{h.Offer, why})
	return len(c.held) == 0 && b.putBack(c)
}

// runOut is the safety net under a call that says nothing about its offer. It is not a miss: whether the phone rang is
// unknown. A call that stays silent is taken for dead, or it would go through all agents for ever.
func (b *Board) runOut(h *booking) {
	c := h.caller
	b.remember(h)
	b.emit(OfferWithdrawn{h.Offer, Silent})
	if len(c.held) == 1 {
		if c.silent++; c.silent >= mostSilent {
			b.emit(GaveUp{Request: c.ID, Why: Silent})
			b.lose(c, Silent)
			return
		}
	}
	b.turnDown(h, Silent)
}

// Free says the talk of an agent is over: wrap-up begins, or the state asked for meanwhile.
func (b *Board) Free(now time.Time, agent string) []Effect {
	b.begin(now)
	s := b.seats[agent]
	if s == nil || s.held == nil || s.held.answered.IsZero() {
		return b.reject("free", agent, "no such agent, or not talking")
	}
	b.hangUp(s.held)
	return b.done()
}

// FreeOffer is Free for the talk that came of this offer: a late word about an earlier talk cannot end the present one.
func (b *Board) FreeOffer(now time.Time, offer string) []Effect {
	b.begin(now)
	h := b.offers[offer]
	if h == nil || h.answered.IsZero() {
		return b.reject("free", offer, "no such talk")
	}
	b.hangUp(h)
	return b.done()
}

func (b *Board) hangUp(h *booking) {
	s := h.seat
	b.unbook(h)
	s.tally(h.Queue).talked += b.now.Sub(h.answered)
	b.handled(h)
	if s.gone {
		b.dismiss(s)
		return
	}
	b.beginWrap(s, h)
	b.settle(s, cause{reason: "talk over", source: byQueue})
	b.serve(s)
}
