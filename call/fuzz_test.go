package call

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"
)

// auditor watches the actions of one call for what must hold whatever happens.
type auditor struct {
	seq      int
	facts    []Fact
	ended    int
	done     bool
	offers   map[string]string // offer -> "open", "accepted", "refused", "withdrawn", "freed"
	inQueue  bool
	queued   int             // Queued facts that have no LeftQueue yet
	legs     map[LegID]bool  // up as the world sees it
	told     map[LegID]bool  // told to end
	busy     map[string]bool // phones said to talk outside the queues
	answered int
	records  map[string]bool
	room     map[LegID]bool  // who sits there
	watching string          // the supervisor, by the facts
	wanted   []string        // slots that were asked for; "" is any
	slots    map[string]bool // held
	several  bool            // somebody was muted, or a conference was asked for
	timers   []TimerFired
	guests   map[string]bool  // lines on their way
	dialled  LegID            // the latest
	rung     map[string]LegID // by offer
	taped    Record           // the latest
	problems []string
}

func newAuditor() *auditor {
	return &auditor{
		offers: map[string]string{}, legs: map[LegID]bool{}, told: map[LegID]bool{}, busy: map[string]bool{}, records: map[string]bool{}, guests: map[string]bool{}, slots: map[string]bool{},
		rung: map[string]LegID{},
	}
}

func (a *auditor) say(format string, args ...any) {
	a.problems = append(a.problems, fmt.Sprintf(format, args...))
}

func (a *auditor) watch(actions []Action) {
	for _, act := range actions {
		if a.done && !late(act) {
			a.say("%s after the call was done", Describe(act))
		}
		switch act := act.(type) {
		case Note:
			a.fact(act.Fact)
		case Dial:
			a.legs[act.Leg], a.dialled = true, act.Leg
		case TakeLeg:
			a.legs[act.Leg] = true
			delete(a.guests, act.Line)
		case TurnAway:
			delete(a.guests, act.Line)
		case GiveLeg:
			if !a.legs[act.Leg] || a.told[act.Leg] {
				a.say("leg %s was given away and was not there", act.Leg)
			}
			if a.room[act.Leg] {
				a.say("leg %s was given away out of a room", act.Leg)
			}
			delete(a.legs, act.Leg)
			if act.Guest.Busy {
				a.busy[act.Guest.Phone] = false
			}
			if o := act.Guest.Offer.Offer; o != "" {
				a.offer(o, "freed", "accepted")
			}
		case EndLeg:
			if a.told[act.Leg] {
				a.say("leg %s was told to end twice", act.Leg)
			}
			a.told[act.Leg] = true
		case Bridge:
			if act.A == act.B || !a.legs[act.A] || !a.legs[act.B] || a.told[act.A] || a.told[act.B] {
				a.say("bridged %s and %s", act.A, act.B)
			}
			a.apart(act)
		case Unbridge:
			a.apart(act)
		case Meet:
			a.meet(act)
		case AnswerLeg:
			a.answered++
		case PhoneBusy:
			phone := act.Phone
			if act.Listens {
				phone += " of a supervisor"
			}
			if a.busy[phone] == act.On {
				a.say("phone %s busy=%v twice", phone, act.On)
			}
			a.busy[phone] = act.On
		case AcceptOffer:
			a.offer(act.Offer, "accepted", "open")
			for id, state := range a.offers {
				if state == "open" {
					a.offers[id] = "withdrawn" // the board does so by itself: one of several who rang has the caller
				}
			}
			a.inQueue = false
		case RefuseOffer:
			a.offer(act.Offer, "refused", "open")
		case FreeAgent:
			a.offer(act.Offer, "freed", "accepted")
			if leg, ok := a.rung[act.Offer]; ok && a.legs[leg] && !a.told[leg] {
				a.say("the agent of %s is free and talks on", act.Offer)
			}
		case JoinQueue:
			if a.inQueue {
				a.say("joined a queue twice")
			}
			a.inQueue = true
		case LeaveQueue:
			if !a.inQueue {
				a.say("left a queue and was in none")
			}
			a.inQueue = false
		case Record:
			a.records[act.Recording], a.taped = true, act
			for _, id := range act.With {
				if !a.room[id] || id == act.Left {
					a.say("%s is recorded in a room where they are not", id)
				}
			}
		case StopRecord:
			delete(a.records, act.Recording)
			a.taped = Record{}
		case TakeSlot:
			a.wanted = append(a.wanted, act.Slot)
		case FreeSlot:
			if !a.slots[act.Slot] {
				a.say("slot %s was given back and not held", act.Slot)
			}
			delete(a.slots, act.Slot)
		case SetTimer:
			a.timers = append(a.timers, TimerFired{Timer: act.Timer})
			if offer, ok := strings.CutPrefix(act.Timer.Name, "ring:"); ok && a.offers[offer] == "open" {
				a.rung[offer] = a.dialled
			}
		case Done:
			a.done = true
		}
	}
}

