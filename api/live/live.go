// Package live is the routes about what goes on: calls under way and what they are told, queues and agents, what supervisors order and whom
// they follow, callbacks, and the connection of a page, which watches all that and telephones.
package live

import (
	"context"
	"time"

	"hotline/api/events"
	"hotline/api/gate"
	"hotline/api/records"
	"hotline/call"
	"hotline/callback"
	"hotline/floor"
	"hotline/queue"
	"hotline/switchboard"
	"hotline/ticket"
)

// Live is the calls under way.
type Live interface {
	IDs() []call.ID
	Send(id call.ID, ev call.Event) bool
	Ask(ctx context.Context, id call.ID, ev call.Event) (call.Nay, bool)
	Trace(id call.ID) []call.Moment
	Live() int
}

// Queues is the agents' and callers' side.
type Queues interface {
	Snapshot() *queue.Snapshot
	Set(agent string, s queue.State, reason, source string) bool
	Lengthen(agent string) bool
	Dispose(agent, request string) bool
}

// Callbacks is what customers were promised.
type Callbacks interface {
	List(ctx context.Context, q callback.Query) (page []callback.Entry, total int, err error)
	Add(ctx context.Context, w callback.Wish, now time.Time) (callback.Entry, error)
	Cancel(ctx context.Context, id call.ID, now time.Time) error
	Now(ctx context.Context, id call.ID, now time.Time) (callback.Entry, error)
}

// Follows is the lines of supervisors who follow an agent; their orders are the floor's.
type Follows interface {
	Follow(w switchboard.Follow)
	Unfollow(supervisor string)
	Follows() map[string]switchboard.Followed // by supervisor
}

// Routes are the routes about what goes on, with what they ask. All fields are required but Softphones. New makes it ready.
type Routes struct {
	*gate.Gate
	Calls        records.Calls
	Live         Live
	Events       *events.Stream
	Queues       Queues
	Floor        *floor.Floor // what supervisors order while calls go on
	Post         *floor.Post  // their messages to agents
	Follows      Follows      // supervisors who follow agents
	Supervised   bool         // agents see who supervises their calls
	Callbacks    Callbacks
	PhoneOf      func(agent string) (user string) // the phone of an agent; "" for who has none
	Rings        func(user string) bool           // a phone of the user is there and can ring, at a desk or in a browser
	Softphones   Softphones                       // nil: there are none
	TicketOf     func(ctx context.Context, id string) (ticket.Ticket, error)
	Note         func(call.Fact)             // keeps what people say of a call
	Dispositions func(queue string) []string // what agents may choose from; none: anything

	lookout *lookout      // what pages watch
	recheck time.Duration // how often it is asked whether a telephone may stay; tests are less patient
}

// New is the routes, which Add adds.
func New(r Routes) *Routes {
	r.lookout, r.recheck = newLookout(), recheckPhone
	return &r
}

// Add adds the routes.
func (s *Routes) Add() {
	s.calls()
	s.commands()
	s.supervising()
	s.queues()
	s.floor()
	s.callbacks()
	s.softphone()
}
