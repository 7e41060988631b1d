package call

import "hotline/ivr"

// talking is two parties connected: caller and one other, or, after a transfer, those who are left.
type talking struct {
	near    LegID  // in the left channel: the caller, until they hand over
	leg     LegID  // in the right channel
	held    LegID  // who put the other on hold, "" nobody
	joins   LegID  // who has just come, "" once they are in
	greets  bool   // the one who comes was offered the caller by a queue: both hear the agent's greeting
	apology LegID  // who is about to hear that a transfer came to nothing, "" nobody
	tone    string // that both are about to hear, "" none
	cut     bool   // held by command: the phone itself knows nothing of it, so the sound is parted here
}

func (p *talking) enter(c *Call) {
	c.answer()
	c.home = nil
	p.connect(c)
	if p.joins != "" {
		p.join(c, p.joins)
		p.joins, p.greets = "", false
	}
	if p.held != "" {
		c.play(p.other(p.held), []ivr.Prompt{{File: holdMusic}}, "", true)
	}
	if p.tone != "" && p.held == "" {
		c.play(p.near, []ivr.Prompt{{File: p.tone}}, "", false)
		c.play(p.leg, []ivr.Prompt{{File: p.tone}}, "", false)
	}
	p.tone = ""
	if p.apology != "" {
		c.play(p.apology, []ivr.Prompt{{File: couldNot}}, "", false)
		p.apology = ""
	}
	p.tape(c, "")
}

// join notes who has come.
func (p *talking) join(c *Call, id LegID) {
	c.comes(Connected, id)
	c.hadLast(id)
	if file := c.setup.Greetings[c.legs[id].agent]; file != "" && p.greets && p.held == "" {
		c.play(p.near, []ivr.Prompt{{File: file}}, "", false)
		c.play(p.leg, []ivr.Prompt{{File: file}}, "", false)
	}
}

// tape records the talk where that is wanted, without one party who is away ("" nobody): what somebody says aside, or while they hold by
// command, is none of the talk.
func (p *talking) tape(c *Call, away LegID) {
	if !c.wanted {
		return
	}
	if away == "" && p.cut {
		away = p.held
	}
	left, right := p.near, p.leg
	switch away {
	case left:
		left = ""
	case right:
		right = ""
	default: // both are there
	}
	c.tape(left, right, nil)
}

func (p *talking) giveBack(c *Call) { c.end(p.leg, Normal, 0) }

func (p *talking) on(c *Call, ev Event) phase {
	switch ev := ev.(type) {
	case LegHeld:
		if !p.cut { // held by command: what the phone does meanwhile changes nothing
			p.hold(c, ev)
		}
	case Digit:
		if (ev.Info || c.watched()) && (ev.Leg == p.near || ev.Leg == p.leg) {
			c.do(SendDigit{Leg: p.other(ev.Leg), Key: ev.Key})
		}
	case LegEnded:
		if ev.Leg == p.leg || ev.Leg == p.near {
			return p.parted(c, ev)
		}
	}
	return p
}

// parted: one party hung up. A caller goes on in the flow; for anybody else nothing is left to do.
func (p *talking) parted(c *Call, ev LegEnded) phase {
	if c.front != c.guest {
		return c.finish(endOf(ev, c.answered))
	}
	if ev.ByPeer {
		c.left = sideOf(ev.Leg)
	}
	if c.record != "" {
		c.startRecording("call", c.guest, "")
	}
	c.do(StopPlay{Leg: c.guest})
	invited := c.invited
	c.invited = false
	return c.advance(ivr.TalkEnded{Invited: invited})
}

func (p *talking) other(id LegID) LegID {
	if id == p.near {
		return p.leg
	}
	return p.near
}

// hold plays music to the party that waits, and stops it when the other takes them back.
func (p *talking) hold(c *Call, ev LegHeld) {
	switch {
	case ev.Leg != p.near && ev.Leg != p.leg:
	case ev.On && p.held == "":
		p.held = ev.Leg
		p.nowHeld(c)
	case !ev.On && p.held == ev.Leg:
		p.held = ""
		c.note(Fact{Kind: Resumed, Leg: ev.Leg})
		c.do(StopPlay{Leg: p.other(ev.Leg)})
	}
}

func (p *talking) nowHeld(c *Call) {
	c.note(Fact{Kind: Held, Leg: p.held})
	c.play(p.other(p.held), []ivr.Prompt{{File: holdMusic}}, "", true)
}
