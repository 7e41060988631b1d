package account

import (
	"crypto/sha256"
	"sync"
	"time"
)

// The pace of a guesser. One login from one source: three tries at once, then 1 s, 2 s, 4 s... between them, which is nine in
// the first minute; from the tenth on ten minutes, doubling. A source gets thirty tries over all logins at that pace.
const (
	freeTries   = 3
	bannedFrom  = 10
	banFirst    = 10 * time.Minute
	banMost     = 24 * time.Hour
	sourceTries = 30
	forgetAfter = 24 * time.Hour
	pacersMost  = 100_000
)

// throttle counts failed tries. A try counts as failed from its beginning, so that many at once gain nothing; success
// takes it back.
type throttle struct {
	mu     sync.Mutex
	pacers map[[16]byte]*pacer // guarded by mu
}

type pacer struct {
	tries int
	next  time.Time // when the next try may be
	last  time.Time
}

func newThrottle() *throttle { return &throttle{pacers: map[[16]byte]*pacer{}} }

// keyOf keeps the map small whatever people type for a login.
func keyOf(parts ...string) (key [16]byte) {
	h := sha256.New()
	for _, p := range parts {
		h.Write([]byte(p))
		h.Write([]byte{0})
	}
	copy(key[:], h.Sum(nil))
	return key
}

// try counts a try and returns 0, or how long to wait before the next, which then did not count.
func (t *throttle) try(login, source string, now time.Time) time.Duration {
	t.mu.Lock()
	defer t.mu.Unlock()
	both, alone := t.pacer(keyOf(login, source), now), t.pacer(keyOf(source), now)
	if wait := max(both.next.Sub(now), alone.next.Sub(now)); wait > 0 {
		return wait
	}
	both.count(now, 0)
	alone.count(now, sourceTries-freeTries)
	return 0
}

// count notes a try; extra is how many more are free.
func (p *pacer) count(now time.Time, extra int) {
	p.tries++
	p.last = now
	p.next = now.Add(delayAfter(p.tries - extra))
}

// delayAfter is how long to wait after so many tries.
func delayAfter(tries int) time.Duration {
	switch {
	case tries < freeTries:
		return 0
	case tries < bannedFrom-1:
		return time.Second << (tries - freeTries)
	}
	return min(banMost, banFirst<<min(tries-bannedFrom+1, 10))
}

// well takes back a try that succeeded.
func (t *throttle) well(login, source string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.pacers, keyOf(login, source))
	if p := t.pacers[keyOf(source)]; p != nil {
		p.tries = max(0, p.tries-1)
		p.next = time.Time{}
	}
}

// pacer finds or makes one, forgetting the old and, when there are too many, any.
func (t *throttle) pacer(key [16]byte, now time.Time) *pacer {
	p := t.pacers[key]
	if p != nil && now.Sub(p.last) < forgetAfter {
		return p
	}
	if len(t.pacers) >= pacersMost {
		t.forget(now)
	}
	p = &pacer{last: now}
	t.pacers[key] = p
	return p
}

func (t *throttle) forget(now time.Time) {
	for key, p := range t.pacers {
		if !p.next.After(now) || len(t.pacers) >= pacersMost {
			delete(t.pacers, key)
		}
	}
}
