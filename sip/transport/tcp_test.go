package transport

import (
	"context"
	"net"
	"net/netip"
	"runtime"
	"strings"
	"testing"
	"time"

	"hotline/sip/transport/guard"
)

func TestTCPSplitAndCoalesced(t *testing.T) {
	n := start(t, Config{})
	c := dialTCP(t, n)
	one, two := options("one", "hello"), strings.Replace(options("two", "worlds"), "Content-Length", "l", 1)
	for i := range len(one) { // an octet at a time
		write(t, c, one[i:i+1])
	}
	if got := string(n.next(t).Raw); got != one {
		t.Errorf("split: got %q", got)
	}
	write(t, c, two+one+"\r\n"+two)
	for _, want := range []string{two, one, two} {
		if got := string(n.next(t).Raw); got != want {
			t.Errorf("coalesced: got %q, want %q", got, want)
		}
	}
}

// Messages to a peer use the connection it came by; both directions have one Peer.
func TestTCPReuse(t *testing.T) {
	n := start(t, Config{})
	c := dialTCP(t, n)
	write(t, c, options("x", ""))
	r := n.next(t)
	if r.Peer.Conn == 0 || !r.Peer.Reliable() || r.Peer.Local != n.Addrs("tcp")[0] {
		t.Errorf("peer %+v", r.Peer)
	}
	for _, to := range []Peer{r.Peer, {Network: "tcp", Addr: r.Peer.Addr}} {
		if err := n.Send(to, []byte("SIP/2.0 200 OK\r\n\r\n")); err != nil {
			t.Fatal(err)
		}
		if got := readLine(t, c); got != "SIP/2.0 200 OK" {
			t.Errorf("got %q", got)
		}
	}
	if got := n.Counters().Connections; got != 1 {
		t.Errorf("connections: got %d, want 1", got)
	}
}

