package trunk

import (
	"math/rand/v2"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"time"

	"hotline/number"
	"hotline/sip/resolve"
	"hotline/toll"
)

// Set is all trunks of a node; see NewSet. Its methods may be called from any goroutine.
type Set struct {
	// Changed is told when a target goes out or comes back; it must not wait. Set it before Run; nil: nobody asks.
	Changed func(trunk string, target Target, up bool, why string)
	// Names finds the servers of targets and sources that are names, as long as Run runs. Set it before Run; nil: they have none.
	Names Finder
	// Found is told when names have other addresses than before, see Trunks; it must not wait. Set it before Run; nil: nobody asks.
	Found func()
	// Region tells where a number is from, for Form.City. Set it before the first call; nil: nobody knows.
	Region func(number.Number) number.Region

	pinger Pinger
	dice   func(n int) int // a number from 0 to n-1
	bell   chan struct{}

	mu      sync.Mutex
	policy  toll.Policy
	meter   toll.Meter
	lines   map[string]*line
	names   map[resolve.Query]*name
	sources []source // longest prefix first
}

// line is one trunk with its counts; it outlives edits of the trunk.
type line struct {
	trunk   Trunk
	calls   int
	bucket  bucket // calls out
	inward  bucket // calls in
	targets []*health
	refused uint64
	barred  uint64
}

type source struct {
	prefix netip.Prefix
	id     string
}

// NewSet returns the trunks, all targets up. pinger nil: none is ever probed. An error tells all that is wrong.
func NewSet(trunks []Trunk, pinger Pinger) (*Set, error) {
	s := &Set{pinger: pinger, dice: rand.IntN, bell: make(chan struct{}, 1), lines: map[string]*line{}}
	return s, s.Replace(trunks)
}

// Replace changes the trunks as a whole, or not at all where something is wrong with them; calls, and the health of
// targets that stay, are kept.
func (s *Set) Replace(trunks []Trunk) error {
	if err := checkAll(trunks); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	lines := make(map[string]*line, len(trunks))
	for _, t := range trunks {
		l := s.lines[t.ID]
		if l == nil {
			l = &line{}
		}
		l.trunk = t.clone()
		lines[t.ID] = l
	}
	s.lines = lines
	s.keepNames()
	for _, l := range s.lines {
		l.become(s.names)
	}
	s.sort()
	s.ring()
	return nil
}

// Guard sets what may be dialled out from now on; before the first Guard it is toll.Policy's zero value.
func (s *Set) Guard(p toll.Policy) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.policy = p
}

// ring lets Run look at once what is due.
func (s *Set) ring() {
	select {
	case s.bell <- struct{}{}:
	default:
	}
}

// become makes the targets anew for the trunk as it is and the addresses that its names have; what stays keeps its health.
func (l *line) become(names map[resolve.Query]*name) {
	old := slices.Clone(l.targets)
	l.targets = nil
	for _, x := range l.trunk.Targets {
		for _, h := range x.found(names) {
			i := slices.IndexFunc(old, func(o *health) bool { return o.target.Addr == h.target.Addr && o.target.Network == h.target.Network })
			if i >= 0 {
				old[i].target, old[i].place = h.target, h.place
				h = old[i]
				old = slices.Delete(old, i, i+1)
			}
			if l.trunk.Register == nil {
				h.registration = nil
			}
			l.targets = append(l.targets, h)
		}
	}
}

// copyOf is a line's trunk for use outside the lock.
func (s *Set) copyOf(l *line) Trunk {
	t := l.trunk.clone()
	t.region = s.Region
	return t
}

func (t Trunk) clone() Trunk {
	t.Sources, t.SourceNames, t.Targets = slices.Clone(t.Sources), slices.Clone(t.SourceNames), slices.Clone(t.Targets)
	t.Form.Show = slices.Clone(t.Form.Show)
	t.CallerIn, t.CallerOut, t.CalledOut = slices.Clone(t.CallerIn), slices.Clone(t.CallerOut), slices.Clone(t.CalledOut)
	return t
}

