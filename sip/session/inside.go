package session

import (
	"crypto/rand"
	"errors"
	"math/big"
	"slices"
	"strconv"
	"strings"

	"github.com/emiago/sipgo/sip"

	"hotline/sip/message"
	"hotline/sip/transaction"
)

func isTimeout(err error) bool { return errors.Is(err, transaction.ErrTimeout) }

// inside answers a request in the dialog (RFC 3261 12.2.2).
func (s *Session) inside(tx *transaction.Server) {
	req := tx.Request
	if s.Role == UAC && s.phase == proceeding {
		s.insideEarly(tx)
		return
	}
	if s.st.RemoteSeq != 0 && message.CSeq(req) < s.st.RemoteSeq {
		s.respond(tx, 500)
		return
	}
	s.st.RemoteSeq = message.CSeq(req)
	s.st.Peer = tx.From
	if s.phase == closing && req.Method != sip.BYE {
		s.respond(tx, 481)
		return
	}
	switch req.Method {
	case sip.BYE:
		s.byed(tx)
	case sip.INVITE:
		s.reinvited(tx)
	case sip.UPDATE:
		s.updated(tx)
	case sip.INFO:
		s.informed(tx)
	case sip.OPTIONS:
		s.all.Options(tx)
	case sip.REFER:
		s.refer(tx)
	case sip.PRACK:
		s.pracked(tx)
	case sip.NOTIFY:
		s.respond(tx, 481) // we subscribed to nothing
	case sip.SUBSCRIBE:
		s.respond(tx, 489) // RFC 6665 4.2.1.4
	default:
		s.all.refuseMethod(tx)
	}
}

// insideEarly answers a request in an early dialog that our INVITE made. The called side may not end it (RFC 3261 15) and
// may not offer before it answered ours reliably (RFC 3311 5.1, 5.2).
func (s *Session) insideEarly(tx *transaction.Server) {
	f := s.out.forks[message.FromTag(tx.Request)]
	if f.RemoteSeq != 0 && message.CSeq(tx.Request) < f.RemoteSeq {
		s.respond(tx, 500)
		return
	}
	f.RemoteSeq = message.CSeq(tx.Request)
	switch tx.Request.Method {
	case sip.OPTIONS:
		s.all.Options(tx)
	case sip.UPDATE:
		s.updatedEarly(tx, f)
	case sip.INFO:
		s.informed(tx)
	case sip.BYE, sip.PRACK, sip.NOTIFY:
		s.respond(tx, 481)
	case sip.INVITE:
		s.respond(tx, 491)
	default:
		s.all.refuseMethod(tx)
	}
}

func (s *Session) respond(tx *transaction.Server, code int, headers ...sip.Header) {
	res := tx.Response(code, message.Phrase(code, ""), nil)
	for _, h := range headers {
		res.AppendHeader(h)
	}
	warn(res)
	s.all.sign(res)
	tx.Respond(res)
}

// warn says in a 488 what could not be accepted (RFC 3261 20.43, 21.4.26): with one audio line it is always the formats.
func warn(res *sip.Response) {
	if res.StatusCode == 488 {
		res.AppendHeader(sip.NewHeader("Warning", `305 local "Incompatible media format"`))
	}
}

// byed is RFC 3261 15.1.2, also where both sides hang up at once (RFC 5407 3.1.6 to 3.2).
func (s *Session) byed(tx *transaction.Server) {
	s.respond(tx, 200)
	c := message.CauseOf(tx.Request)
	switch {
	case s.phase == proceeding:
		s.refuse(487, "", nil)
		s.drop()
	case s.phase == closing:
		// Ours is on its way, or waits for an ACK that will not come now; its answer ends the session.
		if s.parting != nil {
			s.drop()
		}
		return
	case s.phase == answered && s.Role == UAC:
		s.sendAck(nil)
		s.closeOffers()
		s.drop()
	default:
		s.closeOffers()
		s.drop()
	}
	s.tell(Ended{ByPeer: true, Reason: c.Text, Q850: c.Q850})
}

// informed is RFC 6086 4.2: a body of a kind we know becomes an event, no body is a ping, others get 415.
func (s *Session) informed(tx *transaction.Server) {
	body, kind := tx.Request.Body(), message.MediaType(tx.Request)
	if len(body) == 0 && kind == "" {
		s.respond(tx, 200)
		return
	}
	if !slices.ContainsFunc(s.all.cfg.InfoTypes, func(t string) bool { return strings.EqualFold(t, kind) }) {
		s.respond(tx, 415, sip.NewHeader("Accept", strings.Join(s.all.cfg.InfoTypes, ", ")))
		return
	}
	s.respond(tx, 200)
	s.tell(Info{ContentType: kind, Body: body})
}

// retryAfter is a Retry-After of 0 to 10 seconds (RFC 3261 14.2).
func retryAfter() sip.Header { return sip.NewHeader("Retry-After", strconv.Itoa(upTo(11))) }

// upTo is a random number from 0 to n-1.
func upTo(n int64) int {
	v, err := rand.Int(rand.Reader, big.NewInt(n))
	if err != nil {
		return 0
	}
	return int(v.Int64())
}
