package call

import (
	"slices"

	"hotline/ivr"
)

// MostMembers is how many may take part in a conference, those who ring included; a supervisor comes on top.
const MostMembers = 8

// Tones that a conference hears when somebody comes or goes (configs/prompts).
const (
	joinTone  = "joined"
	leaveTone = "left"
)

// conferring is several who all hear each other, and whoever is rung to come in. It begins when an agent of a talk adds somebody or merges
// a consultation, and is a talk again when two are left. Nobody holds the others: who holds is away, and neither hears nor is heard.
//
// The call goes on until its front leaves it; an agent who called leaves it to the others. One who is left alone hears ringing while somebody is still rung, and is then served as one
// whose talk ended.
type conferring struct {
	members []member // by age; the first is in the left channel of the recording, the others are mixed in the right one
	invited []*invitation
	tone    string // to be heard when the room is next arranged
	waits   bool   // one is alone and hears ringing
}

type member struct {
	leg LegID
	key bool // holds by the key of their phone
	cut bool // or by command
}

// invitation is somebody who is rung to come in.
type invitation struct {
	dialling
	by LegID
	to string
}

// confer makes a talk a conference of those two.
func (p *talking) confer(c *Call) *conferring {
	return &conferring{members: []member{{leg: p.near}, {leg: p.leg}}}
}

// add begins a conference by ringing a third.
func (p *talking) add(c *Call, id LegID, ev Commanded) phase {
	if p.held != "" {
		return p.vain(c, id, ev, Declined)
	}
	w, status := c.wayToAdd(ev.To, c.legs[id].phone)
	if status != 0 {
		return p.vain(c, id, ev, CauseOfSIP(status))
	}
	next := p.confer(c)
	next.invited = []*invitation{{dialling: dialling{cmd: *w.dial}, by: id, to: ev.To}}
	return next
}

// wayToAdd is wayTo for somebody who is to come in: a phone or a number, no flow.
func (c *Call) wayToAdd(to, phone string) (w way, status int) {
	if w, status = c.wayTo(to, phone); status == 0 && w.dial == nil {
		status = NotAcceptable.SIP()
	}
	return w, status
}

// merge lets the agent, the other party and the consulted one all hear each other.
func (p *consulting) merge(c *Call) phase {
	if p.aside == nil || !c.up(p.aside.leg) || !c.up(p.stays) {
		c.nay(NayNobody)
		return p
	}
	c.front = p.front
	t := p.active()
	c.part(t.near, t.leg)
	p.settle(c, "")
	next := p.talk.confer(c)
	for i, m := range next.members {
		next.members[i].key = m.leg == p.by && p.key || m.leg == p.talk.held
	}
	next.come(c, p.aside.leg)
	return next
}

func (p *conferring) enter(c *Call) {
	p.connect(c)
	p.tape(c)
	for _, i := range p.invited {
		p.ring(c, i)
	}
}

// ring rings somebody.
func (p *conferring) ring(c *Call, i *invitation) {
	i.dialFor(c, i.by, i.by)
	if i.cmd.For > 0 {
		c.setTimer(i.timer(), i.cmd.For)
	}
}

func (i *invitation) timer() string { return "invited:" + string(i.legs[0]) }

func (p *conferring) giveBack(c *Call) {
	for _, i := range p.invited {
		i.endAll(c, "", Cancelled)
	}
}

// connect arranges the room.
func (p *conferring) connect(c *Call) {
	var ids []LegID
	for _, m := range p.members {
		if c.up(m.leg) && !m.key && !m.cut {
			ids = append(ids, m.leg)
		}
	}
	c.meet(ids, p.tone)
	p.tone = ""
}

// tape records the conference where that is wanted.
func (p *conferring) tape(c *Call) {
	if !c.wanted || len(p.members) == 0 {
		return
	}
	var heard []LegID
	for _, m := range p.members {
		if l := c.legs[m.leg]; l != nil && !l.ending && !l.muted && !m.key && !m.cut {
			heard = append(heard, m.leg)
		}
	}
	left, others := LegID(""), heard
	if first := p.members[0].leg; slices.Contains(heard, first) {
		left, others = first, heard[1:]
	}
	c.tape(left, "", others)
}

