package callback

import (
	"context"
	"log/slog"
	"slices"
	"testing"
	"time"

	"hotline/call"
	"hotline/cdr"
	"hotline/route"
)

var noon = time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)

// shelf is a store in memory; it outlives keepers.
type shelf struct {
	kept  map[call.ID]Entry
	facts map[call.ID][]call.Fact
}

func (s *shelf) SaveCallback(_ context.Context, e Entry) error { s.kept[e.ID] = e; return nil }
func (s *shelf) Callbacks(_ context.Context, q Query) (all []Entry, total int, err error) {
	for _, e := range s.kept {
		if !q.Open || e.State.Open() {
			all = append(all, e)
		}
	}
	slices.SortFunc(all, func(a, b Entry) int { return a.AskedAt.Compare(b.AskedAt) })
	return all, len(all), nil
}
func (s *shelf) Callback(_ context.Context, id call.ID) (Entry, bool, error) {
	e, ok := s.kept[id]
	return e, ok, nil
}
func (s *shelf) FactsOf(_ context.Context, id call.ID) ([]call.Fact, error) { return s.facts[id], nil }

// bench is a keeper with a clock of its own and a queue that opens and closes.
type bench struct {
	*Keeper
	t       *testing.T
	shelf   *shelf
	now     time.Time
	shut    bool
	refuses bool
	rule    Rule // of every queue but its counts and times
	started []call.ID

	closedFor time.Duration // the queue is closed for so long from now
	ended     []call.ID
}

func newBench(t *testing.T) *bench {
	b := &bench{t: t, shelf: &shelf{map[call.ID]Entry{}, map[call.ID][]call.Fact{}}, now: noon}
	b.restart()
	return b
}

// restart is a new process over what was kept.
func (b *bench) restart() {
	b.t.Helper()
	b.Keeper = NewKeeper(Config{
		Start: func(_ context.Context, id call.ID, _ Entry, _ Rule) bool {
			if !b.refuses {
				b.started = append(b.started, id)
			}
			return !b.refuses
		},
		End:   func(id call.ID) { b.ended = append(b.ended, id) },
		Open:  func(string) bool { return !b.shut },
		After: func(_ string, t time.Time, d time.Duration) time.Time { return t.Add(b.closedFor + d) },
		Rule: func(q string) (Rule, bool) {
			return Rule{AgentFirst: b.rule.AgentFirst, Tries: 2, Retry: time.Minute, Expires: time.Hour}, q == "east"
		},
		Logger: slog.New(slog.DiscardHandler),
	}, b.shelf)
	if err := b.Load(b.t.Context()); err != nil {
		b.t.Fatal(err)
	}
}

func (b *bench) pass(d time.Duration) {
	b.now = b.now.Add(d)
	b.round(b.t.Context(), b.now)
}

func (b *bench) fact(f call.Fact) {
	b.t.Helper()
	f.At = b.now
	b.shelf.facts[f.Call] = append(b.shelf.facts[f.Call], f)
	if err := b.Take(b.t.Context(), []cdr.Numbered{{Fact: f}}); err != nil {
		b.t.Fatal(err)
	}
}

func (b *bench) ask(id call.ID, number string) {
	b.t.Helper()
	b.fact(call.Fact{Call: id, Kind: call.CallbackAsked, To: number, Queue: "east", For: 3 * time.Minute})
}

// fails lets the attempt under way dial and come to nothing.
func (b *bench) fails(cause call.Cause) {
	b.t.Helper()
	id := b.started[len(b.started)-1]
	b.fact(call.Fact{Call: id, Kind: call.Dialled, Leg: call.CallerLeg})
	b.fact(call.Fact{Call: id, Kind: call.Ended, Cause: cause})
}

func (b *bench) want(id call.ID, s State, attempts int) {
	b.t.Helper()
	if e := b.shelf.kept[id]; e.State != s || len(b.started) != attempts {
		b.t.Errorf("callback %s is %s (%s) after %d attempts, want %s after %d", id, e.State, e.Last, len(b.started), s, attempts)
	}
}

func TestTriesAndGivesUp(t *testing.T) {
	b := newBench(t)
	b.ask("c1", "+8613800138000")
	if e := b.shelf.kept["c1"]; !e.Since.Equal(noon.Add(-3 * time.Minute)) {
		t.Errorf("the place counts from %s, want three minutes before it was asked for", e.Since)
	}
	b.pass(0)
	b.want("c1", Calling, 1)
	b.fails(call.Busy)
	b.pass(59 * time.Second)
	b.want("c1", Waiting, 1)
	b.pass(time.Second)
	b.want("c1", Calling, 2)
	b.fails(call.NoAnswer)
	b.want("c1", Failed, 2)
	b.pass(time.Hour)
	b.want("c1", Failed, 2)
}

