package cdr

import (
	"context"
	"fmt"
	"time"

	"hotline/call"
)

// Surveys remembers when each caller's number was last asked how it was. It is a listener: make it with NewSurveys.
type Surveys struct{ asked recall[struct{}] }

// NewSurveys has asked nobody.
func NewSurveys() *Surveys { return &Surveys{newRecall[struct{}]()} }

// Load learns from the records of calls that began after since; the newest that fit.
func (s *Surveys) Load(ctx context.Context, store RecordStore, since time.Time) error {
	err := s.asked.load(ctx, store, since, func(r Record) {
		if r.Surveyed {
			s.asked.keep(r.Caller.E164, struct{}{}, r.Started)
		}
	})
	if err != nil {
		return fmt.Errorf("read who was asked how it was: %w", err)
	}
	return nil
}

// Facts is Listener.
func (s *Surveys) Facts(facts []Numbered) {
	s.asked.each(facts, func(number string, n Numbered) {
		if n.Kind == call.SurveyAsked {
			s.asked.keep(number, struct{}{}, n.At)
		}
	})
}

// Asked is when a number (E.164) was last asked; zero: never, or too long ago to be known.
func (s *Surveys) Asked(number string) time.Time {
	_, at := s.asked.of(number)
	return at
}
