package queue

import "time"

// Set asks for Ready, NotReady or Offline (signed out). During an offer, a talk or wrap-up it is taken afterwards, except
// that Ready ends wrap-up early (unless a disposition is missing) and Offline withdraws an offer. Ready also ends Missed and forgets misses.
func (b *Board) Set(now time.Time, agent string, state State, reason, source string) []Effect {
	b.begin(now)
	s := b.seats[agent]
	switch {
	case s == nil || s.gone:
		return b.reject("set", agent, "no such agent")
	case state != Ready && state != NotReady && state != Offline:
		return b.reject("set", agent, "nobody can ask for "+string(state))
	}
	if s.wish.state == Offline && state != Offline {
		s.forgetTallies()
	}
	s.asked = true
	s.wish = wish{state, orElse(reason, "no reason given"), orElse(source, "unknown")}
	if state == Ready {
		s.misses, s.stumbles = 0, 0
		s.pauseUntil = time.Time{}
		s.endWrap() // a talk going on has not begun its own wrap-up yet
	}
	if state == Offline && b.open(s.offer()) != nil {
		b.leaveOffer(s, "signed-out")
		return b.done()
	}
	b.settle(s, cause{reason: s.wish.reason, source: s.wish.source})
	b.serve(s)
	return b.done()
}

func orElse(s, other string) string {
	if s == "" {
		return other
	}
	return s
}

// offer is the id of what holds the agent; "" when nothing does.
func (s *seat) offer() string {
	if s.held == nil {
		return ""
	}
	return s.held.ID
}

// leaveOffer withdraws the agent's open offer after a fact about the agent changed.
func (b *Board) leaveOffer(s *seat, why string) {
	c := s.held.caller
	waits := b.withdraw(s.held, why)
	b.settle(s, cause{reason: why, source: byPhone})
	if waits {
		b.want(c, nil)
	}
}

// Reach says whether the agent's device can be reached. A device lost makes the agent Offline, withdraws an open offer
// (never a miss) and leaves a talk to its call; the device found brings the earlier state back.
func (b *Board) Reach(now time.Time, agent string, reachable bool) []Effect {
	b.begin(now)
	s := b.seats[agent]
	if s == nil {
		return b.reject("reach", agent, "no such agent")
	}
	if s.reachable == reachable {
		return b.done()
	}
	s.reachable = reachable
	s.graceUntil = time.Time{}
	if !reachable {
		s.graceUntil = b.now.Add(awayGrace)
	}
	if !reachable && b.open(s.offer()) != nil {
		b.leaveOffer(s, Unreachable)
		return b.done()
	}
	if reachable {
		s.stumbles, s.pauseUntil = 0, time.Time{}
	}
	b.settle(s, cause{reason: "device online", source: byPhone})
	b.serve(s)
	return b.done()
}

// Listening is the reason of Talking for an agent who, as a supervisor, only listens to others.
const Listening = "listening"

// Busy says whether the agent talks outside the queues: Talking, but not for a queue, and without wrap-up; listens, whether they do no
// more than listen to others.
func (b *Board) Busy(now time.Time, agent string, busy, listens bool) []Effect {
	b.begin(now)
	s := b.seats[agent]
	if s == nil {
		return b.reject("busy", agent, "no such agent")
	}
	s.busy, s.listens = busy, busy && listens
	switch {
	case s.gone && !busy && s.held == nil:
		b.dismiss(s)
	case busy && b.open(s.offer()) != nil:
		b.leaveOffer(s, "busy")
	default:
		b.settle(s, cause{reason: "talk outside the queues over", source: byPhone})
		b.serve(s)
	}
	return b.done()
}

// Restore brings back what agents were before a restart, from the latest AgentChanged of each. Talks and wrap-up do not
// survive: what was to come Next is taken. An agent who used Set since the start is left alone.
func (b *Board) Restore(now time.Time, last []AgentChanged) []Effect {
	b.begin(now)
	for _, was := range last {
		s := b.seats[was.Agent]
		if s == nil || s.gone {
			b.emit(Rejected{"restore", was.Agent, "no such agent"})
			continue
		}
		if s.asked || s.held != nil {
			continue
		}
		s.wish = was.wish()
		b.settle(s, cause{reason: "restart", source: s.wish.source})
		b.serve(s)
	}
	return b.done()
}

// wish is the state to come back to: Next, or for a record without it what the state itself allows.
func (e AgentChanged) wish() wish {
	w := wish{e.Next, orElse(e.NextReason, e.Reason), orElse(e.Source, "restart")}
	if w.state == "" {
		w.state = e.To
	}
	switch w.state {
	case Ready, NotReady, Missed, Offline:
	default:
		w.state = Ready
	}
	return w
}
