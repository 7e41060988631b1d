package call

import (
	"cmp"

	"hotline/ivr"
)

// consulting is an agent who asks somebody before they hand the other party over (consult transfer): that one hears music meanwhile. Whom
// the agent consults is rung as a further leg of this call, and the agent may go to and fro between the two.
//
// Only the time with the other party is an agent's talk: whoever is consulted is credited from the moment they have that one.
type consulting struct {
	dialling // whom the agent consults, while it rings
	talk     *talking
	aside    *talking // with whom they consult, from the answer on
	seek     *seeking // consults a queue, while nobody answered; nil: none
	by       LegID    // the agent
	stays    LegID    // the other party
	to       string   // as asked for
	front    LegID    // of the call before
	back     bool     // the agent talks to the other party at present
	said     LegID    // who holds, by the facts; "" nobody
	key      bool     // by the key of their phone, they do
	moved    bool     // the hand-over is noted
}

// consult begins a consultation, or tells why not.
func (p *talking) consult(c *Call, id LegID, ev Commanded) phase {
	way, status := c.wayToConsult(ev.To, c.legs[id].phone)
	if status != 0 {
		return p.vain(c, id, ev, CauseOfSIP(status))
	}
	next := &consulting{talk: p, by: id, stays: p.other(id), to: ev.To, front: c.front, said: p.held, key: p.held == id && !p.cut}
	if way.dial != nil {
		next.cmd = *way.dial
	} else {
		next.seek = &seeking{cmd: *way.queue}
	}
	if p.held == id { // the consultation holds from now on
		p.held, p.cut = "", false
	}
	return next
}

// vain lets an agent hear that a command came to nothing; the talk goes on.
func (p *talking) vain(c *Call, id LegID, ev Commanded, cause Cause) phase {
	c.unreached(id, ev.What, ev.To, cause)
	if p.held == "" {
		c.play(id, []ivr.Prompt{{File: couldNot}}, "", false)
	}
	return p
}

// unreached states that somebody whom an agent wanted was not reached.
func (c *Call) unreached(id LegID, what Verb, to string, cause Cause) {
	f := Fact{Kind: Unreached, Leg: id, To: to, Reason: string(what), Cause: cause}
	if l := c.legs[id]; l != nil {
		f.Agent = l.agent
	}
	c.note(f)
}

func (p *consulting) enter(c *Call) {
	c.front = p.stays
	c.part(p.stays, p.by)
	p.hold(c)
	c.play(p.by, []ivr.Prompt{{File: cmp.Or(p.cmd.Music, ringback)}}, "", true)
	if p.seek != nil {
		p.seek.begin(c)
		return
	}
	p.dialFor(c, p.by, p.by)
	if p.cmd.For > 0 {
		c.setTimer("ring", p.cmd.For)
	}
}

// hold lets the other party wait.
func (p *consulting) hold(c *Call) {
	p.tape(c)
	p.settle(c, p.holder())
	c.play(p.stays, []ivr.Prompt{{File: holdMusic}}, "", true)
}

// holder is who lets the other wait: the agent while they are not there, unless the other party does.
func (p *consulting) holder() LegID {
	switch {
	case p.talk.held == p.stays:
		return p.stays
	case !p.back || p.key:
		return p.by
	}
	return ""
}

// settle brings the facts about hold in step with who holds.
func (p *consulting) settle(c *Call, held LegID) {
	t := talking{held: p.said}
	t.settle(c, held)
	p.said = held
}

// tape records the talk with the other party, and nothing of what is said aside.
func (p *consulting) tape(c *Call) {
	if p.back {
		p.talk.tape(c, "")
	} else {
		p.talk.tape(c, p.by)
	}
}

// active is the talk that is heard now; nil while it rings.
func (p *consulting) active() *talking {
	if p.back {
		return p.talk
	}
	return p.aside
}

func (p *consulting) giveBack(c *Call) {
	p.endAll(c, "", Cancelled)
	p.stopSeeking(c)
	p.talk.giveBack(c)
}