func TestReachedIsDone(t *testing.T) {
	b := newBench(t)
	b.ask("c1", "+8613800138000")
	b.pass(0)
	b.fact(call.Fact{Call: b.started[0], Kind: call.Dialled, Leg: call.CallerLeg})
	b.fact(call.Fact{Call: b.started[0], Kind: call.Connected, Agent: "anna"})
	b.want("c1", Done, 1)
	b.fact(call.Fact{Call: b.started[0], Kind: call.Ended, Cause: call.Normal})
	b.want("c1", Done, 1)
}

func TestOneForEachNumber(t *testing.T) {
	b := newBench(t)
	b.ask("c1", "+8613800138000")
	b.ask("c2", "+8613800138000")
	b.ask("c1", "+8613800138000") // the same fact again
	if len(b.shelf.kept) != 1 {
		t.Errorf("kept %v", b.shelf.kept)
	}
	if _, err := b.Add(t.Context(), Wish{Number: "138 0013 8000", Queue: "east"}, b.now); err == nil {
		t.Error("a second one by a person was taken")
	}
}

func TestOnlyWithinHours(t *testing.T) {
	b := newBench(t)
	b.shut = true
	b.ask("c1", "+8613800138000")
	b.pass(10 * time.Minute)
	b.want("c1", Waiting, 0)
	b.shut = false
	b.pass(time.Second)
	b.want("c1", Calling, 1)
	// The hours end before the turn: no try, and the place is kept for the next day.
	b.fact(call.Fact{Call: b.started[0], Kind: call.Ended, Cause: call.Unavailable})
	b.shut = true
	b.pass(time.Minute)
	if e := b.shelf.kept["c1"]; e.State != Waiting || e.Tries != 0 {
		t.Errorf("after closing: %+v", e)
	}
	b.pass(time.Hour)
	b.want("c1", Expired, 1)
}

// Who asks while the queue is closed is called when it is open: the time in which it is closed does not count.
func TestAskedWhileClosed(t *testing.T) {
	b := newBench(t)
	b.shut, b.closedFor = true, 15*time.Hour
	b.ask("c1", "+8613800138000")
	e, err := b.Add(t.Context(), Wish{Number: "13800138001", Queue: "east"}, b.now)
	if err != nil {
		t.Fatal(err)
	}
	b.pass(15 * time.Hour)
	b.want("c1", Waiting, 0)
	b.shut = false
	b.rule.AgentFirst = true
	b.pass(59 * time.Minute)
	b.want("c1", Calling, 2)
	b.want(e.ID, Calling, 2)
}

func TestNeverDialledAgain(t *testing.T) {
	b := newBench(t)
	b.ask("c1", "+8613800138000")
	b.pass(0)
	b.fails(call.Forbidden)
	b.want("c1", Failed, 1)
}

func TestCancel(t *testing.T) {
	b := newBench(t)
	b.ask("c1", "+8613800138000")
	b.pass(0)
	if err := b.Cancel(t.Context(), "c1", b.now); err != nil || len(b.ended) != 1 {
		t.Errorf("got %v, ended %v", err, b.ended)
	}
	b.want("c1", Cancelled, 1)
	if b.Cancel(t.Context(), "c1", b.now) == nil {
		t.Error("cancelled twice")
	}
}

func TestCallsInMeanwhile(t *testing.T) {
	b := newBench(t)
	b.shut = true
	b.ask("c1", "+8613800138000")
	b.fact(call.Fact{Call: "c2", Kind: call.Started, Direction: "in", From: "+8613800138000"})
	b.fact(call.Fact{Call: "c2", Kind: call.Connected, Agent: "anna"})
	b.want("c1", Done, 0)
}

// Who calls in while an agent-first callback keeps their place is served by that call: the callback's own ends.
func TestCallsInWhileThePlaceIsKept(t *testing.T) {
	b := newBench(t)
	b.rule.AgentFirst = true
	b.ask("c1", "+8613800138000")
	b.pass(0)
	b.want("c1", Calling, 1)
	b.fact(call.Fact{Call: "c2", Kind: call.Started, Direction: "in", From: "+8613800138000"})
	b.fact(call.Fact{Call: "c2", Kind: call.Connected, Agent: "anna"})
	b.want("c1", Done, 1)
	if !slices.Equal(b.ended, b.started) {
		t.Errorf("calls ended: %v, want %v", b.ended, b.started)
	}
	b.fact(call.Fact{Call: b.started[0], Kind: call.Ended, Cause: call.Cancelled})
	b.pass(time.Minute)
	b.want("c1", Done, 1)
}

