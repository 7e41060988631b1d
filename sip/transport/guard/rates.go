package guard

import (
	"hash/maphash"
	"net/netip"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// verdict is what the rates say about one more message from a source.
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

// rates is a token bucket per source in a table of fixed size: a set-associative cache, so that spoofed sources push each other out
// and memory never grows.
type rates struct {
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

func newRates(c Config) *rates {
	n := shards
	for n*ways < c.Sources {
		n *= 2
	}
	r := &rates{
		rate: c.Rate, burst: float64(c.Burst),
		started: time.Now(), seed: maphash.MakeSeed(), sets: make([][ways]bucket, n),
	}
	r.trust(c.Trusted)
	r.total.rate, r.total.tokens = c.Total, c.Total
	return r
}

func (r *rates) now() time.Duration { return time.Since(r.started) }

// trust takes the place of all that was trusted before.
func (r *rates) trust(sources []netip.Prefix) {
	sources = slices.Clone(sources)
	r.trusted.Store(&sources)
}

// trusts says that a source is left alone.
func (r *rates) trusts(source netip.Addr) bool {
	for _, p := range *r.trusted.Load() {
		if p.Contains(source) {
			return true
		}
	}
	return false
}

// spares says that a source is trusted, or vouched for at the time now.
func (r *rates) spares(source netip.Addr, now time.Duration) bool {
	if r.trusts(source) {
		return true
	}
	key := Key(source)
	set, lock := r.find(key)
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
func (r *rates) allow(source netip.Addr, now time.Duration) (v verdict, known bool) {
	source = source.Unmap().WithZone("")
	if r.trusts(source) {
		return admitted, true
	}
	key := Key(source)
	set, lock := r.find(key)
	lock.Lock()
	b := touch(set, key, now, r.burst)
	b.tokens = float32(min(r.burst, float64(b.tokens)+(now-b.at).Seconds()*r.rate))
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
	if !r.takeTotal(now) && !vouched {
		return overTotal, false
	}
	return admitted, vouched
}

func (r *rates) vouch(source netip.Addr, d, now time.Duration) {
	key := Key(source.Unmap().WithZone(""))
	set, lock := r.find(key)
	lock.Lock()
	defer lock.Unlock()
	b := touch(set, key, now, r.burst)
	b.vouched = now + d
}

func (r *rates) find(key [16]byte) (*[ways]bucket, *sync.Mutex) {
	i := maphash.Bytes(r.seed, key[:]) & uint64(len(r.sets)-1)
	return &r.sets[i], &r.locks[i%shards]
}

// takeTotal takes from the bucket that all strangers share; it holds one second's worth.
func (r *rates) takeTotal(now time.Duration) bool {
	t := &r.total
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

// Key is what counts as one source: an IPv4 address, or an IPv6 /64, which is the least a customer gets.
func Key(a netip.Addr) [16]byte {
	key := a.As16()
	if a.Is6() {
		clear(key[8:])
	}
	return key
}
