package trunk

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"hotline/sip/digest"
)

func addr(s string) netip.AddrPort { return netip.MustParseAddrPort(s) }

func target(a string, priority, weight int) Target {
	return Target{URI: "sip:" + a, Network: "udp", Addr: addr(a), Priority: priority, Weight: weight}
}

func set(t *testing.T, p Pinger, trunks ...Trunk) *Set {
	t.Helper()
	s, err := NewSet(trunks, p)
	if err != nil {
		t.Fatal(err)
	}
	s.dice = func(int) int { return 0 }
	return s
}

// by is a call out by these trunks.
func by(ids ...string) Out { return Out{Trunks: ids, Number: "13800138000"} }

func ranges(list ...string) (ps []netip.Prefix) {
	for _, s := range list {
		ps = append(ps, netip.MustParsePrefix(s))
	}
	return ps
}

func TestBySourceTakesTheLongestPrefix(t *testing.T) {
	s := set(t, nil,
		Trunk{ID: "wide", Sources: ranges("127.1.0.0/16", "2001:db8::/32")},
		Trunk{ID: "narrow", Sources: ranges("127.1.2.0/24")},
		Trunk{ID: "one", Sources: ranges("127.1.2.3/32", "::ffff:127.9.9.9/128")},
		Trunk{ID: "out only"},
	)
	tests := []struct{ from, want string }{
		{"127.1.9.9", "wide"}, {"127.1.2.9", "narrow"}, {"127.1.2.3", "one"}, {"::ffff:127.1.2.3", "one"},
		{"127.9.9.9", "one"}, {"2001:db8::5%eth0", "wide"}, {"127.2.0.1", ""}, {"::1", ""},
	}
	for _, tt := range tests {
		got, ok := s.BySource(netip.MustParseAddr(tt.from))
		if got.ID != tt.want || ok != (tt.want != "") {
			t.Errorf("%s: got %q %v, want %q", tt.from, got.ID, ok, tt.want)
		}
	}
	if _, ok := s.BySource(netip.Addr{}); ok {
		t.Error("no address belongs to a trunk")
	}
}

func TestNumberRules(t *testing.T) {
	rules := []Rule{{Prefix: "+86", Strip: 3, Add: "0"}, {Prefix: "0086", Strip: 4, Add: "0"}, {Prefix: "9", Strip: 20, Add: "x"}, {Prefix: "", Add: "0"}}
	tests := []struct {
		in, want string
		rule     int
	}{
		{"+8613800138000", "013800138000", 0},
		{"008613800138000", "013800138000", 1},
		{"95588", "x", 2},
		{"13800138000", "013800138000", 3},
		{"", "0", 3},
	}
	for _, tt := range tests {
		if got, rule := Try(rules, tt.in); got != tt.want || rule != tt.rule {
			t.Errorf("%q: got %q by %d, want %q by %d", tt.in, got, rule, tt.want, tt.rule)
		}
	}
	if got, rule := Try(nil, "110"); got != "110" || rule != -1 {
		t.Errorf("no rules: %q %d", got, rule)
	}
}

