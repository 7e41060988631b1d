package call

// ending waits until every leg has confirmed its end.
type ending struct{ how end }

func (p *ending) enter(c *Call) {
	c.unseat()
	for _, id := range c.legsInOrder() {
		sip := 0
		if id == CallerLeg {
			sip = p.how.sip
		}
		c.end(id, p.how.cause, sip)
	}
	c.stopRecording()
	if len(c.legs) == 0 {
		c.become(&over{how: p.how})
		return
	}
	c.setTimer("gone", hangupWithin)
}

func (*ending) giveBack(*Call) {}

func (p *ending) on(c *Call, ev Event) phase {
	if _, late := ev.(TimerFired); late {
		for _, id := range c.legsInOrder() {
			c.legEnded(LegEnded{Leg: id, Cause: Timeout})
		}
	}
	if len(c.legs) == 0 {
		return &over{how: p.how}
	}
	return p
}

// over is the end: nothing happens any more.
type over struct{ how end }

func (p *over) enter(c *Call) {
	cause, sip := p.how.cause, p.how.sip
	if sip == 0 && !c.answered {
		sip = cause.SIP() // what the caller was refused with
	}
	c.note(Fact{Kind: Ended, Cause: cause, SIP: sip, Q850: cause.Q850(), Side: p.how.side})
	c.do(Done{})
}

func (*over) giveBack(*Call) {}

func (p *over) on(*Call, Event) phase { return p }

// legsInOrder is the legs that are up, the caller's first, then by age.
func (c *Call) legsInOrder() []LegID {
	var ids []LegID
	if c.legs[CallerLeg] != nil {
		ids = append(ids, CallerLeg)
	}
	for i := range c.lastLeg {
		if id := legName(i + 1); c.legs[id] != nil {
			ids = append(ids, id)
		}
	}
	return ids
}
