package transport

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/netip"
	"os"
	"strings"
	"testing"
	"time"
)

var anyPort = netip.MustParseAddrPort("127.0.0.1:0")

// node is a running layer whose messages come out of a channel.
type node struct {
	*Layer
	in     chan Received
	failed chan error
}

func start(t *testing.T, c Config) *node {
	t.Helper()
	n := &node{in: make(chan Received, 10_000), failed: make(chan error, 1000)}
	if c.UDP == nil && c.TCP == nil && c.TLS == nil && c.WS == nil && c.WSS == nil {
		c.UDP, c.TCP = []netip.AddrPort{anyPort}, []netip.AddrPort{anyPort}
	}
	c.Logger = slog.New(slog.DiscardHandler)
	if c.Failed == nil {
		c.Failed = func(_ Peer, _ []byte, err error) { n.failed <- err }
	}
	l, err := Open(c)
	if err != nil {
		t.Fatal(err)
	}
	n.Layer = l
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error)
	go func() { done <- l.Run(ctx, n.take) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("Run: %v", err)
		}
	})
	return n
}

func (n *node) take(r Received) {
	if strings.Contains(string(r.Raw), "bomb") {
		panic("bomb")
	}
	n.in <- r
}

func (n *node) next(t *testing.T) Received {
	t.Helper()
	select {
	case r := <-n.in:
		return r
	case <-time.After(patience):
		t.Fatal("no message came")
		return Received{}
	}
}

// patience is how long a test waits for something that must happen.
const patience = 30 * time.Second

func waitUntil(t *testing.T, what string, ok func() bool) {
	t.Helper()
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for end := time.Now().Add(patience); !ok(); <-tick.C {
		if time.Now().After(end) {
			t.Fatalf("not %s after %v", what, patience)
		}
	}
}

func options(id, body string) string {
	return fmt.Sprintf("OPTIONS sip:x SIP/2.0\r\nCall-ID: %s\r\nContent-Length: %d\r\n\r\n%s", id, len(body), body)
}

func dialUDP(t *testing.T, n *node) *net.UDPConn {
	t.Helper()
	c, err := net.DialUDP("udp", nil, net.UDPAddrFromAddrPort(n.Addrs("udp")[0]))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

func dialTCP(t *testing.T, n *node) net.Conn {
	t.Helper()
	c, err := net.Dial("tcp", n.Addrs("tcp")[0].String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

func write(t *testing.T, c net.Conn, s string) {
	t.Helper()
	if _, err := io.WriteString(c, s); err != nil {
		t.Fatal(err)
	}
}

// closed says that the peer closed the connection within 5 s.
func closed(c net.Conn) bool {
	_ = c.SetReadDeadline(time.Now().Add(patience))
	_, err := io.Copy(io.Discard, c)
	return !errors.Is(err, os.ErrDeadlineExceeded)
}

func readLine(t *testing.T, c net.Conn) string {
	t.Helper()
	_ = c.SetReadDeadline(time.Now().Add(patience))
	line, err := bufio.NewReader(c).ReadString('\n')
	if err != nil {
		t.Fatalf("read: %v", err)
	}
	return strings.TrimSuffix(line, "\r\n")
}
