package switchboard

import (
	"context"
	"slices"
	"sync"

	"hotline/call"
	"hotline/ivr"
	"hotline/media"
	"hotline/queue"
	"hotline/route"
	"hotline/sip/ua"
)

// refusal says to a phone why the code that it dialled does nothing; the zero value is none.
type refusal struct {
	cause  call.Cause
	status int
	why    string
}

// explainer is a leg that came in and is told in words why it is refused.
type explainer interface {
	Refuse(cause call.Cause, status int, why string)
}

// dialledCode does what a feature code asks for, or refuses it. A code makes no call of its own: what it begins is of the call that it is about.
func (b *Switchboard) dialledCode(ctx context.Context, a ua.Arrival, code route.Code, leg Incoming) {
	leg.Hear(call.CallerLeg, func(call.Event) {}) // until a call takes it
	var no refusal
	switch code.Does {
	case route.ParkCaller:
		no = b.parkByCode(a, leg)
	case route.FetchParked:
		no = b.fetchByCode(a, code.Arg, leg)
	case route.PickUpGroup, route.PickUpPhone:
		no = b.pickUpByCode(a, code.Arg, leg)
	default:
		no = b.stateByCode(ctx, a, code, leg)
	}
	if no.status != 0 {
		b.refuse(leg, no)
		return
	}
	b.Logger.Info("feature code", "phone", a.Origin.Phone, "code", a.Dialled, "does", string(code.Does), "of", code.Arg)
}

// refuse ends a leg that dialled a code, with a word where it can be told one.
func (b *Switchboard) refuse(l Line, no refusal) {
	b.Logger.Info("leg refused", "status", no.status, "why", no.why)
	if e, ok := l.(explainer); ok {
		e.Refuse(no.cause, no.status, no.why)
		return
	}
	l.Hangup(no.cause, no.status)
}

const noAgent = "this phone is no agent's"

func refused(status int, why string) refusal { return refusal{call.CauseOfSIP(status), status, why} }

// guestOf is a leg on its way into a call.
func (b *Switchboard) guestOf(a ua.Arrival, leg Incoming) call.Guest {
	return call.Guest{Line: b.host(leg), Phone: a.Origin.Phone, Agent: b.centre.Load().Agents[a.Origin.Phone]}
}

// sendGuest gives a call an event that brings a leg; where the call is over the leg is refused.
func (b *Switchboard) sendGuest(to call.ID, ev call.Event, g call.Guest, no refusal) refusal {
	if b.exchange.Send(to, ev) {
		return refusal{}
	}
	b.guest(g.Line)
	return no
}

// parkByCode parks whom the phone talks to, in the latest call that it is on.
func (b *Switchboard) parkByCode(a ua.Arrival, leg Incoming) refusal {
	none := refused(480, "there is nobody to park")
	talks := b.stations.find(func(s station) bool { return s.phone == a.Origin.Phone && !s.rings })
	if len(talks) == 0 {
		return none
	}
	s := talks[len(talks)-1]
	g := b.guestOf(a, leg)
	g.Agent = "" // it only listens
	return b.sendGuest(s.call, call.ParkAsked{Leg: s.leg, Guest: g}, g, none)
}

// fetchByCode takes who is parked in a slot.
func (b *Switchboard) fetchByCode(a ua.Arrival, slot string, leg Incoming) refusal {
	none := refused(404, "nobody is parked in "+slot)
	id, ok := b.lot.of(slot)
	if !ok {
		return none
	}
	g := b.guestOf(a, leg)
	return b.sendGuest(id, call.Replaced{Slot: slot, From: a.From, Guest: g}, g, none)
}

// pickUpByCode takes what has rung longest at another phone: at the one that is named, or at those of agents who share a queue with this one.
func (b *Switchboard) pickUpByCode(a ua.Arrival, phone string, leg Incoming) refusal {
	none := refused(404, "nothing rings there")
	near := func(user string) bool { return user == phone }
	if phone == "" {
		me := b.centre.Load().Agents[a.Origin.Phone]
		if me == "" {
			return refused(403, noAgent)
		}
		near = b.colleagues(me)
	}
	rings := b.stations.find(func(s station) bool { return s.rings && s.phone != a.Origin.Phone && near(s.phone) })
	if len(rings) == 0 {
		return none
	}
	g := b.guestOf(a, leg)
	return b.sendGuest(rings[0].call, call.Replaced{Leg: rings[0].leg, From: a.From, Guest: g}, g, none)
}

