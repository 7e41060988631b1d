package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"time"
)

// Setting is one document of the configuration that is edited in the browser: a queue, a trunk, a flow...
type Setting struct {
	Kind      string          `json:"kind"`
	ID        string          `json:"id"`
	Body      json.RawMessage `json:"body"`
	Revision  int64           `json:"revision" doc:"grows with each change; 0 asks for a new document"`
	UpdatedAt time.Time       `json:"updatedAt"`
	UpdatedBy string          `json:"updatedBy,omitempty"`
}

// Settings returns all documents of a kind by id; every document when kind is empty, by kind and id.
func (d *DB) Settings(ctx context.Context, kind string) ([]Setting, error) {
	return query(ctx, d.read, "read settings", asSetting, `SELECT kind, id, body, revision, updated, updated_by FROM settings
		WHERE ?1 = '' OR kind = ?1 ORDER BY kind, id`, kind)
}

func asSetting(row scanner) (s Setting, err error) {
	var (
		body    []byte
		updated int64
	)
	err = row.Scan(&s.Kind, &s.ID, &body, &s.Revision, &updated, &s.UpdatedBy)
	if len(body) > 0 {
		s.Body = json.RawMessage(body)
	}
	s.UpdatedAt = fromMicros(updated)
	return s, err
}

// change writes one document and its line of history; a nil body deletes. Its Revision is the one the writer saw, 0 for a new document;
// another is ErrConflict, or ErrNotFound when the document is gone. One that was deleted and made again goes on counting, so that no old
// revision fits it.
func (d *DB) change(ctx context.Context, tx *sql.Tx, by string, s Setting) (Setting, error) {
	is, newest, err := revisions(ctx, tx, s)
	switch {
	case err != nil:
		return s, err
	case is == 0 && s.Revision != 0:
		return s, ErrNotFound
	case is != s.Revision:
		return s, ErrConflict
	}
	s.Revision, s.UpdatedAt, s.UpdatedBy = newest+1, fromMicros(micros(d.now())), by
	if s.Body == nil {
		_, err = tx.ExecContext(ctx, "DELETE FROM settings WHERE kind = ? AND id = ?", s.Kind, s.ID)
	} else {
		_, err = tx.ExecContext(ctx, `INSERT INTO settings (kind, id, body, revision, updated, updated_by) VALUES (?, ?, ?, ?, ?, ?)
			ON CONFLICT (kind, id) DO UPDATE SET body = excluded.body, revision = excluded.revision, updated = excluded.updated,
			updated_by = excluded.updated_by`, s.Kind, s.ID, string(s.Body), s.Revision, micros(s.UpdatedAt), by)
	}
	if err != nil {
		return s, err
	}
	_, err = tx.ExecContext(ctx, "INSERT INTO setting_changes (kind, id, body, revision, updated, updated_by) VALUES (?, ?, ?, ?, ?, ?)",
		s.Kind, s.ID, string(s.Body), s.Revision, micros(s.UpdatedAt), by)
	return s, err
}

// revisions is the document's revision now, 0 when it is not there, and the newest it ever had.
func revisions(ctx context.Context, tx *sql.Tx, s Setting) (is, newest int64, err error) {
	err = tx.QueryRowContext(ctx, `SELECT
		coalesce((SELECT revision FROM settings WHERE kind = ?1 AND id = ?2), 0),
		coalesce((SELECT max(revision) FROM setting_changes WHERE kind = ?1 AND id = ?2), 0)`, s.Kind, s.ID).Scan(&is, &newest)
	return is, newest, err
}
