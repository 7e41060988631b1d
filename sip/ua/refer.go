package ua

import (
	"hotline/call"
	"hotline/sip/dialog"
	"hotline/sip/session"
)

// referred takes a REFER (RFC 3515). Whether anything comes of it is the call's to decide; how it goes is told by NOTIFY.
func (l *Leg) referred(ev session.Referred) {
	switch {
	case l.ending != nil:
		ev.Reply(603)
	case ev.Replaces != "":
		l.attended(ev)
	case ev.To.User == "":
		ev.Reply(400)
	default:
		l.notify = ev.Notify
		ev.Reply(202)
		l.tell(call.TransferAsked{Leg: l.id(), To: ev.To.User, By: ev.By})
	}
}

// attended finds the other dialog that a REFER names with Replaces (RFC 5589 section 7). Where that one still rings, the consultation ends and
// the transfer becomes a blind one to whom it was ringing.
func (l *Leg) attended(ev session.Referred) {
	r, err := dialog.ParseReplaces(ev.Replaces)
	if err != nil {
		ev.Reply(400)
		return
	}
	l.notify = ev.Notify
	ev.Reply(202)
	l.ua.sessions.Seek(r, func(owner any, st session.Standing) {
		other, ok := owner.(*Leg)
		if !ok || other == l {
			l.Transferred(481)
			return
		}
		if st.Early && !st.Ours && ev.To.User != "" {
			other.Hangup(call.Cancelled, 0)
			l.tell(call.TransferAsked{Leg: l.id(), To: ev.To.User, By: ev.By})
			return
		}
		l.tell(call.AttendedAsked{Leg: l.id(), Call: other.call(), With: other.id()})
	}, func(code int) { l.Transferred(code) })
}

// Transferred tells the peer how the transfer it asked for goes: a SIP status, of which one from 200 on is the last. It does nothing to one
// that asked for none.
func (l *Leg) Transferred(status int) {
	l.onLane(func() {
		if l.notify == nil {
			return
		}
		l.notify(status)
		if status >= 200 {
			l.notify = nil
		}
	})
}
