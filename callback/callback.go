// Package callback keeps the callbacks that customers were promised: it begins a call for each when its queue is open, tries again where
// nobody answers, and forgets none over a restart or a crash.
//
// A callback is asked for by a call (call.CallbackAsked) or by a person. Its place in the queue is kept by a call without a caller, which the
// switchboard begins: whose turn it is remains the board's to say. The keeper listens to the facts of those calls to learn how they went.
package callback

import (
	"cmp"
	"context"
	"time"

	"hotline/call"
	"hotline/route"
)

// State is how far a callback has come.
type State string

// The states of a callback.
const (
	Waiting   State = "waiting"   // for its time, or for the queue to open
	Calling   State = "calling"   // a call keeps its place, or dials
	Done      State = "done"      // the customer has talked to an agent
	Failed    State = "failed"    // tried often enough, or never to be tried
	Expired   State = "expired"   // not reached in time
	Cancelled State = "cancelled" // by a person
)

// Open reports whether something is still to come.
func (s State) Open() bool { return s == Waiting || s == Calling }

// Entry is one callback.
type Entry struct {
	ID       call.ID      `json:"id" doc:"of the call that asked for it, or of its own"`
	Number   string       `json:"number" doc:"E.164"`
	Queue    string       `json:"queue"`
	Steps    []route.Step `json:"steps,omitempty"`
	Priority int          `json:"priority,omitempty"`
	Topic    string       `json:"topic,omitempty"`
	DID      string       `json:"did,omitempty"`
	Region   string       `json:"region,omitempty"`
	By       string       `json:"by,omitempty" doc:"who asked for it; absent: the customer"`

	Since     time.Time `json:"since" doc:"of the place in the queue"`
	AskedAt   time.Time `json:"askedAt"`
	NotBefore time.Time `json:"notBefore" doc:"of the next try"`
	Expires   time.Time `json:"expires"`

	State   State     `json:"state"`
	Tries   int       `json:"tries" doc:"how often the customer was dialled in vain"`
	Last    string    `json:"last,omitempty" doc:"how the latest try went"`
	Attempt call.ID   `json:"attempt,omitempty" doc:"the call under way, or the latest"`
	Agent   string    `json:"agent,omitempty" doc:"who talked to the customer"`
	Dialled bool      `json:"dialled,omitempty" doc:"the present attempt has dialled the customer"`
	Changed time.Time `json:"changed"`
}

// Rule is how a queue calls back. Zero durations and counts take the defaults below.
type Rule struct {
	AgentFirst bool
	Ring       time.Duration // of the customer's phone; 40 s
	Tries      int           // 3
	Retry      time.Duration // after a try in vain; 10 min
	Expires    time.Duration // after it was asked for, counting the time in which the queue is open; 12 h
	Trunk      string        // ids separated by commas; "" any
	Shown      string        // our number that the customer sees; "": the one they called
	Record     bool
}

const (
	defaultTries   = 3
	defaultRetry   = 10 * time.Minute
	defaultExpires = 12 * time.Hour
	againAfter     = 5 * time.Second // where an attempt ended before the customer was dialled
)

func (r Rule) whole() Rule {
	r.Tries, r.Retry, r.Expires = cmp.Or(r.Tries, defaultTries), cmp.Or(r.Retry, defaultRetry), cmp.Or(r.Expires, defaultExpires)
	return r
}

// Query asks for callbacks; what is empty asks for all of it.
type Query struct {
	Search        string // part of the number, region, topic, or of who asked or talked, in whatever case
	Queue         string
	Open          bool // only those that are still to come
	State         State
	Sort          string // askedAt, since, notBefore, tries, queue, number or state, with - before it for the largest first; "": -askedAt
	Offset, Limit int
}

// Store keeps callbacks.
type Store interface {
	SaveCallback(ctx context.Context, e Entry) error
	// Callbacks returns a page of the callbacks that fit, and how many fit on all pages.
	Callbacks(ctx context.Context, q Query) (page []Entry, total int, err error)
	Callback(ctx context.Context, id call.ID) (Entry, bool, error)
	FactsOf(ctx context.Context, id call.ID) ([]call.Fact, error)
}

// asked is the callback that a fact asks for, until it expires.
func asked(f call.Fact, expires time.Time) Entry {
	return Entry{
		ID: f.Call, Number: f.To, Queue: f.Queue, Steps: f.Steps, Priority: f.Priority, Topic: f.Topic, DID: f.DID, Region: f.Region,
		Since: f.At.Add(-f.For), AskedAt: f.At, NotBefore: f.At, Expires: expires, State: Waiting, Changed: f.At,
	}
}

// ended is the callback after an attempt whose customer talked to nobody. cause is the call's, at when it ended.
func (e Entry) ended(cause call.Cause, at time.Time, r Rule) Entry {
	dialled := e.Dialled
	e.Dialled, e.Changed, e.Last = false, at, string(cause)
	e.State, e.NotBefore = Waiting, at.Add(againAfter)
	if !dialled {
		return e
	}
	e.Tries++
	e.NotBefore = at.Add(r.Retry)
	switch {
	case cause == call.Forbidden, cause == call.NotFound: // never to be dialled
		e.State = Failed
	case cause == call.Crashed: // our doing: soon again
		e.Tries--
		e.NotBefore = at.Add(againAfter)
	case e.Tries >= r.Tries:
		e.State = Failed
	}
	return e
}
