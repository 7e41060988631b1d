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
	answered bool
}

// deadline is when the board stops believing that the call will answer; zero: no offer, or answered.
func (h *booking) deadline() time.Time {
	if h == nil || h.answered {
		return time.Time{}
	}
	return h.At.Add(h.RingFor + ringGrace)
}

// book reserves a free agent for a waiting caller.
func (b *Board) book(c *caller, p *post) {
	b.stepOut(c)
	b.offered++
	s := p.seat
	h := &booking{seat: s, caller: c, line: p.line, Offer: Offer{
		ID: fmt.Sprintf("offer-%d", b.offered), Request: c.ID, Agent: s.ID, Phone: s.Phone,
		Queue: p.line.ID, At: b.now, RingFor: p.line.RingFor,
	}}
	c.held, s.held = h, h
	b.offers[h.ID] = h
	b.settle(s, cause{})
	b.emit(OfferMade{h.Offer})
}

func (b *Board) unbook(h *booking) {
	delete(b.offers, h.ID)
	h.seat.held = nil
	if h.caller != nil {
		h.caller.held = nil
	}
}

// open finds an offer that still waits for its answer.
func (b *Board) open(offer string) *booking {
	if h := b.offers[offer]; h != nil && !h.answered {
		return h
	}
	return nil
}

// Accept says the agent answered: the request is served and no longer in the board, the agent talks until Free.
func (b *Board) Accept(now time.Time, offer string) []Effect {
	b.begin(now)
	h := b.open(offer)
	if h == nil {
		return b.reject("accept", offer, "no such open offer")
	}
	b.forget(h.caller)
	h.answered, h.caller.held, h.caller = true, nil, nil
	h.seat.misses, h.seat.stumbles = 0, 0
	b.settle(h.seat, cause{})
	return b.done()
}

// Refuse gives the agent of an open offer back. The caller returns to the place of the original Since, unless the
// reason says that the call is gone (Undelivered, CallerLeft). Only NoAnswer is a miss.
func (b *Board) Refuse(now time.Time, offer, why string) []Effect {
	b.begin(now)
	h := b.open(offer)
	if h == nil {
		return b.reject("refuse", offer, "no such open offer")
	}
	if why == Undelivered || why == CallerLeft {
		b.lose(h, why)
		return b.done()
	}
	h.caller.silent = 0
	b.blame(h, why)
	b.turnDown(h, why)
	return b.done()
}

// lose ends an offer whose caller is gone. The agent had no part in it.
func (b *Board) lose(h *booking, why string) {
	c := h.caller
	b.unbook(h)
	b.forget(c)
	b.settle(h.seat, cause{reason: why, source: "caller", keepIdle: true})
	b.serve(h.seat)
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
// the same again when nobody else is free.
func (b *Board) turnDown(h *booking, why string) {
	c, s := h.caller, h.seat
	c.refused = append(slices.DeleteFunc(c.refused, func(id string) bool { return id == s.ID }), s.ID)
	b.unbook(h)
	b.settle(s, cause{reason: why, source: blamed(s, why)})
	if b.putBack(c) {
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
	}
	b.queueUp(c)
	return true
}

// withdraw takes an offer back before its answer and makes the caller wait again; see putBack. The agent is not settled.
func (b *Board) withdraw(h *booking, why string) bool {
	b.unbook(h)
	b.emit(OfferWithdrawn{h.Offer, why})
	return b.putBack(h.caller)
}

// runOut is the safety net under a call that says nothing about its offer. It is not a miss: whether the phone rang is
// unknown. A call that stays silent is taken for dead, or it would go through all agents for ever.
func (b *Board) runOut(h *booking) {
	c := h.caller
	c.silent++
	b.emit(OfferWithdrawn{h.Offer, Silent})
	if c.silent >= mostSilent {
		b.emit(GaveUp{c.ID, Silent})
		b.lose(h, Silent)
		return
	}
	b.turnDown(h, Silent)
}

// Free says the talk of an agent is over: wrap-up begins, or the state asked for meanwhile.
func (b *Board) Free(now time.Time, agent string) []Effect {
	b.begin(now)
	s := b.seats[agent]
	if s == nil || s.held == nil || !s.held.answered {
		return b.reject("free", agent, "no such agent, or not talking")
	}
	b.hangUp(s.held)
	return b.done()
}

// FreeOffer is Free for the talk that came of this offer: a late word about an earlier talk cannot end the present one.
func (b *Board) FreeOffer(now time.Time, offer string) []Effect {
	b.begin(now)
	h := b.offers[offer]
	if h == nil || !h.answered {
		return b.reject("free", offer, "no such talk")
	}
	b.hangUp(h)
	return b.done()
}

func (b *Board) hangUp(h *booking) {
	s := h.seat
	b.unbook(h)
	if s.gone {
		b.dismiss(s)
		return
	}
	if wrap := h.line.WrapUp; wrap > 0 {
		s.wrapUntil, s.wrapOf = b.now.Add(wrap), h.Request
	}
	b.settle(s, cause{reason: "talk over", source: byQueue})
	b.serve(s)
}
