package ticket

// Kind sorts errors for whoever must answer a person.
type Kind string

// The kinds of errors.
const (
	Invalid   Kind = "invalid"
	NotFound  Kind = "not-found"
	Conflict  Kind = "conflict"
	Forbidden Kind = "forbidden"
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

// The errors a Store returns.
var (
	ErrNotFound = &Error{NotFound, "There is no such ticket."}
	ErrConflict = &Error{Conflict, "Somebody else changed this ticket in the meantime: look at it again."}
)

func invalid(sentence string) error   { return &Error{Invalid, sentence} }
func forbidden(sentence string) error { return &Error{Forbidden, sentence} }
