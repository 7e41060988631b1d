// Package resolve finds the servers of a SIP name (RFC 3263): NAPTR, then SRV, then addresses, each with its place in the order of
// trying. Answers are kept as long as DNS allows, and longer where DNS is dead: a carrier whose addresses were known goes on. It sends no
// SIP, and does not know trunks or dialogs.
//
// Find never waits: it answers at once what is known, and later, from a goroutine of its own, what must be asked. There are at most
// Config.Most look-ups at a time, one for each name.
package resolve

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"time"
)

// Errors of Find, wrapped.
var (
	ErrNotFound = errors.New("name has no SIP server") // DNS says so
	ErrDNS      = errors.New("DNS does not answer")    // and nothing is known from before
	ErrBusy     = errors.New("too many look-ups")
	ErrStopped  = errors.New("look-ups have ended") // or not begun: see Run
)

// Config says whom to ask and how long to believe it. Zero values mean the defaults named beside them.
type Config struct {
	Servers []netip.AddrPort // DNS servers, in order; nil: those of /etc/resolv.conf, read again at each look-up
	IPv6    bool             // ask for IPv6 addresses too
	Hosts   string           // file of names that DNS is not asked for; "": /etc/hosts

	Deadline time.Duration // of a whole look-up; 5 s
	Try      time.Duration // of one question to one server; 1 s
	MinTTL   time.Duration // an answer is kept at least this long; 5 s
	MaxTTL   time.Duration // and at most this long; 1 h
	Negative time.Duration // that there is none is kept at most this long; 30 s
	Stale    time.Duration // while DNS is dead, an answer is used this long beyond its time (RFC 8767); 24 h
	Retry    time.Duration // DNS that did not answer is not asked again for a name before this; 10 s
	Entries  int           // names kept; 1,024
	Most     int           // look-ups at a time; 64

	Now func() time.Time // nil: time.Now
}

// Query is what a URI, or a trunk's target, says about where to go.
type Query struct {
	Host    string // name or address, an IPv6 address with or without brackets
	Port    uint16 // 0: none is named
	Network string // "udp", "tcp", "tls", or "" where none is named
	Secure  bool   // sips: nothing but TLS
}

// Server is one place to send a request to.
type Server struct {
	Network string // "udp", "tcp" or "tls"
	Addr    netip.AddrPort
	Name    string // what its certificate must be for: the name that was asked for (RFC 5922 section 7.2); "" where an address was
	Order   int    // servers of a lower one come first, whatever chance says; from 0
	Weight  int    // its share among those of one Order, as the SRV records say (RFC 2782), in hundredths of their weights; 0 where an address was
}

// Resolver is the look-ups of one node. Its methods may be called from any goroutine.
type Resolver struct {
	c Config

	mu      sync.Mutex
	spawn   func(f func(context.Context)) // nil until Run, and after it
	entries map[Query]*entry
	asking  map[Query][]func([]Server, error)
}

// New makes a Resolver that asks nobody before Run.
func New(c Config) *Resolver {
	c.Hosts = cmp.Or(c.Hosts, "/etc/hosts")
	c.Deadline = cmp.Or(c.Deadline, 5*time.Second)
	c.Try = cmp.Or(c.Try, time.Second)
	c.MinTTL = cmp.Or(c.MinTTL, 5*time.Second)
	c.MaxTTL = cmp.Or(c.MaxTTL, time.Hour)
	c.Negative = cmp.Or(c.Negative, 30*time.Second)
	c.Stale = cmp.Or(c.Stale, 24*time.Hour)
	c.Retry = cmp.Or(c.Retry, 10*time.Second)
	c.Entries = cmp.Or(c.Entries, 1024)
	c.Most = cmp.Or(c.Most, 64)
	if c.Now == nil {
		c.Now = time.Now
	}
	return &Resolver{c: c, entries: map[Query]*entry{}, asking: map[Query][]func([]Server, error){}}
}

// Run lets look-ups begin until ctx ends, waits for those on their way, and returns nil.
func (r *Resolver) Run(ctx context.Context) error {
	var wg sync.WaitGroup
	r.mu.Lock()
	r.spawn = func(f func(context.Context)) { wg.Go(func() { f(ctx) }) }
	r.mu.Unlock()
	<-ctx.Done()
	r.mu.Lock()
	r.spawn = nil
	r.mu.Unlock()
	wg.Wait()
	return nil
}

// Find calls done with the servers of a query in the order in which to try them (RFC 3263 section 4.3), shuffled anew by their weights
// each time (RFC 2782). Where they are known, done is called before Find returns, else once from another goroutine; it must not wait.
func (r *Resolver) Find(q Query, done func([]Server, error)) {
	q = q.plain()
	if s, ok := q.literal(); ok {
		done([]Server{s}, nil)
		return
	}
	if !nameLike(q.Host) {
		done(nil, fmt.Errorf("look up %q: %w", q.Host, ErrNotFound))
		return
	}
	now := r.c.Now()
	r.mu.Lock()
	e := r.entries[q]
	age := e.age(now, r.c)
	var err error
	if age != fresh {
		err = r.ask(q, e, age, done)
	}
	r.mu.Unlock()
	switch {
	case err != nil:
		done(nil, fmt.Errorf("look up %q: %w", q.Host, err))
	case age != unknown:
		done(e.answer(q))
	}
}

