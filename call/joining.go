package call

import (
	"cmp"
	"time"

	"hotline/ivr"
)

// joinWithin bounds the time that the other call of an attended transfer has to let its party go.
const joinWithin = 5 * time.Second

// Guest is what a call must know of a leg that comes to it from elsewhere.
type Guest struct {
	Line  string // the switchboard's name for the leg, until it is taken or turned away
	Phone string // whose it is; "" for none of ours
	Agent string
	Busy  bool    // PhoneBusy was said for it
	Held  bool    // it holds whoever it talks to
	Offer Offered // of the queue that it was reached by; zero for none
}

// joining is an attended transfer (RFC 5589 section 7): by talked to two parties in two calls, and those two are to talk. This is the
// call that goes on; it has asked the other one for its party. The one who stays is the front of the call meanwhile, so that it does
// not end with who hands over.
type joining struct {
	talk      *talking
	by, stays LegID
	other     ID    // the call that ends
	with      LegID // who hands over, there
	front     LegID // of the call before
	called    bool  // the other call was where the transfer was asked for
}

// joins sees to what concerns legs that move between calls.
func (c *Call) joins(ev Event) phase {
	switch ev := ev.(type) {
	case AttendedAsked:
		return c.attendedAsked(ev)
	case JoinAsked:
		return c.joinAsked(ev)
	case LegWanted:
		return c.legWanted(ev)
	case Replaced:
		return c.replaced(ev)
	case ParkAsked:
		return c.parkAsked(ev)
	case JoinRefused:
		if p, ok := c.phase.(*joining); ok && p.by == ev.Leg {
			return p.failed(c, ev.SIP)
		}
		c.tellTransfer(ev.Leg, ev.SIP)
	}
	return c.phase
}

func (c *Call) tellTransfer(id LegID, status int) {
	if c.legs[id] != nil {
		c.do(TellTransfer{Leg: id, SIP: status})
	}
}

// partyOf is the talk in which a leg is one of the two, with both there; nil when it is in none.
func (c *Call) partyOf(id LegID) *talking {
	p, ok := c.phase.(*talking)
	if !ok || id != p.near && id != p.leg {
		return nil
	}
	for _, party := range []LegID{p.near, p.leg} {
		if l := c.legs[party]; l == nil || l.ending {
			return nil
		}
	}
	return p
}

// attendedAsked decides which of the two calls goes on: this one, unless only the other has its caller left.
func (c *Call) attendedAsked(ev AttendedAsked) phase {
	l, p := c.legs[ev.Leg], c.partyOf(ev.Leg)
	switch {
	case l == nil || l.ending:
	case l.phone == "":
		c.tellTransfer(ev.Leg, Forbidden.SIP())
	case p == nil || ev.Call == c.id:
		c.tellTransfer(ev.Leg, Declined.SIP())
	case ev.Leg == CallerLeg && ev.With != CallerLeg:
		c.do(AskJoin{Call: ev.Call, Leg: ev.With, From: c.id, With: ev.Leg, Phone: l.phone})
	default:
		return &joining{talk: p, by: ev.Leg, stays: p.other(ev.Leg), other: ev.Call, with: ev.With, front: c.front}
	}
	return c.phase
}

// joinAsked: another call would rather end and give its party to this one.
func (c *Call) joinAsked(ev JoinAsked) phase {
	p := c.partyOf(ev.Leg)
	if p == nil || c.legs[ev.Leg].phone != ev.Phone || ev.Phone == "" {
		c.do(RefuseJoin{Call: ev.Call, Leg: ev.With, SIP: Declined.SIP()})
		return c.phase
	}
	return &joining{talk: p, by: ev.Leg, stays: p.other(ev.Leg), other: ev.Call, with: ev.With, front: c.front, called: true}
}

// legWanted gives the other party of a talk to the call that goes on, and ends this one. Both dialogs must be of one phone: nobody takes
// a party away from somebody else.
func (c *Call) legWanted(ev LegWanted) phase {
	p := c.partyOf(ev.Leg)
	if p == nil || c.legs[ev.Leg].phone != ev.Phone || ev.Phone == "" {
		c.do(RefuseJoin{Call: ev.Call, Leg: ev.With, SIP: Declined.SIP()})
		return c.phase
	}
	goes := p.other(ev.Leg)
	l := c.legs[goes]
	g := Guest{Phone: l.phone, Agent: l.agent, Busy: l.busy, Held: p.held == goes}
	if l.offer != nil {
		g.Offer = *l.offer
	}
	c.part(goes, ev.Leg)
	c.do(StopPlay{Leg: goes})
	c.stopRecording()
	c.note(Fact{Kind: Joined, Leg: goes, Agent: l.agent, Other: ev.Call, Reason: "left"})
	delete(c.legs, goes)
	c.tellTransfer(ev.Leg, 200)
	c.do(GiveLeg{Leg: goes, Call: ev.Call, With: ev.With, From: c.id, Guest: g})
	return c.finish(end{cause: Merged, side: sideOf(ev.Leg)})
}

// replaced: a leg from elsewhere takes the place of one of ours, or of one that rings (RFC 3891).
func (c *Call) replaced(ev Replaced) phase {
	if ev.Slot != "" {
		return c.fetched(ev)
	}
	l := c.legs[ev.Leg]
	if l == nil || l.ending {
		if p, ok := c.phase.(*joining); !ok || p.by != ev.Leg {
			return c.turnAway(ev, 481, "nobody rings there any more")
		}
	}
	switch p := c.phase.(type) {
	case *joining:
		if p.by == ev.Leg {
			return p.done(c, ev)
		}
	case *talking:
		if c.partyOf(ev.Leg) != nil {
			return p.replaced(c, ev)
		}
	}
	return c.pickedUp(ev)
}

