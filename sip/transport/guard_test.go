package transport

import (
	"net/netip"
	"strings"
	"testing"
	"time"

	"hotline/sip/transport/guard"
)

func scan(agent string) string {
	return "OPTIONS sip:x SIP/2.0\r\nUser-Agent: " + agent + "\r\nContent-Length: 0\r\n\r\n"
}

func TestScannersAreNotHeard(t *testing.T) {
	n := start(t, Config{})
	udp, tcp := dialUDP(t, n), dialTCP(t, n)
	write(t, udp, scan("friendly-scanner"))
	waitUntil(t, "banned", func() bool { return n.Counters().Bans == 1 })
	write(t, udp, options("x", ""))
	waitUntil(t, "dropped", func() bool { return n.Counters().Banned == 1 })
	write(t, tcp, options("x", ""))
	if !closed(tcp) || !closed(dialTCP(t, n)) {
		t.Error("a connection of a banned source is kept")
	}
	got := n.Guard.Bans()
	if len(got) != 1 || got[0].Why != guard.Scanner || got[0].Dropped < 3 || n.Counters().BannedNow != 1 || n.Counters().Received != 0 {
		t.Fatalf("got %+v, %+v", got, n.Counters())
	}
	if !n.Guard.Lift(got[0].Source.Addr()) {
		t.Error("not lifted")
	}
	write(t, udp, options("y", ""))
	if got := n.next(t); !strings.Contains(string(got.Raw), "Call-ID: y") {
		t.Errorf("got %q", got.Raw)
	}
}

// TestNoBanByForgery sends what would ban a stranger in the name of a carrier and of an office with phones.
func TestNoBanByForgery(t *testing.T) {
	carrier, office := netip.MustParseAddr("127.0.9.1"), netip.MustParseAddr("127.0.9.2")
	n := start(t, Config{Guard: guard.Config{Trusted: []netip.Prefix{netip.PrefixFrom(carrier, 32)}}})
	n.Guard.Vouch(office, time.Hour)
	for _, a := range []netip.Addr{carrier, office} {
		if known, got := n.Guard.Message(a, []byte(scan("friendly-scanner"))); got != (a == carrier) || !known {
			t.Errorf("%s: heard %v", a, got)
		}
		for range 100 {
			n.Offend(Peer{Network: "udp", Addr: netip.AddrPortFrom(a, 5060)})
		}
		if _, ok := n.Guard.Message(a, []byte(options("x", ""))); !ok {
			t.Errorf("%s is banned", a)
		}
	}
	if got := n.Guard.Bans(); len(got) != 0 {
		t.Errorf("got %+v", got)
	}
}

func TestWrongPasswordsEndTheConnection(t *testing.T) {
	n := start(t, Config{})
	c := dialTCP(t, n)
	write(t, c, options("x", ""))
	from := n.next(t).Peer
	for i := range 10 {
		if n.Counters().Bans != 0 {
			t.Fatalf("banned after %d", i)
		}
		n.Offend(from)
	}
	if !closed(c) {
		t.Error("the connection is kept")
	}
	if got := n.Guard.Bans(); len(got) != 1 || got[0].Why != guard.Passwords {
		t.Errorf("got %+v", got)
	}
}
