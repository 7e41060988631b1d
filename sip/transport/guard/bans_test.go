package guard

import (
	"log/slog"
	"net/netip"
	"strings"
	"testing"
	"time"
)

var (
	mallory = netip.MustParseAddr("203.0.113.5")
	epoch   = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
)

func testBans() *bans { return newBans(Config{}.withDefaults()) }

func TestBansDouble(t *testing.T) {
	b := testBans()
	now := epoch
	for i, want := range []time.Duration{10 * time.Minute, 20 * time.Minute, 40 * time.Minute, 80 * time.Minute} {
		for n := range 9 {
			if b.offend(mallory, Passwords, 1, now) || b.has(mallory, false, now) {
				t.Fatalf("ban %d came after %d offences", i, n+1)
			}
		}
		if !b.offend(mallory, Passwords, 1, now) || !b.has(mallory, false, now) {
			t.Fatalf("ban %d did not come", i)
		}
		if b.offend(mallory, Passwords, 1, now) {
			t.Error("banned while banned")
		}
		if got := b.list(now)[0]; got.Until.Sub(now) != want || got.Times != i+1 || got.Source.String() != "203.0.113.5/32" || got.Why != Passwords {
			t.Errorf("ban %d: %+v", i, got)
		}
		now = now.Add(want)
		if b.has(mallory, false, now) || len(b.list(now)) != 0 {
			t.Errorf("ban %d does not end", i)
		}
	}
	for range 20 {
		b.offend(mallory, Scanner, 10, now)
		now = now.Add(longestBan)
	}
	b.offend(mallory, Scanner, 10, now)
	if got := b.list(now)[0]; got.Until.Sub(now) != longestBan {
		t.Errorf("the longest is %s", got.Until.Sub(now))
	}
	now = now.Add(longestBan + forgive + time.Second)
	b.offend(mallory, Scanner, 10, now)
	if got := b.list(now)[0]; got.Until.Sub(now) != 10*time.Minute || got.Times != 1 {
		t.Errorf("after a day of peace: %+v", got)
	}
}

func TestBansCountAMinute(t *testing.T) {
	b := testBans()
	now := epoch
	for range 100 { // nine a minute for ever
		for range 9 {
			if b.offend(mallory, Passwords, 1, now) {
				t.Fatal("banned for nine a minute")
			}
		}
		now = now.Add(time.Minute)
	}
}

func TestBansAreBounded(t *testing.T) {
	b := newBans(Config{MaxBans: 100}.withDefaults())
	b.offend(mallory, Scanner, 10, epoch)
	for i := range 10_000 {
		b.offend(netip.AddrFrom4([4]byte{10, 0, byte(i >> 8), byte(i)}), Passwords, 1, epoch)
	}
	if len(b.all) != 100 || !b.has(mallory, false, epoch) {
		t.Errorf("%d remembered, the ban kept: %v", len(b.all), b.has(mallory, false, epoch))
	}
	for i := range 10_000 {
		b.offend(netip.AddrFrom4([4]byte{10, 1, byte(i >> 8), byte(i)}), Scanner, 10, epoch)
	}
	if len(b.all) != 100 || len(b.list(epoch)) < 99 || b.live.Load() != int64(len(b.list(epoch))) {
		t.Errorf("%d remembered, %d banned, %d counted", len(b.all), len(b.list(epoch)), b.live.Load())
	}
	later := epoch.Add(longestBan + forgive + time.Hour)
	if b.sweep(later); len(b.all) != 0 || b.live.Load() != 0 {
		t.Errorf("%d are remembered for ever", len(b.all))
	}
}

func TestBanOfANetwork(t *testing.T) {
	b := testBans()
	b.offend(netip.MustParseAddr("2001:db8:1:2::5"), Scanner, 10, epoch)
	neighbour := netip.MustParseAddr("2001:db8:1:2:ffff::9")
	if !b.has(neighbour, true, epoch) || b.has(netip.MustParseAddr("2001:db8:1:3::5"), true, epoch) {
		t.Error("a /64 is one source")
	}
	if got := b.list(epoch)[0]; got.Source.String() != "2001:db8:1:2::/64" || got.Dropped != 1 {
		t.Errorf("got %+v", got)
	}
	if !b.lift(neighbour, epoch) || b.lift(neighbour, epoch) || b.has(neighbour, false, epoch) || b.live.Load() != 0 {
		t.Error("not lifted once")
	}
}

func TestUserAgent(t *testing.T) {
	s := newScanners(DefaultScanners())
	for head, want := range map[string]bool{
		"User-Agent: friendly-scanner\r\n":                              true,
		"Via: x\r\nUSER-AGENT:Friendly-Scanner/2\r\n":                   true,
		"User-Agent \t: VaxSIPUserAgent/3.1\r\n":                        true,
		"user-agent: sipcli/v1.8\n":                                     true,
		"User-Agent: Yealink SIP-T46S\r\n":                              false,
		"User-Agent: not a friendly-scanner\r\n":                        false,
		"User-Agents: friendly-scanner\r\n":                             false,
		"Subject: friendly-scanner\r\n":                                 false,
		"Subject: x\r\n\r\nUser-Agent: friendly-scanner\r\n":            false, // in the body
		"User-Agent: Yealink\r\nUser-Agent: friendly-scanner\r\n":       false,
		"User-Agent\r\n":                                                false,
		strings.Repeat("U: x\r\n", 1000) + "User-Agent: SIPVicious\r\n": true,
	} {
		raw := []byte("OPTIONS sip:x SIP/2.0\r\n" + head + "\r\n")
		if got := s.sent(raw); got != want {
			t.Errorf("%.60q: %v", head, got)
		}
		if n := testing.AllocsPerRun(10, func() { s.sent(raw) }); n != 0 {
			t.Errorf("%.60q: %v allocations", head, n)
		}
	}
	if newScanners([]string{}).sent([]byte("X sip:x SIP/2.0\r\nUser-Agent: friendly-scanner\r\n\r\n")) {
		t.Error("an empty list finds something")
	}
}

func BenchmarkGuardWithBans(b *testing.B) {
	g := New(Config{}, slog.New(slog.DiscardHandler))
	g.bans.offend(mallory, Scanner, 10, time.Now())
	raw := []byte("OPTIONS sip:x SIP/2.0\r\nCall-ID: x\r\nUser-Agent: Yealink SIP-T46S 66.86.0.15\r\nContent-Length: 0\r\n\r\n")
	source := netip.MustParseAddr("198.51.100.7")
	b.ReportAllocs()
	for b.Loop() {
		g.Message(source, raw)
	}
}
