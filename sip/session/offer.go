package session

import (
	"sync/atomic"
	"time"

	"github.com/emiago/sipgo/sip"

	"hotline/sip/message"
	"hotline/sip/transaction"
)

// proposal is an offer of the peer inside the dialog that waits for the sink's Reply.
type proposal struct {
	tx  *transaction.Server
	sdp []byte // nil: it asks us for the offer
	// early is the early dialog of ours that it changes; nil: the session.
	early *fork
}

// offer is one that we make inside the dialog.
type offer struct {
	sdp     []byte
	refresh bool // it changes nothing: the session timer wants it (RFC 4028 7.4)
}

// maxGlares is how often a re-INVITE is tried against 491 before it is given up.
const maxGlares = 6

// reinvited is RFC 3261 14.2.
func (s *Session) reinvited(tx *transaction.Server) {
	sdp := message.SDP(tx.Request)
	if s.all.tooBrief(tx) || !s.mayOffer(tx) {
		return
	}
	s.retarget(tx.Request)
	p := s.propose(tx, sdp)
	tx.OnCancel = func(*sip.Request) {
		s.guard(func() {
			if s.theirs == p {
				s.theirs = nil
				s.flush()
			}
			s.respond(tx, 487)
		})
	}
	tx.OnGone = func(error) {
		s.guard(func() {
			if s.theirs == p {
				s.theirs = nil
				s.flush()
			}
		})
	}
}

// mayOffer refuses an offer that meets another one (RFC 3261 14.2, RFC 3311 5.2, RFC 6337 3.4).
func (s *Session) mayOffer(tx *transaction.Server) bool {
	switch {
	case s.phase == proceeding && !s.updatable(tx), s.theirs != nil:
		s.respond(tx, 500, retryAfter()) // theirs is not answered yet
		return false
	case s.ours != nil, s.offerUnanswered():
		s.respond(tx, 491) // ours is not answered yet
		return false
	}
	return true
}

// updatable tells whether an offer may come before the final answer: in UPDATE, after the first was answered reliably (RFC 3311 5.1).
func (s *Session) updatable(tx *transaction.Server) bool {
	return tx.Request.Method == sip.UPDATE && s.Role == UAS && s.in.rel.agreed
}

// offerUnanswered tells whether a late offer is on its way: in our 2xx without its ACK, or in theirs.
func (s *Session) offerUnanswered() bool {
	if s.phase == answered && s.Role == UAC {
		return true
	}
	for _, a := range s.unacked {
		if message.SDP(a.tx.Request) == nil {
			return true
		}
	}
	return false
}

// updated is RFC 3311 5.2; without an offer it only refreshes the target.
func (s *Session) updated(tx *transaction.Server) {
	sdp := message.SDP(tx.Request)
	if s.all.tooBrief(tx) {
		return
	}
	if sdp == nil {
		s.retarget(tx.Request)
		s.acceptUpdate(tx, nil)
		return
	}
	if !s.mayOffer(tx) {
		return
	}
	s.retarget(tx.Request)
	s.propose(tx, sdp)
}

// updatedEarly is updated for an early dialog that our INVITE made.
func (s *Session) updatedEarly(tx *transaction.Server, f *fork) {
	sdp := message.SDP(tx.Request)
	switch {
	case sdp != nil && (s.out.sdp == nil || f.rseq == 0 || f.sdp == nil):
		s.respond(tx, 491)
		return
	case sdp != nil && s.theirs != nil:
		s.respond(tx, 500, retryAfter())
		return
	}
	f.Refresh(tx.Request)
	if sdp == nil {
		s.acceptUpdate(tx, nil)
		return
	}
	s.propose(tx, sdp).early = f
}

func (s *Session) acceptUpdate(tx *transaction.Server, sdp []byte) {
	res := tx.Response(200, message.Phrase(200, ""), nil)
	res.AppendHeader(s.contact())
	s.introduce(res)
	if s.phase != proceeding && tx.Request.Method == sip.UPDATE { // an early dialog has no timer yet
		s.agree(tx.Request, res)
	}
	s.all.sign(res)
	s.describe(res, sdp)
	tx.Respond(res)
}

// propose puts an offer before the sink.
func (s *Session) propose(tx *transaction.Server, sdp []byte) *proposal {
	p := &proposal{tx: tx, sdp: sdp}
	s.theirs = p
	var replied atomic.Bool
	s.tell(Offered{SDP: sdp, Reply: func(code int, sdp []byte) {
		if code >= 200 && replied.CompareAndSwap(false, true) {
			s.post(func() { s.reply(p, code, sdp) })
		}
	}})
	return p
}

