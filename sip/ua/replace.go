package ua

import (
	"net/netip"

	"hotline/call"
	"hotline/media"
	"hotline/media/sdp"
	"hotline/sip/dialog"
	"hotline/sip/session"
)

// Of says which call the leg is of: what a transfer that names the leg's dialog is about.
func (l *Leg) Of(id call.ID) { l.owner.Store(&id) }

func (l *Leg) call() call.ID {
	if id := l.owner.Load(); id != nil {
		return *id
	}
	return ""
}

// replacing sees to an INVITE with Replaces (RFC 3891 section 3). A phone of ours may name any dialog of which it knows the tags; a trunk only
// one of its own.
func (u *UA) replacing(a Arrival, r dialog.Replaces) {
	l := a.Leg
	refuse := func(code int) {
		l.onLane(func() {
			l.release()
			l.session.Reject(code, "")
		})
	}
	if u.Replace == nil {
		refuse(603)
		return
	}
	u.sessions.Seek(r, func(owner any, st session.Standing) {
		other, ok := owner.(*Leg)
		switch {
		case !ok || st.Early && !st.Ours:
			refuse(481)
		case a.Origin.Phone == "" && a.Origin.Trunk != other.trunk:
			refuse(403)
		default:
			l.onLane(func() {
				u.take(a, other.Stream(), func(a Arrival) { u.Replace(a, other.call(), other.id()) })
			})
		}
	}, refuse)
}

// Move lets the leg go on in another call under another name. near is the sound that it is to be joined with: where that lives on another
// shard, the leg moves there, and the peer is told by re-INVITE. An end that was told before is told again.
func (l *Leg) Move(id call.LegID, near *media.Stream, sink func(call.Event)) {
	if s := l.Stream(); s != nil && near != nil && !s.Beside(near) {
		l.moveSound(near)
	}
	l.Hear(id, sink)
	if e := l.last.Load(); e != nil {
		again := *e
		again.Leg = id
		sink(again)
		return
	}
	l.onLane(func() {
		if l.held {
			l.tell(call.LegHeld{Leg: l.id(), On: true})
		}
	})
}

// reopen makes our part of the description anew for a caller who waits for an answer.
func (l *Leg) reopen() {
	body, err := sdp.Body(contentTypeOf(l.session.Request), l.session.Request.Body())
	if err == nil && body == nil {
		l.body = l.author.Offer(l.local)
		return
	}
	var offer *sdp.Session
	if err == nil {
		offer, err = sdp.Parse(body)
	}
	if err == nil {
		err = l.answer(offer)
	}
	if err != nil { // it was understood before
		l.ua.Logger.Error("no sound for a leg that moves", "leg", l.id(), "err", err)
		l.Hangup(call.NotAcceptable, 0)
	}
}

// moveSound opens the sound anew beside near, closes the old, and says so to the peer.
func (l *Leg) moveSound(near *media.Stream) {
	next, err := l.ua.Engine.Open(near, l.onMedia)
	if err != nil {
		l.ua.Logger.Error("no sound for a leg that moves", "leg", l.id(), "err", err)
		l.Hangup(call.Unavailable, 503)
		return
	}
	old := l.sound.Swap(next)
	l.onLane(func() {
		old.Close(nil)
		if l.gone || l.session == nil {
			next.Close(nil)
			return
		}
		l.local.Addr = netip.AddrPortFrom(l.local.Addr.Addr(), next.Addr().Port())
		if l.waits() { // it was not answered yet: our answer names the new port
			l.reopen()
			return
		}
		l.apply(l.chosen)
		l.session.Offer(l.author.Offer(l.local))
	})
}
