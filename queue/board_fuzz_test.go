package queue

import (
	"flag"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

var start = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)

// world is a small call centre in which random things happen: small, so that they meet.
func world(variant int) ([]Queue, []Agent) {
	queues := []Queue{
		{ID: "east", WrapUp: 7 * time.Second, RingFor: 10 * time.Second, MissesBeforeAway: 2},
		{ID: "north", MaxWait: 40 * time.Second, MaxWaiting: 3, RingFor: 12 * time.Second},
		{ID: "west", WrapUp: 3 * time.Second, Strategy: TopDown, MissesBeforeAway: 3},
	}
	agents := []Agent{
		{ID: "801", Queues: map[string]int{"east": 1}},
		{ID: "802", Queues: map[string]int{"east": 1, "north": 2}, Skills: map[string]int{"en": 1}},
		{ID: "803", Queues: map[string]int{"north": 1, "west": 1}, Skills: map[string]int{"en": 3, "bill": 1}},
		{ID: "804", Queues: map[string]int{"west": 2}, Skills: map[string]int{"bill": 2}},
		{ID: "805", Queues: map[string]int{"east": 2, "north": 1, "west": 1}, Skills: map[string]int{"en": 2, "bill": 3}},
	}
	switch variant {
	case 1:
		queues = queues[:2]
	case 2:
		agents = agents[1:4]
	case 3:
		queues, agents = queues[1:], agents[:4]
		queues[0].Strategy, queues[1].Strategy = TopDown, LongestIdle
		agents[0].Queues = map[string]int{"west": 5}
	case 5:
		queues[0].Strategy, queues[1].Strategy, queues[2].Strategy = RingAll, RingProgressively, RoundRobin
		queues[1].RingNext = 3 * time.Second
		queues[0].Disposition, queues[0].WrapMore, queues[0].ClosingLeaves = true, 4*time.Second, true
		queues[2].FamiliarFor, queues[2].FamiliarWithin = 5*time.Second, 3*time.Minute
	case 6:
		queues[0].Strategy, queues[1].Strategy, queues[2].Strategy = FewestCalls, Weighted, RingAll
		queues[0].FamiliarFor, queues[0].FamiliarWithin, queues[0].WrapMore = 8*time.Second, time.Minute, 4*time.Second
		queues[1].PriorityWorth, queues[1].Disposition = 4*time.Second, true
	case 4:
		queues[1].Strategy, queues[2].Strategy = LeastTalk, Random
		queues[0].Strategy, queues[0].WrapUp, queues[2].WrapUp = TopDown, 0, 9*time.Second
	}
	return queues, agents
}

var plans = [][]Step{
	{{Queue: "east"}},
	{{Queue: "north"}},
	{{Queue: "west"}, {After: 6 * time.Second, Queue: "east"}},
	{{Queue: "north", Needs: []Need{{"en", 3}}}, {After: 5 * time.Second, Queue: "north", Needs: []Need{{"en", 1}}}},
	{{Queue: "west", Needs: []Need{{"bill", 1}, {"en", 2}}}, {After: 9 * time.Second, Queue: "east"}, {After: 15 * time.Second, Queue: "north"}},
	{{Queue: "gone"}, {After: 4 * time.Second, Queue: "west", Needs: []Need{{"bill", 2}}}},
	{{Queue: "gone"}},
	{{Queue: "east", Any: [][]Need{{{"en", 2}, {"bill", 1}}}}, {After: 7 * time.Second, Queue: "east"}},
}

var reasons = []string{NoAnswer, Declined, Unreachable, Undelivered, CallerLeft, NoAnswer, NoAnswer, "486"}

