package agentphone

import (
	"context"
	"strconv"
	"sync"
	"time"

	"hotline/call"
	"hotline/media"
	"hotline/media/codec"
)

// station is one phone user's browsers and the legs that ring or talk there. Its lock covers all below it; nothing that waits is
// called with it held.
type station struct {
	phones *Phones
	user   string // "" for a visitor's
	visit  *visit // nil: an agent's

	mu      sync.Mutex
	links   map[*link]bool
	owner   *link  // whose tab has the sound; nil: nobody's
	tab     string // of the last owner: when it is back it still has the sound
	ready   bool   // the owner's microphone works
	told    bool   // what Changed heard last
	idle    idle
	agent   *AgentState // as the queues told it last; nil: not yet
	legs    map[string]*Leg
	counter int
	leaving *time.Timer // ends the visit of who does not call; nil: they do
}

func newStation(p *Phones, user string) *station {
	return &station{phones: p, user: user, legs: map[string]*Leg{}, links: map[*link]bool{}}
}

func (s *station) reachable() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.reaches()
}

// reaches is true while the owner can be heard: its microphone works, and so does the way to it, as ICE sees it.
func (s *station) reaches() bool {
	if s.owner == nil || !s.ready {
		return false
	}
	for _, leg := range s.legs {
		if leg.sound == "connected" {
			return true
		}
	}
	return s.idle.up
}

// lock runs f with the lock, and tells afterwards what changed for the queues.
func (s *station) lock(f func()) {
	s.mu.Lock()
	f()
	now := s.reaches()
	changed := now != s.told
	s.told = now
	if changed && s.owner != nil {
		s.owner.event(reach{Event: "reach", On: now})
	}
	s.watch()
	left := s.visit != nil && len(s.links) == 0 && len(s.legs) == 0
	s.mu.Unlock()
	switch {
	case left:
		s.phones.forget(s.visit)
	case changed && s.visit == nil:
		s.phones.Changed(s.user, now)
	}
}

// join takes a connection that said hello. The first one owns the sound; a later one when it takes it from a tab of the same browser:
// who comes from another computer is asked there first, and then takes it by a command.
func (s *station) join(l *link, take bool) {
	s.lock(func() {
		if l.over {
			return
		}
		s.links[l] = true
		if s.owner == nil || take && s.owner.browser == l.browser || s.same(l) {
			s.own(l)
		}
		now := snapshot{Event: "snapshot", Owner: s.owner == l, Device: s.owner.device, Calls: s.views(l), ICE: []struct{}{}, Agent: s.agent}
		if s.visit != nil {
			now.Key = s.visit.key
		}
		l.event(now)
	})
}

// same is true for the tab that has, or had, the sound: its connection was lost, and it has come back by another one.
func (s *station) same(l *link) bool {
	return s.visit != nil || l.tab != "" && l.tab == s.tab
}

// own gives the sound to a connection. What another tab had ends; what the same tab has goes on.
func (s *station) own(l *link) {
	if s.owner == l {
		return
	}
	if old := s.owner; old != nil && s.same(l) {
		delete(s.links, old)
		old.cut()
	}
	if !s.same(l) {
		s.idle.end()
		for _, leg := range s.legs {
			leg.away()
		}
	}
	s.owner, s.ready, s.tab = l, false, l.tab
	for other := range s.links {
		other.event(ownership{Event: "owner", Mine: other == l, Device: l.device})
	}
}

// leave forgets a connection. Legs that ring wait a moment for the page to come back, those that talk as long as their sound flows.
// over means that it may not come back: its calls end.
func (s *station) leave(l *link, over bool) {
	s.lock(func() {
		l.over = l.over || over
		delete(s.links, l)
		if s.owner != l {
			return
		}
		s.owner, s.ready = nil, false
		s.idle.end()
		s.inherit(l.browser)
		if s.owner == nil && len(s.links) > 0 { // on other computers: they have to wait for this one to come back, as after a reload
			time.AfterFunc(ringGrace, func() { s.lock(func() { s.inherit("") }) })
		}
		for _, leg := range s.legs {
			switch {
			case s.owner != nil:
			case over, s.visit != nil && leg.closed: // nobody will come back for it
				leg.end(leg.word(), true)
			case leg.state == ringing:
				leg.expire(ringGrace, call.Unavailable)
			case leg.sound == "":
				leg.expire(keepLeg, call.Timeout)
			}
		}
	})
}

