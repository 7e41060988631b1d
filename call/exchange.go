package call

import (
	"context"
	"fmt"
	"log/slog"
	"runtime/debug"
	"sync"
	"time"

	"hotline/internal/mailbox"
)

// Doer carries out actions. Do never waits, and sends what comes of an action back as events. SetTimer, Note and Done
// never reach it: the exchange sees to them.
type Doer interface {
	Do(id ID, a Action)
	Gone(id ID) // the call is over: forget its legs
}

// Exchange runs one goroutine for each live call. Make it with NewExchange.
type Exchange struct {
	doer   Doer
	note   func(Fact)
	log    *slog.Logger
	traces *traces

	mu      sync.Mutex
	calls   map[ID]*live
	running sync.WaitGroup
}

type live struct {
	call   *Call
	mail   *mailbox.Mailbox[Event]
	timers []*time.Timer // set and perhaps not fired yet, the latest heldTimers of them
}

// heldTimers is how many timers of a call are stopped when it is over; earlier ones fire and find nobody. A minute of short calls
// would leave thousands to fire.
const heldTimers = 16

// NewExchange is an exchange without calls. note takes each fact in order and must not wait.
func NewExchange(doer Doer, note func(Fact), log *slog.Logger) *Exchange {
	return &Exchange{doer: doer, note: note, log: log, traces: newTraces(), calls: map[ID]*live{}}
}

// Start begins a call: its goroutine runs until the call is over, or until ctx ends and Shutdown has been carried out.
func (x *Exchange) Start(ctx context.Context, c *Call) {
	l := &live{call: c, mail: mailbox.New[Event]()}
	l.mail.Put(Arrived{})
	x.mu.Lock()
	x.calls[c.ID()] = l
	x.mu.Unlock()
	x.running.Go(func() {
		deepen()
		x.run(ctx, l)
	})
}

// Send delivers an event. False means the call is over: the sender takes back what the event carries.
func (x *Exchange) Send(id ID, ev Event) bool {
	x.mu.Lock()
	l := x.calls[id]
	x.mu.Unlock()
	return l != nil && l.mail.Put(ev)
}

// asked is a command whose sender waits to hear whether it was done.
type asked struct {
	Event
	reply chan Nay // of one
}

// Ask delivers a Commanded or a SuperviseAsked and waits until the call has done it, or says why not. False: the call is over, or ctx ended.
func (x *Exchange) Ask(ctx context.Context, id ID, ev Event) (Nay, bool) {
	a := asked{ev, make(chan Nay, 1)}
	if !x.Send(id, a) {
		return "", false
	}
	select {
	case why := <-a.reply:
		return why, true
	case <-ctx.Done():
		return "", false
	}
}

// Live is the number of calls that are not over.
func (x *Exchange) Live() int {
	x.mu.Lock()
	defer x.mu.Unlock()
	return len(x.calls)
}

// IDs names the calls that are not over, in no order.
func (x *Exchange) IDs() []ID {
	x.mu.Lock()
	defer x.mu.Unlock()
	ids := make([]ID, 0, len(x.calls))
	for id := range x.calls {
		ids = append(ids, id)
	}
	return ids
}

// Wait returns when every call's goroutine has ended.
func (x *Exchange) Wait() { x.running.Wait() }

func (x *Exchange) run(ctx context.Context, l *live) {
	id := l.call.ID()
	stop := ctx.Done()
	for !l.call.Over() {
		select {
		case <-stop:
			stop = nil
			x.step(l, Shutdown{})
		case <-l.mail.Bell():
			for _, ev := range l.mail.Take() {
				x.step(l, ev)
			}
		}
	}
	x.mu.Lock()
	delete(x.calls, id)
	x.mu.Unlock()
	for _, ev := range l.mail.Close() {
		x.step(l, ev) // an offer that came too late is refused by the rules
	}
	for _, t := range l.timers {
		t.Stop()
	}
	x.doer.Gone(id)
}

// step applies one event. A panic in the rules ends this call and no other.
func (x *Exchange) step(l *live, ev Event) {
	now := time.Now()
	if a, ok := ev.(asked); ok {
		ev = a.Event
		defer func() { a.reply <- l.call.Refused() }()
	}
	actions := x.decide(l, now, ev)
	x.traces.add(l.call.ID(), now, ev, actions)
	x.carryOut(l, actions)
}

// decide asks the rules; where they break, what they did so far and what ends the call.
func (x *Exchange) decide(l *live, now time.Time, ev Event) (actions []Action) {
	defer func() {
		if r := recover(); r != nil {
			x.log.Error("call rules panicked", "call", l.call.ID(), "event", fmt.Sprintf("%T", ev), "panic", r, "stack", string(debug.Stack()))
			actions = l.call.abandon(now)
		}
	}()
	return l.call.Step(now, ev)
}

func (x *Exchange) carryOut(l *live, actions []Action) {
	for _, a := range actions {
		x.carry(l, a)
	}
}

// carry does one action. One that panics must not take those behind it along, which may give an agent back; the call ends.
func (x *Exchange) carry(l *live, a Action) {
	id := l.call.ID()
	defer func() {
		if r := recover(); r != nil {
			x.log.Error("action panicked", "call", id, "action", fmt.Sprintf("%T", a), "panic", r, "stack", string(debug.Stack()))
			x.Send(id, HangupAsked{By: "fault"})
		}
	}()
	switch a := a.(type) {
	case Note:
		x.note(a.Fact)
	case SetTimer:
		l.timers = append(l.timers[max(0, len(l.timers)-heldTimers+1):], time.AfterFunc(a.After, func() { x.Send(id, TimerFired{Timer: a.Timer}) }))
	case Done:
	default:
		x.doer.Do(id, a)
	}
}

// abandon ends a call whose rules broke: what they did before that still counts, it tries to give back what the phase
// holds, and in any case hangs up and is over. Facts keep their order without gaps.
func (c *Call) abandon(now time.Time) (actions []Action) {
	if now.After(c.now) {
		c.now = now
	}
	defer func() {
		_ = recover() // the phase itself is what broke
		for _, id := range c.legsInOrder() {
			c.end(id, Internal, 0)
			l := c.legs[id]
			if l.busy {
				l.busy = false
				c.do(PhoneBusy{Phone: l.phone, Listens: l.listens})
			}
			if l.offer != nil {
				c.do(FreeAgent{Agent: l.offer.Agent, Offer: l.offer.Offer})
				l.offer = nil
			}
		}
		c.stopRecording()
		if !c.Over() {
			c.become(&over{how: end{cause: Internal, side: "system"}})
		}
		actions, c.out = c.out, nil
	}()
	c.phase.giveBack(c)
	return nil
}

// deepen makes a goroutine's stack 16 kB at once, which the rules and what they ask for take in any case. To copy it from 2 to 4, 8 and 16 with
// more on it each time was 2 of 100 of a call's cost, and is less than 1 so.
//
//go:noinline
func deepen() {
	var room [9 << 10]byte
	touch(&room)
}

//go:noinline
func touch(b *[9 << 10]byte) { b[0] = 1 }
