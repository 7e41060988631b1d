// Package dispatch runs a queue.Board with a real clock: one goroutine that reads letters and one timer. It decides nothing; what the rules
// want done or known goes to one function, and what screens see is a snapshot.
package dispatch

import (
	"context"
	"log/slog"
	"runtime/debug"
	"sync/atomic"
	"time"

	"hotline/internal/mailbox"
	"hotline/queue"
)

const (
	publishEvery = 100 * time.Millisecond // a snapshot is at most so old
	publishShare = 20                     // and making it takes at most 1/20 of the time
)

// Dispatcher owns a board. Its verbs never wait and come from any goroutine; they are the board's, and false means that the dispatcher has
// stopped and nothing will happen.
type Dispatcher struct {
	// Logger may be set before Run; nil is the default one.
	Logger *slog.Logger

	board   *queue.Board
	deliver func(queue.Effect) bool
	box     *mailbox.Mailbox[letter]
	seen    atomic.Pointer[queue.Snapshot]

	stale     bool      // the snapshot is older than the board
	publishAt time.Time // the earliest time for the next
}

// letter is one verb on its way to the board. request is set for Join only, to be answered when it cannot be done.
type letter struct {
	verb    string
	request string
	do      func(now time.Time) []queue.Effect
}

// New takes the board over. deliver is called on the dispatcher's goroutine and must not wait; what it answers
// matters for OfferMade only: false means that the call is gone, and its request is removed.
func New(board *queue.Board, deliver func(queue.Effect) bool) *Dispatcher {
	d := &Dispatcher{board: board, deliver: deliver, box: mailbox.New[letter]()}
	d.seen.Store(board.Snapshot())
	return d
}

// Run works until ctx is done and returns its error. Requests that had not reached the board then give up with Closed.
func (d *Dispatcher) Run(ctx context.Context) error {
	if d.Logger == nil {
		d.Logger = slog.Default()
	}
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			d.stop()
			return ctx.Err()
		case <-d.box.Bell():
		case <-timer.C:
		}
		for _, l := range d.box.Take() {
			d.read(l)
		}
		d.round()
		if at, ok := d.wake(); ok {
			timer.Reset(time.Until(at))
		} else {
			timer.Stop()
		}
	}
}

// round does what is due by the clock.
func (d *Dispatcher) round() {
	now := time.Now()
	if at, ok := d.board.Next(); ok && !at.After(now) {
		d.read(letter{verb: "tick", do: d.board.Tick})
	}
	if d.stale && !d.publishAt.After(now) {
		d.publish()
	}
}

func (d *Dispatcher) wake() (time.Time, bool) {
	at, ok := d.board.Next()
	if d.stale && (!ok || d.publishAt.Before(at)) {
		return d.publishAt, true
	}
	return at, ok
}

func (d *Dispatcher) publish() {
	defer d.guard("snapshot")
	begun := time.Now()
	d.stale = false
	d.publishAt = begun.Add(publishEvery)
	d.seen.Store(d.board.Snapshot())
	if pause := publishShare * time.Since(begun); pause > publishEvery {
		d.publishAt = begun.Add(pause)
	}
}

// read does one letter. A letter that panics is logged and ends there; the others are read as ever.
func (d *Dispatcher) read(l letter) {
	defer d.guard(l.verb)
	d.stale = true
	effects := l.do(time.Now())
	for len(effects) > 0 {
		e := effects[0]
		effects = effects[1:]
		if !d.send(e) {
			effects = append(effects, d.undelivered(e)...)
		}
	}
}

// send delivers one effect; one that panics is not delivered, and the effects after it still are.
func (d *Dispatcher) send(e queue.Effect) (ok bool) {
	defer d.guard("deliver")
	if r, bad := e.(queue.Rejected); bad {
		d.Logger.Debug("queue verb rejected", "verb", r.Verb, "id", r.ID, "why", r.Why)
	}
	return d.deliver(e)
}

// undelivered takes an offer back that no call received.
func (d *Dispatcher) undelivered(e queue.Effect) []queue.Effect {
	made, ok := e.(queue.OfferMade)
	if !ok {
		return nil
	}
	d.Logger.Warn("offer not delivered, its call is gone", "call", made.Offer.Request, "agent", made.Offer.Agent)
	return d.board.Refuse(time.Now(), made.Offer.ID, queue.Undelivered)
}

