package switchboard

import (
	"cmp"

	"hotline/call"
	"hotline/media"
	"hotline/media/tape"
	"hotline/queue"
	"hotline/recording"
	"hotline/route"
	"hotline/sip/ua"
)

// Do carries out one action of a call, on the call's goroutine.
func (b *Switchboard) Do(id call.ID, a call.Action) {
	p := b.plugsOf(id)
	if p == nil {
		return
	}
	switch a := a.(type) {
	case call.Dial:
		b.dial(id, p, a)
	case call.JoinQueue:
		if !b.Dispatcher.Join(queue.Request{
			ID: string(id), Steps: steps(a.Steps), Priority: a.Priority, Since: a.Since, MaxWait: a.MaxWait, NeedAgents: a.NeedAgents, NeedReady: a.NeedReady,
			Familiar: a.Familiar, FamiliarAt: a.FamiliarAt, Absent: a.Absent, Turns: a.Turns,
		}) {
			b.exchange.Send(id, call.QueueLeft{Why: queue.Closed}) // the queues have stopped
		}
	case call.LeaveQueue:
		b.Dispatcher.Leave(string(id), a.Why)
	case call.AcceptOffer:
		b.Dispatcher.Accept(a.Offer)
	case call.RefuseOffer:
		b.Dispatcher.Refuse(a.Offer, a.Why)
	case call.FreeAgent:
		b.Dispatcher.FreeOffer(a.Offer)
	case call.PhoneBusy:
		b.phoneBusy(a)
	case call.Record:
		b.record(id, p, a)
	case call.StopRecord:
		b.stopRecord(p, a.Recording)
	case call.Lookup:
		go b.lookup(id, a)
	case call.Play:
		b.play(id, p, a)
	case call.Meet:
		b.meet(p, a)
	default:
		if !b.between(id, p, a) && !b.park(id, a) {
			b.onLegs(p, a)
		}
	}
}

// phoneBusy tells the queues whether an agent's phone talks, in whatever calls, or listens in all of them.
func (b *Switchboard) phoneBusy(a call.PhoneBusy) {
	busy, listens := b.busy.count(a)
	if agent, ok := b.centre.Load().Agents[a.Phone]; ok {
		b.Dispatcher.Busy(agent, busy, listens)
	}
}

// onLegs carries out what concerns legs and their sound alone. A leg that is gone is passed over: its end is on its way.
func (b *Switchboard) onLegs(p *plugs, a call.Action) {
	switch a := a.(type) {
	case call.RingLeg:
		p.with(a.Leg, Line.Ring)
	case call.EarlyLeg:
		p.with(a.Leg, Line.Early)
	case call.AnswerLeg:
		p.with(a.Leg, Line.Answer)
	case call.EndLeg:
		p.with(a.Leg, func(l Line) { l.Hangup(a.Cause, a.SIP) })
	case call.TellTransfer:
		p.with(a.Leg, func(l Line) { l.Transferred(a.SIP) })
	case call.StopPlay:
		p.silence(a.Leg)
	case call.Echo:
		p.sound(a.Leg, func(s *media.Stream) { s.Echo(true) })
	case call.SendDigit:
		p.sound(a.Leg, func(s *media.Stream) { s.SendDigit(a.Key) })
	case call.Bridge:
		p.silence(a.A)
		p.silence(a.B)
		p.sound(a.A, func(s *media.Stream) { p.sound(a.B, s.Bridge) })
	case call.Unbridge:
		p.sound(a.A, (*media.Stream).Unbridge)
	}
}

func (p *plugs) with(id call.LegID, f func(Line)) {
	if l := p.legs[id]; l != nil {
		f(l)
	}
}

// sound reaches a leg's stream; a leg that could not be opened has none.
func (p *plugs) sound(id call.LegID, f func(*media.Stream)) {
	if l := p.legs[id]; l != nil {
		if s := l.Stream(); s != nil {
			f(s)
		}
	}
}

func (p *plugs) silence(id call.LegID) {
	p.now(id, 0)
	p.sound(id, (*media.Stream).StopPlay)
}