// What is sent before Run leaves with it: a registration may begin before the sockets are read.
func TestTCPSentBeforeRun(t *testing.T) {
	far := start(t, Config{})
	l, err := Open(Config{TCP: []netip.AddrPort{anyPort}})
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{options("one", ""), options("two", "")} {
		if err := l.Send(Peer{Network: "tcp", Addr: far.Addrs("tcp")[0]}, []byte(text)); err != nil {
			t.Fatal(err)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error)
	go func() { done <- l.Run(ctx, func(Received) {}) }()
	first, second := far.next(t), far.next(t)
	if string(first.Raw) != options("one", "") || string(second.Raw) != options("two", "") || first.Peer != second.Peer {
		t.Errorf("got %q of %+v and %q of %+v", first.Raw, first.Peer, second.Raw, second.Peer)
	}
	cancel()
	if err := <-done; err != nil {
		t.Error(err)
	}
}

// Fault 11 of sipgo: connections pooled by local address took a request for one peer to another.
func TestSipgoFault11RightPeer(t *testing.T) {
	a, b, n := start(t, Config{}), start(t, Config{}), start(t, Config{})
	for range 3 {
		for to, text := range map[*node]string{a: options("for-a", ""), b: options("for-b", "")} {
			if err := n.Send(Peer{Network: "tcp", Addr: to.Addrs("tcp")[0], Local: n.Addrs("tcp")[0]}, []byte(text)); err != nil {
				t.Fatal(err)
			}
			if got := string(to.next(t).Raw); got != text {
				t.Errorf("got %q, want %q", got, text)
			}
		}
	}
	if got := n.Counters().Connections; got != 2 {
		t.Errorf("connections: got %d, want 2", got)
	}
	r := Peer{Network: "tcp", Addr: a.Addrs("tcp")[0]}
	if got := n.LocalFor(r); got != n.Addrs("tcp")[0] {
		t.Errorf("LocalFor an outbound peer: got %s, want the listener %s", got, n.Addrs("tcp")[0])
	}
}

func TestTCPConnectFails(t *testing.T) {
	n := start(t, Config{})
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	dead := ln.Addr().(*net.TCPAddr).AddrPort()
	ln.Close()
	if err := n.Send(Peer{Network: "tcp", Addr: dead}, []byte("x")); err != nil {
		t.Fatalf("Send waits for the network: %v", err)
	}
	select {
	case err := <-n.failed:
		if !strings.Contains(err.Error(), "connect to tcp") {
			t.Errorf("got %v", err)
		}
	case <-time.After(patience):
		t.Fatal("Failed was not called")
	}
	waitUntil(t, "forgotten", func() bool { return n.Counters().Connections == 0 })
}

func TestTCPKeepAlive(t *testing.T) {
	n := start(t, Config{})
	c := dialTCP(t, n)
	write(t, c, "\r\n\r\n")
	if got := readLine(t, c); got != "" {
		t.Errorf("ping: got %q, want an empty line", got)
	}
	write(t, c, "\r\n\r")
	write(t, c, "\n"+options("x", ""))
	n.next(t)
	if got := readLine(t, c); got != "" || n.Counters().KeepAlives != 2 {
		t.Errorf("split ping: got %q and %d", got, n.Counters().KeepAlives)
	}
}

// What cannot be framed ends the connection; when its header could be read, it is handed on first and its answer still leaves.
func TestTCPFramingErrors(t *testing.T) {
	for name, row := range map[string]struct {
		raw  string
		told bool
	}{
		"words for a length":  {strings.Replace(options("a", ""), "Length: 0", "Length: five", 1), true},
		"negative":            {strings.Replace(options("a", ""), "Length: 0", "Length: -1", 1), true},
		"two lengths":         {strings.Replace(options("a", ""), "\r\n\r\n", "\r\nl: 5\r\n\r\n", 1), true},
		"huge":                {strings.Replace(options("a", ""), "Length: 0", "Length: 99999999999999999999", 1), true},
		"HTTP":                {"GET / HTTP/1.1\r\nHost: x\r\n\r\n", false},
		"STUN":                {"\x00\x01\x00\x00!\x12\xa4Bkitkitkitkit", false},
		"header without end":  {"OPTIONS sip:x SIP/2.0\r\nX: " + strings.Repeat("a", 70_000), false},
		"junk after a header": {strings.Replace(options("a", ""), "Content-Length: 0\r\n", "", 1) + "v=0\r\no=- 1 1\r\n", true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel() // each lingers for half a second
			n := start(t, Config{})
			c := dialTCP(t, n)
			write(t, c, row.raw)
			if row.told {
				r := n.next(t)
				if err := n.Send(r.Peer, []byte("SIP/2.0 400 Bad Request\r\n\r\n")); err != nil {
					t.Errorf("answer: %v", err)
				}
				if got := readLine(t, c); got != "SIP/2.0 400 Bad Request" {
					t.Errorf("got %q", got)
				}
			}
			if !closed(c) {
				t.Error("connection left open")
			}
			waitUntil(t, "counted", func() bool { return n.Counters().Framing == 1 && n.Counters().Connections == 0 })
			if len(n.in) != 0 {
				t.Errorf("%d messages too many", len(n.in))
			}
		})
	}
}

// Faults 1 and 12 of sipgo: peers that say nothing, or too little, held connections for ever; here no accept waits for them either.
func TestSipgoFault01SilentPeers(t *testing.T) {
	n := start(t, Config{Stall: 50 * time.Millisecond, Idle: 100 * time.Millisecond})
	silent, slow, idle := dialTCP(t, n), dialTCP(t, n), dialTCP(t, n)
	write(t, slow, "OPTIONS sip:x SIP/2.0\r\n")
	write(t, idle, options("x", ""))
	n.next(t)
	for name, c := range map[string]net.Conn{"silent": silent, "slow": slow, "idle": idle} {
		if !closed(c) {
			t.Errorf("%s connection left open", name)
		}
	}
	waitUntil(t, "counted", func() bool { g := n.Counters(); return g.Stalled == 1 && g.Idled == 2 && g.Connections == 0 })
}

func TestTCPLimits(t *testing.T) {
	local := netip.MustParsePrefix("127.0.0.0/8")
	for name, row := range map[string]struct {
		c    Config
		want int
	}{
		"per host":         {Config{PerHost: 3}, 3},
		"trusted per host": {Config{PerHost: 3, Guard: guard.Config{Trusted: []netip.Prefix{local}}}, 8},
		"in all":           {Config{MaxConns: 5, Guard: guard.Config{Trusted: []netip.Prefix{local}}}, 5},
	} {
		t.Run(name, func(t *testing.T) {
			n := start(t, row.c)
			for range 8 {
				dialTCP(t, n)
			}
			waitUntil(t, "settled", func() bool { g := n.Counters(); return g.Connections+int(g.Refused) == 8 })
			if got := n.Counters().Connections; got != row.want {
				t.Errorf("got %d connections, want %d", got, row.want)
			}
		})
	}
}

