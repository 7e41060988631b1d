// Package floor keeps what supervisors order while calls go on: queues closed out of turn, who takes calls of which queue just now, who
// follows which agent, and messages to agents. None of it is the configuration of the centre (package centre): it takes effect at once, has no versions, stands over
// what was published, and is kept over a restart until it ends or is taken back.
//
// It decides nothing about calls: it tells who asks, and calls Changed when something is different.
package floor

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"hotline/queue"
)

// Store keeps orders by kind and id, and messages.
type Store interface {
	// SaveOrder keeps an order in the place of the one before; a nil body removes it.
	SaveOrder(ctx context.Context, kind, id string, body []byte) error
	// Orders returns the orders of a kind by id.
	Orders(ctx context.Context, kind string) (map[string][]byte, error)
}

// Config is what a floor asks. All fields are required.
type Config struct {
	Queue   func(id string) bool
	Agent   func(id string) (configured queue.Agent, ok bool)
	Prompt  func(name string) bool
	Speaks  bool   // texts can be spoken
	Changed func() // an order is there, or gone; called without a lock held, and may ask
}

// Floor has the orders that hold. Its methods may be called from any goroutine.
type Floor struct {
	Config
	store Store

	mu       sync.Mutex
	closings map[string]Closing   // by queue, "" the whole centre; guarded by mu
	members  map[string]Member    // by agent; guarded by mu
	follows  map[string]Following // by supervisor; guarded by mu
}

// New is a floor without orders: Load it.
func New(c Config, s Store) *Floor {
	return &Floor{Config: c, store: s, closings: map[string]Closing{}, members: map[string]Member{}, follows: map[string]Following{}}
}

// The kinds of orders in the store.
const (
	kindClosing = "closing"
	kindMember  = "member"
	kindFollow  = "follow"
)

// Load reads the orders that were kept.
func (f *Floor) Load(ctx context.Context) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if err := load(ctx, f.store, kindClosing, f.closings); err != nil {
		return err
	}
	if err := load(ctx, f.store, kindMember, f.members); err != nil {
		return err
	}
	return load(ctx, f.store, kindFollow, f.follows)
}

func load[T any](ctx context.Context, s Store, kind string, into map[string]T) error {
	all, err := s.Orders(ctx, kind)
	if err != nil {
		return fmt.Errorf("read the orders of supervisors: %w", err)
	}
	for id, body := range all {
		var one T
		if err := json.Unmarshal(body, &one); err != nil {
			return fmt.Errorf("read the %s %q: %w", kind, id, err)
		}
		into[id] = one
	}
	return nil
}

// save keeps an order, or with nil removes it.
func (f *Floor) save(ctx context.Context, kind, id string, order any) error {
	var body []byte
	if order != nil {
		var err error
		if body, err = json.Marshal(order); err != nil {
			return fmt.Errorf("write the %s %q: %w", kind, id, err)
		}
	}
	if err := f.store.SaveOrder(ctx, kind, id, body); err != nil {
		return fmt.Errorf("keep the %s %q: %w", kind, id, err)
	}
	return nil
}

// Refusal is an order that cannot be, with a sentence for a person.
type Refusal struct{ Kind, Sentence string }

func (r *Refusal) Error() string { return r.Sentence }

// Fault says the kind and the sentence.
func (r *Refusal) Fault() (kind, sentence string) { return r.Kind, r.Sentence }

func invalid(sentence string) error { return &Refusal{"invalid", sentence} }

// sorted are values by the order of their keys.
func sorted[T any](m map[string]T) []T {
	all := make([]T, 0, len(m))
	for _, id := range slices.Sorted(maps.Keys(m)) {
		all = append(all, m[id])
	}
	return all
}

// longest is how far ahead an order may end.
const longest = 90 * 24 * time.Hour
