package call

import (
	"time"

	"hotline/ivr"
)

// parkFor is how long a party waits in a slot where the centre says nothing, before the agent who parked them is rung.
const parkFor = 90 * time.Second

// parked is a party who waits, with music, for an agent to fetch them: in a slot, after a park, until the time is up and the agent who parked
// them is rung again; or without one, where a transfer into a queue or flow came to nothing and the agent who transferred is rung.
type parked struct {
	dialling // who is rung to take them
	stays    LegID
	slot     string // "" none
	agent    string // who parked or transferred them
	reason   Verb   // Park or Transfer
	picker   string // who is rung at their own wish; "" nobody
	back     bool   // the agent is rung again
	timer    string // of who is rung
	later    string // who is rung as soon as their own leg is gone, "" nobody
	how      *end   // of the call, when that agent does not answer; nil: as if the talk had ended
}

// slotGiven: the switchboard found a slot ("" none is free) for a party that an agent wants to park.
func (c *Call) slotGiven(ev SlotGiven) phase {
	p, ok := c.phase.(*talking)
	if ok && p.parks != "" {
		by := p.parks
		p.parks = ""
		switch {
		case c.partyOf(by) == nil:
		case ev.Slot == "":
			return p.vain(c, by, Commanded{What: Park}, Unavailable)
		default:
			return p.park(c, by, ev.Slot)
		}
	}
	if ev.Slot != "" {
		c.do(FreeSlot(ev))
	}
	return c.phase
}

// park leaves the other party in a slot; the agent is done with them.
func (p *talking) park(c *Call, by LegID, slot string) phase {
	stays := p.other(by)
	l := c.legs[by]
	next := &parked{stays: stays, slot: slot, agent: l.agent, reason: Park}
	c.note(Fact{Kind: Parked, Leg: by, Agent: l.agent, To: slot})
	c.part(stays, by)
	p.tape(c, by)
	p.settle(c, "")
	c.end(by, Normal, 0)
	c.front = stays
	return next
}

func (p *parked) enter(c *Call) {
	c.play(p.stays, []ivr.Prompt{{File: holdMusic}}, "", true)
	if p.slot == "" {
		p.recall(c)
		return
	}
	after := c.setup.ParkFor
	if after <= 0 {
		after = parkFor
	}
	c.setTimer("park", after)
}

// recall rings the agent who parked or transferred the party.
func (p *parked) recall(c *Call) {
	p.back = true
	c.note(Fact{Kind: Returned, Agent: p.agent, Reason: string(p.reason)})
	p.ring(c, p.agent)
}

// ring rings an agent to take the party.
func (p *parked) ring(c *Call, agent string) {
	p.later = ""
	for _, l := range c.legs {
		if l.agent == agent && l.ending {
			p.later = agent
			return
		}
	}
	w, status := c.wayToAgent(agent)
	if status != 0 {
		p.cause, p.status = CauseOfSIP(status), status
		p.timer = "vain"
		c.setTimer(p.timer, 0)
		return
	}
	p.dialling = dialling{cmd: *w.dial, cause: NoAnswer}
	p.dialFor(c, p.stays, p.stays)
	p.timer = "ring:" + string(p.legs[0])
	c.setTimer(p.timer, p.cmd.For)
}

func (p *parked) giveBack(c *Call) {
	p.endAll(c, "", Cancelled)
	p.vacate(c)
}

// vacate gives the slot back.
func (p *parked) vacate(c *Call) {
	if p.slot != "" {
		c.note(Fact{Kind: Unparked, To: p.slot})
		c.do(FreeSlot{Slot: p.slot})
		p.slot = ""
	}
}

func (p *parked) ringing() bool { return p.back || p.picker != "" }

func (p *parked) on(c *Call, ev Event) phase {
	switch ev := ev.(type) {
	case LegAnswered:
		if p.ours(ev.Leg) {
			p.endAll(c, ev.Leg, AnsweredBefore)
			p.vacate(c)
			c.since = time.Time{}
			return &talking{near: p.stays, leg: ev.Leg, joins: ev.Leg}
		}
	case LegEnded:
		if p.later != "" {
			p.ring(c, p.later)
		} else if p.ours(ev.Leg) && !p.forwarded(c, ev) && p.gather(c, ev) && p.ringing() {
			return p.nobody(c, p.cause)
		}
	case TimerFired:
		switch {
		case ev.Timer.Name == "park" && !p.back:
			p.endAll(c, "", Cancelled)
			p.picker = ""
			p.recall(c)
		case ev.Timer.Name == p.timer && p.ringing():
			p.endAll(c, "", NoAnswer)
			return p.nobody(c, p.cause)
		}
	}
	return p
}

// nobody: who was rung does not take the party. Who wanted to fetch them may try again; after the agent was rung the party goes on.
func (p *parked) nobody(c *Call, cause Cause) phase {
	if !p.back {
		c.note(Fact{Kind: Unreached, Agent: p.picker, To: p.slot, Reason: string(PickUp), Cause: cause})
		p.picker = ""
		p.dialling = dialling{}
		return p
	}
	c.note(Fact{Kind: Unreached, Agent: p.agent, Reason: string(p.reason), Cause: cause})
	p.vacate(c)
	switch {
	case p.how != nil:
		return c.finish(*p.how)
	case p.stays != c.guest:
		return c.finish(end{cause: Normal, side: "system"})
	}
	c.do(StopPlay{Leg: p.stays})
	return c.advance(ivr.TalkEnded{})
}

// pickUp rings the phone of an agent who wants the party.
func (c *Call) pickUp(agent string) phase {
	p, ok := c.phase.(*parked)
	switch {
	case !ok || agent == "":
		c.nay(NayNobody)
	case p.ringing():
		c.nay(NayTaken)
	default:
		c.note(Fact{Kind: Asked, Agent: agent, Reason: string(PickUp), To: p.slot})
		p.picker = agent
		p.ring(c, agent)
	}
	return c.phase
}

// home is an agent who gave a party to a flow: where the flow finds nobody for them, the agent has them back.
type home struct{ agent string }

// recalled is where a party goes whose flow ends because nobody was there; nil: the call ends.
func (c *Call) recalled(how end) phase {
	h := c.home
	if c.home = nil; h == nil || how.cause == Normal || !c.up(c.guest) {
		return nil
	}
	return &parked{stays: c.guest, agent: h.agent, reason: Transfer, how: &how}
}
