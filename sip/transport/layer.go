package transport

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"iter"
	"log/slog"
	"net"
	"net/netip"
	"runtime/debug"
	"slices"
	"sync"
	"time"

	"hotline/sip/transport/guard"
)

// Layer is the set of sockets of one node. All its methods may be called from any goroutine.
type Layer struct {
	// Guard decides whom to hear; who is known to be honest is told to it.
	Guard *guard.Guard

	c      Config
	routes routes
	udp    []*udpSocket
	// streams are the listeners of everything but UDP.
	streams []listener
	certs   *certificates
	// serverTLS is one for all listeners and all time, so that sessions can be resumed.
	serverTLS *tls.Config
	pool      *pool
	n         counts
	log       *slog.Logger

	receive func(Received) // set once by Run before any goroutine reads it
}

// Open listens on all addresses of c, or on none and returns the error. Nothing is read before Run.
func Open(c Config) (*Layer, error) {
	c = c.withDefaults()
	certs, err := openCertificates(c)
	if err != nil {
		return nil, err
	}
	l := &Layer{c: c, Guard: guard.New(c.Guard, c.Logger), log: c.Logger, certs: certs, serverTLS: certs.serverTLS()}
	l.pool = newPool(l)
	if err := l.listen(); err != nil {
		l.closeListeners()
		return nil, err
	}
	return l, nil
}

// listener takes connections for one network.
type listener struct {
	network string
	*net.TCPListener
}

// listen opens all sockets; with an error some may be open.
func (l *Layer) listen() error {
	c := l.c
	for _, addr := range c.UDP {
		s, err := listenUDP(addr)
		if err != nil {
			return fmt.Errorf("listen on udp %s: %w", addr, err)
		}
		l.udp = append(l.udp, s)
	}
	for _, s := range []struct {
		network string
		addrs   []netip.AddrPort
	}{{"tcp", c.TCP}, {"tls", c.TLS}, {"ws", c.WS}, {"wss", c.WSS}} {
		for _, addr := range s.addrs {
			ln, err := net.ListenTCP(family("tcp", addr.Addr()), net.TCPAddrFromAddrPort(addr))
			if err != nil {
				return fmt.Errorf("listen on %s %s: %w", s.network, addr, err)
			}
			l.streams = append(l.streams, listener{s.network, ln})
		}
	}
	return nil
}

// Run reads all listeners and connections and calls receive for each message until ctx ends; then it closes everything, waits for its
// goroutines and returns nil. receive is called from several goroutines, in order for each listener and connection; it must not wait.
// Run may be called once. A closed Layer that never ran is closed by running it with a context that has ended.
func (l *Layer) Run(ctx context.Context, receive func(Received)) error {
	l.receive = receive
	var wg sync.WaitGroup
	l.pool.start(func(f func(context.Context)) { wg.Go(func() { f(ctx) }) })
	for _, s := range l.udp {
		wg.Go(func() { l.readUDP(s) })
	}
	for _, ln := range l.streams {
		wg.Go(func() { l.accept(ctx, ln) })
	}
	wg.Go(func() { l.Guard.Run(ctx) })
	if l.certs.given() {
		wg.Go(func() { l.watchCertificates(ctx) })
	}
	<-ctx.Done()
	l.closeListeners()
	l.pool.stop()
	wg.Wait()
	return nil
}

// Send queues raw for a peer and returns at once. TCP uses the connection to.Conn, else one already open to to.Addr, else connects in
// the background; TLS that the peer made, and WebSocket, use that connection or none: phones and pages take no connections. A nil error means accepted, not
// delivered: see Config.Failed. raw must not be changed afterwards. UDP messages of any size that UDP can carry are sent as one
// datagram, fragmented by the kernel where needed: the switch to TCP above 1,300 octets (RFC 3261 18.1.1) changes the Via and is
// therefore the transaction layer's.
func (l *Layer) Send(to Peer, raw []byte) error {
	if !to.Addr.IsValid() || to.Addr.Port() == 0 || to.Addr.Addr().IsUnspecified() {
		return fmt.Errorf("send to %q: %w", to.Addr, ErrBadPeer)
	}
	switch to.Network {
	case "udp":
		return l.sendUDP(to, raw)
	case "tcp", "tls", "ws", "wss":
		return l.pool.send(to, raw)
	}
	return fmt.Errorf("send over %q: %w", to.Network, ErrNetwork)
}

// Addrs lists the addresses listened on, as bound, for a network ("udp", "tcp", "tls", "ws" or "wss").
func (l *Layer) Addrs(network string) []netip.AddrPort { return slices.Collect(l.addrs(network)) }

func (l *Layer) addrs(network string) iter.Seq[netip.AddrPort] {
	return func(yield func(netip.AddrPort) bool) {
		if network == "udp" {
			for _, s := range l.udp {
				if !yield(s.local) {
					return
				}
			}
			return
		}
		for _, ln := range l.streams {
			if ln.network == network && !yield(ln.Addr().(*net.TCPAddr).AddrPort()) {
				return
			}
		}
	}
}

func (l *Layer) closeListeners() {
	for _, s := range l.udp {
		s.conn.Close()
	}
	for _, ln := range l.streams {
		ln.Close()
	}
}

// deliver hands one message to the receiver; a panic there costs that message only.
func (l *Layer) deliver(r Received) {
	defer func() {
		if p := recover(); p != nil {
			l.n.unread.Add(1)
			l.log.Error("receiver of a SIP message panicked", "panic", p, "peer", r.Peer.Addr, "stack", string(debug.Stack()))
		}
	}()
	l.n.received.Add(1)
	if r.Peer.Network == "udp" {
		l.n.receivedUDP.Add(1)
	}
	l.receive(r)
}

// Offend tells the guard of a wrong password in what came from somebody, see guard.Guard.Offend; a ban ends the connection that it came by.
func (l *Layer) Offend(from Peer) {
	if l.Guard.Offend(l.pool.sourceOf(from)) {
		l.pool.drop(from)
	}
}

func (l *Layer) failed(to Peer, raw []byte, err error) {
	l.n.sendFailed.Add(1)
	if l.c.Failed != nil {
		l.c.Failed(to, raw, err)
	}
}

func (l *Layer) accept(ctx context.Context, ln listener) {
	for {
		nc, err := ln.AcceptTCP()
		switch {
		case err == nil:
			l.pool.inbound(ln.network, nc)
		case errors.Is(err, net.ErrClosed):
			return
		default: // out of descriptors, most likely: wait for some to come back
			l.log.Warn("accepting a SIP connection", "error", err)
			if !pause(ctx, 100*time.Millisecond) {
				return
			}
		}
	}
}

// pause waits for d; false means ctx ended first.
func pause(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// family makes IPv4 and IPv6 sockets distinct, so that an address never shows as ::ffff:a.b.c.d.
func family(network string, a netip.Addr) string {
	if a.Is4() || a.Is4In6() {
		return network + "4"
	}
	return network + "6"
}