func (p *consulting) on(c *Call, ev Event) phase {
	if p.seek != nil {
		if next, mine := p.sought(c, ev); mine {
			return next
		}
	}
	switch ev := ev.(type) {
	case LegHeld:
		p.pressed(c, ev)
	case LegEarly:
		p.hear(c, ev.Leg)
	case LegAnswered:
		if p.aside == nil && p.ours(ev.Leg) {
			p.endAll(c, ev.Leg, AnsweredBefore)
			p.reached(c, ev.Leg)
		}
	case LegEnded:
		return p.ended(c, ev)
	case Digit:
		if t := p.active(); t != nil && (ev.Info || c.watched()) && (ev.Leg == t.near || ev.Leg == t.leg) {
			c.do(SendDigit{Leg: t.other(ev.Leg), Key: ev.Key})
		}
	case TimerFired:
		if ev.Timer.Name == "ring" && p.aside == nil {
			p.endAll(c, "", NoAnswer)
			return p.failed(c, NoAnswer)
		}
	}
	return p
}

// hear connects the early sound of whom the agent consults (RFC 3960): what a carrier says is for them.
func (p *consulting) hear(c *Call, id LegID) {
	if len(p.legs) == 1 && p.heard == "" && p.ours(id) && p.aside == nil && c.up(p.by) {
		p.heard = id
		c.do(Bridge{A: p.by, B: id})
	}
}

// reached: somebody answered.
func (p *consulting) reached(c *Call, id LegID) {
	c.comes(Consulted, id)
	p.aside = &talking{near: p.by, leg: id}
	p.aside.connect(c) // unless the agent is about to be gone, who then has handed over
}

// ended: a leg is gone. An agent who hangs up has handed over, to whoever rings too.
func (p *consulting) ended(c *Call, ev LegEnded) phase {
	switch {
	case ev.Leg == p.by:
		return p.left(c)
	case p.aside != nil && ev.Leg == p.aside.leg:
		return p.resume(c)
	case p.aside != nil || p.forwarded(c, ev):
	case p.gather(c, ev):
		return p.failed(c, p.cause)
	}
	return p
}

// failed: whom the agent wants to consult is not to be had.
func (p *consulting) failed(c *Call, cause Cause) phase {
	c.unreached(p.by, Consult, p.to, cause)
	if !p.key {
		p.talk.apology = p.by
	}
	return p.resume(c)
}

// resume brings the agent back to the other party.
func (p *consulting) resume(c *Call) phase {
	if !c.up(p.by) {
		p.handOver(c)
		return p.alone(c)
	}
	c.front = p.front
	if p.key {
		p.talk.held = p.by
	}
	p.settle(c, p.talk.held)
	if p.aside != nil && !p.back {
		c.unseat()
	}
	return p.talk
}

// commanded does what an agent wants during their consultation.
func (p *consulting) commanded(c *Call, id LegID, ev Commanded) phase {
	if id != p.by {
		c.nay(NayNotNow)
		return p
	}
	switch ev.What {
	case Cancel:
		p.endAll(c, "", Cancelled)
		p.stopSeeking(c)
		if p.aside != nil {
			c.end(p.aside.leg, Normal, 0)
		}
		return p.resume(c)
	case Swap:
		p.swap(c)
	case Complete:
		return p.complete(c)
	case Merge:
		return p.merge(c)
	default:
		c.nay(NayNotNow)
	}
	return p
}

// swap goes to and fro between the two.
func (p *consulting) swap(c *Call) {
	if p.aside == nil || !c.up(p.aside.leg) || !c.up(p.by) || !c.up(p.stays) {
		c.nay(NayNobody)
		return
	}
	was := p.active()
	p.back = !p.back
	c.part(was.near, was.leg)
	if !p.back {
		p.hold(c)
		p.aside.connect(c)
		return
	}
	p.settle(c, p.holder())
	p.talk.connect(c)
	if p.talk.held == p.stays {
		c.play(p.by, []ivr.Prompt{{File: holdMusic}}, "", true)
	}
	c.play(p.aside.leg, []ivr.Prompt{{File: holdMusic}}, "", true)
	p.tape(c)
}

