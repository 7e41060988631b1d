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

// reckon holds the record of a call against its facts; "" when the seconds are right. apart: agents had the caller one after the other; shared:
// together, or with others.
func reckon(facts []call.Fact) (problem string, apart, shared bool) {
	r, l := cdr.Fold(facts), account(facts)
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
