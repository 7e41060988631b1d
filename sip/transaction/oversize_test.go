package transaction

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/emiago/sipgo/sip"

	"hotline/sip/transport"
)

var carrier = transport.Peer{Network: "udp", Addr: netip.MustParseAddrPort("127.0.0.60:5060")}

// bulky is a request that does not fit into a datagram of 1,300 octets.
func bulky(method sip.RequestMethod, callID string) *sip.Request {
	req := outgoing(method, callID)
	req.AppendHeader(sip.NewHeader("History-Info", strings.Repeat("<sip:+8610@127.0.0.1>;index=1,", 60)+"<sip:0@127.0.0.1>"))
	return req
}

func listensOn(transport.Peer) netip.AddrPort { return here }

// ways are the networks that messages of a method went by, with the transport in their Via.
func (d *desk) ways(method string) string {
	d.mu.Lock()
	defer d.mu.Unlock()
	var out []string
	for _, s := range d.sent {
		if _, via, ok := strings.Cut(s.raw, "Via: SIP/2.0/"); ok && strings.HasPrefix(s.raw, method+" ") {
			out = append(out, s.to.Network+" "+via[:3])
		}
	}
	return strings.Join(out, ", ")
}

// Fault 10 of sipgo: a request over 1,300 octets failed, with no way to TCP.
func TestSipgoFault10LargeRequestGoesByTCP(t *testing.T) {
	flow := carrier
	flow.Local = here
	for name, row := range map[string]struct {
		req  *sip.Request
		to   transport.Peer
		want string
	}{
		"large INVITE":            {bulky(sip.INVITE, "c"), carrier, "tcp TCP"},
		"small INVITE":            {outgoing(sip.INVITE, "c"), carrier, "udp UDP"},
		"large to a known flow":   {bulky(sip.INVITE, "c"), flow, "udp UDP"},
		"large, already over TLS": {bulky(sip.INVITE, "c"), transport.Peer{Network: "tls", Addr: carrier.Addr}, "tls TLS"},
	} {
		t.Run(name, func(t *testing.T) {
			atDesk(t, Config{Local: listensOn}, func(d *desk) {
				var h heard
				d.ask(row.req, row.to, &h)
				if got := d.ways("INVITE"); got != row.want {
					t.Errorf("got %s, want %s", got, row.want)
				}
				d.receive(d.last(t).to, replyText(d.lastRequest(t, "INVITE"), 200, ""))
				h.expect(t, "200")
			})
		})
	}
}

func TestNoTCPWithoutAListener(t *testing.T) {
	atDesk(t, Config{}, func(d *desk) {
		d.ask(bulky(sip.INVITE, "c"), carrier, &heard{})
		if got := d.ways("INVITE"); got != "udp UDP" {
			t.Errorf("got %s", got)
		}
	})
}

// refusesTCP makes the layer believe that the connection could not be had.
func (d *desk) refusesTCP(t *testing.T) {
	t.Helper()
	s := d.last(t)
	d.Failed(s.to, []byte(s.raw), fmt.Errorf("connect: %w", transport.ErrConnect))
	wait(0)
}

func TestLargeRequestFallsBackToUDP(t *testing.T) {
	for _, method := range []sip.RequestMethod{sip.INVITE, sip.OPTIONS} {
		t.Run(string(method), func(t *testing.T) {
			atDesk(t, Config{Local: listensOn}, func(d *desk) {
				var h heard
				d.ask(bulky(method, "c"), carrier, &h)
				wait(sec)
				d.refusesTCP(t)
				wait(700 * ms) // UDP is retransmitted like any other
				if got, want := d.ways(string(method)), "tcp TCP, udp UDP, udp UDP"; got != want {
					t.Errorf("got %s, want %s", got, want)
				}
				d.receive(carrier, replyText(d.lastRequest(t, string(method)), 486, ""))
				h.expect(t, "486")
				if method == sip.INVITE && d.ways("ACK") != "udp UDP" {
					t.Errorf("ACK: got %s", d.ways("ACK"))
				}
				d.ask(bulky(method, "d"), carrier, &h)
				if got := d.last(t).to.Network; got != "udp" {
					t.Errorf("a minute later: got %s, want udp at once", got)
				}
				wait(11 * time.Minute)
				d.ask(bulky(method, "e"), carrier, &h)
				if got := d.last(t).to.Network; got != "tcp" {
					t.Errorf("after a while: got %s, want tcp", got)
				}
			})
		})
	}
}

