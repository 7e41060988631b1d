package session

import (
	"github.com/emiago/sipgo/sip"

	"hotline/sip/dialog"
	"hotline/sip/message"
	"hotline/sip/transaction"
	"hotline/sip/transport"
)

// dialling is our INVITE, for as long as responses to it may come.
type dialling struct {
	invite *ask
	base   dialog.Dialog    // the state before any response
	forks  map[string]*fork // early dialogs by To tag (RFC 3261 13.2.2.1)
	newest string           // To tag of the last of them to speak
	tag    string           // To tag of the fork that won
	timerC *transaction.Timer
	late   *transaction.Timer // the answer to a late offer must come by then
	sdp    []byte
	trying bool // tell of 100
}

func (o *dialling) knows(tag string) bool {
	_, ok := o.forks[tag]
	return ok && tag != ""
}

func (o *dialling) cancel(headers ...sip.Header) {
	o.timerC.Stop()
	o.invite.cancel(headers...)
}

// Dial sends an INVITE and tells sink, on the session's lane, what becomes of it. It may be called from any
// goroutine and never waits; it never tells anything before it returned.
func (d *Sessions) Dial(req Dialling, sink func(Event)) *Session {
	if req.CallID == "" {
		req.CallID = message.NewTag()
	}
	s := &Session{
		CallID: req.CallID, Role: UAC, From: req.Peer, all: d, sink: sink,
		contactURI: req.Contact, user: req.User, st: stateDial(req),
	}
	if req.User != "" && req.HA1 != nil {
		s.secret = req.HA1
	}
	s.out = &dialling{base: s.st, forks: map[string]*fork{}, sdp: req.SDP, trying: req.Trying}
	s.out.invite = s.newAsk(sip.INVITE, func(m *sip.Request) { s.prepareInvite(m, req) }, s.replied)
	d.add(s)
	s.post(func() { s.out.invite.send() })
	return s
}

// stateDial is the dialog state before the first response: our half only.
func stateDial(req Dialling) dialog.Dialog {
	st := dialog.Dialog{CallID: req.CallID, Routes: req.Route, Target: *req.To.Clone(), Peer: req.Peer}
	st.Target.User = message.SafeUser(st.Target.User)
	st.Local = dialog.Party{Name: message.Quotable(req.FromHeader.DisplayName), URI: *req.FromHeader.Address.Clone(), Tag: message.NewTag()}
	st.Remote = dialog.Party{Name: message.Quotable(req.ToHeader.DisplayName), URI: *req.ToHeader.Address.Clone()}
	if st.Remote.URI.Host == "" {
		st.Remote.URI = *st.Target.Clone()
	}
	if st.Local.URI.Host == "" {
		st.Local.URI = sip.Uri{Scheme: "sip", User: "anonymous", Host: "anonymous.invalid"} // RFC 3261 8.1.1.3
	}
	st.Local.URI.User, st.Remote.URI.User = message.SafeUser(st.Local.URI.User), message.SafeUser(st.Remote.URI.User)
	return st
}

func (s *Session) prepareInvite(m *sip.Request, req Dialling) {
	m.AppendHeader(s.contact())
	s.introduce(m)
	s.wantTimer(m)
	for _, h := range req.Headers {
		m.AppendHeader(sip.HeaderClone(h))
	}
	message.SetSDP(m, req.SDP)
}

// replied gets all responses to our INVITE (RFC 3261 13.2.2), any number of them.
func (s *Session) replied(r transaction.Reply) {
	switch {
	case r.Err != nil:
		s.unreplied(r.Err)
	case r.Response.StatusCode < 200:
		s.progressed(r.Response, r.From)
	case r.Response.StatusCode < 300:
		s.success(r.Response, r.From)
	default:
		s.refused(r.Response)
	}
}

func (s *Session) unreplied(err error) {
	if s.phase == proceeding || s.phase == closing && s.out.tag == "" {
		s.drop()
	}
	code, why := 408, ErrNoAnswer
	if !isTimeout(err) {
		code, why = 503, err
	}
	s.tell(Ended{Code: code, Reason: message.Phrase(code, ""), Err: why})
}

