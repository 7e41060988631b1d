package agentphone

import (
	"context"
	"errors"
	"sync/atomic"
	"time"

	"hotline/call"
	"hotline/media"
	"hotline/media/codec"
)

// state is where a leg is.
type state string

const (
	ringing  state = "ringing"  // it rings in the browser
	dialling state = "dialling" // the browser called, and nobody answered yet
	talking  state = "talking"
	gone     state = "gone"
)

var (
	errNoCall   = errors.New("this call is over")
	errNotOwner = errors.New("the sound is in another tab or on another computer: take it over first")
	errWrong    = errors.New("this cannot be done with the call now")
)

// Leg is one call in an agent's browser. Methods with a capital letter may be called from any goroutine and never wait; the
// others want the station's lock.
type Leg struct {
	station  *station
	key      string
	stream   atomic.Pointer[media.Stream] // nil: it never had any
	ear      atomic.Pointer[ear]
	last     atomic.Pointer[call.LegEnded]
	outgoing bool
	codecs   []codec.Kind // that its browser may speak, best first

	state           state
	since           time.Time
	number, display string
	sound           string // connecting, connected; "": none
	answering       bool   // it was answered before its sound was there
	muted, held     bool
	closed          bool // the browser itself ended its sound
	missed          bool // it is talked on, and its sound is gone: the other side was told
	way             *way
	stop            context.CancelFunc
	timer           *time.Timer
}

// ear is the leg's name and who hears of it.
type ear struct {
	id   call.LegID
	sink func(call.Event)
}

// Hear says who hears of the leg from now on, and under which name.
func (l *Leg) Hear(id call.LegID, sink func(call.Event)) { l.ear.Store(&ear{id, sink}) }

// Dialog is what names the leg outside; there is no SIP dialog.
func (l *Leg) Dialog() string { return l.key }

// Codec is what its browser speaks if it can.
func (l *Leg) Codec() codec.Kind {
	if len(l.codecs) == 0 { // a leg that never had any sound
		return codec.PCMA
	}
	return l.codecs[0]
}

// Stream is its sound; nil for a leg that never had any.
func (l *Leg) Stream() *media.Stream { return l.stream.Load() }

// Move lets the leg go on in another call under another name, beside near (nil: where it is), and its browser notices nothing. An end that
// was told before is told again.
func (l *Leg) Move(id call.LegID, near *media.Stream, sink func(call.Event)) {
	l.step(func() {
		if s := l.stream.Load(); near != nil && !s.Beside(near) {
			next, err := s.Rehome(near)
			if err != nil {
				l.end(call.Unavailable, false)
				return
			}
			l.stream.Store(next)
		}
	})
	l.Hear(id, sink)
	if e := l.last.Load(); e != nil {
		again := *e
		again.Leg = id
		sink(again)
	}
}

func (l *Leg) id() call.LegID {
	if e := l.ear.Load(); e != nil {
		return e.id
	}
	return ""
}

func (l *Leg) tell(ev call.Event) {
	if e := l.ear.Load(); e != nil {
		e.sink(ev)
	}
}

// Ring says that the far side rings; Early that its sound may be heard already; Answer that the call was taken. They are for a
// call of the browser's own.
func (l *Leg) Ring() { l.step(func() { l.display = "" }) }

// Early lets the sound through before the answer.
func (l *Leg) Early() { l.step(func() {}) }

// Answer says that the call was taken: as soon as the sound is there, the call hears that it was acknowledged.
func (l *Leg) Answer() {
	l.step(func() {
		if l.state == dialling {
			l.take()
		}
	})
}

// Hangup ends the leg.
func (l *Leg) Hangup(cause call.Cause, _ int) { l.step(func() { l.end(cause, false) }) }

// Transferred does nothing: a browser asks for transfers by the API, which answers itself.
func (l *Leg) Transferred(int) {}

func (l *Leg) step(f func()) {
	if l.station == nil {
		return
	}
	l.station.lock(func() {
		if l.state != gone {
			f()
			if l.state != gone {
				l.changed()
			}
		}
	})
}

// take answers: at once when the sound is connected, else when it is.
func (l *Leg) take() {
	if l.sound != "connected" {
		l.answering = true
		l.expire(answerIn, call.Unavailable)
		return
	}
	l.answering = false
	l.calm()
	l.state, l.since = talking, time.Now()
	l.tell(call.LegAnswered{Leg: l.id()})
}

