package session

import (
	"hotline/sip/dialog"
)

// Seek finds the session that r names and asks its sink (Sought) who it is; the sink gives that to found, on any lane. Otherwise no is
// called, on the lane of r's Call-ID, with the status to refuse with (RFC 3891 3): 481 for no such dialog, 486 for one that is answered
// where only an early one was meant, 603 for one that is over. An INVITE may not replace one that is early and not ours: also 481.
func (d *Sessions) Seek(r dialog.Replaces, found func(owner any, st Standing), no func(code int)) {
	d.tx.Do(r.CallID, func() {
		s := d.find(r.CallID, func(s *Session) bool { return s.named(r) })
		switch {
		case s == nil && d.isOver(r):
			no(603)
		case s == nil:
			no(481)
		case s.phase >= closing:
			no(603)
		case s.phase != proceeding && r.EarlyOnly:
			no(486)
		default:
			early := s.phase == proceeding
			s.guard(func() {
				s.tell(Sought{Tell: func(owner any) { found(owner, Standing{Early: early, Ours: s.Role == UAC}) }})
			})
		}
	})
}

// Standing is how far a dialog that somebody wants to replace has come.
type Standing struct {
	Early bool // not answered
	Ours  bool // by an INVITE of ours
}

// named tells whether r means this dialog, or one of its early ones; see dialog.Replaces.Names.
func (s *Session) named(r dialog.Replaces) bool {
	ours := s.st.Local.Tag
	switch {
	case s.phase == gone:
		return false
	case s.Role == UAC && s.phase == proceeding:
		return r.ToTag == ours && s.out.knows(r.FromTag) || r.FromTag == ours && s.out.knows(r.ToTag)
	}
	return r.Names(ours, s.st.Remote.Tag)
}

// Name gives the dialog's name as its peer writes it into Replaces: ToTag is ours. It comes on the session's lane; FromTag is "" before the
// peer has one, and of several early dialogs that of the newest.
func (s *Session) Name(tell func(dialog.Replaces)) {
	s.post(func() {
		r := dialog.Replaces{CallID: s.CallID, ToTag: s.st.Local.Tag, FromTag: s.st.Remote.Tag}
		if s.Role == UAC && s.phase == proceeding {
			r.FromTag = s.out.newest
		}
		tell(r)
	})
}

// isOver tells whether r means a dialog that ended lately.
func (d *Sessions) isOver(r dialog.Replaces) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.over.Holds(r)
}
