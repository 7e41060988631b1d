package trunk

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"hotline/toll"
)

// Out is one call that wants out.
type Out struct {
	Trunks []string // by id, the first is tried first; nil: all that take calls out, by Trunk.Priority and Weight
	Number string   // as dialled, before the trunk's rules
	Phone  string   // whose doing it is, for the day's limits; "": no phone's
}

// Outcome is how a try at one target ended.
type Outcome struct {
	Code       int           // SIP status; 0: the transport failed
	Silent     bool          // nobody said anything: Code is only our word for it
	RetryAfter time.Duration // what a 503 asked for; 0: nothing
}

// Attempt is one outbound call on its way through targets, and through trunks where several may carry it; used by one goroutine at a
// time.
type Attempt struct {
	set    *Set
	out    Out
	left   []*line // trunks not tried yet
	line   *line
	trunk  Trunk
	now    *health
	tried  map[*health]bool
	place  func() // gives the place on the present trunk back
	use    *toll.Use
	called map[called]bool // where a 3xx led, and where it came from; nil: none was followed
	hops   int             // 3xx followed
	over   bool            // after Done, no place is taken any more
}

// TakeIn counts an inbound call; ErrFull, ErrTooFast or ErrUnknown refuses it. done gives the place back and may be called more than
// once.
func (s *Set) TakeIn(id string, now time.Time) (done func(), err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	l := s.lines[id]
	if l == nil {
		return nil, fmt.Errorf("call from trunk %q: %w", id, ErrUnknown)
	}
	return s.take(l, &l.inward, l.trunk.MaxCPSIn, now)
}

// take counts a call on a trunk that has room for it; lock held.
func (s *Set) take(l *line, b *bucket, rate int, now time.Time) (done func(), err error) {
	if m := l.trunk.MaxCalls; m > 0 && l.calls >= m {
		l.refused++
		return nil, fmt.Errorf("trunk %q: %w", l.trunk.ID, ErrFull)
	}
	if !b.take(rate, now) {
		l.refused++
		return nil, fmt.Errorf("trunk %q: %w", l.trunk.ID, ErrTooFast)
	}
	l.calls++
	return sync.OnceFunc(func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		l.calls--
	}), nil
}

// TakeOut asks the toll guard, counts the call, and finds the first target: toll.ErrBarred, ErrUnknown, ErrNoTarget, ErrFull,
// ErrTooFast. Where several trunks may carry the call, one that has no room or no target is passed over. It is the only way to a target,
// so that nothing dials out without the guard. Attempt.Done gives the place back.
func (s *Set) TakeOut(o Out, now time.Time) (*Attempt, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	lines, err := s.order(o.Trunks)
	if err != nil {
		return nil, err
	}
	a := &Attempt{set: s, out: o, left: lines, tried: map[*health]bool{}, place: func() {}}
	if err := a.enter(now); err != nil {
		return nil, err
	}
	return a, nil
}

// order is the trunks of a call, the best first; lock held.
func (s *Set) order(ids []string) ([]*line, error) {
	var all []*line
	for _, id := range ids {
		l := s.lines[id]
		if l == nil {
			return nil, fmt.Errorf("call by trunk %q: %w", id, ErrUnknown)
		}
		all = append(all, l)
	}
	if len(ids) > 0 {
		return all, nil
	}
	for _, l := range s.lines {
		if len(l.trunk.Targets) > 0 {
			all = append(all, l)
		}
	}
	if len(all) == 0 {
		return nil, fmt.Errorf("call out: %w", ErrUnknown)
	}
	slices.SortFunc(all, func(a, b *line) int {
		if a.trunk.Priority != b.trunk.Priority {
			return a.trunk.Priority - b.trunk.Priority
		}
		return strings.Compare(a.trunk.ID, b.trunk.ID)
	})
	for i := range all {
		s.draw(all[i:])
	}
	return all, nil
}

// draw puts one of the first trunks that have the same priority in front, by chance and weight; without weights their order stays.
func (s *Set) draw(lines []*line) {
	total, n := 0, 0
	for n = 0; n < len(lines) && lines[n].trunk.Priority == lines[0].trunk.Priority; n++ {
		total += lines[n].trunk.Weight
	}
	if total == 0 {
		return
	}
	chance := s.dice(total)
	for i := range n {
		if chance -= lines[i].trunk.Weight; chance < 0 {
			chosen := lines[i]
			copy(lines[1:i+1], lines[:i])
			lines[0] = chosen
			return
		}
	}
}

