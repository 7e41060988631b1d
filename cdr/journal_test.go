package cdr

import (
	"context"
	"log/slog"
	"math"
	"reflect"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"hotline/call"
)

// keeper is a listener that remembers what it was shown.
type keeper struct {
	mu    sync.Mutex
	seen  []Numbered
	panic func(Numbered) bool
	slow  time.Duration
}

func (k *keeper) Facts(facts []Numbered) {
	if k.slow > 0 {
		time.Sleep(k.slow) // inside synctest
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	for _, f := range facts {
		if k.panic != nil && k.panic(f) {
			panic("listener broken on purpose")
		}
	}
	k.seen = append(k.seen, facts...)
}

func (k *keeper) numbers() []int64 {
	k.mu.Lock()
	defer k.mu.Unlock()
	var out []int64
	for _, f := range k.seen {
		out = append(out, f.Number)
	}
	return out
}

type namedKeeper struct{ keeper }

func (*namedKeeper) Name() string { return "keeper" }

// running starts a journal inside a bubble; stop ends it and returns what Run said.
func running(t *testing.T, j *Journal) (stop func() error) {
	t.Helper()
	j.Logger = slog.New(slog.DiscardHandler)
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- j.Run(ctx) }()
	return func() error {
		cancel()
		return <-done
	}
}

func numbered(from, to int) []int64 {
	var out []int64
	for n := from; n <= to; n++ {
		out = append(out, int64(n))
	}
	return out
}

func fact(id call.ID, seq int, kind call.Kind) call.Fact {
	return call.Fact{Call: id, Seq: seq, Kind: kind, At: noon.Add(time.Duration(seq) * time.Second)}
}

func TestJournalCommitsInGroups(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m, k := newMemory(), &keeper{}
		j := NewJournal(m, k)
		stop := running(t, j)
		for i := range 100 {
			j.Append(fact("c1", i+1, call.Entered))
		}
		time.Sleep(2 * collectFor)
		synctest.Wait()
		if got, want := m.commits, 1; got != want {
			t.Errorf("100 facts at once: got %d commits, want %d", got, want)
		}
		if got, want := k.numbers(), numbered(1, 100); !slices.Equal(got, want) {
			t.Errorf("listener: got %v, want %v", got, want)
		}
		if err := stop(); err != nil {
			t.Error(err)
		}
	})
}

func TestJournalMakesTheRecordBeforeListenersSeeTheEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newMemory()
		var found bool
		k := &keeper{panic: func(n Numbered) bool {
			if n.Kind == call.Ended {
				_, found, _ = m.Record(context.Background(), n.Call)
			}
			return false
		}}
		j := NewJournal(m, k)
		stop := running(t, j)
		for _, f := range sceneFile(t, "answered") {
			j.Append(f)
		}
		time.Sleep(time.Second)
		synctest.Wait()
		if !found {
			t.Errorf("the listener saw the end before there was a record")
		}
		j.Append(Late(call.Fact{Call: "c1", Kind: Wrapped, Agent: "a1", At: noon.Add(180 * time.Second)}))
		time.Sleep(time.Second)
		if err := stop(); err != nil {
			t.Error(err)
		}
		if got, want := m.records["c1"].Facts, 21; got != want {
			t.Errorf("a late fact makes the record again: got %d facts, want %d", got, want)
		}
	})
}

func TestJournalKeepsFactsWhileTheStoreFails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m, k := newMemory(), &keeper{}
		j := NewJournal(m, k)
		var alarms []string
		j.Alarm = func(problem string, _ int) { alarms = append(alarms, problem) }
		stop := running(t, j)
		m.setBroken(true)
		for i := range 1000 {
			j.Append(fact("c1", i+1, call.Entered))
			time.Sleep(30 * time.Millisecond) // 30 s in all
		}
		if got, want := j.Waiting(), 1000; got != want {
			t.Errorf("waiting: got %d, want %d", got, want)
		}
		m.setBroken(false)
		time.Sleep(3 * time.Second)
		synctest.Wait()
		if got, want := k.numbers(), numbered(1, 1000); !slices.Equal(got, want) {
			t.Errorf("after the store came back the listener saw %d facts, want %d in order", len(got), len(want))
		}
		for i, f := range m.facts {
			if f.Seq != i+1 {
				t.Fatalf("fact %d kept as number %d", f.Seq, i+1)
			}
		}
		if want := []string{AlarmStore, AlarmNone}; !slices.Equal(alarms, want) {
			t.Errorf("alarms: got %q, want %q", alarms, want)
		}
		if err := stop(); err != nil {
			t.Error(err)
		}
	})
}

func TestJournalIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newMemory()
		m.setBroken(true)
		j := NewJournal(m)
		j.Limit = 10
		lost := 0
		j.Alarm = func(problem string, n int) {
			if problem == AlarmLost {
				lost += n
			}
		}
		stop := running(t, j)
		for i := range 25 {
			j.Append(fact("c1", i+1, call.Entered))
		}
		time.Sleep(5 * time.Second)
		if err := stop(); err == nil {
			t.Errorf("Run left facts unwritten and said nothing")
		}
		if lost != 15 {
			t.Errorf("lost: got %d, want 15", lost)
		}
	})
}

// TestJournalAfterAHalfFailure: the store kept the facts but said it failed, as when a connection breaks during a commit.
func TestJournalAfterAHalfFailure(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m, k := newMemory(), &keeper{}
		m.half = true
		j := NewJournal(m, k)
		stop := running(t, j)
		for i := range 3 {
			j.Append(fact("c1", i+1, call.Entered))
		}
		time.Sleep(time.Second)
		j.Append(fact("c1", 2, call.Entered)) // and one comes twice
		time.Sleep(time.Second)
		if err := stop(); err != nil {
			t.Error(err)
		}
		if got, want := k.numbers(), numbered(1, 3); !slices.Equal(got, want) {
			t.Errorf("listener: got %v, want %v", got, want)
		}
		if got, want := len(m.facts), 3; got != want {
			t.Errorf("kept: got %d facts, want %d", got, want)
		}
	})
}

func TestJournalWritesWhatIsLeft(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m, k := newMemory(), &keeper{}
		j := NewJournal(m, k)
		stop := running(t, j)
		synctest.Wait()
		for i := range 10_000 {
			j.Append(fact("c1", i+1, call.Entered))
		}
		if err := stop(); err != nil {
			t.Error(err)
		}
		if got, want := len(m.facts), 10_000; got != want || len(k.numbers()) != want {
			t.Errorf("kept %d and shown %d, want %d", got, len(k.numbers()), want)
		}
	})
}

func TestListenersDoNotDisturbEachOther(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newMemory()
		slow := &keeper{slow: time.Minute}
		bad := &keeper{panic: func(n Numbered) bool { return n.Seq == 2 }}
		good := &keeper{}
		j := NewJournal(m, slow, bad, good)
		stop := running(t, j)
		synctest.Wait()
		for i := range 5 {
			j.Append(fact("c1", i+1, call.Entered))
		}
		time.Sleep(time.Second)
		synctest.Wait()
		if got, want := good.numbers(), numbered(1, 5); !slices.Equal(got, want) {
			t.Errorf("good: got %v, want %v", got, want)
		}
		if got, want := bad.numbers(), []int64{1, 3, 4, 5}; !slices.Equal(got, want) {
			t.Errorf("the panicking one: got %v, want all but the fact it cannot bear: %v", got, want)
		}
		if err := stop(); err != nil {
			t.Error(err)
		}
		if got, want := slow.numbers(), numbered(1, 5); !slices.Equal(got, want) {
			t.Errorf("slow: got %v, want %v", got, want)
		}
	})
}

// TestNamedListenerGoesOnWhereItWas restarts the journal: what was committed while the listener was away is shown.
func TestNamedListenerGoesOnWhereItWas(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m, k := newMemory(), &namedKeeper{}
		j := NewJournal(m, k)
		stop := running(t, j)
		j.Append(fact("c1", 1, call.Entered))
		time.Sleep(time.Second)
		if err := stop(); err != nil {
			t.Fatal(err)
		}
		if _, err := m.AppendFacts(context.Background(), []call.Fact{fact("c1", 2, call.Entered), fact("c1", 3, call.Ended)}); err != nil {
			t.Fatal(err)
		}
		late := &keeper{}
		j = NewJournal(m, k, late)
		stop = running(t, j)
		synctest.Wait()
		j.Append(fact("c2", 1, call.Entered))
		time.Sleep(time.Second)
		if err := stop(); err != nil {
			t.Fatal(err)
		}
		if got, want := k.numbers(), numbered(1, 4); !slices.Equal(got, want) {
			t.Errorf("named: got %v, want %v", got, want)
		}
		if got, want := late.numbers(), []int64{4}; !slices.Equal(got, want) {
			t.Errorf("without a name: got %v, want only what is new: %v", got, want)
		}
		if got, want := m.cursors["keeper"], int64(4); got != want {
			t.Errorf("place: got %d, want %d", got, want)
		}
	})
}

