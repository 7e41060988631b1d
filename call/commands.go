package call

import "strings"

// couldNot is what an agent hears whose command came to nothing.
const couldNot = "unavailable"

// Nay says why a command was not done; "": it was or has begun, or what it wants is so already (hold twice, mute twice). Whom a command wants
// and does not reach is no Nay: the fact Unreached says so, and the agent hears a word.
type Nay string

// Why a command is not done.
const (
	NayNotOn   Nay = "not-on-call" // that agent has no leg on the call
	NayNotNow  Nay = "not-now"     // the two do not talk at the moment: somebody is rung, or moves
	NayNobody  Nay = "nobody"      // nobody is consulted, answered yet, rings, or is parked
	NayHeld    Nay = "held"        // the other holds, or the agent does by the key of their phone
	NayNoLeg   Nay = "no-such-leg" // nor a leg that may be removed or muted
	NayTaken   Nay = "taken"       // somebody else supervises, or is rung for who is parked
	NayListen  Nay = "listen"      // a supervisor begins by listening, and their phone must have been answered
	NayOnPhone Nay = "on-phone"    // the phone that would ring is on this call
)

// nay notes why the command at hand is not done.
func (c *Call) nay(why Nay) { c.why = why }

// Refused says why the latest Commanded or SuperviseAsked was not done.
func (c *Call) Refused() Nay { return c.why }

// commanded does what is asked for an agent on this call.
func (c *Call) commanded(ev Commanded) phase {
	c.why = ""
	switch ev.What {
	case PickUp:
		return c.pickUp(ev.Agent)
	case Move:
		return c.move(ev)
	default: // of an agent on the call
	}
	id := c.legOfAgent(ev.Agent)
	if id == "" {
		c.nay(NayNotOn)
		return c.phase
	}
	before, facts := len(c.out), c.facts
	c.note(Fact{Kind: Asked, Leg: id, Agent: ev.Agent, Reason: string(ev.What), To: ev.To})
	next := c.carryOut(id, ev)
	if c.why != "" { // nothing was done: nothing is stated
		c.out, c.facts = c.out[:before], facts
	}
	return next
}

// carryOut does what is asked for an agent's leg, or says why not and changes nothing.
func (c *Call) carryOut(id LegID, ev Commanded) phase {
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
	case *transferring:
		return p.commanded(c, id, ev)
	}
	c.nay(NayNotNow)
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
		if p.other(id) != c.guest { // nobody whom the flow could ask
			c.nay(NayNobody)
			return p
		}
		c.invited = true
		c.end(id, Normal, 0)
	case Add:
		return p.add(c, id, ev)
	case Park:
		if c.parks != nil {
			c.nay(NayNotNow)
			return p
		}
		p.wantSlot(c, &parking{by: id})
	default: // nobody is consulted, and there is no conference
		c.nay(NayNobody)
	}
	return p
}

// move takes a party that no agent has to another queue or flow (queue:NAME, flow:NAME); who has waited keeps the time. Whom an agent talks to
// goes on to any target, as if that agent had transferred them.
func (c *Call) move(ev Commanded) phase {
	if p, ok := c.phase.(*talking); ok {
		return p.moved(c, ev)
	}
	if _, _, named := strings.Cut(ev.To, ":"); !named || c.absent() || !c.up(c.guest) {
		c.nay(NayNotNow)
		return c.phase
	}
	switch c.phase.(type) {
	case *waiting, *offering, *flowing:
	default:
		c.nay(NayNotNow)
		return c.phase
	}
	w, status := c.wayTo(ev.To, ev.By)
	if status != 0 || w.dial != nil {
		c.nay(NayNobody)
		return c.phase
	}
	c.note(Fact{Kind: Asked, Leg: c.guest, Reason: string(Move), To: ev.To})
	switch p := c.phase.(type) {
	case *waiting:
		p.leave(c, "moved")
	case *offering:
		p.rings.giveBack(c, Cancelled)
		p.leave(c, "moved")
	}
	return c.serve(c.guest, w)
}

// moved hands the other party of an agent's talk over at a supervisor's wish.
func (p *talking) moved(c *Call, ev Commanded) phase {
	agent := c.talker()
	id := c.legOfAgent(agent)
	if c.partyOf(id) == nil {
		c.nay(NayNotNow)
		return p
	}
	if _, status := c.wayTo(ev.To, c.legs[id].phone); status != 0 { // the supervisor is told, and not the agent
		c.nay(NayNobody)
		return p
	}
	c.note(Fact{Kind: Asked, Leg: id, Agent: agent, Reason: string(Move), To: ev.To})
	return p.transferByCommand(c, id, ev)
}

// mute lets nobody hear a leg, or everybody again: one's own, or in a conference another's.
func (c *Call) mute(id LegID, ev Commanded) {
	if ev.Leg != "" && ev.Leg != id {
		if p, ok := c.phase.(*conferring); !ok || !p.has(id) || !p.has(ev.Leg) {
			c.nay(NayNoLeg)
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

// rearrange connects and records those who talk anew, after anything changed about who hears whom.
func (c *Call) rearrange() {
	switch p := c.phase.(type) {
	case *talking:
		p.reconnect(c)
		p.tape(c, "")
	case *joining:
		p.talk.reconnect(c)
		p.talk.tape(c, "")
	case *consulting:
		if t := p.active(); t != nil {
			t.reconnect(c)
		}
		p.tape(c)
	case *transferring:
		p.talk.tape(c, p.by)
	case *conferring:
		p.connect(c)
		p.tape(c)
	default: // nobody else is there who would hear them
		c.retape()
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
	case on && p.held == id, !on && p.held == "": // so already
	case on && p.held == "":
		p.cut, p.held = true, id
		if c.watched() {
			p.connect(c)
		} else {
			c.do(Unbridge{A: p.near, B: p.leg})
		}
		p.nowHeld(c)
		p.tape(c, "")
	case !on && p.cut && p.held == id && c.up(p.near) && c.up(p.leg):
		p.cut = false
		p.hold(c, LegHeld{Leg: id})
		p.connect(c)
		p.tape(c, "")
	default:
		c.nay(NayHeld)
	}
}

// transferByCommand is a blind transfer that no phone asked for: the agent hears it when it comes to nothing.
func (p *talking) transferByCommand(c *Call, id LegID, ev Commanded) phase {
	next, status := p.transfer(c, TransferAsked{Leg: id, To: ev.To, By: ev.By}, ev.What)
	if status != 0 {
		return p.vain(c, id, ev, CauseOfSIP(status))
	}
	if t, ok := next.(*transferring); ok {
		t.byCommand = ev.What == Transfer // who did not ask for it hears nothing of it
	}
	return next
}