// progressed notes the early dialog of a provisional response; 100 makes none.
func (s *Session) progressed(res *sip.Response, from transport.Peer) {
	if s.phase != proceeding {
		return
	}
	s.out.timerC.Stop()
	s.out.timerC = s.after(s.all.cfg.TimerC, s.timerC)
	if res.StatusCode == 100 {
		if s.out.trying {
			s.tell(Trying{})
		}
		return
	}
	s.out.newest = message.ToTag(res)
	f := s.out.fork(s.out.newest)
	seen := f.RemoteSeq
	f.Dialog = s.out.current(s).Answered(res, from)
	f.RemoteSeq = seen
	s.where(&f.Dialog)
	if f.Dialog.Remote.Tag != "" && !s.inOrder(f, res) {
		return
	}
	if sdp := message.SDP(res); sdp != nil {
		f.sdp = sdp
		s.tell(Early{res.StatusCode, sdp})
	} else {
		s.tell(Rang{res.StatusCode})
	}
}

// fork is the early dialog of a To tag, where there is room for one more; it is not kept without a tag.
func (o *dialling) fork(tag string) *fork {
	f := o.forks[tag]
	if f == nil {
		f = &fork{}
		if tag != "" && len(o.forks) < maxForks {
			o.forks[tag] = f
		}
	}
	return f
}

// current is the base dialog.Dialog with the CSeq that the INVITE reached by now: a challenge raises it.
func (o *dialling) current(s *Session) dialog.Dialog {
	st := o.base
	st.LocalSeq = s.st.LocalSeq
	return st
}

// timerC gives up a peer that rings for ever (RFC 3261 16.6, 16.8).
func (s *Session) timerC() {
	s.quit(408, 0, "", Ended{Code: 408, Reason: message.Phrase(408, ""), Err: ErrNoAnswer})
}

// success is RFC 3261 13.2.2.4: the first 2xx makes the session; each other is acknowledged, and ended where it is
// another fork's or crossed our CANCEL.
func (s *Session) success(res *sip.Response, from transport.Peer) {
	if s.again(res) || s.out.tag != "" && s.out.tag == message.ToTag(res) {
		return
	}
	st := s.out.current(s).Answered(res, from)
	if s.phase != proceeding {
		s.leave(st)
		return
	}
	s.out.timerC.Stop()
	s.out.tag = st.Remote.Tag
	s.st = st
	sdp := message.SDP(res)
	f := s.out.forks[s.out.tag]
	if f == nil {
		f = &fork{}
	}
	s.st.RemoteSeq = f.RemoteSeq
	if sdp == nil {
		sdp = f.sdp // it was acknowledged, and is not repeated (RFC 3262 5)
	}
	s.out.forks = nil
	if s.told == nil || !f.updated {
		s.told = s.out.sdp
	}
	s.settle(res)
	if s.out.sdp == nil {
		s.phase = answered
		s.out.late = s.after(63*s.all.cfg.T1, func() { s.quit(0, 0, "", Ended{Err: ErrNoAck}) })
	} else {
		s.phase = confirmed
		s.acknowledge(s.out.invite, st, nil)
	}
	s.tell(AnsweredBy{SDP: sdp})
	s.flush()
}

// leave acknowledges and ends a dialog that nobody wants: another fork, or a 2xx that crossed CANCEL.
func (s *Session) leave(st dialog.Dialog) {
	s.acknowledge(s.out.invite, st, nil)
	wasLast := s.phase == closing && s.out.tag == ""
	req := st.Request(sip.BYE, 0)
	s.all.sign(req)
	s.all.tx.Request(req, s.where(&st), func(r transaction.Reply) {
		if wasLast && (r.Err != nil || r.Response.StatusCode >= 200) {
			s.guard(s.drop)
		}
	})
}

// refused is a final response of 300 or more that no credentials can change.
func (s *Session) refused(res *sip.Response) {
	if s.phase == proceeding || s.phase == closing && s.out.tag == "" {
		s.drop()
	}
	c := message.CauseOf(res)
	if c.Text == "" {
		c.Text = res.Reason
	}
	s.tell(Ended{ByPeer: true, Code: res.StatusCode, Reason: c.Text, Q850: c.Q850, RetryAfter: message.RetryAfter(res), Contacts: message.Redirects(res)})
}

// Acknowledge sends the ACK with our answer to a late offer, where Dial had no SDP.
func (s *Session) Acknowledge(sdp []byte) {
	s.post(func() {
		if s.Role == UAC && s.phase == answered {
			s.phase = confirmed
			s.told = sdp
			s.sendAck(sdp)
			s.flush()
		}
	})
}

func (s *Session) sendAck(sdp []byte) {
	s.out.late.Stop()
	s.acknowledge(s.out.invite, s.st, sdp)
}
