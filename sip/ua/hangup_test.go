package ua

import (
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"hotline/call"
	"hotline/ivr"
	"hotline/sip/session"
)

// TestAnyHangUpGivesOneEnd hangs up legs of every kind at random moments, from either side or both: exactly one LegEnded
// comes, it is the last event, and ports and trunk places come back.
func TestAnyHangUpGivesOneEnd(t *testing.T) {
	rnd := rand.New(rand.NewPCG(7, 7))
	var peerEnds atomic.Int64
	r := newRig(t, 0)
	b := r.bare(carrierAddr, func(s *session.Session) {
		s.SetSink(func(session.Event) {})
		live := func(n uint32) {
			switch n % 6 {
			case 0:
				s.Reject(486, "")
				return
			case 1:
				return // rings for ever, silently
			case 2:
				s.Progress(183, offerOf("", "8"))
			case 3:
				s.Ring()
			}
			if n%2 == 0 {
				s.Answer(offerOf("", "0"))
			}
			if n%3 == 0 {
				peerEnds.Add(1)
				go s.Hangup(16, "")
			}
		}
		live(uint32(time.Now().UnixNano() >> 4))
	})
	in := carrier()
	in.ID, in.MaxCalls = "in", 0
	o := out(b)
	r.useTrunks(in, o)
	arrivals := byDialog(t, r.arrivals)
	var ways sync.WaitGroup
	var all []*witness
	for i := range 120 {
		w := newWitness()
		all = append(all, w)
		wait, twice := time.Duration(rnd.IntN(30))*time.Millisecond, rnd.IntN(2) == 0
		answer := rnd.IntN(2) == 0
		if i%2 == 0 {
			l := r.ua.Dial("leg2", Dialling{Target: ivr.Target{Kind: ivr.ToNumber, Value: "13800138000", Trunk: "out"}, From: "1"}, w.hear)
			ways.Go(func() { hangUpAfter(l, wait, twice) })
			continue
		}
		s, _ := b.dial("4001", "1", offerOf("", "8"))
		ways.Go(func() {
			a := <-arrivals(s.CallID) // its own: another's might end before anybody hears its leg
			a.Leg.Hear(call.CallerLeg, w.hear)
			a.Leg.Ring()
			if answer {
				a.Leg.Answer()
			}
			go func() {
				<-time.After(wait / 2)
				s.Hangup(16, "")
			}()
			hangUpAfter(a.Leg, wait, twice)
		})
	}
	ways.Wait()
	for _, w := range all {
		await[call.LegEnded](t, w, nil)
	}
	r.idle()
	for i, w := range all {
		events := w.all()
		if _, last := events[len(events)-1].(call.LegEnded); !last || has[call.LegEnded](w) != 1 {
			t.Errorf("leg %d: %v", i, names(events))
		}
	}
	if peerEnds.Load() == 0 {
		t.Error("the peer never hung up: the test tests nothing")
	}
}

func hangUpAfter(l *Leg, wait time.Duration, twice bool) {
	<-time.After(wait)
	l.Hangup(call.Normal, 0)
	if twice {
		l.Hangup(call.Busy, 0)
	}
}

// byDialog hands each arrival to whoever asks for its Call-ID.
func byDialog(t *testing.T, all <-chan Arrival) func(id string) <-chan Arrival {
	t.Helper()
	var mu sync.Mutex
	boxes := map[string]chan Arrival{}
	box := func(id string) chan Arrival {
		mu.Lock()
		defer mu.Unlock()
		if boxes[id] == nil {
			boxes[id] = make(chan Arrival, 1)
		}
		return boxes[id]
	}
	go func() {
		for {
			select {
			case a := <-all:
				box(a.Leg.Dialog()) <- a
			case <-t.Context().Done():
				return
			}
		}
	}()
	return func(id string) <-chan Arrival { return box(id) }
}
