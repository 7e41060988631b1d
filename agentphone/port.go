package agentphone

import (
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"slices"
	"sync"
	"syscall"

	"github.com/pion/ice/v4"
	"github.com/pion/logging"
)

// Port is the one UDP port that all browsers come to, and one of TCP for those that cannot. ICE runs behind both; what comes to the sockets of streams on the same port and is no sound is handed back by Foreign.
type Port struct {
	addr  netip.AddrPort
	udp   *funnel
	mux   routable
	tcp   ice.TCPMux // nil: there is none
	byTCP netip.AddrPort
}

// OpenPort listens at an address of UDP and, where it is valid, one of TCP. Port 0 is any free one. Errors are about the address: it is
// taken, or not of this machine.
func OpenPort(at, tcp netip.AddrPort, logger *slog.Logger) (*Port, error) {
	udp, err := net.ListenUDP("udp", net.UDPAddrFromAddrPort(at))
	if err != nil {
		return nil, fmt.Errorf("listen for browsers' sound: %w", err)
	}
	// Only now, so that a second program on the port is an error and not a thief: from here on streams bind to it too.
	if err := reusable(udp); err != nil {
		return nil, errors.Join(fmt.Errorf("share %s among browsers: %w", at, err), udp.Close())
	}
	bound := udp.LocalAddr().(*net.UDPAddr).AddrPort()
	p := &Port{addr: netip.AddrPortFrom(bound.Addr().Unmap(), bound.Port()), udp: newFunnel(udp)}
	p.mux = routable{ice.NewUDPMuxDefault(ice.UDPMuxParams{UDPConn: p.udp, UDPConnString: p.udp.LocalAddr().String(), Logger: pionLog{logger}})}
	if tcp.IsValid() {
		if p.tcp, p.byTCP, err = listenTCP(tcp, logger); err != nil {
			return nil, errors.Join(err, p.Close())
		}
	}
	return p, nil
}

// routable is a mux that keeps the addresses of a link to itself, which every network with IPv6 has beside the others: they mean something with
// their interface only (RFC 4007 section 6), a candidate does not name it, and no socket can be bound or connected to one without.
type routable struct{ *ice.UDPMuxDefault }

// GetListenAddresses are those that browsers are told.
func (r routable) GetListenAddresses() []net.Addr {
	return slices.DeleteFunc(slices.Clone(r.UDPMuxDefault.GetListenAddresses()), func(a net.Addr) bool {
		u, ok := a.(*net.UDPAddr)
		return ok && !beyondLink(u.IP)
	})
}

// beyondLink says that an address needs no interface beside it. Those of IPv4 (169.254.0.0/16) do not.
func beyondLink(ip net.IP) bool { return ip.To4() != nil || !ip.IsLinkLocalUnicast() }

func reusable(c *net.UDPConn) error {
	raw, err := c.SyscallConn()
	if err != nil {
		return err
	}
	var inner error
	err = raw.Control(func(fd uintptr) { inner = syscall.SetsockoptInt(int(fd), syscall.SOL_SOCKET, syscall.SO_REUSEADDR, 1) })
	return errors.Join(err, inner)
}

// Addr is the address listened on; it may be unspecified.
func (p *Port) Addr() netip.AddrPort { return p.addr }

// Foreign takes a datagram that came to a stream's socket on the port and is none of its sound. It copies b and never waits.
func (p *Port) Foreign(b []byte, from netip.AddrPort) { p.udp.put(b, from) }

// Close ends all ways that go by the port.
func (p *Port) Close() error {
	err := p.mux.Close()
	if p.tcp != nil {
		err = errors.Join(err, p.tcp.Close())
	}
	return errors.Join(err, p.udp.Close())
}

// relayAt is the local end for a stream's socket whose browser comes by TCP.
func (p *Port) relayAt() netip.AddrPort {
	switch own := p.addr.Addr(); {
	case !own.IsUnspecified():
		return p.addr
	case own.Is6():
		return netip.AddrPortFrom(netip.IPv6Loopback(), p.addr.Port())
	}
	return netip.AddrPortFrom(netip.AddrFrom4([4]byte{127, 0, 0, 1}), p.addr.Port())
}

// plugAt is the local end for a stream's socket: the address of the chosen candidate where it is this machine's, else any.
func (p *Port) plugAt(candidate netip.Addr) netip.AddrPort {
	if !p.addr.Addr().IsUnspecified() {
		return p.addr
	}
	own, err := net.InterfaceAddrs()
	if err == nil {
		for _, a := range own {
			if n, ok := a.(*net.IPNet); ok && n.IP.Equal(candidate.AsSlice()) {
				return netip.AddrPortFrom(candidate, p.addr.Port())
			}
		}
	}
	return p.addr
}

// funnel is the socket that ICE reads: its own datagrams, and those that came to the sockets of streams.
type funnel struct {
	*net.UDPConn
	in   chan datagram
	done chan struct{}
	once sync.Once
}

type datagram struct {
	octets []byte
	from   netip.AddrPort
}

const funnelLen = 512 // STUN and DTLS under way; they are sent again when lost

func newFunnel(c *net.UDPConn) *funnel {
	f := &funnel{UDPConn: c, in: make(chan datagram, funnelLen), done: make(chan struct{})}
	go f.pump()
	return f
}

// pump ends when the socket is closed.
func (f *funnel) pump() {
	buf := make([]byte, 2048)
	for {
		n, from, err := f.UDPConn.ReadFromUDPAddrPort(buf)
		switch {
		case err == nil:
			f.put(buf[:n], netip.AddrPortFrom(from.Addr().Unmap(), from.Port()))
		case errors.Is(err, net.ErrClosed):
			f.end()
			return
		}
	}
}

func (f *funnel) put(b []byte, from netip.AddrPort) {
	select {
	case f.in <- datagram{append([]byte(nil), b...), from}:
	default: // full like a kernel's buffer
	}
}

func (f *funnel) end() { f.once.Do(func() { close(f.done) }) }

// ReadFrom is net.PacketConn.
func (f *funnel) ReadFrom(b []byte) (int, net.Addr, error) {
	n, from, err := f.ReadFromAddrPort(b)
	return n, net.UDPAddrFromAddrPort(from), err
}

// ReadFromAddrPort waits for the next datagram, whichever socket it came to.
func (f *funnel) ReadFromAddrPort(b []byte) (int, netip.AddrPort, error) {
	select {
	case d := <-f.in:
		return copy(b, d.octets), d.from, nil
	case <-f.done:
		return 0, netip.AddrPort{}, net.ErrClosed
	}
}

// Close is net.PacketConn.
func (f *funnel) Close() error {
	f.end()
	return f.UDPConn.Close()
}

// pionLog gives pion's words to our log, at the level of details: what goes wrong is told by us where it matters.
type pionLog struct{ log *slog.Logger }

func (p pionLog) NewLogger(string) logging.LeveledLogger { return p }
func (p pionLog) say(msg string)                         { p.log.Debug("webrtc", "msg", msg) }

func (p pionLog) Trace(string)              {}
func (p pionLog) Tracef(string, ...any)     {}
func (p pionLog) Debug(string)              {}
func (p pionLog) Debugf(string, ...any)     {}
func (p pionLog) Info(string)               {}
func (p pionLog) Infof(string, ...any)      {}
func (p pionLog) Warn(msg string)           { p.say(msg) }
func (p pionLog) Warnf(f string, a ...any)  { p.say(fmt.Sprintf(f, a...)) }
func (p pionLog) Error(msg string)          { p.say(msg) }
func (p pionLog) Errorf(f string, a ...any) { p.say(fmt.Sprintf(f, a...)) }
