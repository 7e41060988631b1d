package ua

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/emiago/sipgo/sip"

	"hotline/call"
	"hotline/ivr"
	"hotline/media"
	"hotline/media/codec"
	"hotline/media/sdp"
	"hotline/number"
	"hotline/sip/resolve"
	"hotline/sip/session"
	"hotline/sip/transport"
	"hotline/sip/trunk"
	"hotline/toll"
)

// Dialling is whom to call, and as whom.
type Dialling struct {
	Target   ivr.Target
	By       string        // the phone whose doing this is, for the day's limits on calls out; "": no phone's
	Called   string        // the number that a trunk's caller called, whose call is sent on; "": a call of ours
	Diverted string        // the phone that forwards to the target (RFC 5806); "" none
	Earlier  trunk.Earlier // who sent the caller's call on before it came here
	From     string        // number shown
	Display  string
	Near     *media.Stream // the caller's sound: the new one opens beside it; nil: anywhere
	Call     call.ID       // the call that the leg is of
	Prefer   codec.Kind    // offered first, so that nothing need be converted
}

// fork is one device being rung.
type fork struct {
	session *session.Session
	heard   bool      // it said something, so there is a device
	tried   bool      // it said 100: somebody works on it
	left    bool      // given up for another target of the trunk: whatever it says comes too late
	local   sdp.Local // what it was offered
	early   []byte    // the last description before an answer
	changed bool      // an UPDATE of its came after that
	over    bool
	status  int
	ended   call.LegEnded
}

// way is one address to send an INVITE to.
type way struct {
	uri    sip.Uri
	peer   transport.Peer
	trunk  *trunk.Trunk
	target trunk.Target  // of trunk
	named  bool          // a 3xx of the trunk named uri, whose user stays as it is
	within time.Duration // how long it may say nothing; 0: as long as SIP allows
}

// Dial calls somebody. Whatever goes wrong is told as LegEnded to sink, which must not wait.
func (u *UA) Dial(id call.LegID, d Dialling, sink func(call.Event)) *Leg {
	l := &Leg{ua: u, dial: d, key: fmt.Sprintf("%s-%d", id, time.Now().UnixNano())}
	if d.Target.Kind == ivr.ToPhone {
		l.phone, l.remote = d.Target.Value, forPhone(d.From)
	}
	l.Of(d.Call)
	l.Hear(id, sink)
	if uri, named := u.byName(d.Target); named {
		l.find(uri)
		return l
	}
	l.begin(u.ways(l, d.Target))
	return l
}

// begin opens the sound and rings; without ways it ends with a cause.
func (l *Leg) begin(ways []way, cause call.Cause) {
	if len(ways) == 0 {
		l.onLane(func() { l.end(call.LegEnded{Cause: cause, SIP: cause.SIP()}) })
		return
	}
	if err := l.openStream(l.dial.Near, ways[0].peer); err != nil {
		l.ua.Logger.Error("no sound for an outgoing leg", "leg", l.id(), "err", err)
		l.onLane(func() { l.end(call.LegEnded{Cause: call.Unavailable, SIP: 503}) })
		return
	}
	if t := ways[0].trunk; t != nil {
		l.listenFor(t.Keys)
	}
	l.onLane(func() {
		for _, w := range ways {
			l.ring(w)
		}
	})
}

// ways finds where a target is reached; with none, the cause says why.
func (u *UA) ways(l *Leg, t ivr.Target) ([]way, call.Cause) {
	switch t.Kind {
	case ivr.ToPhone:
		if !u.Known(t.Value) {
			return nil, call.NotFound
		}
		var all []way
		for _, c := range u.Registrar.Contacts(t.Value) {
			all = append(all, way{uri: c.URI, peer: c.Peer})
		}
		return all, call.NotRegistered
	case ivr.ToNumber:
		return u.trunkWay(l, t)
	case ivr.ToURI:
		var uri sip.Uri
		if err := sip.ParseUri(t.Value, &uri); err != nil {
			return nil, call.NotFound
		}
		server, ok := resolve.QueryOf(uri).Literal()
		if !ok {
			return nil, call.NotFound
		}
		return u.uriWays(uri, []resolve.Server{server})
	}
	return nil, call.NotFound
}

