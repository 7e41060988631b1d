package queue

import (
	"maps"
	"slices"
	"time"
)

// Snapshot is the board at one moment, for screens: nobody changes it after it is made. All times are absolute.
type Snapshot struct {
	At       time.Time
	Queues   []QueueView   // by id
	Agents   []AgentView   // by id
	Requests []RequestView // in the order of service: priority, then Since
}

// QueueView is one queue. LongestSince is the Since of the caller who has waited longest, zero when nobody waits.
type QueueView struct {
	ID, Name     string
	Waiting      int           // callers who may be served here and are not being offered; callbacks too
	Absent       int           // of them callbacks
	Closed       bool          // by its hours
	AtWork       int           // agents signed in, with a device
	Estimate     time.Duration // of a caller who would join now and have to wait; 0 when nobody can say
	Handling     time.Duration // the mean time of talk and wrap-up lately; 0 unknown
	LongestSince time.Time
	Agents       map[State]int // how many of its agents are in each state
}

// AgentView is one agent. Queue, Request and Offer are set while Offered and while Talking with a caller of a queue.
type AgentView struct {
	ID, Name              string
	State                 State
	Reason, Source        string
	Since                 time.Time // when State or Reason last changed
	Next                  State     // taken when the offer, talk, wrap-up or device outage is over
	NextReason            string
	Queue, Request, Offer string
	Misses                int       // offers in a row without an answer
	RingUntil             time.Time // zero: no phone rings, or it was answered
	WrapUntil             time.Time // zero: no wrap-up is running, or one without an end
	WrapOf                string    // the request written up
	WrapMore              bool      // the wrap-up may be lengthened
	NeedsDisposition      bool      // the wrap-up lasts until there is one
	Reachable, Busy       bool
	Queues, Skills        map[string]int // by level; never changed
}

// RequestView is one caller. Position is the place in Queue, the queue of the first step; 0 while being offered.
type RequestView struct {
	ID, Queue     string
	Queues        []string // all queues where it may be served now
	Priority      int
	Since, Joined time.Time
	Rank          time.Time // the time whose order decides: Since, earlier by what the priority is worth
	Step          int       // the latest step reached
	Position      int
	Agent, Offer  string   // while being offered: who is rung, the first where there are several
	Ringing       []string // all who are rung
	Familiar      string   // the agent who alone may serve for now
	Absent        bool     // a callback that keeps its place
}

// Snapshot copies the board as it was after the latest verb.
func (b *Board) Snapshot() *Snapshot {
	snap := &Snapshot{
		At:       b.now,
		Queues:   make([]QueueView, 0, len(b.lines)),
		Agents:   make([]AgentView, 0, len(b.staff.items)),
		Requests: make([]RequestView, 0, len(b.order.items)),
	}
	for _, id := range slices.Sorted(maps.Keys(b.lines)) {
		l := b.lines[id]
		v := l.view()
		v.Estimate = b.estimate(l, v.Waiting+1)
		if known := b.loads[id]; known != nil {
			v.Handling = time.Duration(known.mean * float64(time.Second)).Round(time.Second)
		}
		snap.Queues = append(snap.Queues, v)
	}
	for _, s := range b.staff.items {
		snap.Agents = append(snap.Agents, s.picture())
	}
	places := b.places()
	for _, c := range b.order.items {
		snap.Requests = append(snap.Requests, c.view(places[c]))
	}
	return snap
}

// places numbers the callers of each line once, instead of asking for each.
func (b *Board) places() map[*caller]int {
	places := make(map[*caller]int, len(b.order.items))
	for _, l := range b.lines {
		for i, c := range l.waiting.items {
			if c.home == l {
				places[c] = i + 1
			}
		}
	}
	return places
}

func (l *line) view() QueueView {
	v := QueueView{ID: l.ID, Name: l.Name, Waiting: len(l.waiting.items), Absent: l.absent, Closed: l.closed, AtWork: l.atWork, LongestSince: l.longest(), Agents: map[State]int{}}
	for state, n := range l.count {
		if n > 0 {
			v.Agents[state] = n
		}
	}
	return v
}

func (s *seat) picture() AgentView {
	v := AgentView{
		ID: s.ID, Name: s.Name, State: s.shown.To, Reason: s.shown.Reason, Source: s.shown.Source, Since: s.since,
		Next: s.shown.Next, NextReason: s.shown.NextReason,
		Misses: s.misses, WrapUntil: s.wrap.until, WrapOf: s.wrap.of, WrapMore: s.wrap.on() && s.wrap.more > 0, NeedsDisposition: s.wrap.missing,
		Reachable: s.reachable, Busy: s.busy, Queues: s.Queues, Skills: s.Skills,
	}
	if h := s.held; h != nil {
		v.Queue, v.Request, v.Offer = h.Queue, h.Request, h.ID
		if h.answered.IsZero() {
			v.RingUntil = h.At.Add(h.RingFor)
		}
	}
	return v
}

func (c *caller) view(position int) RequestView {
	v := RequestView{
		ID: c.ID, Priority: c.Priority, Since: c.Since, Joined: c.joined, Rank: c.rank, Step: c.step, Position: position, Absent: c.Absent,
		Queues: make([]string, 0, len(c.lanes)),
	}
	if c.home != nil {
		v.Queue = c.home.ID
	}
	for _, l := range c.lanes {
		if !slices.Contains(v.Queues, l.line.ID) {
			v.Queues = append(v.Queues, l.line.ID)
		}
	}
	for i, h := range c.held {
		if i == 0 {
			v.Agent, v.Offer = h.Agent, h.ID
		}
		v.Ringing = append(v.Ringing, h.Agent)
	}
	if c.familiar != nil {
		v.Familiar = c.familiar.ID
	}
	return v
}
