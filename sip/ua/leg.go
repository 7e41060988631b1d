package ua

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/emiago/sipgo/sip"

	"hotline/call"
	"hotline/ivr"
	"hotline/media"
	"hotline/media/codec"
	"hotline/media/sdp"
	"hotline/media/srtp"
	"hotline/sip/session"
	"hotline/sip/transport"
	"hotline/sip/trunk"
)

// Leg is one side of a call by SIP: one session, or, while it rings several devices, some. Its methods may be called from
// any goroutine and never wait. All fields below the line belong to the lane of key.
type Leg struct {
	ua       *UA
	key      string
	incoming bool
	phone    string // whose it is; "" for none of ours. Set before anybody else sees the leg
	remote   string // number of the other side, for the lamps
	trunk    string // it came from or goes to; "" for none. Set before anybody else sees the leg
	sound    atomic.Pointer[media.Stream]
	owner    atomic.Pointer[call.ID]
	last     atomic.Pointer[call.LegEnded] // as it was told; nil before
	ear      atomic.Pointer[ear]           // the shard's thread tells it keys, the lane the rest
	counting atomic.Int64                  // since when the peer's silence counts, Unix nanoseconds; 0: it does not

	// --- owned by the lane
	session *session.Session // the caller's, or the device that answered; nil while ringing
	forks   []*fork
	dial    Dialling
	attempt *trunk.Attempt // by trunks; nil: none, or no more
	others  []way          // further addresses of the URI that is called
	carrier string         // the trunk that it was sent to last; "" none
	release func()
	author  sdp.Author
	local   sdp.Local
	secrets []srtp.Key // ours for SRTP, best first; nil: none were needed yet
	chosen  sdp.Chosen
	body    []byte // our answer to the caller's offer, or our offer
	up      bool   // answered
	keys    trunk.Keys
	held    bool
	rang    bool
	hearing *fork // the device that is heard before an answer; nil: none
	gone    bool
	ending  *call.Cause    // what we asked for
	why     string         // in words for a caller who is refused; "" none
	notify  func(code int) // tells the peer how the transfer it asked for goes; nil: it asked for none
}

// ear is the leg's name and who hears of it.
type ear struct {
	id   call.LegID
	sink func(call.Event)
}

// Stream is the leg's sound; nil where there was no place for one.
func (l *Leg) Stream() *media.Stream { return l.sound.Load() }

// Codec is what was agreed with the caller; PCMA before anything was.
func (l *Leg) Codec() codec.Kind {
	if l.chosen.Codec == codec.None {
		return codec.PCMA
	}
	return l.chosen.Codec
}

// Hear sets the leg's name and who hears its events, each once and LegEnded last. The receiver must not wait. For an
// incoming leg it is called within Config.Arrive.
func (l *Leg) Hear(id call.LegID, sink func(call.Event)) { l.ear.Store(&ear{id, sink}) }

// id is the leg's name; "" before Hear.
func (l *Leg) id() call.LegID {
	if e := l.ear.Load(); e != nil {
		return e.id
	}
	return ""
}

// tell passes an event on; before Hear nobody is there to be told.
func (l *Leg) tell(ev call.Event) {
	if e := l.ear.Load(); e != nil {
		e.sink(ev)
	}
}

// onLane runs f where the leg's state lives.
func (l *Leg) onLane(f func()) { l.ua.Tx.Do(l.key, f) }

// openStream opens the sound next to near (nil: anywhere) and prepares our description towards a peer.
func (l *Leg) openStream(near *media.Stream, peer transport.Peer) error {
	stream, err := l.ua.Engine.Open(near, l.onMedia)
	if err != nil {
		return fmt.Errorf("%w: %w", errNoPlace, err)
	}
	l.sound.Store(stream)
	addr := l.ua.Advertise
	if own := stream.Addr().Addr(); !addr.IsValid() {
		if addr = own; own.IsUnspecified() {
			addr = l.ua.Local(peer).Addr()
		}
	}
	l.author.ID = uint64(rand.Uint32())
	l.local = sdp.Local{Addr: netip.AddrPortFrom(addr, stream.Addr().Port()), Mux: !l.ua.SplitRTCP}
	return nil
}

