package dispatch

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"hotline/queue"
)

// audience hears what a dispatcher delivers.
type audience struct {
	mu     sync.Mutex
	heard  []string
	refuse func(queue.Effect) bool
}

func (a *audience) deliver(e queue.Effect) bool {
	a.mu.Lock()
	a.heard = append(a.heard, sentence(e))
	a.mu.Unlock()
	return a.refuse == nil || !a.refuse(e)
}

// sentence says what an effect is; not those of which no test speaks.
func sentence(e queue.Effect) string {
	switch e := e.(type) {
	case queue.AgentChanged:
		return fmt.Sprintf("agent %s: %s -> %s (%s, by %s)", e.Agent, e.From, e.To, e.Reason, e.Source)
	case queue.OfferMade:
		return fmt.Sprintf("%s: ring agent %s for %s (queue %s, %s)", e.Offer.Request, e.Offer.Agent, e.Offer.RingFor, e.Offer.Queue, e.Offer.ID)
	case queue.OfferWithdrawn:
		return fmt.Sprintf("%s: stop ringing agent %s: %s", e.Offer.Request, e.Offer.Agent, e.Why)
	case queue.GaveUp:
		return fmt.Sprintf("%s: leaves the queue: %s", e.Request, e.Why)
	case queue.Rejected:
		return fmt.Sprintf("%s %s: rejected: %s", e.Verb, e.ID, e.Why)
	}
	return fmt.Sprintf("%T", e)
}

func (a *audience) has(t *testing.T, want string) {
	t.Helper()
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, h := range a.heard {
		if strings.Contains(h, want) {
			return
		}
	}
	t.Errorf("never heard %q; got\n%s", want, strings.Join(a.heard, "\n"))
}

// run runs a dispatcher with one queue and one agent in a bubble of synctest.
func run(t *testing.T, a *audience, play func(d *Dispatcher, log *bytes.Buffer)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		queues := []queue.Queue{{ID: "support", RingFor: 20 * time.Second, WrapUp: 10 * time.Second}}
		agents := []queue.Agent{{ID: "801", Phone: "801", Queues: map[string]int{"support": 1}}}
		d := New(queue.NewBoard(queues, agents), a.deliver)
		log := &bytes.Buffer{}
		d.Logger = slog.New(slog.NewTextHandler(log, nil))
		done := make(chan error, 1)
		go func() { done <- d.Run(ctx) }()
		d.Reach("801", true)
		play(d, log)
		synctest.Wait()
		cancel()
		if err := <-done; !errors.Is(err, context.Canceled) {
			t.Errorf("Run ended with %v", err)
		}
		if d.Join(queue.Request{ID: "late", Steps: []queue.Step{{Queue: "support"}}}) {
			t.Error("a letter was taken after the end")
		}
	})
}

func support(id string) queue.Request {
	return queue.Request{ID: id, Steps: []queue.Step{{Queue: "support"}}}
}

func TestDispatcherRunsACall(t *testing.T) {
	a := &audience{}
	run(t, a, func(d *Dispatcher, _ *bytes.Buffer) {
		d.Set("801", queue.Ready, "sign-in", "agent 801")
		d.Join(support("c1"))
		synctest.Wait()
		d.Accept("offer-1")
		time.Sleep(time.Minute)
		d.Join(support("c2"))
		d.Free("801")
		time.Sleep(publishEvery)
		if got := d.Snapshot().Agents[0].State; got != queue.WrapUp {
			t.Errorf("after the talk: got %s, want %s", got, queue.WrapUp)
		}
		time.Sleep(10 * time.Second) // the timer ends wrap-up, nobody has to ask
		got := d.Snapshot()
		if got.Agents[0].State != queue.Offered || got.Requests[0].Offer != "offer-2" {
			t.Errorf("after wrap-up: got %+v", got)
		}
		d.FreeOffer("offer-1")
		d.Busy("899", true, false)
		d.Leave("c2", "hung up")
		d.Refuse("offer-9", queue.Declined)
	})
	a.has(t, "c1: ring agent 801 for 20s (queue support, offer-1)")
	a.has(t, "agent 801: wrap-up -> ready (wrap-up over, by queue)")
	a.has(t, "c2: ring agent 801")
	a.has(t, "free offer-1: rejected")
	a.has(t, "busy 899: rejected")
	a.has(t, "c2: stop ringing agent 801: hung up")
	a.has(t, "refuse offer-9: rejected")
}

func TestDispatcherTakesBackWhatNobodyReceived(t *testing.T) {
	a := &audience{refuse: func(e queue.Effect) bool {
		made, ok := e.(queue.OfferMade)
		return ok && made.Offer.Request == "ghost"
	}}
	run(t, a, func(d *Dispatcher, _ *bytes.Buffer) {
		d.Join(support("ghost"))
		d.Join(support("c1"))
		d.Set("801", queue.Ready, "sign-in", "agent 801")
		time.Sleep(time.Second)
		got := d.Snapshot()
		if len(got.Requests) != 1 || got.Requests[0].ID != "c1" || got.Requests[0].Agent != "801" {
			t.Errorf("got %+v, want only c1, ringing 801", got.Requests)
		}
	})
	a.has(t, "agent 801: offered -> ready (undelivered, by caller)")
}

func TestDispatcherSurvivesAPanic(t *testing.T) {
	a := &audience{refuse: func(e queue.Effect) bool {
		if made, ok := e.(queue.OfferMade); ok && made.Offer.Request == "bad" {
			panic("a fault of the receiver")
		}
		return false
	}}
	run(t, a, func(d *Dispatcher, log *bytes.Buffer) {
		d.post("test", func(time.Time) []queue.Effect { panic("a fault of the board") })
		d.Set("801", queue.Ready, "sign-in", "agent 801")
		d.Join(support("bad"))
		d.Join(support("c1"))
		time.Sleep(time.Second)
		if got := d.Snapshot().Requests; len(got) != 1 || got[0].ID != "c1" || got[0].Agent != "801" {
			t.Errorf("after the panics: got %+v, want c1 ringing", got)
		}
		if n := strings.Count(log.String(), "queue dispatcher recovered"); n != 2 {
			t.Errorf("got %d panics logged, want 2:\n%s", n, log)
		}
	})
}

func TestDispatcherRestoresAndReplaces(t *testing.T) {
	a := &audience{}
	run(t, a, func(d *Dispatcher, _ *bytes.Buffer) {
		d.Restore([]queue.AgentChanged{{Agent: "801", To: queue.Talking, Reason: "call c0", Source: "queue", Next: queue.Ready}})
		d.Replace([]queue.Queue{{ID: "support", RingFor: 7 * time.Second}}, []queue.Agent{{ID: "801", Queues: map[string]int{"support": 1}}})
		d.Join(support("c1"))
	})
	a.has(t, "agent 801: offline -> ready (restart, by queue)")
	a.has(t, "c1: ring agent 801 for 7s")
}

// TestDispatcherAnswersLateJoins: requests that were still letters when the dispatcher stopped are not left in the air.
func TestDispatcherAnswersLateJoins(t *testing.T) {
	a := &audience{}
	d := New(queue.NewBoard(nil, nil), a.deliver)
	d.Join(support("c1"))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	d.Logger = slog.New(slog.DiscardHandler)
	d.stop()
	if err := d.Run(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("Run ended with %v", err)
	}
	a.has(t, "c1: leaves the queue: closed")
}
