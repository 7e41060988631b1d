package queue

import (
	"slices"
	"testing"
	"time"
)

// checker keeps its own, slow account of a board from the verbs given and the effects returned, and complains when a
// promise is broken. It looks into the board only to know who pauses.
type checker struct {
	t       testing.TB
	b       *Board
	now     time.Time
	verb    string
	seq     int
	queues  map[string]Queue
	agents  map[string]Agent
	callers map[string]*known
	staff   map[string]*member
	ended   map[string]int // how often each request came to an end
	joined  map[string]int
	seen    map[string]int // effects and refusals met, to know that a run tries everything
}

func newChecker(t testing.TB, now time.Time, queues []Queue, agents []Agent) *checker {
	k := &checker{
		t: t, b: NewBoard(queues, agents), now: now, callers: map[string]*known{}, staff: map[string]*member{},
		ended: map[string]int{}, joined: map[string]int{}, seen: map[string]int{},
	}
	k.configure(queues, agents)
	return k
}

func (k *checker) configure(queues []Queue, agents []Agent) {
	k.queues, k.agents = map[string]Queue{}, map[string]Agent{}
	for _, q := range queues {
		k.queues[q.ID] = q
	}
	for _, a := range agents {
		k.agents[a.ID] = a
		if k.staff[a.ID] == nil {
			k.staff[a.ID] = &member{state: Offline}
		}
	}
	for _, c := range k.callers {
		k.activate(c)
	}
}

// activate finds the steps that apply: the first whose queue exists, those reached, those due.
func (k *checker) activate(c *known) {
	c.active = map[int]bool{}
	for i, s := range c.Steps {
		if _, ok := k.queues[s.Queue]; !ok {
			continue
		}
		if len(c.active) == 0 || i <= c.latest || !c.joined.Add(s.After).After(k.now) {
			c.active[i] = true
			c.latest = max(c.latest, i)
		}
	}
}

func (k *checker) fail(format string, args ...any) {
	k.t.Helper()
	k.t.Fatalf("%s at %s: "+format, append([]any{k.verb, k.now.Format("15:04:05.000")}, args...)...)
}

// bind takes from the board whom a caller waits for in particular, where there is a reason to.
func (k *checker) bind(c *known) {
	c.only = ""
	on := k.b.callers[c.ID]
	if on == nil || on.familiar == nil {
		return
	}
	c.only = on.familiar.ID
	if q := k.queues[k.home(c)]; c.Familiar != c.only || c.refused[c.only] || q.FamiliarFor == 0 || !k.staff[c.only].atDesk() {
		k.fail("%s waits for %s without a reason", c.ID, c.only)
	}
}

// mayOpen: the time in which one agent alone may serve is over. When, within a tick, shows when somebody else is rung: alarms ring
// one after the other, and what they did before that moment was right.
func (k *checker) mayOpen(c *known) bool {
	return k.verb == "tick" && !c.joined.Add(k.queues[k.home(c)].FamiliarFor).After(k.now)
}

// unbind ends the waiting for an agent who is no longer at the desk. It is over at that moment, whatever the board does next.
func (k *checker) unbind(agent string) {
	for _, c := range k.callers {
		if c.only == agent && len(c.offers) == 0 {
			c.only = ""
		}
	}
}

// bound compares whom callers wait for in particular with the board's word.
func (k *checker) bound() {
	for _, c := range k.callers {
		on := ""
		if f := k.b.callers[c.ID].familiar; f != nil {
			on = f.ID
		}
		if on == "" && k.mayOpen(c) {
			c.only = ""
		}
		if on != c.only {
			k.fail("%s waits for %q in particular, want %q", c.ID, on, c.only)
		}
	}
}

func (k *checker) canServe(agent string, c *known) bool {
	a, ok := k.agents[agent]
	if c.only != "" && c.only != agent {
		return false
	}
	for i := range c.active {
		if _, member := a.Queues[c.Steps[i].Queue]; ok && member && hasAll(a.Skills, c.Steps[i].Needs) && hasAny(a.Skills, c.Steps[i].Any) {
			return true
		}
	}
	return false
}

// free reports whether the agent could be offered a caller at this point of the effects.
func (k *checker) free(agent string) bool {
	m, s := k.staff[agent], k.b.seats[agent]
	return m.state == Ready && m.offer == "" && s != nil && s.pauseUntil.IsZero() && !s.gone
}

func (k *checker) end(c *known) {
	k.ended[c.ID]++
	delete(k.callers, c.ID)
}

// release ends an agent's offer or talk.
func (k *checker) release(agent string) {
	m := k.staff[agent]
	m.offer, m.asked, m.talks = "", "", false
}

func (k *checker) effects(effects []Effect) {
	for _, e := range effects {
		switch e := e.(type) {
		case AgentChanged:
			k.agentChanged(e)
		case OfferMade:
			k.offerMade(e.Offer)
		case OfferWithdrawn:
			k.withdrawn(e)
		case GaveUp:
			k.gaveUp(e)
		case Told:
			k.toldPlace(e)
		case Widened:
			k.widened(e)
		case Rejected:
			k.seen["rejected "+e.Verb]++
		}
	}
}