// colleagues says which phones are those of agents who share a queue with one.
func (b *Switchboard) colleagues(me string) func(phone string) bool {
	agents, all := b.centre.Load().Agents, b.Dispatcher.Snapshot().Agents
	queues := map[string]map[string]int{}
	for _, v := range all {
		queues[v.ID] = v.Queues
	}
	return func(phone string) bool {
		agent := agents[phone]
		for q := range queues[agent] {
			if _, shared := queues[me][q]; shared && agent != "" {
				return true
			}
		}
		return false
	}
}

// change is what a code does to an agent, and what the phone hears.
type change struct {
	prompt  string
	state   queue.State // "": it stays
	reason  string
	endWrap bool
	after   bool // once the phone is free again: callers may be offered then
}

// stateByCode changes the state of the phone's agent, who hears that it was done.
func (b *Switchboard) stateByCode(ctx context.Context, a ua.Arrival, code route.Code, leg Incoming) refusal {
	agent := b.centre.Load().Agents[a.Origin.Phone]
	all := b.Dispatcher.Snapshot().Agents
	i := slices.IndexFunc(all, func(v queue.AgentView) bool { return v.ID == agent })
	if i < 0 {
		return refused(403, noAgent)
	}
	c, no := changeBy(code, all[i])
	if no.status != 0 {
		return no
	}
	source := "code of phone " + a.Origin.Phone
	do := sync.OnceFunc(func() {
		switch {
		case c.endWrap:
			b.Dispatcher.EndWrap(agent, source)
		case c.state != "":
			b.Dispatcher.Set(agent, c.state, c.reason, source)
		}
	})
	if !c.after {
		do()
	}
	b.confirm(ctx, leg, c.prompt, do)
	return refusal{}
}

// changeBy says what a code changes for an agent who is as they are. Who signs in has yet to say that they are ready; who had already stays so.
func changeBy(code route.Code, v queue.AgentView) (change, refusal) {
	switch code.Does {
	case route.SignIn:
		if v.State == queue.Offline {
			return change{prompt: "signed-in", state: queue.NotReady, reason: "signed-in"}, refusal{}
		}
		return change{prompt: "signed-in"}, refusal{}
	case route.SignOut:
		return change{prompt: "signed-out", state: queue.Offline, reason: "signed-out"}, refusal{}
	case route.Ready:
		return change{prompt: "now-ready", state: queue.Ready, after: true}, refusal{}
	case route.Break:
		return change{prompt: "now-break", state: queue.NotReady, reason: code.Arg}, refusal{}
	case route.EndWrap:
		switch {
		case v.State != queue.WrapUp:
			return change{}, refused(480, "no wrap-up is running")
		case v.NeedsDisposition:
			return change{}, refused(403, "the call has no disposition yet")
		}
		return change{prompt: "wrap-over", endWrap: true, after: true}, refusal{}
	default: // not about agents
		return change{}, refused(404, "there is no such code")
	}
}

// confirm answers a leg, lets it hear a prompt and ends it; then is called when it is gone.
func (b *Switchboard) confirm(ctx context.Context, leg Incoming, prompt string, then func()) {
	sounds := b.Sounds.find(ctx, "", []ivr.Prompt{{File: prompt}})
	play := func() {
		if stream := leg.Stream(); stream != nil && len(sounds) > 0 {
			stream.Play(media.Playback{ID: 1, Sounds: sounds})
		} else {
			go leg.Hangup(call.Normal, 0)
		}
	}
	leg.Hear(call.CallerLeg, func(ev call.Event) {
		switch ev.(type) {
		case call.LegAnswered: // a browser's sound is there only now
			play()
		case call.PromptDone, call.LegSilent:
			go leg.Hangup(call.Normal, 0) // this may be the thread of the sound
		case call.LegEnded:
			then()
		}
	})
	leg.Answer()
	play()
}