// reply carries out the sink's word on an offer, where it still matters.
func (s *Session) reply(p *proposal, code int, sdp []byte) {
	if s.theirs != p {
		return
	}
	s.theirs = nil
	switch {
	case code < 300 && sdp == nil:
		s.respond(p.tx, 488) // a 2xx without a description would leave both sides with different ideas
	case code < 300 && p.tx.Request.Method != sip.INVITE:
		s.acceptUpdate(p.tx, sdp)
		if p.early != nil {
			p.early.updated, p.early.sdp = true, nil
		}
	case code < 300:
		s.accept(p.tx, sdp, func(ack *sip.Request) {
			if p.sdp == nil {
				s.tell(Accepted{SDP: message.SDP(ack)})
			}
			s.flush()
		})
	default:
		s.respond(p.tx, min(code, 699))
	}
	s.proceed()
	s.flush()
}

// Offer proposes a changed session by re-INVITE; Accepted or Refused follows. It waits for what is under way, of several
// waiting ones the last is sent, and glare (491) is tried again after the times of RFC 3261 14.1.
func (s *Session) Offer(sdp []byte) {
	s.post(func() {
		if s.phase < closing && sdp != nil {
			s.wanted = &offer{sdp: sdp}
			s.flush()
		}
	})
}

// flush sends the offer that waits, once no INVITE is under way in either direction (RFC 3261 14.1).
func (s *Session) flush() {
	if s.wanted == nil || s.phase != confirmed || s.theirs != nil || s.ours != nil || len(s.unacked) > 0 || s.pause != nil {
		return
	}
	o := s.wanted
	s.wanted = nil
	var limit *transaction.Timer
	var a *ask
	a = s.newAsk(sip.INVITE, func(m *sip.Request) {
		m.AppendHeader(s.contact())
		s.introduce(m)
		s.wantTimer(m)
		message.SetSDP(m, o.sdp)
	}, func(r transaction.Reply) {
		if r.Err != nil || r.Response.StatusCode >= 200 {
			limit.Stop()
		}
		s.offerReplied(a, r, o)
	})
	s.ours = a
	limit = s.after(s.all.cfg.TimerC, func() { a.cancel() })
	a.send()
}

func (s *Session) offerReplied(a *ask, r transaction.Reply, o *offer) {
	switch {
	case r.Err != nil:
		s.ours = nil
		s.lost(408, r.Err)
	case r.Response.StatusCode < 200:
	case r.Response.StatusCode < 300:
		s.offerAccepted(a, r.Response, o)
	case s.ours != a:
	case r.Response.StatusCode == 491:
		s.ours = nil
		s.glare(o)
	case r.Response.StatusCode == 481 || r.Response.StatusCode == 408:
		s.ours = nil
		s.lost(r.Response.StatusCode, nil)
	default:
		s.ours, s.glares = nil, 0
		s.refusedOffer(o, r.Response.StatusCode)
		s.flush()
	}
}

// refusedOffer tells that an offer of the sink's was refused; a refresh was not its idea.
func (s *Session) refusedOffer(o *offer, code int) {
	if !o.refresh {
		s.tell(Refused{Code: code})
	}
}

// offerAccepted acknowledges a 2xx to our re-INVITE, each time it comes; only the first is told.
func (s *Session) offerAccepted(a *ask, res *sip.Response, o *offer) {
	if s.again(res) {
		return
	}
	s.retarget(res)
	s.acknowledge(a, s.st, nil)
	if s.ours != a {
		return
	}
	s.ours, s.glares = nil, 0
	if s.phase == confirmed {
		s.told = o.sdp
		s.settle(res)
		s.tell(Accepted{SDP: message.SDP(res)})
		s.flush()
	}
}

// glare waits as RFC 3261 14.1 says: whoever owns the Call-ID 2.1 to 4 s, the other 0 to 2 s, in units of 10 ms.
func (s *Session) glare(o *offer) {
	s.glares++
	if s.phase != confirmed {
		return
	}
	if s.wanted == nil {
		s.wanted = o
	}
	if s.glares == maxGlares {
		s.wanted, s.glares = nil, 0
		s.refusedOffer(o, 491)
		return
	}
	wait := time.Duration(upTo(201)) * 10 * time.Millisecond
	if s.Role == UAC {
		wait = 2100*time.Millisecond + time.Duration(upTo(191))*10*time.Millisecond
	}
	s.pause = s.after(wait, func() {
		s.pause = nil
		s.flush()
	})
}
