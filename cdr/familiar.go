package cdr

import (
	"context"
	"fmt"
	"sync"
	"time"

	"hotline/call"
)

// familiarMost bounds one generation of what Familiar remembers; there are two.
const familiarMost = 100_000

// Familiar remembers which agent each caller's number talked to last. It is a listener: make it with NewFamiliar.
type Familiar struct {
	mu        sync.RWMutex
	now, past map[string]acquaintance // by number; past is forgotten when now is full
	callers   map[call.ID]string      // of calls that go on
}

// acquaintance is who talked with somebody, and when they met.
type acquaintance struct {
	Agent string
	At    time.Time
}

// NewFamiliar knows nobody.
func NewFamiliar() *Familiar {
	return &Familiar{now: map[string]acquaintance{}, past: map[string]acquaintance{}, callers: map[call.ID]string{}}
}

// Load learns from the records of calls that began after since; the newest that fit.
func (f *Familiar) Load(ctx context.Context, store RecordStore, since time.Time) error {
	q := Query{From: since, Limit: 500}
	for n := 0; n < familiarMost; {
		page, next, err := store.Records(ctx, q)
		if err != nil {
			return fmt.Errorf("read who talked to whom: %w", err)
		}
		for _, r := range page {
			f.record(r)
		}
		if n += len(page); next == "" {
			return nil
		}
		q.Before = next
	}
	return nil
}

func (f *Familiar) record(r Record) {
	for _, p := range r.Agents {
		if !p.Connected.IsZero() && p.Queue != "" {
			f.meet(r.Caller.E164, acquaintance{p.Agent, p.Connected})
		}
	}
}

// Facts is Listener.
func (f *Familiar) Facts(facts []Numbered) {
	for _, n := range facts {
		switch n.Kind {
		case call.Started:
			if e := party(n.From, n.FromRaw).E164; e != "" {
				f.callers[n.Call] = e
			}
		case call.Connected:
			if n.Agent != "" && n.Queue != "" {
				f.meet(f.callers[n.Call], acquaintance{n.Agent, n.At})
			}
		case call.Ended:
			delete(f.callers, n.Call)
		default: // says nothing about who talks
		}
	}
}

func (f *Familiar) meet(number string, a acquaintance) {
	if number == "" {
		return
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if old := f.find(number); a.At.Before(old.At) {
		return
	}
	if len(f.now) >= familiarMost {
		f.past, f.now = f.now, map[string]acquaintance{}
	}
	f.now[number] = a
}

func (f *Familiar) find(number string) acquaintance {
	if a, ok := f.now[number]; ok {
		return a
	}
	return f.past[number]
}

// Agent is whom a number (E.164) talked to last, and when they met; "" for nobody known.
func (f *Familiar) Agent(number string) (agent string, at time.Time) {
	f.mu.RLock()
	defer f.mu.RUnlock()
	a := f.find(number)
	return a.Agent, a.At
}
