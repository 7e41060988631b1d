package live

import (
	"cmp"
	"context"
	"reflect"
	"slices"
	"sync"
	"time"

	"hotline/api/events"
	"hotline/api/gate"
	"hotline/api/records"
	"hotline/cdr"
)

// What is watched, and how often.
const (
	lookEvery  = 500 * time.Millisecond // a page is told twice a second at most
	remembered = 240                    // changes by which a page may be behind before it is told everything again
)

// lookout is what pages watch while they are open: agents, queues, callers who wait, and the calls under way. It owns no goroutine: whoever
// watches looks when nobody has lately, so that it costs nothing while nobody does and the same for one as for a thousand.
type lookout struct {
	mu       sync.Mutex
	watchers int
	looked   time.Time
	n        int64 // of the latest look that found a change
	agents   book[agentView]
	queues   book[queueView]
	waiting  book[waitingView]
	calls    book[liveCall]
}

// book is what there is of a kind, by id, with the look at which each came, changed or went.
type book[T any] map[string]*page[T]

type page[T any] struct {
	is   T
	n    int64
	gone bool
}

// put notes how something is now, and reports whether that is news.
func (b book[T]) put(id string, is T, n int64) bool {
	if p := b[id]; p != nil && !p.gone && reflect.DeepEqual(p.is, is) {
		return false
	}
	b[id] = &page[T]{is: is, n: n}
	return true
}

// keep marks what there is no more as gone, and forgets what has been gone for long.
func (b book[T]) keep(there func(id string) bool, n int64) (news bool) {
	for id, p := range b {
		switch {
		case p.gone && p.n < n-remembered:
			delete(b, id)
		case !p.gone && !there(id):
			p.gone, p.n, news = true, n, true
		}
	}
	return news
}

// turned is what changed of a kind: what there is new or otherwise, and the ids of what is gone.
type turned[T any] struct {
	Now  []T      `json:"now,omitempty"`
	Gone []string `json:"gone,omitempty"`
}

// since is what changed after look n, in the order of less; nil for nothing. Only what see shows is told; it may change it.
func (b book[T]) since(n int64, less func(a, b T) int, see func(T) (T, bool)) *turned[T] {
	var d turned[T]
	for id, p := range b {
		if p.n <= n {
			continue
		}
		switch is, may := see(p.is); {
		case !may:
		case !p.gone:
			d.Now = append(d.Now, is)
		case n > 0:
			d.Gone = append(d.Gone, id)
		}
	}
	if len(d.Now)+len(d.Gone) == 0 {
		return nil
	}
	slices.SortFunc(d.Now, less)
	slices.Sort(d.Gone)
	return &d
}

// liveEvent is what a page is told; docs/protocols/softphone.md describes it. What did not change is left out.
type liveEvent struct {
	Event   string               `json:"event"`
	Seq     int64                `json:"seq"`
	Whole   bool                 `json:"whole,omitempty"`
	Agents  *turned[agentView]   `json:"agents,omitempty"`
	Queues  *turned[queueView]   `json:"queues,omitempty"`
	Waiting *turned[waitingView] `json:"waiting,omitempty"`
	Calls   *turned[liveCall]    `json:"calls,omitempty"`
}

func newLookout() *lookout {
	return &lookout{agents: book[agentView]{}, queues: book[queueView]{}, waiting: book[waitingView]{}, calls: book[liveCall]{}}
}

// watch tells somebody how the floor is, and then what changes, until ctx ends. Tell is false for a page that cannot take more now: it is
// told later, and only what is so by then.
func (s *Routes) watch(who gate.Identity) func(ctx context.Context, tell func(event any) bool) {
	return func(ctx context.Context, tell func(event any) bool) {
		s.lookout.come(s.Events)
		defer s.lookout.leave(s.Events)
		tick := time.NewTicker(lookEvery)
		defer tick.Stop()
		for told, seq := int64(0), int64(1); ; {
			if ev, n := s.newsFor(ctx, who, told, seq); ev != nil && tell(*ev) {
				told, seq = n, seq+1
			}
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
			}
		}
	}
}

