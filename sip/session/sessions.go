package session

import (
	"cmp"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/emiago/sipgo/sip"

	"hotline/sip/dialog"
	"hotline/sip/message"
	"hotline/sip/transaction"
	"hotline/sip/transport"
)

// Sessions are all sessions of a node; it is the transaction.Core. See New.
type Sessions struct {
	cfg   Config
	tx    *transaction.Layer
	log   *slog.Logger
	allow string
	knows []string // extensions

	allowed, supported sip.Header // the same in all messages

	mu     sync.Mutex            // lanes run side by side; it guards the map only, a session belongs to its lane
	byCall map[string][]*Session // until the last message of a session is through
	over   dialog.Lately
}

// New returns the sessions over tx; nothing runs until messages come. tx may be nil until Bind.
func New(c Config, tx *transaction.Layer) *Sessions {
	if c.Contact == nil || c.Invite == nil {
		panic("session: Config.Contact and Config.Invite are required") //nolint:forbidigo // a constructor: the program is wrong, not its input
	}
	if c.InfoTypes == nil {
		c.InfoTypes = []string{"application/dtmf-relay", "application/dtmf"}
	}
	if c.TimerC == 0 {
		c.TimerC = 181 * time.Second
	}
	if c.T1 == 0 {
		c.T1 = 500 * time.Millisecond
	}
	if c.T2 == 0 {
		c.T2 = 4 * time.Second
	}
	c.MinSE = max(c.MinSE, minInterval)
	c.Expires = max(cmp.Or(c.Expires, 30*time.Minute), c.MinSE)
	if c.Logger == nil {
		c.Logger = slog.Default()
	}
	knows := []string{"timer", "100rel", "replaces"}
	allow := "INVITE, ACK, CANCEL, BYE, OPTIONS, INFO, UPDATE, PRACK"
	if c.Refer {
		allow += ", REFER"
		knows = append(knows, "norefersub")
	}
	return &Sessions{
		cfg: c, tx: tx, log: c.Logger, allow: allow, knows: knows, byCall: map[string][]*Session{},
		allowed: sip.NewHeader("Allow", allow), supported: sip.NewHeader("Supported", strings.Join(knows, ", ")),
	}
}

// Bind sets the transaction layer where New had to come first (each needs the other); call it before messages flow.
func (d *Sessions) Bind(tx *transaction.Layer) { d.tx = tx }

// Live is the number of sessions of which the wire may still say something; it counts those that just ended for up to 32 s.
func (d *Sessions) Live() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	n := 0
	for _, list := range d.byCall {
		n += len(list)
	}
	return n
}

// HangupAll hangs up every session, as at shutdown; see Session.Hangup.
func (d *Sessions) HangupAll(q850 int, text string) {
	d.mu.Lock()
	var all []*Session
	for _, list := range d.byCall {
		all = append(all, list...)
	}
	d.mu.Unlock()
	for _, s := range all {
		s.Hangup(q850, text)
	}
}

func (d *Sessions) add(s *Session) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.byCall[s.CallID] = append(d.byCall[s.CallID], s)
}

func (d *Sessions) remove(s *Session) {
	d.mu.Lock()
	defer d.mu.Unlock()
	left := slices.DeleteFunc(d.byCall[s.CallID], func(o *Session) bool { return o == s })
	d.over.Add(&s.st)
	if len(left) == 0 {
		delete(d.byCall, s.CallID)
		return
	}
	d.byCall[s.CallID] = left
}

// find gives the first session of a Call-ID that satisfies is. Only the Call-ID's lane calls it, so is may read the session.
func (d *Sessions) find(id string, is func(*Session) bool) *Session {
	d.mu.Lock()
	list := slices.Clone(d.byCall[id])
	d.mu.Unlock()
	for _, s := range list {
		if is(s) {
			return s
		}
	}
	return nil
}

// Request implements transaction.Core. A request with a To tag must find its dialog (RFC 3261 12.2.2), an INVITE without
// one makes a session, all else is Config.Other's.
func (d *Sessions) Request(tx *transaction.Server) {
	switch {
	case tx.Request.Method != sip.INVITE && len(tx.Request.GetHeaders("Replaces")) > 0:
		tx.Respond(tx.Response(400, "Replaces Outside INVITE", nil)) // RFC 3891 3
	case message.ToTag(tx.Request) != "":
		s := d.find(message.CallID(tx.Request), func(s *Session) bool { return s.owns(tx.Request) })
		switch {
		case s == nil && d.elsewhere(tx):
			return
		case s == nil:
			tx.Respond(tx.Response(481, message.Phrase(481, ""), nil))
			return
		}
		s.guard(func() { s.inside(tx) })
	case tx.Request.Method == sip.INVITE:
		d.invited(tx)
	default:
		d.other(tx)
	}
}

// elsewhere lets others look whether a request is inside a dialog of theirs.
func (d *Sessions) elsewhere(tx *transaction.Server) (taken bool) {
	if d.cfg.Usage == nil {
		return false
	}
	defer d.survive(tx)
	return d.cfg.Usage(tx)
}

