package call

import "hotline/ivr"

// talking is caller and one other party connected. offer is nil outside queues.
type talking struct {
	leg   LegID
	offer *Offered
	held  LegID // who put the other on hold, "" nobody
}

func (p *talking) enter(c *Call) {
	c.answer()
	l := c.legs[p.leg]
	c.do(Bridge{A: CallerLeg, B: p.leg})
	f := Fact{Kind: Connected, Leg: p.leg, Agent: l.agent}
	if p.offer != nil {
		f.Queue = p.offer.Queue
	} else if l.phone != "" {
		l.busy = true
		c.do(PhoneBusy{Phone: l.phone, On: true})
	}
	c.note(f)
	if c.wanted {
		c.startRecording("call", p.leg)
	}
}

func (p *talking) giveBack(c *Call) {
	p.free(c)
	c.end(p.leg, Normal, 0)
}

// free lets the agent go into wrap-up.
func (p *talking) free(c *Call) {
	if p.offer != nil {
		c.do(FreeAgent{Agent: p.offer.Agent, Offer: p.offer.Offer})
	}
}

func (p *talking) on(c *Call, ev Event) phase {
	switch ev := ev.(type) {
	case LegHeld:
		p.hold(c, ev)
	case Digit:
		if ev.Info {
			c.do(SendDigit{Leg: p.other(ev.Leg), Key: ev.Key})
		}
	case LegEnded:
		if ev.Leg == p.leg {
			p.free(c)
			if ev.ByPeer {
				c.left = sideOf(ev.Leg)
			}
			if c.record != "" {
				c.startRecording("call", "")
			}
			c.do(StopPlay{Leg: CallerLeg})
			return c.advance(ivr.TalkEnded{})
		}
	}
	return p
}

func (p *talking) other(id LegID) LegID {
	if id == CallerLeg {
		return p.leg
	}
	return CallerLeg
}

// hold plays music to the party that waits, and stops it when the other takes them back.
func (p *talking) hold(c *Call, ev LegHeld) {
	switch {
	case ev.On && p.held == "":
		p.held = ev.Leg
		c.note(Fact{Kind: Held, Leg: ev.Leg})
		c.play(p.other(ev.Leg), []ivr.Prompt{{File: holdMusic}}, "", true)
	case !ev.On && p.held == ev.Leg:
		p.held = ""
		c.note(Fact{Kind: Resumed, Leg: ev.Leg})
		c.do(StopPlay{Leg: p.other(ev.Leg)})
	}
}
