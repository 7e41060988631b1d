//go:build !linux || (!amd64 && !arm64)

package transport

import (
	"net"
	"net/netip"
)

// plain moves one datagram per system call, through the standard library.
type plain struct {
	conn *net.UDPConn
	buf  []byte
}

func newPackets(conn *net.UDPConn) (packets, error) {
	return &plain{conn: conn, buf: make([]byte, 1<<16)}, nil
}

func (p *plain) read(f func(data []byte, from netip.AddrPort)) error {
	n, from, err := p.conn.ReadFromUDPAddrPort(p.buf)
	if err != nil {
		return err
	}
	f(p.buf[:n], from)
	return nil
}

// errors has none: the standard library does not tell which datagram an error is about.
func (p *plain) errors(func([]byte, netip.AddrPort, error)) {}

func (p *plain) send(b []byte, to netip.AddrPort) (bool, error) {
	_, err := p.conn.WriteToUDPAddrPort(b, to)
	return false, err
}