// A peer that does not read fills its own queue and nobody else's time; what is lost is counted and reported.
func TestTCPPeerDoesNotRead(t *testing.T) {
	n := start(t, Config{Queue: 4, Write: 100 * time.Millisecond})
	c := dialTCP(t, n)
	write(t, c, options("x", ""))
	r := n.next(t)
	block := make([]byte, 1<<20)
	full := 0
	for range 100 { // a Send that waited for the network would find room each time
		if err := n.Send(r.Peer, block); err != nil {
			full++
		}
	}
	if full == 0 || n.Counters().QueueFull != uint64(full) {
		t.Errorf("full %d times, counted %d", full, n.Counters().QueueFull)
	}
	waitUntil(t, "closed", func() bool { return n.Counters().Connections == 0 })
	if len(n.failed) == 0 {
		t.Error("no failure reported")
	}
}

// Outbound connections leave from the listener's address: carriers know us by it.
func TestTCPLeavesFromTheListener(t *testing.T) {
	n := start(t, Config{TCP: []netip.AddrPort{netip.MustParseAddrPort("127.0.0.7:0")}})
	far := start(t, Config{TCP: []netip.AddrPort{anyPort}})
	to := Peer{Network: "tcp", Addr: far.Addrs("tcp")[0]}
	if err := n.Send(to, []byte(options("x", ""))); err != nil {
		t.Fatal(err)
	}
	r := far.next(t)
	if got := r.Peer.Addr.Addr().String(); got != "127.0.0.7" {
		t.Errorf("got a connection from %s, want the listener's address", got)
	}
	if err := far.Send(r.Peer, []byte(options("back", ""))); err != nil { // answers use the same connection
		t.Fatal(err)
	}
	if got := n.next(t).Peer; got.Addr != to.Addr {
		t.Errorf("got %+v, want it from %s", got, to.Addr)
	}
}

// A connection that ended is replaced when there is something to say, whatever number the peer had.
func TestTCPReconnects(t *testing.T) {
	n, far := start(t, Config{}), start(t, Config{})
	to := Peer{Network: "tcp", Addr: far.Addrs("tcp")[0]}
	for i := range 3 {
		if err := n.Send(to, []byte(options("x", ""))); err != nil {
			t.Fatal(err)
		}
		r := far.next(t)
		to.Conn = uint64(i + 1)
		far.pool.find(r.Peer).close(ErrClosed)
		waitUntil(t, "both forgot it", func() bool { return n.Counters().Connections == 0 && far.Counters().Connections == 0 })
	}
}

// A message over the connection's rate is dropped and the stream goes on.
func TestTCPFlood(t *testing.T) {
	n := start(t, Config{Guard: guard.Config{Rate: 0.001, Burst: 3}})
	c := dialTCP(t, n)
	write(t, c, strings.Repeat(options("x", "body"), 50))
	waitUntil(t, "all seen", func() bool { g := n.Counters(); return g.Received+g.Limited == 50 })
	if g := n.Counters(); g.Received != 3 || g.Connections != 1 {
		t.Errorf("counters %+v, want 3 received", g)
	}
}

// A panic in the receiver costs one message, not the connection.
func TestSipgoFault04PanicOverTCP(t *testing.T) {
	n := start(t, Config{})
	c := dialTCP(t, n)
	write(t, c, options("bomb", "")+options("alive", ""))
	if r := n.next(t); !strings.Contains(string(r.Raw), "alive") || n.Counters().Unread != 1 {
		t.Errorf("got %q, %+v", r.Raw, n.Counters())
	}
}

// Fault 12 of sipgo: an idle connection cost about 37 KB. Measured in heap and stacks of both of its goroutines.
func TestSipgoFault12IdleConnections(t *testing.T) {
	const conns = 200
	n := start(t, Config{Guard: guard.Config{Trusted: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}}})
	before := used()
	for range conns {
		write(t, dialTCP(t, n), options("x", ""))
		n.next(t)
	}
	each := (used() - before) / conns
	t.Logf("%d octets for each connection, with the client's half", each)
	if each > 30_000 {
		t.Errorf("got %d octets, want 30,000 at most", each)
	}
}

func used() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc + m.StackInuse
}