// A free agent is no agent for two: customers who are dialled first are dialled one after the other, and the next as soon as one is
// done. What wants other agents does not wait for it.
func TestCustomersAreDialledOneByOne(t *testing.T) {
	b := newBench(t)
	b.ask("c1", "+8613800138001")
	b.ask("c2", "+8613800138002")
	b.ask("c3", "+8613800138003")
	b.fact(call.Fact{Call: "c4", Kind: call.CallbackAsked, To: "+8613800138004", Queue: "east", Steps: []route.Step{{Queue: "east", Skills: []route.Need{{Skill: "french"}}}}})
	b.pass(0)
	b.want("c4", Calling, 2)
	b.want("c2", Waiting, 2)
	for len(b.bell) > 0 {
		<-b.bell
	}
	b.fact(call.Fact{Call: b.shelf.kept["c1"].Attempt, Kind: call.Connected, Agent: "anna"})
	if len(b.bell) == 0 {
		t.Error("the next does not begin at once")
	}
	b.pass(0)
	b.want("c2", Calling, 3)
	b.want("c3", Waiting, 3)
	b.fails(call.Busy)
	b.pass(0)
	b.want("c3", Calling, 4)
}

func TestRefusedStartIsTriedAgain(t *testing.T) {
	b := newBench(t)
	b.refuses = true
	b.ask("c1", "+8613800138000")
	b.pass(0)
	b.refuses = false
	b.pass(time.Second)
	b.want("c1", Calling, 0)
	b.pass(againAfter)
	b.want("c1", Calling, 1)
}

// A crash loses none: one that kept its place, one whose call had dialled, one whose call left no trace.
func TestComesBackAfterACrash(t *testing.T) {
	b := newBench(t)
	b.rule.AgentFirst = true
	b.ask("c1", "+8613800138001")
	b.ask("c2", "+8613800138002")
	b.ask("c3", "+8613800138003")
	b.pass(0)
	b.want("c3", Calling, 3)
	attempt := map[call.ID]call.ID{}
	for id, e := range b.shelf.kept {
		attempt[id] = e.Attempt
	}
	b.fact(call.Fact{Call: attempt["c1"], Kind: call.Started})
	b.fact(call.Fact{Call: attempt["c2"], Kind: call.Started})
	b.fact(call.Fact{Call: attempt["c2"], Kind: call.Dialled, Leg: call.CallerLeg})
	b.restart()
	b.fact(call.Fact{Call: attempt["c1"], Kind: call.Ended, Cause: call.Crashed})
	b.fact(call.Fact{Call: attempt["c2"], Kind: call.Ended, Cause: call.Crashed})
	b.pass(againAfter)
	b.want("c1", Calling, 6)
	b.want("c2", Calling, 6)
	b.want("c3", Calling, 6)
	for id, e := range b.shelf.kept {
		if e.Tries != 0 || e.Attempt == attempt[id] {
			t.Errorf("after the crash: %+v", e)
		}
	}
}

func TestByAPerson(t *testing.T) {
	b := newBench(t)
	for _, w := range []Wish{{Number: "abc", Queue: "east"}, {Number: "13800138000", Queue: "west"}, {Number: "13800138000", Queue: "east", NotBefore: noon.AddDate(1, 0, 0)}} {
		if _, err := b.Add(t.Context(), w, b.now); err == nil {
			t.Errorf("%+v was taken", w)
		}
	}
	e, err := b.Add(t.Context(), Wish{Number: "13800138000", Queue: "east", By: "a supervisor", NotBefore: noon.Add(time.Hour)}, b.now)
	if err != nil {
		t.Fatal(err)
	}
	b.pass(59 * time.Minute)
	b.want(e.ID, Waiting, 0)
	b.pass(time.Minute)
	b.want(e.ID, Calling, 1)
}

// A supervisor makes the next try due at once: after one in vain, and where the customer wished a later time; not while the queue is closed.
func TestNow(t *testing.T) {
	b := newBench(t)
	b.ask("c1", "+8613800138000")
	b.pass(0)
	b.fails(call.Busy)
	b.pass(time.Second)
	b.want("c1", Waiting, 1)
	b.shut = true
	if _, err := b.Now(t.Context(), "c1", b.now); err == nil {
		t.Error("a closed queue called back")
	}
	b.shut = false
	if _, err := b.Now(t.Context(), "c1", b.now); err != nil {
		t.Error(err)
	}
	b.pass(0)
	b.want("c1", Calling, 2)
	if _, err := b.Now(t.Context(), "c1", b.now); err == nil {
		t.Error("who is being called back was to be called back once more")
	}
	later, err := b.Add(t.Context(), Wish{Number: "13800138001", Queue: "east", NotBefore: b.now.Add(time.Hour)}, b.now)
	if err != nil {
		t.Fatal(err)
	}
	if e, err := b.Now(t.Context(), later.ID, b.now); err != nil || !e.Since.Equal(b.now) || !e.NotBefore.Equal(b.now) {
		t.Errorf("got %+v, %v; want a place from now on", e, err)
	}
	b.restart()
	if e := b.shelf.kept[later.ID]; !e.NotBefore.Equal(b.now) {
		t.Errorf("after a restart the next try is at %s", e.NotBefore)
	}
}
