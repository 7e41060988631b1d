package session

import (
	"strconv"
	"strings"
	"time"

	"github.com/emiago/sipgo/sip"

	"hotline/sip/dialog"
	"hotline/sip/message"
	"hotline/sip/transaction"
)

// reliable makes the provisionals to one INVITE reliable (RFC 3262 3). One at a time is on its way; what is to be said
// meanwhile is said after its PRACK, and of several such the last.
type reliable struct {
	on     bool
	must   bool          // the caller requires it: nothing may be sent otherwise
	seq    uint32        // RSeq of the last one
	open   *sip.Response // waits for its PRACK; nil: none does
	gap    time.Duration
	timer  *transaction.Timer
	limit  *transaction.Timer
	more   bool   // something newer waits
	agreed bool   // offer and answer are exchanged: no later response carries a description (RFC 6337 3.1.1)
	answer func() // the final answer that waits
}

func (r *reliable) stop() {
	r.timer.Stop()
	r.limit.Stop()
}

// reliability is what a caller's INVITE asks for, and the configuration adds.
func (d *Sessions) reliability(req *sip.Request) reliable {
	must := message.Lists(req, "100rel", "Require")
	return reliable{on: must || d.cfg.Reliable && message.Supports(req, "100rel"), must: must, seq: uint32(upTo(1 << 30))}
}

// sendReliably sends a provisional at T1, doubling, until the PRACK comes; without one within 64*T1 the INVITE fails.
func (s *Session) sendReliably(res *sip.Response) {
	r := &s.in.rel
	r.open, r.gap = res, s.all.cfg.T1
	if sdp := message.SDP(res); sdp != nil {
		s.told = sdp
	}
	s.in.tx.Respond(res)
	s.repeatProvisional()
	r.limit = s.after(64*s.all.cfg.T1, func() {
		if s.phase == proceeding {
			s.quit(504, 0, "", Ended{Code: 504, Reason: message.Phrase(504, ""), Err: ErrNoPrack})
		}
	})
}

func (s *Session) repeatProvisional() {
	r := &s.in.rel
	r.timer = s.after(r.gap, func() {
		s.in.tx.Respond(r.open)
		r.gap *= 2
		s.repeatProvisional()
	})
}

// holds tells whether the final answer must wait: a description on its way is not acknowledged, or one that came in a
// PRACK is not answered (RFC 3262 3 and 5).
func (s *Session) holds() bool {
	open := s.in.rel.open
	return open != nil && message.SDP(open) != nil || s.theirs != nil
}

// pracked is RFC 3262 3 for a PRACK, and 5 for what it carries: the answer to our offer, or another offer.
func (s *Session) pracked(tx *transaction.Server) {
	if s.Role != UAS || !s.in.rel.matches(tx.Request, message.CSeq(s.Request)) {
		s.respond(tx, 481)
		return
	}
	r := &s.in.rel
	r.stop()
	described := message.SDP(r.open) != nil
	r.open = nil
	sdp := message.SDP(tx.Request)
	switch {
	case sdp != nil && described && s.SDP() == nil && !r.agreed:
		r.agreed = true
		s.respond(tx, 200)
		s.tell(Accepted{SDP: sdp})
	case sdp != nil && s.theirs != nil:
		s.respond(tx, 500, retryAfter())
	case sdp != nil:
		r.agreed = r.agreed || described
		s.propose(tx, sdp)
	default:
		// An offer of ours that it leaves unanswered is repeated in the 200, and its ACK may still answer.
		r.agreed = r.agreed || described && s.SDP() != nil
		s.respond(tx, 200)
	}
	s.proceed()
}

// matches tells whether a PRACK is for the provisional on its way.
func (r *reliable) matches(req *sip.Request, invite uint32) bool {
	k, ok := message.ReadRAck(message.Value(req, "RAck"))
	return ok && r.open != nil && k.Seq == r.seq && k.CSeq == invite && k.Method == string(sip.INVITE)
}

// proceed says what had to wait for a PRACK.
func (s *Session) proceed() {
	if s.Role != UAS || s.phase != proceeding || s.holds() {
		return
	}
	r := &s.in.rel
	switch {
	case r.answer != nil:
		r.answer()
	case r.more && r.open == nil:
		r.more = false
		s.provisional()
	}
}

// fork is an early dialog that our INVITE made.
type fork struct {
	dialog.Dialog
	rseq uint32 // RSeq of the last reliable provisional; 0: there was none
	sdp  []byte // the last description; nil after an UPDATE of its
	// updated says that an UPDATE of the called side changed the session.
	updated bool
}

// inOrder sends the PRACK of a reliable provisional. false: it is a copy, or one before it is missing, and must be ignored (RFC 3262 4).
func (s *Session) inOrder(f *fork, res *sip.Response) bool {
	seq, err := strconv.ParseUint(strings.TrimSpace(message.Value(res, "RSeq")), 10, 32)
	if err != nil || seq == 0 || !message.Lists(res, "100rel", "Require") {
		return true
	}
	if f.rseq != 0 && uint32(seq) != f.rseq+1 {
		return false
	}
	f.rseq = uint32(seq)
	st := f.Dialog
	a := s.newAsk(sip.PRACK, func(m *sip.Request) {
		m.AppendHeader(sip.NewHeader("RAck", strconv.FormatUint(seq, 10)+" "+strconv.FormatUint(uint64(message.CSeq(res)), 10)+" INVITE"))
	}, func(transaction.Reply) {}) // what becomes of it shows in the answer to the INVITE
	a.in = &st
	a.send()
	return true
}
