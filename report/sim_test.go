package report

import (
	"container/heap"
	"flag"
	"fmt"
	"math"
	"math/rand/v2"
	"strconv"
	"syscall"
	"testing"
	"time"

	"hotline/cdr"
	"hotline/queue"
)

var simulate = flag.Bool("sim", false, "run the long simulations (make sim)")

// moment is something that happens to one call of a simulation.
type moment struct {
	at   time.Time
	call int // a call's number; -1: the next caller of stream
	hung bool
	what int // stream for an arrival
}

type moments []moment

func (h moments) Len() int           { return len(h) }
func (h moments) Less(i, j int) bool { return h[i].at.Before(h[j].at) }
func (h moments) Swap(i, j int)      { h[i], h[j] = h[j], h[i] }
func (h *moments) Push(x any)        { *h = append(*h, x.(moment)) }
func (h *moments) Pop() any {
	old := *h
	last := old[len(old)-1]
	*h = old[:len(old)-1]
	return last
}

// stream is callers of one kind: their queue, and how many come in an hour at a time of day.
type stream struct {
	queue    string
	perHour  func(hour float64) float64
	most     float64 // the highest of perHour
	aht      time.Duration
	patience time.Duration // mean; 0: nobody gives up
}

// centre is a virtual centre: the real board and its rules, a virtual clock, agents who answer at once.
type centre struct {
	t       testing.TB
	board   *queue.Board
	random  *rand.Rand
	now     time.Time
	soon    moments
	streams []stream
	calls   map[int]*simulated
	next    int
	agents  map[string]bool // who talks
	took    func(stream int, c Case)
}

type simulated struct {
	stream int
	joined time.Time
	offer  string // "" while waiting
	agent  string
	wait   time.Duration
}

func newCentre(t testing.TB, seed uint64, queues []queue.Queue, agents []queue.Agent, streams []stream, took func(int, Case)) *centre {
	c := &centre{
		t: t, board: queue.NewBoard(queues, agents), random: rand.New(rand.NewPCG(seed, 11)), now: nine.Truncate(24 * time.Hour), streams: streams,
		calls: map[int]*simulated{}, agents: map[string]bool{}, took: took,
	}
	for _, a := range agents {
		c.board.Reach(c.now, a.ID, true)
		c.board.Set(c.now, a.ID, queue.Ready, "", "")
	}
	for i := range streams {
		c.arrive(i)
	}
	return c
}

func (c *centre) later(mean time.Duration) time.Time {
	return c.now.Add(time.Duration(c.random.ExpFloat64() * float64(mean)))
}

// arrive plans the next caller of a stream: a Poisson process thinned to the day's curve.
func (c *centre) arrive(i int) {
	s := c.streams[i]
	at := c.now
	for {
		at = at.Add(time.Duration(c.random.ExpFloat64() / s.most * float64(time.Hour)))
		hour := at.Sub(at.Truncate(24 * time.Hour)).Hours()
		if c.random.Float64()*s.most <= s.perHour(hour) {
			heap.Push(&c.soon, moment{at: at, call: -1, what: i})
			return
		}
	}
}

// run lets time pass.
func (c *centre) run(until time.Time) {
	for {
		at, due := c.board.Next()
		first := len(c.soon) > 0 && (!due || c.soon[0].at.Before(at))
		switch {
		case first && c.soon[0].at.Before(until):
			m := heap.Pop(&c.soon).(moment)
			c.now = m.at
			c.happen(m)
		case !first && due && at.Before(until):
			c.now = at
			c.effects(c.board.Tick(at))
		default:
			c.now = until
			return
		}
	}
}

func (c *centre) happen(m moment) {
	if m.call < 0 {
		c.join(m.what)
		c.arrive(m.what)
		return
	}
	call := c.calls[m.call]
	switch {
	case call == nil:
	case m.hung:
		delete(c.calls, m.call)
		c.agents[call.agent] = false
		c.effects(c.board.FreeOffer(c.now, call.offer))
	case call.offer == "": // patience is over
		delete(c.calls, m.call)
		c.took(call.stream, Case{Queue: c.streams[call.stream].queue, At: call.joined, Wait: c.now.Sub(call.joined), Abandoned: cdr.InQueue})
		c.effects(c.board.Leave(c.now, strconv.Itoa(m.call), "abandoned"))
	}
}

func (c *centre) join(i int) {
	s := c.streams[i]
	id := c.next
	c.next++
	c.calls[id] = &simulated{stream: i, joined: c.now}
	if s.patience > 0 {
		heap.Push(&c.soon, moment{at: c.later(s.patience), call: id})
	}
	c.effects(c.board.Join(c.now, queue.Request{ID: strconv.Itoa(id), Steps: []queue.Step{{Queue: s.queue}}}))
}

