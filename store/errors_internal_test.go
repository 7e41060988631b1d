package store

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	sqlite "github.com/mattn/go-sqlite3"

	"hotline/call"
	"hotline/cdr"
)

func TestFaultKinds(t *testing.T) {
	for _, c := range []struct {
		in   error
		want error
		kind string
	}{
		{sqlite.Error{Code: sqlite.ErrBusy}, ErrLocked, "unavailable"}, {sqlite.Error{Code: sqlite.ErrFull}, ErrFull, "unavailable"},
		{sqlite.Error{Code: sqlite.ErrNotADB}, ErrCorrupt, "unavailable"}, {sqlite.Error{Code: sqlite.ErrReadonly}, ErrReadOnly, "unavailable"},
		{sqlite.Error{Code: sqlite.ErrIoErr}, ErrDisk, "unavailable"}, {ErrConflict, ErrConflict, "conflict"}, {ErrNotFound, ErrNotFound, "not-found"},
	} {
		err := fault("try", c.in)
		var e *Error
		if !errors.Is(err, c.want) || !errors.As(err, &e) || !strings.HasPrefix(err.Error(), "try: ") {
			t.Errorf("%v: got %v, want %v", c.in, err, c.want)
			continue
		}
		if kind, sentence := e.Fault(); kind != c.kind || sentence == "" {
			t.Errorf("%v: got %q %q, want %q", c.in, kind, sentence, c.kind)
		}
	}
	if fault("try", nil) != nil {
		t.Errorf("nil must stay nil")
	}
	if err := fault("try", io.EOF); !errors.Is(err, io.EOF) || errors.Is(err, ErrDisk) {
		t.Errorf("got %v", err)
	}
}

// TestFullDisk lets the file grow no more: the error says so, what was kept stays readable, and writing goes on when there
// is room again.
func TestFullDisk(t *testing.T) {
	db, err := Open(context.Background(), filepath.Join(t.TempDir(), "full.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	ctx := t.Context()
	limit := func(pages string) {
		t.Helper()
		if _, err := db.write.ExecContext(ctx, "PRAGMA max_page_count = "+pages); err != nil {
			t.Fatal(err)
		}
	}
	limit("1") // SQLite takes the present size for less
	big := call.Fact{Call: "c", Kind: call.Entered, At: time.Unix(1, 0).UTC(), Reason: strings.Repeat("x", 1000)}
	n := 0
	for err == nil && n < 1000 {
		n++
		big.Seq = n
		_, err = db.AppendFacts(ctx, []call.Fact{big})
	}
	if !errors.Is(err, ErrFull) {
		t.Fatalf("after %d facts: got %v, want the disk to be full", n, err)
	}
	kept, err := db.FactsOf(ctx, "c")
	if err != nil || len(kept) != n-1 {
		t.Errorf("got %d facts, %v, want %d", len(kept), err, n-1)
	}
	limit("100000")
	if _, err := db.AppendFacts(ctx, []call.Fact{big}); err != nil {
		t.Errorf("with room again: %v", err)
	}
}

// TestPragmas reads back what the design asks for.
func TestPragmas(t *testing.T) {
	db, err := Open(context.Background(), filepath.Join(t.TempDir(), "p.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for _, c := range []struct{ pragma, write, read string }{
		{"journal_mode", "wal", "wal"}, {"synchronous", "2", "2"}, {"foreign_keys", "1", "1"}, {"busy_timeout", "5000", "5000"}, {"query_only", "0", "1"},
	} {
		var write, read string
		err := errors.Join(db.write.QueryRow("PRAGMA "+c.pragma).Scan(&write), db.read.QueryRow("PRAGMA "+c.pragma).Scan(&read))
		if err != nil || write != c.write || read != c.read {
			t.Errorf("%s: got %s and %s, %v, want %s and %s", c.pragma, write, read, err, c.write, c.read)
		}
	}
	if _, err := db.read.Exec("DELETE FROM cursors"); err == nil {
		t.Errorf("a reader wrote")
	}
}

// TestMigrationsGoBack takes every step down and up again.
func TestMigrationsGoBack(t *testing.T) {
	db, err := Open(context.Background(), filepath.Join(t.TempDir(), "m.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	steps, err := provider(db.write)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := steps.DownTo(t.Context(), 0); err != nil {
		t.Fatal(err)
	}
	var left int
	err = db.read.QueryRow("SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND name <> 'goose_db_version'").Scan(&left)
	if err != nil || left != 0 {
		t.Errorf("got %d tables left, %v", left, err)
	}
	if _, err := steps.Up(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := db.Check(t.Context()); err != nil {
		t.Error(err)
	}
}

// TestMigrationsKeepRecords takes records, with their queues and agents, down to the table that they once had, and up again.
func TestMigrationsKeepRecords(t *testing.T) {
	db, err := Open(t.Context(), filepath.Join(t.TempDir(), "m.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	var saved []cdr.Record
	for i := range 3 {
		saved = append(saved, cdr.Record{Call: call.ID(fmt.Sprintf("call-%d", i)), Started: time.UnixMilli(int64(i) * 1000).UTC(), Topic: "refund",
			WaitMS: 7, TalkMS: 9, Queues: []cdr.Stay{{Queue: "desk"}}, By: "one"})
	}
	if err := db.SaveRecords(t.Context(), saved); err != nil {
		t.Fatal(err)
	}
	before, _, err := db.Records(t.Context(), cdr.Query{Queue: "desk", Agent: "one", Sort: "-wait"})
	if err != nil || len(before) != len(saved) {
		t.Fatalf("got %d records, %v, want %d", len(before), err, len(saved))
	}
	steps, err := provider(db.write)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := steps.DownTo(t.Context(), 16); err != nil {
		t.Fatal(err)
	}
	if _, err := steps.Up(t.Context()); err != nil {
		t.Fatal(err)
	}
	after, _, err := db.Records(t.Context(), cdr.Query{Queue: "desk", Agent: "one", Sort: "-wait"})
	if err != nil || !reflect.DeepEqual(before, after) {
		t.Errorf("got %+v, %v, want %+v", after, err, before)
	}
	var broken int
	if err := db.read.QueryRow("SELECT count(*) FROM pragma_foreign_key_check").Scan(&broken); err != nil || broken != 0 {
		t.Errorf("got %d rows of no record, %v", broken, err)
	}
}

func FuzzMatchWords(f *testing.F) {
	for _, s := range []string{"退款", `"`, "a*b", "NEAR(", "中a文1", "ＡＢ", "\xff\x00"} {
		f.Add(s)
	}
	db, err := Open(context.Background(), filepath.Join(f.TempDir(), "w.db"))
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() { _ = db.Close() })
	f.Fuzz(func(t *testing.T, s string) {
		match := matchWords(s)
		if match == "" {
			return
		}
		var n int
		if err := db.read.QueryRow("SELECT count(*) FROM ticket_words WHERE ticket_words MATCH ?", match).Scan(&n); err != nil {
			t.Fatalf("%q became %q: %v", s, match, err)
		}
	})
}
