package ticket

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

	"hotline/call"
)

var errBroken = errors.New("broken on purpose")

// memory is a Store and the facts of calls; storetest holds the real ones to the same behaviour.
type memory struct {
	mu      sync.Mutex
	tickets []Ticket
	facts   map[call.ID][]call.Fact
	broken  bool
	between func() // runs once before the next update
}

func (m *memory) FactsOf(_ context.Context, id call.ID) ([]call.Fact, error) {
	if m.broken {
		return nil, errBroken
	}
	return m.facts[id], nil
}

func (m *memory) InsertTicket(_ context.Context, t Ticket, day string) (Ticket, bool, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.broken {
		return Ticket{}, false, errBroken
	}
	for _, o := range m.tickets {
		if len(t.Calls) > 0 && len(o.Calls) > 0 && o.Calls[0] == t.Calls[0] {
			return o, false, nil
		}
	}
	t.Number = fmt.Sprintf("%s-%04d", day, len(m.tickets)+1)
	m.tickets = append(m.tickets, t)
	return t, true, nil
}

func (m *memory) UpdateTicket(_ context.Context, t Ticket) error {
	if f := m.between; f != nil {
		m.between = nil
		f()
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	for i, o := range m.tickets {
		if o.ID != t.ID {
			continue
		}
		if o.Revision != t.Revision-1 {
			return ErrConflict
		}
		m.tickets[i] = t
		return nil
	}
	return ErrNotFound
}

func (m *memory) find(is func(Ticket) bool) (Ticket, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	i := slices.IndexFunc(m.tickets, is)
	if i < 0 {
		return Ticket{}, ErrNotFound
	}
	t := m.tickets[i]
	t.Notes, t.History, t.Recordings = slices.Clone(t.Notes), slices.Clone(t.History), slices.Clone(t.Recordings)
	return t, nil
}

func (m *memory) Ticket(_ context.Context, key string) (Ticket, error) {
	return m.find(func(t Ticket) bool { return string(t.ID) == key || t.Number == key })
}

func (m *memory) TicketOfCall(_ context.Context, id call.ID) (Ticket, error) {
	return m.find(func(t Ticket) bool { return slices.Contains(t.Calls, id) })
}

func (m *memory) Tickets(context.Context, Query) (Page, error) { return Page{Tickets: m.tickets}, nil }