func (c *centre) effects(effects []queue.Effect) {
	for _, e := range effects {
		switch e := e.(type) {
		case queue.OfferMade:
			c.answer(e.Offer)
		case queue.GaveUp, queue.Rejected:
			c.t.Fatalf("%s: %+v", c.now, e)
		}
	}
}

func (c *centre) answer(o queue.Offer) {
	id, _ := strconv.Atoi(o.Request)
	call := c.calls[id]
	if call == nil || call.offer != "" || c.agents[o.Agent] {
		c.t.Fatalf("%s: offer %+v for %+v, whose agent talks: %v", c.now, o, call, c.agents[o.Agent])
	}
	call.offer, call.agent, call.wait = o.ID, o.Agent, c.now.Sub(call.joined)
	c.agents[o.Agent] = true
	ends := c.later(c.streams[call.stream].aht)
	c.took(call.stream, Case{Queue: o.Queue, At: call.joined, Agent: o.Agent, Wait: call.wait, Talk: ends.Sub(c.now)})
	heap.Push(&c.soon, moment{at: ends, call: id, hung: true})
	c.effects(c.board.Accept(c.now, o.ID))
}

func staff(n int, queues ...string) []queue.Agent {
	var all []queue.Agent
	for i := range n {
		a := queue.Agent{ID: fmt.Sprintf("%s-%03d", queues[0], i), Queues: map[string]int{}}
		for _, q := range queues {
			a.Queues[q] = 1
		}
		all = append(all, a)
	}
	return all
}

func steady(perHour float64) func(float64) float64 { return func(float64) float64 { return perHour } }

// within says how far a figure is from what theory says, of the larger of both.
func off(got, want float64) float64 { return math.Abs(got-want) / math.Max(math.Abs(want), 1e-9) }

// TestSimSteady compares a steady load with the formulas: queue C by Erlang C, queue A by Erlang A, within 3 %.
func TestSimSteady(t *testing.T) {
	hours, tolerance := 120, 0.15
	if *simulate {
		hours, tolerance = 8000, 0.03
	}
	const agents, T = 20, 20 * time.Second
	c := stream{queue: "c", perHour: steady(330), most: 330, aht: 3 * time.Minute} // 16.5 Erlang
	a := stream{queue: "a", perHour: steady(420), most: 420, aht: 3 * time.Minute, patience: 2 * time.Minute}
	sums := []Totals{Sum(nil, T), Sum(nil, T)}
	warm := nine.Truncate(24 * time.Hour).Add(10 * time.Hour)
	world := newCentre(t, 1, []queue.Queue{{ID: "c"}, {ID: "a"}}, append(staff(agents, "c"), staff(agents, "a")...), []stream{c, a}, func(i int, k Case) {
		if k.At.After(warm) {
			sums[i].add(k, T)
		}
	})
	world.run(warm.Add(time.Duration(hours) * time.Hour))
	exact := ErlangC(Load{330, time.Hour, c.aht}, agents, T)
	patient := ErlangA(Load{420, time.Hour, a.aht}, agents, a.patience, T)
	fc, fa := sums[0].Figures(), sums[1].Figures()
	waitAll := (sums[1].WaitAnswered + sums[1].WaitAbandoned).Seconds() / float64(sums[1].N["offered"])
	for _, row := range []struct {
		what      string
		got, want float64
	}{
		{"Erlang C service level", fc["service_level"], exact.ServiceLevel},
		{"Erlang C ASA", fc["asa"], exact.ASA.Seconds()},
		{"Erlang A abandon rate", fa["abandon_rate"], patient.Abandon},
		{"Erlang A mean wait", waitAll, patient.ASA.Seconds()},
		{"Erlang A service level", fa["service_level_offered"], patient.ServiceLevel},
	} {
		t.Logf("%-24s simulated %.5f, formula %.5f, off by %.2f %% (%d and %d calls)", row.what, row.got, row.want, 100*off(row.got, row.want), sums[0].N["offered"], sums[1].N["offered"])
		if off(row.got, row.want) > tolerance {
			t.Errorf("%s: got %v, want %v", row.what, row.got, row.want)
		}
	}
}

// curve is a day: nearly nobody at night, a peak before noon and a lower one in the afternoon. Its highest value is 1.
func curve(hour float64) float64 {
	peak := func(at, width float64) float64 { return math.Exp(-(hour - at) * (hour - at) / (2 * width * width)) }
	return min(1, 0.03+0.97*peak(10.5, 2)+0.7*peak(15.5, 2.5))
}