// look is what must hold between two events, by what the call itself believes.
func (a *auditor) look(c *Call) {
	switch p := c.phase.(type) {
	case *flowing:
		if c.run.Ended() {
			a.say("the flow has ended, and the caller hangs on")
		}
	case *consulting:
		if !p.back && a.hears(p.by) || p.aside != nil && a.hears(p.aside.leg) {
			a.say("what is said aside is recorded: %s", Describe(a.taped))
		}
	}
	for id, l := range c.legs {
		if l.muted && !l.ending && a.hears(id) {
			a.say("%s is muted and recorded: %s", id, Describe(a.taped))
		}
	}
}

// hears is true for who is recorded.
func (a *auditor) hears(id LegID) bool {
	return a.taped.Left == id || a.taped.Right == id || slices.Contains(a.taped.With, id)
}

// apart: who sits in a room is neither bridged nor parted, but leaves it first.
func (a *auditor) apart(act Action) {
	if len(a.room) > 0 {
		a.say("%s while there is a room", Describe(act))
	}
}

func (a *auditor) meet(act Meet) {
	a.room = map[LegID]bool{}
	for _, s := range act.Seats {
		if !a.legs[s.Leg] || a.told[s.Leg] || a.room[s.Leg] {
			a.say("a seat for %s", s.Leg)
		}
		a.room[s.Leg] = true
	}
	if len(act.Seats) > MostMembers+1 {
		a.say("%d seats", len(act.Seats))
	}
	if len(act.Seats) > 0 && a.watching == "" && !a.several {
		a.say("a room for nobody's sake")
	}
}

// late are the actions that a call that is over still answers with.
func late(act Action) bool {
	switch act.(type) {
	case RefuseOffer, TurnAway, PhoneBusy, FreeAgent, RefuseJoin, FreeSlot:
		return true
	}
	return false
}

func (a *auditor) offer(id, to, from string) {
	if a.offers[id] != from {
		a.say("offer %s became %s but was %q", id, to, a.offers[id])
	}
	a.offers[id] = to
}

func (a *auditor) fact(f Fact) {
	a.seq++
	a.facts = append(a.facts, f)
	if f.Seq != a.seq {
		a.say("fact %d after %d", f.Seq, a.seq-1)
	}
	if a.ended > 0 {
		a.say("fact %s after the end", f.Kind)
	}
	switch f.Kind {
	case Ended:
		a.ended++
	case Queued:
		a.queued++
	case Muted:
		a.several = true
	case Asked:
		a.several = a.several || f.Reason == string(Add) || f.Reason == string(Merge)
	case Supervised:
		if a.watching != "" && a.watching != f.Agent {
			a.say("%s supervises beside %s", f.Agent, a.watching)
		}
		if a.watching = f.Agent; f.Reason == "left" || f.Reason == string(TakeOver) {
			a.watching = ""
		}
	case LeftQueue:
		if f.Reason != "no-route" {
			a.queued--
		}
	}
}

// finish checks what must hold once the call is over.
func (a *auditor) finish() {
	if a.ended != 1 {
		a.say("%d ends", a.ended)
	}
	for id, state := range a.offers {
		if state == "open" || state == "accepted" {
			a.say("agent of offer %s was never given back (%s)", id, state)
		}
	}
	if a.inQueue {
		a.say("the caller is still in the queue")
	}
	if a.queued != 0 {
		a.say("%d facts say that the caller entered a queue and never left", a.queued)
	}
	if a.answered > 1 {
		a.say("answered %d times", a.answered)
	}
	for phone, on := range a.busy {
		if on {
			a.say("phone %s stays busy for ever", phone)
		}
	}
	if len(a.records) > 0 {
		a.say("recordings run on: %v", a.records)
	}
	if len(a.legs) > 0 {
		a.say("legs left up: %v", a.legs)
	}
	if a.watching != "" || len(a.room) > 0 {
		a.say("%q supervises for ever, room %v", a.watching, a.room)
	}
	if len(a.slots) > 0 {
		a.say("slots held for ever: %v", a.slots)
	}
	if len(a.guests) > 0 {
		a.say("neither taken nor turned away: %v", a.guests)
	}
}

