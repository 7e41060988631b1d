package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"path/filepath"
	"time"
)

// Backup writes a whole, consistent, compact copy of the database to a new file while everything runs. The file appears
// under its name only when it is complete, checked and on the disk; one that exists is not overwritten.
func (d *DB) Backup(ctx context.Context, path string) error {
	if _, err := os.Lstat(path); err == nil {
		return fmt.Errorf("back up to %s: %w", path, os.ErrExist)
	}
	part := path + ".part"
	if err := os.Remove(part); err != nil && !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("back up to %s: %w", path, err)
	}
	err := d.copyInto(ctx, part)
	if err == nil {
		err = checkFile(ctx, part)
	}
	if err == nil {
		err = settle(part, path)
	}
	if err != nil {
		return errors.Join(fmt.Errorf("back up to %s: %w", path, err), ignoreMissing(os.Remove(part)))
	}
	return nil
}

// copyInto runs VACUUM INTO on a connection of its own: it reads one moment of the database and holds up no writer. The
// readers' connections may not do it, for they write nothing.
func (d *DB) copyInto(ctx context.Context, path string) error {
	conn, err := d.read.Conn(ctx)
	if err != nil {
		return fault("take a connection", err)
	}
	defer conn.Close()
	if _, err := conn.ExecContext(ctx, "PRAGMA query_only = off"); err != nil {
		return fault("let the connection write a copy", err)
	}
	_, err = conn.ExecContext(ctx, "VACUUM INTO ?", path)
	_, back := conn.ExecContext(context.WithoutCancel(ctx), "PRAGMA query_only = on")
	return errors.Join(fault("copy the database", err), fault("make the connection a reader again", back))
}

// settle puts a finished file on the disk and in its place.
func settle(part, path string) error {
	f, err := os.OpenFile(part, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	if err := errors.Join(f.Chmod(0o600), f.Sync(), f.Close()); err != nil {
		return err
	}
	if err := os.Rename(part, path); err != nil {
		return err
	}
	dir, err := os.Open(filepath.Dir(path))
	if err != nil {
		return err
	}
	return errors.Join(dir.Sync(), dir.Close())
}

func ignoreMissing(err error) error {
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	return err
}

// checkFile reads a whole database file and refuses one that is damaged, is none, or is too new.
func checkFile(ctx context.Context, path string) error {
	db, err := sql.Open("sqlite3", "file:"+(&url.URL{Path: path}).EscapedPath()+"?mode=ro")
	if err != nil {
		return fmt.Errorf("open %s: %w", path, err)
	}
	defer db.Close()
	var verdict string
	if err := db.QueryRowContext(ctx, "PRAGMA integrity_check(1)").Scan(&verdict); err != nil {
		return fault("check "+path, err)
	}
	if verdict != "ok" {
		return fmt.Errorf("check %s: %s: %w", path, verdict, ErrCorrupt)
	}
	var version, known int64
	if err := db.QueryRowContext(ctx, "SELECT max(version_id) FROM goose_db_version WHERE is_applied").Scan(&version); err != nil {
		return fmt.Errorf("check %s: no database of Hotline: %w", path, &Error{Kind: Corrupt, Sentence: ErrCorrupt.Sentence, Err: err})
	}
	steps, err := provider(db)
	if err != nil {
		return err
	}
	for _, s := range steps.ListSources() {
		known = max(known, s.Version)
	}
	if version > known {
		return fmt.Errorf("check %s: it has version %d, this program knows %d: %w", path, version, known, ErrTooNew)
	}
	return nil
}

// Restore puts a backup in the place of the database at path, which must not be open anywhere. The backup is checked
// first; what was at path is kept beside it, under the name returned ("" when nothing was there).
func Restore(ctx context.Context, backup, path string) (old string, err error) {
	if err := checkFile(ctx, backup); err != nil {
		return "", fmt.Errorf("restore %s: %w", backup, err)
	}
	part := path + ".part"
	if err := copyFile(backup, part); err != nil {
		return "", errors.Join(fmt.Errorf("restore %s: %w", backup, err), ignoreMissing(os.Remove(part)))
	}
	if _, err := os.Lstat(path); err == nil {
		if old, err = setAside(ctx, path); err != nil {
			return "", errors.Join(fmt.Errorf("restore %s: %w", backup, err), ignoreMissing(os.Remove(part)))
		}
	}
	if err := settle(part, path); err != nil {
		return old, fmt.Errorf("restore %s: %w", backup, err)
	}
	return old, nil
}

// setAside renames a database that nobody has open, its log included.
func setAside(ctx context.Context, path string) (string, error) {
	if err := alone(ctx, path); err != nil {
		return "", err
	}
	old := path + ".before-" + time.Now().UTC().Format("20060102T150405.000")
	for _, end := range []string{"", "-wal", "-shm"} {
		if err := ignoreMissing(os.Rename(path+end, old+end)); err != nil {
			return "", err
		}
	}
	return old, nil
}

// alone makes sure that no other process or connection has the database open. A damaged file counts as closed: to put
// something better in its place is what restoring is for.
func alone(ctx context.Context, path string) error {
	db, err := sql.Open("sqlite3", "file:"+(&url.URL{Path: path}).EscapedPath()+"?_busy_timeout=1000&_locking_mode=EXCLUSIVE&_txlock=exclusive")
	if err != nil {
		return fmt.Errorf("open %s: %w", path, err)
	}
	defer db.Close()
	tx, err := db.BeginTx(ctx, nil)
	if err == nil {
		err = tx.Rollback()
	}
	if err = fault("see whether "+path+" is in use", err); errors.Is(err, ErrCorrupt) {
		return nil
	}
	return err
}

func copyFile(from, to string) (err error) {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	return errors.Join(err, out.Close())
}
