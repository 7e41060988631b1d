package callback

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"reflect"
	"slices"
	"sync"
	"time"

	"github.com/google/uuid"

	"hotline/call"
	"hotline/cdr"
	"hotline/number"
)

// Config is what a keeper asks. All fields are required unless they say otherwise.
type Config struct {
	Start  func(ctx context.Context, id call.ID, e Entry, r Rule) bool // begins a call that keeps the place; false: not now
	End    func(id call.ID)                                            // of a call that has begun
	Open   func(queue string) bool                                     // by its hours
	After  func(queue string, t time.Time, d time.Duration) time.Time  // when it will have been open for d since t
	Rule   func(queue string) (r Rule, ok bool)                        // false: there is no such queue
	Logger *slog.Logger
}

// Keeper has the callbacks that are open. It is a cdr listener whose place is kept.
type Keeper struct {
	Config
	store Store
	bell  chan struct{}

	mu       sync.Mutex
	open     map[call.ID]*Entry // guarded by mu
	attempts map[call.ID]*Entry // by the call under way; guarded by mu
	callers  map[call.ID]string // calls of customers who wait for a callback and call themselves; guarded by mu
}

// NewKeeper is a keeper without callbacks: Load it.
func NewKeeper(c Config, store Store) *Keeper {
	return &Keeper{Config: c, store: store, bell: make(chan struct{}, 1), open: map[call.ID]*Entry{}, attempts: map[call.ID]*Entry{}, callers: map[call.ID]string{}}
}

// openMost bounds how many open callbacks are kept.
const openMost = 10_000

// Load reads the open callbacks. One whose call left no trace, since the process ended within that moment, waits again; of the others the
// facts tell.
func (k *Keeper) Load(ctx context.Context) error {
	all, _, err := k.store.Callbacks(ctx, Query{Open: true, Sort: "askedAt", Limit: openMost})
	if err != nil {
		return fmt.Errorf("read the callbacks: %w", err)
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	for i := range all {
		e := &all[i]
		k.open[e.ID] = e
		if e.State != Calling {
			continue
		}
		facts, err := k.store.FactsOf(ctx, e.Attempt)
		if err != nil {
			return fmt.Errorf("read how a callback went: %w", err)
		}
		if len(facts) == 0 {
			e.State = Waiting
			continue
		}
		k.attempts[e.Attempt] = e
	}
	return nil
}

// tickEvery is how often callbacks are looked at: one begins at most so late.
const tickEvery = time.Second

// Run begins what is due until ctx ends.
func (k *Keeper) Run(ctx context.Context) error {
	tick := time.NewTicker(tickEvery)
	defer tick.Stop()
	for {
		k.round(ctx, time.Now())
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		case <-k.bell:
		}
	}
}

// round looks at every open callback, those first that have waited longest.
func (k *Keeper) round(ctx context.Context, now time.Time) {
	k.mu.Lock()
	defer k.mu.Unlock()
	all := make([]*Entry, 0, len(k.open))
	for _, e := range k.open {
		all = append(all, e)
	}
	slices.SortFunc(all, func(a, b *Entry) int { return cmp.Or(a.Since.Compare(b.Since), cmp.Compare(a.ID, b.ID)) })
	for _, e := range all {
		if ctx.Err() != nil {
			return
		}
		if err := k.look(ctx, e, now); err != nil {
			k.Logger.Error("callback was not kept", "callback", e.ID, "err", err)
		}
	}
}

// look begins a callback that is due, or ends one whose time is over.
func (k *Keeper) look(ctx context.Context, e *Entry, now time.Time) error {
	if e.State != Waiting {
		return nil
	}
	rule, ok := k.Rule(e.Queue)
	rule = rule.whole()
	switch {
	case !now.Before(e.Expires):
		return k.close(ctx, e, Expired, now)
	case !ok:
		e.Last = "no-queue"
		return k.close(ctx, e, Failed, now)
	case now.Before(e.NotBefore) || !k.Open(e.Queue), !rule.AgentFirst && k.calling(e):
		return nil
	}
	id, err := uuid.NewV7()
	if err != nil {
		return fmt.Errorf("make a call's id: %w", err)
	}
	next := *e
	next.State, next.Attempt, next.Dialled, next.Changed = Calling, call.ID(id.String()), false, now
	if err := k.store.SaveCallback(ctx, next); err != nil {
		return err
	}
	*e = next
	k.attempts[e.Attempt] = e
	if !k.Start(ctx, e.Attempt, next, rule) {
		delete(k.attempts, e.Attempt)
		e.State, e.NotBefore = Waiting, now.Add(againAfter)
	}
	return nil
}

