package cdr

import (
	"cmp"
	"context"
	"time"

	"hotline/call"
)

// Numbered is a fact with its place among all facts of the installation: committed, growing, never used twice.
type Numbered struct {
	Number int64 `json:"number"`
	call.Fact
}

// Listener is shown facts after they were committed, in the order of their numbers, at least once each. It runs on a
// goroutine of its own: being slow delays nobody else, and a panic is recovered and logged. Facts are shared with other
// listeners: they are read only.
type Listener interface {
	Facts([]Numbered)
}

// Named is a listener that must miss nothing over a restart: the journal keeps its place under this name and begins
// there the next time. The name must never change.
type Named interface {
	Listener
	Name() string
}

// Durable is a named listener that keeps things itself and may fail at it: while Take returns an error the same facts
// come again, and later ones wait. Facts is not called then.
type Durable interface {
	Named
	Take(ctx context.Context, facts []Numbered) error
}

// FactStore keeps facts.
type FactStore interface {
	// AppendFacts commits facts in one transaction, with records of calls that end with them as SaveRecords would, and returns
	// the facts with their numbers, in the order given. A fact whose (call, seq) is there already is left as it is and comes
	// back with the number it has.
	AppendFacts(ctx context.Context, facts []call.Fact, records ...Record) ([]Numbered, error)
	// FactsOf returns the facts of one call by seq; none for an unknown call.
	FactsOf(ctx context.Context, id call.ID) ([]call.Fact, error)
	// FactsSince returns up to limit facts with a number above after, in order.
	FactsSince(ctx context.Context, after int64, limit int) ([]Numbered, error)
	// OpenCalls names the calls that have facts newer than their record: running ones, or those a crash cut off.
	OpenCalls(ctx context.Context) ([]call.ID, error)
}

// RecordStore keeps records.
type RecordStore interface {
	// SaveRecords writes records whole, replacing those of the same calls; an ended one closes its call for OpenCalls.
	SaveRecords(ctx context.Context, records []Record) error
	// Record returns the record of one call; false when there is none.
	Record(ctx context.Context, id call.ID) (Record, bool, error)
	// Records returns the newest matching records first and a cursor for the next page, empty at the end.
	Records(ctx context.Context, q Query) (records []Record, next string, err error)
}

// ContactStore looks back at one caller.
type ContactStore interface {
	// ContactsOf returns the newest records of exactly this caller, at most limit; none for a caller without any number.
	ContactsOf(ctx context.Context, caller Party, limit int) ([]Record, error)
}

// CursorStore keeps the place of each named listener.
type CursorStore interface {
	// Cursor returns the number of the last fact the listener has dealt with; 0 for a new name.
	Cursor(ctx context.Context, name string) (int64, error)
	SaveCursor(ctx context.Context, name string, number int64) error
}

// Store is what the journal needs kept.
type Store interface {
	FactStore
	RecordStore
	CursorStore
}

// Query selects records. Zero fields select everything.
type Query struct {
	From, To  time.Time // started at or after From and before To
	Direction string
	Number    string // part of the caller's or called number, digits in a row
	DID       string
	Trunk     string
	Region    string // this region or any inside it: "广东" finds "广东/广州"
	Topic     string
	Queue     string
	Agent     string
	Result    string // as Record.Result gives it
	Sort      string // started, wait or talk, with - before it for the largest first; "": -started
	Before    string // cursor of the page before, of the same order
	Limit     int    // 0 is 50, at most 1000
}

// PageSize is the number of records a page holds: Limit within its bounds.
func (q Query) PageSize() int { return min(cmp.Or(max(q.Limit, 0), 50), 1000) }

// AgentChange is one change of an agent's state, as the queue tells it.
type AgentChange struct {
	Agent  string    `json:"agent"`
	From   string    `json:"from,omitempty"`
	To     string    `json:"to"`
	Reason string    `json:"reason,omitempty" doc:"such as 小休"`
	Source string    `json:"source,omitempty" doc:"who or what did it"`
	At     time.Time `json:"at"`

	Next       string `json:"next,omitempty" doc:"the state that follows when the offer, talk, wrap-up or device outage is over"`
	NextReason string `json:"nextReason,omitempty"`
}

// AgentLog keeps agents' states: the history for reports, the latest for the next start.
type AgentLog interface {
	AppendAgentChanges(ctx context.Context, changes []AgentChange) error
	// AgentStates returns the latest change of every agent before a time, by agent; the latest of all where it is zero.
	AgentStates(ctx context.Context, before time.Time) ([]AgentChange, error)
	// AgentChanges returns the changes at or after from and before to in order; agent empty means all.
	AgentChanges(ctx context.Context, agent string, from, to time.Time) ([]AgentChange, error)
}