// has is true for a leg that takes part.
func (p *conferring) has(id LegID) bool { return p.find(id) != nil }

func (p *conferring) find(id LegID) *member {
	for i := range p.members {
		if p.members[i].leg == id {
			return &p.members[i]
		}
	}
	return nil
}

// come takes somebody in.
func (p *conferring) come(c *Call, id LegID) {
	c.comes(Connected, id)
	p.members = append(p.members, member{leg: id})
	p.tone = joinTone
}

func (p *conferring) on(c *Call, ev Event) phase {
	switch ev := ev.(type) {
	case LegHeld:
		if m := p.find(ev.Leg); m != nil && m.key != ev.On {
			m.key = ev.On
			p.connect(c)
			p.tape(c)
		}
	case Digit:
		p.pressed(c, ev)
	case LegAnswered:
		if i := p.invitation(ev.Leg); i != nil {
			return p.answered(c, i, ev.Leg)
		}
	case LegEnded:
		return p.ended(c, ev)
	case TimerFired:
		for _, i := range p.invited {
			if i.timer() == ev.Timer.Name {
				i.endAll(c, "", NoAnswer)
				return p.failed(c, i, NoAnswer)
			}
		}
	}
	return p
}

// pressed passes a key of an agent on to those outside: a room carries voices alone.
func (p *conferring) pressed(c *Call, ev Digit) {
	if l := c.legs[ev.Leg]; l == nil || l.phone == "" || !p.has(ev.Leg) {
		return
	}
	for _, m := range p.members {
		if l := c.legs[m.leg]; m.leg != ev.Leg && m.leg != c.front && l != nil && l.phone == "" {
			c.do(SendDigit{Leg: m.leg, Key: ev.Key})
		}
	}
}

func (p *conferring) invitation(id LegID) *invitation {
	for _, i := range p.invited {
		if i.ours(id) {
			return i
		}
	}
	return nil
}

// drop forgets an invitation that has been answered, or came to nothing.
func (p *conferring) drop(i *invitation) {
	p.invited = slices.DeleteFunc(p.invited, func(o *invitation) bool { return o == i })
}

// answered: somebody comes in.
func (p *conferring) answered(c *Call, i *invitation, id LegID) phase {
	i.endAll(c, id, AnsweredBefore)
	p.drop(i)
	if i.cmd.Record {
		c.wanted = true
	}
	p.come(c, id)
	return p.settle(c, "")
}

// failed: somebody does not come in; who wanted them hears a word.
func (p *conferring) failed(c *Call, i *invitation, cause Cause) phase {
	p.drop(i)
	c.unreached(i.by, Add, i.to, cause)
	return p.settle(c, i.by)
}

// leaves is told before a leg is gone: who leaves last is whom a survey is about, and an agent who called leaves the call to the others.
func (p *conferring) leaves(c *Call, id LegID) {
	if !p.has(id) {
		return
	}
	c.hadLast(id)
	if heir := p.heir(c, id); heir != "" {
		c.front = heir
	}
}

// heir is whose end is the call's once the present front has left, who is an agent: a party from outside before others; "": it ends with them.
func (p *conferring) heir(c *Call, id LegID) (heir LegID) {
	if l := c.legs[id]; id != c.front || l == nil || l.agent == "" {
		return ""
	}
	for _, m := range slices.Backward(p.members) {
		if m.leg != id && c.up(m.leg) && (heir == "" || c.legs[m.leg].agent == "") {
			heir = m.leg
		}
	}
	return heir
}

func (p *conferring) ended(c *Call, ev LegEnded) phase {
	if i := p.invitation(ev.Leg); i != nil {
		if !i.forwarded(c, ev) && i.gather(c, ev) {
			return p.failed(c, i, i.cause)
		}
		return p
	}
	if !p.has(ev.Leg) {
		return p
	}
	p.members = slices.DeleteFunc(p.members, func(m member) bool { return m.leg == ev.Leg })
	p.tone = leaveTone
	if ev.ByPeer {
		c.left = sideOf(ev.Leg)
	}
	return p.settle(c, "")
}