// calling reports whether another callback that wants the same agents is under way. Where the customer is dialled first, no agent is
// reserved meanwhile: one free agent must not have many customers dialled.
func (k *Keeper) calling(e *Entry) bool {
	for _, other := range k.attempts {
		if other.Queue == e.Queue && reflect.DeepEqual(other.Steps, e.Steps) {
			return true
		}
	}
	return false
}

// close ends a callback, and keeps that.
func (k *Keeper) close(ctx context.Context, e *Entry, s State, now time.Time) error {
	next := *e
	next.State, next.Changed = s, now
	if err := k.store.SaveCallback(ctx, next); err != nil {
		return err
	}
	*e = next
	delete(k.open, e.ID)
	delete(k.attempts, e.Attempt)
	k.ring() // the next may begin
	return nil
}

// Name is the keeper's as a listener.
func (k *Keeper) Name() string { return "callback" }

// Facts is Take for a journal that cannot ask again.
func (k *Keeper) Facts(facts []cdr.Numbered) {
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	if err := k.Take(ctx, facts); err != nil {
		k.Logger.Error("callback was not kept", "err", err)
	}
}

// Take learns what was asked for and how attempts go. Seeing facts again changes nothing; on an error bring them again.
func (k *Keeper) Take(ctx context.Context, facts []cdr.Numbered) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	for _, f := range facts {
		if err := k.take(ctx, f.Fact); err != nil {
			return fmt.Errorf("keep the callback of call %s: %w", f.Call, err)
		}
	}
	return nil
}

func (k *Keeper) take(ctx context.Context, f call.Fact) error {
	if f.Kind == call.CallbackAsked {
		return k.add(ctx, f)
	}
	if e := k.attempts[f.Call]; e != nil {
		return k.attempt(ctx, e, f)
	}
	k.calledIn(f)
	if e := k.byNumber(k.callers[f.Call]); e != nil && f.Kind == call.Connected && f.Agent != "" {
		e.Last, e.Agent = "called-in", f.Agent // they have talked to somebody meanwhile
		if e.State == Calling {
			k.End(e.Attempt)
		}
		return k.close(ctx, e, Done, f.At)
	}
	return nil
}

// calledIn remembers the calls of customers who wait for a callback.
func (k *Keeper) calledIn(f call.Fact) {
	switch f.Kind {
	case call.Started:
		if f.Direction == "in" && k.byNumber(f.From) != nil {
			k.callers[f.Call] = f.From
		}
	case call.Ended:
		delete(k.callers, f.Call)
	default: // says nothing about who calls
	}
}

// byNumber is the open callback of a number; nil: none.
func (k *Keeper) byNumber(n string) *Entry {
	if n == "" {
		return nil
	}
	for _, e := range k.open {
		if e.Number == n {
			return e
		}
	}
	return nil
}

// add keeps a callback that a call asked for. A number that has an open one keeps that, with the earlier place.
func (k *Keeper) add(ctx context.Context, f call.Fact) error {
	if _, known, err := k.store.Callback(ctx, f.Call); err != nil || known || k.byNumber(f.To) != nil {
		return err
	}
	rule, _ := k.Rule(f.Queue)
	e := asked(f, k.After(f.Queue, f.At, rule.whole().Expires))
	if err := k.store.SaveCallback(ctx, e); err != nil {
		return err
	}
	k.open[e.ID] = &e
	k.ring()
	return nil
}

func (k *Keeper) ring() {
	select {
	case k.bell <- struct{}{}:
	default:
	}
}

