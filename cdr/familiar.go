package cdr

import (
	"context"
	"fmt"
	"time"

	"hotline/call"
)

// Familiar remembers which agent each caller's number talked to last. It is a listener: make it with NewFamiliar.
type Familiar struct{ agents recall[string] }

// NewFamiliar knows nobody.
func NewFamiliar() *Familiar { return &Familiar{newRecall[string]()} }

// Load learns from the records of calls that began after since; the newest that fit.
func (f *Familiar) Load(ctx context.Context, store RecordStore, since time.Time) error {
	err := f.agents.load(ctx, store, since, func(r Record) {
		for _, p := range r.Agents {
			if !p.Connected.IsZero() && p.Queue != "" {
				f.agents.keep(r.Caller.E164, p.Agent, p.Connected)
			}
		}
	})
	if err != nil {
		return fmt.Errorf("read who talked to whom: %w", err)
	}
	return nil
}

// Facts is Listener.
func (f *Familiar) Facts(facts []Numbered) {
	f.agents.each(facts, func(number string, n Numbered) {
		if n.Kind == call.Connected && n.Agent != "" && n.Queue != "" {
			f.agents.keep(number, n.Agent, n.At)
		}
	})
}

// Agent is whom a number (E.164) talked to last, and when they met; "" for nobody known.
func (f *Familiar) Agent(number string) (agent string, at time.Time) { return f.agents.of(number) }