func TestSlowListenerReadsTheRestFromTheStore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m, k := newMemory(), &keeper{}
		k.slow = time.Second
		j := NewJournal(m, k)
		f := j.feeds[0]
		for at := 1; at <= feedMost+4000; at += 1000 {
			batch := make([]call.Fact, 1000)
			for i := range batch {
				batch[i] = call.Fact{Call: "c1", Seq: at + i, At: noon}
			}
			m.facts = append(m.facts, func() (out []Numbered) {
				for i, b := range batch {
					out = append(out, Numbered{Number: int64(at + i), Fact: b})
				}
				return out
			}()...)
			f.post(m.facts[len(m.facts)-1000:])
		}
		if f.held > feedMost || !f.behind {
			t.Errorf("the box holds %d facts, behind %v", f.held, f.behind)
		}
		f.showAll(context.Background())
		if got, want := k.numbers(), numbered(1, feedMost+4000); !slices.Equal(got, want) {
			t.Errorf("got %d facts, want %d in order", len(got), len(want))
		}
	})
}

// stubborn fails three times before it takes anything.
type stubborn struct {
	namedKeeper
	failures int
}

func (s *stubborn) Take(_ context.Context, facts []Numbered) error {
	if s.failures < 3 {
		s.failures++
		return errBroken
	}
	s.Facts(facts)
	return nil
}

func TestDurableListenerGetsFactsAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &stubborn{}
		j := NewJournal(newMemory(), s)
		stop := running(t, j)
		j.Append(fact("c1", 1, call.Entered))
		j.Append(fact("c1", 2, call.Ended))
		time.Sleep(5 * time.Second)
		if err := stop(); err != nil {
			t.Error(err)
		}
		if got, want := s.numbers(), numbered(1, 2); !slices.Equal(got, want) {
			t.Errorf("got %v, want %v", got, want)
		}
	})
}

func TestJournalMendsWhatCannotBeWritten(t *testing.T) {
	j := NewJournal(newMemory())
	q := &call.Quality{MOS: math.NaN(), LossPct: math.Inf(1)}
	j.Append(call.Fact{Call: "c1", Seq: 1, Quality: q})
	got := j.waiting[0]
	if got.At.IsZero() || got.Quality.MOS != 0 || got.Quality.LossPct != 0 || !math.IsNaN(q.MOS) {
		t.Errorf("got %+v %+v; the sender's own must stay: %+v", got, got.Quality, q)
	}
}

func TestEndOrphans(t *testing.T) {
	m := newMemory()
	ctx := context.Background()
	for i, name := range []string{"answered", "running"} {
		facts := sceneFile(t, name)
		for k := range facts {
			facts[k].Call = call.ID(name)
		}
		if i == 0 {
			facts = append(facts[:11:11], Late(call.Fact{Call: "answered", Kind: call.Transferred, At: noon.Add(24 * time.Second)}))
		}
		if _, err := m.AppendFacts(ctx, facts); err != nil {
			t.Fatal(err)
		}
	}
	ended := fact("ended", 1, call.Ended)
	if _, err := m.AppendFacts(ctx, []call.Fact{ended}); err != nil {
		t.Fatal(err)
	}
	m.cursors[aliveCursor] = noon.Add(100 * time.Second).UnixMilli()
	n, err := EndOrphans(ctx, m)
	if err != nil || n != 2 {
		t.Fatalf("got %d, %v, want 2 ended", n, err)
	}
	r := m.records["answered"]
	if got, want := r.Ended, noon.Add(100*time.Second); !got.Equal(want) || r.Cause != call.Crashed || r.Facts != 13 {
		t.Errorf("got end %v cause %s of %d facts, want %v", got, r.Cause, r.Facts, want)
	}
	if r := m.records["ended"]; !r.Ended.Equal(ended.At) || r.Cause == call.Crashed {
		t.Errorf("a call with an end only lacked its record: got %+v", r)
	}
	if n, err := EndOrphans(ctx, m); n != 0 || err != nil {
		t.Errorf("again: got %d, %v, want none", n, err)
	}
}

