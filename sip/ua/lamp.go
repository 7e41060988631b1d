package ua

import (
	"hotline/sip/dialog"
	"hotline/sip/event"
	"hotline/sip/session"
)

// shows lets the lamps of other phones see how far a call of a phone is.
func (l *Leg) shows(s *session.Session, ev session.Event) {
	if l.ua.Events == nil || l.phone == "" {
		return
	}
	switch ev.(type) {
	case session.Rang, session.Early:
		l.lamp(s, "early")
	case session.AnsweredBy, session.Established:
		l.lamp(s, "confirmed")
	case session.Ended:
		l.ua.Tx.Do(s.CallID, func() { l.ua.Events.Over(l.phone, s.CallID) }) // behind what lamp posts
	}
}

// lamp tells the state with the dialog's tags as the phone has them.
func (l *Leg) lamp(s *session.Session, state string) {
	if l.ua.Events == nil || l.phone == "" {
		return
	}
	s.Name(func(r dialog.Replaces) {
		l.ua.Events.Set(l.phone, event.Call{
			ID: r.CallID, LocalTag: r.FromTag, RemoteTag: r.ToTag, Recipient: !l.incoming, State: state, Remote: l.remote,
		})
	})
}
