package trunk

import (
	"cmp"
	"errors"
	"maps"
	"net/netip"
	"slices"
	"time"

	"hotline/sip/resolve"
)

// Finder finds the servers of a name, as *resolve.Resolver does: it never waits, and keeps answers as long as DNS allows.
type Finder interface {
	Find(q resolve.Query, done func([]resolve.Server, error))
}

// How often a name is looked up. The Finder knows it mostly, and asks anew beside when its time is over; so what has changed is noticed
// within this long after its TTL, and calls never wait.
const (
	lookEvery = 5 * time.Second
	lookAgain = time.Second // while nothing is known
)

// name is what is known of one name that trunks use.
type name struct {
	servers []resolve.Server // by Order, then by address: chance has no part in it, or targets would change places
	since   time.Time        // nothing is known; as long as nothing is
	why     string           // the last failure; "" for none
	next    time.Time
	busy    bool
}

// take takes what DNS said; true: the servers are others than before. A DNS that does not answer leaves everything as it was, but what it
// says there is none of is none.
func (n *name) take(servers []resolve.Server, err error, now time.Time) bool {
	n.busy, n.why, n.next = false, "", now.Add(lookEvery)
	if err != nil {
		n.why = err.Error()
		if servers = nil; !errors.Is(err, resolve.ErrNotFound) {
			servers = n.servers
		}
	}
	servers = slices.Clone(servers)
	slices.SortFunc(servers, func(a, b resolve.Server) int {
		return cmp.Or(a.Order-b.Order, cmp.Compare(a.Network, b.Network), a.Addr.Compare(b.Addr))
	})
	seen := map[Target]bool{} // several records may lead to one address: it is tried once
	servers = slices.DeleteFunc(servers, func(s resolve.Server) bool {
		place := Target{Network: s.Network, Addr: s.Addr}
		again := seen[place]
		seen[place] = true
		return again
	})
	if len(servers) == 0 {
		n.next = now.Add(lookAgain)
		if len(n.servers) > 0 {
			n.since = now
		}
	}
	changed := !slices.Equal(servers, n.servers)
	n.servers = servers
	return changed
}

// query is what is asked for a target that names a host.
func (t Target) query() resolve.Query {
	return resolve.Query{Host: t.Name, Port: t.Port, Network: t.Network}
}

// keepNames makes the table anew for the trunks that are there, and keeps what is known; lock held.
func (s *Set) keepNames() {
	old := s.names
	s.names = map[resolve.Query]*name{}
	keep := func(q resolve.Query) {
		if s.names[q] = old[q]; s.names[q] == nil {
			s.names[q] = &name{since: time.Now()}
		}
	}
	for _, l := range s.lines {
		for _, x := range l.trunk.Targets {
			if x.Name != "" {
				keep(x.query())
			}
		}
		for _, host := range l.trunk.SourceNames {
			keep(resolve.Query{Host: host})
		}
	}
}

// lookUp asks for the names whose time has come, and tells how long until the next.
func (s *Set) lookUp(now time.Time) time.Duration {
	if s.Names == nil {
		return time.Hour
	}
	var due []resolve.Query
	next := now.Add(time.Hour)
	s.mu.Lock()
	for q, n := range s.names {
		if !n.busy && !n.next.After(now) {
			n.busy = true
			due = append(due, q)
		}
		if !n.busy && n.next.Before(next) {
			next = n.next
		}
	}
	s.mu.Unlock()
	for _, q := range due {
		s.Names.Find(q, func(servers []resolve.Server, err error) { s.learn(q, servers, err) })
	}
	return next.Sub(now)
}

// learn takes an answer to the targets and sources that it concerns.
func (s *Set) learn(q resolve.Query, servers []resolve.Server, err error) {
	s.mu.Lock()
	n := s.names[q]
	changed := n != nil && n.take(servers, err, time.Now())
	if changed {
		for _, l := range s.lines {
			l.become(s.names)
		}
		s.sort()
	}
	s.ring()
	s.mu.Unlock()
	if changed && s.Found != nil {
		s.Found()
	}
}

// found are the addresses that a target stands for: its own, or those its name is known to have.
func (t Target) found(names map[resolve.Query]*name) (all []*health) {
	now := time.Now()
	if t.Name == "" {
		return []*health{{target: t, up: true, since: now}}
	}
	n := names[t.query()]
	if n == nil {
		return nil
	}
	for _, server := range n.servers {
		x := t
		x.Network, x.Addr, x.ServerName = server.Network, server.Addr, cmp.Or(t.ServerName, server.Name)
		if server.Weight > 1 {
			x.Weight = server.Weight
		}
		all = append(all, &health{target: x, place: server.Order, up: true, since: now})
	}
	return all
}

// sort makes the list of sources, the longest prefix first, and of equals those that the trunks name by address; lock held.
func (s *Set) sort() {
	var written, found []source
	for _, id := range slices.Sorted(maps.Keys(s.lines)) {
		t := s.lines[id].trunk
		for _, p := range t.Sources {
			written = append(written, source{plain(p), id})
		}
		for _, host := range t.SourceNames {
			for _, a := range s.addresses(host) {
				found = append(found, source{netip.PrefixFrom(a, a.BitLen()), id})
			}
		}
	}
	s.sources = append(written, found...)
	slices.SortStableFunc(s.sources, func(a, b source) int { return b.prefix.Bits() - a.prefix.Bits() })
}

// addresses are those that a source's name is known to have; lock held.
func (s *Set) addresses(host string) (all []netip.Addr) {
	n := s.names[resolve.Query{Host: host}]
	if n == nil {
		return nil
	}
	for _, server := range n.servers {
		if a := server.Addr.Addr().Unmap(); !slices.Contains(all, a) {
			all = append(all, a)
		}
	}
	return all
}

// Trunks are all trunks by id, with the addresses that are known in the place of names, and without the names of which none is.
func (s *Set) Trunks() []Trunk {
	s.mu.Lock()
	defer s.mu.Unlock()
	var all []Trunk
	for _, id := range slices.Sorted(maps.Keys(s.lines)) {
		l := s.lines[id]
		t := l.trunk.clone()
		t.Targets, t.SourceNames = nil, nil
		for _, h := range l.targets {
			t.Targets = append(t.Targets, h.target)
		}
		for _, host := range l.trunk.SourceNames {
			for _, a := range s.addresses(host) {
				t.Sources = append(t.Sources, netip.PrefixFrom(a, a.BitLen()))
			}
		}
		all = append(all, t)
	}
	return all
}

// unknown are a trunk's targets whose names have no address, as they are shown.
func (l *line) unknown(names map[resolve.Query]*name) (all []Health) {
	for _, x := range l.trunk.Targets {
		if n := names[x.query()]; x.Name != "" && n != nil && len(n.servers) == 0 {
			all = append(all, Health{Target: x, Since: n.since, Why: cmp.Or(n.why, "its name was not looked up yet")})
		}
	}
	return all
}
