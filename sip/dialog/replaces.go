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

// Names tells whether r means the dialog with these tags of a call that is the right one. They are compared both ways round: who watches a
// phone of ours is told the dialog as the phone sees it (RFC 4235), who is in it names it as we do.
func (r Replaces) Names(local, remote string) bool {
	return local == r.ToTag && remote == r.FromTag || local == r.FromTag && remote == r.ToTag
}

// Lately remembers the names of the dialogs that ended last. The zero value is ready; it has no lock.
type Lately struct {
	ring [256]Replaces
	next int
}

// Add forgets the oldest.
func (l *Lately) Add(d *Dialog) {
	l.ring[l.next] = Replaces{CallID: d.CallID, ToTag: d.Local.Tag, FromTag: d.Remote.Tag}
	l.next = (l.next + 1) % len(l.ring)
}

// Holds tells whether r means one of them.
func (l *Lately) Holds(r Replaces) bool {
	for i := range l.ring {
		if e := &l.ring[i]; e.CallID == r.CallID && r.Names(e.ToTag, e.FromTag) {
			return true
		}
	}
	return false
}
