package transport

import (
	"errors"
	"net/netip"
	"runtime"
	"strings"
	"testing"
	"time"
)

func TestUDPBothWays(t *testing.T) {
	n := start(t, Config{})
	c := dialUDP(t, n)
	want := options("udp-1", "body")
	write(t, c, want)
	r := n.next(t)
	if string(r.Raw) != want || r.Message != nil || r.At.IsZero() {
		t.Errorf("got %q at %v", r.Raw, r.At)
	}
	if r.Peer.Network != "udp" || r.Peer.Addr.String() != c.LocalAddr().String() || r.Peer.Local != n.Addrs("udp")[0] || r.Peer.Reliable() {
		t.Errorf("peer %+v", r.Peer)
	}
	if err := n.Send(r.Peer, []byte("SIP/2.0 200 OK\r\n\r\n")); err != nil {
		t.Fatal(err)
	}
	if got := readLine(t, c); got != "SIP/2.0 200 OK" {
		t.Errorf("got %q", got)
	}
	if got := n.Counters(); got.Received != 1 || got.ReceivedUDP != 1 || got.SentUDP != 1 || got.Listeners != 2 {
		t.Errorf("counters %+v", got)
	}
}

// A batch keeps its order and its boundaries, and each message has memory of its own.
func TestUDPBatch(t *testing.T) {
	n := start(t, Config{Trusted: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}})
	c := dialUDP(t, n)
	var want []string
	for i := range 200 {
		want = append(want, options("batch", strings.Repeat("x", i)))
		write(t, c, want[i])
	}
	var got []Received
	for range want {
		got = append(got, n.next(t))
	}
	for i := range want {
		if string(got[i].Raw) != want[i] {
			t.Fatalf("message %d: got %d octets, want %d", i, len(got[i].Raw), len(want[i]))
		}
	}
}

func TestUDPJunkIsDropped(t *testing.T) {
	n := start(t, Config{})
	c := dialUDP(t, n)
	for _, junk := range []string{
		"", "\r\n\r\n", "\x00\x00\x00\x00", "PNG\r\n\r\n", "\x00\x01\x00\x00!\x12\xa4Bkitkitkitkit",
		"GET / HTTP/1.1\r\n\r\n", "OPTIONS sip:x SIP/2.0 without an end",
	} {
		write(t, c, junk)
	}
	write(t, c, options("after", ""))
	n.next(t)
	if got := n.Counters(); got.Received != 1 || got.Junk+got.KeepAlives < 6 {
		t.Errorf("counters %+v", got)
	}
}

// Fault 10 of sipgo: messages above 1,300 octets failed.
func TestSipgoFault10LargeUDP(t *testing.T) {
	n := start(t, Config{})
	c := dialUDP(t, n)
	write(t, c, options("big", strings.Repeat("b", 60_000)))
	r := n.next(t)
	if len(r.Raw) < 60_000 {
		t.Errorf("got %d octets", len(r.Raw))
	}
	big := []byte("SIP/2.0 200 OK\r\n" + strings.Repeat("a", 5000))
	if err := n.Send(r.Peer, big); err != nil {
		t.Errorf("send 5 kB: %v", err)
	}
	if got := readLine(t, c); got != "SIP/2.0 200 OK" {
		t.Errorf("got %q", got)
	}
	if err := n.Send(r.Peer, make([]byte, 70_000)); !errors.Is(err, ErrTooLarge) {
		t.Errorf("send 70 kB: got %v, want %v", err, ErrTooLarge)
	}
}

// Fault 9 of sipgo: a datagram that was refused stopped the listener. Fault 4: a panic ended the process.
func TestSipgoFault9ListenerSurvives(t *testing.T) {
	n := start(t, Config{UDP: []netip.AddrPort{anyPort}})
	c := dialUDP(t, n)
	write(t, c, options("bomb", ""))
	write(t, c, "\xff\xff\xff\xff\xff")
	write(t, c, options("alive", ""))
	if r := n.next(t); !strings.Contains(string(r.Raw), "alive") {
		t.Errorf("got %q", r.Raw)
	}
	if got := n.Counters().Unread; got != 1 {
		t.Errorf("unread: got %d, want 1", got)
	}
}

// Fault 8 of sipgo: memory per source address. A flood is cut to the rate, and the table does not grow.
func TestSipgoFault8FloodIsBounded(t *testing.T) {
	n := start(t, Config{Rate: 1, Burst: 10})
	c := dialUDP(t, n)
	const flood = 3000
	for range flood {
		_, _ = c.Write([]byte(options("flood", "")))
	}
	waitUntil(t, "all seen", func() bool { g := n.Counters(); return g.Received+g.Limited >= flood*9/10 })
	if got := n.Counters().Received; got < 10 || got > 20 {
		t.Errorf("let through %d of %d, want 10 and a few", got, flood)
	}
	before, after := heap(), uint64(0)
	for i := range 1_000_000 {
		n.guard.allow(netip.AddrFrom4([4]byte{10, byte(i >> 16), byte(i >> 8), byte(i)}), n.guard.now())
	}
	if after = heap(); after > before+1<<20 {
		t.Errorf("a million sources took %d octets", after-before)
	}
}

func heap() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

