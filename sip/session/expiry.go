package session

import (
	"cmp"
	"slices"
	"time"

	"github.com/emiago/sipgo/sip"

	"hotline/sip/message"
	"hotline/sip/transaction"
)

// expiry is the session timer of RFC 4028: what both sides agreed on last, and the clocks that follow from it.
type expiry struct {
	every  time.Duration // the session interval; 0: none was agreed
	floor  time.Duration // the largest Min-SE that a 422 of the peer named
	ours   bool          // we refresh
	update bool          // the peer takes UPDATE (RFC 3311 4)
	asking *ask          // our UPDATE under way
	next   *transaction.Timer
	end    *transaction.Timer
}

const (
	minInterval = 90 * time.Second // no session interval may be smaller (RFC 4028 4)
	maxInterval = 24 * time.Hour   // a 422 that wants more is refused: nobody checks so rarely
	maxWidened  = 3                // how often one request is sent again after a 422
	parted      = `SIP;cause=408;text="Session timer expired"`
)

func (x *expiry) stop() {
	x.next.Stop()
	x.end.Stop()
}

// notice reads from an Allow header whether the peer takes UPDATE; without one it stays as it was.
func (x *expiry) notice(m sip.Message) {
	if slices.ContainsFunc(message.Headers(m), func(h sip.Header) bool { return message.Called(h, "Allow") }) {
		x.update = message.Lists(m, string(sip.UPDATE), "Allow")
	}
}

// tooBrief refuses with 422 a session interval below ours, from a peer that knows what that means (RFC 4028 9).
func (d *Sessions) tooBrief(tx *transaction.Server) bool {
	every, _, asked := message.SessionExpires(tx.Request)
	if !asked || every >= d.cfg.MinSE || !message.Supports(tx.Request, "timer") {
		return false
	}
	res := tx.Response(422, message.Phrase(422, ""), nil)
	res.AppendHeader(sip.NewHeader("Min-SE", message.Seconds(d.cfg.MinSE)))
	d.sign(res)
	tx.Respond(res)
	return true
}

// agree settles the session timer with a request of the peer that res is about to accept (RFC 4028 9).
func (s *Session) agree(req *sip.Request, res *sip.Response) {
	s.expiry.notice(req)
	every, ours := s.decide(req)
	s.restart(every, ours)
	if every == 0 {
		return
	}
	refresher := "uac"
	if ours {
		refresher = "uas"
	}
	res.AppendHeader(sip.NewHeader("Session-Expires", message.Seconds(every)+";refresher="+refresher))
	if message.Supports(req, "timer") {
		res.AppendHeader(sip.NewHeader("Require", "timer"))
	}
}

// decide is the interval for a request of the peer, never larger than it asks for nor smaller than it allows, and whether we refresh.
func (s *Session) decide(req *sip.Request) (every time.Duration, ours bool) {
	x, c := &s.expiry, &s.all.cfg
	knows := message.Supports(req, "timer")
	every, refresher, asked := message.SessionExpires(req)
	switch {
	case asked && every < c.MinSE:
		return 0, false // it was not the peer's to ask, or it would have got 422; and nothing may raise it
	case asked:
		return min(every, max(c.Expires, message.MinSE(req))), refresher == "uas" || !knows
	case knows && x.every > 0:
		return max(x.every, message.MinSE(req)), x.ours
	case knows:
		return max(c.Expires, message.MinSE(req)), true
	case x.ours:
		return x.every, true
	}
	return 0, false
}

// wantTimer puts our side of the session timer into an INVITE or UPDATE (RFC 4028 7.1, 7.4). Inside a dialog without a timer there is
// nothing to say: the peer does not know them, or does not want one.
func (s *Session) wantTimer(m *sip.Request) {
	x := &s.expiry
	if s.phase != proceeding && x.every == 0 {
		return
	}
	v := message.Seconds(s.interval())
	switch {
	case x.every > 0 && x.ours:
		v += ";refresher=uac"
	case x.every > 0:
		v += ";refresher=uas"
	}
	m.AppendHeader(sip.NewHeader("Session-Expires", v))
	if least := max(s.all.cfg.MinSE, x.floor); least > minInterval {
		m.AppendHeader(sip.NewHeader("Min-SE", message.Seconds(least)))
	}
}

// interval is the session interval that our next request asks for.
func (s *Session) interval() time.Duration {
	return max(cmp.Or(s.expiry.every, s.all.cfg.Expires), s.expiry.floor)
}

// widened takes over the larger interval that a 422 asks for, and says that the request is to be sent again (RFC 4028 7.3).
func (s *Session) widened(a *ask, r transaction.Reply) bool {
	if r.Err != nil || r.Response.StatusCode != 422 || a.cancelled || s.phase >= closing || a.widened == maxWidened {
		return false
	}
	floor := message.MinSE(r.Response)
	if floor <= s.interval() || floor > maxInterval {
		return false
	}
	s.expiry.floor = floor
	a.widened++
	clear(a.tried) // a new request may be challenged anew
	return true
}

// settle takes over what a 2xx of the peer says of the session timer; without a word there is none (RFC 4028 7.2).
func (s *Session) settle(res *sip.Response) {
	s.expiry.notice(res)
	every, refresher, ok := message.SessionExpires(res)
	if !ok {
		s.restart(0, false)
		return
	}
	s.restart(max(every, minInterval), refresher != "uas")
}

// restart starts the clocks anew: half an interval to our refresh, and an end somewhat before the interval is over (RFC 4028 10).
func (s *Session) restart(every time.Duration, ours bool) {
	x := &s.expiry
	x.stop()
	x.every, x.ours = every, ours
	if every == 0 || s.phase >= closing {
		return
	}
	x.end = s.after(every-min(32*time.Second, every/3), s.expired)
	if ours {
		x.next = s.after(every/2, s.refresh)
	}
}

// expired ends a session that nobody refreshed.
func (s *Session) expired() {
	if s.phase != confirmed {
		return
	}
	s.part(sip.NewHeader("Reason", parted))
	s.tell(Ended{Reason: "Session timer expired", Err: ErrExpired})
}

// refresh asks the peer whether the session still lives: by UPDATE where it takes that, else by re-INVITE with the description that
// holds. It comes again while there is no answer that renews the session.
func (s *Session) refresh() {
	x := &s.expiry
	if s.phase != confirmed || x.every == 0 {
		return
	}
	x.next = s.after(x.every/8, s.refresh)
	switch {
	case x.asking != nil:
	case x.update:
		x.asking = s.newAsk(sip.UPDATE, func(m *sip.Request) {
			m.AppendHeader(s.contact())
			s.introduce(m)
			s.wantTimer(m)
		}, s.refreshed)
		x.asking.send()
	case s.wanted == nil && s.ours == nil && s.told != nil:
		s.wanted = &offer{sdp: s.told, refresh: true}
		s.flush()
	}
}

// refreshed takes the answer to our UPDATE (RFC 4028 7.3, 10).
func (s *Session) refreshed(r transaction.Reply) {
	x := &s.expiry
	if r.Err == nil && r.Response.StatusCode < 200 {
		return
	}
	x.asking = nil
	switch {
	case r.Err != nil:
		s.lost(408, r.Err)
	case r.Response.StatusCode < 300:
		s.retarget(r.Response)
		s.settle(r.Response)
	case r.Response.StatusCode == 481 || r.Response.StatusCode == 408:
		s.lost(r.Response.StatusCode, nil)
	case r.Response.StatusCode == 405 || r.Response.StatusCode == 501:
		x.update = false
		x.next.Stop()
		s.refresh()
	}
}
