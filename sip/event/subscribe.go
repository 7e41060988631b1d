package event

import (
	"crypto/rand"
	"strconv"
	"strings"
	"time"

	"github.com/emiago/sipgo/sip"

	"hotline/sip/dialog"
	"hotline/sip/message"
	"hotline/sip/transaction"
)

// retryAfter is when somebody who found no room may try again, in seconds.
const retryAfter = "300"

// Subscribe answers a SUBSCRIBE outside a dialog (RFC 6665 4.2.1), on its lane.
func (n *Notifier) Subscribe(tx *transaction.Server) {
	req := tx.Request
	s := &subscription{n: n, callID: req.CallID().Value(), resource: req.Recipient.User}
	s.kind, s.id = eventOf(req)
	expires, ok := n.check(tx, s)
	if !ok {
		return
	}
	if s.resource == "" {
		s.resource = s.watcher
	}
	switch {
	case !n.cfg.Known(s.resource):
		respond(tx, 404, "Not Found")
		return
	case s.kind == Messages && s.resource != s.watcher:
		respond(tx, 403, "Forbidden") // a box is nobody else's business
		return
	case len(req.GetHeaders("Contact")) != 1:
		respond(tx, 400, "Contact Required")
		return
	}
	if tx.Tag == "" {
		tx.Tag = strings.ToLower(rand.Text())
	}
	s.usage = dialog.Answering(req, tx.Tag, tx.From)
	if !n.add(s) {
		respond(tx, 503, "Too Many Subscriptions", sip.NewHeader("Retry-After", retryAfter))
		return
	}
	s.accept(tx, expires)
}

// Inside answers a request inside the dialog of a subscription; false: it is in none of them.
func (n *Notifier) Inside(tx *transaction.Server) bool {
	s := n.find(tx.Request)
	if s == nil {
		return false
	}
	req := tx.Request
	if req.Method != sip.SUBSCRIBE {
		respond(tx, 405, "Method Not Allowed", sip.NewHeader("Allow", "SUBSCRIBE"))
		return true
	}
	again := &subscription{n: n}
	again.kind, again.id = eventOf(req)
	expires, ok := n.check(tx, again)
	switch {
	case !ok:
	case again.watcher != s.watcher:
		respond(tx, 403, "Forbidden")
	case again.kind != s.kind || again.id != s.id:
		respond(tx, 481, "Subscription Does Not Exist") // another one in the same dialog: RFC 6665 4.5.2 tells against it
	case s.reason != "":
		respond(tx, 481, "Subscription Does Not Exist")
	case !s.usage.Take(req, tx.From):
		respond(tx, 500, "CSeq Out Of Order")
	default:
		s.accept(tx, expires)
	}
	return true
}

// check is what holds for every SUBSCRIBE: who sends it, of what package, for what body and how long. When it returns false it has answered.
func (n *Notifier) check(tx *transaction.Server, s *subscription) (expires time.Duration, ok bool) {
	req := tx.Request
	kind, known := kinds[s.kind]
	if !known {
		respond(tx, 489, "Bad Event", sip.NewHeader("Allow-Events", AllowEvents))
		return 0, false
	}
	user, challenge, ok := n.cfg.Authenticate(tx)
	switch {
	case ok:
	case challenge == nil:
		respond(tx, 403, "Forbidden")
		return 0, false
	default:
		respond(tx, 401, "Unauthorized", challenge...)
		return 0, false
	}
	s.watcher = user
	if !accepts(req, kind) {
		respond(tx, 406, "Not Acceptable", sip.NewHeader("Accept", kind))
		return 0, false
	}
	expires, ok = expiresOf(req, n.cfg.MaxExpires)
	switch {
	case !ok:
		respond(tx, 400, "Bad Expires")
		return 0, false
	case expires > 0 && expires < n.cfg.MinExpires:
		respond(tx, 423, "Interval Too Brief", sip.NewHeader("Min-Expires", message.Seconds(n.cfg.MinExpires)))
		return 0, false
	}
	return min(expires, n.cfg.MaxExpires), true
}

// accept answers 200 and tells the state at once; 0 is a fetch, or the end (RFC 6665 4.2.1.4).
func (s *subscription) accept(tx *transaction.Server, expires time.Duration) {
	respond(tx, 200, "OK", sip.NewHeader("Expires", message.Seconds(expires)), s.contact(), sip.NewHeader("Allow-Events", AllowEvents))
	s.expiry.Stop()
	s.until = time.Now().Add(expires)
	if expires == 0 {
		s.reason = "timeout"
	} else {
		s.expiry = s.n.tx.After(s.callID, expires, func() { s.finish("timeout") })
	}
	s.dirty = true
	s.send()
}

func (s *subscription) contact() sip.Header {
	return sip.NewHeader("Contact", "<"+s.n.cfg.Contact(s.usage.Peer)+">")
}

func respond(tx *transaction.Server, code int, reason string, headers ...sip.Header) {
	res := tx.Response(code, reason, nil)
	for _, h := range headers {
		res.AppendHeader(h)
	}
	tx.Respond(res)
}

// eventOf reads Event, also in its short form (RFC 6665 8.2.1).
func eventOf(req *sip.Request) (kind, id string) {
	v := message.Value(req, "Event")
	if v == "" {
		v = message.Value(req, "o")
	}
	parts := strings.Split(v, ";")
	for _, p := range parts[1:] {
		if name, value, _ := strings.Cut(p, "="); strings.EqualFold(strings.TrimSpace(name), "id") {
			id = strings.TrimSpace(value)
		}
	}
	return strings.ToLower(strings.TrimSpace(parts[0])), id
}

// accepts tells whether a watcher takes a body; without an Accept it takes the package's own (RFC 6665 3.1.3).
func accepts(req *sip.Request, kind string) bool {
	all := req.GetHeaders("Accept")
	for _, h := range all {
		for v := range strings.SplitSeq(h.Value(), ",") {
			t, _, _ := strings.Cut(v, ";")
			switch strings.ToLower(strings.TrimSpace(t)) {
			case kind, "*/*", "application/*":
				return true
			}
		}
	}
	return len(all) == 0
}

func expiresOf(req *sip.Request, none time.Duration) (time.Duration, bool) {
	v := message.Value(req, "Expires")
	if v == "" {
		return none, true
	}
	n, err := strconv.ParseUint(strings.TrimSpace(v), 10, 32)
	return time.Duration(n) * time.Second, err == nil
}
