package ua

import (
	"hotline/sip/dialog"
	"hotline/sip/event"
)

// shows lets the lamps of other phones see how far a call of a phone is.
func (l *Leg) shows(s *dialog.Session, ev dialog.Event) {
	if l.ua.Events == nil || l.phone == "" {
		return
	}
	switch ev.(type) {
	case dialog.Rang, dialog.Early:
		l.lamp(s, "early")
	case dialog.AnsweredBy, dialog.Established:
		l.lamp(s, "confirmed")
	case dialog.Ended:
		l.ua.Tx.Do(s.CallID, func() { l.ua.Events.Over(l.phone, s.CallID) }) // behind what lamp posts
	}
}

// lamp tells the state with the dialog's tags as the phone has them.
func (l *Leg) lamp(s *dialog.Session, state string) {
	if l.ua.Events == nil || l.phone == "" {
		return
	}
	s.Name(func(r dialog.Replaces) {
		l.ua.Events.Set(l.phone, event.Call{
			ID: r.CallID, LocalTag: r.FromTag, RemoteTag: r.ToTag, Recipient: !l.incoming, State: state, Remote: l.remote,
		})
	})
}
