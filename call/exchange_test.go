package call

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// world stands in for the switchboard: it ends legs that are told to end, and lets a test do as it likes with the rest.
type world struct {
	mu      sync.Mutex
	x       *Exchange
	facts   []Fact
	actions []string
	gone    []ID
	on      func(ID, Action) // nil: nothing
}

func newWorld() *world {
	w := &world{}
	w.x = NewExchange(w, w.note, slog.New(slog.DiscardHandler))
	return w
}

func (w *world) Do(id ID, a Action) {
	w.mu.Lock()
	w.actions = append(w.actions, Describe(a))
	w.mu.Unlock()
	if end, ok := a.(EndLeg); ok {
		w.x.Send(id, LegEnded{Leg: end.Leg, Cause: end.Cause})
	}
	if w.on != nil {
		w.on(id, a)
	}
}

func (w *world) Gone(id ID) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.gone = append(w.gone, id)
}

func (w *world) note(f Fact) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.facts = append(w.facts, f)
}

// did says whether an action that begins so was carried out.
func (w *world) did(start string) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.ContainsFunc(w.actions, func(a string) bool { return strings.HasPrefix(a, start) })
}

// whole checks that a call's facts are numbered without gaps and end with exactly one end.
func (w *world) whole(t *testing.T, id ID) {
	t.Helper()
	w.mu.Lock()
	defer w.mu.Unlock()
	seq, ends := 0, 0
	for _, f := range w.facts {
		if f.Call != id {
			continue
		}
		if seq++; f.Seq != seq {
			t.Errorf("fact %d (%s) of call %s came in place %d", f.Seq, f.Kind, id, seq)
		}
		if f.Kind == Ended {
			ends++
		}
	}
	if ends != 1 {
		t.Errorf("call %s has %d ends", id, ends)
	}
}

func (w *world) start(t *testing.T, id ID, words ...string) *Call {
	t.Helper()
	routes, flows := rulebook(t)
	c := New(id, setupOf(words, routes, flows))
	w.x.Start(t.Context(), c)
	synctest.Wait()
	return c
}

func TestExchangeKeepsOrderAndForgetsTheCall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld()
		w.start(t, "c1", "from=13800138000", "flow=hotline")
		if n := w.x.Live(); n != 1 || !slices.Equal(w.x.IDs(), []ID{"c1"}) {
			t.Fatalf("got %d live, %v", n, w.x.IDs())
		}
		for _, ev := range []Event{
			Digit{Leg: CallerLeg, Key: '1'}, Offered{Offer: "o1", Agent: "anna", Phone: "p", RingFor: time.Minute},
			LegAnswered{Leg: "leg2"}, LegEnded{Leg: CallerLeg, ByPeer: true},
		} {
			if !w.x.Send("c1", ev) {
				t.Fatalf("%T not taken", ev)
			}
		}
		w.x.Wait()
		if !w.did("accept offer") || !w.did("free agent") || !w.did("end leg leg2") {
			t.Errorf("events came in another order: %v", w.actions)
		}
		w.whole(t, "c1")
		if w.x.Live() != 0 || !slices.Equal(w.gone, []ID{"c1"}) {
			t.Errorf("the call is still there: %d live, gone %v", w.x.Live(), w.gone)
		}
		if w.x.Send("c1", Offered{Offer: "o2"}) || w.x.Send("nobody", Arrived{}) {
			t.Error("an event for a call that is over was taken")
		}
	})
}

// TestOfferThatMeetsTheEndIsRefused: the offer is posted while the call's last event is being carried out.
func TestOfferThatMeetsTheEndIsRefused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld()
		posted := false
		w.on = func(id ID, a Action) {
			if _, last := a.(StopRecord); last {
				posted = w.x.Send(id, Offered{Offer: "o1", Agent: "anna"})
			}
		}
		w.start(t, "c1", "from=13800138000", "flow=hotline")
		w.x.Send("c1", Digit{Leg: CallerLeg, Key: '1'})
		w.x.Send("c1", LegEnded{Leg: CallerLeg, ByPeer: true})
		w.x.Wait()
		if !posted || !w.did("refuse offer offer=o1") {
			t.Errorf("posted %v, but the agent was not given back: %v", posted, w.actions)
		}
		w.whole(t, "c1")
	})
}

func TestTimersReachTheCall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld()
		w.start(t, "c1", "from=1001", "dialled=1002", "phone=1001", "flow=extension")
		time.Sleep(13 * time.Second) // for: 12s
		synctest.Wait()
		w.x.Wait()
		if !w.did("end leg leg2 cause=no-answer") {
			t.Errorf("nobody stopped the ringing: %v", w.actions)
		}
		w.whole(t, "c1")
	})
}

func TestShutdownEndsEveryCall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld()
		routes, flows := rulebook(t)
		ctx, stop := context.WithCancel(t.Context())
		for i := range 5 {
			w.x.Start(ctx, New(ID(fmt.Sprintf("c%d", i)), setupOf([]string{"from=13800138000", "flow=hotline"}, routes, flows)))
		}
		synctest.Wait()
		stop()
		w.x.Wait()
		for i := range 5 {
			w.whole(t, ID(fmt.Sprintf("c%d", i)))
		}
	})
}