// Registered notes how a registration with a target of a trunk stands.
func (s *Set) Registered(id, network string, at netip.AddrPort, r Registration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	l := s.lines[id]
	if l == nil || l.trunk.Register == nil {
		return
	}
	for _, h := range l.targets {
		if h.target.Addr == at && h.target.Network == network {
			h.registration = &r
		}
	}
}

// Of finds the trunk that an INVITE belongs to, by the address it really came from and the user of its Request-URI: a trunk that is
// registered there with that user as its Contact, then BySource, then any trunk that registers there.
func (s *Set) Of(a netip.Addr, user string) (Trunk, bool) {
	a = a.Unmap().WithZone("")
	s.mu.Lock()
	var there, meant *line
	for _, l := range s.lines {
		if l.trunk.Register == nil || !l.at(a) {
			continue
		}
		if there == nil || l.trunk.ID < there.trunk.ID {
			there = l
		}
		if l.trunk.Register.Contact == user && (meant == nil || l.trunk.ID < meant.trunk.ID) {
			meant = l
		}
	}
	s.mu.Unlock()
	if meant == nil {
		if t, ok := s.BySource(a); ok || there == nil {
			return t, ok
		}
		meant = there
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.copyOf(meant), true
}

// at is true for an address of one of the trunk's targets.
func (l *line) at(a netip.Addr) bool {
	return slices.ContainsFunc(l.targets, func(h *health) bool { return h.target.Addr.Addr().Unmap() == a })
}

// BySource finds the trunk a request from that address belongs to: the longest prefix wins. Only the address that a
// message really came from may be asked for, never one that a header names.
func (s *Set) BySource(a netip.Addr) (Trunk, bool) {
	a = a.Unmap().WithZone("")
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, x := range s.sources {
		if x.prefix.Contains(a) {
			return s.copyOf(s.lines[x.id]), true
		}
	}
	return Trunk{}, false
}

// Owns says whether an address is that of a trunk's target.
func (s *Set) Owns(a netip.Addr) bool {
	a = a.Unmap().WithZone("")
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, l := range s.lines {
		for _, h := range l.targets {
			if h.target.Addr.Addr().Unmap() == a {
				return true
			}
		}
	}
	return false
}

// Trunk finds one by its id.
func (s *Set) Trunk(id string) (Trunk, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	l := s.lines[id]
	if l == nil {
		return Trunk{}, false
	}
	return s.copyOf(l), true
}

// Health is what the set knows of one target: of each address, where it is a name, or of the name while it has none. Why is the last
// failure's text, "" where the last probe was well.
type Health struct {
	Target       Target
	Up           bool
	Since        time.Time
	Why          string
	Registration *Registration // nil: the trunk does not register with it, or has not come to it
	BusyUntil    time.Time     // it asked to be left alone until then (503 with Retry-After); zero: it did not
}

// State is what the set knows of one trunk; it holds no secret.
type State struct {
	ID, Name        string
	Calls, MaxCalls int // now, and at most (0: no limit)
	Targets         []Health
	Refused         uint64 // calls refused for want of room since the start
	Barred          uint64 // calls out that the toll guard refused since the start
	Today           toll.Used
}

// Snapshot gives the state of all trunks, by id.
func (s *Set) Snapshot() []State {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := time.Now()
	all := make([]State, 0, len(s.lines))
	for id, l := range s.lines {
		st := State{ID: id, Name: l.trunk.Name, Calls: l.calls, MaxCalls: l.trunk.MaxCalls, Refused: l.refused, Barred: l.barred, Today: s.meter.OfTrunk(id, s.policy, now)}
		for _, h := range l.targets {
			one := Health{Target: h.target, Up: h.up, Since: h.since, Why: h.why}
			if r := h.registration; r != nil {
				told := *r
				told.Registered = r.Registered && now.Before(r.Until)
				one.Registration = &told
			}
			if now.Before(h.busyUntil) {
				one.BusyUntil = h.busyUntil
			}
			st.Targets = append(st.Targets, one)
		}
		st.Targets = append(st.Targets, l.unknown(s.names)...)
		all = append(all, st)
	}
	slices.SortFunc(all, func(a, b State) int { return strings.Compare(a.ID, b.ID) })
	return all
}
