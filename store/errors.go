package store

import (
	"errors"
	"fmt"

	sqlite "github.com/mattn/go-sqlite3"
)

// Kind sorts what can be wrong with a database.
type Kind string

// The kinds of faults.
const (
	Locked   Kind = "locked"    // somebody else has it for too long: try again
	Full     Kind = "full"      // no room on the disk
	Corrupt  Kind = "corrupt"   // the file is damaged or is no database
	ReadOnly Kind = "read-only" // the file or its folder may not be written
	TooNew   Kind = "too-new"   // written by a newer version
	Disk     Kind = "disk"      // reading or writing failed
	NotFound Kind = "not-found" // no such setting
	Conflict Kind = "conflict"  // a setting was changed by somebody else
	Invalid  Kind = "invalid"   // a setting that is no JSON or has no name
)

// Error is what is wrong and a sentence about it for a person. Err is the cause, nil when there is none below.
type Error struct {
	Kind     Kind
	Sentence string
	Err      error
}

// Error is the sentence and the cause.
func (e *Error) Error() string {
	if e.Err == nil {
		return e.Sentence
	}
	return e.Sentence + " (" + e.Err.Error() + ")"
}

// Unwrap is the cause.
func (e *Error) Unwrap() error { return e.Err }

// Is makes errors.Is compare kinds.
func (e *Error) Is(target error) bool {
	other, ok := target.(*Error)
	return ok && other.Kind == e.Kind
}

// Fault gives kind and sentence to the edge, which answers with them: a database in trouble is unavailable to everybody.
func (e *Error) Fault() (kind, sentence string) {
	switch e.Kind {
	case NotFound, Conflict, Invalid:
		return string(e.Kind), e.Sentence
	case Locked, Full, Corrupt, ReadOnly, TooNew, Disk:
	}
	return "unavailable", e.Sentence
}

// Errors to compare with by errors.Is; only their kinds count.
var (
	ErrLocked   = &Error{Kind: Locked, Sentence: "The database is busy: try again."}
	ErrFull     = &Error{Kind: Full, Sentence: "The disk with the database is full."}
	ErrCorrupt  = &Error{Kind: Corrupt, Sentence: "The database file is damaged or is no database: restore a backup."}
	ErrReadOnly = &Error{Kind: ReadOnly, Sentence: "The database may not be written: check the rights of its file and folder."}
	ErrDisk     = &Error{Kind: Disk, Sentence: "The disk with the database does not read or write."}
	ErrTooNew   = &Error{Kind: TooNew, Sentence: "The database was written by a newer version of Hotline: install that version, or restore a backup."}
	ErrNotFound = &Error{Kind: NotFound, Sentence: "There is no such setting."}
	ErrConflict = &Error{Kind: Conflict, Sentence: "Somebody else changed this setting in the meantime: look at it again."}
)

// byCode maps SQLite's result codes (sqlite.org/rescode.html) to what they mean for us.
var byCode = map[sqlite.ErrNo]*Error{
	sqlite.ErrBusy: ErrLocked, sqlite.ErrLocked: ErrLocked, sqlite.ErrFull: ErrFull, sqlite.ErrCorrupt: ErrCorrupt, sqlite.ErrNotADB: ErrCorrupt,
	sqlite.ErrReadonly: ErrReadOnly, sqlite.ErrPerm: ErrReadOnly, sqlite.ErrCantOpen: ErrReadOnly, sqlite.ErrIoErr: ErrDisk,
}

// fault wraps an error with what was tried and, where SQLite says why, with its kind. nil stays nil.
func fault(what string, err error) error {
	if err == nil {
		return nil
	}
	var (
		low  sqlite.Error
		done *Error
	)
	if !errors.As(err, &done) && errors.As(err, &low) {
		if kind, ok := byCode[low.Code]; ok {
			err = &Error{Kind: kind.Kind, Sentence: kind.Sentence, Err: err}
		}
	}
	return fmt.Errorf("%s: %w", what, err)
}
