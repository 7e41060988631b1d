package queue

import (
	"slices"
	"time"
)

// caller is a request that waits or is being offered.
type caller struct {
	Request
	seq      uint64
	joined   time.Time
	rank     time.Time  // Since, earlier by what the priority is worth
	step     int        // the latest step reached
	home     *line      // of the first step: limits and position
	lanes    []*lane    // where it may be served now, in the order of the steps
	held     []*booking // offers open; more than one where a queue rings several agents
	familiar *seat      // the agent who alone may serve for now; nil: anybody
	refused  []string   // agents who have not taken it
	silent   int        // rounds of offers its call let run out without a word
	told     int        // the position said last
	alarm    alarm
}

// Join adds a request. A caller who can be served at once is offered at once; otherwise the place is told.
func (b *Board) Join(now time.Time, r Request) []Effect {
	b.begin(now)
	if _, ok := b.callers[r.ID]; ok || r.ID == "" {
		return b.reject("join", r.ID, "no id, or one that waits already")
	}
	if r.Since.IsZero() || r.Since.After(b.now) {
		r.Since = b.now
	}
	r.Priority = max(-MostPriority, min(r.Priority, MostPriority))
	b.seq++
	c := &caller{Request: r, seq: b.seq, joined: b.now}
	c.Steps = inOrder(r.Steps)
	c.alarm.ring = func() { b.patience(c) }
	b.recognise(c)
	if why := b.place(c); why != "" {
		if c.familiar != nil {
			b.unknow(c)
		}
		return b.done(c.gaveUp(why, false))
	}
	b.callers[r.ID] = c
	b.order.add(c)
	b.queueUp(c)
	if b.want(c, nil); len(c.held) > 0 {
		return b.done()
	}
	if b.callers[c.ID] != c { // it was its turn at once
		return b.done()
	}
	if most := c.home.MaxWaiting; most > 0 && !c.Absent && len(c.home.waiting.items)-c.home.absent > most {
		b.giveUp(c, Full)
		return b.done()
	}
	b.tell(c)
	return b.done()
}

// Leave removes a request whose caller is no longer interested. An offer for it is withdrawn; its agent keeps the place
// among the free.
func (b *Board) Leave(now time.Time, request, why string) []Effect {
	b.begin(now)
	c, ok := b.callers[request]
	if !ok {
		return b.reject("leave", request, "not waiting")
	}
	b.drop(c, why)
	return b.done()
}

// inOrder copies steps so that a later one never applies before an earlier one.
func inOrder(steps []Step) []Step {
	steps = slices.Clone(steps)
	for i := range steps {
		steps[i].Needs = slices.Clone(steps[i].Needs)
		steps[i].Any = slices.Clone(steps[i].Any)
		if i > 1 {
			steps[i].After = max(steps[i].After, steps[i-1].After)
		}
	}
	return steps
}

// place finds the first step and all others that apply already. It returns why the caller cannot wait, or "".
func (b *Board) place(c *caller) string {
	c.home, c.lanes = nil, nil
	closed := true
	for i, step := range c.Steps {
		l := b.lines[step.Queue]
		if l == nil {
			continue
		}
		closed = closed && l.closed
		if c.home == nil {
			c.home = l
		} else if i > c.step && step.After > b.now.Sub(c.joined) {
			continue
		}
		c.step = max(c.step, i)
		c.reach(l.lane(c.wants(step)))
	}
	if c.home == nil {
		return NoQueue
	}
	c.rank = c.Since.Add(-time.Duration(c.Priority) * c.home.PriorityWorth)
	if closed {
		return Closed
	}
	return b.deserted(c)
}

func (c *caller) wants(s Step) wants {
	w := wants{needs: s.Needs, any: s.Any}
	if c.familiar != nil {
		w.agent = c.familiar.ID
	}
	return w
}

// reach adds a lane once. It reports false when the caller stands there already.
func (c *caller) reach(l *lane) bool {
	if slices.ContainsFunc(c.lanes, func(have *lane) bool { return have.line == l.line && have.key == l.key }) {
		return false
	}
	c.lanes = append(c.lanes, l)
	return true
}