// trunkWay takes a place on a trunk; the leg gives it back, and moves to the next target when one fails.
func (u *UA) trunkWay(l *Leg, t ivr.Target) ([]way, call.Cause) {
	attempt, err := u.Trunks.TakeOut(trunk.Out{Trunks: t.Trunks(), Number: t.Value, Phone: l.dial.By}, time.Now())
	switch {
	case errors.Is(err, toll.ErrBarred):
		u.Logger.Warn("call out is barred", "number", number.Mask(t.Value), "phone", l.dial.By, "err", err)
		return nil, call.Forbidden
	case err != nil:
		u.Logger.Warn("no trunk takes the call", "trunk", t.Trunk, "err", err)
		return nil, call.Unavailable
	}
	l.attempt, l.release, l.trunk = attempt, attempt.Done, attempt.Trunk().ID
	return []way{l.towards()}, ""
}

// another moves the call to the next target of its trunk, or of the next trunk that may carry it, when the present one failed in a way
// that allows it. The INVITE of the present one has ended, or is given up.
func (l *Leg) another(o trunk.Outcome) bool {
	if l.attempt == nil {
		return l.nextAddress(o)
	}
	from := l.attempt.Trunk().ID
	if !l.attempt.Next(o, time.Now()) {
		return false
	}
	w := l.towards()
	l.ua.Logger.Warn("trunk target failed, trying the next", "trunk", from, "code", o.Code, "silent", o.Silent, "next", w.trunk.ID)
	l.ring(w)
	return true
}

// redirected follows a 3xx of a trunk that may send its calls elsewhere.
func (l *Leg) redirected(ev session.Ended) bool {
	if l.attempt == nil || len(ev.Contacts) == 0 {
		return false
	}
	uri, ok := l.attempt.Redirected(ev.Contacts, time.Now())
	if !ok {
		return false
	}
	w := l.towards()
	w.uri, w.named = uri, true
	l.ua.Logger.Info("trunk sends the call elsewhere", "leg", l.id(), "trunk", w.trunk.ID, "code", ev.Code, "number", number.Mask(uri.User), "host", uri.Host)
	l.ring(w)
	return true
}

// silent gives a trunk's target up that has said nothing at all, where another can be tried. Its INVITE is cancelled; should it answer
// nevertheless, the answer is acknowledged and ended (RFC 3261 9.1), so that there are never two calls for one.
func (l *Leg) silent(f *fork) {
	if f.heard || f.tried || f.over || f.left || l.session != nil || l.gone || l.ending != nil {
		return
	}
	f.left = l.another(trunk.Outcome{Code: call.Timeout.SIP(), Silent: true})
	if f.left {
		f.session.Hangup(call.Timeout.Q850(), string(call.Timeout))
	}
}

// towards is the way to the attempt's present target; on the lane, or before anybody else sees the leg.
func (l *Leg) towards() way {
	t, tr := l.attempt.Target(), l.attempt.Trunk()
	l.carrier = tr.ID
	return way{uri: t.Base(), peer: transport.Peer{Network: t.Network, Addr: t.Addr}, trunk: &tr, target: t, within: l.attempt.AnswerWithin()}
}

// ring sends one INVITE; on the lane.
func (l *Leg) ring(w way) {
	l.speakWay(w)
	l.secureWay(w)
	l.body = l.author.Offer(l.local)
	f := &fork{local: l.local}
	l.forks = append(l.forks, f)
	d := session.Dialling{To: w.uri, Peer: w.peer, SDP: l.body, Trying: w.within > 0}
	if w.trunk != nil {
		l.introduceTo(w, &d)
	} else {
		l.introduce(&d)
	}
	f.session = l.ua.sessions.Dial(d, func(ev session.Event) { l.onLane(func() { l.onFork(f, ev) }) })
	if w.within > 0 {
		l.ua.Tx.After(l.key, w.within, func() { l.silent(f) })
	}
}

// Host is the host of who we are towards a peer.
func (u *UA) Host(p transport.Peer) string {
	if u.Domain != "" {
		return u.Domain
	}
	return u.Local(p).Addr().String()
}

// introduce says to a phone who calls.
func (l *Leg) introduce(d *session.Dialling) {
	shown, host := forPhone(l.dial.From), l.ua.Host(d.Peer)
	if shown == "" {
		shown = "anonymous"
	}
	d.FromHeader = sip.FromHeader{DisplayName: l.dial.Display, Address: sip.Uri{Scheme: "sip", User: shown, Host: host}, Params: sip.NewParams()}
	if who := l.dial.Diverted; who != "" {
		d.Headers = append(d.Headers, sip.NewHeader("Diversion", "<sip:"+who+"@"+host+">;reason=deflection;counter=1"))
	}
}

