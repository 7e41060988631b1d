// Package guard stands before the parser: it says whether a message of some source is to be read at all. It knows the sources that are
// trusted or vouched for, holds all others to a rate each and together, and does not hear those that are banned, for what scanners send or
// for wrong passwords. It does not know sockets (package transport), and finds in a message its User-Agent only.
//
// A flood of sources costs neither memory nor allocations: everything that is remembered of them is bounded by Config.
package guard

import (
	"cmp"
	"context"
	"log/slog"
	"net/netip"
	"sync/atomic"
	"time"
)

// Config says what to bear of whom. Zero limits mean the defaults named beside them.
type Config struct {
	Trusted []netip.Prefix // sources that are never slowed down (trunks, the local network), until Trust says others
	Rate    float64        // messages per second and untrusted source (an IPv4 address, an IPv6 /64); 100
	Burst   int            // messages at once per untrusted source; 300
	Total   float64        // messages per second of all untrusted sources together; 20,000
	Sources int            // how many sources are remembered, rounded up to a power of two; the longest silent is forgotten; 65,536

	Scanners []string      // beginnings of User-Agents that are never answered and ban their source; nil: DefaultScanners
	Offences int           // wrong passwords in a minute that ban an untrusted source, see Guard.Offend; 10
	BanFor   time.Duration // the first ban; each further one is twice as long, up to a day; 10 min
	MaxBans  int           // sources whose offences are remembered; 16,384
}

func (c Config) withDefaults() Config {
	c.Rate = cmp.Or(c.Rate, 100)
	c.Burst = cmp.Or(c.Burst, 300)
	c.Total = cmp.Or(c.Total, 20_000)
	c.Sources = cmp.Or(c.Sources, 1<<16)
	c.Offences = cmp.Or(c.Offences, 10)
	c.BanFor = cmp.Or(c.BanFor, 10*time.Minute)
	c.MaxBans = cmp.Or(c.MaxBans, 16_384)
	if c.Scanners == nil {
		c.Scanners = DefaultScanners()
	}
	return c
}

// Counters is a snapshot of what was not let through.
type Counters struct {
	Limited      uint64 // dropped: over the rate of its source
	LimitedTotal uint64 // dropped: over the rate of all untrusted sources
	Scanners     uint64 // dropped: from a scanner
	Banned       uint64 // dropped: messages and connections of banned sources
	Bans         uint64 // sources banned
	BannedNow    int
}

// Guard watches the sources of one node. All its methods may be called from any goroutine.
type Guard struct {
	rates    *rates
	bans     *bans
	scanners scanners
	offences int // that ban at once
	log      *slog.Logger

	limited, limitedTotal, scans, banned, banning atomic.Uint64 // behind Counters
}

// New makes a guard that logs whom it bans. It starts nothing: see Run.
func New(c Config, log *slog.Logger) *Guard {
	c = c.withDefaults()
	return &Guard{rates: newRates(c), bans: newBans(c), scanners: newScanners(c.Scanners), offences: c.Offences, log: log}
}

// Run forgets bans that are over until ctx ends.
func (g *Guard) Run(ctx context.Context) {
	tick := time.NewTicker(countedFor)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			g.bans.sweep(time.Now())
		case <-ctx.Done():
			return
		}
	}
}

// Message says whether to read a message that looks like SIP; known: its source is trusted or vouched for. It allocates nothing.
func (g *Guard) Message(source netip.Addr, raw []byte) (known, ok bool) {
	if known, ok = g.check(source); !ok {
		return known, false
	}
	if !g.scanners.sent(raw) || g.rates.trusts(source.Unmap()) {
		return known, true
	}
	g.scans.Add(1)
	g.offend(source, Scanner, g.offences)
	return known, false
}

// Admit is Message for what is none: a handshake, or junk that is to cost its source like a message.
func (g *Guard) Admit(source netip.Addr) bool {
	_, ok := g.check(source)
	return ok
}

// check comes before anything is read: bans, then the rate of the source and of all.
func (g *Guard) check(source netip.Addr) (known, ok bool) {
	if g.Banned(source, true) {
		g.banned.Add(1)
		return false, false
	}
	v, known := g.rates.allow(source, g.rates.now())
	switch v {
	case overSource:
		g.limited.Add(1)
	case overTotal:
		g.limitedTotal.Add(1)
	default:
		return known, true
	}
	return known, false
}

// Banned says that a source is not heard now; counted: something of it is dropped for that, see Ban.Dropped.
func (g *Guard) Banned(source netip.Addr, counted bool) bool {
	return g.bans.has(source.Unmap().WithZone(""), counted, time.Now())
}

// Trust says which sources are never slowed down from now on, in place of Config.Trusted and of what was said before: trunks come and go,
// and names get other addresses. A ban of one that is trusted now is lifted.
func (g *Guard) Trust(sources []netip.Prefix) {
	g.rates.trust(sources)
	g.bans.spare(g.rates.trusts)
}

// Trusts says that a source is one of those.
func (g *Guard) Trusts(source netip.Addr) bool { return g.rates.trusts(source) }

// Vouch says that a source is known to be honest for the time d, such as a phone that just registered with its password: while all
// strangers together are over Config.Total, it is still heard at its own rate. Forgotten when it was silent for long.
func (g *Guard) Vouch(source netip.Addr, d time.Duration) {
	g.rates.vouch(source, d, g.rates.now())
}

// Offend counts a wrong answer to a challenge that went to the source, so that its address is no forgery; true: it brought a ban.
// Config.Offences of them in a minute do. Sources that are trusted or vouched for are never banned: an office must not go silent for one
// phone with an old password.
func (g *Guard) Offend(source netip.Addr) bool { return g.offend(source, Passwords, 1) }

func (g *Guard) offend(source netip.Addr, why string, n int) bool {
	source = source.Unmap().WithZone("")
	if g.rates.spares(source, g.rates.now()) || !g.bans.offend(source, why, n, time.Now()) {
		return false
	}
	g.banning.Add(1)
	g.log.Warn("SIP source banned", "source", source, "why", why)
	return true
}

// Bans lists who is not heard now, the latest first.
func (g *Guard) Bans() []Ban { return g.bans.list(time.Now()) }

// Lift ends the ban of a source, for IPv6 that of its /64; false: there was none.
func (g *Guard) Lift(source netip.Addr) bool {
	return g.bans.lift(source.Unmap().WithZone(""), time.Now())
}

// Counters returns a snapshot for metrics.
func (g *Guard) Counters() Counters {
	return Counters{
		Limited: g.limited.Load(), LimitedTotal: g.limitedTotal.Load(), Scanners: g.scans.Load(), Banned: g.banned.Load(),
		Bans: g.banning.Load(), BannedNow: len(g.Bans()),
	}
}