// act does one thing chosen by three bytes.
func (k *checker) act(kind, x, y byte) {
	caller := fmt.Sprintf("c%d", x%14)
	agent := fmt.Sprintf("80%d", x%6+1) // 806 does not exist
	switch kind % 24 {
	case 0, 1, 2, 3:
		k.join(caller, y)
	case 4:
		k.leave(caller)
	case 5, 6, 7:
		if y%5 == 0 {
			k.acceptLate(x)
			break
		}
		k.accept(k.openOffer(x))
	case 8, 9:
		k.refuse(k.openOffer(x), reasons[int(y)%len(reasons)])
	case 10, 11, 12:
		k.hangUp(agent, y%2 == 0)
	case 13, 14, 15:
		k.set(agent, []State{Ready, Ready, Ready, Ready, Ready, Ready, NotReady, Offline, WrapUp, Missed}[y%10])
	case 16:
		k.verb = "reach"
		late := k.now.Add(-time.Duration(y%3) * time.Second) // a clock that goes back must not take the board along
		k.reaches(agent, y%6 != 0)
		k.effects(k.b.Reach(late, agent, y%6 != 0))
	case 17:
		k.verb = "busy"
		if m := k.staff[agent]; m != nil {
			m.busy = y%6 == 0
		}
		k.effects(k.b.Busy(k.now, agent, y%6 == 0, x%2 == 0))
	case 18:
		switch y % 8 {
		case 0, 4:
			k.replace(int(x % 7))
		case 1:
			k.dispose(agent)
		case 2:
			k.lengthen(agent)
		case 5:
			k.endWrap(agent)
		case 3:
			k.verb = "hours"
			k.effects(k.b.Hours(k.now, []string{"east", "north", "west"}[x%3], []Door{0, 0, 0, 0, 0, DoorClosed, DoorKept, DoorEmptied}[x%8]))
		default:
			k.dispose(agent)
		}
	default:
		k.now = k.now.Add(time.Duration(x%32) * 250 * time.Millisecond)
		k.tick()
	}
	k.settled()
}

func (k *checker) tick() {
	k.verb = "tick"
	k.effects(k.b.Tick(k.now))
}

// openOffer chooses among the offers known, answered ones too, and sometimes one that never was.
func (k *checker) openOffer(x byte) string {
	ids := []string{"offer-0"}
	for _, m := range k.staff {
		if m.offer != "" {
			ids = append(ids, m.offer)
		}
	}
	slices.Sort(ids)
	return ids[(len(ids)-1+int(x))%len(ids)]
}

func (k *checker) join(id string, y byte) {
	k.verb = "join " + id
	r := Request{ID: id, Steps: plans[int(y)%len(plans)], Priority: int(y) / 64, NeedAgents: y%5 == 0}
	if y%3 == 0 {
		r.Since = k.now.Add(-time.Duration(y) * time.Second)
	}
	if y%7 == 0 {
		r.MaxWait = 13 * time.Second
	}
	if r.NeedReady = y%6 == 1; y%4 == 1 {
		r.Familiar, r.FamiliarAt = fmt.Sprintf("80%d", y/4%6+1), k.now.Add(-time.Duration(y)*time.Second)
	}
	r.Absent = y%9 == 4
	r.Turns = r.Absent && y%2 == 0
	fresh := k.callers[id] == nil
	if fresh {
		c := &known{Request: r, joined: k.now, refused: map[string]bool{}, offers: map[string]string{}}
		if c.Since.IsZero() {
			c.Since = k.now
		}
		k.seq++
		c.seq = k.seq
		k.activate(c)
		k.callers[id] = c
		k.joined[id]++
	}
	effects := k.b.Join(k.now, r)
	if fresh {
		k.bind(k.callers[id])
	}
	k.effects(effects)
}

func (k *checker) leave(id string) {
	k.verb = "leave " + id
	if c := k.callers[id]; c != nil {
		k.end(c)
	}
	k.effects(k.b.Leave(k.now, id, "hung up"))
}

func (k *checker) offerOf(offer string) (string, *member) {
	for id, m := range k.staff {
		if m.offer == offer && !m.talks {
			return id, m
		}
	}
	return "", nil
}

