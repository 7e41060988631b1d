package session

import (
	"runtime/debug"
	"time"

	"github.com/emiago/sipgo/sip"

	"hotline/sip/dialog"
	"hotline/sip/digest"
	"hotline/sip/message"
	"hotline/sip/transaction"
	"hotline/sip/transport"
)

// Session is one dialog made by INVITE, seen by one side of it. The exported fields do not change after it was made.
// All methods may be called from any goroutine at any time: they post to the lane, never wait, and do nothing where
// the session's state has no place for them.
type Session struct {
	CallID  string
	Role    Role
	Request *sip.Request   // the INVITE; nil for a UAC. Read only
	From    transport.Peer // where the INVITE came from, or was sent

	all *Sessions

	// What follows belongs to the lane.
	phase   phase
	st      dialog.Dialog
	sink    func(Event)
	early   []Event // told before there was a sink
	ended   bool
	faulted bool

	in       *invitation // UAS, while the INVITE has no final response
	out      *dialling   // UAC, for as long as 2xx may come
	unacked  []*answer   // our 2xx that have no ACK yet
	theirs   *proposal   // the peer's offer that waits for our Reply
	ours     *ask        // our re-INVITE on its way
	wanted   *offer      // to make when the way is free
	told     []byte      // our description that holds
	glares   int         // 491 drawn by it
	expiry   expiry      // how long all this lives unless it is refreshed
	pause    *transaction.Timer
	referral *referral // the peer's REFER that is not done
	referred bool      // there was one
	acks     []ack     // of 2xx to our INVITEs, to be sent again
	parting  *parting

	contactURI string
	user       string
	secret     digest.Secret
}

// phase is where a session stands.
type phase uint8

const (
	proceeding phase = iota // the INVITE has no final response
	answered                // a 2xx was sent or received, its ACK is to come
	confirmed
	closing // over for the sink; the wire still has something to say
	gone
)

// parting is a BYE that waits until it may be sent.
type parting struct {
	q850 int
	text string
}

// maxEarly bounds what is kept for a sink that is not there yet.
const maxEarly = 64

// post runs f on the session's lane; f never takes the lane down.
func (s *Session) post(f func()) { s.all.tx.Do(s.CallID, func() { s.guard(f) }) }

func (s *Session) after(d time.Duration, f func()) *transaction.Timer {
	return s.all.tx.After(s.CallID, d, func() { s.guard(f) })
}

// guard lets a panic end this session and nothing else.
func (s *Session) guard(f func()) {
	defer func() {
		if v := recover(); v != nil {
			s.fault(v)
		}
	}()
	f()
}

func (s *Session) fault(v any) {
	s.all.log.Error("fault while handling a session", "call", s.CallID, "fault", v, "stack", string(debug.Stack()))
	if s.faulted {
		s.drop()
		defer func() { _ = recover() }() // a sink that cannot even bear the end
		s.tell(Ended{Err: ErrFault})
		return
	}
	s.faulted = true
	s.guard(func() { s.quit(500, 0, "", Ended{Err: ErrFault}) })
}

// tell gives an event to the sink. Callers have finished their own changes by then: a sink that panics leaves nothing half done.
func (s *Session) tell(ev Event) {
	if s.ended {
		return
	}
	_, s.ended = ev.(Ended)
	if sink := s.sink; sink != nil {
		if s.ended { // for half a minute more the wire may want something of us, but not of a leg with its sound
			s.sink = nil
		}
		sink(ev)
	} else if s.ended || len(s.early) < maxEarly {
		s.early = append(s.early, ev)
	}
}

// drop forgets the session: nothing more is to come from the wire.
func (s *Session) drop() {
	s.phase = gone
	s.stopAnswers()
	s.stopTimers()
	s.all.remove(s)
}

func (s *Session) stopTimers() {
	s.pause.Stop()
	s.expiry.stop()
	if s.referral != nil {
		s.referral.limit.Stop()
	}
	if s.in != nil {
		s.in.refresh.Stop()
		s.in.rel.stop()
	}
	if s.out != nil {
		s.out.timerC.Stop()
		s.out.late.Stop()
	}
}

// owns tells whether a request is inside this session's dialog, or one of its early ones.
func (s *Session) owns(req *sip.Request) bool {
	if s.phase == gone {
		return false
	}
	if s.Role == UAC && s.phase == proceeding {
		return message.ToTag(req) == s.st.Local.Tag && s.out.knows(message.FromTag(req))
	}
	return s.st.Matches(req)
}

