package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"

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
