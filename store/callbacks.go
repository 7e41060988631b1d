package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"

	"hotline/call"
	"hotline/callback"
)

// SaveCallback satisfies callback.Store.
func (d *DB) SaveCallback(ctx context.Context, e callback.Entry) error {
	body, err := json.Marshal(e)
	if err != nil {
		return fault("write a callback as JSON", err)
	}
	_, err = d.exec(ctx, "keep a callback", `INSERT INTO callbacks (id, open, asked, body) VALUES (?, ?, ?, ?)
		ON CONFLICT (id) DO UPDATE SET open = excluded.open, asked = excluded.asked, body = excluded.body`, string(e.ID), e.State.Open(), micros(e.AskedAt), string(body))
	return err
}

// Callbacks satisfies callback.Store.
func (d *DB) Callbacks(ctx context.Context, limit int) ([]callback.Entry, error) {
	return query(ctx, d.read, "read callbacks", asJSON[callback.Entry],
		"SELECT body FROM (SELECT body, asked, id FROM callbacks ORDER BY open DESC, asked DESC LIMIT ?) ORDER BY asked, id", limit)
}

// Callback satisfies callback.Store.
func (d *DB) Callback(ctx context.Context, id call.ID) (callback.Entry, bool, error) {
	e, err := asJSON[callback.Entry](d.read.QueryRowContext(ctx, "SELECT body FROM callbacks WHERE id = ?", string(id)))
	if errors.Is(err, sql.ErrNoRows) {
		return e, false, nil
	}
	return e, err == nil, fault("read a callback", err)
}
