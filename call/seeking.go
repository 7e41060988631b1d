package call

import (
	"slices"

	"hotline/ivr"
	"hotline/route"
)

// seeking is an agent who waits for an agent of a queue, to consult them. It is no wait of the caller's: no fact says that they were queued.
type seeking struct {
	cmd   ivr.Queue
	rings []ring
	phone string // of who waits, once they are gone
}

// begin joins the queue.
func (s *seeking) begin(c *Call) {
	steps := []route.Step{{Queue: s.cmd.Queue}}
	if s.cmd.Queue == "" {
		topic := s.cmd.Topic
		if topic == "" {
			topic = c.topic
		}
		choice, _ := c.setup.Routes.Choose(route.Query{DID: c.setup.Plan.DID, Region: c.setup.Region, Topic: topic, At: c.now})
		steps = choice.Steps
	}
	c.do(JoinQueue{Steps: steps, Priority: s.cmd.Priority, Since: c.now, MaxWait: s.cmd.MaxWait, NeedAgents: true, NeedReady: true})
}

// end leaves the queue and lets go of whoever rings, but for one offer that was accepted ("" none).
func (s *seeking) end(c *Call, but string) {
	if but == "" {
		for _, r := range s.rings {
			s.refuse(c, r, "caller-left")
		}
		c.do(LeaveQueue{Why: "abandoned"})
	}
	for _, r := range s.rings {
		if r.Offer != but {
			if but != "" {
				s.refused(c, r, "answered-elsewhere")
			}
			c.end(r.leg, Cancelled, 0)
		}
	}
	s.rings = nil
}

func (s *seeking) refuse(c *Call, r ring, why string) {
	c.do(RefuseOffer{Offer: r.Offer, Why: why})
	s.refused(c, r, why)
}

func (s *seeking) refused(c *Call, r ring, why string) {
	c.note(Fact{Kind: Refused, Agent: r.Agent, Queue: r.Queue, Leg: r.leg, Reason: why})
}

func (s *seeking) find(is func(ring) bool) (ring, bool) {
	if i := slices.IndexFunc(s.rings, is); i >= 0 {
		return s.rings[i], true
	}
	return ring{}, false
}

func (s *seeking) without(r ring) {
	s.rings = slices.DeleteFunc(s.rings, func(o ring) bool { return o.Offer == r.Offer })
}

// ring rings an agent whom the queue offers.
func (s *seeking) ring(c *Call, o Offered) {
	c.note(Fact{Kind: Offer, Agent: o.Agent, Queue: o.Queue})
	leg := c.dial(ivr.Target{Kind: ivr.ToPhone, Value: o.Phone}, o.Agent, "")
	s.rings = append(s.rings, ring{o, leg})
	c.setTimer("ring:"+o.Offer, o.RingFor)
}

// sought takes what concerns the queue; false: it is nothing of that kind.
func (p *consulting) sought(c *Call, ev Event) (next phase, mine bool) {
	s := p.seek
	switch ev := ev.(type) {
	case Offered:
		s.ring(c, ev)
	case LegAnswered:
		r, ok := s.find(func(r ring) bool { return r.leg == ev.Leg })
		if !ok {
			return p, false
		}
		c.do(AcceptOffer{Offer: r.Offer})
		s.end(c, r.Offer)
		p.seek = nil
		c.legs[r.leg].offer = &r.Offered
		p.reached(c, r.leg)
	case LegEnded:
		r, ok := s.find(func(r ring) bool { return r.leg == ev.Leg })
		if !ok {
			return p, false
		}
		s.refuse(c, r, refusal(ev.Cause))
		s.without(r)
	case TimerFired:
		if r, ok := s.find(func(r ring) bool { return "ring:"+r.Offer == ev.Timer.Name }); ok {
			s.refuse(c, r, "no-answer")
			c.end(r.leg, NoAnswer, 0)
			s.without(r)
		}
	case OfferWithdrawn:
		if r, ok := s.find(func(r ring) bool { return r.Offer == ev.Offer }); ok {
			s.refused(c, r, ev.Why)
			c.end(r.leg, NoAnswer, 0)
			s.without(r)
		}
	case QueueLeft:
		for _, r := range s.rings {
			s.refuse(c, r, "caller-left")
			c.end(r.leg, Cancelled, 0)
		}
		return p.failed(c, Unavailable), true
	default:
		return p, false
	}
	return p, true
}
