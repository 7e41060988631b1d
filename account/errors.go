package account

import (
	"fmt"
	"time"
)

// Kind sorts errors for whoever must answer a person.
type Kind string

// The kinds of errors.
const (
	Invalid      Kind = "invalid"
	NotFound     Kind = "not-found"
	Conflict     Kind = "conflict"
	Forbidden    Kind = "forbidden"
	Unauthorised Kind = "unauthorised" // not let in
	Throttled    Kind = "throttled"    // not now: too many tries
)

// Error is a mistake or a refusal that a person can understand; every other error is a fault of ours.
type Error struct {
	Kind     Kind
	Sentence string
}

// Error is the sentence.
func (e *Error) Error() string { return e.Sentence }

// Fault gives kind and sentence to the edge, which answers with them.
func (e *Error) Fault() (kind, sentence string) { return string(e.Kind), e.Sentence }

// The errors that callers tell apart.
var (
	ErrNotFound   = &Error{NotFound, "There is nothing by that name."}
	ErrLoginTaken = &Error{Conflict, "This login is taken."}
	ErrNotFirst   = &Error{Conflict, "There is an administrator already."}
	ErrConflict   = &Error{Conflict, "Somebody else changed this in the meantime: look at it again."}
	ErrRefused    = &Error{Unauthorised, "Login or password is wrong."}
	ErrNoSession  = &Error{Unauthorised, "Log in first."}
	ErrThrottled  = &Error{Throttled, "Too many tries: wait a little."}
	ErrLink       = &Error{Unauthorised, "This link has been used or is too old."}
)

// Later is ErrThrottled that knows when the next try may be.
type Later struct{ After time.Duration }

// Error is the sentence with the time to wait.
func (l *Later) Error() string {
	return fmt.Sprintf("%s The next try may be in %s.", ErrThrottled.Sentence, l.After.Round(time.Second))
}

// Unwrap is ErrThrottled.
func (l *Later) Unwrap() error { return ErrThrottled }

// RetryAfter is how long to wait.
func (l *Later) RetryAfter() time.Duration { return l.After }

func invalid(sentence string) error { return &Error{Invalid, sentence} }
