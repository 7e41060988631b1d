package store

import (
	"context"

	"hotline/cdr"
	"hotline/ticket"
)

// selectContacts finds callers by the beginning of what forms made of them, so that the index serves.
const selectContacts = `SELECT body FROM records WHERE caller = ?1 OR (caller >= ?1 || ' ' AND caller < ?1 || '!')
	ORDER BY started DESC, call DESC LIMIT ?2`

// ContactsOf satisfies cdr.ContactStore.
func (d *DB) ContactsOf(ctx context.Context, caller cdr.Party, limit int) ([]cdr.Record, error) {
	start := caller.E164
	if start == "" {
		start = " " + caller.Raw
	}
	if start == " " {
		return nil, nil
	}
	return query(ctx, d.read, "find a caller's records", asJSON[cdr.Record], selectContacts, start, limit)
}

// OpenTicketsOf finds up to limit tickets of exactly this caller that are not closed, the newest first.
func (d *DB) OpenTicketsOf(ctx context.Context, caller string, limit int) ([]ticket.Ticket, error) {
	if caller == "" {
		return nil, nil
	}
	return query(ctx, d.read, "find a caller's tickets", asJSON[ticket.Ticket],
		"SELECT body FROM tickets WHERE caller = ? AND state <> ? ORDER BY row DESC LIMIT ?", caller, ticket.Closed, limit)
}
