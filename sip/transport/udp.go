package transport

import (
	"bytes"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"time"
)

// socketBuffer is asked of the kernel for each direction of a UDP socket (it may grant less): about two seconds of a busy node.
const socketBuffer = 4 << 20

// udpSocket is one bound UDP socket. Its packets are the platform's way to move datagrams: batched on Linux, plain elsewhere.
type udpSocket struct {
	conn  *net.UDPConn
	local netip.AddrPort
	packets
}

// packets moves datagrams. read calls f for each datagram of a batch; data is only good until f returns; errBounced means that errors
// has something to tell. send never waits; earlier means the same as errBounced, beside its own error.
type packets interface {
	read(f func(data []byte, from netip.AddrPort)) error
	send(b []byte, to netip.AddrPort) (earlier bool, err error)
	// errors calls f for each earlier datagram known to be undeliverable; start is as much of it as came back.
	errors(f func(start []byte, to netip.AddrPort, err error))
}

// errBounced says that some earlier datagram could not be delivered.
var errBounced = errors.New("datagram came back")

func listenUDP(addr netip.AddrPort) (*udpSocket, error) {
	conn, err := net.ListenUDP(family("udp", addr.Addr()), net.UDPAddrFromAddrPort(addr))
	if err != nil {
		return nil, err
	}
	_ = conn.SetReadBuffer(socketBuffer) // the kernel's limit may be lower; what it gives will do
	_ = conn.SetWriteBuffer(socketBuffer)
	p, err := newPackets(conn)
	if err != nil {
		conn.Close()
		return nil, err
	}
	return &udpSocket{conn: conn, local: conn.LocalAddr().(*net.UDPAddr).AddrPort(), packets: p}, nil
}

// readUDP reads one socket until it is closed. No error of a read or a message ends it.
func (l *Layer) readUDP(s *udpSocket) {
	take := func(data []byte, from netip.AddrPort) { l.datagram(s, data, from) }
	for {
		err := s.read(take)
		switch {
		case err == nil:
		case errors.Is(err, errBounced):
			l.bounces(s)
		case errors.Is(err, net.ErrClosed):
			return
		default:
			l.log.Warn("reading a SIP socket", "error", err)
		}
	}
}

// bounces reports the datagrams that ICMP says cannot arrive (RFC 3261 18.4).
func (l *Layer) bounces(s *udpSocket) {
	s.errors(func(start []byte, to netip.AddrPort, err error) {
		l.n.bounced.Add(1)
		if l.c.Failed != nil && len(start) > 0 {
			l.c.Failed(Peer{Network: "udp", Addr: to, Local: s.local}, bytes.Clone(start), fmt.Errorf("send to udp %s: %w: %w", to, ErrUnreachable, err))
		}
	})
}

func (l *Layer) datagram(s *udpSocket, data []byte, from netip.AddrPort) {
	switch { // the cheapest first
	case keepAlive(data):
		l.n.keepAlives.Add(1)
		return
	case !sane(data):
		l.n.junk.Add(1)
		return
	}
	known, ok := l.Guard.Message(from.Addr(), data)
	if !ok {
		return
	}
	raw := append(make([]byte, 0, len(data)), data...)
	l.deliver(Received{Peer: Peer{Network: "udp", Addr: from, Local: s.local}, Raw: raw, At: time.Now(), Stranger: !known})
}

func (l *Layer) sendUDP(to Peer, raw []byte) error {
	s := l.udpFor(to)
	if s == nil {
		return fmt.Errorf("send to udp %s: %w", to.Addr, ErrNoListener)
	}
	if len(raw) > maxDatagram {
		l.n.sendFailed.Add(1)
		return fmt.Errorf("send %d octets to udp %s: %w", len(raw), to.Addr, ErrTooLarge)
	}
	earlier, err := s.send(raw, to.Addr)
	if earlier {
		l.bounces(s)
	}
	switch {
	case err == nil:
		l.n.sent.Add(1)
		l.n.sentUDP.Add(1)
		return nil
	case errors.Is(err, ErrQueueFull):
		l.n.queueFull.Add(1)
	default:
		l.n.sendFailed.Add(1)
	}
	return fmt.Errorf("send to udp %s: %w", to.Addr, err)
}

// udpFor picks the socket a peer knows us by: the one its message came to, else the first of its address family.
func (l *Layer) udpFor(to Peer) *udpSocket {
	var fits *udpSocket
	for _, s := range l.udp {
		if s.local == to.Local {
			return s
		}
		if fits == nil && s.local.Addr().Is4() == to.Addr.Addr().Unmap().Is4() {
			fits = s
		}
	}
	return fits
}
