package queue

import (
	"slices"
	"time"
)

// seat is an agent at work. What others see is never set: it follows from the facts below, so that facts which overlap
// (a talk outside the queues during wrap-up, a device lost during a talk) need no rule for each pair.
type seat struct {
	Agent
	posts []*post // by queue id

	wish       wish // what the agent asked for, or the board after missed offers
	held       *booking
	busy       bool // talks outside the queues
	listens    bool // and only listens to others there
	reachable  bool
	asked      bool // Set was called since the start: Restore comes too late
	gone       bool // no longer configured: leaves when the talk is over
	wrap       wrap
	graceUntil time.Time // the device is gone, and the agent counts as at work until then
	pauseUntil time.Time // zero: none; after a refusal that cost no time, so that a broken device does not spin
	misses     int       // offers in a row without an answer
	stumbles   int       // refusals in a row that cost no time

	shown     AgentChanged // what was said last
	since     time.Time    // of shown's state and reason
	idleSince time.Time
	idle      bool // in the idle lists of its lines
	working   bool // counted as at work
	tallies   map[string]*tally
	fans      []*caller       // who wait for this agent in particular
	disposed  map[string]bool // requests in talk whose disposition is given
	alarm     alarm
}

type wish struct {
	state          State
	reason, source string
}

// cause is why something changes. keepIdle: the agent had no part in it and keeps the place among the free.
type cause struct {
	reason, source string
	keepIdle       bool
}

const (
	byQueue  = "queue"
	byPhone  = "phone"
	byConfig = "configuration"
)

// removed is the reason of an agent's state who is configured no more.
const removed = "removed"

// SignedOut is true for an agent who is away because somebody said so, or who is configured no more: not for one whose device is gone, or who has
// not signed in since the start.
func (e AgentChanged) SignedOut() bool {
	return e.To == Offline && e.Next == Offline && (e.Source != byConfig || e.Reason == removed)
}

// view is the state that follows from the facts, and its reason and source.
func (s *seat) view(why cause) wish {
	switch {
	case s.held != nil && !s.held.answered.IsZero():
		return wish{Talking, "call " + s.held.Request, byQueue}
	case s.held != nil:
		return wish{Offered, "call " + s.held.Request, byQueue}
	case s.listens:
		return wish{Talking, Listening, byPhone}
	case s.busy:
		return wish{Talking, "outside the queues", byPhone}
	case s.wish.state == Offline:
		return s.wish
	case !s.reachable:
		return wish{Offline, "device offline", byPhone}
	case s.wrap.on():
		return wish{WrapUp, s.wrap.reason(), byQueue}
	case s.wish.state == Ready:
		return wish{Ready, why.reason, why.source}
	}
	return s.wish
}

// settle makes what others see follow from the facts, says so, and keeps idle lists, counts and alarm right. Every
// change of a seat's facts ends here.
func (b *Board) settle(s *seat, why cause) {
	v := s.view(why)
	old := s.shown
	if v.state == Ready && old.To == Ready {
		v.reason, v.source = old.Reason, old.Source // still ready: not news
	}
	now := AgentChanged{
		Agent: s.ID, From: old.To, To: v.state, Reason: v.reason, Source: v.source, At: b.now,
		Next: s.wish.state, NextReason: s.wish.reason,
	}
	if now.Next == Ready {
		now.NextReason = ""
	}
	if old.To != now.To || old.Reason != now.Reason {
		s.since = b.now
	}
	now.Since = s.since
	s.shown = now
	b.recount(s, old.To, now.To)
	if !atDesk(now.To) && len(s.fans) > 0 {
		b.openFans(s)
	}
	if now.To == Ready && old.To != Ready && !(old.To == Offered && why.keepIdle) {
		s.idleSince = b.now
	}
	b.enlist(s)
	b.rearm(s)
	if old.To != now.To || old.Reason != now.Reason || old.Next != now.Next || old.NextReason != now.NextReason {
		b.emit(now)
	}
}

// atDesk are the states in which an agent serves callers or soon will.
func atDesk(s State) bool { return s == Ready || s == Offered || s == Talking || s == WrapUp }

// atWork reports whether the agent counts for those who want somebody to be there: signed in, with a device. A device lost
// a moment ago changes nothing, it is often back within seconds; nor does a wish to leave before the talk is over.
func (s *seat) atWork() bool {
	switch {
	case s.gone:
		return false
	case s.held != nil || s.busy:
		return true
	}
	return s.wish.state != Offline && (s.reachable || !s.graceUntil.IsZero())
}

// recount keeps the counts of the agent's lines, and marks lines that lost their last one at work or not on break.
func (b *Board) recount(s *seat, from, to State) {
	was := s.working
	s.working = s.atWork()
	for _, p := range s.posts {
		l := p.line
		before := l.present()
		l.count[from]--
		l.count[to]++
		switch {
		case s.working && !was:
			l.atWork++
		case was && !s.working:
			l.atWork--
		}
		if l.atWork == 0 && was || l.present() <= 0 && before > 0 {
			b.thinned = append(b.thinned, l)
		}
	}
}

// enlist puts the seat into the idle lists, or takes it out, as it is now.
func (b *Board) enlist(s *seat) {
	if s.shown.To != Ready || s.gone || !s.pauseUntil.IsZero() {
		b.unidle(s)
		return
	}
	if s.idle {
		return
	}
	s.idle = true
	for _, p := range s.posts {
		p.line.idle.add(p)
	}
}

func (b *Board) unidle(s *seat) {
	if !s.idle {
		return
	}
	s.idle = false
	for _, p := range s.posts {
		p.line.idle.remove(p)
	}
}

// rearm sets the alarm to the earliest thing this seat waits for.
func (b *Board) rearm(s *seat) {
	var at time.Time
	for _, t := range []time.Time{s.wrap.until, s.pauseUntil, s.graceUntil, s.held.deadline()} {
		if !t.IsZero() && (at.IsZero() || t.Before(at)) {
			at = t
		}
	}
	if at.IsZero() {
		b.alarms.clear(&s.alarm)
		return
	}
	b.alarms.set(&s.alarm, at)
}

// rang is the seat's alarm.
func (b *Board) rang(s *seat) {
	due := func(t time.Time) bool { return !t.IsZero() && !t.After(b.now) }
	if due(s.held.deadline()) {
		b.runOut(s.held)
		return
	}
	if due(s.pauseUntil) {
		s.pauseUntil = time.Time{}
	}
	if due(s.graceUntil) {
		s.graceUntil = time.Time{}
	}
	if due(s.wrap.until) {
		s.wrap.runOut()
	}
	b.settle(s, cause{reason: "wrap-up over", source: byQueue})
	b.serve(s)
}

// tally is what the agent did for a queue; made when first asked for.
func (s *seat) tally(queue string) *tally {
	t := s.tallies[queue]
	if t == nil {
		t = &tally{}
		if s.tallies == nil {
			s.tallies = map[string]*tally{}
		}
		s.tallies[queue] = t
	}
	return t
}

// forgetTallies begins the counts of a new shift; the turns go on.
func (s *seat) forgetTallies() {
	for _, t := range s.tallies {
		t.calls, t.talked = 0, 0
	}
}

// at finds the agent's post in a line; nil: not one of its agents.
func (s *seat) at(l *line) *post {
	i := slices.IndexFunc(s.posts, func(p *post) bool { return p.line == l })
	if i < 0 {
		return nil
	}
	return s.posts[i]
}