// broken is a phase whose rules are wrong: it holds an agent and breaks at a digit.
type broken struct {
	offering
	backToo bool // giving back breaks as well
}

func (p *broken) enter(*Call) {}

func (p *broken) giveBack(c *Call) {
	if p.backToo {
		panic("giving back breaks as well")
	}
	p.offering.giveBack(c)
}

func (p *broken) on(c *Call, ev Event) phase {
	if _, ok := ev.(Digit); ok {
		c.note(Fact{Kind: Chosen, Topic: "before the fault"})
		panic("a fault in the rules")
	}
	return p
}

func TestFaultInTheRulesEndsThatCallOnly(t *testing.T) {
	for _, backToo := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			w := newWorld()
			routes, flows := rulebook(t)
			c := New("bad", setupOf([]string{"from=1001", "phone=1001", "flow=hotline"}, routes, flows))
			w.start(t, "good", "from=13800138000", "flow=hotline")
			w.x.Start(t.Context(), c)
			w.x.Send("bad", Digit{Leg: CallerLeg, Key: '1'})
			w.x.Send("bad", Offered{Offer: "o1", Agent: "anna", Phone: "p", RingFor: time.Minute})
			synctest.Wait()
			p, ok := c.phase.(*offering)
			if !ok {
				t.Fatalf("phase is %T", c.phase)
			}
			c.phase = &broken{offering: *p, backToo: backToo}
			w.x.Send("bad", Digit{Leg: CallerLeg, Key: '5'})
			synctest.Wait()
			if w.x.Live() != 1 {
				t.Errorf("%d calls live, want the good one", w.x.Live())
			}
			for _, want := range []string{"end leg caller cause=internal", "phone busy phone=1001"} {
				if !w.did(want) {
					t.Errorf("not done: %s; done: %v", want, w.actions)
				}
			}
			for _, want := range []string{"refuse offer offer=o1", "leave queue", "end leg leg2"} {
				if !backToo && !w.did(want) {
					t.Errorf("not given back: %s; done: %v", want, w.actions)
				}
			}
			w.whole(t, "bad")
			w.x.Send("good", LegEnded{Leg: CallerLeg, ByPeer: true})
			w.x.Wait()
			w.whole(t, "good")
		})
	}
}

// TestFaultInAnActionLosesNoOther: the switchboard breaks at a Play; the actions behind it are carried out, and the call ends.
func TestFaultInAnActionLosesNoOther(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld()
		w.on = func(_ ID, a Action) {
			if _, ok := a.(Play); ok {
				panic("a fault in the switchboard")
			}
		}
		w.start(t, "c1", "from=13800138000", "flow=hotline")
		w.x.Wait()
		if !w.did("end leg caller") || !w.did("stop record") {
			t.Errorf("got %v", w.actions)
		}
		w.whole(t, "c1")
	})
}

func TestTracesAreBounded(t *testing.T) {
	tr := newTraces()
	for i := range 3 * tracedCalls {
		id := ID(fmt.Sprint(i))
		for range 3 {
			tr.add(id, monday, Arrived{}, nil)
		}
	}
	for range 2 * tracedMoments {
		tr.add("long", monday, Digit{Leg: CallerLeg, Key: '1'}, []Action{RingLeg{Leg: CallerLeg}})
	}
	if len(tr.byCall) != tracedCalls || len(tr.order) != tracedCalls || len(tr.byCall["long"]) != tracedMoments {
		t.Errorf("%d calls, %d in order, %d moments of one", len(tr.byCall), len(tr.order), len(tr.byCall["long"]))
	}
	if tr.byCall["0"] != nil {
		t.Error("the oldest call is kept")
	}
}

func TestTraceIsToldInWords(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld()
		w.start(t, "c1", "from=13800138000", "flow=hotline")
		w.x.Send("c1", LegEnded{Leg: CallerLeg, ByPeer: true})
		w.x.Wait()
		moments := w.x.Trace("c1")
		if len(moments) != 2 || moments[0].Event != "arrived" || !strings.HasPrefix(moments[0].Actions[0], "note started caller") {
			t.Errorf("got %+v", moments)
		}
		if w.x.Trace("nobody") != nil {
			t.Error("a trace of a call that never was")
		}
	})
}

// TestExchangeHoldsFewTimers: however many timers a call sets, the latest are held to be stopped at its end, and no more.
func TestExchangeHoldsFewTimers(t *testing.T) {
	x := NewExchange(nil, func(Fact) {}, slog.New(slog.DiscardHandler))
	l := &live{call: New("c", Setup{})}
	for range 3 * heldTimers {
		x.carry(l, SetTimer{After: time.Hour})
	}
	if got := len(l.timers); got != heldTimers {
		t.Errorf("got %d timers held, want %d", got, heldTimers)
	}
	for i, timer := range l.timers {
		if !timer.Stop() {
			t.Errorf("timer %d was stopped before the end", i)
		}
	}
}
