package resolve

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"time"
)

// entry is what is known of one query. It is never changed after it was kept.
type entry struct {
	found   []candidate
	err     error
	expires time.Time
	retry   time.Time // DNS did not answer: not asked again before; zero: it did
}

// age says how far an entry may be believed.
type age uint8

const (
	unknown age = iota // nothing to answer: ask, and wait
	stale              // good enough to be used while it is asked anew
	fresh
)

// grace is how long past its end an answer is used at once while it is asked anew, so that a busy name never makes a call wait.
const grace = 30 * time.Second

func (e *entry) age(now time.Time, c Config) age {
	switch {
	case e == nil:
		return unknown
	case now.Before(e.expires), e.usable(now, c) && now.Before(e.retry):
		return fresh
	case e.usable(now, c) && (now.Before(e.expires.Add(grace)) || !e.retry.IsZero()):
		return stale
	}
	return unknown
}

// usable says that an entry has addresses which may be used while DNS is dead.
func (e *entry) usable(now time.Time, c Config) bool {
	return e != nil && e.err == nil && now.Before(e.expires.Add(c.Stale))
}

// keep stores an entry, if need be in the place of another; lock held.
func (r *Resolver) keep(q Query, e *entry, now time.Time) {
	if _, ok := r.entries[q]; !ok && len(r.entries) >= r.c.Entries {
		r.makeRoom(now)
	}
	r.entries[q] = e
}

// makeRoom forgets what is over, and where nothing is, anything: a map gives its keys in no order.
func (r *Resolver) makeRoom(now time.Time) {
	before := len(r.entries)
	var victim Query
	for q, e := range r.entries {
		if victim = q; !e.usable(now, r.c) && !now.Before(e.expires) {
			delete(r.entries, q)
		}
	}
	if len(r.entries) == before {
		delete(r.entries, victim)
	}
}

// candidate is a server with its place in the order.
type candidate struct {
	Server
	rank   int // of the NAPTR record or the network it came by
	srv    int // tells the addresses of one SRV record from those of the next
	prio   uint16
	weight uint16
}

// answer is an entry's for one request.
func (e *entry) answer(q Query) ([]Server, error) {
	if e.err != nil {
		return nil, fmt.Errorf("look up %q: %w", q.Host, e.err)
	}
	return ordered(e.found, rand.IntN), nil
}

// ordered gives the servers in the order of trying: by rank and priority, among equals by chance according to weight (RFC 2782), and the
// addresses of one host together, as DNS gave them.
func ordered(all []candidate, dice func(n int) int) []Server {
	left := slices.Clone(all)
	slices.SortStableFunc(left, func(a, b candidate) int {
		if a.rank != b.rank {
			return a.rank - b.rank
		}
		return int(a.prio) - int(b.prio)
	})
	var out []Server
	for order := 0; len(left) > 0; {
		n := 1
		for n < len(left) && left[n].rank == left[0].rank && left[n].prio == left[0].prio {
			n++
		}
		last := left[n-1]
		srv := draw(left[:n], dice)
		begin, rest := len(out), left[:0]
		for _, c := range left {
			if c.srv == srv {
				c.Order, c.Weight = order, int(c.weight)*100
				out = append(out, c.Server)
			} else {
				rest = append(rest, c)
			}
		}
		for i := range out[begin:] {
			s := &out[begin+i]
			s.Weight = max(s.Weight/len(out[begin:]), 1)
		}
		if left = rest; len(left) == 0 || left[0].rank != last.rank || left[0].prio != last.prio {
			order++
		}
	}
	return out
}

// draw picks one SRV record among equals; one of weight 0 has a small chance beside others (RFC 2782).
func draw(equals []candidate, dice func(n int) int) (srv int) {
	total, seen := 0, -1
	for _, c := range equals {
		if c.srv != seen {
			seen, total = c.srv, total+int(c.weight)*100+1
		}
	}
	n := dice(total)
	seen = -1
	for _, c := range equals {
		if c.srv == seen {
			continue
		}
		seen = c.srv
		if n -= int(c.weight)*100 + 1; n < 0 {
			return seen
		}
	}
	return seen
}