func (f *lookout) come(e *events.Stream) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.watchers++; f.watchers == 1 {
		e.Watch(true)
		f.looked = time.Time{}
		clear(f.calls) // nobody listened meanwhile
	}
}

func (f *lookout) leave(e *events.Stream) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.watchers--; f.watchers == 0 {
		e.Watch(false)
	}
}

// newsFor is what somebody has to be told who knows how it was at look told, and the look that this is of; nil: nothing.
func (s *Routes) newsFor(ctx context.Context, who gate.Identity, told, seq int64) (*liveEvent, int64) {
	f := s.lookout
	f.mu.Lock()
	defer f.mu.Unlock()
	if now := time.Now(); now.Sub(f.looked) >= lookEvery*9/10 {
		f.looked = now
		s.look(ctx)
	}
	if told == f.n && told > 0 {
		return nil, told
	}
	whole := told < f.n-remembered || told == 0
	if whole {
		told = 0
	}
	ev := &liveEvent{Event: "live", Seq: seq, Whole: whole}
	ev.Agents = f.agents.since(told, func(a, b agentView) int { return cmp.Compare(a.ID, b.ID) }, func(a agentView) (agentView, bool) {
		return s.mayKnow(who, a), true
	})
	ev.Queues = f.queues.since(told, func(a, b queueView) int { return cmp.Compare(a.ID, b.ID) }, all[queueView])
	if !who.Masks() {
		ev.Waiting = f.waiting.since(told, func(a, b waitingView) int { return a.AsSince.Compare(b.AsSince) }, all[waitingView])
	}
	ev.Calls = f.calls.since(told, latestFirst, func(c liveCall) (liveCall, bool) {
		if who.Masks() && !s.Supervised {
			c.Supervisor = nil
		}
		c.Record = records.Shown(who, c.Record)
		return c, !who.Masks() || records.Took(c.Record, who.Agent)
	})
	if !whole && ev.Agents == nil && ev.Queues == nil && ev.Waiting == nil && ev.Calls == nil {
		return nil, told
	}
	return ev, f.n
}

func all[T any](x T) (T, bool) { return x, true }

// look sees how the floor is now; with the lock held.
func (s *Routes) look(ctx context.Context) {
	f, n := s.lookout, s.lookout.n+1
	news := n == 1
	there := map[string]bool{}
	is := func(id string) bool { return there[id] }
	snap, now := s.Queues.Snapshot(), time.Now()
	followers := s.followers(now)
	for _, a := range snap.Agents {
		there[a.ID] = true
		news = f.agents.put(a.ID, s.agentView(a, followers), n) || news
	}
	news = f.agents.keep(is, n) || news
	clear(there)
	for _, q := range snap.Queues {
		there[q.ID] = true
		news = f.queues.put(q.ID, s.queueView(q, now), n) || news
	}
	news = f.queues.keep(is, n) || news
	clear(there)
	for _, r := range snap.Requests {
		there[r.ID] = true
		news = f.waiting.put(r.ID, viewOfRequest(r), n) || news
	}
	news = f.waiting.keep(is, n) || news
	if s.lookAtCalls(ctx, n) || news {
		f.n = n
	}
}

// lookAtCalls folds the calls anew of which something was heard.
func (s *Routes) lookAtCalls(ctx context.Context, n int64) (news bool) {
	f, touched, there := s.lookout, s.Events.Touched(), map[string]bool{}
	for _, id := range s.Live.IDs() {
		there[string(id)] = true
		if p := f.calls[string(id)]; p != nil && !p.gone && !touched[id] {
			continue
		}
		facts, err := s.Calls.FactsOf(ctx, id)
		if err != nil {
			s.Logger.Debug("a call could not be looked at", "call", id, "err", err)
			s.Events.Again(id)
			continue
		}
		if len(facts) > 0 {
			news = f.calls.put(string(id), liveCall{Record: cdr.Fold(facts), Supervisor: supervises(facts)}, n) || news
		}
	}
	return f.calls.keep(func(id string) bool { return there[id] }, n) || news
}
