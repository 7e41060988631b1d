package queue

import (
	"cmp"
	"slices"
	"time"
)

const (
	defaultRing  = 20 * time.Second
	defaultNext  = 5 * time.Second
	defaultWorth = 10 * time.Minute
	awayGrace    = 30 * time.Second // an agent whose device is gone for so long is no longer at work
	ringGrace    = 5 * time.Second  // what a call has beyond RingFor to say what became of an offer
	mostSilent   = 3                // offers run out without a word before a call is taken for dead
	firstPause   = 2 * time.Second  // before the next offer to an agent whose refusal cost no time; doubles
	longestRest  = 30 * time.Second // and ends here
	tellEvery    = time.Second      // places of waiting callers are told at most so often
)

// Board is who waits and who may serve them. The zero value is not usable; see NewBoard. It belongs to one goroutine.
//
// Between two verbs no waiting caller could be served by a free agent. So a verb has to match only what it changed: one
// caller who now looks for an agent (want), one agent who is now free (serve).
type Board struct {
	now     time.Time // never goes back, whatever verbs are given
	seq     uint64
	offered uint64
	lines   map[string]*line
	seats   map[string]*seat
	staff   ordered[*seat] // all seats by id
	callers map[string]*caller
	order   ordered[*caller] // all callers, waiting or offered
	offers  map[string]*booking
	alarms  alarms
	late    late
	doors   map[string]Door // of queues that are not open, over Replace
	loads   map[string]*load
	dice    dice
	drawn   []*post   // scratch of pick
	thinned []*line   // lines that lost an agent at work, or one who was ready, in this verb
	opened  []*caller // others may serve them since this verb, and they have not looked for one yet
	out     []Effect
}

// NewBoard starts with every agent signed out and unreachable. Of two queues or agents with one id the first counts.
func NewBoard(queues []Queue, agents []Agent) *Board {
	b := &Board{
		seats:   map[string]*seat{},
		callers: map[string]*caller{},
		offers:  map[string]*booking{},
		doors:   map[string]Door{},
		loads:   map[string]*load{},
	}
	b.staff.cmp = func(a, b *seat) int { return cmp.Compare(a.ID, b.ID) }
	b.order.cmp = before
	b.setLines(queues)
	b.setSeats(agents)
	return b
}

// Tick does what is due: steps, patience, wrap-up, offers that ran out, telling places. Late or early is no error.
func (b *Board) Tick(now time.Time) []Effect {
	b.begin(now)
	for a := b.alarms.due(b.now); a != nil; a = b.alarms.due(b.now) {
		a.ring()
		b.wantOpened(nil)
	}
	return b.done()
}

// Next is when Tick has something to do; false: nothing is pending.
func (b *Board) Next() (time.Time, bool) { return b.alarms.next() }

// begin and done frame every verb. Effects of a verb that broke off are not lost: the next verb returns them.
func (b *Board) begin(now time.Time) {
	if now.After(b.now) {
		b.now = now
	}
}

func (b *Board) done(last ...Effect) []Effect {
	b.wantOpened(nil)
	b.giveUpUnstaffed()
	out := append(b.out, last...)
	b.out = nil
	return out
}

func (b *Board) emit(e Effect) { b.out = append(b.out, e) }

func (b *Board) reject(verb, id, why string) []Effect {
	return b.done(Rejected{verb, id, why})
}

// giveUpUnstaffed ends the wait of those who need somebody to be at work, or not on break, where the last one has gone.
func (b *Board) giveUpUnstaffed() {
	lines := b.thinned
	b.thinned = nil
	for _, l := range lines {
		for _, c := range slices.Clone(l.waiting.items) {
			if why := b.deserted(c); why != "" {
				b.giveUp(c, why)
			}
		}
	}
}

// deserted is why a caller who needs agents has none in any of the queues of the steps; "" when there is one, or no such need.
func (b *Board) deserted(c *caller) string {
	atWork, present := false, false
	for _, step := range c.Steps {
		if l := b.lines[step.Queue]; l != nil {
			atWork = atWork || l.atWork > 0
			present = present || l.present() > 0
		}
	}
	switch {
	case c.NeedAgents && !atWork:
		return NoAgents
	case c.NeedReady && atWork && !present:
		return OnBreak
	}
	return ""
}

// present counts the agents who are not on break.
func (l *line) present() int { return l.atWork - l.count[NotReady] - l.count[Missed] }

// moved starts the time to the next telling of places, unless it runs.
func (b *Board) moved(l *line) {
	if l.told.pos == 0 {
		b.alarms.set(&l.told, b.now.Add(tellEvery))
	}
}

func (b *Board) tell(c *caller) {
	i, _ := c.home.waiting.find(c)
	c.told = i + 1
	b.emit(Told{c.ID, c.told, len(c.home.waiting.items), b.estimate(c.home, c.told)})
}

func (b *Board) tellAll(l *line) {
	for i, c := range l.waiting.items {
		if c.home == l && c.told != i+1 {
			c.told = i + 1
			b.emit(Told{c.ID, c.told, len(l.waiting.items), b.estimate(l, c.told)})
		}
	}
}
