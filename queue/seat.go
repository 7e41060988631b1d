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
	reachable  bool
	asked      bool      // Set was called since the start: Restore comes too late
	gone       bool      // no longer configured: leaves when the talk is over
	wrapUntil  time.Time // zero: no wrap-up
	wrapOf     string    // the request written up
	pauseUntil time.Time // zero: none; after a refusal that cost no time, so that a broken device does not spin
	misses     int       // offers in a row without an answer
	stumbles   int       // refusals in a row that cost no time

	shown     AgentChanged // what was said last
	since     time.Time    // of shown's state and reason
	idleSince time.Time
	idle      bool // in the idle lists of its lines
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

// view is the state that follows from the facts, and its reason and source.
func (s *seat) view(why cause) wish {
	switch {
	case s.held != nil && s.held.answered:
		return wish{Talking, "call " + s.held.Request, byQueue}
	case s.held != nil:
		return wish{Offered, "call " + s.held.Request, byQueue}
	case s.busy:
		return wish{Talking, "outside the queues", byPhone}
	case s.wish.state == Offline:
		return s.wish
	case !s.reachable:
		return wish{Offline, "device offline", byPhone}
	case !s.wrapUntil.IsZero():
		return wish{WrapUp, "after call " + s.wrapOf, byQueue}
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
	s.shown = now
	if old.To != now.To || old.Reason != now.Reason {
		s.since = b.now
	}
	b.recount(s, old, now)
	if now.To == Ready && old.To != Ready && !(old.To == Offered && why.keepIdle) {
		s.idleSince = b.now
	}
	b.enlist(s)
	b.rearm(s)
	if old.To != now.To || old.Reason != now.Reason || old.Next != now.Next || old.NextReason != now.NextReason {
		b.emit(now)
	}
}

// signedIn reports whether the agent is at work: a lost device alone changes nothing, it is often back within seconds,
// nor does a wish to leave before the talk is over.
func (e AgentChanged) signedIn() bool { return e.To != Offline || e.Next != Offline }

func (b *Board) recount(s *seat, from, to AgentChanged) {
	for _, p := range s.posts {
		p.line.count[from.To]--
		p.line.count[to.To]++
		switch {
		case to.signedIn() && !from.signedIn():
			p.line.signedIn++
		case from.signedIn() && !to.signedIn():
			p.line.signedIn--
			if p.line.signedIn == 0 {
				b.empty = append(b.empty, p.line)
			}
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
	for _, t := range []time.Time{s.wrapUntil, s.pauseUntil, s.held.deadline()} {
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
	if due(s.wrapUntil) {
		s.wrapUntil = time.Time{}
	}
	b.settle(s, cause{reason: "wrap-up over", source: byQueue})
	b.serve(s)
}

// meets reports whether the agent has every skill needed.
func (s *seat) meets(needs []Need) bool {
	for _, n := range needs {
		if level, ok := s.Skills[n.Skill]; !ok || level < n.Level {
			return false
		}
	}
	return true
}

// at finds the agent's post in a line; nil: not one of its agents.
func (s *seat) at(l *line) *post {
	i := slices.IndexFunc(s.posts, func(p *post) bool { return p.line == l })
	if i < 0 {
		return nil
	}
	return s.posts[i]
}