// answer negotiates a peer's offer and applies it; the codec in use is kept where the offer still has it.
func (l *Leg) answer(offer *sdp.Session) error {
	local := l.local
	if l.chosen.Codec != codec.None {
		local.Codecs = []codec.Kind{l.chosen.Codec}
	}
	body, chosen, err := l.author.Answer(offer, local)
	if err != nil && len(local.Codecs) == 1 {
		body, chosen, err = l.author.Answer(offer, l.local)
	}
	if err != nil {
		return err
	}
	l.body = body
	l.apply(chosen)
	return nil
}

// accept takes the peer's answer to our offer.
func (l *Leg) accept(body []byte) error {
	answer, err := sdp.Parse(body)
	if err != nil {
		return err
	}
	chosen, err := sdp.Accept(l.local, answer)
	if err != nil {
		return err
	}
	l.apply(chosen)
	return nil
}

func (l *Leg) apply(c sdp.Chosen) {
	l.chosen, l.local.Noise = c, c.Noise // what is agreed is offered again
	l.settle(c.Out)
	l.Stream().Set(media.Params{
		Remote: c.Remote, RemoteRTCP: c.RemoteRTCP, Codec: c.Codec, PayloadType: c.SendPayloadType, TakeType: c.PayloadType,
		EventType: c.SendEventType, TakeEvent: c.EventType, EventClock: c.EventClock,
		Ptime: c.Ptime, Send: c.Direction.Sends(), Receive: c.Direction.Receives(), Mux: c.Mux, Noise: c.Noise, Learn: true, KeyTones: l.keyTones(c),
		In: c.In, Out: c.Out,
	})
}

// Ring sends 180 to the caller.
func (l *Leg) Ring() {
	l.onLane(func() {
		if l.waits() {
			l.session.Ring()
		}
	})
}

// Early opens sound to the caller before an answer (183 with SDP). To a caller who left the offer to us it rings: our
// offer may only go with a response that is acknowledged (RFC 3261 section 13.2.1).
func (l *Leg) Early() {
	l.onLane(func() {
		switch {
		case !l.waits():
		case l.chosen.Codec == codec.None:
			l.session.Ring()
		default:
			l.session.Progress(183, l.body)
		}
	})
}

// Answer answers the caller, once.
func (l *Leg) Answer() {
	l.onLane(func() {
		if l.waits() {
			l.session.Answer(l.body)
			l.answeredNow()
		}
	})
}

// waits is true for a caller who has no final answer yet.
func (l *Leg) waits() bool { return l.incoming && !l.up && !l.gone && l.ending == nil }

// answeredNow begins to count the peer's silence: what came before an answer proves nothing.
func (l *Leg) answeredNow() {
	l.up = true
	l.counting.Store(time.Now().UnixNano())
}

// Hangup ends the leg whatever its state; LegEnded follows. status refuses an unanswered caller, 0 takes the cause's.
func (l *Leg) Hangup(cause call.Cause, status int) {
	l.onLane(func() {
		if l.gone {
			return
		}
		l.ending = &cause
		if l.incoming && !l.up {
			l.refuse(cause, status)
			return
		}
		if l.session != nil {
			l.session.Hangup(cause.Q850(), string(cause))
			return
		}
		l.attempt, l.others = nil, nil
		l.hangupForks(nil, cause)
		if l.ringing() == 0 {
			l.end(call.LegEnded{Cause: cause})
		}
	})
}

// Refuse is Hangup for a caller who is told why, in words of ASCII: by the reason phrase and Warning (RFC 3261 section 20.43), of which phones show one or the
// other.
func (l *Leg) Refuse(cause call.Cause, status int, why string) {
	l.onLane(func() { l.why = why })
	l.Hangup(cause, status)
}