func (b *Switchboard) dial(id call.ID, p *plugs, a call.Dial) {
	sink := func(ev call.Event) { b.exchange.Send(id, ev) }
	if l := b.follows.lend(id, a, p.near(), sink); l != nil {
		p.legs[a.Leg] = l
		return
	}
	d := ua.Dialling{
		Target: a.Target, From: a.From, Display: a.Display, By: cmp.Or(a.By, p.phone), Call: id, Called: p.called, Diverted: a.Diverted, Earlier: p.earlier,
		Near: p.near(), Prefer: p.prefer,
	}
	if d.From == "" && a.Leg != call.CallerLeg { // a customer who is called back sees our number
		d.From = p.shown
	}
	p.legs[a.Leg] = b.Config.Dial(a.Leg, d, sink)
}

// near is the sound that a new leg's must be beside; nil: the call has none yet.
func (p *plugs) near() *media.Stream {
	if l := p.legs[call.CallerLeg]; l != nil {
		return l.Stream()
	}
	for _, l := range p.legs {
		if s := l.Stream(); s != nil {
			return s
		}
	}
	return nil
}

func steps(in []route.Step) []queue.Step {
	out := make([]queue.Step, 0, len(in))
	for _, s := range in {
		step := queue.Step{After: s.After, Queue: s.Queue}
		if n := len(out); step.Queue == "" && n > 0 {
			step.Queue = out[n-1].Queue // it asks less in the same queue
		}
		step.Needs = needs(s.Skills)
		for _, list := range s.Any {
			step.Any = append(step.Any, needs(list))
		}
		out = append(out, step)
	}
	return out
}

func needs(in []route.Need) []queue.Need {
	var out []queue.Need
	for _, n := range in {
		out = append(out, queue.Need{Skill: n.Skill, Level: n.Level})
	}
	return out
}

// record begins a recording, or changes who is in its channels.
func (b *Switchboard) record(id call.ID, p *plugs, a call.Record) {
	t := p.taps[a.Recording]
	if t == nil {
		meta := recording.Meta{ID: a.Recording, Call: string(id), From: string(p.caller.E164)}
		if a.Kind == "voicemail" {
			meta.Kind = recording.Voicemail
		}
		t = &tapped{tap: b.Recorder.Begin(meta)}
		p.taps[a.Recording] = t
	}
	p.retap(t.tap, tape.Left, &t.left, a.Left)
	p.retap(t.tap, tape.Right, &t.right, a.Right)
	p.mixed(t, a.With)
}

// mixed puts several who sit in the call's room into the right channel, or ends that.
func (p *plugs) mixed(t *tapped, with []call.LegID) {
	var whom []*media.Stream
	for _, id := range with {
		p.sound(id, func(s *media.Stream) { whom = append(whom, s) })
	}
	room := t.room
	if p.meeting != nil && p.meeting.room != nil && len(whom) > 0 {
		t.room = p.meeting.room
		t.room.Tap(t.tap, tape.Right, whom...)
	} else {
		t.room = nil
	}
	if room != nil && room != t.room {
		room.Tap(nil, tape.Right)
	}
}

// retap puts another leg into a channel; "" is nobody.
func (p *plugs) retap(t *tape.Tap, side tape.Side, was *call.LegID, id call.LegID) {
	if *was == id {
		return
	}
	p.sound(*was, func(s *media.Stream) { s.Tap(nil, side) })
	p.sound(id, func(s *media.Stream) { s.Tap(t, side) })
	*was = id
}

func (b *Switchboard) stopRecord(p *plugs, recordingID string) {
	t := p.taps[recordingID]
	if t == nil {
		return
	}
	delete(p.taps, recordingID)
	p.mixed(t, nil)
	p.sound(t.left, func(s *media.Stream) { s.Tap(nil, tape.Left) })
	p.sound(t.right, func(s *media.Stream) { s.Tap(nil, tape.Right) })
	b.Recorder.End(recordingID)
}