func TestSendErrors(t *testing.T) {
	n := start(t, Config{UDP: []netip.AddrPort{anyPort}})
	v6 := netip.MustParseAddrPort("[::1]:5060")
	for name, row := range map[string]struct {
		to   Peer
		want error
	}{
		"no address":   {Peer{Network: "udp"}, ErrBadPeer},
		"no port":      {Peer{Network: "udp", Addr: netip.MustParseAddrPort("127.0.0.1:0")}, ErrBadPeer},
		"network":      {Peer{Network: "sctp", Addr: anyAddr}, ErrNetwork},
		"other family": {Peer{Network: "udp", Addr: v6}, ErrNoListener},
	} {
		if err := n.Send(row.to, []byte("x")); !errors.Is(err, row.want) {
			t.Errorf("%s: got %v, want %v", name, err, row.want)
		}
	}
}

var anyAddr = netip.MustParseAddrPort("127.0.0.1:5060")

func TestOpenFailsWhole(t *testing.T) {
	n := start(t, Config{})
	taken := n.Addrs("tcp")[0]
	if _, err := Open(Config{UDP: []netip.AddrPort{anyPort}, TCP: []netip.AddrPort{taken}}); err == nil {
		t.Error("two listeners on one port")
	}
}

func TestLocalFor(t *testing.T) {
	n := start(t, Config{UDP: []netip.AddrPort{anyPort, netip.MustParseAddrPort("127.0.0.2:0"), netip.MustParseAddrPort("0.0.0.0:0")}})
	addrs := n.Addrs("udp")
	remote := netip.MustParseAddrPort("127.0.0.9:5060")
	for i, want := range []netip.AddrPort{addrs[0], addrs[1], netip.AddrPortFrom(anyPort.Addr(), addrs[2].Port())} {
		got := n.LocalFor(Peer{Network: "udp", Addr: remote, Local: addrs[i]})
		if i == 2 { // the kernel chooses some address of the loopback interface
			if !got.Addr().IsLoopback() || got.Port() != want.Port() {
				t.Errorf("wildcard: got %s", got)
			}
			continue
		}
		if got != want {
			t.Errorf("listener %d: got %s, want %s", i, got, want)
		}
	}
	if got := n.LocalFor(Peer{Network: "udp", Addr: remote}); got != addrs[0] {
		t.Errorf("unknown listener: got %s, want the first, %s", got, addrs[0])
	}
	n.c.Advertise = netip.MustParseAddr("203.0.113.7")
	if got := n.LocalFor(Peer{Network: "udp", Addr: netip.MustParseAddrPort("198.51.100.1:5060")}); got.Addr() != n.c.Advertise {
		t.Errorf("public peer: got %s, want the advertised address", got)
	}
	if got := n.LocalFor(Peer{Network: "udp", Addr: remote}); got != addrs[0] {
		t.Errorf("local peer: got %s, want %s", got, addrs[0])
	}
}

func TestGuard(t *testing.T) {
	trusted := netip.MustParsePrefix("10.0.0.0/8")
	g := newGuard(Config{Rate: 10, Burst: 5, Total: 100, Sources: 1024, Trusted: []netip.Prefix{trusted}})
	a, b := netip.MustParseAddr("192.0.2.1"), netip.MustParseAddr("192.0.2.2")
	count := func(from netip.Addr, now time.Duration) (n int) {
		for range 20 {
			if g.allow(from, now) == admitted {
				n++
			}
		}
		return n
	}
	for _, row := range []struct {
		name string
		from netip.Addr
		now  time.Duration
		want int
	}{
		{"burst", a, 0, 5},
		{"other source", b, 0, 5},
		{"mapped address is the same source", netip.MustParseAddr("::ffff:192.0.2.2"), 0, 0},
		{"a second's worth at 10/s, capped by the burst", a, time.Second, 5},
		{"half", a, 1300 * time.Millisecond, 3},
		{"trusted", netip.MustParseAddr("10.1.2.3"), 0, 20},
		{"IPv6 host", netip.MustParseAddr("2001:db8::1"), 2 * time.Second, 5},
		{"its neighbour in the /64", netip.MustParseAddr("2001:db8::2"), 2 * time.Second, 0},
	} {
		if got := count(row.from, row.now); got != row.want {
			t.Errorf("%s: got %d, want %d", row.name, got, row.want)
		}
	}
}

// Over the total, strangers are dropped and vouched sources are heard.
func TestGuardTotal(t *testing.T) {
	g := newGuard(Config{Rate: 10, Burst: 5, Total: 50, Sources: 1 << 16})
	phone := netip.MustParseAddr("192.0.2.1")
	g.vouch(phone, time.Hour, 0)
	passed := 0
	for i := range 1000 {
		if g.allow(netip.AddrFrom4([4]byte{10, 1, byte(i >> 8), byte(i)}), time.Second) == admitted {
			passed++
		}
	}
	if passed > 50 {
		t.Errorf("%d strangers passed, want 50 at most", passed)
	}
	if got := g.allow(phone, time.Second); got != admitted {
		t.Errorf("vouched source: got %d", got)
	}
	if got := g.allow(netip.MustParseAddr("192.0.2.3"), time.Second); got != overTotal {
		t.Errorf("stranger: got %d, want overTotal", got)
	}
}