func (k *checker) agentChanged(e AgentChanged) {
	m := k.staff[e.Agent]
	k.seen["state "+string(e.To)]++
	switch {
	case m == nil:
		k.fail("change of an unknown agent: %+v", e)
	case e.From != m.state:
		k.fail("%s goes from %s, but was %s", e.Agent, e.From, m.state)
	case e.At.Before(m.at) || e.At.After(k.now):
		k.fail("%s changes at %s, after %s", e.Agent, e.At, m.at)
	case e.Reason == "" || e.Source == "" || e.Next == "":
		k.fail("a change without reason, source or next: %+v", e)
	case e.To == WrapUp && (m.wrap.IsZero() && m.missing == "" || m.talks):
		k.fail("%s writes up a call when nothing is to write up", e.Agent)
	}
	if e.From == WrapUp && (e.Reason == "wrap-up over" || e.Reason == "disposition given") {
		if m.closed++; m.closed > m.wraps || m.wrap.After(k.now) || m.missing != "" {
			k.fail("wrap-up of %s ended too often or too early: %d of %d, missing %q", e.Agent, m.closed, m.wraps, m.missing)
		}
		m.wrap = time.Time{}
	}
	if m.state, m.at, m.next = e.To, e.At, e.Next; !m.atDesk() {
		k.unbind(e.Agent)
	}
	if _, ok := k.agents[e.Agent]; !ok && e.Reason == "removed" {
		delete(k.staff, e.Agent)
	}
}

func (k *checker) offerMade(o Offer) {
	c, m := k.callers[o.Request], k.staff[o.Agent]
	k.seen["offer"]++
	if c != nil && c.only != o.Agent && k.mayOpen(c) {
		c.only = ""
	}
	switch {
	case c == nil || len(c.offers) > 0 && !k.ringsSeveral(c, o):
		k.fail("offer for %s, who does not wait", o.Request)
	case m.offer != "":
		k.fail("%s is offered %s and held by %s already", o.Agent, o.Request, m.asked)
	case m.state != Offered:
		k.fail("%s is offered %s and shown as %s", o.Agent, o.Request, m.state)
	case !k.canServe(o.Agent, c):
		k.fail("%s cannot serve %s", o.Agent, o.Request)
	}
	for _, other := range k.callers {
		overtaken := len(other.offers) == 0 && other != c && k.before(other, c)
		if overtaken && len(c.offers) == 0 && k.canServe(o.Agent, other) {
			k.fail("%s is overtaken by %s at agent %s", other.ID, c.ID, o.Agent)
		}
	}
	if c.refused[o.Agent] && k.verb != "tick" && len(c.offers) == 0 {
		for id := range k.staff {
			if id != o.Agent && k.free(id) && !c.refused[id] && k.canServe(id, c) {
				k.fail("%s goes back to %s though %s is free", c.ID, o.Agent, id)
			}
		}
	}
	c.offers[o.ID] = o.Agent
	m.offer, m.asked = o.ID, c.ID
	if len(c.offers) > 1 {
		k.seen["several"]++
	}
}

// ringsSeveral: a caller may be offered to another agent too where the queue of the open offers rings several.
func (k *checker) ringsSeveral(c *known, o Offer) bool {
	s := k.queues[o.Queue].Strategy
	for _, h := range k.b.callers[c.ID].held {
		if h.Queue != o.Queue {
			return false
		}
	}
	return s == RingAll || s == RingProgressively
}

func (k *checker) withdrawn(e OfferWithdrawn) {
	m := k.staff[e.Offer.Agent]
	k.seen["withdrawn "+e.Why]++
	if m == nil || m.offer != e.Offer.ID || m.talks {
		k.fail("withdrawal of %s, which is not open", e.Offer.ID)
	}
	k.release(e.Offer.Agent)
	if c := k.callers[e.Offer.Request]; c != nil {
		delete(c.offers, e.Offer.ID)
		if e.Why == Silent {
			c.refuse(e.Offer.Agent)
		}
	}
}

func (k *checker) gaveUp(e GaveUp) {
	c := k.callers[e.Request]
	k.seen["gave up "+e.Why]++
	if c == nil || len(c.offers) > 0 {
		k.fail("%s gives up (%s) and does not wait", e.Request, e.Why)
	}
	if end := k.patience(c); e.Why == Timeout && (end.IsZero() || end.After(k.now)) {
		k.fail("%s gives up too early", e.Request)
	}
	if e.Why == Turn {
		k.turn(c)
	}
	if e.Why == Full && c.Absent {
		k.fail("%s is turned away though nobody is on its line", e.Request)
	}
	k.end(c)
}

func (k *checker) toldPlace(e Told) {
	c := k.callers[e.Request]
	if c == nil || len(c.offers) > 0 {
		k.fail("%s is told a place and does not wait", e.Request)
	}
	home, place, waiting := k.home(c), 1, 0
	for _, o := range k.callers {
		for i := range o.active {
			if len(o.offers) == 0 && o.Steps[i].Queue == home {
				waiting++
				if o != c && k.before(o, c) {
					place++
				}
				break
			}
		}
	}
	if e.Position != place || e.Waiting != waiting {
		k.fail("%s is told %d of %d, got counted as %d of %d", e.Request, e.Position, e.Waiting, place, waiting)
	}
}