func (d *Dispatcher) guard(what string) {
	if r := recover(); r != nil {
		d.Logger.Error("queue dispatcher recovered", "verb", what, "panic", r, "stack", string(debug.Stack()))
	}
}

func (d *Dispatcher) stop() {
	for _, l := range d.box.Close() {
		if l.request != "" {
			d.send(queue.GaveUp{Request: l.request, Why: queue.Closed})
		}
	}
	d.publish()
}

// Snapshot is the board as it was at most a few hundred milliseconds ago; never nil.
func (d *Dispatcher) Snapshot() *queue.Snapshot { return d.seen.Load() }

func (d *Dispatcher) post(verb string, do func(now time.Time) []queue.Effect) bool {
	return d.box.Put(letter{verb: verb, do: do})
}

// Join is queue.Board.Join. On false the caller still owns the request.
func (d *Dispatcher) Join(r queue.Request) bool {
	return d.box.Put(letter{"join", r.ID, func(now time.Time) []queue.Effect { return d.board.Join(now, r) }})
}

// Leave is queue.Board.Leave.
func (d *Dispatcher) Leave(request, why string) bool {
	return d.post("leave", func(now time.Time) []queue.Effect { return d.board.Leave(now, request, why) })
}

// Accept is queue.Board.Accept.
func (d *Dispatcher) Accept(offer string) bool {
	return d.post("accept", func(now time.Time) []queue.Effect { return d.board.Accept(now, offer) })
}

// Refuse is queue.Board.Refuse.
func (d *Dispatcher) Refuse(offer, why string) bool {
	return d.post("refuse", func(now time.Time) []queue.Effect { return d.board.Refuse(now, offer, why) })
}

// Free is queue.Board.Free.
func (d *Dispatcher) Free(agent string) bool {
	return d.post("free", func(now time.Time) []queue.Effect { return d.board.Free(now, agent) })
}

// FreeOffer is queue.Board.FreeOffer.
func (d *Dispatcher) FreeOffer(offer string) bool {
	return d.post("free", func(now time.Time) []queue.Effect { return d.board.FreeOffer(now, offer) })
}

// Set is queue.Board.Set.
func (d *Dispatcher) Set(agent string, state queue.State, reason, source string) bool {
	return d.post("set", func(now time.Time) []queue.Effect { return d.board.Set(now, agent, state, reason, source) })
}

// Reach is queue.Board.Reach.
func (d *Dispatcher) Reach(agent string, reachable bool) bool {
	return d.post("reach", func(now time.Time) []queue.Effect { return d.board.Reach(now, agent, reachable) })
}

// Busy is queue.Board.Busy.
func (d *Dispatcher) Busy(agent string, busy, listens bool) bool {
	return d.post("busy", func(now time.Time) []queue.Effect { return d.board.Busy(now, agent, busy, listens) })
}

// Restore is queue.Board.Restore.
func (d *Dispatcher) Restore(last []queue.AgentChanged) bool {
	return d.post("restore", func(now time.Time) []queue.Effect { return d.board.Restore(now, last) })
}

// Replace is queue.Board.Replace.
func (d *Dispatcher) Replace(queues []queue.Queue, agents []queue.Agent) bool {
	return d.post("replace", func(now time.Time) []queue.Effect { return d.board.Replace(now, queues, agents) })
}

// EndWrap is queue.Board.EndWrap.
func (d *Dispatcher) EndWrap(agent, source string) bool {
	return d.post("end-wrap", func(now time.Time) []queue.Effect { return d.board.EndWrap(now, agent, source) })
}

// Lengthen is queue.Board.Lengthen.
func (d *Dispatcher) Lengthen(agent string) bool {
	return d.post("lengthen", func(now time.Time) []queue.Effect { return d.board.Lengthen(now, agent) })
}

// Dispose is queue.Board.Dispose.
func (d *Dispatcher) Dispose(agent, request string) bool {
	return d.post("dispose", func(now time.Time) []queue.Effect { return d.board.Dispose(now, agent, request) })
}

// Hours is queue.Board.Hours.
func (d *Dispatcher) Hours(id string, door queue.Door) bool {
	return d.post("hours", func(now time.Time) []queue.Effect { return d.board.Hours(now, id, door) })
}
