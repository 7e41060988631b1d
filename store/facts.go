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
	for i := range facts {
		numbered[i].Fact = facts[i]
	}
	err := d.tx(ctx, "append facts", func(tx *sql.Tx) error {
		if err := newAppender(tx).append(numbered); err != nil {
			return err
		}
		return saveRecords(tx, records)
	})
	if err != nil {
		return nil, err
	}
	return numbered, nil
}

// appender writes facts in one transaction. Its statements run without a context of their own: the driver would start a
// goroutine for each, and the transaction's context rolls everything back anyway.
type appender struct {
	tx     *sql.Tx
	opened map[call.ID]bool
	open   []any // the same calls, to be written
}

func newAppender(tx *sql.Tx) *appender { return &appender{tx: tx, opened: map[call.ID]bool{}} }

var (
	insertFacts = newBulk("INSERT INTO facts (call, seq, at, kind, body) VALUES ", 5, " ON CONFLICT (call, seq) DO NOTHING") //nolint:gochecknoglobals // a constant of a type that has none
	insertOpen  = newBulk("INSERT INTO open_calls (call) VALUES ", 1, " ON CONFLICT DO NOTHING")                             //nolint:gochecknoglobals // a constant of a type that has none
)

// append writes facts and fills in their numbers; a fact that was written before has that of then.
func (a *appender) append(facts []cdr.Numbered) error {
	args := make([]any, 0, insertFacts.width*len(facts))
	for i := range facts {
		f := &facts[i].Fact
		body, err := json.Marshal(f)
		if err != nil {
			return fmt.Errorf("write fact %d of call %s as JSON: %w", f.Seq, f.Call, err)
		}
		args = append(args, string(f.Call), int64(f.Seq), micros(f.At), string(f.Kind), string(body))
	}
	err := insertFacts.run(a.tx, args, func(rows int, res sql.Result) error {
		some := facts[:rows]
		facts = facts[rows:]
		return a.number(some, res)
	})
	if err != nil {
		return err
	}
	return insertOpen.run(a.tx, a.open, nil)
}

// number gives the facts of one statement their numbers: those just added have the last ones, in a row.
func (a *appender) number(facts []cdr.Numbered, res sql.Result) error {
	added, err := res.RowsAffected()
	if err != nil {
		return err
	}
	last, err := res.LastInsertId()
	if err != nil {
		return err
	}
	whole := added == int64(len(facts))
	for i := range facts {
		f := &facts[i]
		if f.Number = last - added + 1 + int64(i); !whole {
			const find = "SELECT number FROM facts WHERE call = ? AND seq = ?"
			if err := a.tx.QueryRow(find, f.Call, f.Seq).Scan(&f.Number); err != nil { //nolint:noctx // see appender
				return err
			}
			if added == 0 || f.Number <= last-added {
				continue // was there before
			}
		}
		if !a.opened[f.Call] {
			a.opened[f.Call] = true
			a.open = append(a.open, string(f.Call))
		}
	}
	return nil
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