// queueUp makes the caller wait in all its lanes. Lanes are looked up again: one that stood empty meanwhile is gone.
func (b *Board) queueUp(c *caller) {
	for i, l := range c.lanes {
		c.lanes[i] = l.line.lane(l.wants)
		c.lanes[i].enter(c)
		b.moved(l.line)
	}
	b.watch(c)
}

// stepOut takes a waiting caller out of all its lanes, to be offered or forgotten.
func (b *Board) stepOut(c *caller) {
	for _, l := range c.lanes {
		l.leave(c)
		b.moved(l.line)
	}
	b.alarms.clear(&c.alarm)
}

// deadline is when the caller's patience ends; zero: never. It counts from Join, so that a caller who overflows from
// another queue with an old Since gets this queue's time too.
func (c *caller) deadline() time.Time {
	most := c.MaxWait
	if most <= 0 && !c.Absent {
		most = c.home.MaxWait
	}
	if most <= 0 {
		return time.Time{}
	}
	return c.joined.Add(most)
}

// watch sets the alarm to the next step or the end of patience.
func (b *Board) watch(c *caller) {
	at := c.deadline()
	if t := c.familiarUntil(); !t.IsZero() && (at.IsZero() || t.Before(at)) {
		at = t
	}
	for i := c.step + 1; i < len(c.Steps); i++ {
		if t := c.joined.Add(c.Steps[i].After); b.lines[c.Steps[i].Queue] != nil && (at.IsZero() || t.Before(at)) {
			at = t
		}
	}
	if at.IsZero() {
		b.alarms.clear(&c.alarm)
		return
	}
	b.alarms.set(&c.alarm, at)
}

// patience is the caller's alarm.
func (b *Board) patience(c *caller) {
	if len(c.held) > 0 {
		b.ringNext(c)
		return
	}
	if c.late(b.now) {
		b.giveUp(c, Timeout)
		return
	}
	if t := c.familiarUntil(); !t.IsZero() && !t.After(b.now) {
		b.openUp(c)
	}
	b.widen(c)
	b.watch(c)
	b.want(c, nil)
}

func (c *caller) late(now time.Time) bool {
	end := c.deadline()
	return !end.IsZero() && !end.After(now)
}

// widen adds the lanes of the steps that are due. The caller keeps Since, and so the place among those who wait there.
func (b *Board) widen(c *caller) {
	for i := c.step + 1; i < len(c.Steps); i++ {
		step := c.Steps[i]
		l := b.lines[step.Queue]
		if l == nil || c.joined.Add(step.After).After(b.now) {
			continue
		}
		c.step = i
		lane := l.lane(c.wants(step))
		if !c.reach(lane) {
			continue
		}
		lane.enter(c)
		b.moved(l)
		b.emit(Widened{c.ID, l.ID, i})
	}
}

// giveUp says why a waiting caller is no longer here.
func (b *Board) giveUp(c *caller, why string) {
	b.stepOut(c)
	b.forget(c)
	b.emit(c.gaveUp(why, true))
}

func (c *caller) gaveUp(why string, waited bool) GaveUp {
	e := GaveUp{Request: c.ID, Why: why, Waited: waited}
	if c.home != nil {
		e.Queue = c.home.ID
	}
	return e
}

func (b *Board) forget(c *caller) {
	b.alarms.clear(&c.alarm)
	if c.familiar != nil {
		b.unknow(c)
	}
	delete(b.callers, c.ID)
	b.order.remove(c)
}

// drop removes a caller, waiting or offered, without a word to it except that its offers are withdrawn.
func (b *Board) drop(c *caller, why string) {
	if len(c.held) == 0 {
		b.stepOut(c)
		b.forget(c)
		return
	}
	for _, h := range c.held {
		b.emit(OfferWithdrawn{h.Offer, why})
	}
	b.lose(c, why)
}
