package store_test

import (
	"context"
	"database/sql"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"hotline/call"
	"hotline/cdr"
	"hotline/store"
	"hotline/ticket"
)

var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

func fact(id call.ID, seq int, kind call.Kind) call.Fact {
	return call.Fact{Call: id, Seq: seq, Kind: kind, At: noon.Add(time.Duration(seq) * time.Second), From: "+8613800138000", Queue: "q"}
}

// journal runs a journal over a database; stop ends it.
func journal(t testing.TB, db cdr.Store, listeners ...cdr.Listener) (j *cdr.Journal, stop func() error) {
	t.Helper()
	j = cdr.NewJournal(db, listeners...)
	j.Logger = slog.New(slog.DiscardHandler)
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- j.Run(ctx) }()
	return j, func() error {
		cancel()
		return <-done
	}
}

// collector is a listener that keeps what it is shown.
type collector struct {
	mu    sync.Mutex
	facts []cdr.Numbered
}

func (c *collector) Facts(facts []cdr.Numbered) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.facts = append(c.facts, facts...)
}

func (c *collector) count() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.facts)
}

// TestLockedForTwoSeconds holds the database from another connection while calls go on: no fact is lost, the order is
// kept, and nobody who appends waits.
func TestLockedForTwoSeconds(t *testing.T) {
	db, path := fresh(t)
	c := &collector{}
	j, stop := journal(t, db, c)
	other := lock(t, path)
	free := time.After(2 * time.Second)
	tick := time.NewTicker(2 * time.Millisecond)
	defer tick.Stop()
	n := 0
	for locked := true; locked; {
		select {
		case <-free:
			locked = false
		case <-tick.C:
			n++
			j.Append(fact("c1", n, call.Entered))
		}
	}
	if shown := c.count(); shown != 0 {
		t.Errorf("%d facts were shown while the database was locked", shown)
	}
	other()
	if err := stop(); err != nil {
		t.Fatal(err)
	}
	kept, err := db.FactsSince(t.Context(), 0, 2*n)
	if err != nil || len(kept) != n || len(c.facts) != n || n < 10 {
		t.Fatalf("got %d kept and %d shown of %d, %v", len(kept), len(c.facts), n, err)
	}
	for i, f := range kept {
		if f.Seq != i+1 || c.facts[i].Seq != i+1 {
			t.Fatalf("fact %d came as number %d", f.Seq, i+1)
		}
	}
}

// lock takes the database's write lock on a connection of its own.
func lock(t *testing.T, path string) (free func()) {
	t.Helper()
	db, err := sql.Open("sqlite3", path2uri(path)+"?_txlock=immediate")
	if err != nil {
		t.Fatal(err)
	}
	tx, err := db.Begin()
	if err != nil {
		t.Fatal(err)
	}
	return func() {
		if err := tx.Rollback(); err != nil {
			t.Error(err)
		}
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	}
}

func path2uri(path string) string {
	escaped := ""
	for _, r := range path {
		switch r {
		case '?', '#', '%', ' ':
			escaped += fmt.Sprintf("%%%02X", r)
		default:
			escaped += string(r)
		}
	}
	return "file:" + escaped
}

