package call_test

import (
	"flag"
	"fmt"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"hotline/call"
	"hotline/cdr"
)

// ledger adds up the seconds of a call from its facts, in the plainest way: who is connected at a moment gets that moment.
type ledger struct {
	in    map[call.LegID]bool // connected now
	legs  map[call.LegID]time.Duration
	agent map[call.LegID]bool
	all   time.Duration // somebody was connected
	apart bool          // never more than one, and each an agent
	over  bool
	moved bool // the caller handed over
	own   bool // the caller is an agent, who has every moment in which somebody is connected
}

func (l *ledger) pass(d time.Duration) {
	if len(l.in) > 0 {
		l.all += d
	}
	if own := l.own && !l.moved; own && len(l.in) > 0 {
		l.legs[call.CallerLeg] += d
		l.apart = false
	}
	for leg := range l.in {
		l.legs[leg] += d
		l.apart = l.apart && len(l.in) == 1 && l.agent[leg]
	}
}

func (l *ledger) take(f call.Fact) {
	switch f.Kind {
	case call.Started:
		l.own = f.Agent != ""
	case call.Connected:
		l.in[f.Leg] = true
		l.agent[f.Leg] = f.Agent != ""
	case call.Transferred, call.Parked:
		delete(l.in, f.Leg)
		l.moved = l.moved || f.Leg == call.CallerLeg
	case call.Joined:
		if f.Reason == "left" {
			delete(l.in, f.Leg)
			l.moved = l.moved || f.Leg == call.CallerLeg
		}
	case call.LegGone:
		delete(l.in, f.Leg)
		l.moved = l.moved || f.Leg == call.CallerLeg && f.Reason == "goes-on"
		l.over = l.over || f.Leg == call.CallerLeg && !l.moved
	case call.Ended:
		l.over = true
	}
	if l.over {
		clear(l.in)
	}
}

func account(facts []call.Fact) *ledger {
	l := &ledger{in: map[call.LegID]bool{}, legs: map[call.LegID]time.Duration{}, agent: map[call.LegID]bool{}, apart: true}
	for i, f := range facts {
		if i > 0 && !l.over {
			l.pass(f.At.Sub(facts[i-1].At))
		}
		l.take(f)
	}
	return l
}

// near allows for what is rounded down to milliseconds: talk and hold of each are.
func near(ms int64, d time.Duration) bool {
	off := d - time.Duration(ms)*time.Millisecond
	return off >= 0 && off <= 2*time.Millisecond
}

// reckon holds the record that is folded from a call's facts against them; see holds.
func reckon(facts []call.Fact) (problem string, apart, shared bool) {
	return holds(cdr.Fold(facts), facts)
}

// holds is "" when a record has the seconds of the facts. apart: agents had the caller one after the other; shared: together, or with others.
func holds(r cdr.Record, facts []call.Fact) (problem string, apart, shared bool) {
	l := account(facts)
	if !near(r.TalkMS+r.HoldMS, l.all) {
		return fmt.Sprintf("the call says %d ms, its facts %v", r.TalkMS+r.HoldMS, l.all), false, false
	}
	var sum int64
	parts := 0
	for _, p := range r.Agents {
		if p.Connected.IsZero() {
			if p.TalkMS+p.HoldMS > 0 {
				return fmt.Sprintf("%s was never connected and has %d ms", p.Agent, p.TalkMS+p.HoldMS), false, false
			}
			continue
		}
		parts++
		sum += p.TalkMS + p.HoldMS
		if !near(p.TalkMS+p.HoldMS, l.legs[p.Leg]) {
			return fmt.Sprintf("%s on %s is credited %d ms, the facts say %v", p.Agent, p.Leg, p.TalkMS+p.HoldMS, l.legs[p.Leg]), false, false
		}
	}
	if !l.apart || parts == 0 {
		return "", false, parts > 1
	}
	if off := r.TalkMS + r.HoldMS - sum; off < 0 || off > 2*int64(parts) {
		return fmt.Sprintf("the agents have %d ms, the call %d", sum, r.TalkMS+r.HoldMS), true, false
	}
	return "", true, false
}

