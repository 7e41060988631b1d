package session

import (
	"strconv"
	"strings"
	"time"

	"github.com/emiago/sipgo/sip"

	"hotline/sip/dialog"
	"hotline/sip/message"
	"hotline/sip/transaction"
	"hotline/sip/transport"
)

// invitation is an INVITE of the peer without a final response.
type invitation struct {
	tx      *transaction.Server
	sdp     []byte // sent in a provisional; the final answer repeats it where it has none
	code    int    // the last provisional
	refresh *transaction.Timer
	rel     reliable
}

// provisionalEvery is how often a provisional is repeated so that no proxy gives up (RFC 3261 13.3.1.1).
const provisionalEvery = time.Minute

// invited makes the session of a new INVITE.
func (d *Sessions) invited(tx *transaction.Server) {
	contacts := 0
	for _, h := range message.Headers(tx.Request) {
		if _, ok := h.(*sip.ContactHeader); ok {
			contacts++
		}
	}
	if contacts != 1 {
		tx.Respond(tx.Response(400, "Contact Required", nil)) // RFC 3261 8.1.1.8
		return
	}
	if d.tooBrief(tx) {
		return
	}
	if tx.Tag == "" {
		tx.Tag = message.NewTag()
	}
	s := &Session{
		CallID: message.CallID(tx.Request), Role: UAS, Request: tx.Request, From: tx.From, all: d,
		st: dialog.Answering(tx.Request, tx.Tag, tx.From), in: &invitation{tx: tx, rel: d.reliability(tx.Request)},
	}
	d.add(s)
	tx.OnCancel = func(req *sip.Request) { s.guard(func() { s.cancelled(req) }) }
	tx.OnGone = func(err error) { s.guard(func() { s.inviteGone(err) }) }
	s.where(&s.st)
	s.guard(func() { d.cfg.Invite(s) })
}

// cancelled is RFC 3261 9.2. After a final response CANCEL has no effect: the layer does not even tell us.
func (s *Session) cancelled(req *sip.Request) {
	if s.phase != proceeding {
		return
	}
	s.refuse(487, "", nil)
	s.drop()
	c := message.CauseOf(req)
	s.tell(Ended{ByPeer: true, Code: 487, Reason: c.Text, Q850: c.Q850})
}

// inviteGone hears that no response can reach the peer any more.
func (s *Session) inviteGone(err error) {
	if s.phase == proceeding {
		s.drop()
		s.tell(Ended{Err: err})
	}
}

// refuse sends a final response of 300 or more.
func (s *Session) refuse(code int, reason string, headers ...sip.Header) {
	res := s.in.tx.Response(code, message.Phrase(code, reason), nil)
	for _, h := range headers {
		if h != nil {
			res.AppendHeader(h)
		}
	}
	warn(res)
	s.all.sign(res)
	s.in.refresh.Stop()
	s.in.rel.stop()
	s.in.tx.Respond(res)
}

// Ring answers 180.
func (s *Session) Ring() { s.Progress(180, nil) }

// Progress answers a provisional code, 101 to 199, with a session description where sdp is not nil.
func (s *Session) Progress(code int, sdp []byte) {
	s.post(func() {
		if s.Role != UAS || s.phase != proceeding || code <= 100 || code >= 200 || s.in.rel.answer != nil {
			return
		}
		s.in.code = code
		if sdp != nil {
			s.in.sdp = sdp
		}
		s.provisional()
	})
}

func (s *Session) provisional() {
	r, sdp := &s.in.rel, s.in.sdp
	if r.agreed {
		sdp = nil
	}
	early := s.SDP() == nil && !r.agreed && sdp == nil // the first reliable one would have to carry our offer (RFC 3262 5)
	switch {
	case r.open != nil:
		r.more = true
		return
	case early && r.must:
		return
	}
	res := s.in.tx.Response(s.in.code, message.Phrase(s.in.code, ""), nil)
	res.AppendHeader(s.contact())
	res.AppendHeader(sip.NewHeader("Allow", s.all.allow))
	s.all.sign(res)
	message.SetSDP(res, sdp)
	if r.on && !early {
		r.seq++
		res.AppendHeader(sip.NewHeader("Require", "100rel"))
		res.AppendHeader(sip.NewHeader("RSeq", strconv.FormatUint(uint64(r.seq), 10)))
		s.sendReliably(res)
	} else {
		s.in.tx.Respond(res)
	}
	s.in.refresh.Stop()
	s.in.refresh = s.after(provisionalEvery, func() {
		if s.phase == proceeding {
			s.provisional()
		}
	})
}