// introduceTo says it to a carrier, as its trunk's form has it.
func (l *Leg) introduceTo(w way, d *session.Dialling) {
	s := w.trunk.Send(trunk.Calling{
		Number: l.dial.Target.Value, Caller: l.dial.From, Name: l.dial.Display, Forwards: cmp.Or(l.dial.Called, l.dial.Diverted),
		Deflected: l.dial.Diverted != "" || l.dial.Called != "" && l.dial.By != "", Host: l.ua.Host(w.peer), To: w.target.Host(),
		Earlier: l.dial.Earlier,
	})
	if !w.named {
		d.To.User = s.Called.Result
	}
	if s.CalledTel && !w.named {
		d.To.UriParams = phoneParam(d.To.UriParams)
	}
	d.FromHeader = sip.FromHeader{DisplayName: s.Name, Address: sip.Uri{Scheme: "sip", User: s.User, Host: s.Host}, Params: sip.NewParams()}
	if s.Phone {
		d.FromHeader.Address.UriParams = phoneParam(nil)
	}
	for _, h := range s.Headers {
		d.Headers = append(d.Headers, sip.NewHeader(h.Name, h.Value))
	}
	if tr := w.trunk; tr.User != "" {
		d.User, d.HA1 = tr.User, tr.HA1
	}
}

// phoneParam adds user=phone (RFC 3261 19.1.1).
func phoneParam(p sip.HeaderParams) sip.HeaderParams {
	p = p.Clone()
	return p.Add("user", "phone")
}

// forPhone writes a number as people dial it, so that the phone's call list can call back.
func forPhone(n string) string {
	if parsed := number.Parse(n); parsed.E164 != "" {
		return string(parsed.E164)
	}
	return n
}

// onFork takes what one rung device says.
func (l *Leg) onFork(f *fork, ev session.Event) {
	l.shows(f.session, ev)
	if f.session == l.session && l.session != nil {
		l.onSession(ev)
		return
	}
	if l.gone {
		if _, late := ev.(session.AnsweredBy); late {
			f.session.Hangup(call.AnsweredBefore.Q850(), string(call.AnsweredBefore))
		}
		return
	}
	if l.attempt != nil && !f.left && spoke(ev) {
		l.attempt.Heard()
	}
	if _, trying := ev.(session.Trying); trying {
		f.tried = true
		return
	}
	f.heard = true
	switch ev := ev.(type) {
	case session.Rang:
		l.rings()
	case session.Early:
		f.early = ev.SDP
		l.rings()
		l.hears(f, ev.SDP)
	case session.Offered:
		l.changesEarly(f, ev)
	case session.Sought:
		ev.Tell(l)
	case session.AnsweredBy:
		l.answered(f, ev.SDP)
	case session.Ended:
		f.over, f.ended, f.status = true, l.ended(ev), ev.Code
		l.forkEnded(f, ev)
	}
}

// spoke is true for what only a living peer can have said.
func spoke(ev session.Event) bool {
	e, ended := ev.(session.Ended)
	return !ended || e.Err == nil
}

// hears lets the caller hear sound before an answer: of several devices the first that sends any. Of the forks behind one of our INVITEs it is
// the newest, as where a carrier's announcement is followed by the voice box that the call was diverted to.
func (l *Leg) hears(f *fork, body []byte) {
	if l.session != nil || l.hearing != nil && l.hearing != f || l.acceptOf(f, body) != nil {
		return
	}
	if l.hearing == nil {
		l.hearing = f
		l.tell(call.LegEarly{Leg: l.id()})
	}
}

// changesEarly answers an offer before the answer (UPDATE), of the device that is heard.
func (l *Leg) changesEarly(f *fork, ev session.Offered) {
	if l.hearing != f {
		ev.Reply(488, nil)
		return
	}
	l.reoffered(ev)
	f.early, f.changed = nil, true
}

func (l *Leg) rings() {
	if !l.rang {
		l.rang = true
		l.tell(call.LegRinging{Leg: l.id()})
	}
}

// ringing is how many devices have not ended.
func (l *Leg) ringing() int {
	n := 0
	for _, f := range l.forks {
		if !f.over && !f.left {
			n++
		}
	}
	return n
}

