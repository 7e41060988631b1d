package call

import (
	"cmp"

	"hotline/ivr"
)

// transferring rings whom one party of a talk wants the other to talk to (RFC 5589 section 6). The other party stays, hears
// ringback and is now the front of the call; the old talk goes on when nobody answers.
//
// Only a phone of ours may transfer, and only to what it could dial itself: a phone, an outside number where the centre allows that, or a
// flow or queue, which the other party then goes through as if they had called it.
type transferring struct {
	dialling
	talk  *talking
	by    LegID // who asked
	stays LegID
	to    string // as asked for
	as    Verb   // Transfer, or Move by a supervisor
	front LegID  // of the call before
	said  LegID  // who holds, by the facts
	moved bool   // the hand-over is noted
	told  bool   // how it went

	byCommand bool // no phone asked for it: the agent hears when it comes to nothing
	ringing   bool // the legs are dialled already
}

// transferAsked begins a transfer where two parties talk; elsewhere it is declined.
func (c *Call) transferAsked(ev TransferAsked) phase {
	l := c.legs[ev.Leg]
	if l == nil || l.ending {
		return c.phase
	}
	if p, talk := c.phase.(*talking); talk && (ev.Leg == p.near || ev.Leg == p.leg) {
		next, _ := p.transfer(c, ev, Transfer)
		return next
	}
	c.do(TellTransfer{Leg: ev.Leg, SIP: Declined.SIP()})
	return c.phase
}

// transfer begins a transfer, or tells why not: with the status, 0 where it began. as is Transfer, or Move where it is a supervisor's wish.
func (p *talking) transfer(c *Call, ev TransferAsked, as Verb) (next phase, status int) {
	if code, is := c.setup.Routes.Codes.Read(ev.To); is {
		return p, p.parkByCode(c, ev, code)
	}
	stays := p.other(ev.Leg)
	way, status := c.wayTo(ev.To, c.legs[ev.Leg].phone)
	if l := c.legs[stays]; l == nil || l.ending {
		status = Declined.SIP()
	}
	switch {
	case status != 0:
		c.do(TellTransfer{Leg: ev.Leg, SIP: status})
		return p, status
	case way.dial == nil:
		return p.intoFlow(c, ev, way, as), 0
	}
	return &transferring{dialling: dialling{cmd: *way.dial}, talk: p, by: ev.Leg, stays: stays, to: ev.To, as: as, front: c.front}, 0
}

// handedOver is how a party was, as the fact Transferred says it.
func (v Verb) handedOver() string {
	if v == Move {
		return string(Move)
	}
	return "blind"
}

// intoFlow hands the other party over to a flow at once: there is nobody whose answer would have to be waited for.
func (p *talking) intoFlow(c *Call, ev TransferAsked, w way, as Verb) phase {
	stays := p.other(ev.Leg)
	l := c.legs[ev.Leg]
	c.handsOver(Fact{Leg: ev.Leg, To: ev.To, Reason: as.handedOver()})
	c.do(TellTransfer{Leg: ev.Leg, SIP: 200})
	c.part(stays, ev.Leg)
	p.settle(c, "")
	c.end(ev.Leg, Normal, 0)
	if l.agent != "" {
		c.home = &home{agent: l.agent}
	}
	return c.serve(stays, w)
}

// serve gives a party to a flow, alone.
func (c *Call) serve(id LegID, w way) phase {
	c.unseat()
	c.do(StopPlay{Leg: id})
	c.front, c.guest, c.left = id, id, ""
	c.setup.Plan, c.topic = w.plan, cmp.Or(w.plan.Topic, c.topic)
	if c.record != "" {
		c.startRecording("call", id, "")
	}
	c.run = w.run
	f := &flowing{}
	c.phase = f
	c.epoch++
	return c.follow(f, w.said)
}

func (p *transferring) enter(c *Call) {
	c.front = p.stays
	c.part(p.stays, p.by)
	if p.said == "" {
		p.said = p.talk.held
	}
	if p.said == "" {
		p.said = p.by
		c.note(Fact{Kind: Held, Leg: p.by})
	}
	c.play(p.stays, []ivr.Prompt{{File: cmp.Or(p.cmd.Music, ringback)}}, "", true)
	p.talk.tape(c, p.by)
	if !p.ringing {
		p.dialFor(c, p.stays, p.by)
	}
	if p.cmd.For > 0 {
		c.setTimer("ring", p.cmd.For)
	}
}

