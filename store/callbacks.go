package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"strings"

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

// fittingCallbacks are the callbacks of a query: what is not asked for is empty and then always true.
const fittingCallbacks = ` FROM callbacks WHERE open >= ?1 AND (?2 = '' OR body ->> 'state' = ?2) AND (?3 = '' OR body ->> 'queue' = ?3)
	AND (?4 = '' OR instr(lower(concat_ws(' ', body ->> 'number', body ->> 'region', body ->> 'topic', body ->> 'by', body ->> 'agent')), lower(?4)) > 0)`

// callbackOrders are what callbacks are sorted by.
var callbackOrders = map[string]string{
	"": "asked", "askedAt": "asked", "since": "julianday(body ->> 'since')", "notBefore": "julianday(body ->> 'notBefore')", "tries": "body ->> 'tries'",
	"queue": "body ->> 'queue'", "number": "body ->> 'number'", "state": "body ->> 'state'",
}

// Callbacks satisfies callback.Store.
func (d *DB) Callbacks(ctx context.Context, q callback.Query) (page []callback.Entry, total int, err error) {
	args := []any{q.Open, string(q.State), q.Queue, q.Search}
	if err := d.read.QueryRowContext(ctx, "SELECT count(*)"+fittingCallbacks, args...).Scan(&total); err != nil {
		return nil, 0, fault("count callbacks", err)
	}
	by, down := strings.CutPrefix(q.Sort, "-")
	order := " ORDER BY " + callbackOrders[by]
	if down || by == "" {
		order += " DESC"
	}
	page, err = query(ctx, d.read, "read callbacks", asJSON[callback.Entry], "SELECT body"+fittingCallbacks+order+", id LIMIT ?5 OFFSET ?6", append(args, q.Limit, q.Offset)...)
	return page, total, err
}

// Callback satisfies callback.Store.
func (d *DB) Callback(ctx context.Context, id call.ID) (callback.Entry, bool, error) {
	e, err := asJSON[callback.Entry](d.read.QueryRowContext(ctx, "SELECT body FROM callbacks WHERE id = ?", string(id)))
	if errors.Is(err, sql.ErrNoRows) {
		return e, false, nil
	}
	return e, err == nil, fault("read a callback", err)
}