// pickedUp: a leg from elsewhere takes what rings at one of ours.
func (c *Call) pickedUp(ev Replaced) phase {
	switch p := c.phase.(type) {
	case *offering:
		if p.rings.find(func(r ring) bool { return r.leg == ev.Leg }) != nil && !c.absent() { // of a callback nobody is there to be picked up
			return p.pickedUp(c, ev)
		}
	case *dialling:
		if p.ours(ev.Leg) {
			return p.pickedUp(c, ev)
		}
	case *transferring:
		if p.ours(ev.Leg) {
			return p.done(c, c.admit(ev))
		}
	case *consulting:
		if p.aside == nil && p.ours(ev.Leg) {
			p.endAll(c, "", AnsweredBefore)
			p.reached(c, c.admit(ev))
			return p
		}
	case *conferring:
		if i := p.invitation(ev.Leg); i != nil {
			return p.answered(c, i, c.admit(ev))
		}
	case *parked:
		if p.ours(ev.Leg) {
			return p.fetched(c, ev)
		}
	}
	return c.turnAway(ev, Declined.SIP(), "this call cannot be picked up")
}

// turnAway refuses a guest, and gives back what came with it.
func (c *Call) turnAway(ev Replaced, status int, why string) phase {
	g := ev.Guest
	c.do(TurnAway{Line: g.Line, SIP: status, Why: why})
	if g.Busy {
		c.do(PhoneBusy{Phone: g.Phone})
	}
	if g.Offer.Offer != "" {
		c.do(FreeAgent{Agent: g.Offer.Agent, Offer: g.Offer.Offer})
	}
	return c.phase
}

// admit takes a guest as a leg of this call.
func (c *Call) admit(ev Replaced) LegID {
	c.lastLeg++
	id := legName(c.lastLeg)
	g := ev.Guest
	c.legs[id] = &leg{agent: g.Agent, phone: g.Phone, busy: g.Busy}
	if g.Offer.Offer != "" {
		c.legs[id].offer = &g.Offer // an agent of a queue is free when the leg is gone
	}
	c.note(Fact{Kind: Joined, Leg: id, Agent: g.Agent, To: g.Phone, Other: ev.Call, Reason: "came"})
	c.do(TakeLeg{Leg: id, Line: g.Line})
	return id
}

// swap puts a guest into a talk in the place of a leg, which is told to end.
func (p *talking) swap(c *Call, ev Replaced, how string) *talking {
	c.handsOver(Fact{Leg: ev.Leg, To: cmp.Or(ev.Guest.Phone, ev.From), Other: ev.Call, Reason: how})
	id := c.admit(ev)
	next := p.with(ev.Leg, id)
	if next.held == "" && ev.Guest.Held {
		next.held = id
		next.cut = p.cut
	}
	p.settle(c, next.held)
	if c.front == ev.Leg {
		c.front = next.other(id)
	}
	return next
}

// settle brings the facts about hold in step with who holds from now on.
func (p *talking) settle(c *Call, held LegID) {
	if p.held == held {
		return
	}
	if p.held != "" {
		c.note(Fact{Kind: Resumed, Leg: p.held})
	}
	if held != "" {
		c.note(Fact{Kind: Held, Leg: held})
	}
}

// replaced: somebody else goes on with the talk, by an INVITE with Replaces.
func (p *talking) replaced(c *Call, ev Replaced) phase {
	next := p.swap(c, ev, "replaced")
	c.end(ev.Leg, Normal, 0)
	return next
}

// pickedUp: another phone takes the caller who rings at an agent's.
func (p *offering) pickedUp(c *Call, ev Replaced) phase {
	p.rings.giveBack(c, AnsweredBefore)
	p.leave(c, "answered")
	c.since = time.Time{}
	id := c.admit(ev)
	return &talking{near: c.guest, leg: id, joins: id}
}

// pickedUp: another phone takes the caller who rings at one of the targets.
func (p *dialling) pickedUp(c *Call, ev Replaced) phase {
	p.endAll(c, "", AnsweredBefore)
	c.wanted = c.wanted || p.cmd.Record
	id := c.admit(ev)
	return &talking{near: c.guest, leg: id, joins: id}
}

func (p *joining) enter(c *Call) {
	c.front = p.stays
	c.do(AskLeg{Call: p.other, Leg: p.with, From: c.id, With: p.by, Phone: c.legs[p.by].phone})
	c.setTimer("join", joinWithin)
}

func (p *joining) giveBack(c *Call) {
	c.tellTransfer(p.by, Cancelled.SIP())
	p.talk.giveBack(c)
}

func (p *joining) on(c *Call, ev Event) phase {
	switch ev := ev.(type) {
	case LegHeld:
		p.talk.hold(c, ev)
	case TimerFired:
		if ev.Timer.Name == "join" {
			return p.failed(c, 504)
		}
	}
	return p
}

// done: the other call gave its party.
func (p *joining) done(c *Call, ev Replaced) phase {
	next := p.talk.swap(c, ev, "attended")
	c.tellTransfer(p.by, 200)
	c.end(p.by, Normal, 0)
	return next
}

// failed: the other call has nobody to give. The talk goes on; where who asked has left, the flow does for its guest, and else the call ends.
func (p *joining) failed(c *Call, status int) phase {
	c.tellTransfer(p.by, status)
	if p.called {
		c.do(RefuseJoin{Call: p.other, Leg: p.with, SIP: status})
	}
	if l := c.legs[p.by]; l != nil && !l.ending {
		c.front = p.front
		return p.talk
	}
	if p.stays != c.guest {
		return c.finish(end{cause: Normal, side: "system"})
	}
	c.do(StopPlay{Leg: p.stays})
	return c.advance(ivr.TalkEnded{})
}
