package dialog

import (
	"errors"
	"net/url"
	"strings"

	"github.com/emiago/sipgo/sip"
)

// Replaces names a dialog that another one is to take the place of (RFC 3891).
type Replaces struct {
	CallID    string
	ToTag     string
	FromTag   string
	EarlyOnly bool // only while it is not answered
}

// errReplaces is returned for what is no Replaces header.
var errReplaces = errors.New("malformed Replaces")

// ParseReplaces reads a Replaces header, also as it stands escaped in the URI of Refer-To (RFC 3891 6.1).
func ParseReplaces(v string) (r Replaces, err error) {
	if strings.Contains(v, "%") {
		if plain, err := url.PathUnescape(v); err == nil {
			v = plain
		}
	}
	parts := strings.Split(v, ";")
	r.CallID = strings.TrimSpace(parts[0])
	for _, p := range parts[1:] {
		name, value, _ := strings.Cut(p, "=")
		value = strings.TrimSpace(value)
		switch strings.ToLower(strings.TrimSpace(name)) {
		case "to-tag":
			r.ToTag = value
		case "from-tag":
			r.FromTag = value
		case "early-only":
			r.EarlyOnly = true
		}
	}
	if r.CallID == "" || r.ToTag == "" || r.FromTag == "" {
		return r, errReplaces
	}
	return r, nil
}

// ReplacesOf reads the Replaces header of an INVITE. ok is false where it has none; two of them, or one beside Join, are an error (RFC 3891 3,
// RFC 3911 4).
func ReplacesOf(req *sip.Request) (r Replaces, ok bool, err error) {
	all := req.GetHeaders("Replaces")
	if len(all) == 0 {
		return r, false, nil
	}
	if len(all) > 1 || len(req.GetHeaders("Join")) > 0 {
		return r, true, errReplaces
	}
	r, err = ParseReplaces(all[0].Value())
	return r, true, err
}

// Seek finds the session that r names and asks its sink (Sought) who it is; the sink gives that to found, on any lane. Otherwise no is
// called, on the lane of r's Call-ID, with the status to refuse with (RFC 3891 3): 481 for no such dialog, 486 for one that is answered
// where only an early one was meant, 603 for one that is over. An INVITE may not replace one that is early and not ours: also 481.
func (d *Sessions) Seek(r Replaces, found func(owner any, st Standing), no func(code int)) {
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

// named tells whether r means this dialog. Tags are compared both ways round: who watches a phone of ours is told the dialog as the phone
// sees it (RFC 4235), who is in it names it as we do.
func (s *Session) named(r Replaces) bool {
	is := func(local, remote string) bool {
		if s.Role == UAC && s.phase == proceeding {
			return local == s.st.local.tag && s.out.knows(remote)
		}
		return local == s.st.local.tag && remote == s.st.remote.tag
	}
	return s.phase != gone && (is(r.ToTag, r.FromTag) || is(r.FromTag, r.ToTag))
}

// Name gives the dialog's name as its peer writes it into Replaces: ToTag is ours. It comes on the session's lane; FromTag is "" before the
// peer has one, and of several early dialogs that of the newest.
func (s *Session) Name(tell func(Replaces)) {
	s.post(func() {
		r := Replaces{CallID: s.CallID, ToTag: s.st.local.tag, FromTag: s.st.remote.tag}
		if s.Role == UAC && s.phase == proceeding {
			r.FromTag = s.out.newest
		}
		tell(r)
	})
}

// lately remembers the dialogs that ended last.
type lately struct {
	ring [256]ended
	next int
}

type ended struct{ callID, local, remote string }

func (l *lately) add(e ended) {
	l.ring[l.next] = e
	l.next = (l.next + 1) % len(l.ring)
}

// isOver tells whether r means a dialog that ended lately.
func (d *Sessions) isOver(r Replaces) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	for i := range d.over.ring {
		if e := &d.over.ring[i]; e.callID == r.CallID && (e.local == r.ToTag && e.remote == r.FromTag || e.local == r.FromTag && e.remote == r.ToTag) {
			return true
		}
	}
	return false
}
