package call

// couldNot is what an agent hears whose command came to nothing.
const couldNot = "unavailable"

// commanded does what is asked for an agent on this call.
func (c *Call) commanded(ev Commanded) phase {
	if p, ok := c.phase.(*parked); ok && ev.What == PickUp {
		p.pickUp(c, ev.Agent)
		return p
	}
	id := c.legOfAgent(ev.Agent)
	if id == "" {
		return c.phase
	}
	c.note(Fact{Kind: Asked, Leg: id, Agent: ev.Agent, Reason: string(ev.What), To: ev.To})
	switch ev.What {
	case EndAgent:
		c.end(id, Normal, 0)
		return c.phase
	case Mute, Unmute:
		c.mute(id, ev)
		return c.phase
	default: // the phase knows
	}
	switch p := c.phase.(type) {
	case *talking:
		if c.partyOf(id) != nil {
			return p.commanded(c, id, ev)
		}
	case *consulting:
		return p.commanded(c, id, ev)
	case *conferring:
		return p.commanded(c, id, ev)
	}
	return c.phase
}

// commanded does what is asked for one of two who talk.
func (p *talking) commanded(c *Call, id LegID, ev Commanded) phase {
	switch ev.What {
	case HoldCall, ResumeCall:
		p.holdByCommand(c, id, ev.What == HoldCall)
	case Transfer:
		return p.transferByCommand(c, id, ev)
	case Consult:
		return p.consult(c, id, ev)
	case Survey:
		if p.other(id) == c.guest {
			c.invited = true
			c.end(id, Normal, 0)
		}
	case Add:
		return p.add(c, id, ev)
	case Park:
		p.parks = id
		c.do(TakeSlot{})
	default: // makes no sense now, or is no agent's
	}
	return p
}

// mute lets nobody hear a leg, or everybody again: one's own, or in a conference another's.
func (c *Call) mute(id LegID, ev Commanded) {
	if ev.Leg != "" && ev.Leg != id {
		if p, ok := c.phase.(*conferring); !ok || !p.has(id) || !p.has(ev.Leg) {
			return
		}
		id = ev.Leg
	}
	l, on := c.legs[id], ev.What == Mute
	if l == nil || l.muted == on {
		return
	}
	l.muted = on
	kind := Unmuted
	if on {
		kind = Muted
	}
	c.note(Fact{Kind: kind, Leg: id, Agent: l.agent})
	c.rearrange()
}

// rearrange connects those who talk anew, after anything changed about who hears whom.
func (c *Call) rearrange() {
	if p, ok := c.phase.(*conferring); ok {
		p.connect(c)
		p.tape(c)
		return
	}
	if p := c.talk(); p != nil {
		p.reconnect(c)
		if !p.cut {
			p.tape(c, "")
		}
	}
}

// legOfAgent is the agent's newest leg that is up; "" for none.
func (c *Call) legOfAgent(agent string) LegID {
	found := LegID("")
	for _, id := range c.legsInOrder() {
		if l := c.legs[id]; l.agent == agent && agent != "" && !l.ending {
			found = id
		}
	}
	return found
}

// up is true for a leg that is there and not told to end.
func (c *Call) up(id LegID) bool {
	l := c.legs[id]
	return l != nil && !l.ending
}

// holdByCommand parts the two and plays music to the other party, or joins them again.
func (p *talking) holdByCommand(c *Call, id LegID, on bool) {
	switch {
	case on && p.held == "":
		p.cut, p.held = true, id
		if c.watched() {
			p.connect(c)
		} else {
			c.do(Unbridge{A: p.near, B: p.leg})
		}
		p.nowHeld(c)
	case !on && p.cut && p.held == id && c.up(p.near) && c.up(p.leg):
		p.cut = false
		p.hold(c, LegHeld{Leg: id})
		p.connect(c)
	}
}

// transferByCommand is a blind transfer that no phone asked for: the agent hears it when it comes to nothing.
func (p *talking) transferByCommand(c *Call, id LegID, ev Commanded) phase {
	next, status := p.transfer(c, TransferAsked{Leg: id, To: ev.To, By: ev.By})
	if status != 0 {
		return p.vain(c, id, ev, CauseOfSIP(status))
	}
	if t, ok := next.(*transferring); ok {
		t.commanded = true
	}
	return next
}