// dialFor rings the targets for one party at the wish of another, whose limits on calls out count.
func (p *dialling) dialFor(c *Call, party, wish LegID) {
	from := p.cmd.From
	if from == "" && party != CallerLeg {
		from = c.legs[party].phone
	}
	by := ""
	if l := c.legs[wish]; l != nil {
		by = l.phone
	}
	for _, t := range p.cmd.Targets {
		p.legs = append(p.legs, c.dialAs(Dial{Target: t, From: from, By: by, Display: p.shown}, c.setup.Agents[t.Value]))
	}
}

// giveBack: the call ends while it rings.
func (p *transferring) giveBack(c *Call) {
	p.tell(c, Cancelled.SIP())
	p.endAll(c, "", Cancelled)
	p.talk.giveBack(c)
}

func (p *transferring) on(c *Call, ev Event) phase {
	switch ev := ev.(type) {
	case LegHeld:
		p.hold(ev)
	case LegRinging:
		if p.ours(ev.Leg) && !p.rang {
			p.rang = true
			c.tellTransfer(p.by, 180)
		}
	case LegAnswered:
		if p.ours(ev.Leg) {
			return p.done(c, ev.Leg)
		}
	case LegEnded:
		if ev.Leg == p.by {
			return p
		}
		if p.forwarded(c, ev) {
			return p
		}
		if p.gather(c, ev) {
			return p.failed(c, p.cause, p.status)
		}
	case TimerFired:
		if ev.Timer.Name == "ring" {
			p.endAll(c, "", NoAnswer)
			return p.failed(c, NoAnswer, NoAnswer.SIP())
		}
	}
	return p
}

// hold keeps in mind who holds: the facts follow when it is clear how the talk goes on.
func (p *transferring) hold(ev LegHeld) {
	switch t := p.talk; {
	case ev.On && t.held == "" && (ev.Leg == p.by || ev.Leg == p.stays):
		t.held = ev.Leg
	case !ev.On && t.held == ev.Leg:
		t.held = ""
	}
}

// leaves is told before a leg is gone: who asked for the transfer and hangs up has handed over, however it goes on.
func (p *transferring) leaves(c *Call, id LegID) {
	if id == p.by && c.legs[id] != nil {
		p.handOver(c)
	}
}

func (p *transferring) handOver(c *Call) {
	if !p.moved {
		p.moved = true
		c.handsOver(Fact{Leg: p.by, To: p.to, Reason: p.as.handedOver()})
	}
}

// tell lets who asked know how it went, while they are there to hear it.
func (p *transferring) tell(c *Call, status int) {
	if c.legs[p.by] != nil && !p.told {
		p.told = true
		c.do(TellTransfer{Leg: p.by, SIP: status})
	}
}

// done: the target answered.
func (p *transferring) done(c *Call, id LegID) phase {
	p.endAll(c, id, AnsweredBefore)
	p.handOver(c)
	p.tell(c, 200)
	next := &talking{near: p.talk.near, leg: id, joins: id}
	if p.by == p.talk.near {
		next = &talking{near: id, leg: p.talk.leg, joins: id}
	}
	if p.talk.held == p.stays {
		next.held = p.stays
	}
	if p.said == p.by {
		p.said = "" // ended with the hand-over
	}
	p.settle(c, next.held)
	c.end(p.by, Normal, 0)
	if p.cmd.Record {
		c.wanted = true
	}
	return next
}

// commanded does what is asked while it rings: who transferred takes the other party back. Everything else waits for an answer.
func (p *transferring) commanded(c *Call, id LegID, ev Commanded) phase {
	if ev.What != Cancel || id != p.by {
		c.nay(NayNotNow)
		return p
	}
	p.endAll(c, "", Cancelled)
	p.tell(c, Cancelled.SIP())
	c.front = p.front
	p.settle(c, p.talk.held)
	return p.talk
}

// settle brings the facts about hold in step with who holds.
func (p *transferring) settle(c *Call, held LegID) {
	if p.said == held {
		return
	}
	if p.said != "" {
		c.note(Fact{Kind: Resumed, Leg: p.said})
	}
	if held != "" {
		c.note(Fact{Kind: Held, Leg: held})
	}
	p.said = held
}

// failed: nobody answered. The old talk goes on; where who asked has left, the flow does for a caller, and else the call ends.
func (p *transferring) failed(c *Call, cause Cause, status int) phase {
	p.tell(c, status)
	c.unreached(p.by, p.as, p.to, cause)
	if l := c.legs[p.by]; l != nil && !l.ending {
		c.front = p.front
		p.settle(c, p.talk.held)
		if p.byCommand && p.talk.held == "" {
			p.talk.apology = p.by
		}
		return p.talk
	}
	if p.stays != c.guest {
		return c.finish(end{cause: cause, side: "system"})
	}
	if p.said == p.stays {
		p.settle(c, "")
	}
	c.do(StopPlay{Leg: p.stays})
	return c.advance(ivr.TalkEnded{})
}
