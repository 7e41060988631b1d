package store

import (
	"context"
	"database/sql"
	"errors"
	"time"

	sqlite "github.com/mattn/go-sqlite3"

	"hotline/account"
)

const personColumns = "id, login, name, role, agent, disabled, hash, created, updated, revision"

// InsertPerson satisfies account.PeopleStore.
func (d *DB) InsertPerson(ctx context.Context, p account.Person, first bool) error {
	return d.tx(ctx, "insert a person", func(tx *sql.Tx) error {
		if first {
			var n int
			if err := tx.QueryRowContext(ctx, "SELECT count(*) FROM people WHERE role = ?", account.Admin).Scan(&n); err != nil {
				return err
			}
			if n > 0 {
				return account.ErrNotFirst
			}
		}
		_, err := tx.ExecContext(ctx, "INSERT INTO people ("+personColumns+", login_key) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
			p.ID, p.Login, p.Name, p.Role, p.AgentID, p.Disabled, p.Hash, micros(p.CreatedAt), micros(p.UpdatedAt), p.Revision, account.LoginKey(p.Login))
		return taken(err)
	})
}

// taken turns the refusal of a second login into words.
func taken(err error) error {
	var low sqlite.Error
	if errors.As(err, &low) && low.ExtendedCode == sqlite.ErrConstraintUnique {
		return account.ErrLoginTaken
	}
	return err
}

// UpdatePerson satisfies account.PeopleStore.
func (d *DB) UpdatePerson(ctx context.Context, p account.Person) error {
	return d.tx(ctx, "update a person", func(tx *sql.Tx) error {
		var revision int64
		err := tx.QueryRowContext(ctx, "SELECT revision FROM people WHERE id = ?", p.ID).Scan(&revision)
		switch {
		case errors.Is(err, sql.ErrNoRows):
			return account.ErrNotFound
		case err != nil:
			return err
		case revision != p.Revision-1:
			return account.ErrConflict
		}
		_, err = tx.ExecContext(ctx, `UPDATE people SET login = ?, login_key = ?, name = ?, role = ?, agent = ?, disabled = ?, hash = ?,
			updated = ?, revision = ? WHERE id = ?`,
			p.Login, account.LoginKey(p.Login), p.Name, p.Role, p.AgentID, p.Disabled, p.Hash, micros(p.UpdatedAt), p.Revision, p.ID)
		return taken(err)
	})
}

// Person satisfies account.PeopleStore.
func (d *DB) Person(ctx context.Context, id account.ID) (account.Person, error) {
	return one(d.read.QueryRowContext(ctx, "SELECT "+personColumns+" FROM people WHERE id = ?", id), "read a person", asPerson)
}

// PersonByLogin satisfies account.PeopleStore.
func (d *DB) PersonByLogin(ctx context.Context, login string) (account.Person, error) {
	row := d.read.QueryRowContext(ctx, "SELECT "+personColumns+" FROM people WHERE login_key = ?", account.LoginKey(login))
	return one(row, "read a person", asPerson)
}

// People satisfies account.PeopleStore.
func (d *DB) People(ctx context.Context) ([]account.Person, error) {
	return query(ctx, d.read, "list people", asPerson, "SELECT "+personColumns+" FROM people ORDER BY login_key")
}

func asPerson(row scanner) (p account.Person, err error) {
	var created, updated int64
	err = row.Scan(&p.ID, &p.Login, &p.Name, &p.Role, &p.AgentID, &p.Disabled, &p.Hash, &created, &updated, &p.Revision)
	p.CreatedAt, p.UpdatedAt = fromMicros(created), fromMicros(updated)
	return p, err
}

// one reads a single row of package account, whose word for none is account.ErrNotFound.
func one[T any](row *sql.Row, what string, scan func(scanner) (T, error)) (T, error) {
	item, err := scan(row)
	if errors.Is(err, sql.ErrNoRows) {
		var none T
		return none, account.ErrNotFound
	}
	return item, fault(what, err)
}

const sessionColumns = "hash, person, source, since, used, expires"

// SaveSession satisfies account.SessionStore.
func (d *DB) SaveSession(ctx context.Context, s account.Session) error {
	_, err := d.exec(ctx, "save a session", "INSERT INTO sessions ("+sessionColumns+") VALUES (?, ?, ?, ?, ?, ?)",
		s.Hash, s.Person, s.Source, micros(s.Since), micros(s.LastUsed), micros(s.Expires))
	return err
}

// TouchSession satisfies account.SessionStore.
func (d *DB) TouchSession(ctx context.Context, s account.Session) error {
	_, err := d.exec(ctx, "move a session's expiry", "UPDATE sessions SET used = ?, expires = ? WHERE hash = ?",
		micros(s.LastUsed), micros(s.Expires), s.Hash)
	return err
}

// Session satisfies account.SessionStore.
func (d *DB) Session(ctx context.Context, hash string) (account.Session, error) {
	return one(d.read.QueryRowContext(ctx, "SELECT "+sessionColumns+" FROM sessions WHERE hash = ?", hash), "read a session", asSession)
}

func asSession(row scanner) (s account.Session, err error) {
	var since, used, expires int64
	err = row.Scan(&s.Hash, &s.Person, &s.Source, &since, &used, &expires)
	s.Since, s.LastUsed, s.Expires = fromMicros(since), fromMicros(used), fromMicros(expires)
	return s, err
}

// EndSession satisfies account.SessionStore.
func (d *DB) EndSession(ctx context.Context, hash string) error {
	_, err := d.exec(ctx, "end a session", "DELETE FROM sessions WHERE hash = ?", hash)
	return err
}

// EndSessions satisfies account.SessionStore.
func (d *DB) EndSessions(ctx context.Context, person account.ID, keepHash string) error {
	_, err := d.exec(ctx, "end a person's sessions", "DELETE FROM sessions WHERE person = ? AND hash <> ?", person, keepHash)
	return err
}

// EndExpired satisfies account.LinkStore.
func (d *DB) EndExpired(ctx context.Context, now time.Time) error {
	return d.tx(ctx, "end what has expired", func(tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, "DELETE FROM sessions WHERE expires <= ?", micros(now)); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, "DELETE FROM links WHERE expires <= ?", micros(now))
		return err
	})
}
