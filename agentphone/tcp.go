package agentphone

import (
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"time"

	"github.com/pion/ice/v4"
)

const (
	mostTCP    = 4096             // connections of browsers at a time; the next waits until one is closed
	helloTCP   = 10 * time.Second // a connection that says nothing sensible so long is closed
	behindTCP  = 16 << 10         // octets, about a second of sound: what is later than that is dropped, as it would be by UDP
	biggestTCP = 2048             // octets of a frame (RFC 4571)
)

// listenTCP opens the port of browsers whose networks let no UDP through (RFC 6544).
func listenTCP(at netip.AddrPort, logger *slog.Logger) (ice.TCPMux, netip.AddrPort, error) {
	l, err := net.Listen("tcp", at.String())
	if err != nil {
		return nil, at, fmt.Errorf("listen for browsers' sound by TCP: %w", err)
	}
	mux := ice.NewTCPMuxDefault(ice.TCPMuxParams{
		Listener: &bounded{Listener: l, places: make(chan struct{}, mostTCP)}, Logger: pionLog{logger}, ReadBufferSize: 32, WriteBufferSize: behindTCP,
		FirstStunBindTimeout: helloTCP, AliveDurationForConnFromStun: helloTCP,
	})
	return mux, l.Addr().(*net.TCPAddr).AddrPort(), nil
}

// bounded is a listener with so many connections at a time as it has places.
type bounded struct {
	net.Listener
	places chan struct{}
}

// Accept is net.Listener.
func (b *bounded) Accept() (net.Conn, error) {
	b.places <- struct{}{}
	c, err := b.Listener.Accept()
	if err != nil {
		<-b.places
		return nil, err
	}
	return &placed{Conn: c, leave: func() { <-b.places }}, nil
}

type placed struct {
	net.Conn
	leave func()
}

// Close is net.Conn.
func (p *placed) Close() error {
	err := p.Conn.Close()
	if !errors.Is(err, net.ErrClosed) {
		p.leave()
	}
	return err
}

// relay stands between a browser that comes by TCP and its stream, which knows datagrams only: to the stream it is the browser.
type relay struct{ *net.UDPConn }

// newRelay is the relay of the stream whose socket is, or will be, at the address.
func newRelay(stream netip.AddrPort) (*relay, error) {
	c, err := net.DialUDP("udp", &net.UDPAddr{IP: stream.Addr().AsSlice()}, net.UDPAddrFromAddrPort(stream))
	if err != nil {
		return nil, fmt.Errorf("relay sound from TCP: %w", err)
	}
	return &relay{c}, nil
}

// addr is what the stream takes for the browser's.
func (r *relay) addr() netip.AddrPort { return r.LocalAddr().(*net.UDPAddr).AddrPort() }

// run gives what the stream sends to the browser, until the relay is closed.
func (r *relay) run(browser net.Conn) {
	for b := make([]byte, biggestTCP); ; {
		n, err := r.Read(b)
		switch {
		case err == nil:
			_, _ = browser.Write(b[:n]) // what cannot be sent now is lost, as by UDP
		case errors.Is(err, net.ErrClosed):
			return
		}
	}
}
