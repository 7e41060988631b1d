package cdr

import (
	"context"
	"sync"
	"time"

	"hotline/call"
)

// recallMost bounds one generation of what a recall keeps; there are two.
const recallMost = 100_000

// recall keeps the latest of something for each caller's number, with its time. What is oldest is forgotten when there is too much.
type recall[T any] struct {
	mu        sync.RWMutex
	now, past map[string]dated[T] // by number; past is forgotten when now is full
	callers   map[call.ID]string  // of calls that go on; the listener's alone
}

type dated[T any] struct {
	what T
	at   time.Time
}

func newRecall[T any]() recall[T] {
	return recall[T]{now: map[string]dated[T]{}, past: map[string]dated[T]{}, callers: map[call.ID]string{}}
}

// load shows the records of calls that began after since, the newest that fit.
func (*recall[T]) load(ctx context.Context, store RecordStore, since time.Time, record func(Record)) error {
	q := Query{From: since, Limit: 500}
	for n := 0; n < recallMost; {
		page, next, err := store.Records(ctx, q)
		if err != nil {
			return err
		}
		for _, r := range page {
			record(r)
		}
		if n += len(page); next == "" {
			return nil
		}
		q.Before = next
	}
	return nil
}

// each shows facts with the numbers of their calls' callers, those that are known.
func (r *recall[T]) each(facts []Numbered, take func(number string, n Numbered)) {
	for _, n := range facts {
		switch n.Kind {
		case call.Started:
			if e := party(n.From, n.FromRaw).E164; e != "" {
				r.callers[n.Call] = e
			}
		case call.Ended:
			delete(r.callers, n.Call)
		default:
			take(r.callers[n.Call], n)
		}
	}
}

func (r *recall[T]) keep(number string, what T, at time.Time) {
	if number == "" {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if at.Before(r.find(number).at) {
		return
	}
	if len(r.now) >= recallMost {
		r.past, r.now = r.now, map[string]dated[T]{}
	}
	r.now[number] = dated[T]{what, at}
}

func (r *recall[T]) find(number string) dated[T] {
	if d, ok := r.now[number]; ok {
		return d
	}
	return r.past[number]
}

// of is what is known of a number, and since when; zero for nothing.
func (r *recall[T]) of(number string) (what T, at time.Time) {
	r.mu.RLock()
	defer r.mu.RUnlock()
	d := r.find(number)
	return d.what, d.at
}