// ask begins a look-up, or joins one. The error is for done, which is not called here; lock held.
func (r *Resolver) ask(q Query, e *entry, age age, done func([]Server, error)) error {
	if age != unknown { // served as it is, and asked anew beside
		done = nil
	}
	waiting, asked := r.asking[q]
	switch {
	case asked && (done == nil || len(waiting) < maxWaiting):
		if done != nil {
			r.asking[q] = append(waiting, done)
		}
		return nil
	case done == nil && (r.spawn == nil || len(r.asking) >= r.c.Most):
		return nil
	case r.spawn == nil:
		return ErrStopped
	case asked, len(r.asking) >= r.c.Most:
		return ErrBusy
	}
	r.asking[q] = nil
	if done != nil {
		r.asking[q] = []func([]Server, error){done}
	}
	r.spawn(func(ctx context.Context) { r.lookUp(ctx, q, e) })
	return nil
}

// maxWaiting bounds who waits for one name.
const maxWaiting = 10_000

// lookUp asks DNS, keeps the answer and tells who waits.
func (r *Resolver) lookUp(ctx context.Context, q Query, old *entry) {
	ctx, cancel := context.WithTimeout(ctx, r.c.Deadline)
	defer cancel()
	p := plan{c: r.c, ctx: ctx, ttl: r.c.MaxTTL, none: r.c.Negative}
	found, err := p.run(q) //nolint:contextcheck // the plan carries it
	now := r.c.Now()
	e := &entry{found: found, err: err, expires: now.Add(max(p.ttl, r.c.MinTTL))}
	switch {
	case errors.Is(err, ErrNotFound):
		e.expires = now.Add(max(p.none, r.c.MinTTL))
	case err != nil && old.usable(now, r.c): // RFC 8767: what was right is better than nothing
		kept := *old
		kept.retry = now.Add(r.c.Retry)
		e = &kept
	case err != nil:
		e.expires = now.Add(min(r.c.Retry, r.c.Negative))
	}
	r.mu.Lock()
	r.keep(q, e, now)
	waiting := r.asking[q]
	delete(r.asking, q)
	r.mu.Unlock()
	for _, done := range waiting {
		done(e.answer(q))
	}
}

// NameFor is the name by which a TLS server at an address was found, of several the first by the alphabet: what its certificate must be
// for (RFC 5922 section 7.2). "": none was.
func (r *Resolver) NameFor(a netip.AddrPort) (name string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for q, e := range r.entries {
		found := slices.ContainsFunc(e.found, func(c candidate) bool { return c.Network == "tls" && c.Addr == a })
		if found && (name == "" || q.Host < name) {
			name = q.Host
		}
	}
	return name
}

// plain is a query as it is kept: lower case, without a dot at the end.
func (q Query) plain() Query {
	q.Host = strings.ToLower(strings.TrimSuffix(strings.TrimSuffix(strings.TrimPrefix(q.Host, "["), "]"), "."))
	q.Network = strings.ToLower(q.Network)
	if q.Secure {
		q.Network = "tls"
	}
	return q
}

// literal is the server of a query that names an address.
func (q Query) literal() (Server, bool) {
	a, err := netip.ParseAddr(q.Host)
	if err != nil {
		return Server{}, false
	}
	network := cmp.Or(q.Network, "udp")
	return Server{Network: network, Addr: netip.AddrPortFrom(a.Unmap(), cmp.Or(q.Port, defaultPort(network)))}, true
}

// defaultPort is RFC 3261 section 19.1.2's.
func defaultPort(network string) uint16 {
	if network == "tls" {
		return 5061
	}
	return 5060
}

// IsName is true for what Find would look up: neither an address nor what can be no host name, such as an address with a part missing.
func IsName(host string) bool {
	host = strings.ToLower(strings.TrimSuffix(host, "."))
	last := host[strings.LastIndexByte(host, '.')+1:]
	return nameLike(host) && strings.Trim(last, "0123456789") != ""
}

// nameLike keeps what is no host name from DNS (RFC 1123 section 2.1, and the underscores that people use). RFC 2606 names that can have
// no server are none either.
func nameLike(host string) bool {
	if host == "" || len(host) > 253 || host == "invalid" || strings.HasSuffix(host, ".invalid") {
		return false
	}
	for label := range strings.SplitSeq(host, ".") {
		if label == "" || len(label) > 63 {
			return false
		}
		for _, c := range []byte(label) {
			if c != '-' && c != '_' && (c < '0' || c > '9') && (c < 'a' || c > 'z') {
				return false
			}
		}
	}
	return true
}
