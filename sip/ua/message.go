package ua

import (
	"cmp"
	"crypto/rand"
	"strings"

	"github.com/emiago/sipgo/sip"

	"hotline/sip/transaction"
)

// maxMessage bounds the text of a MESSAGE (RFC 3428 section 8).
const maxMessage = 1300

// Message passes a text from one phone to another (RFC 3428). It is answered with the best word of the called phone's devices; nothing is
// kept for a phone that is not there. Only phones of ours may send, and only to phones of ours.
func (u *UA) Message(tx *transaction.Server) {
	req := tx.Request
	user, challenge, known := u.Registrar.AuthenticateFrom(req, tx.From, true)
	to := req.Recipient.User
	refuse := func(code int, reason string, headers ...sip.Header) {
		res := tx.Response(code, reason, nil)
		for _, h := range headers {
			res.AppendHeader(h)
		}
		tx.Respond(res)
	}
	switch {
	case !known && challenge == nil:
		refuse(403, "Forbidden")
		return
	case !known:
		refuse(407, "Proxy Authentication Required", challenge...)
		return
	case !u.Known(to):
		refuse(404, "Not Found")
		return
	case req.ContentType() == nil || !strings.HasPrefix(strings.ToLower(req.ContentType().Value()), "text/"):
		refuse(415, "Unsupported Media Type", sip.NewHeader("Accept", "text/plain"))
		return
	case len(req.Body()) > maxMessage:
		refuse(413, "Request Entity Too Large")
		return
	}
	contacts := u.Registrar.Contacts(to)
	if len(contacts) == 0 {
		refuse(480, "Temporarily Unavailable")
		return
	}
	// All of it is on the lane of the Call-ID, which the copies share.
	left, worst := len(contacts), 0
	for _, c := range contacts {
		u.Tx.Request(u.copyOf(req, user, c.URI), c.Peer, func(r transaction.Reply) {
			code := 480
			if r.Err == nil {
				code = r.Response.StatusCode
			}
			switch {
			case code < 200:
				return
			case code < 300:
				refuse(200, "OK") // later ones are ignored
			default:
				worst = max(code, worst)
			}
			if left--; left == 0 && !tx.Answered() {
				refuse(cmp.Or(worst, 480), "Not Delivered")
			}
		})
	}
}

// copyOf is a MESSAGE as a device gets it: from the sender's number with us, so that an answer comes back.
func (u *UA) copyOf(req *sip.Request, from string, to sip.Uri) *sip.Request {
	m := message(from, req.Recipient.User, cmp.Or(u.Domain, req.Recipient.Host), to)
	m.AppendHeader(sip.HeaderClone(req.CallID()))
	m.AppendHeader(sip.HeaderClone(req.ContentType()))
	m.SetBody(req.Body())
	return m
}

// message is a MESSAGE of ours without Call-ID and body.
func message(from, user, host string, to sip.Uri) *sip.Request {
	m := sip.NewRequest(sip.MESSAGE, *to.Clone())
	f := &sip.FromHeader{Address: sip.Uri{Scheme: "sip", User: from, Host: host}, Params: sip.NewParams()}
	f.Params.Add("tag", strings.ToLower(rand.Text()))
	m.AppendHeader(f)
	m.AppendHeader(&sip.ToHeader{Address: sip.Uri{Scheme: "sip", User: user, Host: host}, Params: sip.NewParams()})
	m.AppendHeader(&sip.CSeqHeader{SeqNo: 1, MethodName: sip.MESSAGE})
	return m
}

// Text sends a text to the devices of a phone (RFC 3428) as from a number of ours, which the phone may call. Nothing comes of it where none is
// registered or takes texts; it does not wait.
func (u *UA) Text(user, from, text string) {
	for _, c := range u.Registrar.Contacts(user) {
		m := message(from, user, cmp.Or(u.Domain, u.Local(c.Peer).Addr().String()), c.URI)
		id := sip.CallIDHeader(strings.ToLower(rand.Text()))
		m.AppendHeader(&id)
		plain := sip.ContentTypeHeader("text/plain;charset=utf-8")
		m.AppendHeader(&plain)
		m.SetBody([]byte(text))
		u.Tx.Do(id.Value(), func() {
			u.Tx.Request(m, c.Peer, func(r transaction.Reply) {
				if r.Err == nil && r.Response.StatusCode >= 300 {
					u.Logger.Debug("a phone takes no texts", "phone", user, "status", r.Response.StatusCode)
				}
			})
		})
	}
}
