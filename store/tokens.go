package store

import (
	"context"
	"database/sql"
	"errors"
	"strings"

	"hotline/account"
)

const tokenColumns = "id, name, role, hash, made_by, created, used, expires"

// SaveToken satisfies account.TokenStore.
func (d *DB) SaveToken(ctx context.Context, t account.Token) error {
	_, err := d.exec(ctx, "save a token", "INSERT INTO tokens ("+tokenColumns+") VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
		t.ID, t.Name, t.Role, t.Hash, t.By, micros(t.CreatedAt), micros(t.LastUsed), micros(t.Expires))
	return err
}

// TokenByHash satisfies account.TokenStore.
func (d *DB) TokenByHash(ctx context.Context, hash string) (account.Token, error) {
	return one(d.read.QueryRowContext(ctx, "SELECT "+tokenColumns+" FROM tokens WHERE hash = ?", hash), "read a token", asToken)
}

// Tokens satisfies account.TokenStore.
func (d *DB) Tokens(ctx context.Context) ([]account.Token, error) {
	return query(ctx, d.read, "list tokens", asToken, "SELECT "+tokenColumns+" FROM tokens ORDER BY created, id")
}

func asToken(row scanner) (t account.Token, err error) {
	var created, used, expires int64
	err = row.Scan(&t.ID, &t.Name, &t.Role, &t.Hash, &t.By, &created, &used, &expires)
	t.CreatedAt, t.LastUsed, t.Expires = fromMicros(created), fromMicros(used), fromMicros(expires)
	return t, err
}

// TouchToken satisfies account.TokenStore.
func (d *DB) TouchToken(ctx context.Context, t account.Token) error {
	_, err := d.exec(ctx, "note a token's use", "UPDATE tokens SET used = ? WHERE id = ?", micros(t.LastUsed), t.ID)
	return err
}

// DeleteToken satisfies account.TokenStore.
func (d *DB) DeleteToken(ctx context.Context, id string) error {
	res, err := d.exec(ctx, "delete a token", "DELETE FROM tokens WHERE id = ?", id)
	if err != nil {
		return err
	}
	if n, err := res.RowsAffected(); err != nil || n == 0 {
		return errors.Join(account.ErrNotFound, err)
	}
	return nil
}

// SaveLink satisfies account.LinkStore.
func (d *DB) SaveLink(ctx context.Context, l account.Link) error {
	_, err := d.exec(ctx, "save a link", "INSERT INTO links (hash, purpose, person, expires) VALUES (?, ?, ?, ?)",
		l.Hash, l.Purpose, l.Person, micros(l.Expires))
	return err
}

// UseLink satisfies account.LinkStore.
func (d *DB) UseLink(ctx context.Context, hash string) (account.Link, error) {
	var (
		l       account.Link
		expires int64
	)
	err := d.tx(ctx, "use a link", func(tx *sql.Tx) error {
		err := tx.QueryRowContext(ctx, "DELETE FROM links WHERE hash = ? RETURNING hash, purpose, person, expires", hash).
			Scan(&l.Hash, &l.Purpose, &l.Person, &expires)
		if errors.Is(err, sql.ErrNoRows) {
			return account.ErrNotFound
		}
		return err
	})
	l.Expires = fromMicros(expires)
	return l, err
}

const trailColumns = "number, at, who, name, what, object, detail, source, hash"

// AppendTrail satisfies account.Trail.
func (d *DB) AppendTrail(ctx context.Context, e account.Entry) (account.Entry, error) {
	e.At = fromMicros(micros(e.At)) // the hash is over what is kept
	err := d.tx(ctx, "append to the trail", func(tx *sql.Tx) error {
		last, err := asEntry(tx.QueryRowContext(ctx, "SELECT "+trailColumns+" FROM trail ORDER BY number DESC LIMIT 1"))
		if err != nil && !errors.Is(err, sql.ErrNoRows) {
			return err
		}
		e.Number = last.Number + 1
		e.Hash = e.Chain(last.Hash)
		_, err = tx.ExecContext(ctx, "INSERT INTO trail ("+trailColumns+") VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
			e.Number, micros(e.At), e.Who, e.Name, e.What, e.Object, e.Detail, e.Source, e.Hash)
		return err
	})
	return e, err
}

// trailKeys are what lines of the trail are sorted by; their numbers grow with their time.
var trailKeys = map[string]string{"at": "number", "who": "name", "what": "what"}

// fittingTrail are the lines of a query: what is not asked for is empty and then always true.
const fittingTrail = ` FROM trail
	WHERE (?1 = '' OR who = ?1) AND (?2 = '' OR what = ?2 OR substr(?2, -1) = '.' AND substr(what, 1, length(?2)) = ?2) AND (?3 = '' OR object = ?3)
	AND (?8 = '' OR name LIKE ?8 ESCAPE '!' OR object LIKE ?8 ESCAPE '!' OR detail LIKE ?8 ESCAPE '!' OR source LIKE ?8 ESCAPE '!')
	AND (?4 = 0 OR at >= ?4) AND (?5 = 0 OR at < ?5)`

// selectTrail asks for a page of the trail: the first, or the one after a line, which stays what it is.
func selectTrail(o order, first bool) string {
	past := ""
	if !first {
		past = " AND " + o.past("(SELECT "+o.columns[0]+" FROM trail WHERE number = ?6)", "?6")
	}
	return "SELECT " + trailColumns + fittingTrail + past + o.by() + " LIMIT ?7"
}

// TrailOf satisfies account.Trail.
func (d *DB) TrailOf(ctx context.Context, q account.TrailQuery) ([]account.Entry, error) {
	return query(ctx, d.read, "read the trail", asEntry, selectTrail(orderOf(q.Sort, trailKeys, "number"), q.Before == 0),
		q.Who, q.What, q.Object, micros(q.From), micros(q.To), q.Before, q.PageSize(), containing(q.Search))
}

func asEntry(row scanner) (e account.Entry, err error) {
	var at int64
	err = row.Scan(&e.Number, &at, &e.Who, &e.Name, &e.What, &e.Object, &e.Detail, &e.Source, &e.Hash)
	e.At = fromMicros(at)
	return e, err
}

// containing is a pattern of LIKE for texts that have a part, with ! before what would mean something in it; "" for no part.
func containing(part string) string {
	if part == "" {
		return ""
	}
	return "%" + strings.NewReplacer("!", "!!", "%", "!%", "_", "!_").Replace(part) + "%"
}