// settle goes on with whoever is there now: a conference, a talk of two, or one alone. sorry hears that nobody came, "" nobody does.
func (p *conferring) settle(c *Call, sorry LegID) phase {
	switch {
	case len(p.members) == 2 && len(p.invited) == 0:
		return p.talk(c, sorry)
	case len(p.members) == 1 && len(p.invited) == 0:
		return p.alone(c)
	case len(p.members) == 1 && !p.waits:
		p.waits, p.tone = true, ""
		c.unseat()
		c.play(p.members[0].leg, []ivr.Prompt{{File: ringback}}, "", true)
		p.tape(c)
		return p
	}
	if len(p.members) > 1 {
		p.waits = false
		p.connect(c)
	}
	p.tape(c)
	if m := p.find(sorry); m != nil && !m.key && !m.cut && c.up(sorry) {
		c.play(sorry, []ivr.Prompt{{File: couldNot}}, "", false)
	}
	return p
}

// talk is the two who are left.
func (p *conferring) talk(c *Call, sorry LegID) phase {
	p.unmute(c)
	a, b := p.members[0], p.members[1]
	next := &talking{near: a.leg, leg: b.leg, tone: p.tone}
	for _, m := range p.members {
		c.hadLast(m.leg)
		if next.held == "" && (m.key || m.cut) {
			next.held, next.cut = m.leg, m.cut && !m.key
			c.note(Fact{Kind: Held, Leg: m.leg})
		}
	}
	if next.held == "" {
		next.apology = sorry
	}
	c.unseat()
	return next
}

// unmute lets those be heard again who could not do so themselves: whoever muted them may be gone.
func (p *conferring) unmute(c *Call) {
	for _, m := range p.members {
		if l := c.legs[m.leg]; l != nil && l.muted && l.agent == "" {
			l.muted = false
			c.note(Fact{Kind: Unmuted, Leg: m.leg})
		}
	}
}

// alone is who is left of all: a caller goes on in the flow, for anybody else the call ends.
func (p *conferring) alone(c *Call) phase {
	id := p.members[0].leg
	p.unmute(c)
	c.unseat()
	if id != c.guest || c.front != c.guest {
		return c.finish(end{cause: Normal, side: "agent"})
	}
	if c.record != "" {
		c.startRecording("call", c.guest, "")
	}
	c.do(StopPlay{Leg: c.guest})
	return c.advance(ivr.TalkEnded{})
}

// commanded does what one who takes part wants.
func (p *conferring) commanded(c *Call, id LegID, ev Commanded) phase {
	m := p.find(id)
	if m == nil {
		c.nay(NayNotNow)
		return p
	}
	switch ev.What {
	case Add:
		p.invite(c, id, ev)
	case Cancel:
		return p.callOff(c, id)
	case Remove:
		p.remove(c, ev.Leg)
	case HoldCall, ResumeCall:
		m.cut = ev.What == HoldCall
		p.connect(c)
		p.tape(c)
	default: // it is for two who talk
		c.nay(NayNotNow)
	}
	return p
}

// invite rings one more.
func (p *conferring) invite(c *Call, id LegID, ev Commanded) {
	w, status := c.wayToAdd(ev.To, c.legs[id].phone)
	if len(p.members)+len(p.invited) >= MostMembers {
		status = Declined.SIP()
	}
	if status != 0 {
		c.unreached(id, ev.What, ev.To, CauseOfSIP(status))
		c.play(id, []ivr.Prompt{{File: couldNot}}, "", false)
		return
	}
	i := &invitation{dialling: dialling{cmd: *w.dial}, by: id, to: ev.To}
	p.invited = append(p.invited, i)
	p.ring(c, i)
}

// callOff ends what an agent's invitations ring.
func (p *conferring) callOff(c *Call, by LegID) phase {
	n := len(p.invited)
	for _, i := range slices.Clone(p.invited) {
		if i.by == by {
			i.endAll(c, "", Cancelled)
			p.drop(i)
		}
	}
	if len(p.invited) == n {
		c.nay(NayNobody)
		return p
	}
	return p.settle(c, "")
}

// remove ends somebody else's part, or stops ringing them. The call's front is not removed: that would end it for all.
func (p *conferring) remove(c *Call, id LegID) {
	if i := p.invitation(id); id != c.front && (i != nil || p.has(id)) {
		c.end(id, Normal, 0)
		return
	}
	c.nay(NayNoLeg)
}