func TestTrunkAppliesItsOwnRules(t *testing.T) {
	tr := Trunk{
		CallerIn: []Rule{{Prefix: "0", Strip: 1, Add: "+86"}}, CallerOut: []Rule{{Prefix: "+86", Strip: 3}},
		CalledOut: []Rule{{Prefix: "1", Add: "0"}}, CallerID: "+861066551234",
	}
	got := []string{tr.Caller("013800138000"), tr.Shown("").Result, tr.Shown("+864001234567").Result, tr.Called("13800138000").Result}
	want := []string{"+8613800138000", "1066551234", "4001234567", "013800138000"}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestOrderOfTargets(t *testing.T) {
	s := set(t, nil, Trunk{ID: "a", Targets: []Target{
		target("127.0.0.4:5060", 2, 1), target("127.0.0.1:5060", 1, 1), target("127.0.0.2:5060", 1, 3), target("127.0.0.3:5060", 0, 1),
	}})
	s.lines["a"].targets[3].up = false
	tests := []struct {
		name string
		dice int
		want string
	}{
		{"chance low", 0, "127.0.0.1 127.0.0.2 127.0.0.4 127.0.0.3"},
		{"chance high", 3, "127.0.0.2 127.0.0.1 127.0.0.4 127.0.0.3"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s.dice = func(n int) int { return min(tt.dice, n-1) }
			a, err := s.TakeOut(by("a"), time.Now())
			if err != nil {
				t.Fatal(err)
			}
			defer a.Done()
			got := a.Target().Addr.Addr().String()
			for a.Next(Outcome{Code: 503}, time.Now()) {
				got += " " + a.Target().Addr.Addr().String()
			}
			if got != tt.want {
				t.Errorf("got %s, want %s", got, tt.want)
			}
		})
	}
}

func TestWeightsAreShares(t *testing.T) {
	s := set(t, nil, Trunk{ID: "a", Targets: []Target{target("127.0.0.1:5060", 1, 1), target("127.0.0.2:5060", 1, 3), target("127.0.0.3:5060", 1, 0)}})
	n := map[string]int{}
	for i := range 5 {
		s.dice = func(total int) int {
			if total != 5 {
				t.Fatalf("weights sum to %d, want 5", total)
			}
			return i
		}
		a, err := s.TakeOut(by("a"), time.Now())
		if err != nil {
			t.Fatal(err)
		}
		n[a.Target().Addr.Addr().String()]++
	}
	if n["127.0.0.1"] != 1 || n["127.0.0.2"] != 3 || n["127.0.0.3"] != 1 {
		t.Errorf("shares %v, want 1, 3, 1", n)
	}
}

func TestFailOverOnlyWhereTheTrunkFailed(t *testing.T) {
	tests := []struct {
		code    int
		timeout bool
		want    bool
	}{
		{500, false, true}, {502, false, true}, {503, false, true}, {504, false, true}, {0, false, true}, {408, true, true}, {0, true, true},
		{408, false, false}, {404, false, false}, {480, false, false}, {486, false, false}, {487, false, false},
		{403, false, false}, {302, false, false}, {600, false, false}, {603, false, false}, {604, false, false}, {200, false, false},
	}
	for _, tt := range tests {
		s := set(t, nil, Trunk{ID: "a", Targets: []Target{target("127.0.0.1:5060", 0, 0), target("127.0.0.2:5060", 1, 0)}})
		a, err := s.TakeOut(by("a"), time.Now())
		if err != nil {
			t.Fatal(err)
		}
		if got := a.Next(Outcome{Code: tt.code, Silent: tt.timeout}, time.Now()); got != tt.want {
			t.Errorf("after %d, timeout %v: got %v, want %v", tt.code, tt.timeout, got, tt.want)
		}
	}
}

func TestChannelCap(t *testing.T) {
	s := set(t, nil, Trunk{ID: "a", MaxCalls: 2, Targets: []Target{target("127.0.0.1:5060", 0, 0)}})
	in, err := s.TakeIn("a", time.Now())
	if err != nil {
		t.Fatal(err)
	}
	out, err := s.TakeOut(by("a"), time.Now())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.TakeOut(by("a"), time.Now()); !errors.Is(err, ErrFull) {
		t.Errorf("third call: %v, want %v", err, ErrFull)
	}
	if _, err := s.TakeIn("a", time.Now()); !errors.Is(err, ErrFull) {
		t.Errorf("third call inbound: %v, want %v", err, ErrFull)
	}
	in()
	in()
	out.Done()
	out.Done()
	if st := s.Snapshot()[0]; st.Calls != 0 || st.Refused != 2 {
		t.Errorf("after all ended: %d calls, %d refused; want 0 and 2", st.Calls, st.Refused)
	}
}

