package trunk

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"
)

// pingWithin is how long an OPTIONS may go unanswered, and pingAgain when one that was is followed by the next: together they take a dead
// target out within ten seconds of the first probe that it leaves unanswered.
const (
	pingWithin = 4 * time.Second
	pingAgain  = time.Second
)

// probe is one OPTIONS to be sent.
type probe struct {
	trunk  string
	target Target
	h      *health
}

// Run probes targets by OPTIONS, and looks names up, until ctx ends; then it waits for the probes under way and returns nil. Each target
// has its own rhythm with a fifth of jitter, so that a hundred trunks do not ask at once.
func (s *Set) Run(ctx context.Context) error {
	var wg sync.WaitGroup
	defer wg.Wait()
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-s.bell:
		case <-timer.C:
		}
		names := s.lookUp(time.Now())
		due, next := s.due(time.Now())
		for _, p := range due {
			wg.Go(func() { s.probe(ctx, p) })
		}
		timer.Reset(min(next, names))
	}
}

// due takes the probes whose time has come, and tells how long until the next.
func (s *Set) due(now time.Time) ([]probe, time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var due []probe
	next := now.Add(time.Hour)
	for id, l := range s.lines {
		every := l.trunk.OptionsEvery
		if every <= 0 || s.pinger == nil {
			continue
		}
		for _, h := range l.targets {
			if h.next.IsZero() {
				h.next = now.Add(s.share(every)) // the first probes are spread over one interval
			}
			if !h.next.After(now) {
				if !h.busy {
					h.busy = true
					due = append(due, probe{id, h.target, h})
				}
				h.next = now.Add(every - every/10 + s.share(every/5))
			}
			if h.next.Before(next) {
				next = h.next
			}
		}
	}
	return due, next.Sub(now)
}

// share is a random part of d, in thousandths.
func (s *Set) share(d time.Duration) time.Duration { return d * time.Duration(s.dice(1000)) / 1000 }

func (s *Set) probe(ctx context.Context, p probe) {
	ctx, cancel := context.WithTimeout(ctx, pingWithin)
	defer cancel()
	err := s.ping(ctx, p)
	s.mu.Lock()
	if errors.Is(ctx.Err(), context.Canceled) { // we are shutting down: that says nothing about the target
		p.h.busy = false
		s.mu.Unlock()
		return
	}
	p.h.busy = false
	now := time.Now()
	changed := p.h.note(now, err)
	if again := now.Add(pingAgain); err != nil && p.h.up && p.h.next.After(again) {
		p.h.next = again
		s.ring()
	}
	up, why := p.h.up, p.h.why
	s.mu.Unlock()
	if changed && s.Changed != nil {
		s.Changed(p.trunk, p.target, up, why)
	}
}

// ping asks once; a panic of the pinger is a failed probe.
func (s *Set) ping(ctx context.Context, p probe) (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = fmt.Errorf("probe of trunk %q: fault %v", p.trunk, v)
		}
	}()
	return s.pinger.Ping(ctx, p.trunk, p.target)
}
