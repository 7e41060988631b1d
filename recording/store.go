package recording

import (
	"context"
	"time"
)

// ErrNotFound is returned, wrapped or bare, for a recording that nobody knows.
var ErrNotFound error = notFound{}

type notFound struct{}

func (notFound) Error() string { return "recording not found" }

// Fault says it to a person.
func (notFound) Fault() (kind, sentence string) { return "not-found", "There is no such recording." }

// State says what is known about the file of a segment.
type State string

// The states. A segment begins Open and ends in one of the three others; only Open changes by itself.
const (
	Open     State = "open"     // being written, or the process died while it was
	Sealed   State = "sealed"   // ended as it should: header, length and hash are final
	Repaired State = "repaired" // put right after a crash: playable, its end may be missing
	Lost     State = "lost"     // there is a row but no audio
)

// Row is one segment of one conversation, which is all that Recorder keeps about it: a Store keeps it
// in a database, the manifest beside the audio keeps it a second time.
type Row struct {
	ID       string        `json:"id"`       // of the segment, unique for ever; also the file's name
	Call     string        `json:"call"`     // the conversation that it belongs to
	Kind     Kind          `json:"kind"`     // what was recorded
	Segment  int           `json:"segment"`  // 1 for the first of its conversation; no holes, no repeats
	Queue    string        `json:"queue"`    // "" when none
	Agent    string        `json:"agent"`    // who sat on the right channel at the start; "" when nobody
	From     string        `json:"from"`     // the caller's number as given to Begin; "" when unknown
	Started  time.Time     `json:"started"`  // wall clock of sample 0, UTC
	Duration time.Duration `json:"duration"` // of the audio in the file, in nanoseconds; 0 while Open
	File     string        `json:"file"`     // path with forward slashes below the recordings folder
	Bytes    int64         `json:"bytes"`    // size of the file; 0 while Open
	SHA256   string        `json:"sha256"`   // lower-case hex of the whole file; "" while Open and when Lost
	State    State         `json:"state"`    // see State
	Frames   uint64        `json:"frames"`   // frames of sound that came, kept or not; 0 while Open
	Dropped  uint64        `json:"dropped"`  // of these, frames that are not in the file: a full or slow disk
}

// Store keeps the rows. Its methods may wait; Recorder never calls them where sound would wait too, and
// calls SaveRecording again, later, for a row that was refused. All methods may be called at once.
type Store interface {
	// SaveRecording inserts the row, or replaces the one with the same ID. It returns when the row is durable.
	SaveRecording(ctx context.Context, row Row) error
	// Recording is the row with this ID, or ErrNotFound.
	Recording(ctx context.Context, id string) (Row, error)
	// RecordingsOf is all rows of a call by Segment; none is not an error.
	RecordingsOf(ctx context.Context, call string) ([]Row, error)
	// OpenRecordings is all rows in state Open, in any order.
	OpenRecordings(ctx context.Context) ([]Row, error)
}
