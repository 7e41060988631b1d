package trunk

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"hotline/sip/resolve"
)

// phonebook is a Finder that answers at once, or keeps who asks waiting.
type phonebook struct {
	mu      sync.Mutex
	servers map[resolve.Query][]resolve.Server
	err     error
	mute    bool
	asked   int
	waiting []func([]resolve.Server, error)
}

func (p *phonebook) Find(q resolve.Query, done func([]resolve.Server, error)) {
	p.mu.Lock()
	p.asked++
	found, err, mute := p.servers[q], p.err, p.mute
	if mute {
		p.waiting = append(p.waiting, done)
	}
	p.mu.Unlock()
	switch {
	case mute:
	case err == nil && found == nil:
		done(nil, fmt.Errorf("look up %q: %w", q.Host, resolve.ErrNotFound))
	default:
		done(found, err)
	}
}

func (p *phonebook) set(f func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	f()
}

// at is a server with its place in the order.
func at(a string, order, weight int) resolve.Server {
	return resolve.Server{Network: "udp", Addr: addr(a), Name: "carrier.test", Order: order, Weight: weight}
}

// named is a trunk with one target by name.
func named(id string) Trunk {
	return Trunk{ID: id, Targets: []Target{{URI: "sip:carrier.test", Name: "carrier.test"}}}
}

// ways are the addresses that a call tries, one after the other.
func ways(t *testing.T, s *Set, o Out) string {
	t.Helper()
	a, err := s.TakeOut(o, time.Now())
	if err != nil {
		return err.Error()
	}
	defer a.Done()
	all := []string{a.Target().Addr.String()}
	for a.Next(Outcome{Code: 500}, time.Now()) {
		all = append(all, a.Target().Addr.String())
	}
	return strings.Join(all, " ")
}

// world runs a set with its names until f is through.
func world(t *testing.T, p *phonebook, trunks []Trunk, f func(s *Set, found *int)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		s := set(t, nil, trunks...)
		found := 0
		s.Names, s.Found = p, func() { found++ }
		ctx, stop := context.WithCancel(t.Context())
		done := make(chan struct{})
		go func() { defer close(done); _ = s.Run(ctx) }()
		synctest.Wait()
		f(s, &found)
		stop()
		<-done
	})
}

// pass lets time pass, and what is due happen.
func pass(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}

func TestTargetByName(t *testing.T) {
	q := resolve.Query{Host: "carrier.test"}
	p := &phonebook{servers: map[resolve.Query][]resolve.Server{q: {at("127.0.0.3:5060", 1, 1), at("127.0.0.1:5060", 0, 1), at("127.0.0.2:5060", 0, 100), at("127.0.0.2:5060", 3, 1)}}}
	by := by("a")
	world(t, p, []Trunk{named("a")}, func(s *Set, found *int) {
		if got := ways(t, s, by); got != "127.0.0.1:5060 127.0.0.2:5060 127.0.0.3:5060" || *found != 1 {
			t.Errorf("got %s, told %d times", got, *found)
		}
		s.dice = func(n int) int { return n - 1 } // 101 of the first order: the second has nearly all
		if got := ways(t, s, by); got != "127.0.0.2:5060 127.0.0.1:5060 127.0.0.3:5060" {
			t.Errorf("by weight: %s", got)
		}
		s.dice = func(int) int { return 0 }
		s.mu.Lock()
		s.lines["a"].targets[0].up = false
		s.mu.Unlock()
		p.set(func() { p.servers[q] = []resolve.Server{at("127.0.0.1:5060", 0, 1), at("127.0.0.4:5060", 0, 1)} })
		pass(2 * lookEvery)
		if got := ways(t, s, by); got != "127.0.0.4:5060 127.0.0.1:5060" || *found != 2 {
			t.Errorf("after a change, the first still down: %s, told %d times", got, *found)
		}
		if !s.Owns(netip.MustParseAddr("127.0.0.4")) || s.Owns(netip.MustParseAddr("127.0.0.3")) {
			t.Error("who owns what did not follow")
		}
		if got := s.Trunks()[0].Targets; len(got) != 2 || got[1].Addr != addr("127.0.0.4:5060") || got[1].ServerName != "carrier.test" {
			t.Errorf("got %+v", got)
		}
		p.set(func() { p.servers = nil })
		pass(2 * lookEvery)
		if got := ways(t, s, by); !strings.Contains(got, ErrNoTarget.Error()) {
			t.Errorf("DNS says that there is none: %s", got)
		}
	})
}