// handOver notes that the agent is done with the other party.
func (p *consulting) handOver(c *Call) {
	if !p.moved {
		p.moved = true
		c.handsOver(Fact{Leg: p.by, To: p.to, Reason: "consult"})
	}
}

// leaves is told before a leg is gone: an agent who hangs up has handed over.
func (p *consulting) leaves(c *Call, id LegID) {
	if id == p.by && c.legs[id] != nil {
		if p.seek != nil {
			p.seek.phone = c.legs[id].phone
		}
		p.handOver(c)
	}
}

// complete joins the other party with the consulted one, and the agent is free. What still rings becomes a blind transfer.
func (p *consulting) complete(c *Call) phase {
	switch {
	case p.seek != nil && p.aside == nil:
		w, status := c.wayTo(p.to, c.legs[p.by].phone)
		if status != 0 || w.dial != nil {
			c.nay(NayNotNow)
			return p
		}
		p.stopSeeking(c)
		return p.talk.intoFlow(c, TransferAsked{Leg: p.by, To: p.to}, w, Transfer)
	case p.aside == nil:
		return p.blind(false)
	case !c.up(p.aside.leg) || !c.up(p.stays):
		c.nay(NayNobody)
		return p
	}
	p.handOver(c)
	return p.join(c)
}

// join lets the two talk on without the agent.
func (p *consulting) join(c *Call) phase {
	if t := p.active(); c.up(p.by) {
		c.part(t.near, t.leg)
	} else {
		c.unseat()
	}
	next := p.talk.with(p.by, p.aside.leg)
	c.end(p.by, Normal, 0)
	if p.cmd.Record {
		c.wanted = true
	}
	return next
}

// blind goes on as a blind transfer to who rings.
func (p *consulting) blind(gone bool) phase {
	t := &transferring{dialling: p.dialling, talk: p.talk, by: p.by, stays: p.stays, to: p.to, as: Transfer, front: p.front, moved: gone, told: gone, byCommand: true, ringing: true}
	if p.key {
		p.talk.held = p.by
	}
	t.said = p.said
	return t
}

// left: the agent hung up.
func (p *consulting) left(c *Call) phase {
	switch {
	case p.aside != nil && c.up(p.aside.leg):
		return p.join(c)
	case p.aside != nil:
	case p.seek == nil:
		return p.blind(true)
	default:
		phone := p.seek.phone
		p.stopSeeking(c)
		if w, status := c.wayTo(p.to, phone); status == 0 && w.dial == nil {
			p.letGo(c)
			return c.serve(p.stays, w)
		}
	}
	return p.alone(c)
}

// alone is the other party without anybody: a caller goes on in the flow, for anybody else the call ends.
func (p *consulting) alone(c *Call) phase {
	if p.stays != c.guest {
		return c.finish(end{cause: Normal, side: "agent"})
	}
	p.letGo(c)
	c.do(StopPlay{Leg: p.stays})
	return c.advance(ivr.TalkEnded{})
}

// letGo ends by the facts what the other party holds: nobody is there any more who waits for them. The agent's hold ends with their part.
func (p *consulting) letGo(c *Call) {
	if p.said == p.stays {
		p.settle(c, "")
	}
}

// pressed is the hold key of a phone: its partner hears music until it is taken back.
func (p *consulting) pressed(c *Call, ev LegHeld) {
	switch ev.Leg {
	case p.by:
		p.key = ev.On
	case p.stays:
		if p.talk.held = ""; ev.On {
			p.talk.held = ev.Leg
		}
	default: // who is asked aside: see below
	}
	p.settle(c, p.holder())
	t := p.active()
	if t == nil || ev.Leg != t.near && ev.Leg != t.leg || !c.up(t.other(ev.Leg)) {
		return
	}
	if ev.On {
		c.play(t.other(ev.Leg), []ivr.Prompt{{File: holdMusic}}, "", true)
	} else {
		c.do(StopPlay{Leg: t.other(ev.Leg)})
	}
}