// TestKilled takes the files as they lie on the disk while the process still writes, which is what a kill leaves, and
// opens them: every fact that was committed is there, and the calls get their ends.
func TestKilled(t *testing.T) {
	db, path := fresh(t)
	j, stop := journal(t, db)
	for i := range 50 {
		j.Append(fact(call.ID(fmt.Sprintf("c%d", i)), 1, call.Started))
	}
	committed(t, db, 50)
	left := filepath.Join(t.TempDir(), "left.db")
	for _, end := range []string{"", "-wal"} {
		data, err := os.ReadFile(path + end)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(left+end, data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := stop(); err != nil {
		t.Fatal(err)
	}
	after := reopen(t, left)
	n, err := cdr.EndOrphans(t.Context(), after)
	if err != nil || n != 50 {
		t.Fatalf("got %d orphans, %v, want 50", n, err)
	}
	records, _, err := after.Records(t.Context(), cdr.Query{Limit: 1000})
	if err != nil || len(records) != 50 {
		t.Fatalf("got %d records, %v, want 50", len(records), err)
	}
	for _, r := range records {
		if r.Open() || r.Cause != call.Crashed {
			t.Errorf("got %+v", r)
		}
	}
}

// committed waits until so many facts are kept.
func committed(t testing.TB, db *store.DB, n int) {
	t.Helper()
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for range 10_000 {
		<-tick.C
		facts, err := db.FactsSince(context.Background(), 0, n+1)
		if err != nil {
			t.Fatal(err)
		}
		if len(facts) >= n {
			return
		}
	}
	t.Fatalf("%d facts were never committed", n)
}

// TestListenersSeeOnlyWhatIsKept reads each fact back by another connection at the moment the listener is shown it.
func TestListenersSeeOnlyWhatIsKept(t *testing.T) {
	db, _ := fresh(t)
	seen := make(chan bool, 100)
	j, stop := journal(t, db, listenerFunc(func(facts []cdr.Numbered) {
		for _, f := range facts {
			kept, err := db.FactsSince(context.Background(), f.Number-1, 1)
			seen <- err == nil && len(kept) == 1 && kept[0].Call == f.Call
		}
	}))
	for i := range 20 {
		j.Append(fact("c1", i+1, call.Entered))
	}
	if err := stop(); err != nil {
		t.Fatal(err)
	}
	close(seen)
	n := 0
	for ok := range seen {
		n++
		if !ok {
			t.Errorf("a fact was shown that is not kept")
		}
	}
	if n != 20 {
		t.Errorf("got %d facts, want 20", n)
	}
}

type listenerFunc func([]cdr.Numbered)

func (f listenerFunc) Facts(facts []cdr.Numbered) { f(facts) }

// BenchmarkJournal is the whole road of a fact: append, group commit to the disk, listener. It prints facts a second.
func BenchmarkJournal(b *testing.B) {
	db, _ := fresh(b)
	c := &collector{}
	j, stop := journal(b, db, c)
	b.ResetTimer()
	for i := range b.N {
		j.Append(fact(call.ID(fmt.Sprintf("c%d", i/20)), i%20+1, call.Entered))
	}
	if err := stop(); err != nil {
		b.Fatal(err)
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "facts/s")
}

// BenchmarkCommit is a commit of one fact and of many: what grouping gains.
func BenchmarkCommit(b *testing.B) {
	for _, group := range []int{1, 10, 100, 1000} {
		b.Run(fmt.Sprintf("group=%d", group), func(b *testing.B) {
			db, _ := fresh(b)
			facts := make([]call.Fact, group)
			n := 0
			for b.Loop() {
				for i := range facts {
					n++
					facts[i] = fact(call.ID(fmt.Sprintf("c%d", n/20)), n%20+1, call.Entered)
				}
				if _, err := db.AppendFacts(context.Background(), facts); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "facts/s")
		})
	}
}

// BenchmarkFold is a record of a usual call.
func BenchmarkFold(b *testing.B) {
	var facts []call.Fact
	for i, kind := range []call.Kind{call.Started, call.Answered, call.Entered, call.Entered, call.Chosen, call.Routed, call.Queued, call.Offer, call.Dialled,
		call.LeftQueue, call.Connected, call.RecordingStarted, call.Held, call.Resumed, call.LegGone, call.RecordingStopped, call.LegGone, call.Ended} {
		facts = append(facts, fact("c1", i+1, kind))
	}
	b.ReportAllocs()
	for b.Loop() {
		cdr.Fold(facts)
	}
}

// TestTicketsSurviveAKill: the facts of an abandoned call were committed, then the process was killed before the desk saw
// them. The next process makes the ticket, and the one after that makes no second.
func TestTicketsSurviveAKill(t *testing.T) {
	db, _ := fresh(t)
	facts := []call.Fact{fact("c1", 1, call.Started), fact("c1", 2, call.Queued), fact("c1", 60, call.Ended)}
	facts[2].Side, facts[2].Cause = "caller", call.Normal
	if _, err := db.AppendFacts(t.Context(), facts); err != nil {
		t.Fatal(err)
	}
	for run := range 3 {
		if _, err := cdr.EndOrphans(t.Context(), db); err != nil {
			t.Fatal(err)
		}
		desk := ticket.NewDesk(ticket.Config{OnAbandon: true, Zone: time.UTC}, db, db)
		_, stop := journal(t, db, desk)
		tick := time.NewTicker(time.Millisecond)
		for place := int64(0); place < 3; {
			<-tick.C
			var err error
			if place, err = db.Cursor(t.Context(), desk.Name()); err != nil {
				t.Fatal(err)
			}
		}
		tick.Stop()
		if err := stop(); err != nil {
			t.Fatal(err)
		}
		page, err := db.Tickets(t.Context(), ticket.Query{})
		if err != nil || len(page.Tickets) != 1 || page.Tickets[0].Origin != ticket.ByAbandon {
			t.Fatalf("run %d: got %+v, %v, want one ticket", run, page, err)
		}
		if err := db.SaveCursor(t.Context(), desk.Name(), 0); err != nil { // as if the place had never been kept
			t.Fatal(err)
		}
	}
}
