package call

import "hotline/ivr"

// dialling rings one or several targets together; the caller hears their progress, or ours once answered.
type dialling struct {
	cmd    ivr.Dial
	legs   []LegID
	heard  LegID  // whose early sound the caller hears
	shown  string // beside the number on the phones that are rung; "" nothing
	rang   bool
	cause  Cause // the best failure so far
	status int

	forwards map[LegID]forward // by the leg that is rung for one
	tried    []string          // numbers that were rung for phones which forward
	hops     int
}

func (p *dialling) enter(c *Call) {
	for _, t := range p.cmd.Targets {
		p.legs = append(p.legs, c.dial(t, "", p.cmd.From))
	}
	if p.cmd.For > 0 {
		c.setTimer("ring", p.cmd.For)
	}
	if c.answered {
		music := p.cmd.Music
		if music == "" {
			music = ringback
		}
		c.play(c.guest, []ivr.Prompt{{File: music}}, "", true)
	}
}

func (p *dialling) giveBack(c *Call) { p.endAll(c, "", Cancelled) }

// endAll ends the dialled legs but one.
func (p *dialling) endAll(c *Call, but LegID, cause Cause) {
	for _, id := range p.legs {
		if id != but {
			c.end(id, cause, 0)
		}
	}
}

func (p *dialling) on(c *Call, ev Event) phase {
	switch ev := ev.(type) {
	case LegRinging:
		if !p.rang && !c.answered && p.ours(ev.Leg) {
			p.rang = true
			c.do(RingLeg{Leg: CallerLeg})
		}
	case LegEarly:
		p.hear(c, ev.Leg)
	case LegAnswered:
		if !p.ours(ev.Leg) {
			return p
		}
		p.endAll(c, ev.Leg, AnsweredBefore)
		if p.cmd.Record {
			c.wanted = true
		}
		return &talking{near: c.guest, leg: ev.Leg, joins: ev.Leg}
	case LegEnded:
		if p.forwarded(c, ev) {
			return p
		}
		if p.gather(c, ev) {
			return c.advance(ivr.DialEnded{Cause: string(p.cause), SIP: p.status})
		}
	case TimerFired:
		if ev.Timer.Name == "ring" {
			p.endAll(c, "", NoAnswer)
			return c.advance(ivr.DialEnded{Cause: string(NoAnswer), SIP: NoAnswer.SIP()})
		}
	}
	return p
}

// hear connects the early sound of a single target to the caller (RFC 3960).
func (p *dialling) hear(c *Call, id LegID) {
	if len(p.legs) > 1 || p.heard != "" || !p.ours(id) {
		return
	}
	p.heard = id
	c.openEarly()
	c.do(Bridge{A: c.guest, B: id})
}

func (p *dialling) ours(id LegID) bool {
	for _, l := range p.legs {
		if l == id {
			return true
		}
	}
	return false
}

// gather keeps the best answer of a fork (RFC 3261 section 16.7: 6xx first, then the lowest class); true when all are gone.
func (p *dialling) gather(c *Call, ev LegEnded) bool {
	if !p.ours(ev.Leg) {
		return false
	}
	p.weigh(ev)
	for _, id := range p.legs {
		if c.legs[id] != nil {
			return false
		}
	}
	return true
}

// weigh takes an answer where it says more than those before. A phone that only forwards is one that nobody is at.
func (p *dialling) weigh(ev LegEnded) {
	cause, status := ev.Cause, ev.SIP
	if status/100 == 3 {
		cause = NotRegistered
	}
	if status < 400 {
		status = cause.SIP()
	}
	if p.status == 0 || rank(status) < rank(p.status) {
		p.cause, p.status = cause, status
	}
}

func rank(status int) int {
	switch class := status / 100; class {
	case 6:
		return 0
	default:
		return class
	}
}
