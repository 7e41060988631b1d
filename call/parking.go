package call

import (
	"cmp"
	"time"

	"hotline/ivr"
	"hotline/route"
)

// parkFor is how long a party waits in a slot where the centre says nothing, before the agent who parked them is rung.
const parkFor = 90 * time.Second

// tellWithin bounds how long a phone is kept to hear the slot.
const tellWithin = 10 * time.Second

// parkedIn is what a phone hears before the slot (configs/prompts).
const parkedIn = "parked-in"

// parking is one of two who talk while they wait for a slot to leave the other in.
type parking struct {
	by    LegID
	slot  string // that very one; "" any
	refer bool   // the phone asked for it by a transfer, and is told how it went
	guest *Guest // the line on which the phone dialled the code; nil: none
}

// parked is a party who waits, with music, for an agent to fetch them: in a slot, after a park, until the time is up and the agent who parked
// them is rung again; or without one, where a transfer into a queue or flow came to nothing and the agent who transferred is rung.
type parked struct {
	dialling // who is rung to take them
	stays    LegID
	slot     string // "" none
	agent    string // who parked or transferred them; "": a phone that is no agent's
	phone    string // from which they were parked
	reason   Verb   // Park or Transfer
	ear      LegID  // who hears the slot, "" nobody does any more
	play     int    // what they hear
	refer    bool   // by a transfer of theirs, which is then done
	picker   string // who is rung at their own wish; "" nobody
	back     bool   // the agent is rung again
	timer    string // of who is rung
	later    bool   // who is to be rung is, as soon as their own leg is gone
	how      *end   // of the call, when that agent does not answer; nil: as if the talk had ended
}

// parkByCode leaves the other party in a slot at a phone's wish: it transferred them to the code for parking, or to a slot. A status where that is
// not to be.
func (p *talking) parkByCode(c *Call, ev TransferAsked, code route.Code) (status int) {
	switch {
	case code.Does != route.ParkCaller && code.Does != route.FetchParked, c.legs[ev.Leg].phone == "":
		status = Forbidden.SIP()
	case c.parks != nil || c.partyOf(ev.Leg) == nil:
		status = Declined.SIP()
	default:
		p.wantSlot(c, &parking{by: ev.Leg, slot: code.Arg, refer: true})
		return 0
	}
	c.do(TellTransfer{Leg: ev.Leg, SIP: status})
	return status
}

// parkAsked is parkByCode for a phone that dialled the code on another line.
func (c *Call) parkAsked(ev ParkAsked) phase {
	p := c.partyOf(ev.Leg)
	if p == nil || c.parks != nil || c.legs[ev.Leg].phone != ev.Guest.Phone || ev.Guest.Phone == "" {
		return c.turnAway(Replaced{Guest: ev.Guest}, NotRegistered.SIP(), "there is nobody to park")
	}
	p.wantSlot(c, &parking{by: ev.Leg, guest: &ev.Guest})
	return c.phase
}

func (p *talking) wantSlot(c *Call, k *parking) {
	c.parks = k
	c.do(TakeSlot{Slot: k.slot})
}

// slotGiven: the switchboard found a slot ("" none is free) for a party that an agent wants to park.
func (c *Call) slotGiven(ev SlotGiven) phase {
	k := c.parks
	c.parks = nil
	p, talk := c.phase.(*talking)
	switch {
	case k == nil:
	case !talk || c.partyOf(k.by) == nil:
		c.notParked(k, Declined)
	case ev.Slot == "":
		c.notParked(k, Busy)
		return p.vain(c, k.by, Commanded{What: Park, To: k.slot}, Unavailable)
	default:
		return p.park(c, k, ev.Slot)
	}
	if ev.Slot != "" {
		c.do(FreeSlot(ev))
	}
	return c.phase
}

// notParked tells whoever waits for it that nobody was parked.
func (c *Call) notParked(k *parking, cause Cause) {
	if k.refer {
		c.tellTransfer(k.by, cause.SIP())
	}
	if k.guest != nil {
		c.turnAway(Replaced{Guest: *k.guest}, cause.SIP(), "nobody was parked")
	}
}

// park leaves the other party in a slot; the agent is done with them. A phone that asked for it by code hears the slot first, if it listens.
func (p *talking) park(c *Call, k *parking, slot string) phase {
	stays, l := p.other(k.by), c.legs[k.by]
	next := &parked{stays: stays, slot: slot, agent: l.agent, phone: l.phone, reason: Park}
	c.note(Fact{Kind: Parked, Leg: k.by, Agent: l.agent, From: l.phone, To: slot})
	c.part(stays, k.by)
	p.tape(c, k.by)
	p.settle(c, "")
	c.front = stays
	switch listens := p.held != k.by || p.cut; {
	case k.guest != nil:
		next.ear = c.admit(Replaced{Guest: *k.guest})
	case k.refer && listens:
		next.ear, next.refer = k.by, true
		return next
	case k.refer:
		c.tellTransfer(k.by, 200)
	}
	c.end(k.by, Normal, 0)
	return next
}