// other answers a request outside dialogs, and survives whoever it is given to.
func (d *Sessions) other(tx *transaction.Server) {
	defer d.survive(tx)
	switch {
	case tx.Request.Method == sip.BYE || tx.Request.Method == sip.UPDATE || tx.Request.Method == sip.INFO || tx.Request.Method == sip.PRACK:
		tx.Respond(tx.Response(481, message.Phrase(481, ""), nil)) // these only exist inside a dialog
	case d.cfg.Other != nil:
		d.cfg.Other(tx)
	case tx.Request.Method == sip.OPTIONS:
		d.Options(tx)
	default:
		d.refuseMethod(tx)
	}
}

// survive answers 500 where the code that a request was given to panics.
func (d *Sessions) survive(tx *transaction.Server) {
	if v := recover(); v != nil {
		d.log.Error("fault while handling a request", "method", string(tx.Request.Method), "fault", v)
		if !tx.Answered() {
			tx.Respond(tx.Response(500, message.Phrase(500, ""), nil))
		}
	}
}

// Options answers an OPTIONS with what sessions can do (RFC 3261 11.2); Config.Other may use it.
func (d *Sessions) Options(tx *transaction.Server) {
	res := tx.Response(200, message.Phrase(200, ""), nil)
	d.introduce(res)
	if message.ToTag(tx.Request) == "" && len(d.cfg.Also) > 0 {
		res.ReplaceHeader(sip.NewHeader("Allow", d.allow+", "+strings.Join(d.cfg.Also, ", ")))
	}
	res.AppendHeader(sip.NewHeader("Accept", message.SDPType))
	d.sign(res)
	tx.Respond(res)
}

// refuseMethod is 405 with Allow for a method that SIP knows and 501 for one it does not (RFC 3261 8.2.1).
func (d *Sessions) refuseMethod(tx *transaction.Server) {
	switch tx.Request.Method {
	case sip.REGISTER, sip.SUBSCRIBE, sip.NOTIFY, sip.REFER, sip.MESSAGE, sip.PRACK, sip.PUBLISH, sip.OPTIONS:
		res := tx.Response(405, message.Phrase(405, ""), nil)
		res.AppendHeader(sip.NewHeader("Allow", d.allow))
		tx.Respond(res)
	default:
		tx.Respond(tx.Response(501, message.Phrase(501, ""), nil))
	}
}

// Ack implements transaction.Core: the ACK of a 2xx finds the answer it belongs to by its CSeq.
func (d *Sessions) Ack(req *sip.Request, from transport.Peer) {
	if s := d.find(message.CallID(req), func(s *Session) bool { return s.owns(req) }); s != nil {
		s.guard(func() { s.acknowledged(req, from) })
	}
}

// StrayResponse implements transaction.Core: a 2xx that comes again after its transaction ended gets its ACK again. Responses
// of calls we do not know get nothing: a stranger must not be able to make us send.
func (d *Sessions) StrayResponse(res *sip.Response, from transport.Peer) {
	if h := res.CSeq(); h == nil || h.MethodName != sip.INVITE || !res.IsSuccess() {
		return
	}
	s := d.find(message.CallID(res), func(s *Session) bool { return s.st.Local.Tag == message.FromTag(res) })
	if s != nil {
		s.guard(func() { s.again(res) })
	}
}

// Extensions are the option tags that a Require header may name to a session; transaction.Config.Supported.
func (d *Sessions) Extensions() []string { return slices.Clone(d.knows) }

// Methods are the requests that sessions, and those in Config.Also, answer; transaction.Config.Allow.
func (d *Sessions) Methods() []sip.RequestMethod {
	var all []sip.RequestMethod
	for _, m := range d.cfg.Also {
		all = append(all, sip.RequestMethod(m))
	}
	for m := range strings.SplitSeq(d.allow, ", ") {
		all = append(all, sip.RequestMethod(m))
	}
	return all
}

// introduce says in a message what we can do (RFC 3261 13.2.1, 13.3.1.4).
func (d *Sessions) introduce(m sip.Message) {
	m.AppendHeader(d.allowed)
	m.AppendHeader(d.supported)
}

// introduce is Sessions.introduce, but for 100rel where our INVITE has no offer: the PRACK would have to answer theirs.
func (s *Session) introduce(m sip.Message) {
	if s.out != nil && s.phase == proceeding && s.out.sdp == nil {
		m.AppendHeader(sip.NewHeader("Allow", s.all.allow))
		m.AppendHeader(sip.NewHeader("Supported", "timer, replaces"))
		return
	}
	s.all.introduce(m)
}

// sign adds the product name where one is wanted.
func (d *Sessions) sign(m sip.Message) {
	if d.cfg.Agent == "" {
		return
	}
	name := "User-Agent"
	if _, ok := m.(*sip.Response); ok {
		name = "Server"
	}
	m.AppendHeader(sip.NewHeader(name, d.cfg.Agent))
}

func (d *Sessions) contact(p transport.Peer) sip.Header {
	return sip.NewHeader("Contact", "<"+strings.Trim(d.cfg.Contact(p), "<>")+">")
}
