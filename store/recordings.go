package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"hotline/recording"
)

// SaveRecording satisfies recording.Store.
func (d *DB) SaveRecording(ctx context.Context, row recording.Row) error {
	body, err := json.Marshal(row)
	if err != nil {
		return fmt.Errorf("write recording %s as JSON: %w", row.ID, err)
	}
	_, err = d.exec(ctx, "save a recording", `INSERT INTO recordings (id, call, segment, state, started, body) VALUES (?, ?, ?, ?, ?, ?)
		ON CONFLICT (id) DO UPDATE SET call = excluded.call, segment = excluded.segment, state = excluded.state,
		started = excluded.started, body = excluded.body`,
		row.ID, row.Call, row.Segment, row.State, micros(row.Started), string(body))
	return err
}

// Recording satisfies recording.Store.
func (d *DB) Recording(ctx context.Context, id string) (recording.Row, error) {
	row, err := asJSON[recording.Row](d.read.QueryRowContext(ctx, "SELECT body FROM recordings WHERE id = ?", id))
	if errors.Is(err, sql.ErrNoRows) {
		return recording.Row{}, recording.ErrNotFound
	}
	return row, fault("read a recording", err)
}

// RecordingsOf satisfies recording.Store.
func (d *DB) RecordingsOf(ctx context.Context, call string) ([]recording.Row, error) {
	return query(ctx, d.read, "read a call's recordings", asJSON[recording.Row], "SELECT body FROM recordings WHERE call = ? ORDER BY segment, id", call)
}

// OpenRecordings satisfies recording.Store.
func (d *DB) OpenRecordings(ctx context.Context) ([]recording.Row, error) {
	return query(ctx, d.read, "list the open recordings", asJSON[recording.Row], "SELECT body FROM recordings WHERE state = 'open' ORDER BY id")
}

// RecordingBytes is how much all recordings take, and how much of that those take that began since an instant.
func (d *DB) RecordingBytes(ctx context.Context, since time.Time) (all, recent int64, err error) {
	row := d.read.QueryRowContext(ctx, `SELECT COALESCE(SUM(body ->> '$.bytes'), 0), COALESCE(SUM(CASE WHEN started >= ? THEN body ->> '$.bytes' END), 0)
		FROM recordings`, micros(since))
	return all, recent, fault("add up the recordings", row.Scan(&all, &recent))
}

// Size is how many bytes the database takes, its log not counted.
func (d *DB) Size(ctx context.Context) (bytes int64, err error) {
	row := d.read.QueryRowContext(ctx, "SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()")
	return bytes, fault("ask how large the database is", row.Scan(&bytes))
}