// TestEndOrphansWithoutASign: the process died before it left a sign of life.
func TestEndOrphansWithoutASign(t *testing.T) {
	m := newMemory()
	if _, err := m.AppendFacts(context.Background(), sceneFile(t, "running")); err != nil {
		t.Fatal(err)
	}
	if _, err := EndOrphans(context.Background(), m); err != nil {
		t.Fatal(err)
	}
	if got, want := m.records["c1"].Ended, noon.Add(11*time.Second); !got.Equal(want) {
		t.Errorf("got %v, want the last fact's time %v", got, want)
	}
}

// TestJournalFoldsWithoutReading: a call that the journal saw whole gets its record with its last facts, in one commit. One it did
// not see from its first fact is read.
func TestJournalFoldsWithoutReading(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newMemory()
		if _, err := m.AppendFacts(t.Context(), []call.Fact{fact("older", 1, call.Started)}); err != nil {
			t.Fatal(err)
		}
		j := NewJournal(m)
		stop := running(t, j)
		commits := m.commits
		for _, f := range []call.Fact{fact("c1", 1, call.Started), fact("c2", 1, call.Started), fact("c1", 2, call.Answered)} {
			j.Append(f)
		}
		time.Sleep(time.Second)
		j.Append(fact("c1", 3, call.Ended))
		j.Append(fact("c2", 2, call.Ended))
		time.Sleep(time.Second)
		synctest.Wait() // and what the journal wrote is ours to read
		if got, want := m.commits-commits, 2; got != want || m.reads != 0 || len(j.ledger) != 0 {
			t.Errorf("got %d commits, %d reads and %d calls held, want %d, 0 and 0", got, m.reads, len(j.ledger), want)
		}
		for _, id := range []call.ID{"c1", "c2"} {
			if got, want := m.records[id], Fold(m.of(id)); !reflect.DeepEqual(got, want) || got.Open() {
				t.Errorf("record of %s: got %+v, want %+v", id, got, want)
			}
		}
		j.Append(fact("older", 2, call.Ended))
		j.Append(Late(fact("c1", 0, Wrapped)))
		time.Sleep(time.Second)
		synctest.Wait()
		if m.reads != 2 || m.records["older"].Facts != 2 || m.records["c1"].Facts != 4 {
			t.Errorf("got %d reads, records of %d and %d facts, want 2, 2 and 4", m.reads, m.records["older"].Facts, m.records["c1"].Facts)
		}
		if err := stop(); err != nil {
			t.Error(err)
		}
	})
}

// TestJournalKeepsFactsOfARecordThatCannotBeWritten: the facts go alone, the record follows when it can.
func TestJournalKeepsFactsOfARecordThatCannotBeWritten(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m, k := newMemory(), &keeper{}
		m.noRecords = true
		j := NewJournal(m, k)
		stop := running(t, j)
		j.Append(fact("c1", 1, call.Started))
		j.Append(fact("c1", 2, call.Ended))
		time.Sleep(time.Second)
		synctest.Wait()
		if got, want := k.numbers(), numbered(1, 2); !slices.Equal(got, want) || m.records["c1"].Facts != 2 {
			t.Errorf("got facts %v and a record of %d facts, want %v and 2", got, m.records["c1"].Facts, want)
		}
		if err := stop(); err != nil {
			t.Error(err)
		}
	})
}

// TestLedgerLetsGoOfGapsAndLongCalls: what is not whole is not held.
func TestLedgerLetsGoOfGapsAndLongCalls(t *testing.T) {
	l := ledger{}
	l.took([]call.Fact{fact("gap", 1, call.Started), fact("gap", 3, call.Held), fact("middle", 2, call.Held)})
	for i := range ledgerMost + 1 {
		l.took([]call.Fact{fact("long", i+1, call.Held)})
	}
	if len(l) != 0 {
		t.Errorf("got %d calls held, want none", len(l))
	}
	l.took([]call.Fact{fact("again", 1, call.Started)})
	records, read := l.records([]call.Fact{fact("again", 3, call.Ended)})
	if len(records) != 0 || !slices.Equal(read, []call.ID{"again"}) {
		t.Errorf("got %v and %v, want no record, and the call to be read", records, read)
	}
}
