package switchboard

import (
	"sync"
	"sync/atomic"

	"hotline/call"
	"hotline/media"
)

// loan is the line of a supervisor who follows as the leg of one call. Hung up by the call it goes back and stays up; hung up by the
// supervisor it is over.
type loan struct {
	Line
	n    *follower
	call call.ID
	at   atomic.Pointer[earOf]
	back atomic.Bool // it is the call's no more
}

// earOf is the name of a leg in its call, and who hears of it there.
type earOf struct {
	leg  call.LegID
	sink func(call.Event)
}

// lend gives a call the line of a supervisor who follows, answered already; nil: none is up and free.
func (f *follows) lend(id call.ID, a call.Dial, near *media.Stream, sink func(call.Event)) Line {
	if !a.Listens {
		return nil
	}
	for _, s := range *f.seen.Load() {
		if s.Phone != a.Target.Value || s.line == nil {
			continue
		}
		l := &loan{Line: s.line, n: s.n, call: id}
		l.at.Store(&earOf{a.Leg, sink})
		if f.mail.Put(func() { l.n.lends(l, near) }) {
			return l
		}
	}
	return nil
}

// lends hands the line over, or says that there is none any more.
func (n *follower) lends(l *loan, near *media.Stream) {
	at := l.at.Load()
	if !n.there() || n.line == nil || n.loan != nil {
		at.sink(call.LegEnded{Leg: at.leg, Cause: call.NotRegistered})
		return
	}
	n.loan, n.state, n.had = l, FollowListening, n.f.talks.visit(l.call, n.Of)
	if o, ok := l.Line.(interface{ Of(id call.ID) }); ok {
		o.Of(l.call)
	}
	l.Line.(mover).Move(at.leg, near, l.hear)
	at.sink(call.LegAnswered{Leg: at.leg})
	if n.asked == l.call && n.f.b.FollowHeard != nil {
		n.f.b.FollowHeard(n.Follow, l.call)
	}
	n.asked = ""
}

// hear passes on what the line tells.
func (l *loan) hear(ev call.Event) {
	if over, ok := ev.(call.LegEnded); ok {
		l.n.f.mail.Put(func() {
			if l.n.there() && l.n.loan == l {
				l.n.loan = nil
				l.n.lost(over)
			}
		})
	}
	l.at.Load().sink(ev)
}

// Hangup gives the line back.
func (l *loan) Hangup(cause call.Cause, status int) {
	if l.back.Swap(true) {
		return
	}
	if !l.n.f.mail.Put(func() { l.n.returns(l, cause) }) {
		l.Line.Hangup(cause, status)
	}
}

// returns is the end of a loan: the call hears that its leg has ended, and the line rests unless the agent talks elsewhere already.
func (n *follower) returns(l *loan, cause call.Cause) {
	at := l.at.Load()
	defer at.sink(call.LegEnded{Leg: at.leg, Cause: cause})
	if !n.there() || n.loan != l {
		return
	}
	n.loan = nil
	n.line.(mover).Move(own, nil, n.hears)
	if cause == call.MediaLost {
		n.end(string(cause))
		return
	}
	n.rest()
	if n.f.b.draining.Load() {
		n.hangUp(call.Unavailable)
	}
	n.settle()
}

// Stream is the line's sound while the call has it.
func (l *loan) Stream() *media.Stream {
	if l.back.Load() {
		return nil
	}
	return l.Line.Stream()
}

// Move lets the line go on in another call, as a supervisor's may who took a call over.
func (l *loan) Move(id call.LegID, near *media.Stream, sink func(call.Event)) {
	l.at.Store(&earOf{id, sink})
	l.Line.(mover).Move(id, near, l.hear)
}

// talks are the agents who talk now, call by call, as the facts have it.
type talks struct {
	mu    sync.Mutex
	calls map[call.ID]*talk // guarded by mu
	count int64             // of those who came; guarded by mu
}

type talk struct {
	agents map[string]int64 // by when they came
	caller string           // an agent who made the call, until somebody answers
}

// hear takes a fact in and names the agents of its call whom it may concern.
func (t *talks) hear(f call.Fact) (agents []string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	one := t.calls[f.Call]
	if one == nil {
		if f.Agent == "" || f.Kind != call.Started && f.Kind != call.Connected {
			return nil
		}
		one = &talk{agents: map[string]int64{}}
		t.calls[f.Call] = one
	}
	gone := ""
	switch f.Kind {
	case call.Started:
		one.caller = f.Agent
	case call.Connected:
		for _, agent := range []string{one.caller, f.Agent} {
			if agent != "" {
				t.count++
				one.agents[agent] = t.count
			}
		}
		one.caller = ""
	case call.LegGone, call.Joined:
		if f.Kind == call.LegGone || f.Reason == "left" {
			gone = f.Agent
			delete(one.agents, gone)
		}
	case call.Ended:
		delete(t.calls, f.Call)
	default: // nobody comes or goes
	}
	for agent := range one.agents {
		agents = append(agents, agent)
	}
	if gone != "" {
		agents = append(agents, gone)
	}
	return agents
}

// of is the call that an agent came to last, and which coming of all that was; "" for none.
func (t *talks) of(agent string) (id call.ID, visit int64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for one, talk := range t.calls {
		if at := talk.agents[agent]; at > visit {
			id, visit = one, at
		}
	}
	return id, visit
}

// visit is which coming of all an agent's to a call was; 0: they do not talk there.
func (t *talks) visit(id call.ID, agent string) int64 {
	t.mu.Lock()
	defer t.mu.Unlock()
	if one := t.calls[id]; one != nil {
		return one.agents[agent]
	}
	return 0
}