// What fails after a connection was there may have arrived: it is not sent twice.
func TestLargeRequestIsNotRepeatedAfterAConnection(t *testing.T) {
	atDesk(t, Config{Local: listensOn}, func(d *desk) {
		var h heard
		d.ask(bulky(sip.INVITE, "c"), carrier, &h)
		d.Failed(d.last(t).to, []byte(d.last(t).raw), errors.New("connection reset"))
		wait(0)
		h.expect(t, "transport")
		if got := d.ways("INVITE"); got != "tcp TCP" {
			t.Errorf("got %s", got)
		}
	})
}

func TestUDPOnlyIsBounded(t *testing.T) {
	var u udpOnly
	now := time.Now()
	for i := range uint16(3000) {
		u.add(netip.AddrPortFrom(carrier.Addr.Addr(), i), now)
	}
	if len(u.at) > udpOnlyMost {
		t.Errorf("%d remembered", len(u.at))
	}
}

// The same over real sockets: a peer with UDP only gets the large request by UDP, one with both gets it by TCP.
func TestLargeRequestOverSockets(t *testing.T) {
	ports := []netip.AddrPort{netip.MustParseAddrPort("127.0.0.1:0")}
	for want, c := range map[string]transport.Config{"udp": {UDP: ports}, "tcp": {TCP: ports}} {
		t.Run(want, func(t *testing.T) {
			got := make(chan transport.Received, 10)
			addr := run(t, c, func(r transport.Received) { got <- r }).Addrs(want)[0]
			ready := make(chan struct{})
			var tx *Layer
			near := run(t, transport.Config{UDP: ports, TCP: ports, Failed: func(to transport.Peer, raw []byte, err error) { tx.Failed(to, raw, err) }},
				func(transport.Received) { close(ready) })
			if err := near.Send(transport.Peer{Network: "udp", Addr: near.Addrs("udp")[0]}, []byte("OPTIONS sip:x SIP/2.0\r\n\r\n")); err != nil {
				t.Fatal(err)
			}
			<-ready // it runs, and can connect
			tx = New(Config{Local: near.LocalFor}, near.Send, core{&desk{}})
			ctx, cancel := context.WithCancel(context.Background())
			done := make(chan error)
			go func() { done <- tx.Run(ctx) }()
			defer func() { cancel(); <-done }()
			tx.Do("c", func() { tx.Request(bulky(sip.MESSAGE, "c"), transport.Peer{Network: "udp", Addr: addr}, nil) })
			select {
			case r := <-got:
				if r.Peer.Network != want || !strings.Contains(string(r.Raw), "Via: SIP/2.0/"+strings.ToUpper(want)) {
					t.Errorf("by %s: %.80s", r.Peer.Network, r.Raw)
				}
			case <-time.After(30 * time.Second):
				t.Fatal("nothing came")
			}
		})
	}
}

// run runs a transport for the time of a test.
func run(t *testing.T, c transport.Config, receive func(transport.Received)) *transport.Layer {
	t.Helper()
	c.Logger = slog.New(slog.DiscardHandler)
	l, err := transport.Open(c)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error)
	go func() { done <- l.Run(ctx, receive) }()
	t.Cleanup(func() { cancel(); <-done })
	return l
}

// A phone on TLS closed its connection, and with it the call, over an ACK without Content-Length (RFC 3261 20.14).
func TestTransmittedRequestHasALength(t *testing.T) {
	atDesk(t, Config{}, func(d *desk) {
		d.Transmit(phoneT, outgoing(sip.ACK, "c"))
		if got := d.last(t).raw; !strings.Contains(got, "\r\nContent-Length: 0\r\n") {
			t.Errorf("got %q", got)
		}
	})
}
