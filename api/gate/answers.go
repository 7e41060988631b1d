package gate

import (
	"net/http"
	"time"
)

// Nothing is the input, or the answer, of a route that has none.
type Nothing struct{}

// ByID is the input of a route about one thing.
type ByID struct {
	ID string `path:"id"`
}

// Mapping is never null as JSON.
func Mapping[K comparable, V any](m map[K]V) map[K]V {
	if m == nil {
		return map[K]V{}
	}
	return m
}

// List is never null as JSON.
func List[T any](items []T) []T {
	if items == nil {
		return []T{}
	}
	return items
}

// patient is what Patient gives.
type patient struct {
	http.ResponseWriter
	control *http.ResponseController
}

// Patient moves the deadline on with each write: a long answer may take its time as long as its reader reads.
func Patient(w http.ResponseWriter) http.ResponseWriter {
	return patient{w, http.NewResponseController(w)}
}

// Write writes, within the next minute.
func (p patient) Write(b []byte) (int, error) {
	_ = p.control.SetWriteDeadline(time.Now().Add(time.Minute)) // a writer without deadlines has none to move
	return p.ResponseWriter.Write(b)
}

// Unwrap is for http.ResponseController.
func (p patient) Unwrap() http.ResponseWriter { return p.ResponseWriter }
