package trunk

import (
	"fmt"
	"sync"
	"time"
)

// Attempt is one outbound call on its way through the targets of a trunk; used by one goroutine at a time.
type Attempt struct {
	set   *Set
	line  *line
	now   Target
	tried map[*health]bool
	done  func()
}

// TakeIn counts an inbound call; ErrFull or ErrUnknown refuses it. done gives the place back and may be called more than once.
func (s *Set) TakeIn(id string) (done func(), err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	l := s.lines[id]
	if l == nil {
		return nil, fmt.Errorf("call from trunk %q: %w", id, ErrUnknown)
	}
	return s.take(l)
}

// take counts a call; lock held.
func (s *Set) take(l *line) (done func(), err error) {
	if m := l.trunk.MaxCalls; m > 0 && l.calls >= m {
		l.refused++
		return nil, fmt.Errorf("trunk %q: %w", l.trunk.ID, ErrFull)
	}
	l.calls++
	return sync.OnceFunc(func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		l.calls--
	}), nil
}

// TakeOut counts an outbound call and gives its way through the targets: ErrUnknown, ErrNoTarget, ErrFull, ErrTooFast.
// Attempt.Done gives the place back.
func (s *Set) TakeOut(id string, now time.Time) (*Attempt, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	l := s.lines[id]
	if l == nil {
		return nil, fmt.Errorf("call by trunk %q: %w", id, ErrUnknown)
	}
	h := s.choose(l, nil)
	if h == nil {
		return nil, fmt.Errorf("call by trunk %q: %w", id, ErrNoTarget)
	}
	done, err := s.take(l)
	if err != nil {
		return nil, err
	}
	if !l.bucket.take(l.trunk.MaxCPS, now) {
		l.calls--
		l.refused++
		return nil, fmt.Errorf("call by trunk %q: %w", id, ErrTooFast)
	}
	return &Attempt{set: s, line: l, now: h.target, tried: map[*health]bool{h: true}, done: done}, nil
}

// choose gives the best target that was not tried: one that is up before one that is down, the lower priority number
// first, chance by weight among equals; lock held. A target that is down is still better than none.
func (s *Set) choose(l *line, tried map[*health]bool) *health {
	var best []*health
	for _, h := range l.targets {
		switch {
		case tried[h]:
		case len(best) == 0 || better(h, best[0]):
			best = []*health{h}
		case !better(best[0], h):
			best = append(best, h)
		}
	}
	total := 0
	for _, h := range best {
		total += max(h.target.Weight, 1)
	}
	if total == 0 {
		return nil
	}
	n := s.dice(total)
	for _, h := range best {
		if n -= max(h.target.Weight, 1); n < 0 {
			return h
		}
	}
	return best[0]
}

func better(a, b *health) bool {
	if a.up != b.up {
		return a.up
	}
	return a.target.Priority < b.target.Priority
}

// Target is where to send the INVITE now.
func (a *Attempt) Target() Target { return a.now }

// MayFailOver tells whether another target may be tried after a try that ended so: only after 5xx, a time-out (whatever
// the code) and a transport error (code 0). A 4xx or 6xx is the called side's word: it holds for all targets.
func MayFailOver(code int, timeout bool) bool {
	return timeout || code == 0 || code >= 500 && code < 600
}

// Next says how the last try ended and gives the next target; false: fail-over is not allowed, or no target is left.
func (a *Attempt) Next(code int, timeout bool) (Target, bool) {
	if !MayFailOver(code, timeout) {
		return Target{}, false
	}
	a.set.mu.Lock()
	defer a.set.mu.Unlock()
	h := a.set.choose(a.line, a.tried)
	if h == nil {
		return Target{}, false
	}
	a.tried[h] = true
	a.now = h.target
	return a.now, true
}

// Done gives the call's place back; it may be called more than once.
func (a *Attempt) Done() { a.done() }
