// Package store keeps things in SQL: facts and records of calls, tickets, recordings, people, settings, phones' places
// and agents' states, in one SQLite file. It holds no rule of any of them: each package says what it needs in an
// interface of its own, and *DB satisfies them all.
package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"time"

	_ "github.com/mattn/go-sqlite3" // the driver "sqlite3"

	"hotline/account"
	"hotline/cdr"
	"hotline/recording"
	"hotline/sip/registrar"
	"hotline/ticket"
)

// DB is an open database. All methods may be called from any goroutine. Writes queue for the one writing connection,
// reads have a pool of their own and never wait for writes.
type DB struct {
	write *sql.DB          // one connection, every transaction immediate
	read  *sql.DB          // query only
	now   func() time.Time // for settings
}

var (
	_ cdr.Store        = (*DB)(nil)
	_ cdr.AgentLog     = (*DB)(nil)
	_ ticket.Store     = (*DB)(nil)
	_ recording.Store  = (*DB)(nil)
	_ account.Store    = (*DB)(nil)
	_ registrar.Keeper = (*DB)(nil)
)

const (
	busyFor   = 5 * time.Second // how long a statement waits for another process's lock
	readers   = 4
	writeMode = "_txlock=immediate"
	// statements is how many compiled statements a connection keeps: more than there are in this package. Compiling costs
	// as much as running (a third of a short call's CPU in SQL).
	statements = 256
	readMode   = "_query_only=on"
)

// Open opens or makes the database file at path and brings its tables up to date. A file written by a newer version is
// refused with ErrTooNew and left as it is.
func Open(ctx context.Context, path string) (*DB, error) {
	write, err := connect(path, writeMode, 1)
	if err != nil {
		return nil, err
	}
	if err := migrate(ctx, write); err != nil {
		return nil, errors.Join(fmt.Errorf("open database %s: %w", path, err), write.Close())
	}
	read, err := connect(path, readMode, readers)
	if err != nil {
		return nil, errors.Join(err, write.Close())
	}
	return &DB{write: write, read: read, now: time.Now}, nil
}

// connect makes a pool with the pragmas every connection has.
func connect(path, mode string, conns int) (*sql.DB, error) {
	name := fmt.Sprintf("file:%s?_journal_mode=WAL&_synchronous=FULL&_foreign_keys=on&_busy_timeout=%d&_stmt_cache_size=%d&%s",
		(&url.URL{Path: path}).EscapedPath(), busyFor.Milliseconds(), statements, mode)
	db, err := sql.Open("sqlite3", name)
	if err != nil {
		return nil, fmt.Errorf("open database %s: %w", path, err)
	}
	db.SetMaxOpenConns(conns)
	db.SetMaxIdleConns(conns)
	return db, nil
}

// Close writes the log back into the file and closes it.
func (d *DB) Close() error {
	_, err := d.write.Exec("PRAGMA wal_checkpoint(TRUNCATE)")
	return errors.Join(fault("write the log back", err), d.read.Close(), d.write.Close())
}

// Check reads one row, for the health page.
func (d *DB) Check(ctx context.Context) error {
	var n int
	return fault("check the database", d.read.QueryRowContext(ctx, "SELECT count(*) FROM cursors").Scan(&n))
}

// tx runs f in one writing transaction and commits if it returns nil. what says what was tried, for the error.
func (d *DB) tx(ctx context.Context, what string, f func(tx *sql.Tx) error) error {
	tx, err := d.write.BeginTx(ctx, nil)
	if err != nil {
		return fault(what, err)
	}
	defer tx.Rollback() //nolint:errcheck // nothing to do about it, and after Commit it is a no-op
	if err := f(tx); err != nil {
		return fault(what, err)
	}
	return fault(what, tx.Commit())
}

// exec runs one writing statement.
func (d *DB) exec(ctx context.Context, what, statement string, args ...any) (sql.Result, error) {
	res, err := d.write.ExecContext(ctx, statement, args...)
	return res, fault(what, err)
}

// query reads rows with scan, in order.
func query[T any](ctx context.Context, db *sql.DB, what string, scan func(scanner) (T, error), statement string, args ...any) ([]T, error) {
	rows, err := db.QueryContext(ctx, statement, args...)
	if err != nil {
		return nil, fault(what, err)
	}
	defer rows.Close()
	var all []T
	for rows.Next() {
		item, err := scan(rows)
		if err != nil {
			return nil, fault(what, err)
		}
		all = append(all, item)
	}
	return all, fault(what, rows.Err())
}

// scanner is a row, alone or among others.
type scanner interface{ Scan(dest ...any) error }

// asText reads a row of one text.
func asText[T ~string](row scanner) (T, error) {
	var s T
	err := row.Scan(&s)
	return s, err
}

// asJSON reads a row of one JSON text.
func asJSON[T any](row scanner) (T, error) {
	var (
		item T
		body []byte
	)
	if err := row.Scan(&body); err != nil {
		return item, err
	}
	if err := json.Unmarshal(body, &item); err != nil {
		return item, fmt.Errorf("read a kept document: %w", err)
	}
	return item, nil
}

// micros is a time as it is kept; 0 for the zero time.
func micros(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMicro()
}

func fromMicros(n int64) time.Time {
	if n == 0 {
		return time.Time{}
	}
	return time.UnixMicro(n).UTC()
}
