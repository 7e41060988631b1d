package ticket

import (
	"cmp"
	"context"

	"hotline/call"
)

// Store is what the desk needs kept.
type Store interface {
	// InsertTicket writes a new ticket under the next number of the day ("20261122" becomes "20261122-0001") and returns
	// it with that number. When the first of its calls made a ticket before, that one is returned, and fresh is false.
	InsertTicket(ctx context.Context, t Ticket, day string) (kept Ticket, fresh bool, err error)
	// UpdateTicket writes the ticket whole if the kept revision is t.Revision - 1; else ErrConflict. Its number, origin
	// and creation never change.
	UpdateTicket(ctx context.Context, t Ticket) error
	// Ticket finds by ID or by whole number; ErrNotFound.
	Ticket(ctx context.Context, idOrNumber string) (Ticket, error)
	// TicketOfCall finds the ticket a call belongs to, the newest if several; ErrNotFound.
	TicketOfCall(ctx context.Context, id call.ID) (Ticket, error)
	// Tickets returns the newest matching tickets first.
	Tickets(ctx context.Context, q Query) (Page, error)
}

// Query selects tickets. Zero fields select everything.
type Query struct {
	Number   string // a part of the number, any place
	States   []State
	Assignee string // agent id; "none" finds those nobody has
	Team     string
	Topic    string
	Caller   string // a part of the caller's number
	Text     string // words that must all be in subject, notes, topic, region or number; Chinese needs no blanks
	Sort     string // number, updated or urgency, with - before it for the last or most urgent first; "": -number
	Before   string // cursor of the page before, of the same order
	Limit    int    // 0 is 50, at most 500
}

// PageSize is the number of tickets a page holds: Limit within its bounds.
func (q Query) PageSize() int { return min(cmp.Or(max(q.Limit, 0), 50), 500) }

// Page is one page of a search. Next is the cursor of the page after, empty at the end.
type Page struct {
	Tickets []Ticket `json:"tickets"`
	Next    string   `json:"next,omitempty"`
}
