// Package records is the routes about what was: calls that are over with their facts, recordings and tickets, the log of agents' states, and
// the reports that are made of them. It also knows who may see what of a call.
package records

import (
	"context"

	"hotline/account"
	"hotline/api/gate"
	"hotline/call"
	"hotline/cdr"
	"hotline/queue"
	"hotline/recording"
	"hotline/route"
	"hotline/sip/ladder"
	"hotline/ticket"
)

// Calls is what is read of calls.
type Calls interface {
	cdr.RecordStore
	cdr.FactStore
	cdr.ContactStore
}

// Recordings is what can be listened to.
type Recordings interface {
	Recording(ctx context.Context, id string) (recording.Row, error)
	RecordingsOf(ctx context.Context, call string) ([]recording.Row, error)
}

// Routes are the routes about records, with what they ask. All fields are required.
type Routes struct {
	*gate.Gate
	Calls        Calls
	UnderWay     func() []call.ID            // calls that are not over
	Trace        func(call.ID) []call.Moment // what a recent call went through; nil for an old one
	Ladders      *ladder.Book
	Recordings   Recordings
	Recorder     *recording.Recorder
	Download     account.Role  // the least that may save recordings as files
	Trail        account.Trail // says who listened
	Desk         *ticket.Desk
	OfCall       func(context.Context, call.ID) (ticket.Ticket, error)                        // the ticket a call made
	OpenOf       func(ctx context.Context, caller string, limit int) ([]ticket.Ticket, error) // the newest first
	Queues       func() *queue.Snapshot
	AgentLog     cdr.AgentLog
	Dispositions func(queue string) []string // what agents may choose from; none: anything
	Script       func(queue string) string   // what agents are shown to say; "": nothing
	Table        func() *route.Table         // that calls go by
}

// Add adds the routes.
func (s *Routes) Add() {
	s.calls()
	s.recordings()
	s.tickets()
	s.reports()
	s.desks()
}
