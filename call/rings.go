package call

import (
	"slices"

	"hotline/ivr"
)

// rings are the agents of a queue whom it offers to one who waits, a caller or an agent who wants to consult: each rung by an offer that is
// accepted, refused or withdrawn, once.
type rings []ring

// ring is one agent who is rung.
type ring struct {
	Offered
	leg LegID
}

// ring rings one more agent.
func (rs *rings) ring(c *Call, o Offered) {
	c.note(Fact{Kind: Offer, Agent: o.Agent, Queue: o.Queue})
	leg := c.dial(ivr.Target{Kind: ivr.ToPhone, Value: o.Phone}, o.Agent, "")
	*rs = append(*rs, ring{o, leg})
	c.setTimer("ring:"+o.Offer, o.RingFor)
}

// on takes what concerns those who ring; false: it is nothing of that kind. got is who answered: they have the offer, the others are let go.
func (rs *rings) on(c *Call, ev Event) (got *ring, mine bool) {
	switch ev := ev.(type) {
	case Offered:
		rs.ring(c, ev)
		return nil, true
	case LegAnswered:
		if r := rs.find(func(r ring) bool { return r.leg == ev.Leg }); r != nil {
			rs.accept(c, *r)
			return r, true
		}
	case LegEnded:
		if r := rs.find(func(r ring) bool { return r.leg == ev.Leg }); r != nil {
			rs.refuse(c, *r, refusal(ev.Cause))
			return nil, true
		}
	case TimerFired:
		if r := rs.find(func(r ring) bool { return "ring:"+r.Offer == ev.Timer.Name }); r != nil {
			rs.refuse(c, *r, "no-answer")
			c.end(r.leg, NoAnswer, 0)
			return nil, true
		}
	case OfferWithdrawn:
		if r := rs.find(func(r ring) bool { return r.Offer == ev.Offer }); r != nil {
			rs.gone(c, *r, ev.Why)
			c.end(r.leg, NoAnswer, 0)
			return nil, true
		}
	}
	return nil, false
}

// accept: the first to answer has who waits. The board withdraws the other offers by itself; their phones stop now.
func (rs *rings) accept(c *Call, r ring) {
	c.do(AcceptOffer{Offer: r.Offer})
	c.legs[r.leg].offer = &r.Offered
	for _, o := range slices.Clone(*rs) {
		if o.Offer != r.Offer {
			rs.gone(c, o, "answered-elsewhere")
			c.end(o.leg, AnsweredBefore, 0)
		}
	}
	*rs = nil
}

// giveBack lets all go who ring: no miss of theirs.
func (rs *rings) giveBack(c *Call, cause Cause) {
	for _, r := range slices.Clone(*rs) {
		rs.refuse(c, r, "caller-left")
		c.end(r.leg, cause, 0)
	}
}

// refuse gives an agent back to the queue.
func (rs *rings) refuse(c *Call, r ring, why string) {
	c.do(RefuseOffer{Offer: r.Offer, Why: why})
	rs.gone(c, r, why)
}

// gone takes out an agent whom the queue has back.
func (rs *rings) gone(c *Call, r ring, why string) {
	c.note(Fact{Kind: Refused, Agent: r.Agent, Queue: r.Queue, Leg: r.leg, Reason: why})
	*rs = slices.DeleteFunc(*rs, func(o ring) bool { return o.Offer == r.Offer })
}

func (rs *rings) find(is func(ring) bool) *ring {
	if i := slices.IndexFunc(*rs, is); i >= 0 {
		r := (*rs)[i]
		return &r
	}
	return nil
}

// refusal tells a phone that said no from one that could not be reached: the first is the agent's, the second no one's fault.
func refusal(cause Cause) string {
	switch cause {
	case Busy, Declined:
		return "declined"
	case NoAnswer, Cancelled, Normal:
		return "no-answer"
	default:
		return "unreachable"
	}
}