// Answer answers 200 with the answer, or with the offer where the INVITE had none (late offer). nil repeats the session
// description of the last Progress. Where the caller acknowledged a Progress with a description, that one holds and sdp is not sent; where it
// has not yet, the answer waits for it (RFC 3262).
func (s *Session) Answer(sdp []byte) {
	s.post(func() {
		if s.Role != UAS || s.phase != proceeding {
			return
		}
		if sdp == nil {
			sdp = s.in.sdp
		}
		s.in.refresh.Stop()
		if s.holds() {
			s.in.rel.answer = func() { s.answer(sdp) }
			return
		}
		s.answer(sdp)
	})
}

func (s *Session) answer(sdp []byte) {
	s.phase = answered
	s.in.rel.stop()
	if s.in.rel.agreed {
		sdp = nil
	}
	s.accept(s.in.tx, sdp, func(ack *sip.Request) { s.established(ack) })
}

func (s *Session) established(ack *sip.Request) {
	if s.phase == closing && s.parting != nil {
		s.bye(s.parting.q850, s.parting.text)
		return
	}
	if s.phase != answered {
		return
	}
	s.phase = confirmed
	s.tell(Established{SDP: message.SDP(ack)})
	s.flush()
}

// Reject answers a final code of 300 or more and ends the session; reason "" is the usual phrase.
func (s *Session) Reject(code int, reason string, headers ...sip.Header) {
	s.post(func() {
		if s.Role != UAS || s.phase != proceeding || code < 300 || code > 699 {
			return
		}
		s.refuse(code, reason, headers...)
		s.drop()
		s.tell(Ended{Code: code, Reason: message.Phrase(code, reason)})
	})
}

// Challenge answers with the given challenge headers: 407 where one is a Proxy-Authenticate, else 401. The session
// ends; the same INVITE with credentials is a new one.
func (s *Session) Challenge(headers []sip.Header) {
	code := 401
	for _, h := range headers {
		if strings.EqualFold(h.Name(), "Proxy-Authenticate") {
			code = 407
		}
	}
	s.Reject(code, "", headers...)
}

// answer is a 2xx to an INVITE on its way to its ACK.
type answer struct {
	tx    *transaction.Server
	res   *sip.Response
	gap   time.Duration
	timer *transaction.Timer
	limit *transaction.Timer
	onAck func(*sip.Request)
}

// accept sends a 2xx to an INVITE and repeats it at T1, doubling to T2, until the ACK comes; after 64*T1 without one the
// session ends with BYE (RFC 3261 13.3.1.4). The transport does not matter: the 2xx is repeated end to end.
func (s *Session) accept(tx *transaction.Server, sdp []byte, onAck func(*sip.Request)) {
	res := tx.Response(200, message.Phrase(200, ""), nil)
	res.AppendHeader(s.contact())
	s.introduce(res)
	s.agree(tx.Request, res)
	s.all.sign(res)
	s.describe(res, sdp)
	a := &answer{tx: tx, res: res, gap: s.all.cfg.T1, onAck: onAck}
	s.unacked = append(s.unacked, a)
	a.limit = s.after(64*s.all.cfg.T1, func() { s.unanswered(a) })
	tx.Respond(res)
	s.repeat(a)
}

// describe puts our description into an acceptance; from now on it holds.
func (s *Session) describe(res *sip.Response, sdp []byte) {
	message.SetSDP(res, sdp)
	if sdp != nil {
		s.told = sdp
	}
}

func (s *Session) repeat(a *answer) {
	a.timer = s.after(a.gap, func() {
		a.tx.Respond(a.res)
		a.gap = min(2*a.gap, s.all.cfg.T2)
		s.repeat(a)
	})
}

func (a *answer) stop() {
	a.timer.Stop()
	a.limit.Stop()
}

// unanswered ends a session whose answer nobody acknowledged.
func (s *Session) unanswered(a *answer) {
	a.stop()
	var p parting
	if s.parting != nil {
		p = *s.parting
	}
	s.bye(p.q850, p.text)
	s.tell(Ended{Err: ErrNoAck})
}

func (s *Session) stopAnswers() {
	for _, a := range s.unacked {
		a.stop()
	}
	s.unacked = nil
}

// acknowledged gets each ACK inside the dialog; those for no open answer are repetitions.
func (s *Session) acknowledged(req *sip.Request, from transport.Peer) {
	for i, a := range s.unacked {
		if message.CSeq(a.tx.Request) == message.CSeq(req) {
			a.stop()
			s.unacked = append(s.unacked[:i:i], s.unacked[i+1:]...)
			s.st.Peer = from
			a.onAck(req)
			return
		}
	}
}
