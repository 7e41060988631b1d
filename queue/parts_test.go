package queue

import (
	"cmp"
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

// The alarms against a list: they ring in the order of their times, equal ones in the order they were set, and never when cleared.
func TestAlarmsAgainstAList(t *testing.T) {
	type entry struct {
		a   *alarm
		at  time.Time
		seq int
	}
	random := rand.New(rand.NewPCG(3, 5))
	all := make([]alarm, 60)
	var s alarms
	var list []entry
	now, seq := start, 0
	drop := func(a *alarm) { list = slices.DeleteFunc(list, func(e entry) bool { return e.a == a }) }
	for range 20_000 {
		a := &all[random.IntN(len(all))]
		switch random.IntN(4) {
		case 0:
			s.clear(a)
			drop(a)
		case 1:
			now = now.Add(time.Duration(random.IntN(3)) * time.Second)
			slices.SortFunc(list, func(x, y entry) int { return cmp.Or(x.at.Compare(y.at), cmp.Compare(x.seq, y.seq)) })
			for rung := s.due(now); rung != nil; rung = s.due(now) {
				if len(list) == 0 || rung != list[0].a || rung.pos != 0 {
					t.Fatal("another alarm rang than the first of the list")
				}
				list = list[1:]
			}
			if len(list) > 0 && !list[0].at.After(now) {
				t.Fatal("an alarm that is due did not ring")
			}
		default:
			at := now.Add(time.Duration(random.IntN(20)) * time.Second)
			if a.pos > 0 && a.at.Equal(at) {
				continue // set to what it was: it keeps its turn
			}
			seq++
			s.set(a, at)
			drop(a)
			list = append(list, entry{a, at, seq})
		}
		next, any := s.next()
		if any != (len(list) > 0) {
			t.Fatalf("next: got %v with %d set", any, len(list))
		}
		for _, e := range list {
			if e.at.Before(next) {
				t.Fatalf("next is %v, one is set for %v", next, e.at)
			}
		}
	}
}

func TestOrderedAgainstASet(t *testing.T) {
	random := rand.New(rand.NewPCG(8, 1))
	o := ordered[int]{cmp: func(a, b int) int { return cmp.Compare(b, a) }} // downwards
	set := map[int]bool{}
	for range 5000 {
		x := random.IntN(100)
		if random.IntN(2) == 0 {
			if got := o.add(x); got == set[x] {
				t.Fatalf("add %d: got %v with it in: %v", x, got, set[x])
			}
			set[x] = true
		} else {
			if got := o.remove(x); got != set[x] {
				t.Fatalf("remove %d: got %v", x, got)
			}
			delete(set, x)
		}
		if len(o.items) != len(set) || !slices.IsSortedFunc(o.items, o.cmp) {
			t.Fatalf("got %v, want the %d of the set downwards", o.items, len(set))
		}
	}
}

// Level first, then the strategy, then the id: never chance.
func TestStrategies(t *testing.T) {
	seatOf := func(id string, idle time.Duration) *seat {
		return &seat{Agent: Agent{ID: id}, idleSince: start.Add(-idle)}
	}
	posts := []*post{
		{seat: seatOf("a", time.Minute), level: 1, tally: &tally{turn: 4, calls: 1, talked: time.Hour}},
		{seat: seatOf("b", time.Hour), level: 1, tally: &tally{turn: 9, calls: 7, talked: time.Minute}},
		{seat: seatOf("c", time.Second), level: 5, tally: &tally{turn: 11, calls: 90, talked: 9 * time.Hour}},
		{seat: seatOf("d", time.Hour), level: 1, tally: &tally{turn: 2, calls: 7, talked: 2 * time.Minute}},
	}
	for _, row := range []struct {
		strategy Strategy
		known    bool
		want     string
	}{
		{LongestIdle, true, "cbda"}, {TopDown, true, "cabd"}, {RingAll, true, "cbda"}, {RingProgressively, true, "cabd"}, {RoundRobin, true, "cdab"},
		{FewestCalls, true, "cabd"}, {LeastTalk, true, "cbda"}, {Random, true, "cabd"}, {Weighted, true, "cabd"},
		{"", true, "cbda"}, {"by-star-sign", false, "cbda"},
	} {
		for range 20 {
			rand.Shuffle(len(posts), func(i, j int) { posts[i], posts[j] = posts[j], posts[i] })
			slices.SortFunc(posts, row.strategy.order())
			got := ""
			for _, p := range posts {
				got += p.seat.ID
			}
			if got != row.want {
				t.Fatalf("%q: got %s, want %s", row.strategy, got, row.want)
			}
		}
		if got := row.strategy.Known(); got != row.known {
			t.Errorf("%q known: got %v, want %v", row.strategy, got, row.known)
		}
	}
}

// A snapshot agrees with itself whatever happened before: places in order, counts that add up, and both ends of each offer.
func TestSnapshotAddsUp(t *testing.T) {
	random := rand.New(rand.NewPCG(9, 9))
	k := newWorld(t)
	for range 5000 {
		n := random.Uint32()
		k.act(byte(n)%24, byte(n>>8), byte(n>>16))
		if random.IntN(20) == 0 {
			checkSnapshot(t, k.b.Snapshot())
		}
	}
}

func checkSnapshot(t *testing.T, s *Snapshot) {
	t.Helper()
	agents, ahead := map[string]AgentView{}, map[string]int{}
	for _, a := range s.Agents {
		agents[a.ID] = a
	}
	offered := 0
	for _, r := range s.Requests { // in the order of service
		if r.Offer != "" {
			offered++
			if a := agents[r.Agent]; a.Offer != r.Offer || a.Request != r.ID || r.Position != 0 {
				t.Errorf("request %+v is offered to %+v", r, a)
			}
			continue
		}
		for _, q := range r.Queues {
			ahead[q]++
		}
		if slices.Contains(r.Queues, r.Queue) && r.Position != ahead[r.Queue] {
			t.Errorf("request %s: got place %d in %s, want %d", r.ID, r.Position, r.Queue, ahead[r.Queue])
		}
	}
	for _, q := range s.Queues {
		if q.Waiting != ahead[q.ID] || (q.Waiting == 0) != q.LongestSince.IsZero() {
			t.Errorf("queue %s: %d waiting, the longest since %v, want %d", q.ID, q.Waiting, q.LongestSince, ahead[q.ID])
		}
	}
	for _, a := range s.Agents {
		if a.State == Offered {
			offered--
		}
	}
	if offered != 0 {
		t.Errorf("%d more callers are being offered than agents", offered)
	}
}

// What an agent will do next changes nothing about since when they do what they do.
func TestSinceOutlastsWhatIsNext(t *testing.T) {
	b := NewBoard([]Queue{{ID: "q", WrapUp: time.Minute}}, []Agent{{ID: "a", Queues: map[string]int{"q": 1}}})
	b.Reach(start, "a", true)
	b.Set(start, "a", Ready, "", "")
	offer := b.Join(start.Add(time.Second), Request{ID: "c", Steps: []Step{{Queue: "q"}}})[1].(OfferMade).Offer
	b.Accept(start.Add(2*time.Second), offer.ID)
	got := b.Set(start.Add(9*time.Second), "a", NotReady, "lunch", "agent a")[0].(AgentChanged)
	if got.To != Talking || got.Next != NotReady || !got.Since.Equal(start.Add(2*time.Second)) || !got.At.Equal(start.Add(9*time.Second)) {
		t.Errorf("got %+v, want talking since 2 s", got)
	}
}

// The dice choose in the shares of the levels, or alike within the highest level; who has the level 0 has the caller only where nobody else is free.
func TestDraws(t *testing.T) {
	for _, row := range []struct {
		strategy Strategy
		levels   map[string]int
		want     map[string]int // of 6000 callers
	}{
		{Weighted, map[string]int{"a": 4, "b": 2, "z": 0}, map[string]int{"a": 4000, "b": 2000}},
		{Weighted, map[string]int{"y": 0, "z": 0}, map[string]int{"y": 3000, "z": 3000}},
		{Random, map[string]int{"a": 1, "b": 1, "c": 1, "z": 0}, map[string]int{"a": 2000, "b": 2000, "c": 2000}},
	} {
		var agents []Agent
		for id, level := range row.levels {
			agents = append(agents, Agent{ID: id, Queues: map[string]int{"q": level}})
		}
		b := NewBoard([]Queue{{ID: "q", Strategy: row.strategy}}, agents)
		for _, a := range agents {
			b.Reach(start, a.ID, true)
			b.Set(start, a.ID, Ready, "", "")
		}
		got := map[string]int{}
		for range 6000 {
			for _, e := range b.Join(start, Request{ID: "c", Steps: []Step{{Queue: "q"}}}) {
				if made, ok := e.(OfferMade); ok {
					got[made.Offer.Agent]++
				}
			}
			b.Leave(start, "c", "")
		}
		for id := range row.levels {
			if off := got[id] - row.want[id]; max(off, -off) > 200 {
				t.Errorf("%s with levels %v: got %v, want about %v", row.strategy, row.levels, got, row.want)
				break
			}
		}
	}
}
