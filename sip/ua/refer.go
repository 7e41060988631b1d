package ua

import (
	"hotline/call"
	"hotline/sip/dialog"
)

// referred takes a REFER (RFC 3515): a blind transfer is the call's to decide. With Replaces (attended transfer, RFC 5589
// section 7) it is declined: that is not there yet.
func (l *Leg) referred(ev dialog.Referred) {
	switch {
	case ev.Replaces != "" || l.ending != nil:
		ev.Reply(603)
	case ev.To.User == "":
		ev.Reply(400)
	default:
		l.notify = ev.Notify
		ev.Reply(202)
		l.tell(call.TransferAsked{Leg: l.id(), To: ev.To.User, By: ev.By})
	}
}

// Transferred tells the peer how the transfer it asked for went: a final SIP status. It does nothing to one that asked for none.
func (l *Leg) Transferred(status int) {
	l.onLane(func() {
		if l.notify != nil {
			l.notify(status)
		}
		l.notify = nil
	})
}
