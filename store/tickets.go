package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"hotline/call"
	"hotline/ticket"
)

// InsertTicket satisfies ticket.Store.
func (d *DB) InsertTicket(ctx context.Context, t ticket.Ticket, day string) (kept ticket.Ticket, fresh bool, err error) {
	err = d.tx(ctx, "insert a ticket", func(tx *sql.Tx) error {
		var madeFor any
		if len(t.Calls) > 0 {
			madeFor = t.Calls[0]
			old, err := asJSON[ticket.Ticket](tx.QueryRowContext(ctx, "SELECT body FROM tickets WHERE made_for = ?", madeFor))
			if err == nil {
				kept = old
				return nil
			}
			if !errors.Is(err, sql.ErrNoRows) {
				return err
			}
		}
		kept, fresh = t, true
		return insertTicket(ctx, tx, &kept, day, madeFor)
	})
	if err != nil {
		return ticket.Ticket{}, false, err
	}
	return kept, fresh, nil
}

// insertTicket gives the ticket its number and writes it.
func insertTicket(ctx context.Context, tx *sql.Tx, t *ticket.Ticket, day string, madeFor any) error {
	var last int
	err := tx.QueryRowContext(ctx, `INSERT INTO ticket_days (day, last) VALUES (?, 1)
		ON CONFLICT (day) DO UPDATE SET last = last + 1 RETURNING last`, day).Scan(&last)
	if err != nil {
		return err
	}
	t.Number = fmt.Sprintf("%s-%04d", day, last)
	body, err := json.Marshal(t)
	if err != nil {
		return err
	}
	res, err := tx.ExecContext(ctx, `INSERT INTO tickets (id, number, made_for, state, assignee, team, topic, caller, created, revision, body)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		t.ID, t.Number, madeFor, t.State, t.Assignee, t.Team, t.Topic, t.Caller, micros(t.CreatedAt), t.Revision, string(body))
	if err != nil {
		return err
	}
	row, err := res.LastInsertId()
	if err != nil {
		return err
	}
	if _, err := tx.ExecContext(ctx, "INSERT INTO ticket_words (rowid, words) VALUES (?, ?)", row, ticketWords(*t)); err != nil {
		return err
	}
	return linkCalls(ctx, tx, row, t.Calls)
}

func linkCalls(ctx context.Context, tx *sql.Tx, row int64, calls []call.ID) error {
	for _, id := range calls {
		if _, err := tx.ExecContext(ctx, "INSERT INTO ticket_calls (call, ticket) VALUES (?, ?) ON CONFLICT DO NOTHING", id, row); err != nil {
			return err
		}
	}
	return nil
}

// UpdateTicket satisfies ticket.Store.
func (d *DB) UpdateTicket(ctx context.Context, t ticket.Ticket) error {
	return d.tx(ctx, "update a ticket", func(tx *sql.Tx) error {
		var row int64
		old, err := readTicket(tx.QueryRowContext(ctx, "SELECT row, body FROM tickets WHERE id = ?", t.ID), &row)
		switch {
		case errors.Is(err, sql.ErrNoRows):
			return ticket.ErrNotFound
		case err != nil:
			return err
		case old.Revision != t.Revision-1:
			return ticket.ErrConflict
		}
		t.Number, t.Origin, t.CreatedAt = old.Number, old.Origin, old.CreatedAt
		body, err := json.Marshal(t)
		if err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, "UPDATE tickets SET state = ?, assignee = ?, team = ?, topic = ?, caller = ?, revision = ?, body = ? WHERE row = ?",
			t.State, t.Assignee, t.Team, t.Topic, t.Caller, t.Revision, string(body), row)
		if err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, "UPDATE ticket_words SET words = ? WHERE rowid = ?", ticketWords(t), row); err != nil {
			return err
		}
		return linkCalls(ctx, tx, row, t.Calls)
	})
}

func readTicket(row scanner, at *int64) (t ticket.Ticket, err error) {
	var body []byte
	if err := row.Scan(at, &body); err != nil {
		return t, err
	}
	if err := json.Unmarshal(body, &t); err != nil {
		return t, fmt.Errorf("read a kept ticket: %w", err)
	}
	return t, nil
}

// Ticket satisfies ticket.Store.
func (d *DB) Ticket(ctx context.Context, idOrNumber string) (ticket.Ticket, error) {
	return d.oneTicket(ctx, "SELECT body FROM tickets WHERE id = ?1 OR number = ?1", idOrNumber)
}

// TicketOfCall satisfies ticket.Store.
func (d *DB) TicketOfCall(ctx context.Context, id call.ID) (ticket.Ticket, error) {
	return d.oneTicket(ctx, "SELECT body FROM tickets JOIN ticket_calls ON ticket = row WHERE call = ? ORDER BY row DESC LIMIT 1", id)
}

func (d *DB) oneTicket(ctx context.Context, statement string, arg any) (ticket.Ticket, error) {
	t, err := asJSON[ticket.Ticket](d.read.QueryRowContext(ctx, statement, arg))
	if errors.Is(err, sql.ErrNoRows) {
		return ticket.Ticket{}, ticket.ErrNotFound
	}
	return t, fault("read a ticket", err)
}

// ticketKeys are what tickets are sorted by; their numbers grow with their rows.
var ticketKeys = map[string]string{"number": "row", "updated": "updated", "urgency": "pressing"}

// fittingTickets are the tickets of a query: what is not asked for is empty and then always true.
const fittingTickets = ` AND (?3 = '' OR instr(number, ?3) > 0)
	AND (?4 = '' OR instr(?4, ' ' || state || ' ') > 0)
	AND (?5 = '' OR assignee = ?5 OR (?5 = 'none' AND assignee = ''))
	AND (?6 = '' OR team = ?6)
	AND (?7 = '' OR topic = ?7)
	AND (?8 = '' OR instr(caller, ?8) > 0)
	AND (?9 = '' OR row IN (SELECT rowid FROM ticket_words WHERE ticket_words MATCH ?9))`

func selectTickets(o order) string {
	return "SELECT row, body, " + o.columns[0] + " FROM tickets WHERE " + o.past("?1", "?2") + fittingTickets + o.by() + " LIMIT ?10"
}

// Tickets satisfies ticket.Store. The cursor is what the last ticket of the page was sorted by, and its row.
func (d *DB) Tickets(ctx context.Context, q ticket.Query) (ticket.Page, error) {
	o := orderOf(q.Sort, ticketKeys, "row")
	key, row := o.edge(), o.edge()
	if q.Before != "" {
		first, second, _ := strings.Cut(q.Before, ".")
		var err, bad error
		key, err = strconv.ParseInt(first, 10, 64)
		row, bad = strconv.ParseInt(second, 10, 64)
		if errors.Join(err, bad) != nil {
			return ticket.Page{}, &ticket.Error{Kind: ticket.Invalid, Sentence: "This page cannot be found: search again."}
		}
	}
	match := matchWords(q.Text)
	if match == "" && strings.TrimSpace(q.Text) != "" {
		return ticket.Page{}, nil // nothing but signs: no ticket has such a word
	}
	states := ""
	for _, s := range q.States {
		states += " " + string(s) + " "
	}
	size := q.PageSize()
	var ends []string // the cursor of each
	tickets, err := query(ctx, d.read, "search tickets", func(row scanner) (t ticket.Ticket, err error) {
		var at, key int64
		var body []byte
		if err := row.Scan(&at, &body, &key); err != nil {
			return t, err
		}
		ends = append(ends, fmt.Sprintf("%d.%d", key, at))
		return t, json.Unmarshal(body, &t)
	}, selectTickets(o), key, row, strings.TrimSpace(q.Number), states, q.Assignee, q.Team, q.Topic, strings.TrimSpace(q.Caller), match, size+1)
	if err != nil || len(tickets) <= size {
		return ticket.Page{Tickets: tickets}, err
	}
	return ticket.Page{Tickets: tickets[:size], Next: ends[size-1]}, nil
}
