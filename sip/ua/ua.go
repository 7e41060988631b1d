// Package ua makes SIP dialogs into legs of a call: it says who is calling, opens the sound, negotiates it, and tells a
// call's events in the call's words. It decides nothing about the call itself, and keeps no list of calls.
package ua

import (
	"errors"
	"log/slog"
	"net/netip"
	"time"

	"github.com/emiago/sipgo/sip"

	"hotline/call"
	"hotline/media"
	"hotline/media/codec"
	"hotline/media/sdp"
	"hotline/route"
	"hotline/sip/dialog"
	"hotline/sip/event"
	"hotline/sip/registrar"
	"hotline/sip/resolve"
	"hotline/sip/session"
	"hotline/sip/transaction"
	"hotline/sip/transport"
	"hotline/sip/trunk"
)

// Config is what legs need of the node. All fields but those with a word to it are required.
type Config struct {
	Engine    *media.Engine
	Tx        *transaction.Layer
	Registrar *registrar.Registrar
	Trunks    *trunk.Set
	Local     func(transport.Peer) netip.AddrPort // our address towards a peer
	Advertise netip.Addr                          // address for SDP; invalid: the one that faces the peer
	Known     func(user string) bool              // is there such a phone account
	Domain    string                              // host part of From towards phones; "": our address
	Silence   time.Duration                       // without sound for so long a leg counts as silent
	SRTP      SRTP
	Codecs    func(trunk, phone string) []codec.Kind // what a trunk or a phone is offered, best first, both "" for neither; nil: G.711
	SplitRTCP bool                                   // reports have a port of their own: a=rtcp-mux is neither offered nor answered
	// Arrive is told of each INVITE whose sender is known; it runs on the leg's lane and must not wait. It calls
	// Leg.Hear, or Leg.Hangup to refuse.
	Arrive func(Arrival)
	Events *event.Notifier // is told what phones do, for the lamps of others; nil: nobody is
	// Replace is told of each INVITE that takes the place of a leg (RFC 3891), which is named by its call and its name there, where Arrive would
	// be told of another. nil: they are declined.
	Replace func(a Arrival, in call.ID, leg call.LegID)
	// Find looks up the host of a URI that is called, as resolve.Resolver.Find does; nil: URIs with names are not found.
	Find   func(resolve.Query, func([]resolve.Server, error))
	Logger *slog.Logger
}

// UA turns sessions into legs. Make it with New, then give it the sessions with Bind.
type UA struct {
	Config
	sessions *session.Sessions
}

// Arrival is a call that comes in.
type Arrival struct {
	Leg     *Leg
	Origin  route.Origin
	From    string // the caller's number by the trunk's rules, or the phone's user
	Wire    string // the caller's number as a trunk sent it; "" from a phone
	Private bool   // the number may not be shown to who is called, nor told to another trunk
	Display string
	Dialled string
	Vars    map[string]string // for the flow; nil for none

	Earlier trunk.Earlier // by whom the call was sent on before it came here
}

// New is a UA without sessions.
func New(c Config) *UA { return &UA{Config: c} }

// Bind gives the sessions that Dial uses.
func (u *UA) Bind(s *session.Sessions) { u.sessions = s }

// Invite takes a new INVITE; it is session.Config.Invite.
func (u *UA) Invite(s *session.Session) {
	a, release, ok := u.identify(s)
	if !ok {
		return
	}
	l := &Leg{
		ua: u, key: s.CallID, session: s, release: release, incoming: true, trunk: a.Origin.Trunk, keys: u.keysOf(a.Origin.Trunk),
		phone: a.Origin.Phone, remote: a.Dialled,
	}
	a.Leg = l
	switch r, replaces, err := dialog.ReplacesOf(s.Request); {
	case err != nil:
		release()
		s.Reject(400, "Bad Replaces")
	case replaces:
		u.replacing(a, r)
	default:
		u.take(a, nil, u.Arrive)
	}
}

// take opens the sound of an incoming leg beside near, and hands it over.
func (u *UA) take(a Arrival, near *media.Stream, to func(Arrival)) {
	l := a.Leg
	status, err := l.open(l.session, a.Origin, near)
	if err != nil {
		u.Logger.Warn("incoming call refused", "trunk", a.Origin.Trunk, "phone", a.Origin.Phone, "status", status, "err", err)
		l.release()
		refusal(l.session, status)
		return
	}
	l.lamp(l.session, "trying")
	l.session.SetSink(func(ev session.Event) {
		u.Tx.Do(l.key, func() {
			l.shows(l.session, ev)
			l.onSession(ev)
		})
	})
	to(a)
}

// refusal answers a call that has no leg.
func refusal(s *session.Session, status int) {
	if status == 503 {
		s.Reject(status, "", sip.NewHeader("Retry-After", retryAfter))
		return
	}
	s.Reject(status, "")
}

// identify says who calls: a trunk by its address, or a phone by digest. When it returns false the session is answered.
func (u *UA) identify(s *session.Session) (a Arrival, release func(), ok bool) {
	req := s.Request
	a.Dialled = req.Recipient.User
	_, a.Display, _ = trunk.CallerOf(req)
	if t, isTrunk := u.Trunks.Of(s.From.Addr.Addr(), req.Recipient.User); isTrunk {
		done, err := u.Trunks.TakeIn(t.ID, time.Now())
		if err != nil {
			refusal(s, 503)
			return a, nil, false
		}
		a.Origin = route.Origin{Kind: route.FromTrunk, Trunk: t.ID}
		h := t.Read(req)
		a.From, a.Wire, a.Display, a.Dialled, a.Private = h.Caller, h.Raw, h.Name, h.Called, h.Private
		a.Earlier = trunk.EarlierOf(req)
		return a, done, true
	}
	user, challenge, known := u.Registrar.AuthenticateFrom(req, s.From, true)
	switch {
	case known:
		a.Origin = route.Origin{Kind: route.FromPhone, Phone: user}
		a.From = user
		return a, func() {}, true
	case challenge == nil:
		s.Reject(403, "")
	default:
		s.Challenge(challenge)
	}
	return a, nil, false
}

func contentTypeOf(req *sip.Request) string {
	if h := req.ContentType(); h != nil {
		return h.Value()
	}
	return ""
}

// errNoPlace is returned by open where the media plane is full.
var errNoPlace = errors.New("no port left")

// open makes the leg's sound for an incoming INVITE; on an error it says the status to refuse with.
func (l *Leg) open(s *session.Session, a route.Origin, near *media.Stream) (status int, err error) {
	body, err := sdp.Body(contentTypeOf(s.Request), s.Request.Body())
	if err != nil {
		return 400, err
	}
	var offer *sdp.Session
	if body != nil {
		if offer, err = sdp.Parse(body); err != nil {
			return 400, err
		}
	}
	if err := l.openStream(near, s.From); err != nil {
		return 503, err
	}
	l.speak(a.Trunk, a.Phone)
	l.listenFor(l.keys)
	l.secure(s.From, a.Trunk, a.Phone)
	if offer == nil {
		l.body = l.author.Offer(l.local)
		return 0, nil
	}
	if err := l.answer(offer); err != nil {
		l.Stream().Close(nil)
		return 488, err
	}
	return 0, nil
}