// retryAfter is when a caller refused for want of room may try again (RFC 3261 section 20.33).
const retryAfter = "5"

func (l *Leg) refuse(cause call.Cause, status int) {
	if status < 300 {
		status = cause.SIP()
	}
	headers := []sip.Header{sip.NewHeader("Reason", fmt.Sprintf("Q.850;cause=%d", cause.Q850()))}
	if status == 503 {
		headers = append(headers, sip.NewHeader("Retry-After", retryAfter))
	}
	if l.why != "" {
		headers = append(headers, sip.NewHeader("Warning", fmt.Sprintf("399 %s %q", cmp.Or(l.ua.Domain, "hotline"), l.why)))
	}
	l.session.Reject(status, l.why, headers...)
}

// onSession takes what the caller's session, or the answered one, says.
func (l *Leg) onSession(ev session.Event) {
	if l.gone { // LegEnded was told: nothing may follow it
		return
	}
	switch ev := ev.(type) {
	case session.Established:
		l.established(ev.SDP)
	case session.Accepted:
		l.tookOffer(ev.SDP)
	case session.Offered:
		l.reoffered(ev)
	case session.Info:
		if key, ok := infoDigit(ev.Body); ok && l.takesInfo() {
			l.tell(call.Digit{Leg: l.id(), Key: key, Info: true})
		}
	case session.Referred:
		l.referred(ev)
	case session.Sought:
		ev.Tell(l)
	case session.Ended:
		l.end(l.ended(ev))
	}
}

// established hears the caller's ACK. A caller without an offer must answer ours in it (RFC 3264 section 4): without that
// there can be no sound.
func (l *Leg) established(body []byte) {
	if body == nil && l.chosen.Codec == codec.None {
		l.ua.Logger.Warn("the caller acknowledged without answering our offer", "leg", l.id())
		l.Hangup(call.NotAcceptable, 0)
		return
	}
	l.tookOffer(body)
}

// tookOffer applies the peer's answer to an offer of ours; without one the session stays as it was.
func (l *Leg) tookOffer(body []byte) {
	if body == nil {
		return
	}
	if err := l.accept(body); err != nil {
		l.ua.Logger.Warn("answer to our offer cannot be used", "leg", l.id(), "err", err)
		l.Hangup(call.NotAcceptable, 0)
		return
	}
	l.tellHold()
}

// reoffered answers a re-INVITE or UPDATE of the peer: mostly hold and resume (RFC 3264 section 8.4).
func (l *Leg) reoffered(ev session.Offered) {
	if ev.SDP == nil {
		ev.Reply(200, l.author.Offer(l.local))
		return
	}
	offer, err := sdp.Parse(ev.SDP)
	if err == nil {
		err = l.answer(offer)
	}
	if err != nil {
		ev.Reply(488, nil)
		return
	}
	ev.Reply(200, l.body)
	l.tellHold()
}

// tellHold tells the call when the peer has put us on hold, or taken us back.
func (l *Leg) tellHold() {
	if l.chosen.Held == l.held {
		return
	}
	l.held = l.chosen.Held
	l.counting.Store(0) // who holds may be silent
	if !l.held {
		l.counting.Store(time.Now().UnixNano())
	}
	l.tell(call.LegHeld{Leg: l.id(), On: l.held})
}

// ended puts the end of a session into the call's words.
func (l *Leg) ended(ev session.Ended) call.LegEnded {
	e := call.LegEnded{Leg: l.id(), SIP: ev.Code, ByPeer: ev.ByPeer, Cause: call.Normal}
	switch {
	case l.ending != nil && !ev.ByPeer:
		e.Cause = *l.ending
	case !l.incoming && l.dial.Target.Kind == ivr.ToPhone && noPhone(ev.Err):
		e.Cause, e.SIP = call.NotRegistered, call.NotRegistered.SIP()
	case ev.Err != nil && ev.Code == 0:
		e.Cause = call.Timeout
	case ev.Code >= 300:
		e.Cause = call.CauseOfSIP(ev.Code)
	}
	return e
}

