package socket

import (
	"errors"
	"net/netip"
	"runtime"
	"testing"
	"time"
)

var here = netip.MustParseAddr("127.0.0.1")

// pair is a socket on a port that nobody else has, and its address.
func pair(t *testing.T) (Conn, netip.AddrPort) {
	t.Helper()
	ports, err := NewPorts(here, 40_000, 49_999, 1<<20)
	if err != nil {
		t.Fatal(err)
	}
	c, port, err := ports.Bind()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c, netip.AddrPortFrom(here, port)
}

// hear waits until the poller has something, reads it from c and returns it with the token it came under.
func hear(t *testing.T, p Poller, c Conn) (text string, from netip.AddrPort, token int32) {
	t.Helper()
	var tokens [4]int32
	for range 5000 {
		if p.Ready(tokens[:]) > 0 {
			var b [64]byte
			n, from, ok := c.Read(b[:])
			if !ok {
				t.Fatal("the poller says there is something, the socket does not")
			}
			return string(b[:n]), from, tokens[0]
		}
		p.Sleep(int64(time.Millisecond))
	}
	t.Fatal("nothing came in 5 s")
	return "", netip.AddrPort{}, 0
}

func TestDatagramsBothWays(t *testing.T) {
	a, atA := pair(t)
	b, atB := pair(t)
	p, err := NewPoller()
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	if err := p.Add(b, 7); err != nil {
		t.Fatal(err)
	}
	var none [4]int32
	if n := p.Ready(none[:]); n != 0 {
		t.Errorf("%d sockets are ready before anything was sent", n)
	}
	if !a.Write([]byte("one"), atB) {
		t.Fatal("not sent")
	}
	if text, from, token := hear(t, p, b); text != "one" || from != atA || token != 7 {
		t.Errorf("heard %q from %s under %d, want \"one\" from %s under 7", text, from, token, atA)
	}
	if !a.Connect(atB) || !a.Write([]byte("two"), netip.AddrPort{}) {
		t.Fatal("not sent to whom it is connected to")
	}
	if text, _, _ := hear(t, p, b); text != "two" {
		t.Errorf("heard %q, want \"two\"", text)
	}
	if !a.Connect(netip.AddrPort{}) || a.Write([]byte("x"), netip.MustParseAddrPort("[::1]:9")) {
		t.Error("parted from its peer it must refuse an address of the other family")
	}
	p.Remove(b, 7)
	a.Write([]byte("three"), atB)
	p.Sleep(int64(20 * time.Millisecond))
	if n := p.Ready(none[:]); n != 0 {
		t.Errorf("%d sockets are ready, and none is watched", n)
	}
}

// A socket that shares its port is connected: it hears its peer, the other one hears everybody else.
func TestSharedPort(t *testing.T) {
	peer, atPeer := pair(t)
	_, at := pair(t)
	shared, err := Share(at, atPeer)
	if runtime.GOOS != "linux" && errors.Is(err, errors.ErrUnsupported) {
		t.Skip("no shared ports on this system")
	}
	if err == nil {
		shared.Close()
		t.Fatal("a port was shared whose owner does not share it")
	}
	first, err := Share(netip.AddrPortFrom(here, at.Port()+1), atPeer) // the pair's second port, which Bind leaves alone
	if err != nil {
		t.Fatal(err)
	}
	defer first.Close()
	p, err := NewPoller()
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	if err := p.Add(first, 1); err != nil {
		t.Fatal(err)
	}
	peer.Write([]byte("mine"), netip.AddrPortFrom(here, at.Port()+1))
	if text, from, _ := hear(t, p, first); text != "mine" || from != atPeer {
		t.Errorf("heard %q from %s, want \"mine\" from %s", text, from, atPeer)
	}
}

func TestAddressOfAnotherMachine(t *testing.T) {
	ports, err := NewPorts(netip.MustParseAddr("192.0.2.1"), 40_000, 40_009, 1<<20)
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := ports.Bind(); err == nil || errors.Is(err, ErrPorts) {
		t.Errorf("got %v, want what the kernel says of an address that is not ours", err)
	}
	if n := ports.Used(); n != 0 {
		t.Errorf("%d pairs are taken, want none", n)
	}
}

func TestRangesThatHoldNoPair(t *testing.T) {
	for _, row := range [][2]int{{0, 10}, {80, 90}, {20_001, 20_002}, {20_000, 19_000}, {65_000, 70_000}} {
		if _, err := NewPorts(here, row[0], row[1], 1024); err == nil {
			t.Errorf("%d-%d: accepted", row[0], row[1])
		}
	}
}
