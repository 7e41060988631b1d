package cdr

import (
	"context"
	"runtime/debug"
	"sync"
	"time"
)

const (
	feedMost    = 50_000 // facts kept for a slow listener; beyond, it reads the rest from the store
	feedRead    = 1000   // facts read from the store at once
	cursorEvery = time.Second
	byeWithin   = 10 * time.Second // a listener's last facts when the process ends
)

// feed brings facts to one listener on a goroutine of its own, so that a slow or broken one is nobody else's trouble.
type feed struct {
	journal  *Journal
	listener Listener
	name     string // empty: its place is not kept
	bell     chan struct{}

	mu     sync.Mutex
	box    [][]Numbered // commits not shown yet, shared with the other feeds; guarded by mu
	held   int          // facts in the box; guarded by mu
	behind bool         // the box misses facts that are in the store; guarded by mu
	from   int64        // number of the first fact of this process; guarded by mu

	last  int64     // number of the last fact shown; run's alone
	saved int64     // the place kept; run's alone
	at    time.Time // when it was kept; run's alone
}

func newFeed(j *Journal, l Listener) *feed {
	f := &feed{journal: j, listener: l, bell: make(chan struct{}, 1)}
	if n, ok := l.(Named); ok {
		f.name = n.Name()
	}
	return f
}

// post never waits. The facts are not copied: nobody changes them any more.
func (f *feed) post(facts []Numbered) {
	if len(facts) == 0 {
		return
	}
	f.mu.Lock()
	if f.from == 0 {
		f.from = facts[0].Number
	}
	if f.held+len(facts) > feedMost {
		f.box, f.held, f.behind = nil, 0, true
	}
	if !f.behind {
		f.box = append(f.box, facts)
		f.held += len(facts)
	}
	f.mu.Unlock()
	ring(f.bell)
}

// run shows facts until ctx ends and the box is empty.
func (f *feed) run(ctx context.Context) {
	work := context.WithoutCancel(ctx)
	if f.name != "" && !f.begin(ctx) {
		return // nothing was shown, so the place kept is still right
	}
	for ctx.Err() == nil {
		select {
		case <-ctx.Done():
		case <-f.bell:
			f.showAll(ctx)
		}
	}
	last, cancel := context.WithTimeout(work, byeWithin)
	defer cancel()
	f.showAll(last)
	f.keepPlace(last, true)
}

// begin finds a named listener's place, to show what it missed while the process was down; false when ctx ended first.
func (f *feed) begin(ctx context.Context) bool {
	for delay := retryFirst; ; delay = min(2*delay, retryMost) {
		place, err := f.journal.store.Cursor(ctx, f.name)
		if err == nil {
			f.last, f.saved = place, place
			f.fallBehind()
			return true
		}
		f.journal.logger().Error("listener's place unknown", "listener", f.name, "error", err)
		if !pause(ctx, delay) {
			return false
		}
	}
}

// fallBehind makes the next round read from the store.
func (f *feed) fallBehind() {
	f.mu.Lock()
	f.box, f.held, f.behind = nil, 0, true
	f.mu.Unlock()
	ring(f.bell)
}

// showAll shows what is in the box, after what is in the store if the box misses some.
func (f *feed) showAll(ctx context.Context) {
	for ctx.Err() == nil {
		f.mu.Lock()
		box, behind := f.box, f.behind
		f.box, f.held, f.behind = nil, 0, false
		if f.name == "" {
			f.last = max(f.last, f.from-1) // what was before this process is not its business
		}
		f.mu.Unlock()
		switch {
		case behind:
			f.catchUp(ctx)
		case len(box) == 0:
			return
		case !f.showBox(ctx, box):
			f.fallBehind()
			return
		}
		f.keepPlace(ctx, false)
	}
}

// showBox shows commits in the order they were posted; false when ctx ended first.
func (f *feed) showBox(ctx context.Context, box [][]Numbered) bool {
	for _, facts := range box {
		if !f.show(ctx, facts) {
			return false
		}
	}
	return true
}

// catchUp reads from the store; what is in the box by then has smaller numbers or comes next.
func (f *feed) catchUp(ctx context.Context) {
	for delay := retryFirst; ; {
		facts, err := f.journal.store.FactsSince(ctx, f.last, feedRead)
		if err != nil {
			f.journal.logger().Error("listener cannot catch up", "listener", f.name, "error", err)
			if !pause(ctx, delay) {
				f.fallBehind()
				return
			}
			delay = min(2*delay, retryMost)
			continue
		}
		if !f.show(ctx, facts) {
			f.fallBehind()
			return
		}
		f.keepPlace(ctx, false)
		if len(facts) < feedRead || ctx.Err() != nil {
			return
		}
		delay = retryFirst
	}
}

// show gives facts to the listener, leaving out those it has seen: a fact appended twice comes with its old number. When
// the listener panics it gets them one by one, so that only the fact it cannot bear is passed over. False means that ctx
// ended before a durable listener took them.
func (f *feed) show(ctx context.Context, facts []Numbered) bool {
	fresh := facts
	last := f.last
	for i := range facts {
		if facts[i].Number <= last { // seldom: then the rest is picked out
			fresh = freshOf(facts, f.last)
			break
		}
		last = facts[i].Number
	}
	if len(fresh) == 0 {
		return true
	}
	if !f.persist(ctx, fresh) {
		return false
	}
	f.last = fresh[len(fresh)-1].Number
	return true
}

// freshOf copies the facts that are newer than all before them and than last.
func freshOf(facts []Numbered, last int64) (fresh []Numbered) {
	for i := range facts {
		if facts[i].Number > last {
			fresh = append(fresh, facts[i])
			last = facts[i].Number
		}
	}
	return fresh
}

// persist gives facts to the listener until it takes them or ctx ends.
func (f *feed) persist(ctx context.Context, facts []Numbered) bool {
	for delay := retryFirst; ; delay = min(2*delay, retryMost) {
		panicked, err := f.call(ctx, facts)
		switch {
		case panicked && len(facts) > 1:
			for i := range facts {
				if !f.persist(ctx, facts[i:i+1]) {
					return false
				}
			}
			return true
		case panicked || err == nil:
			return true
		}
		f.journal.logger().Warn("listener did not take facts", "listener", f.name, "facts", len(facts), "error", err)
		if !pause(ctx, delay) {
			return false
		}
	}
}

func (f *feed) call(ctx context.Context, facts []Numbered) (panicked bool, err error) {
	defer func() {
		if r := recover(); r != nil {
			f.journal.logger().Error("listener panicked", "listener", f.name, "panic", r, "call", facts[0].Call, "stack", string(debug.Stack()))
			panicked = true
		}
	}()
	if durable, ok := f.listener.(Durable); ok {
		return false, durable.Take(ctx, facts)
	}
	f.listener.Facts(facts)
	return false, nil
}

// keepPlace writes down how far a named listener has come, now and then: after a crash it sees the last facts again.
func (f *feed) keepPlace(ctx context.Context, now bool) {
	if f.name == "" || f.last == f.saved || !now && time.Since(f.at) < cursorEvery {
		return
	}
	f.at = time.Now()
	if err := f.journal.store.SaveCursor(ctx, f.name, f.last); err != nil {
		f.journal.logger().Warn("listener's place not kept", "listener", f.name, "error", err)
		return
	}
	f.saved = f.last
}