// attempt learns from a fact of a callback's call.
func (k *Keeper) attempt(ctx context.Context, e *Entry, f call.Fact) error {
	switch f.Kind {
	case call.Dialled:
		if f.Leg == call.CallerLeg && !e.Dialled {
			next := *e
			next.Dialled, next.Changed = true, f.At
			if err := k.store.SaveCallback(ctx, next); err != nil {
				return err
			}
			*e = next
		}
	case call.Connected:
		e.Agent = f.Agent
		return k.close(ctx, e, Done, f.At)
	case call.Ended:
		rule, _ := k.Rule(e.Queue)
		next := e.ended(f.Cause, f.At, rule.whole())
		if !next.State.Open() {
			*e = next
			return k.close(ctx, e, next.State, f.At)
		}
		if err := k.store.SaveCallback(ctx, next); err != nil {
			return err
		}
		delete(k.attempts, e.Attempt)
		*e = next
		k.ring()
	default: // changes nothing
	}
	return nil
}

// Wish is a callback that a person asks for. Zero NotBefore is now.
type Wish struct {
	Number, Queue, Topic, By string
	NotBefore                time.Time
}

// Refusal is a wish that cannot be kept, with a sentence for a person.
type Refusal struct{ Kind, Sentence string }

func (r *Refusal) Error() string { return r.Sentence }

// Fault says the kind and the sentence.
func (r *Refusal) Fault() (kind, sentence string) { return r.Kind, r.Sentence }

// Add keeps a callback that a person asks for; it gets a place at the end of the queue.
func (k *Keeper) Add(ctx context.Context, w Wish, now time.Time) (Entry, error) {
	n := number.Parse(w.Number)
	rule, ok := k.Rule(w.Queue)
	rule = rule.whole()
	k.mu.Lock()
	defer k.mu.Unlock()
	switch {
	case n.E164 == "":
		return Entry{}, &Refusal{"invalid", "This is no number that can be dialled."}
	case !ok:
		return Entry{}, &Refusal{"invalid", "There is no such queue."}
	case k.byNumber(string(n.E164)) != nil:
		return Entry{}, &Refusal{"conflict", "This number is to be called back already."}
	}
	if w.NotBefore.Before(now) {
		w.NotBefore = now
	}
	if w.NotBefore.After(now.Add(30 * 24 * time.Hour)) {
		return Entry{}, &Refusal{"invalid", "A callback can be at most 30 days ahead."}
	}
	id, err := uuid.NewV7()
	if err != nil {
		return Entry{}, fmt.Errorf("make a callback's id: %w", err)
	}
	e := Entry{
		ID: call.ID(id.String()), Number: string(n.E164), Queue: w.Queue, Topic: w.Topic, By: w.By, Since: w.NotBefore, AskedAt: now, NotBefore: w.NotBefore,
		Expires: k.After(w.Queue, w.NotBefore, rule.Expires), State: Waiting, Changed: now,
	}
	if err := k.store.SaveCallback(ctx, e); err != nil {
		return Entry{}, fmt.Errorf("keep a callback: %w", err)
	}
	k.open[e.ID] = &e
	k.ring()
	return e, nil
}

// Cancel ends an open callback; a call that keeps its place or rings ends with it. A Refusal where there is none.
func (k *Keeper) Cancel(ctx context.Context, id call.ID, now time.Time) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	e := k.open[id]
	if e == nil {
		return &Refusal{"not-found", "There is no such open callback."}
	}
	if e.State == Calling {
		k.End(e.Attempt)
	}
	return k.close(ctx, e, Cancelled, now)
}

// Now makes the next try of a callback due at once: its queue's turn and its agents remain to be waited for. A Refusal where it is not open,
// under way already, or its queue is closed.
func (k *Keeper) Now(ctx context.Context, id call.ID, now time.Time) (Entry, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	e := k.open[id]
	switch {
	case e == nil:
		return Entry{}, &Refusal{"not-found", "There is no such open callback."}
	case e.State == Calling:
		return Entry{}, &Refusal{"conflict", "This customer is being called back already."}
	case !k.Open(e.Queue):
		return Entry{}, &Refusal{"conflict", "The queue is closed: the customer is called back when it opens."}
	}
	next := *e
	next.NotBefore, next.Changed = now, now
	if next.Since.After(now) {
		next.Since = now // a place that was to begin later
	}
	if err := k.store.SaveCallback(ctx, next); err != nil {
		return Entry{}, fmt.Errorf("keep a callback: %w", err)
	}
	*e = next
	k.ring()
	return next, nil
}

// List is a page of the callbacks that fit, and how many fit on all pages.
func (k *Keeper) List(ctx context.Context, q Query) ([]Entry, int, error) {
	return k.store.Callbacks(ctx, q)
}