// TestSimDay is 200 agents and five skills over days of 24 hours with the day's curve. Half hours in which the load is steady
// enough are what Erlang A is about: over all of them the share that gives up and the service level are within 3 % of the calls.
func TestSimDay(t *testing.T) {
	days := 1
	if *simulate {
		days = 10
	}
	const T = 20 * time.Second
	skills := []string{"mandarin", "cantonese", "english", "billing", "technical"}
	group := []int{80, 30, 20, 40, 30} // 200
	var queues []queue.Queue
	var agents []queue.Agent
	var streams []stream
	for i, q := range skills {
		queues = append(queues, queue.Queue{ID: q})
		agents = append(agents, staff(group[i], q)...)
		most := float64(group[i]) * 0.97 * 15 // an hour of calls of 4 minutes at the peak
		streams = append(streams, stream{queue: q, perHour: func(h float64) float64 { return most * curve(h) }, most: most, aht: 4 * time.Minute, patience: 2 * time.Minute})
	}
	type cell struct{ stream, half int }
	table := map[cell]*Totals{}
	all := Sum(nil, T)
	world := newCentre(t, 2, queues, agents, streams, func(i int, k Case) {
		all.add(k, T)
		at := cell{i, int(k.At.Sub(k.At.Truncate(24*time.Hour)) / (30 * time.Minute))}
		if table[at] == nil {
			s := Sum(nil, T)
			table[at] = &s
		}
		table[at].add(k, T)
	})
	begun := time.Now()
	world.run(nine.Truncate(24 * time.Hour).Add(time.Duration(days) * 24 * time.Hour))
	var abandon, level, calls float64
	for at, s := range table {
		n := float64(s.N["offered"])
		per := streams[at.stream].perHour(float64(at.half)/2 + 0.25)
		want := ErlangA(Load{per, time.Hour, 4 * time.Minute}, group[at.stream], 2*time.Minute, T)
		abandon += n * want.Abandon
		level += n * want.ServiceLevel
		calls += n
	}
	got := all.Figures()
	t.Logf("%d calls in %d days, %s: given up %.4f (Erlang A %.4f), service level %.4f (Erlang A %.4f)",
		all.N["offered"], days, time.Since(begun).Round(time.Millisecond), got["abandon_rate"], abandon/calls, got["service_level_offered"], level/calls)
	if math.Abs(got["abandon_rate"]-abandon/calls) > 0.03 || off(got["service_level_offered"], level/calls) > 0.03 {
		t.Errorf("too far from Erlang A")
	}
	if waiting := len(world.board.Snapshot().Requests); all.N["answered"]+all.N["abandoned"]+waiting != world.next {
		t.Errorf("%d answered, %d given up, %d waiting of %d callers", all.N["answered"], all.N["abandoned"], waiting, world.next)
	}
}

// TestSimYear is a year of 50 agents who share three queues; it must take less than a minute.
func TestSimYear(t *testing.T) {
	days := 4
	if *simulate {
		days = 365
	}
	const T = 20 * time.Second
	queues := []queue.Queue{{ID: "sales"}, {ID: "care", Strategy: queue.RoundRobin}, {ID: "vip", Strategy: queue.FewestCalls}}
	agents := append(append(staff(20, "sales", "care"), staff(20, "care", "vip")...), staff(10, "vip", "sales")...)
	var streams []stream
	for _, q := range queues {
		streams = append(streams, stream{queue: q.ID, perHour: func(h float64) float64 { return 230 * curve(h) }, most: 230, aht: 4 * time.Minute, patience: 3 * time.Minute})
	}
	answered, abandoned, good := 0, 0, 0
	begun, cpu := time.Now(), used(t)
	world := newCentre(t, 3, queues, agents, streams, func(_ int, k Case) {
		switch {
		case !k.Answered():
			abandoned++
		case k.Wait <= T:
			good++
			answered++
		default:
			answered++
		}
	})
	world.run(nine.Truncate(24 * time.Hour).Add(time.Duration(days) * 24 * time.Hour))
	cpu = used(t) - cpu
	t.Logf("%d days, %d calls in %s, %s of CPU: %.4f of those who came were answered within %s",
		days, answered+abandoned, time.Since(begun).Round(time.Millisecond), cpu.Round(time.Millisecond), float64(good)/float64(answered+abandoned), T)
	if cpu > time.Minute {
		t.Errorf("took %s of CPU, want less than a minute", cpu)
	}
	if waiting := len(world.board.Snapshot().Requests); answered+abandoned+waiting != world.next {
		t.Errorf("%d answered, %d given up, %d waiting of %d callers", answered, abandoned, waiting, world.next)
	}
}

// used is the CPU time of this process so far: what others do on the machine does not count.
func used(t testing.TB) time.Duration {
	t.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		t.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
