package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
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

// SettingChange is one line of the history of settings. Body is nil for a deletion.
type SettingChange struct {
	Setting
	Deleted bool `json:"deleted,omitempty"`
}

// Settings returns all documents of a kind by id; every document when kind is empty, by kind and id.
func (d *DB) Settings(ctx context.Context, kind string) ([]Setting, error) {
	return query(ctx, d.read, "read settings", asSetting, `SELECT kind, id, body, revision, updated, updated_by FROM settings
		WHERE ?1 = '' OR kind = ?1 ORDER BY kind, id`, kind)
}

// Setting returns one document; ErrNotFound.
func (d *DB) Setting(ctx context.Context, kind, id string) (Setting, error) {
	s, err := asSetting(d.read.QueryRowContext(ctx, "SELECT kind, id, body, revision, updated, updated_by FROM settings WHERE kind = ? AND id = ?", kind, id))
	if errors.Is(err, sql.ErrNoRows) {
		return Setting{}, ErrNotFound
	}
	return s, fault("read a setting", err)
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

// PutSettings writes documents in one transaction. Each Revision is the one the writer saw, 0 for a new document; when any
// differs nothing is written and the error is ErrConflict (ErrNotFound when the document is gone). It returns them with
// their new revisions. A document that was deleted and made again goes on counting, so that no old revision fits it.
func (d *DB) PutSettings(ctx context.Context, by string, settings ...Setting) ([]Setting, error) {
	kept := make([]Setting, len(settings))
	err := d.tx(ctx, "put settings", func(tx *sql.Tx) error {
		for i, s := range settings {
			if s.Kind == "" || s.ID == "" || !json.Valid(s.Body) {
				return fmt.Errorf("%s %q: %w", s.Kind, s.ID, &Error{Kind: Invalid, Sentence: "A setting needs a kind, an id and a JSON body."})
			}
			last, err := d.change(ctx, tx, by, s)
			if err != nil {
				return fmt.Errorf("%s %q: %w", s.Kind, s.ID, err)
			}
			kept[i] = last
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return kept, nil
}

// DeleteSetting removes a document if its revision is the one given; ErrNotFound, ErrConflict.
func (d *DB) DeleteSetting(ctx context.Context, by, kind, id string, revision int64) error {
	return d.tx(ctx, "delete a setting", func(tx *sql.Tx) error {
		if revision == 0 {
			return ErrConflict
		}
		_, err := d.change(ctx, tx, by, Setting{Kind: kind, ID: id, Revision: revision})
		return err
	})
}

// change writes one document and its line of history; a nil body deletes.
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

// SettingHistory returns the changes of one document, the newest first.
func (d *DB) SettingHistory(ctx context.Context, kind, id string) ([]SettingChange, error) {
	return query(ctx, d.read, "read a setting's history", func(row scanner) (SettingChange, error) {
		s, err := asSetting(row)
		return SettingChange{Setting: s, Deleted: s.Body == nil}, err
	}, `SELECT kind, id, body, revision, updated, updated_by FROM setting_changes WHERE kind = ? AND id = ? ORDER BY revision DESC`, kind, id)
}