// plug connects the stream to the way that was found, or that moved.
func (l *Leg) plug(w *way, o *offer, f found) {
	if l.state == gone || l.way != w {
		return
	}
	s := l.Stream()
	s.Set(media.Params{
		Remote: f.remote, RemoteRTCP: f.remote, Codec: o.codec, PayloadType: o.payload, EventType: o.events,
		Send: true, Receive: true, Mux: true, In: f.in, Out: f.out,
	})
	l.station.phones.Logger.Debug("a browser's sound is connected", "leg", l.id(), "local", f.local, "remote", f.remote)
	s.Plug(f.local, f.remote, l.station.phones.Port.Foreign)
	l.sound, l.closed = "connected", false
	if l.missed {
		l.missed = false
		l.tell(call.LegHeld{Leg: l.id()})
	}
	if l.answering {
		l.take()
	} else {
		l.calm()
	}
	l.changed()
}

// unplug ends the way; the leg stays.
func (l *Leg) unplug() {
	if l.stop != nil {
		l.stop()
	}
	l.way, l.stop, l.sound = nil, nil, ""
	if l.state == talking {
		l.expire(keepLeg, call.Timeout)
	}
}

// away ends the way of a leg whose browser is not there any more; the other side hears music until another one is.
func (l *Leg) away() {
	l.unplug()
	if l.state == talking && !l.missed {
		l.missed = true
		l.tell(call.LegHeld{Leg: l.id(), On: true})
	}
}

// word is why a leg ends whose browser may not go on.
func (l *Leg) word() call.Cause {
	if l.state == talking {
		return call.Normal
	}
	return call.Unavailable
}

// wayLost hears that a way ended. A call that is talked on is kept for a while, for the browser to come back.
func (l *Leg) wayLost(w *way, err error) {
	if l.state == gone || l.way != w {
		return
	}
	l.station.phones.Logger.Info("a browser's sound is gone", "leg", l.id(), "err", err)
	l.closed = errors.Is(err, errClosed)
	if l.closed && l.station.visit != nil && l.station.owner == nil {
		l.end(l.word(), true) // nobody will come back for it
		return
	}
	l.away()
	if l.state != talking {
		l.expire(ringGrace, call.Unavailable)
	}
	l.changed()
}

// expire ends the leg after d unless calm comes first.
func (l *Leg) expire(d time.Duration, cause call.Cause) {
	l.calm()
	l.timer = time.AfterFunc(d, func() { l.Hangup(cause, 0) })
}

func (l *Leg) calm() {
	if l.timer != nil {
		l.timer.Stop()
		l.timer = nil
	}
}

// end is the end, told once to the call and to the browsers.
func (l *Leg) end(cause call.Cause, byPeer bool) {
	if l.state == gone {
		return
	}
	l.state = gone
	l.unplug()
	l.calm()
	delete(l.station.legs, l.key)
	for link := range l.station.links {
		link.event(over{Event: "ended", ID: l.key, Cause: string(cause)})
	}
	e := call.LegEnded{Leg: l.id(), Cause: cause, ByPeer: byPeer}
	l.Stream().Close(func(q media.Quality) {
		if q.Codec != "" {
			e.Quality = &call.Quality{Codec: q.Codec, Received: q.Received, Sent: q.Sent, Lost: q.Lost, LossPct: q.LossPct, Jitter: q.Jitter, RTT: q.RTT, MOS: q.MOS}
		}
		kept := e
		l.last.Store(&kept)
		e.Leg = l.id()
		l.tell(e)
	})
}

// onMedia runs on the shard's thread: it passes on and nothing more.
func (l *Leg) onMedia(ev media.Event) {
	switch ev := ev.(type) {
	case media.DigitPressed:
		l.tell(call.Digit{Leg: l.id(), Key: ev.Key})
	case media.PlayDone:
		l.tell(call.PromptDone{Leg: l.id(), Play: ev.ID})
	case media.Failed:
		go l.Hangup(call.Internal, 0) // the lock is not for the shard's thread
	}
}

func (l *Leg) changed() {
	for link := range l.station.links {
		link.event(change{Event: "call", Call: l.view(link)})
	}
}

func (l *Leg) view(to *link) view {
	v := view{
		ID: l.key, State: string(l.state), Direction: "in", Number: to.shown(l.number), Display: l.display,
		Since: l.since, Held: l.held, Muted: l.muted, Media: l.sound,
	}
	if l.outgoing {
		v.Direction = "out"
	}
	if v.Media == "" {
		v.Media = "none"
	}
	return v
}