func (k *checker) widened(e Widened) {
	c := k.callers[e.Request]
	k.seen["widened"]++
	if c == nil || c.active[e.Step] || c.Steps[e.Step].Queue != e.Queue || c.joined.Add(c.Steps[e.Step].After).After(k.now) {
		k.fail("widened wrongly: %+v", e)
	}
	c.active[e.Step], c.latest = true, max(c.latest, e.Step)
}

// reaches keeps the device of an agent in mind.
func (k *checker) reaches(agent string, there bool) {
	if m := k.staff[agent]; m != nil && m.reach != there {
		m.reach, m.lost = there, time.Time{}
		if !there {
			m.lost = k.now
		}
	}
}

// settled checks what must hold between two verbs.
func (k *checker) settled() {
	snap := k.b.Snapshot()
	k.nobodyLost(snap)
	k.bound()
	k.nobodyUnserved()
	k.agentsRight(snap)
	k.countsRight(snap)
	if k.verb != "tick" {
		return
	}
	if at, ok := k.b.Next(); ok && !at.After(k.now) {
		k.fail("the clock would spin: next is %s", at)
	}
	for _, c := range k.callers {
		if end := k.patience(c); len(c.offers) == 0 && !end.IsZero() && !end.After(k.now) {
			k.fail("%s waits beyond its time", c.ID)
		}
	}
}

func (k *checker) nobodyLost(snap *Snapshot) {
	if len(snap.Requests) != len(k.callers) {
		k.fail("%d requests on the board, want %d", len(snap.Requests), len(k.callers))
	}
	for i, r := range snap.Requests {
		c := k.callers[r.ID]
		if c == nil || len(r.Ringing) != len(c.offers) || r.Offer != "" && c.offers[r.Offer] != r.Agent || !r.Since.Equal(c.Since) {
			k.fail("request on the board %+v, want %+v", r, c)
		}
		if i > 0 && !k.before(k.callers[snap.Requests[i-1].ID], c) {
			k.fail("%s stands before %s", snap.Requests[i-1].ID, r.ID)
		}
	}
	for id, joined := range k.joined {
		here := 0
		if k.callers[id] != nil {
			here = 1
		}
		if joined != k.ended[id]+here {
			k.fail("%s joined %d times, ended %d times, here %d", id, joined, k.ended[id], here)
		}
	}
}

func (k *checker) nobodyUnserved() {
	for agent := range k.staff {
		if !k.free(agent) {
			continue
		}
		for _, c := range k.callers {
			if len(c.offers) == 0 && k.canServe(agent, c) {
				k.fail("%s waits though %s is free", c.ID, agent)
			}
		}
	}
}

func (k *checker) agentsRight(snap *Snapshot) {
	if len(snap.Agents) != len(k.staff) {
		k.fail("%d agents on the board, want %d", len(snap.Agents), len(k.staff))
	}
	for _, a := range snap.Agents {
		m := k.staff[a.ID]
		held := m.offer != ""
		switch {
		case a.State != m.state || a.Offer != m.offer:
			k.fail("agent on the board %+v, want %+v", a, m)
		case held && m.talks != (a.State == Talking), held && !m.talks && a.State != Offered:
			k.fail("%s is held (talks %v) and shown as %s", a.ID, m.talks, a.State)
		case k.verb == "tick" && !a.WrapUntil.IsZero() && !a.WrapUntil.After(k.now):
			k.fail("%s is not let out of wrap-up", a.ID)
		case a.State == WrapUp && m.missing == "" && (m.wrap.IsZero() || k.verb == "tick" && !m.wrap.After(k.now)):
			k.fail("%s is in a wrap-up that ended", a.ID)
		}
	}
}

func (k *checker) countsRight(snap *Snapshot) {
	for _, q := range snap.Queues {
		total := 0
		for state, n := range q.Agents {
			total += n
			want := 0
			for id, a := range k.agents {
				if _, ok := a.Queues[q.ID]; ok && k.staff[id].state == state {
					want++
				}
			}
			if n != want {
				k.fail("%d agents of %s are %s, want %d", n, q.ID, state, want)
			}
		}
		l := k.b.lines[q.ID]
		work := 0
		for id, a := range k.agents {
			if _, ok := a.Queues[q.ID]; ok && k.staff[id].atWork(k.now) {
				work++
			}
		}
		if work != q.AtWork {
			k.fail("%d agents of %s are counted at work, want %d", q.AtWork, q.ID, work)
		}
		idle := 0
		for _, p := range l.posts {
			if k.free(p.seat.ID) {
				idle++
			}
		}
		if len(l.idle.items) != idle || !slices.IsSortedFunc(l.idle.items, l.idle.cmp) || total != len(l.posts) {
			k.fail("idle list of %s: %d, want %d; agents %d of %d", q.ID, len(l.idle.items), idle, total, len(l.posts))
		}
	}
}