// Through transfers, consultations and conferences the seconds of agents sum to the call's: each has those in which they were connected and no
// more, and where one followed the other they are all of the call's.
func TestSecondsOfAgentsSumToTheCalls(t *testing.T) {
	talked, together := 0, 0
	for seed := range uint64(1200) {
		_, facts, _ := call.Random(t, seed, 40)
		problem, apart, shared := reckon(facts)
		if problem != "" {
			t.Fatalf("seed %d: %s: %s", seed, problem, tell(facts))
		}
		if apart {
			talked++
		}
		if shared {
			together++
		}
	}
	if talked < 50 || together < 20 {
		t.Errorf("%d calls had agents one after the other, %d together or with others: too few to say anything", talked, together)
	}
}

// The seconds of a record are made wrong on purpose: whoever has too many, too few, or some without having been there, is found.
func TestWrongSecondsAreSeen(t *testing.T) {
	at := func(s int) time.Time { return time.Date(2026, 3, 2, 9, 0, s, 0, time.UTC) }
	facts := []call.Fact{
		{Kind: call.Started, Leg: call.CallerLeg, At: at(0)}, {Kind: call.Offer, Agent: "li", Queue: "q", At: at(1)},
		{Kind: call.Refused, Agent: "li", Queue: "q", Reason: "declined", At: at(2)},
		{Kind: call.Connected, Leg: "leg2", Agent: "anna", At: at(3)}, {Kind: call.Transferred, Leg: "leg2", Agent: "anna", At: at(10)},
		{Kind: call.LegGone, Leg: "leg2", Agent: "anna", At: at(10)}, {Kind: call.Connected, Leg: "leg3", Agent: "bo", At: at(10)}, {Kind: call.Ended, At: at(30)},
	}
	for i := range facts {
		facts[i].Call, facts[i].Seq = "c", i+1
	}
	if said, apart, _ := reckon(facts); said != "" || !apart {
		t.Fatalf("the right record: %q, one after the other %v", said, apart)
	}
	part := func(r *cdr.Record, agent string) *cdr.Part {
		for i := range r.Agents {
			if r.Agents[i].Agent == agent {
				return &r.Agents[i]
			}
		}
		t.Fatalf("no part of %s in %+v", agent, r.Agents)
		return nil
	}
	for says, how := range map[string]func(*cdr.Record){
		"the call says 37000 ms, its facts 27s":               func(r *cdr.Record) { r.TalkMS += 10_000 },
		"anna on leg2 is credited 27000 ms, the facts say 7s": func(r *cdr.Record) { part(r, "anna").TalkMS += 20_000 },
		"bo on leg3 is credited 10000 ms, the facts say 20s":  func(r *cdr.Record) { part(r, "bo").TalkMS -= 10_000 },
		"li was never connected and has 1000 ms":              func(r *cdr.Record) { part(r, "li").TalkMS = 1000 },
		"the agents have 34000 ms, the call 27000":            func(r *cdr.Record) { r.Agents = append(r.Agents, *part(r, "anna")) },
	} {
		r := cdr.Fold(facts)
		how(&r)
		if said, _, _ := holds(r, facts); said != says {
			t.Errorf("of a wrong record it is said %q, want %q", said, says)
		}
	}
}

var events = flag.Int("events", 0, "how many random events TestManyEvents gives to calls; 0: it is skipped")

// No caller is lost, every call has one end, every agent is free once, and seconds add up, through as many random events as are asked for
// (make fuzz-calls).
func TestManyEvents(t *testing.T) {
	if *events == 0 {
		t.Skip("with -events alone")
	}
	var given, seed, calls atomic.Int64
	seed.Store(1 << 20)
	var workers sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		workers.Go(func() {
			for given.Load() < int64(*events) && !t.Failed() {
				s := uint64(seed.Add(1))
				problems, facts, n := call.Random(t, s, 10+int(s%110))
				if problem, _, _ := reckon(facts); problem != "" {
					problems = append(problems, problem, tell(facts))
				}
				if len(problems) > 0 {
					t.Errorf("seed %d: %s", s, strings.Join(problems, "\n"))
				}
				given.Add(int64(n))
				calls.Add(1)
			}
		})
	}
	workers.Wait()
	t.Logf("%d events in %d calls", given.Load(), calls.Load())
}

func tell(facts []call.Fact) (text string) {
	for _, f := range facts {
		text += "\n" + f.At.Format("15:04:05.000") + " " + call.Describe(call.Note{Fact: f})
	}
	return text
}