// liveThrough runs one random call to its end and returns what was wrong.
func liveThrough(t *testing.T, seed uint64, steps int) []string {
	t.Helper()
	problems, _, _ := liveOn(t, seed, steps)
	return problems
}

// liveOn is liveThrough with the facts of the call and the number of its events.
func liveOn(t *testing.T, seed uint64, steps int) ([]string, []Fact, int) {
	t.Helper()
	known.Do(func() { known.routes, known.flows = rulebook(t) })
	routes, flows := known.routes, known.flows
	r := rand.New(rand.NewPCG(seed, 1))
	names := []string{"hotline", "extension", "both", "refuse", "front", "greeting", "round", "waiting"}
	words := []string{"from=13800138000", "flow=" + names[r.IntN(len(names))], "outside"}
	if seed%2 == 1 {
		words[1] = "flow=hotline"
	} else if r.IntN(3) == 0 {
		words = append(words, "phone=1001")
	}
	back := seed%2 == 0 && r.IntN(4) == 0
	if back {
		words = []string{"from=13800138000", "back=" + []string{"agent", "customer"}[r.IntN(2)], "record"}
	}
	s := setupOf(words, routes, flows)
	s.Agents["1007"] = "a" // whom a flow that finds nobody gives the caller back to
	c := New("c", s)
	a := newAuditor()
	if !back {
		a.legs[CallerLeg] = true
	}
	now := monday
	var story []string
	step := func(ev Event) {
		now = now.Add(time.Duration(r.IntN(3000)) * time.Millisecond)
		story = append(story, Describe(ev))
		actions := c.Step(now, ev)
		if _, command := ev.(Commanded); command && c.Refused() != "" && len(actions) > 0 {
			a.say("refused (%s), and yet: %s", c.Refused(), Describe(actions[0]))
		}
		a.watch(actions)
		a.look(c)
	}
	step(Arrived{})
	busy := seed%2 == 1
	if busy { // an agent has the caller already, and does a lot with them
		step(Digit{Leg: CallerLeg, Key: '1'})
		a.offers["first"] = "open"
		step(Offered{Offer: "first", Agent: "a", Queue: "q", Phone: "1007", RingFor: 20 * time.Second})
		step(LegAnswered{Leg: "leg2"})
	}
	if seed%16 == 1 { // who gave the caller to a queue that found nobody has them back
		step(Commanded{Agent: "a", What: Transfer, To: "queue:q"})
		step(a.end("leg2"))
		a.inQueue = false
		step(QueueLeft{Why: "timeout"})
		step(LegAnswered{Leg: "leg3"})
	}
	for n := range steps {
		switch {
		case len(a.wanted) > 0 && r.IntN(2) == 0:
			step(a.slot(r))
		case busy && r.IntN(3) == 0:
			step(a.randomCommand(r))
		case busy && r.IntN(3) == 0:
			step(LegAnswered{Leg: legName(1 + r.IntN(8))})
		default:
			step(a.randomEvent(r, n))
		}
	}
	if !c.Over() {
		step(HangupAsked{By: "test"})
	}
	for len(a.wanted) > 0 {
		step(a.slot(r))
	}
	for leg := range a.legs {
		if !a.told[leg] {
			a.say("leg %s is up and was never told to end", leg)
		}
	}
	for leg := range a.legs {
		step(a.end(leg))
	}
	if !c.Over() {
		a.say("not over although every leg is gone")
	}
	a.finish()
	if len(a.problems) > 0 {
		a.problems = append(a.problems, "story: "+strings.Join(story, "; "))
	}
	return a.problems, a.facts, len(story)
}

func TestInvariantsHoldInRandomCalls(t *testing.T) {
	for seed := range uint64(3000) {
		if problems := liveThrough(t, seed, 25); len(problems) > 0 {
			t.Fatalf("seed %d:\n%s", seed, strings.Join(problems, "\n"))
		}
	}
}

func FuzzInvariants(f *testing.F) {
	f.Add(uint64(1), uint8(20))
	f.Fuzz(func(t *testing.T, seed uint64, steps uint8) {
		if problems := liveThrough(t, seed, int(steps)); len(problems) > 0 {
			t.Fatal(strings.Join(problems, "\n"))
		}
	})
}
