package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"

	"hotline/call"
	"hotline/cdr"
)

// AppendFacts satisfies cdr.FactStore.
func (d *DB) AppendFacts(ctx context.Context, facts []call.Fact, records ...cdr.Record) ([]cdr.Numbered, error) {
	numbered := make([]cdr.Numbered, len(facts))
	err := d.tx(ctx, "append facts", func(tx *sql.Tx) error {
		a, err := newAppender(tx)
		if err != nil {
			return err
		}
		for i, f := range facts {
			number, err := a.append(f)
			if err != nil {
				return err
			}
			numbered[i] = cdr.Numbered{Number: number, Fact: f}
		}
		return saveRecords(tx, records)
	})
	if err != nil {
		return nil, err
	}
	return numbered, nil
}

// appender holds the statements of one transaction. They run without a context of their own: the driver would start a
// goroutine for each, and the transaction's context rolls everything back anyway.
type appender struct {
	insert, find, open *sql.Stmt
	opened             map[call.ID]bool
}

func newAppender(tx *sql.Tx) (*appender, error) {
	a := &appender{opened: map[call.ID]bool{}}
	for _, s := range []struct {
		to  **sql.Stmt
		sql string
	}{
		{&a.insert, "INSERT INTO facts (call, seq, at, kind, body) VALUES (?, ?, ?, ?, ?) ON CONFLICT (call, seq) DO NOTHING"},
		{&a.find, "SELECT number FROM facts WHERE call = ? AND seq = ?"},
		{&a.open, "INSERT INTO open_calls (call) VALUES (?) ON CONFLICT DO NOTHING"},
	} {
		stmt, err := tx.Prepare(s.sql) //nolint:noctx // see appender
		if err != nil {
			return nil, err
		}
		*s.to = stmt
	}
	return a, nil
}

// append writes one fact and returns its number, or that of the same fact written before.
func (a *appender) append(f call.Fact) (number int64, err error) {
	body, err := json.Marshal(f)
	if err != nil {
		return 0, fmt.Errorf("write fact %d of call %s as JSON: %w", f.Seq, f.Call, err)
	}
	res, err := a.insert.Exec(f.Call, f.Seq, micros(f.At), f.Kind, string(body)) //nolint:noctx // see appender
	if err != nil {
		return 0, err
	}
	added, err := res.RowsAffected()
	if err != nil {
		return 0, err
	}
	if added == 0 {
		return number, a.find.QueryRow(f.Call, f.Seq).Scan(&number) //nolint:noctx // see appender
	}
	if !a.opened[f.Call] {
		a.opened[f.Call] = true
		if _, err := a.open.Exec(f.Call); err != nil { //nolint:noctx // see appender
			return 0, err
		}
	}
	return res.LastInsertId()
}

// FactsOf satisfies cdr.FactStore.
func (d *DB) FactsOf(ctx context.Context, id call.ID) ([]call.Fact, error) {
	return query(ctx, d.read, "read the facts of a call", asJSON[call.Fact], "SELECT body FROM facts WHERE call = ? ORDER BY seq", id)
}

// FactsSince satisfies cdr.FactStore.
func (d *DB) FactsSince(ctx context.Context, after int64, limit int) ([]cdr.Numbered, error) {
	return query(ctx, d.read, "read facts", asNumbered, "SELECT number, body FROM facts WHERE number > ? ORDER BY number LIMIT ?", after, limit)
}

func asNumbered(row scanner) (cdr.Numbered, error) {
	var (
		n    cdr.Numbered
		body []byte
	)
	if err := row.Scan(&n.Number, &body); err != nil {
		return n, err
	}
	if err := json.Unmarshal(body, &n.Fact); err != nil {
		return n, fmt.Errorf("read fact %d: %w", n.Number, err)
	}
	return n, nil
}

// OpenCalls satisfies cdr.FactStore.
func (d *DB) OpenCalls(ctx context.Context) ([]call.ID, error) {
	return query(ctx, d.read, "list the open calls", asText[call.ID], "SELECT call FROM open_calls ORDER BY call")
}

// Cursor satisfies cdr.CursorStore.
func (d *DB) Cursor(ctx context.Context, name string) (int64, error) {
	var n int64
	err := d.read.QueryRowContext(ctx, "SELECT number FROM cursors WHERE name = ?", name).Scan(&n)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, nil
	}
	return n, fault("read a listener's place", err)
}

// SaveCursor satisfies cdr.CursorStore.
func (d *DB) SaveCursor(ctx context.Context, name string, number int64) error {
	_, err := d.exec(ctx, "keep a listener's place",
		"INSERT INTO cursors (name, number) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET number = excluded.number", name, number)
	return err
}