func TestCallsPerSecond(t *testing.T) {
	s := set(t, nil, Trunk{ID: "a", MaxCPS: 2, Targets: []Target{target("127.0.0.1:5060", 0, 0)}})
	now := time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC)
	steps := []struct {
		after time.Duration
		want  error
	}{{0, nil}, {0, nil}, {0, ErrTooFast}, {400 * time.Millisecond, ErrTooFast}, {500 * time.Millisecond, nil}, {500 * time.Millisecond, ErrTooFast},
		{time.Minute, nil}, {time.Minute, nil}, {time.Minute, ErrTooFast}}
	for i, st := range steps {
		a, err := s.TakeOut(by("a"), now.Add(st.after))
		if !errors.Is(err, st.want) {
			t.Errorf("call %d after %v: %v, want %v", i, st.after, err, st.want)
		}
		if a != nil {
			a.Done()
		}
	}
	if st := s.Snapshot()[0]; st.Calls != 0 {
		t.Errorf("%d calls left, want 0: a refused call must give its place back", st.Calls)
	}
}

func TestNoWayOut(t *testing.T) {
	s := set(t, nil, Trunk{ID: "in only"})
	if _, err := s.TakeOut(by("in only"), time.Now()); !errors.Is(err, ErrNoTarget) {
		t.Errorf("got %v, want %v", err, ErrNoTarget)
	}
	if _, err := s.TakeOut(by("none"), time.Now()); !errors.Is(err, ErrUnknown) {
		t.Errorf("got %v, want %v", err, ErrUnknown)
	}
	if _, err := s.TakeIn("none", time.Now()); !errors.Is(err, ErrUnknown) {
		t.Errorf("got %v, want %v", err, ErrUnknown)
	}
}

func TestReplaceKeepsCallsAndHealth(t *testing.T) {
	one := Trunk{ID: "a", MaxCalls: 5, Targets: []Target{target("127.0.0.1:5060", 0, 0), target("127.0.0.2:5060", 0, 0)}}
	s := set(t, nil, one)
	done, err := s.TakeIn("a", time.Now())
	if err != nil {
		t.Fatal(err)
	}
	s.lines["a"].targets[1].up = false
	one.Name = "renamed"
	one.Targets = []Target{target("127.0.0.2:5060", 7, 0), target("127.0.0.3:5060", 0, 0)}
	if err := s.Replace([]Trunk{one}); err != nil {
		t.Fatal(err)
	}
	st := s.Snapshot()[0]
	if st.Calls != 1 || st.Name != "renamed" || st.Targets[0].Up || !st.Targets[1].Up || st.Targets[0].Target.Priority != 7 {
		t.Errorf("after the edit: %+v", st)
	}
	if err := s.Replace(nil); err != nil {
		t.Fatal(err)
	}
	done() // the trunk is gone, the call was not
	if _, ok := s.Trunk("a"); ok {
		t.Error("removed trunk is still there")
	}
}

func TestCheckRefuses(t *testing.T) {
	good := Trunk{ID: "a", Sources: ranges("127.0.0.0/8"), Targets: []Target{target("127.0.0.1:5060", 0, 0)}}
	tests := []struct {
		name string
		edit func(*Trunk)
	}{
		{"no id", func(t *Trunk) { t.ID = "" }},
		{"limit below zero", func(t *Trunk) { t.MaxCalls = -1 }},
		{"the whole internet", func(t *Trunk) { t.Sources = ranges("0.0.0.0/0") }},
		{"empty source", func(t *Trunk) { t.Sources = []netip.Prefix{{}} }},
		{"target without port", func(t *Trunk) { t.Targets[0].Addr = addr("127.0.0.1:0") }},
		{"unknown network", func(t *Trunk) { t.Targets[0].Network = "sctp" }},
		{"strip below zero", func(t *Trunk) { t.CallerIn = []Rule{{Strip: -1}} }},
	}
	for _, tt := range tests {
		bad := good.clone()
		tt.edit(&bad)
		if err := bad.Check(); !errors.Is(err, ErrInvalid) {
			t.Errorf("%s: got %v, want %v", tt.name, err, ErrInvalid)
		}
	}
	other := Trunk{ID: "b", Sources: ranges("127.0.0.5/8")}
	s := set(t, nil, good)
	for _, list := range [][]Trunk{{good, other}, {good, good}} {
		if err := s.Replace(list); !errors.Is(err, ErrInvalid) {
			t.Errorf("two that collide: %v", err)
		}
	}
	if _, ok := s.BySource(netip.MustParseAddr("127.0.0.9")); !ok {
		t.Error("a refused edit changed something")
	}
}