// inherit gives the sound that nobody has to another tab of the browser, "" for one of any.
func (s *station) inherit(browser string) {
	for l := range s.links {
		if s.owner == nil && (browser == "" || l.browser == browser) {
			s.own(l)
		}
	}
}

func (s *station) setReady(l *link, on bool) {
	s.lock(func() {
		if s.owner == l {
			s.ready = on
		}
	})
}

// newLeg makes a leg with its stream; with the lock held.
func (s *station) newLeg(near *media.Stream, other codec.Kind) (*Leg, error) {
	s.counter++
	l := &Leg{station: s, codecs: s.phones.codecs(other), key: s.user + "-" + strconv.FormatInt(time.Now().UnixMilli(), 36) + "-" + strconv.Itoa(s.counter), since: time.Now()}
	stream, err := s.phones.Engine.OpenShared(near, l.onMedia)
	if err != nil {
		return nil, err
	}
	l.stream.Store(stream)
	s.legs[l.key] = l
	return l, nil
}

// dial rings the owner's tab.
func (s *station) dial(id call.LegID, r Ringing, sink func(call.Event)) *Leg {
	var l *Leg
	s.lock(func() {
		var err error
		l, err = s.newLeg(r.Near, r.Prefer)
		if err != nil {
			l = &Leg{station: s, state: gone}
			s.phones.Logger.Error("no sound for a browser's leg", "leg", id, "err", err)
			sink(call.LegEnded{Leg: id, Cause: call.Unavailable, SIP: 503})
			return
		}
		l.Hear(id, sink)
		l.state, l.number, l.display = ringing, r.From, r.Display
		if s.owner == nil {
			l.end(call.NotRegistered, false)
			return
		}
		l.changed()
		l.tell(call.LegRinging{Leg: id})
	})
	return l
}

// call begins a call of the browser's own.
func (s *station) call(by *link, to string) (key string, err error) {
	var l *Leg
	s.lock(func() {
		if s.owner != by {
			err = errNotOwner
			return
		}
		if to, err = s.mayCall(to); err != nil {
			return
		}
		if l, err = s.newLeg(nil, codec.None); err == nil {
			l.state, l.outgoing, l.number = dialling, true, to
			l.changed()
		}
	})
	if err != nil {
		return "", err
	}
	if s.visit != nil {
		s.phones.Button.Visited(l, s.visit.Visitor)
	} else {
		s.phones.Arrive(l, s.user, to)
	}
	return l.key, nil
}

// mayCall is the number that is called when somebody asks for to. A visitor has one, one call at a time, and a pace to keep.
func (s *station) mayCall(to string) (string, error) {
	switch {
	case s.visit == nil:
		return to, nil
	case len(s.legs) > 0:
		return "", errOneCall
	case !s.phones.pace.take(s.visit.Source, s.phones.Button.Rate, time.Now()):
		return "", errRate
	}
	return s.phones.Button.Number, nil
}

// connect begins a way for a leg's sound, in place of an earlier one.
func (s *station) connect(ctx context.Context, by *link, key, sdp string) (answer string, err error) {
	s.mu.Lock()
	l, owns := s.legs[key], s.owner == by
	s.mu.Unlock()
	switch {
	case l == nil:
		return "", errNoCall
	case !owns:
		return "", errNotOwner
	}
	o, err := readOffer(sdp, l.codecs)
	if err != nil {
		return "", err
	}
	var w *way
	var stop context.CancelFunc
	w, answer, stop, err = s.phones.connect(ctx, o,
		func(f found) { s.lock(func() { l.plug(w, o, f) }) },
		func(err error) { s.lock(func() { l.wayLost(w, err) }) })
	if err != nil {
		return "", err
	}
	s.lock(func() {
		if l.state == gone {
			stop()
			return
		}
		l.unplug()
		l.way, l.stop, l.sound = w, stop, "connecting"
		l.changed()
	})
	return answer, nil
}

func (s *station) views(l *link) []view {
	all := []view{}
	for _, leg := range s.legs {
		all = append(all, leg.view(l))
	}
	return all
}

// shown is a number as who looks may see it.
func (l *link) shown(n string) string {
	if l.masks {
		return l.station.phones.Shown(n)
	}
	return n
}
