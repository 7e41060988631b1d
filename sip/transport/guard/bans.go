package guard

import (
	"net/netip"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// Why a source is banned.
const (
	Scanner   = "scanner"         // its User-Agent is one of Config.Scanners
	Passwords = "wrong passwords" // Guard.Offend
)

const (
	longestBan = 24 * time.Hour
	forgive    = 24 * time.Hour // after a ban's end the next one is the first again
	countedFor = time.Minute
)

// Ban is one source that is not heard.
type Ban struct {
	Source  netip.Prefix // an IPv4 address, or an IPv6 /64
	Why     string
	Since   time.Time
	Until   time.Time
	Times   int    // how often in a row; each time twice as long
	Dropped uint64 // messages and connections since then
}

// bans counts offences and knows who is banned. It holds at most max sources; beyond that the least of some is forgotten, so that
// offenders without number cost no memory.
type bans struct {
	limit int           // offences in a minute
	first time.Duration // of the first ban
	max   int

	live atomic.Int64 // bans that may not be over: while there are none, nobody takes the lock
	mu   sync.RWMutex
	all  map[[16]byte]*offender
}

// offender is one source; its address is the latest seen.
type offender struct {
	source       netip.Addr
	why          string
	since, until time.Time // of the latest ban; zero: none yet
	times        int
	count        int       // offences since from
	from         time.Time // start of the minute that is counted
	dropped      atomic.Uint64
}

func newBans(c Config) *bans {
	return &bans{limit: c.Offences, first: c.BanFor, max: c.MaxBans, all: map[[16]byte]*offender{}}
}

// has says that a source is banned; counted: something of it is dropped for that.
func (b *bans) has(source netip.Addr, counted bool, now time.Time) bool {
	if b.live.Load() == 0 {
		return false
	}
	b.mu.RLock()
	defer b.mu.RUnlock()
	o := b.all[Key(source)]
	if o == nil || !now.Before(o.until) {
		return false
	}
	if counted {
		o.dropped.Add(1)
	}
	return true
}

// offend counts one offence, and bans at the limit; n of them at once bans at once. True: this one brought a ban.
func (b *bans) offend(source netip.Addr, why string, n int, now time.Time) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	o := b.get(source, now)
	if now.Before(o.until) {
		return false
	}
	if now.Sub(o.from) >= countedFor {
		o.from, o.count = now, 0
	}
	if o.count += n; o.count < b.limit {
		return false
	}
	if !o.until.IsZero() && now.Sub(o.until) > forgive {
		o.times = 0
	}
	o.why, o.since, o.until, o.count = why, now, now.Add(min(b.first<<min(o.times, 16), longestBan)), 0
	o.times++
	o.dropped.Store(0)
	b.live.Add(1)
	return true
}

// get finds a source or makes room for it; lock held.
func (b *bans) get(source netip.Addr, now time.Time) *offender {
	key := Key(source)
	if o := b.all[key]; o != nil {
		o.source = source
		return o
	}
	if len(b.all) >= b.max {
		b.forgetOne(now)
	}
	o := &offender{source: source, from: now}
	b.all[key] = o
	return o
}

// forgetOne takes the least of some that the map happens to give: bans that run count most, then those that ended last.
func (b *bans) forgetOne(now time.Time) {
	const some = 16
	var least [16]byte
	var worth *offender
	n := 0
	for key, o := range b.all {
		if worth == nil || o.until.Before(worth.until) {
			least, worth = key, o
		}
		if n++; n == some {
			break
		}
	}
	if now.Before(worth.until) {
		b.live.Add(-1)
	}
	delete(b.all, least)
}

// sweep forgets what is over and forgiven, and lets messages pass without the lock when no ban is left.
func (b *bans) sweep(now time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	live := int64(0)
	for key, o := range b.all {
		switch {
		case now.Before(o.until):
			live++
		case now.Sub(o.until) > forgive && now.Sub(o.from) > countedFor:
			delete(b.all, key)
		}
	}
	b.live.Store(live)
}

// list is who is banned now, the latest first.
func (b *bans) list(now time.Time) (all []Ban) {
	b.mu.RLock()
	defer b.mu.RUnlock()
	for _, o := range b.all {
		if now.Before(o.until) {
			all = append(all, Ban{Source: sourceOf(o.source), Why: o.why, Since: o.since, Until: o.until, Times: o.times, Dropped: o.dropped.Load()})
		}
	}
	slices.SortFunc(all, func(a, b Ban) int {
		if c := b.Since.Compare(a.Since); c != 0 {
			return c
		}
		return a.Source.Addr().Compare(b.Source.Addr())
	})
	return all
}

// lift ends a ban and forgets what led to it; false: there was none.
func (b *bans) lift(source netip.Addr, now time.Time) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	key := Key(source)
	o := b.all[key]
	if o == nil {
		return false
	}
	delete(b.all, key)
	if !now.Before(o.until) {
		return false
	}
	b.live.Add(-1)
	return true
}

// spare forgets the offenders that are trusted now.
func (b *bans) spare(trusted func(netip.Addr) bool) {
	now := time.Now()
	b.mu.Lock()
	defer b.mu.Unlock()
	for key, o := range b.all {
		if !trusted(o.source) {
			continue
		}
		if now.Before(o.until) {
			b.live.Add(-1)
		}
		delete(b.all, key)
	}
}

// sourceOf is what Key makes of an address, for people.
func sourceOf(a netip.Addr) netip.Prefix {
	bits := 32
	if a.Is6() {
		bits = 64
	}
	p, _ := a.Prefix(bits) // both lengths fit
	return p
}
