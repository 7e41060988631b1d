package switchboard

import (
	"strconv"

	"hotline/agentphone"
	"hotline/call"
	"hotline/media"
	"hotline/sip/ua"
)

// mover is a leg that can go on in another call. Move names it anew and tells its end again where that was told before; near is the sound
// that its own must be beside, nil: anywhere.
type mover interface {
	Move(id call.LegID, near *media.Stream, sink func(call.Event))
}

var (
	_ mover = (*ua.Leg)(nil)
	_ mover = (*agentphone.Leg)(nil)
	_ mover = (*either)(nil)
)

// between carries out what concerns two calls; false: it is nothing of that kind.
func (b *Switchboard) between(id call.ID, p *plugs, a call.Action) bool {
	switch a := a.(type) {
	case call.AskJoin:
		b.send(a.Call, call.JoinAsked{Leg: a.Leg, Call: id, With: a.With, Phone: a.Phone}, call.RefuseJoin{Call: id, Leg: a.With, SIP: 481})
	case call.AskLeg:
		b.send(a.Call, call.LegWanted{Leg: a.Leg, Call: id, With: a.With, Phone: a.Phone}, call.RefuseJoin{Call: id, Leg: a.With, SIP: 481})
	case call.RefuseJoin:
		b.exchange.Send(a.Call, call.JoinRefused{Leg: a.Leg, SIP: a.SIP})
	case call.GiveLeg:
		b.give(id, p, a)
	case call.TakeLeg:
		b.takeLeg(id, p, a)
	case call.TurnAway:
		if l := b.guest(a.Line); l != nil {
			b.refuse(l, refused(a.SIP, a.Why))
		}
	default:
		return false
	}
	return true
}

// send asks another call; where it is over the asker is refused.
func (b *Switchboard) send(to call.ID, ev call.Event, no call.RefuseJoin) {
	if !b.exchange.Send(to, ev) {
		b.exchange.Send(no.Call, call.JoinRefused{Leg: no.Leg, SIP: no.SIP})
	}
}

// host keeps a leg between two calls and gives its name there.
func (b *Switchboard) host(l Line) string {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.hosted++
	name := strconv.FormatUint(b.hosted, 10)
	b.guests[name] = l
	return name
}

// guest gives a leg away that was between two calls; nil: there is none of that name.
func (b *Switchboard) guest(name string) Line {
	b.mu.Lock()
	defer b.mu.Unlock()
	l := b.guests[name]
	delete(b.guests, name)
	return l
}

// give unplugs a leg for another call. Where that is over by now, the leg ends and what came with it is given back.
func (b *Switchboard) give(id call.ID, p *plugs, a call.GiveLeg) {
	l := p.legs[a.Leg]
	delete(p.legs, a.Leg)
	if l == nil {
		b.exchange.Send(a.Call, call.JoinRefused{Leg: a.With, SIP: 481})
		return
	}
	g := a.Guest
	g.Line = b.host(l)
	if b.exchange.Send(a.Call, call.Replaced{Leg: a.With, Call: id, Guest: g}) {
		return
	}
	b.guest(g.Line)
	l.Hangup(call.Merged, 0)
	if g.Busy {
		b.Do(id, call.PhoneBusy{Phone: g.Phone})
	}
	if g.Offer.Offer != "" {
		b.Dispatcher.FreeOffer(g.Offer.Offer)
	}
}

// takeLeg plugs a guest in, beside those who are here, and answers one that came by INVITE.
func (b *Switchboard) takeLeg(id call.ID, p *plugs, a call.TakeLeg) {
	l := b.guest(a.Line)
	if l == nil {
		return
	}
	var near *media.Stream
	for _, other := range p.legs {
		near = other.Stream()
		break
	}
	p.legs[a.Leg] = l
	sink := func(ev call.Event) { b.exchange.Send(id, ev) }
	if m, ok := l.(mover); ok {
		m.Move(a.Leg, near, sink)
	} else {
		l.Hangup(call.Internal, 500) // a leg of a kind that cannot move
		b.exchange.Send(id, call.LegEnded{Leg: a.Leg, Cause: call.Internal})
	}
	l.Answer()
}

// TakeOver puts an incoming leg in the place of another one, of which only its call and name are known (RFC 3891). It does not wait; where the
// call is over the leg is refused.
func (b *Switchboard) TakeOver(a ua.Arrival, in call.ID, leg call.LegID) {
	b.takeOver(a, in, leg, a.Leg)
}

func (b *Switchboard) takeOver(a ua.Arrival, in call.ID, leg call.LegID, l Incoming) {
	l.Hear(call.CallerLeg, func(call.Event) {}) // until a call takes it
	g := call.Guest{Line: b.host(l), Phone: a.Origin.Phone, Agent: b.centre.Load().Agents[a.Origin.Phone]}
	if !b.exchange.Send(in, call.Replaced{Leg: leg, From: a.From, Guest: g}) {
		b.guest(g.Line)
		l.Hangup(call.NotFound, 481)
	}
}