func (k *checker) accept(offer string) {
	k.verb = "accept " + offer
	if _, m := k.offerOf(offer); m != nil {
		c := k.callers[m.asked]
		delete(c.offers, offer)
		k.end(c)
		m.talks = true
	}
	k.effects(k.b.Accept(k.now, offer))
}

// acceptLate answers an offer that was withdrawn lately: then the agent talks, and nobody else is rung for the caller.
func (k *checker) acceptLate(x byte) {
	ids := slices.Sorted(maps.Keys(k.b.late.byID))
	if len(ids) == 0 {
		return
	}
	offer := ids[int(x)%len(ids)]
	k.verb = "accept late " + offer
	h := k.b.late.byID[offer]
	agent, request := h.Agent, h.Request
	m := k.staff[agent]
	s := k.b.seats[agent]
	possible := m != nil && !m.talks && s == h.seat && !s.gone
	if c := k.callers[request]; possible && c != nil {
		k.end(c)
	}
	k.effects(k.b.Accept(k.now, offer))
	if possible {
		k.seen["late"]++
		m.offer, m.asked, m.talks = offer, request, true
	}
}

func (k *checker) refuse(offer, why string) {
	k.verb = "refuse " + offer + " " + why
	if agent, m := k.offerOf(offer); m != nil {
		c := k.callers[m.asked]
		delete(c.offers, offer)
		c.refuse(agent)
		k.release(agent)
		if why == Undelivered || why == CallerLeft {
			k.end(c)
		}
	}
	k.effects(k.b.Refuse(k.now, offer, why))
}

func (k *checker) hangUp(agent string, byOffer bool) {
	k.verb = "free " + agent
	m := k.staff[agent]
	if m == nil || !m.talks {
		k.effects(k.b.Free(k.now, agent))
		return
	}
	offer, request := m.offer, m.asked
	k.release(agent)
	s := k.b.seats[agent]
	if l := s.held.line; (l.WrapUp > 0 || l.Disposition) && !s.gone {
		m.wraps++
		if m.wrap = (time.Time{}); l.WrapUp > 0 {
			m.wrap = k.now.Add(l.WrapUp)
		}
		if m.missing = ""; l.Disposition && !m.given[request] {
			m.missing = request
		}
		clear(m.given)
	}
	if byOffer {
		k.effects(k.b.FreeOffer(k.now, offer))
		return
	}
	k.effects(k.b.Free(k.now, agent))
}

func (k *checker) set(agent string, state State) {
	k.verb = "set " + agent + " " + string(state)
	if m := k.staff[agent]; m != nil && state == Ready && !m.talks && m.offer == "" && k.agents[agent].ID != "" {
		if !m.wrap.IsZero() && m.missing == "" {
			m.closed++
		}
		m.wrap = time.Time{}
	}
	k.effects(k.b.Set(k.now, agent, state, "", ""))
}

func (k *checker) endWrap(agent string) {
	k.verb = "end-wrap " + agent
	if s, m := k.b.seats[agent], k.staff[agent]; s != nil && m != nil && s.shown.To == WrapUp && !s.wrap.until.IsZero() {
		if !m.wrap.IsZero() && m.missing == "" {
			m.closed++
		}
		m.wrap = time.Time{}
		k.seen["ended"]++
	}
	k.effects(k.b.EndWrap(k.now, agent, ""))
}

func (k *checker) dispose(agent string) {
	k.verb = "dispose " + agent
	m := k.staff[agent]
	if m == nil {
		k.effects(k.b.Dispose(k.now, agent, "c1"))
		return
	}
	request := m.missing
	switch {
	case m.talks:
		if request = m.asked; m.given == nil {
			m.given = map[string]bool{}
		}
		m.given[request] = true
	default:
		m.missing = ""
	}
	k.effects(k.b.Dispose(k.now, agent, request))
}

