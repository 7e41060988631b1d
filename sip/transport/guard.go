package transport

import (
	"hash/maphash"
	"net/netip"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// verdict is what the guard says about one more message from a source.
type verdict uint8

const (
	admitted verdict = iota
	overSource
	overTotal
)

const (
	ways   = 4  // sources per set of the table
	shards = 64 // locks
)

// guard is a token bucket per source in a table of fixed size: a set-associative cache, so that spoofed sources push each other out
// and memory never grows.
type guard struct {
	trusted atomic.Pointer[[]netip.Prefix]
	rate    float64
	burst   float64
	started time.Time
	seed    maphash.Seed
	sets    [][ways]bucket
	locks   [shards]sync.Mutex

	total struct {
		sync.Mutex
		rate, tokens float64
		at           time.Duration
	}
}

// bucket is one source; the zero key is an empty slot.
type bucket struct {
	key     [16]byte
	at      time.Duration // of the last message
	vouched time.Duration // until then
	tokens  float32
	used    bool
}

func newGuard(c Config) *guard {
	n := shards
	for n*ways < c.Sources {
		n *= 2
	}
	g := &guard{
		rate: c.Rate, burst: float64(c.Burst),
		started: time.Now(), seed: maphash.MakeSeed(), sets: make([][ways]bucket, n),
	}
	g.trust(c.Trusted)
	g.total.rate, g.total.tokens = c.Total, c.Total
	return g
}

func (g *guard) now() time.Duration { return time.Since(g.started) }

// trust takes the place of all that was trusted before.
func (g *guard) trust(sources []netip.Prefix) {
	sources = slices.Clone(sources)
	g.trusted.Store(&sources)
}

// trusts says that the guard leaves a source alone.
func (g *guard) trusts(source netip.Addr) bool {
	for _, p := range *g.trusted.Load() {
		if p.Contains(source) {
			return true
		}
	}
	return false
}

// spares says that a source is trusted, or vouched for at the time now.
func (g *guard) spares(source netip.Addr, now time.Duration) bool {
	if g.trusts(source) {
		return true
	}
	key := sourceKey(source)
	set, lock := g.find(key)
	lock.Lock()
	defer lock.Unlock()
	for i := range set {
		if b := &set[i]; b.used && b.key == key {
			return b.vouched > now
		}
	}
	return false
}

// allow takes one token for a source at the time now; known says that it is trusted or vouched for.
func (g *guard) allow(source netip.Addr, now time.Duration) (v verdict, known bool) {
	source = source.Unmap().WithZone("")
	if g.trusts(source) {
		return admitted, true
	}
	key := sourceKey(source)
	set, lock := g.find(key)
	lock.Lock()
	b := touch(set, key, now, g.burst)
	b.tokens = float32(min(g.burst, float64(b.tokens)+(now-b.at).Seconds()*g.rate))
	b.at = now
	ok := b.tokens >= 1
	if ok {
		b.tokens--
	}
	vouched := b.vouched > now
	lock.Unlock()
	if !ok {
		return overSource, vouched
	}
	if !g.takeTotal(now) && !vouched {
		return overTotal, false
	}
	return admitted, vouched
}

func (g *guard) vouch(source netip.Addr, d, now time.Duration) {
	key := sourceKey(source.Unmap().WithZone(""))
	set, lock := g.find(key)
	lock.Lock()
	defer lock.Unlock()
	b := touch(set, key, now, g.burst)
	b.vouched = now + d
}

func (g *guard) find(key [16]byte) (*[ways]bucket, *sync.Mutex) {
	i := maphash.Bytes(g.seed, key[:]) & uint64(len(g.sets)-1)
	return &g.sets[i], &g.locks[i%shards]
}

// takeTotal takes from the bucket that all strangers share; it holds one second's worth.
func (g *guard) takeTotal(now time.Duration) bool {
	t := &g.total
	t.Lock()
	defer t.Unlock()
	t.tokens = min(t.rate, t.tokens+(now-t.at).Seconds()*t.rate)
	t.at = max(t.at, now)
	if t.tokens < 1 {
		return false
	}
	t.tokens--
	return true
}

// touch finds a source in its set, or gives it the slot of the one silent longest, vouched ones last.
func touch(set *[ways]bucket, key [16]byte, now time.Duration, burst float64) *bucket {
	victim := &set[0]
	for i := range set {
		b := &set[i]
		if b.used && b.key == key {
			return b
		}
		if b.worth(now) < victim.worth(now) {
			victim = b
		}
	}
	*victim = bucket{key: key, at: now, tokens: float32(burst), used: true}
	return victim
}

func (b *bucket) worth(now time.Duration) time.Duration {
	switch {
	case !b.used:
		return -1
	case b.vouched > now:
		return b.vouched + now
	}
	return b.at
}

// sourceKey is what counts as one source: an IPv4 address, or an IPv6 /64, which is the least a customer gets.
func sourceKey(a netip.Addr) [16]byte {
	key := a.As16()
	if a.Is6() {
		clear(key[8:])
	}
	return key
}