// enter takes a place on the next trunk that has one, and its best target; lock held. The error is the first trunk's.
func (a *Attempt) enter(now time.Time) error {
	var first error
	for len(a.left) > 0 {
		l := a.left[0]
		a.left = a.left[1:]
		err := a.take(l, now)
		if err == nil {
			return nil
		}
		if first == nil {
			first = err
		}
		if errors.Is(err, toll.ErrBarred) && !errors.Is(err, toll.ErrDay) {
			return first
		}
	}
	if first == nil {
		first = ErrNoTarget
	}
	return first
}

// take takes everything that a call on one trunk needs, or nothing; lock held.
func (a *Attempt) take(l *line, now time.Time) error {
	s, t := a.set, a.set.copyOf(l)
	use, err := s.meter.Take(s.policy, toll.Request{Number: a.out.Number, Sent: t.Called(a.out.Number).Result, Phone: a.out.Phone, Trunk: t.ID}, now)
	if err != nil {
		l.barred++
		return fmt.Errorf("call by trunk %q: %w", t.ID, err)
	}
	h := s.choose(l, a.tried, now)
	if h == nil {
		use.Undo()
		return fmt.Errorf("call by trunk %q: %w", t.ID, ErrNoTarget)
	}
	place, err := s.take(l, &l.bucket, t.MaxCPS, now)
	if err != nil {
		use.Undo()
		return err
	}
	a.line, a.trunk, a.now, a.use, a.place = l, t, h, use, place
	a.tried[h] = true
	return nil
}

// choose gives the best target that was not tried: one that is ready before one that is not, the lower priority number first, the addresses
// of a name in their order, chance by weight among equals; lock held. A target that is down is still better than none, but not one that
// asked to be left alone.
func (s *Set) choose(l *line, tried map[*health]bool, now time.Time) *health {
	var best []*health
	for _, h := range l.targets {
		switch {
		case tried[h] || now.Before(h.busyUntil):
		case len(best) == 0 || better(h, best[0], now):
			best = []*health{h}
		case !better(best[0], h, now):
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

func better(a, b *health, now time.Time) bool {
	if x, y := a.ready(now), b.ready(now); x != y {
		return x
	}
	if a.target.Priority != b.target.Priority {
		return a.target.Priority < b.target.Priority
	}
	return a.place < b.place
}

// Target is where to send the INVITE now, and Trunk the trunk it belongs to, as it was when the attempt came to it.
func (a *Attempt) Target() Target {
	a.set.mu.Lock()
	defer a.set.mu.Unlock()
	return a.now.target
}

// Trunk is the trunk of Target.
func (a *Attempt) Trunk() Trunk { return a.trunk }

// AnswerWithin is how long Target may stay silent before Next is to be asked.
func (a *Attempt) AnswerWithin() time.Duration {
	if w := a.trunk.AnswerWithin; w > 0 {
		return w
	}
	return DefaultAnswerWithin
}

// MayFailOver tells whether another target may be tried after a try that ended so: only after 5xx, after silence (whatever the code) and
// after a transport error (code 0). A 4xx or 6xx is the called side's word: it holds for all targets.
func MayFailOver(o Outcome) bool {
	return o.Silent || o.Code == 0 || o.Code >= 500 && o.Code < 600
}

// Next says how the present try ended and moves to the next target, of this trunk or the next one; false: fail-over is not allowed, or
// none is left, or the call is over. The present target is then kept.
func (a *Attempt) Next(o Outcome, now time.Time) bool {
	if !MayFailOver(o) {
		return false
	}
	s := a.set
	s.mu.Lock()
	if a.over {
		s.mu.Unlock()
		return false
	}
	h := a.now
	if h.failed(o, now, a.trunk.OptionsEvery > 0 && s.pinger != nil) {
		s.ring()
	}
	a.called = nil
	next := s.choose(a.line, a.tried, now)
	if next != nil {
		a.tried[next] = true
		a.now = next
		s.mu.Unlock()
		return true
	}
	leave, use := a.place, a.use
	moved := a.enter(now) == nil
	if moved {
		use.Undo()
	}
	s.mu.Unlock()
	if moved {
		leave()
	}
	return moved
}

// Heard says that the present target said something: it lives.
func (a *Attempt) Heard() {
	a.set.mu.Lock()
	defer a.set.mu.Unlock()
	a.now.fails, a.now.restUntil = 0, time.Time{}
}

// Answered says that the call was answered: from now on its minutes count.
func (a *Attempt) Answered(now time.Time) {
	a.set.mu.Lock()
	defer a.set.mu.Unlock()
	a.use.Answered(now)
}

// Done gives the call's place back; it may be called more than once.
func (a *Attempt) Done() {
	a.set.mu.Lock()
	a.use.Done(time.Now())
	a.over = true
	a.set.mu.Unlock()
	a.place()
}