func TestHealthRules(t *testing.T) {
	start := time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC)
	bad := errors.New("no answer")
	tests := []struct {
		name  string
		steps []struct {
			at   int
			err  error
			want bool
		}
	}{
		{"one failure is nothing", []struct {
			at   int
			err  error
			want bool
		}{{0, bad, true}, {10, nil, true}, {20, bad, true}}},
		{"two in a row take it out, one success brings it back", []struct {
			at   int
			err  error
			want bool
		}{{0, bad, true}, {10, bad, false}, {50, nil, true}}},
		{"flapping changes once in 30 s", []struct {
			at   int
			err  error
			want bool
		}{{0, bad, true}, {1, bad, false}, {2, nil, false}, {3, bad, false}, {30, nil, false}, {31, nil, true}, {32, bad, true}, {33, bad, true}, {61, bad, false}}},
		{"a success that came too early does not count for ever", []struct {
			at   int
			err  error
			want bool
		}{{0, bad, true}, {1, bad, false}, {2, nil, false}, {40, bad, false}, {41, nil, true}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			h := &health{up: true}
			for i, st := range tt.steps {
				h.note(start.Add(time.Duration(st.at)*time.Second), st.err)
				if h.up != st.want {
					t.Fatalf("step %d at %d s: up %v, want %v", i, st.at, h.up, st.want)
				}
			}
		})
	}
}

// carrier is a Pinger whose targets live and die as the test says.
type carrier struct {
	mu   sync.Mutex
	dead map[netip.AddrPort]bool
	seen map[netip.AddrPort][]time.Time
}

func (c *carrier) Ping(ctx context.Context, _ string, x Target) error {
	c.mu.Lock()
	c.seen[x.Addr] = append(c.seen[x.Addr], time.Now())
	dead := c.dead[x.Addr]
	c.mu.Unlock()
	if dead {
		<-ctx.Done()
		return fmt.Errorf("options: %w", ctx.Err())
	}
	return nil
}

func (c *carrier) kill(a netip.AddrPort, dead bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.dead[a] = dead
}

func TestProbesFollowTheCarrier(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		one, two := addr("127.0.0.1:5060"), addr("127.0.0.2:5060")
		c := &carrier{dead: map[netip.AddrPort]bool{}, seen: map[netip.AddrPort][]time.Time{}}
		s, err := NewSet([]Trunk{{ID: "a", OptionsEvery: 30 * time.Second, Targets: []Target{target(one.String(), 0, 0), target(two.String(), 1, 0)}}}, c)
		if err != nil {
			t.Fatal(err)
		}
		var changes []string
		s.Changed = func(_ string, x Target, up bool, _ string) {
			changes = append(changes, fmt.Sprintf("%s %v", x.Addr, up))
		}
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error)
		go func() { done <- s.Run(ctx) }()
		up := func() (a, b bool) {
			st := s.Snapshot()[0].Targets
			return st[0].Up, st[1].Up
		}
		time.Sleep(5 * time.Minute)
		if a, b := up(); !a || !b {
			t.Errorf("healthy carrier: %v %v", a, b)
		}
		c.mu.Lock()
		if n := len(c.seen[one]); n < 8 || n > 12 {
			t.Errorf("%d probes in 5 min, want about 10", n)
		}
		c.mu.Unlock()
		c.kill(one, true)
		time.Sleep(2 * time.Minute)
		if a, b := up(); a || !b {
			t.Errorf("first target dead: %v %v, want false true", a, b)
		}
		call, err := s.TakeOut(by("a"), time.Now())
		if err != nil || call.Target().Addr != two {
			t.Errorf("call goes to %v %v, want %v", call.Target(), err, two)
		}
		call.Done()
		c.kill(one, false)
		time.Sleep(time.Minute)
		if a, _ := up(); !a {
			t.Error("first target is back but not up")
		}
		cancel()
		if err := <-done; err != nil {
			t.Errorf("run: %v", err)
		}
		if got, want := strings.Join(changes, ", "), "127.0.0.1:5060 false, 127.0.0.1:5060 true"; got != want {
			t.Errorf("changes %q, want %q", got, want)
		}
	})
}

func TestShutdownDuringAProbeSaysNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := addr("127.0.0.1:5060")
		c := &carrier{dead: map[netip.AddrPort]bool{a: true}, seen: map[netip.AddrPort][]time.Time{}}
		s := set(t, c, Trunk{ID: "a", OptionsEvery: time.Minute, Targets: []Target{target(a.String(), 0, 0)}})
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error)
		go func() { done <- s.Run(ctx) }()
		synctest.Wait() // the first probe is out
		cancel()
		<-done
		if h := s.lines["a"].targets[0]; h.fails != 0 || h.busy {
			t.Errorf("fails %d, busy %v", h.fails, h.busy)
		}
	})
}

type wild struct{}

func (wild) Ping(context.Context, string, Target) error { panic("boom") }

func TestPanicOfThePingerIsAFailedProbe(t *testing.T) {
	s := set(t, wild{}, Trunk{ID: "a", OptionsEvery: time.Second, Targets: []Target{target("127.0.0.1:5060", 0, 0)}})
	h := s.lines["a"].targets[0]
	for range 2 {
		s.probe(t.Context(), probe{"a", h.target, h})
	}
	if h.up {
		t.Error("target is still up")
	}
}

func TestSecretIsNeverPrinted(t *testing.T) {
	tr := Trunk{ID: "a", User: "u", Password: "canary-4711"}
	var b bytes.Buffer
	slog.New(slog.NewJSONHandler(&b, nil)).Info("x", "trunk", tr, "secret", tr.Password)
	slog.New(slog.NewTextHandler(&b, nil)).Info("x", "trunk", tr, "secret", tr.Password)
	for _, f := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
		fmt.Fprintf(&b, f+f, tr, tr.Password)
	}
	if err := json.NewEncoder(&b).Encode(tr); err != nil {
		t.Fatal(err)
	}
	s := set(t, nil, tr)
	fmt.Fprintf(&b, "%+v", s.Snapshot())
	if out := b.String(); strings.Contains(out, "canary") || strings.Contains(out, "63616e617279") {
		t.Errorf("the secret is in %s", out)
	}
	if tr.Password.Reveal() != "canary-4711" || tr.HA1("r", "SHA-256") != digest.HA1(digest.SHA256, "u", "r", "canary-4711") {
		t.Error("the secret cannot be used")
	}
	if (Trunk{}).HA1("r", "MD5") != "" {
		t.Error("a trunk without a user answers challenges")
	}
}

func FuzzTry(f *testing.F) {
	f.Add("+86", 3, "0", "+8613800138000")
	f.Add("", -5, "", "")
	f.Fuzz(func(t *testing.T, prefix string, strip int, add, number string) {
		got, rule := Try([]Rule{{prefix, strip, add}}, number)
		if rule == 0 && !strings.HasPrefix(got, add) || rule == -1 && got != number {
			t.Errorf("%q by %q -%d +%q: %q", number, prefix, strip, add, got)
		}
	})
}
