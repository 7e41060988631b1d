package session

import (
	"strings"

	"github.com/emiago/sipgo/sip"

	"hotline/sip/dialog"
	"hotline/sip/digest"
	"hotline/sip/message"
	"hotline/sip/transaction"
	"hotline/sip/transport"
)

// ask is one request of a session, sent again with credentials where it is challenged (RFC 3261 22.1).
type ask struct {
	s       *Session
	method  sip.RequestMethod
	prepare func(*sip.Request) // adds headers and body; runs for each sending
	on      func(transaction.Reply)

	in *dialog.Dialog // the early dialog it belongs to; nil: the session's

	client    *transaction.Client
	seq       uint32
	creds     map[string]sip.Header // by header name: a proxy and the far end may both ask
	tried     map[int]int           // challenges answered, by code
	widened   int                   // 422 answered
	cancelled bool
}

func (s *Session) newAsk(method sip.RequestMethod, prepare func(*sip.Request), on func(transaction.Reply)) *ask {
	return &ask{s: s, method: method, prepare: prepare, on: on}
}

func (a *ask) send() *ask {
	st := &a.s.st
	if a.in != nil { // early dialogs of one INVITE count together
		st = a.in
		st.LocalSeq = a.s.st.LocalSeq
	}
	req := st.Request(a.method, 0)
	a.s.st.LocalSeq = st.LocalSeq
	a.seq = message.CSeq(req)
	a.addCredentials(req)
	a.s.all.sign(req)
	if a.prepare != nil {
		a.prepare(req)
	}
	uri := req.Recipient.String()
	a.client = a.s.all.tx.Request(req, a.s.where(st), func(r transaction.Reply) {
		a.s.guard(func() {
			if a.challenged(r, uri) || a.s.widened(a, r) {
				a.send()
				return
			}
			a.on(r)
		})
	})
	return a
}

func (a *ask) addCredentials(req *sip.Request) {
	for _, h := range a.creds {
		req.AppendHeader(sip.HeaderClone(h))
	}
}

// challenged answers a 401 or 407: one of each kind, and one more where the nonce was only stale (RFC 7616 3.3).
func (a *ask) challenged(r transaction.Reply, uri string) bool {
	if r.Err != nil || a.cancelled || a.s.secret == nil {
		return false
	}
	code := r.Response.StatusCode
	if code != 401 && code != 407 {
		return false
	}
	if n := a.tried[code]; n > 1 || n == 1 && !stale(r.Response) {
		return false
	}
	if a.tried == nil { // most requests are never challenged
		a.tried, a.creds = map[int]int{}, map[string]sip.Header{}
	}
	a.tried[code]++
	h, err := digest.Answer(r.Response, string(a.method), uri, a.s.user, a.s.secret)
	if err != nil {
		return false
	}
	a.creds[h.Name()] = h
	return true
}

func stale(res *sip.Response) bool {
	for _, name := range []string{"WWW-Authenticate", "Proxy-Authenticate"} {
		for _, h := range res.GetHeaders(name) {
			for _, v := range digest.Split(h.Value()) {
				if c, err := digest.ParseChallenge(v); err == nil && c.Stale {
					return true
				}
			}
		}
	}
	return false
}

func (a *ask) cancel(headers ...sip.Header) {
	if !a.cancelled && a.client != nil {
		a.cancelled = true
		a.client.Cancel(headers...)
	}
}

// where is the flow that the next request inside the dialog takes. Before there is a dialog, it is that of the dialling. It is also called
// when a hop comes to be known, so that a name can be looked up before there is anything to send.
func (s *Session) where(st *dialog.Dialog) transport.Peer {
	if st.Remote.Tag == "" || s.all.cfg.Resolve == nil {
		return st.Peer
	}
	if p, ok := s.all.cfg.Resolve(st.Next(), st.Peer); ok {
		return p
	}
	return st.Peer
}

// retarget takes over the peer's Contact (RFC 3261 12.2.1.2, 12.2.2).
func (s *Session) retarget(m sip.Message) {
	s.st.Refresh(m)
	s.where(&s.st)
}

// ack is an acknowledgement that goes out again for each retransmitted 2xx (RFC 3261 13.2.2.4).
type ack struct {
	tag  string // of the answering fork
	seq  uint32
	send func()
}

// maxForks bounds the early dialogs and the ACKs that are remembered.
const maxForks = 32

// acknowledge sends the ACK of a 2xx to ask a in the dialog st, and remembers it.
func (s *Session) acknowledge(a *ask, st dialog.Dialog, sdp []byte) {
	send := func() {
		req := st.Request(sip.ACK, a.seq)
		a.addCredentials(req)
		s.all.sign(req)
		message.SetSDP(req, sdp)
		s.all.tx.Transmit(s.where(&st), req)
	}
	if len(s.acks) == maxForks {
		s.acks = s.acks[1:]
	}
	s.acks = append(s.acks, ack{st.Remote.Tag, a.seq, send})
	send()
}

// again sends the ACK for a 2xx that came again; false: there was none yet.
func (s *Session) again(res *sip.Response) bool {
	for _, k := range s.acks {
		if k.seq == message.CSeq(res) && strings.EqualFold(k.tag, message.ToTag(res)) {
			k.send()
			return true
		}
	}
	return false
}
