package cdr

import (
	"context"
	"fmt"
	"sync"
	"time"

	"hotline/call"
)

// Surveys remembers when each caller's number was last asked how it was. It is a listener: make it with NewSurveys.
type Surveys struct {
	mu        sync.RWMutex
	now, past map[string]time.Time // by number; past is forgotten when now is full
	callers   map[call.ID]string   // of calls that go on; the listener's alone
}

// NewSurveys has asked nobody.
func NewSurveys() *Surveys {
	return &Surveys{now: map[string]time.Time{}, past: map[string]time.Time{}, callers: map[call.ID]string{}}
}

// Load learns from the records of calls that began after since; the newest that fit.
func (s *Surveys) Load(ctx context.Context, store RecordStore, since time.Time) error {
	q := Query{From: since, Limit: 500}
	for n := 0; n < familiarMost; {
		page, next, err := store.Records(ctx, q)
		if err != nil {
			return fmt.Errorf("read who was asked how it was: %w", err)
		}
		for _, r := range page {
			if r.Surveyed {
				s.ask(r.Caller.E164, r.Started)
			}
		}
		if n += len(page); next == "" {
			return nil
		}
		q.Before = next
	}
	return nil
}

// Facts is Listener.
func (s *Surveys) Facts(facts []Numbered) {
	for _, n := range facts {
		switch n.Kind {
		case call.Started:
			if e := party(n.From, n.FromRaw).E164; e != "" {
				s.callers[n.Call] = e
			}
		case call.SurveyAsked:
			s.ask(s.callers[n.Call], n.At)
		case call.Ended:
			delete(s.callers, n.Call)
		default: // asks nothing
		}
	}
}

func (s *Surveys) ask(number string, at time.Time) {
	if number == "" {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if at.Before(s.now[number]) {
		return
	}
	if len(s.now) >= familiarMost {
		s.past, s.now = s.now, map[string]time.Time{}
	}
	s.now[number] = at
}

// Asked is when a number (E.164) was last asked; zero: never, or too long ago to be known.
func (s *Surveys) Asked(number string) time.Time {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if at, ok := s.now[number]; ok {
		return at
	}
	return s.past[number]
}