func (l *Leg) hangupForks(but *fork, cause call.Cause) {
	for _, f := range l.forks {
		if f != but && !f.over && !f.left {
			f.session.Hangup(cause.Q850(), string(cause))
		}
	}
}

// answered makes a device the leg, and stops the others.
func (l *Leg) answered(f *fork, body []byte) {
	if l.session != nil || l.ending != nil || f.left {
		f.session.Hangup(call.AnsweredBefore.Q850(), string(call.AnsweredBefore))
		return
	}
	l.session = f.session
	l.hangupForks(f, call.AnsweredBefore)
	if body == nil {
		body = f.early // a carrier that told it with 183 need not repeat it
	}
	settled := body == nil && f.changed // what its UPDATE agreed on holds
	if err := l.acceptOf(f, body); err != nil && !settled {
		l.ua.Logger.Warn("answer cannot be used", "leg", l.id(), "err", err)
		cause := call.NotAcceptable
		l.ending = &cause
		f.session.Hangup(cause.Q850(), string(cause))
		return
	}
	if l.attempt != nil {
		l.attempt.Answered(time.Now())
	}
	l.answeredNow()
	l.tell(call.LegAnswered{Leg: l.id()})
	l.tellHold()
}

// acceptOf takes a device's answer to what that one was offered.
func (l *Leg) acceptOf(f *fork, body []byte) error {
	l.local = f.local
	return l.accept(body)
}

// forkEnded ends the leg with the best word of all devices, when none is left and no other way is.
func (l *Leg) forkEnded(f *fork, ev session.Ended) {
	if l.session != nil || f.left {
		return
	}
	if l.ending == nil && l.redirected(ev) {
		return
	}
	if l.ending == nil && l.another(trunk.Outcome{Code: ev.Code, Silent: ev.Err != nil, RetryAfter: ev.RetryAfter}) {
		return
	}
	if numbers := l.forwards(ev); len(numbers) > 0 {
		l.hangupForks(f, call.Declined)
		l.end(call.LegEnded{Cause: call.Declined, SIP: ev.Code, ByPeer: true, Redirect: numbers})
		return
	}
	if ev.Code >= 600 { // a person's no for all devices (RFC 3261 section 16.7)
		l.hangupForks(f, call.Declined)
	}
	if l.ringing() > 0 {
		if l.ending == nil && !l.answering() {
			l.ua.Tx.After(l.key, silentDevice, func() { l.leaveSilent() })
		}
		return
	}
	l.end(l.best(f))
}

// forwards are the numbers that a phone which was rung forwards to. Whatever host its 302 names, they are dialled by the centre's own routes, as
// if the phone dialled them. What a stranger names is never followed, and what a carrier names by redirected only: the centre pays for where
// its calls go.
func (l *Leg) forwards(ev session.Ended) (numbers []string) {
	if l.dial.Target.Kind != ivr.ToPhone || l.ending != nil {
		return nil
	}
	for _, c := range ev.Contacts {
		if c.User != "" && !slices.Contains(numbers, c.User) {
			numbers = append(numbers, c.User)
		}
	}
	return numbers
}

// silentDevice is how long devices that have said nothing at all are waited for once another has refused: a registration whose phone
// is switched off must not keep the caller ringing.
const silentDevice = 2 * time.Second

// answering is true while a device that rings has said so.
func (l *Leg) answering() bool {
	for _, f := range l.forks {
		if !f.over && f.heard {
			return true
		}
	}
	return false
}

// leaveSilent gives up the devices that are still silent.
func (l *Leg) leaveSilent() {
	if l.session == nil && !l.gone && !l.answering() {
		l.hangupForks(nil, call.Timeout)
	}
}

// best is what the devices said, as one word.
func (l *Leg) best(f *fork) call.LegEnded {
	best := f
	for _, other := range l.forks {
		if rank(other.status) < rank(best.status) {
			best = other
		}
	}
	return best.ended
}

// rank orders final answers of several devices: a refusal by a person says more than a device that was not there, and
// 487 is only the echo of our own CANCEL.
func rank(status int) int {
	switch {
	case status < 300 || status == 487:
		return 5
	case status >= 600:
		return 0
	case status == 486:
		return 1
	case status >= 400 && status < 500 && status != 408 && status != 480:
		return 2
	case status == 480:
		return 3
	}
	return 4
}