func (p *parked) enter(c *Call) {
	c.play(p.stays, []ivr.Prompt{{File: holdMusic}}, "", true)
	if p.slot == "" {
		p.recall(c)
		return
	}
	if p.ear != "" {
		words := append([]ivr.Prompt{{File: parkedIn}}, ivr.Speak(c.language, "digits", p.slot)...)
		p.play = c.play(p.ear, words, "", false)
		c.setTimer("told", tellWithin)
	}
	after := c.setup.ParkFor
	if after <= 0 {
		after = parkFor
	}
	c.setTimer("park", after)
}

// told ends the line of who heard the slot.
func (p *parked) told(c *Call) {
	if p.ear == "" {
		return
	}
	if p.refer {
		c.tellTransfer(p.ear, 200)
	}
	c.end(p.ear, Normal, 0)
	p.ear = ""
}

// recall rings the agent who parked or transferred the party.
func (p *parked) recall(c *Call) {
	p.back = true
	f := Fact{Kind: Returned, Agent: p.agent, Reason: string(p.reason)}
	if p.agent == "" {
		f.To = p.phone
	}
	c.note(f)
	p.ring(c)
}

// ring rings an agent to take the party: who wants to, or who gave them away.
func (p *parked) ring(c *Call) {
	p.told(c)
	agent, phone := cmp.Or(p.picker, p.agent), ""
	if agent == "" {
		phone = p.phone
	}
	p.later = false
	for _, l := range c.legs {
		if l.ending && (agent != "" && (l.agent == agent || c.setup.Agents[l.phone] == agent) || phone != "" && l.phone == phone) {
			p.later = true
			return
		}
	}
	w, status := c.wayToDesk(agent, phone)
	if status != 0 {
		p.cause, p.status = CauseOfSIP(status), status
		p.timer = "vain"
		c.setTimer(p.timer, 0)
		return
	}
	p.dialling = dialling{cmd: *w.dial, cause: NoAnswer}
	if p.back && p.slot != "" {
		p.shown = string(Park) + " " + p.slot
	}
	p.dialFor(c, p.stays, p.stays)
	p.timer = "ring:" + string(p.legs[0])
	c.setTimer(p.timer, p.cmd.For)
}

func (p *parked) giveBack(c *Call) {
	p.told(c)
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
			return p.taken(c, ev.Leg)
		}
	case PromptDone:
		if ev.Leg == p.ear && ev.Play == p.play {
			p.told(c)
		}
	case LegEnded:
		if ev.Leg == p.ear {
			p.ear = ""
		}
		if p.later {
			p.ring(c)
		} else if p.ours(ev.Leg) && !p.forwarded(c, ev) && p.gather(c, ev) && p.ringing() {
			return p.nobody(c, p.cause)
		}
	case TimerFired:
		switch {
		case ev.Timer.Name == "park" && !p.back:
			p.endAll(c, "", Cancelled)
			p.picker = ""
			p.recall(c)
		case ev.Timer.Name == "told":
			p.told(c)
		case ev.Timer.Name == p.timer && p.ringing():
			p.endAll(c, "", NoAnswer)
			return p.nobody(c, p.cause)
		}
	}
	return p
}

// taken: somebody has the party.
func (p *parked) taken(c *Call, id LegID) phase {
	p.told(c)
	p.endAll(c, id, AnsweredBefore)
	p.vacate(c)
	c.since = time.Time{}
	return &talking{near: p.stays, leg: id, joins: id}
}

// fetched: a phone dialled the slot, or picks up what rings for it.
func (p *parked) fetched(c *Call, ev Replaced) phase {
	c.note(Fact{Kind: Asked, Agent: ev.Guest.Agent, Reason: string(PickUp), To: p.slot})
	return p.taken(c, c.admit(ev))
}

// fetched: a phone dialled a slot.
func (c *Call) fetched(ev Replaced) phase {
	if p, ok := c.phase.(*parked); ok && p.slot == ev.Slot && c.up(p.stays) {
		return p.fetched(c, ev)
	}
	return c.turnAway(ev, NotFound.SIP(), "nobody is parked there")
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
		p.ring(c)
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
