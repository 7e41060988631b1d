package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"
)

// SettingVersion is one publishing: some settings changed together, by somebody, for a reason.
type SettingVersion struct {
	Number  int64     `json:"number"`
	At      time.Time `json:"at"`
	By      string    `json:"by"`
	Note    string    `json:"note,omitempty"`
	Back    int64     `json:"back,omitempty" doc:"the version whose state this one brought back"`
	Changes int       `json:"changes" doc:"how many settings it changed"`
}

// SettingStep is one change of a version, with what stood there before: nil where there was nothing, as After is for a deletion.
type SettingStep struct {
	Kind, ID      string
	Before, After json.RawMessage
}

// PublishSettings writes and deletes settings in one transaction as the next version, which it returns. A nil Body deletes. Each
// Revision is the one the writer saw, 0 for a new setting; when one differs nothing is written and the error is ErrConflict, or
// ErrNotFound when it is gone. Number, At and Changes of v are filled in.
func (d *DB) PublishSettings(ctx context.Context, v SettingVersion, settings ...Setting) (SettingVersion, []Setting, error) {
	kept := make([]Setting, len(settings))
	v.At, v.Changes = fromMicros(micros(d.now())), len(settings)
	err := d.tx(ctx, "publish settings", func(tx *sql.Tx) error {
		res, err := tx.ExecContext(ctx, "INSERT INTO setting_versions (at, who, note, back) VALUES (?, ?, ?, ?)", micros(v.At), v.By, v.Note, v.Back)
		if err != nil {
			return err
		}
		if v.Number, err = res.LastInsertId(); err != nil {
			return err
		}
		for i, s := range settings {
			if kept[i], err = d.publish(ctx, tx, v, s); err != nil {
				return fmt.Errorf("%s %q: %w", s.Kind, s.ID, err)
			}
		}
		return nil
	})
	if err != nil {
		return SettingVersion{}, nil, err
	}
	return v, kept, nil
}

// publish writes one setting of a version.
func (d *DB) publish(ctx context.Context, tx *sql.Tx, v SettingVersion, s Setting) (Setting, error) {
	switch {
	case s.Kind == "" || s.ID == "" || s.Body != nil && !json.Valid(s.Body):
		return s, &Error{Kind: Invalid, Sentence: "A setting needs a kind, an id and a JSON body."}
	case s.Body == nil && s.Revision == 0:
		return s, ErrNotFound
	}
	kept, err := d.change(ctx, tx, v.By, s)
	if err != nil {
		return s, err
	}
	_, err = tx.ExecContext(ctx, "UPDATE setting_changes SET version = ? WHERE kind = ? AND id = ? AND revision = ?", v.Number, s.Kind, s.ID, kept.Revision)
	return kept, err
}

const versionColumns = "number, at, who, note, back, (SELECT count(*) FROM setting_changes c WHERE c.version = v.number)"

func asVersion(row scanner) (v SettingVersion, err error) {
	var at int64
	err = row.Scan(&v.Number, &at, &v.By, &v.Note, &v.Back, &v.Changes)
	v.At = fromMicros(at)
	return v, err
}

// SettingVersions returns versions, the newest first: those with a number below before (0 for all) that changed a setting of the kind
// and id, where these are given.
func (d *DB) SettingVersions(ctx context.Context, kind, id string, before int64, limit int) ([]SettingVersion, error) {
	return query(ctx, d.read, "list versions", asVersion, "SELECT "+versionColumns+` FROM setting_versions v
		WHERE (?1 = 0 OR number < ?1) AND (?2 = '' OR EXISTS (SELECT 1 FROM setting_changes c WHERE c.version = v.number AND c.kind = ?2 AND (?3 = '' OR c.id = ?3)))
		ORDER BY number DESC LIMIT ?4`, before, kind, id, limit)
}

// SettingVersion returns a version and its changes, by kind and id; ErrNotFound.
func (d *DB) SettingVersion(ctx context.Context, number int64) (SettingVersion, []SettingStep, error) {
	v, err := asVersion(d.read.QueryRowContext(ctx, "SELECT "+versionColumns+" FROM setting_versions v WHERE number = ?", number))
	if errors.Is(err, sql.ErrNoRows) {
		return v, nil, ErrNotFound
	}
	if err != nil {
		return v, nil, fault("read a version", err)
	}
	steps, err := query(ctx, d.read, "read a version's changes", func(row scanner) (s SettingStep, err error) {
		var before sql.NullString
		var after string
		err = row.Scan(&s.Kind, &s.ID, &after, &before)
		s.Before, s.After = body(before.String), body(after)
		return s, err
	}, `SELECT kind, id, body, (SELECT b.body FROM setting_changes b WHERE b.kind = c.kind AND b.id = c.id AND b.revision < c.revision
		ORDER BY b.revision DESC LIMIT 1) FROM setting_changes c WHERE version = ? ORDER BY kind, id`, number)
	return v, steps, err
}

func body(text string) json.RawMessage {
	if text == "" {
		return nil
	}
	return json.RawMessage(text)
}

// SettingsAt are all settings as they stood after a version, with the revisions they had then; ErrNotFound for a version that never was.
func (d *DB) SettingsAt(ctx context.Context, number int64) ([]Setting, error) {
	if _, _, err := d.SettingVersion(ctx, number); err != nil {
		return nil, err
	}
	// The change's own number orders all changes; those of a version stand together, as one writer made them in one transaction.
	return query(ctx, d.read, "read the settings of a version", asSetting, `SELECT kind, id, body, revision, updated, updated_by FROM setting_changes c
		WHERE body <> '' AND number = (SELECT max(number) FROM setting_changes n WHERE n.kind = c.kind AND n.id = c.id
			AND number <= (SELECT coalesce(max(number), 0) FROM setting_changes WHERE version BETWEEN 1 AND ?1))
		ORDER BY kind, id`, number)
}
