package store_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"hotline/account"
	"hotline/call"
	"hotline/store"
)

// TestBackupUnderLoad copies the database while facts are being written, restores the copy elsewhere and compares.
func TestBackupUnderLoad(t *testing.T) {
	db, _ := fresh(t)
	j, stop := journal(t, db)
	for i := range 2000 {
		j.Append(fact("c1", i+1, call.Entered))
	}
	committed(t, db, 100)
	copied := filepath.Join(t.TempDir(), "back up?.db")
	if err := db.Backup(t.Context(), copied); err != nil {
		t.Fatal(err)
	}
	for i := range 1000 {
		j.Append(fact("c2", i+1, call.Entered))
	}
	if err := stop(); err != nil {
		t.Fatal(err)
	}
	place := filepath.Join(t.TempDir(), "new.db")
	if old, err := store.Restore(t.Context(), copied, place); err != nil || old != "" {
		t.Fatalf("got %q, %v", old, err)
	}
	got, err := reopen(t, place).FactsSince(t.Context(), 0, 5000)
	if err != nil || len(got) < 100 {
		t.Fatalf("got %d facts, %v", len(got), err)
	}
	want, err := db.FactsSince(t.Context(), 0, len(got))
	if err != nil || fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("the restored rows differ, %v", err)
	}
	if err := db.Backup(t.Context(), copied); !errors.Is(err, os.ErrExist) {
		t.Errorf("a second backup to the same file: got %v", err)
	}
	names, _ := filepath.Glob(filepath.Dir(copied) + "/*")
	if len(names) != 1 {
		t.Errorf("left behind: %q", names)
	}
}

func TestRestoreKeepsWhatWasThere(t *testing.T) {
	db, path := fresh(t)
	copied := filepath.Join(t.TempDir(), "backup.db")
	if err := db.Backup(t.Context(), copied); err != nil {
		t.Fatal(err)
	}
	if _, err := store.Restore(t.Context(), copied, path); !errors.Is(err, store.ErrLocked) {
		t.Errorf("over a database that is open: got %v, want it refused", err)
	}
	place := filepath.Join(t.TempDir(), "place.db")
	second, err := store.Open(t.Context(), place)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(second.SaveCursor(t.Context(), "x", 7), second.Close()); err != nil {
		t.Fatal(err)
	}
	old, err := store.Restore(t.Context(), copied, place)
	if err != nil || old == "" {
		t.Fatalf("got %q, %v", old, err)
	}
	for file, want := range map[string]int64{old: 7, place: 0} {
		if got, err := reopen(t, file).Cursor(t.Context(), "x"); got != want || err != nil {
			t.Errorf("%s: got %d, %v, want %d", file, got, err, want)
		}
	}
}

// TestDamagedFilesAreRefused restores what must never be restored.
func TestDamagedFilesAreRefused(t *testing.T) {
	db, _ := fresh(t)
	var facts []call.Fact
	for i := range 2000 {
		facts = append(facts, fact("c1", i+1, call.Entered))
	}
	if _, err := db.AppendFacts(t.Context(), facts); err != nil {
		t.Fatal(err)
	}
	whole := filepath.Join(t.TempDir(), "whole.db")
	if err := db.Backup(t.Context(), whole); err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(whole)
	if err != nil {
		t.Fatal(err)
	}
	scratched := slices.Clone(data)
	for i := len(data) / 2; i < len(data)/2+9000; i++ {
		scratched[i] = 0x5a
	}
	place := filepath.Join(t.TempDir(), "place.db")
	for name, content := range map[string][]byte{"cut": data[:len(data)/2], "scratched": scratched, "no database": []byte(strings.Repeat("x", 5000)),
		"empty": nil} {
		bad := filepath.Join(t.TempDir(), "bad.db")
		if err := os.WriteFile(bad, content, 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := store.Restore(t.Context(), bad, place); !errors.Is(err, store.ErrCorrupt) {
			t.Errorf("%s: got %v, want it refused as damaged", name, err)
		}
		if _, err := os.Stat(place); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("%s: something was put in place", name)
		}
	}
}

func TestTooNewIsRefused(t *testing.T) {
	db, path := fresh(t)
	copied := filepath.Join(t.TempDir(), "newer.db")
	raw, err := sql.Open("sqlite3", path2uri(path))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := raw.Exec("INSERT INTO goose_db_version (version_id, is_applied) VALUES (9999, 1)"); err != nil {
		t.Fatal(err)
	}
	if err := raw.Close(); err != nil {
		t.Fatal(err)
	}
	if err := db.Backup(t.Context(), copied); !errors.Is(err, store.ErrTooNew) {
		t.Errorf("backup: got %v", err)
	}
	_, err = store.Open(context.Background(), path)
	var e *store.Error
	if !errors.Is(err, store.ErrTooNew) || !errors.As(err, &e) {
		t.Fatalf("open: got %v", err)
	}
	if kind, sentence := e.Fault(); kind != "unavailable" || !strings.Contains(sentence, "newer version") {
		t.Errorf("got %q %q", kind, sentence)
	}
}

// TestTrailIsAppendOnly tries to change it by SQL.
func TestTrailIsAppendOnly(t *testing.T) {
	db, path := fresh(t)
	if _, err := db.AppendTrail(t.Context(), account.Entry{At: noon, Who: "p1", What: "login"}); err != nil {
		t.Fatal(err)
	}
	raw, err := sql.Open("sqlite3", path2uri(path))
	if err != nil {
		t.Fatal(err)
	}
	defer raw.Close()
	for _, statement := range []string{"UPDATE trail SET who = 'x'", "DELETE FROM trail"} {
		if _, err := raw.Exec(statement); err == nil || !strings.Contains(err.Error(), "append-only") {
			t.Errorf("%s: got %v", statement, err)
		}
	}
}
