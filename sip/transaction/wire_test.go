package transaction

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"hotline/sip/transport"
	"hotline/sip/transport/guard"
)

// overTCP is what a message of RFC 4475 gets over a real connection where that differs from torture: its frame ends elsewhere, or
// cannot be found. "close" is a closed connection, beside or without an answer.
var overTCP = map[string]string{
	"baddn":   "400",        // its header has no end: the lines of a probe count as its own
	"clerr":   "close",      // announces more than it has: the probe is part of its body, and then nothing comes
	"ncl":     "400 close",  // a length below zero
	"mcl01":   "400 close",  // two lengths
	"dblreq":  "core close", // its second request cannot be framed
	"inv2543": "core close", // no length: the body is taken for a message
}

// node is a transaction layer on a real transport, on a port of its own. One lane keeps the answers in the order of the requests.
func node(t *testing.T, user func(*Server)) netip.AddrPort {
	t.Helper()
	log := slog.New(slog.DiscardHandler)
	var l *Layer
	tr, err := transport.Open(transport.Config{
		TCP: []netip.AddrPort{netip.MustParseAddrPort("127.0.0.1:0")}, Stall: 2 * time.Second, Logger: log,
		Guard: guard.Config{Trusted: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}},
	})
	if err != nil {
		t.Fatal(err)
	}
	l = New(Config{Lanes: 1, Logger: log}, tr.Send, core{&desk{request: user}})
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 2)
	go func() { done <- tr.Run(ctx, l.Receive) }()
	go func() { done <- l.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := errors.Join(<-done, <-done); err != nil {
			t.Error(err)
		}
	})
	return tr.Addrs("tcp")[0]
}

// TestRFC4475OverTCP sends every message of the RFC through a socket, then an OPTIONS on the same connection: what the framing makes of
// the bytes decides with the transaction layer what the sender hears, and whether it may go on.
func TestRFC4475OverTCP(t *testing.T) {
	addr := node(t, func(s *Server) {
		reason := "OK"
		if s.Request.CallID().Value() != "probe" {
			reason = "Core"
		}
		s.Respond(s.Response(200, reason, nil))
	})
	files, _ := filepath.Glob("../message/testdata/rfc4475/*.dat")
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".dat")
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			raw, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			want, differs := overTCP[name]
			if !differs {
				want = torture[name]
			}
			if got := converse(t, addr, raw); got != want {
				t.Errorf("got %q, want %q", got, want)
			}
		})
	}
}

// converse sends raw and two probes, and returns the status of the first final answer ("core" when a user gave it) and whether the
// connection was closed before the probe was answered.
func converse(t *testing.T, addr netip.AddrPort, raw []byte) string {
	t.Helper()
	c, err := net.Dial("tcp", addr.String())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	probes := asked("OPTIONS", "p1", "probe") + asked("OPTIONS", "p2", "probe") // a header without end swallows one
	if _, err := c.Write(append(raw, probes...)); err != nil {
		t.Fatal(err)
	}
	_ = c.SetReadDeadline(time.Now().Add(10 * time.Second))
	var heard strings.Builder
	buf := make([]byte, 4096)
	for {
		n, err := c.Read(buf)
		heard.Write(buf[:n])
		if strings.Contains(heard.String(), "Call-ID: probe") {
			return firstFinal(heard.String(), "")
		}
		if errors.Is(err, io.EOF) {
			return firstFinal(heard.String(), " close")
		}
		if err != nil {
			t.Fatalf("%v after %q", err, heard.String())
		}
	}
}

func firstFinal(heard, end string) string {
	for line := range strings.SplitSeq(heard, "\r\n") {
		status, reason, _ := strings.Cut(strings.TrimPrefix(line, "SIP/2.0 "), " ")
		if !strings.HasPrefix(line, "SIP/2.0 ") || status[0] == '1' || reason == "OK" {
			continue
		}
		if reason == "Core" {
			status = "core"
		}
		return status + end
	}
	return strings.TrimSpace(end)
}