// TestDNSDead: what was known goes on, what never was known is no target, and no call waits for a look-up.
func TestDNSDead(t *testing.T) {
	q := resolve.Query{Host: "carrier.test"}
	p := &phonebook{mute: true, servers: map[resolve.Query][]resolve.Server{q: {at("127.0.0.1:5060", 0, 1)}}}
	second := Trunk{ID: "b", Priority: 1, Targets: []Target{target("127.0.0.9:5060", 0, 0)}}
	world(t, p, []Trunk{named("a"), second}, func(s *Set, _ *int) {
		every := Out{Number: "13800138000"}
		if got := ways(t, s, every); got != "127.0.0.9:5060" {
			t.Errorf("not known yet: %s", got)
		}
		if got := ways(t, s, by("a")); !strings.Contains(got, ErrNoTarget.Error()) {
			t.Errorf("only what is not known: %s", got)
		}
		if st := s.Snapshot()[0].Targets; len(st) != 1 || st[0].Up || st[0].Target.Name != "carrier.test" || st[0].Why == "" || st[0].Since.IsZero() {
			t.Errorf("shown as %+v", st)
		}
		var waiting []func([]resolve.Server, error)
		p.set(func() { p.mute, waiting = false, p.waiting })
		for _, done := range waiting {
			done(nil, resolve.ErrDNS)
		}
		pass(2 * lookAgain)
		if got := ways(t, s, every); got != "127.0.0.1:5060 127.0.0.9:5060" {
			t.Errorf("known: %s", got)
		}
		for _, err := range []error{resolve.ErrDNS, resolve.ErrBusy, errors.New("anything")} {
			p.set(func() { p.err = err })
			pass(time.Hour)
			if got := ways(t, s, every); got != "127.0.0.1:5060 127.0.0.9:5060" {
				t.Errorf("%v: %s", err, got)
			}
		}
		p.set(func() { p.asked = 0 })
		pass(time.Minute)
		p.set(func() {
			if p.asked < 10 || p.asked > 14 {
				t.Errorf("asked %d times in a minute", p.asked)
			}
		})
	})
}

// TestSourceByName: calls from a name's addresses are the trunk's, but an address that another names itself is that one's.
func TestSourceByName(t *testing.T) {
	q := resolve.Query{Host: "carrier.test"}
	p := &phonebook{servers: map[resolve.Query][]resolve.Server{q: {at("127.0.0.1:5060", 0, 1), at("127.0.0.2:5080", 1, 1)}}}
	trunks := []Trunk{{ID: "a", SourceNames: []string{"carrier.test"}}, {ID: "b", Sources: ranges("127.0.0.2/32", "127.0.0.0/24")}}
	world(t, p, trunks, func(s *Set, _ *int) {
		for from, want := range map[string]string{"127.0.0.1": "a", "127.0.0.2": "b", "127.0.0.3": "b"} {
			if got, ok := s.BySource(netip.MustParseAddr(from)); !ok || got.ID != want {
				t.Errorf("%s: got %q, want %q", from, got.ID, want)
			}
		}
		peers := fmt.Sprint(s.Trunks()[0].Peers())
		if peers != "[127.0.0.1/32 127.0.0.2/32]" {
			t.Errorf("got %s", peers)
		}
		if err := s.Replace(trunks[1:]); err != nil {
			t.Fatal(err)
		}
		if got, _ := s.BySource(netip.MustParseAddr("127.0.0.1")); got.ID != "b" {
			t.Errorf("taken out: got %q", got.ID)
		}
	})
}

// TestReplaceKeepsWhatIsKnown: an edit of a trunk neither forgets the addresses nor the health of each.
func TestReplaceKeepsWhatIsKnown(t *testing.T) {
	p := &phonebook{servers: map[resolve.Query][]resolve.Server{{Host: "carrier.test"}: {at("127.0.0.1:5060", 0, 1), at("127.0.0.2:5060", 1, 1)}}}
	world(t, p, []Trunk{named("a")}, func(s *Set, _ *int) {
		s.mu.Lock()
		s.lines["a"].targets[0].up = false
		s.mu.Unlock()
		p.set(func() { p.mute = true })
		edited := named("a")
		edited.MaxCalls = 3
		if err := s.Replace([]Trunk{edited}); err != nil {
			t.Fatal(err)
		}
		if got := ways(t, s, by("a")); got != "127.0.0.2:5060 127.0.0.1:5060" {
			t.Errorf("got %s", got)
		}
	})
}

func TestCheckOfNames(t *testing.T) {
	for _, row := range []struct {
		target Target
		ok     bool
	}{
		{Target{Name: "carrier.test"}, true}, {Target{Name: "carrier.test", Network: "tls"}, true},
		{Target{Name: "carrier.test", Network: "sctp"}, false}, {Target{Network: "udp"}, false},
	} {
		if err := (Trunk{ID: "a", Targets: []Target{row.target}}).Check(); (err == nil) != row.ok {
			t.Errorf("%+v: %v", row.target, err)
		}
	}
}