// noPhone says that the network knows of no phone where one was registered: its port is closed, or its connection.
func noPhone(err error) bool {
	return errors.Is(err, transport.ErrUnreachable) || errors.Is(err, transport.ErrFlowGone) || errors.Is(err, transport.ErrConnect)
}

// end tells LegEnded once, with the quality of the sound.
func (l *Leg) end(e call.LegEnded) {
	if l.gone {
		return
	}
	l.gone, e.Dialogs, e.Trunk = true, l.dialogs(), l.carrier
	if l.release != nil {
		l.release()
	}
	stream := l.Stream()
	if stream == nil {
		l.tellEnd(e)
		return
	}
	stream.Close(func(q media.Quality) {
		if q.Codec != "" {
			e.Quality = &call.Quality{Codec: q.Codec, SRTP: q.SRTP, Received: q.Received, Sent: q.Sent, Lost: q.Lost, LossPct: q.LossPct, Jitter: q.Jitter, RTT: q.RTT, MOS: q.MOS}
		}
		l.tellEnd(e)
	})
}

// tellEnd tells the end under the name that the leg has by now.
func (l *Leg) tellEnd(e call.LegEnded) {
	l.last.Store(&e)
	e.Leg = l.id()
	l.tell(e)
}

// dialogs are the Call-IDs of the leg.
func (l *Leg) dialogs() []string {
	if l.incoming {
		return []string{l.session.CallID}
	}
	var ids []string
	for _, f := range l.forks {
		ids = append(ids, f.session.CallID)
	}
	return ids
}

// Dialog is the Call-ID of an incoming leg.
func (l *Leg) Dialog() string { return l.key }

// onMedia runs on the shard's thread: it passes on and nothing more.
func (l *Leg) onMedia(ev media.Event) {
	switch ev := ev.(type) {
	case media.DigitPressed:
		l.tell(call.Digit{Leg: l.id(), Key: ev.Key})
	case media.PlayDone:
		l.tell(call.PromptDone{Leg: l.id(), Play: ev.ID})
	case media.Silent:
		if ev.For >= l.ua.Silence && l.countedFor() >= l.ua.Silence {
			l.tell(call.LegSilent{Leg: l.id()})
		}
	case media.Failed:
		l.ua.Logger.Error("stream dropped", "leg", l.id(), "why", ev.Why)
		l.Hangup(call.Internal, 0)
	}
}

// countedFor is how long the peer's silence has been counted.
func (l *Leg) countedFor() time.Duration {
	since := l.counting.Load()
	if since == 0 {
		return 0
	}
	return time.Since(time.Unix(0, since))
}

// infoDigit reads application/dtmf-relay ("Signal=5") and application/dtmf ("5"); * and # also come as 10 and 11, A to D
// as 12 to 15 (RFC 4733 section 3.2).
func infoDigit(body []byte) (byte, bool) {
	text := string(bytes.TrimSpace(body))
	for _, line := range bytes.Split(body, []byte("\n")) {
		name, value, found := bytes.Cut(line, []byte("="))
		if found && bytes.EqualFold(bytes.TrimSpace(name), []byte("Signal")) {
			text = string(bytes.TrimSpace(value))
		}
	}
	switch n, err := strconv.Atoi(text); {
	case err == nil && n >= 10 && n <= 15 && len(text) == 2:
		return "*#ABCD"[n-10], true
	case len(text) == 1 && bytes.IndexByte([]byte("0123456789*#ABCD"), text[0]) >= 0:
		return text[0], true
	case len(text) == 1 && text[0] >= 'a' && text[0] <= 'd':
		return text[0] - 'a' + 'A', true
	}
	return 0, false
}
