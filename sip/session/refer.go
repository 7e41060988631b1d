package session

import (
	"strconv"
	"strings"
	"time"

	"github.com/emiago/sipgo/sip"

	"hotline/sip/message"
	"hotline/sip/transaction"
)

// referral is a REFER of the peer, and the subscription to its progress that it makes (RFC 3515 2.4.4). A session has one at a time.
type referral struct {
	tx     *transaction.Server
	id     uint32 // CSeq of the REFER, from the second on (RFC 3515 2.4.6)
	listen bool   // the peer wants to hear of it (RFC 4488)
	until  time.Time
	limit  *transaction.Timer
	next   int  // the status to tell; 0: none waits
	busy   bool // a NOTIFY is under way
	final  bool // the last word was given
	late   bool // it was ours: the time is over
}

// referLimit is how long a transfer may take before its subscription ends.
const referLimit = 3 * time.Minute

// refer is RFC 3515 2.4: exactly one Refer-To; whether it is done is the sink's choice.
func (s *Session) refer(tx *transaction.Server) {
	if len(tx.Request.GetHeaders("Refer-To"))+len(tx.Request.GetHeaders("r")) != 1 {
		s.respond(tx, 400)
		return
	}
	to := tx.Request.ReferTo()
	switch {
	case !s.all.cfg.Refer || s.phase != confirmed || to == nil:
		s.respond(tx, 603)
		return
	case s.referral != nil:
		s.respond(tx, 491)
		return
	}
	r := &referral{tx: tx, listen: !strings.EqualFold(strings.TrimSpace(message.Value(tx.Request, "Refer-Sub")), "false")}
	if s.referred {
		r.id = message.CSeq(tx.Request)
	}
	s.referral, s.referred = r, true
	replaces, _ := to.Address.Headers.Get("Replaces")
	s.tell(Referred{
		To: *to.Address.Clone(), By: message.Value(tx.Request, "Referred-By"), Replaces: replaces,
		Reply:  func(code int) { s.post(func() { s.answerRefer(r, code) }) },
		Notify: func(code int) { s.post(func() { s.notify(r, code) }) },
	})
}

// Refer asks the peer to call to, the value of Refer-To, and tells the final status of that request (RFC 3515 2.4.2), 0 for none. What becomes
// of it is not told: NOTIFYs are refused.
func (s *Session) Refer(to string, told func(code int)) {
	s.post(func() {
		if s.phase != confirmed {
			told(0)
			return
		}
		s.newAsk(sip.REFER, func(m *sip.Request) {
			m.AppendHeader(s.contact())
			m.AppendHeader(sip.NewHeader("Refer-To", to))
		}, func(r transaction.Reply) {
			switch {
			case r.Err != nil:
				told(0)
			case r.Response.StatusCode >= 200:
				told(r.Response.StatusCode)
			}
		}).send()
	})
}

// answerRefer answers the REFER; a subscription begins with the word that it is being tried (RFC 3515 2.4.5).
func (s *Session) answerRefer(r *referral, code int) {
	switch {
	case s.referral != r || r.tx.Answered() || code < 200:
	case code >= 300:
		s.respond(r.tx, min(code, 699))
		s.referral = nil
	case !r.listen:
		s.respond(r.tx, code, s.contact(), sip.NewHeader("Refer-Sub", "false"))
		s.referral = nil
	default:
		s.respond(r.tx, code, s.contact())
		r.until = time.Now().Add(referLimit)
		r.limit = s.after(referLimit, func() {
			r.late = true
			s.notify(r, 504)
		})
		s.notify(r, 100)
	}
}

// notify tells how far it is: of what waits for an earlier NOTIFY only the last is told, and nothing after a final status.
func (s *Session) notify(r *referral, code int) {
	if s.referral != r || !r.tx.Answered() || r.final || code < 100 || code > 699 {
		return
	}
	r.next, r.final = code, code >= 200
	s.sendNotify(r)
}

func (s *Session) sendNotify(r *referral) {
	if r.busy || r.next == 0 || s.phase != confirmed {
		return
	}
	code := r.next
	r.next, r.busy = 0, true
	s.newAsk(sip.NOTIFY, func(m *sip.Request) { s.prepareNotify(m, r, code) }, func(reply transaction.Reply) {
		switch {
		case reply.Err == nil && reply.Response.StatusCode < 200:
		case reply.Err != nil, reply.Response.StatusCode >= 300, code >= 200:
			s.endReferral(r) // nobody listens, or all is said
		default:
			r.busy = false
			s.sendNotify(r)
		}
	}).send()
}

// prepareNotify makes the NOTIFY with a status line for its body (RFC 3515 2.4.5, RFC 3420).
func (s *Session) prepareNotify(m *sip.Request, r *referral, code int) {
	event, state := "refer", "active;expires="+message.Seconds(max(time.Until(r.until), time.Second))
	if r.id != 0 {
		event += ";id=" + strconv.FormatUint(uint64(r.id), 10)
	}
	switch {
	case r.late:
		state = "terminated;reason=timeout"
	case code >= 200:
		state = "terminated;reason=noresource"
	}
	m.AppendHeader(s.contact())
	m.AppendHeader(sip.NewHeader("Event", event))
	m.AppendHeader(sip.NewHeader("Subscription-State", state))
	t := sip.ContentTypeHeader("message/sipfrag;version=2.0")
	m.AppendHeader(&t)
	m.SetBody([]byte("SIP/2.0 " + strconv.Itoa(code) + " " + message.Phrase(code, "") + "\r\n"))
}

func (s *Session) endReferral(r *referral) {
	r.limit.Stop()
	if s.referral == r {
		s.referral = nil
	}
}

// lastWord says how the transfer ended before our BYE does, even where an earlier NOTIFY is not answered.
func (s *Session) lastWord() {
	if r := s.referral; r != nil && r.final && r.next != 0 {
		r.busy = false
		s.sendNotify(r)
	}
}

// closeReferral ends it with its session.
func (s *Session) closeReferral() {
	r := s.referral
	if r == nil {
		return
	}
	s.endReferral(r)
	if !r.tx.Answered() {
		s.respond(r.tx, 487)
	}
}
