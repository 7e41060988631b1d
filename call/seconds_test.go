package call_test

import (
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

// Through transfers, consultations and conferences the seconds of agents sum to the call's: each has those in which they were connected and no
// more, and where one followed the other they are all of the call's.
func TestSecondsOfAgentsSumToTheCalls(t *testing.T) {
	talked, shared := 0, 0
	for seed := range uint64(1200) {
		facts := call.RandomFacts(t, seed, 40)
		r, l := cdr.Fold(facts), account(facts)
		if !near(r.TalkMS+r.HoldMS, l.all) {
			t.Fatalf("seed %d: the call says %d ms, its facts %v: %s", seed, r.TalkMS+r.HoldMS, l.all, tell(facts))
		}
		var sum int64
		parts := 0
		for _, p := range r.Agents {
			if p.Connected.IsZero() {
				if p.TalkMS+p.HoldMS > 0 {
					t.Fatalf("seed %d: %s was never connected and has %d ms: %s", seed, p.Agent, p.TalkMS+p.HoldMS, tell(facts))
				}
				continue
			}
			parts++
			sum += p.TalkMS + p.HoldMS
			if !near(p.TalkMS+p.HoldMS, l.legs[p.Leg]) {
				t.Fatalf("seed %d: %s on %s is credited %d ms, the facts say %v: %s", seed, p.Agent, p.Leg, p.TalkMS+p.HoldMS, l.legs[p.Leg], tell(facts))
			}
		}
		if l.apart && parts > 0 {
			talked++
			if off := r.TalkMS + r.HoldMS - sum; off < 0 || off > 2*int64(parts) {
				t.Fatalf("seed %d: the agents have %d ms, the call %d: %s", seed, sum, r.TalkMS+r.HoldMS, tell(facts))
			}
		} else if parts > 1 {
			shared++
		}
	}
	if talked < 50 || shared < 20 {
		t.Errorf("%d calls had agents one after the other, %d together or with others: too few to say anything", talked, shared)
	}
}

func tell(facts []call.Fact) (text string) {
	for _, f := range facts {
		text += "\n" + f.At.Format("15:04:05.000") + " " + call.Describe(call.Note{Fact: f})
	}
	return text
}