func (k *checker) lengthen(agent string) {
	k.verb = "lengthen " + agent
	if s := k.b.seats[agent]; s != nil && s.shown.To == WrapUp && s.wrap.more > 0 {
		m := k.staff[agent]
		if m.wrap.IsZero() || m.wrap.Before(k.now) { // the time was over, and only the disposition missing: it begins anew
			m.wrap = k.now
		}
		m.wrap = m.wrap.Add(4 * time.Second)
		k.seen["lengthened"]++
	}
	k.effects(k.b.Lengthen(k.now, agent))
}

func (k *checker) replace(variant int) {
	k.verb = fmt.Sprintf("replace %d", variant)
	queues, agents := world(variant)
	k.configure(queues, agents)
	effects := k.b.Replace(k.now, queues, agents)
	for _, c := range k.callers {
		k.bind(c)
	}
	k.effects(effects)
}

func newWorld(t testing.TB) *checker {
	queues, agents := world(0)
	k := newChecker(t, start, queues, agents)
	for _, a := range agents[:4] {
		k.verb = "start"
		k.reaches(a.ID, true)
		k.effects(k.b.Reach(k.now, a.ID, true))
		k.set(a.ID, Ready)
	}
	return k
}

// FuzzBoard does what the bytes say, three for each verb, and checks every promise after each.
func FuzzBoard(f *testing.F) {
	f.Add([]byte{0, 1, 2, 5, 0, 0, 20, 30, 0, 10, 0, 0})
	f.Add([]byte{0, 1, 0, 0, 2, 0, 0, 3, 0, 8, 1, 0, 8, 1, 1, 18, 1, 0, 20, 31, 0})
	f.Fuzz(func(t *testing.T, story []byte) {
		k := newWorld(t)
		for ; len(story) >= 3; story = story[3:] {
			k.act(story[0], story[1], story[2])
		}
	})
}

var (
	longRun  = flag.Int("events", 80_000, "how many random events TestLongRun tries")
	longSeed = flag.Uint64("seed", 1, "of TestLongRun")
)

// TestLongRun is the everyday share of FuzzBoard: always the same events, which must meet every kind of effect. A longer
// one is go test ./queue -run LongRun -events 10000000.
func TestLongRun(t *testing.T) {
	random := rand.New(rand.NewPCG(20260302, *longSeed))
	w := &witness{TB: t}
	k := newWorld(w)
	var done []move // the latest, to be shrunk where one of them breaks a promise
	for i := range *longRun {
		n := random.Uint32()
		m := move{byte(n) % 24, byte(n >> 8), byte(n >> 16)}
		if i/5000%2 == 1 && m.kind >= 1 && m.kind <= 3 { // every other stretch is quiet: more free agents than callers
			m.kind, m.y = 13, 0
		}
		if done = append(done, m); len(done) >= 128<<10 {
			done = append([]move(nil), done[len(done)/2:]...)
		}
		if said := w.hear(func() { k.act(m.kind, m.x, m.y) }); said != "" {
			t.Fatalf("after %d events: %s\nin short: %s", i+1, said, written(shrink(t, done)))
		}
	}
	for _, want := range []string{
		"offer", "widened", "state offline", "state ready", "state not-ready", "state offered", "state talking", "state wrap-up",
		"state missed", "gave up full", "gave up timeout", "gave up no-agents", "gave up no-queue", "gave up closed", "gave up silent", "gave up on-break", "gave up turn", "several", "lengthened", "ended", "late", "state wrap-up",
		"withdrawn unreachable", "withdrawn busy", "withdrawn signed-out", "withdrawn silent", "withdrawn hung up", "withdrawn agent-removed", "withdrawn answered-elsewhere",
		"rejected join", "rejected leave", "rejected accept", "rejected refuse", "rejected free", "rejected set", "rejected reach", "rejected busy", "rejected dispose", "rejected lengthen",
	} {
		if k.seen[want] == 0 {
			t.Errorf("the run never met %q", want)
		}
	}
	t.Log(k.seen)
}
