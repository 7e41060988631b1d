package transport

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"runtime"
	"strings"
	"testing"
	"time"

	"hotline/sip/transport/guard"
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
func TestSipgoFault14BatchedReads(t *testing.T) {
	n := start(t, Config{Guard: guard.Config{Trusted: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}}})
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
func TestSipgoFault09ListenerSurvives(t *testing.T) {
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
func TestSipgoFault08FloodIsBounded(t *testing.T) {
	n := start(t, Config{Guard: guard.Config{Rate: 1, Burst: 10}})
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
		n.Guard.Admit(netip.AddrFrom4([4]byte{10, byte(i >> 16), byte(i >> 8), byte(i)}))
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

// IPv6 and IPv4 sockets stand side by side; each peer is answered from the one it knows, and addresses never show as ::ffff:a.b.c.d.
func TestUDPBothFamilies(t *testing.T) {
	six := netip.MustParseAddrPort("[::1]:0")
	n := start(t, Config{UDP: []netip.AddrPort{anyPort, six}})
	for i, local := range n.Addrs("udp") {
		c, err := net.DialUDP("udp", nil, net.UDPAddrFromAddrPort(local))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { c.Close() })
		write(t, c, options("family", ""))
		r := n.next(t)
		if r.Peer.Local != local || r.Peer.Addr.String() != c.LocalAddr().String() || r.Peer.Addr.Addr().Is4In6() {
			t.Errorf("listener %d: got %+v", i, r.Peer)
		}
		r.Peer.Local = netip.AddrPort{} // any that fits
		if err := n.Send(r.Peer, []byte("SIP/2.0 200 OK\r\n\r\n")); err != nil {
			t.Fatal(err)
		}
		if got := readLine(t, c); got != "SIP/2.0 200 OK" {
			t.Errorf("listener %d: got %q", i, got)
		}
		if got := n.LocalFor(Peer{Network: "udp", Addr: r.Peer.Addr}); got != local {
			t.Errorf("LocalFor a peer of listener %d: got %s, want %s", i, got, local)
		}
	}
}

// Fault 12 of sipgo: a socket and a goroutine for each destination. Here a thousand of them cost nothing.
func TestSipgoFault12ManyDestinations(t *testing.T) {
	n := start(t, Config{UDP: []netip.AddrPort{anyPort}})
	before := runtime.NumGoroutine()
	sink := dialUDP(t, n) // its port is taken, so nothing of this reaches a stranger
	port := sink.LocalAddr().(*net.UDPAddr).AddrPort().Port()
	for i := range 1000 {
		to := netip.AddrPortFrom(netip.AddrFrom4([4]byte{127, 77, byte(i >> 8), byte(i)}), port)
		if err := n.Send(Peer{Network: "udp", Addr: to}, []byte("OPTIONS")); err != nil {
			t.Fatal(err)
		}
	}
	if got := runtime.NumGoroutine(); got > before+20 { // others of the process come and go; 1000 destinations would show
		t.Errorf("got %d goroutines, %d before", got, before)
	}
	if got := n.Counters(); got.SentUDP != 1000 || got.Connections != 0 {
		t.Errorf("counters %+v", got)
	}
}

// While strangers are over their total, a source somebody vouched for is heard.
func TestVouch(t *testing.T) {
	n := start(t, Config{UDP: []netip.AddrPort{anyPort}, Guard: guard.Config{Total: 0.001}})
	c := dialUDP(t, n)
	write(t, c, options("stranger", ""))
	waitUntil(t, "dropped", func() bool { return n.Counters().LimitedTotal == 1 })
	n.Guard.Vouch(netip.MustParseAddr("127.0.0.1"), time.Hour)
	write(t, c, options("friend", ""))
	if r := n.next(t); !strings.Contains(string(r.Raw), "friend") {
		t.Errorf("got %q", r.Raw)
	}
}

// Who is trusted may change while the layer runs: a new carrier is heard at once, a ban of it is lifted, and one that left is a stranger again.
func TestTrust(t *testing.T) {
	n := start(t, Config{UDP: []netip.AddrPort{anyPort}})
	c := dialUDP(t, n)
	write(t, c, scan("friendly-scanner"))
	waitUntil(t, "banned", func() bool { return n.Counters().Bans == 1 })
	n.Guard.Trust([]netip.Prefix{netip.MustParsePrefix("127.0.0.0/24")})
	write(t, c, scan("friendly-scanner"))
	if r := n.next(t); r.Stranger || len(n.Guard.Bans()) != 0 || n.Counters().BannedNow != 0 {
		t.Errorf("got %+v, bans %+v", r, n.Guard.Bans())
	}
	n.Guard.Trust(nil)
	write(t, c, scan("friendly-scanner"))
	waitUntil(t, "banned again", func() bool { return n.Counters().BannedNow == 1 })
}

// Sending where nobody listens is no error of ours, and the next message to somebody else is not lost to it.
func TestUDPNobodyListens(t *testing.T) {
	n := start(t, Config{UDP: []netip.AddrPort{anyPort}})
	c := dialUDP(t, n)
	write(t, c, options("x", ""))
	r := n.next(t)
	gone := netip.AddrPortFrom(netip.MustParseAddr("127.0.0.1"), 9)
	for range 3 {
		if err := n.Send(Peer{Network: "udp", Addr: gone}, []byte("OPTIONS")); err != nil {
			t.Errorf("got %v", err)
		}
	}
	if err := n.Send(r.Peer, []byte("SIP/2.0 200 OK\r\n\r\n")); err != nil {
		t.Error(err)
	}
	if got := readLine(t, c); got != "SIP/2.0 200 OK" {
		t.Errorf("got %q", got)
	}
}

// A layer that never ran is closed by running it with a context that has ended; its ports are free again.
func TestCloseWithoutRunning(t *testing.T) {
	l, err := Open(Config{UDP: []netip.AddrPort{anyPort}, TCP: []netip.AddrPort{anyPort}})
	if err != nil {
		t.Fatal(err)
	}
	udp, tcp := l.Addrs("udp"), l.Addrs("tcp")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := l.Run(ctx, func(Received) {}); err != nil {
		t.Error(err)
	}
	if err := l.Send(Peer{Network: "tcp", Addr: anyAddr}, []byte("x")); !errors.Is(err, ErrClosed) {
		t.Errorf("Send after the end: got %v, want %v", err, ErrClosed)
	}
	again, err := Open(Config{UDP: udp, TCP: tcp})
	if err != nil {
		t.Fatalf("the ports are still taken: %v", err)
	}
	if err := again.Run(ctx, func(Received) {}); err != nil {
		t.Error(err)
	}
}