// SetSink sets who hears the events; those that came before are told first.
func (s *Session) SetSink(sink func(Event)) {
	s.post(func() {
		s.sink = sink
		early := s.early
		s.early = nil
		for _, ev := range early {
			sink(ev)
		}
	})
}

// Hangup ends the session whatever its state: BYE, CANCEL, or 487 to an INVITE not answered yet. q850 and text become
// the Reason header (RFC 3326); q850 0: none. Ended is told at once, not when the peer agreed.
func (s *Session) Hangup(q850 int, text string) {
	s.post(func() {
		code := 0
		if s.phase == proceeding {
			code = 487
		}
		s.quit(487, q850, text, Ended{Code: code, Reason: text, Q850: q850})
	})
}

// quit leaves by the way that RFC 3261 15 has for each state, and tells ev. code refuses an INVITE that is not answered.
func (s *Session) quit(code, q850 int, text string, ev Ended) {
	switch {
	case s.phase >= closing:
		return
	case s.phase == proceeding && s.Role == UAS:
		s.refuse(code, "", message.ReasonHeader(q850, text))
		s.drop()
	case s.phase == proceeding:
		s.phase = closing
		s.out.cancel(message.CancelReasons(q850, text)...)
	case s.phase == answered && s.Role == UAS:
		// A callee must not send BYE before the ACK came or can no longer come (RFC 3261 15).
		s.phase = closing
		s.parting = &parting{q850, text}
	case s.phase == answered:
		s.sendAck(nil)
		s.bye(q850, text)
	default:
		s.bye(q850, text)
	}
	s.tell(ev)
}

// bye sends BYE (RFC 3261 15.1.1); the session is forgotten when it is answered or no answer can come.
func (s *Session) bye(q850 int, text string) { s.part(message.ReasonHeader(q850, text)) }

// part is bye with any Reason header; nil: none.
func (s *Session) part(reason sip.Header) {
	s.lastWord()
	s.phase = closing
	s.closeOffers()
	s.newAsk(sip.BYE, func(req *sip.Request) {
		if reason != nil {
			req.AppendHeader(reason)
		}
	}, func(r transaction.Reply) {
		if r.Err != nil || r.Response.StatusCode >= 200 {
			s.drop()
		}
	}).send()
}

// closeOffers answers what is still open when the dialog ends: a pending re-INVITE gets 487 (RFC 3261 15.1.2).
func (s *Session) closeOffers() {
	s.wanted = nil
	s.pause.Stop()
	s.expiry.stop()
	if t := s.theirs; t != nil {
		s.theirs = nil
		t.tx.Respond(t.tx.Response(487, message.Phrase(487, ""), nil))
	}
	s.closeReferral()
	s.stopAnswers()
}

// lost ends a dialog that the peer no longer knows, or where it does not answer (RFC 3261 12.2.1.2).
func (s *Session) lost(code int, err error) {
	if s.phase != confirmed {
		return
	}
	s.bye(0, "")
	s.tell(Ended{ByPeer: err == nil, Code: code, Reason: message.Phrase(code, ""), Err: err})
}

// Info sends an INFO inside the dialog; nobody hears whether it was understood.
func (s *Session) Info(contentType string, body []byte) {
	s.post(func() {
		if s.phase != confirmed {
			return
		}
		s.newAsk(sip.INFO, func(req *sip.Request) {
			t := sip.ContentTypeHeader(contentType)
			req.AppendHeader(&t)
			req.SetBody(body)
		}, func(r transaction.Reply) {
			if r.Err == nil && r.Response.StatusCode == 481 {
				s.lost(481, nil)
			}
		}).send()
	})
}

// SDP is the offer in the INVITE of a UAS, also out of a multipart body; nil: none, so that the answer must carry it (late offer), or
// a UAC.
func (s *Session) SDP() []byte {
	if s.Request == nil {
		return nil
	}
	return message.SDP(s.Request)
}

// contact is our Contact towards the peer.
func (s *Session) contact() sip.Header {
	if s.contactURI != "" {
		return sip.NewHeader("Contact", "<"+s.contactURI+">")
	}
	return s.all.contact(s.st.Peer)
}
