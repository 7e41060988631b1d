//go:build !linux || (!amd64 && !arm64) || portable

package socket

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"time"
)

// This file serves development on other systems: a goroutine for each socket, package net, ordinary sleeps.

type datagram struct {
	octets []byte
	from   netip.AddrPort
}

type netConn struct {
	udp    *net.UDPConn
	queue  chan datagram
	remote netip.AddrPort // connected to, by our own filter
}

// Listen opens a socket on an address; port 0 takes any.
func Listen(at netip.AddrPort) (Conn, error) {
	udp, err := net.ListenUDP("udp", net.UDPAddrFromAddrPort(at))
	if err != nil {
		return nil, fmt.Errorf("bind %s: %w", at, err)
	}
	_ = udp.SetReadBuffer(receiveBuffer) // the default serves too
	c := &netConn{udp: udp, queue: make(chan datagram, 128)}
	go c.receive()
	return c, nil
}

// Share needs a kernel that tells connected sockets of one port apart.
func Share(at, _ netip.AddrPort) (Conn, error) {
	return nil, fmt.Errorf("share %s: %w", at, errors.ErrUnsupported)
}

// receive ends when the socket is closed.
func (c *netConn) receive() {
	buf := make([]byte, datagramMost)
	for {
		n, from, err := c.udp.ReadFromUDPAddrPort(buf)
		if err != nil {
			if errors.Is(err, net.ErrClosed) {
				return
			}
			continue
		}
		d := datagram{octets: append([]byte(nil), buf[:n]...), from: netip.AddrPortFrom(from.Addr().Unmap(), from.Port())}
		select {
		case c.queue <- d:
		default: // full like a kernel's buffer
		}
	}
}

func (c *netConn) Read(b []byte) (int, netip.AddrPort, bool) {
	select {
	case d := <-c.queue:
		return copy(b, d.octets), d.from, true
	default:
		return 0, netip.AddrPort{}, false
	}
}

func (c *netConn) Write(b []byte, to netip.AddrPort) bool {
	if c.remote.IsValid() {
		to = c.remote
	}
	_ = c.udp.SetWriteDeadline(time.Now().Add(time.Millisecond)) // a full buffer loses the packet, it does not hold the shard
	_, err := c.udp.WriteToUDPAddrPort(b, to)
	return err == nil
}

func (c *netConn) Connect(to netip.AddrPort) bool {
	c.remote = to
	return true
}

func (c *netConn) Close() { _ = c.udp.Close() }

type scan struct {
	conns []*netConn
	token []int32
}

// NewPoller makes a poller that watches nothing yet.
func NewPoller() (Poller, error) { return &scan{}, nil }

func (s *scan) Add(c Conn, token int32) error {
	s.Remove(c, token)
	s.conns, s.token = append(s.conns, c.(*netConn)), append(s.token, token)
	return nil
}

// Remove forgets the socket that had the token before: sockets are closed without telling the poller.
func (s *scan) Remove(_ Conn, token int32) {
	for i, t := range s.token {
		if t == token {
			last := len(s.token) - 1
			s.conns[i], s.token[i] = s.conns[last], s.token[last]
			s.conns, s.token = s.conns[:last], s.token[:last]
			return
		}
	}
}

func (s *scan) Ready(tokens []int32) int {
	n := 0
	for i, c := range s.conns {
		if n < len(tokens) && len(c.queue) > 0 {
			tokens[n] = s.token[i]
			n++
		}
	}
	return n
}

func (s *scan) Sleep(ns int64) { time.Sleep(time.Duration(ns)) }

func (s *scan) Close() {}
