//go:build linux && (amd64 || arm64) && !portable

package socket

import (
	"encoding/binary"
	"fmt"
	"net/netip"
	"syscall"
	"unsafe"
)

// All calls on a packet's path are raw: the runtime does not learn that the thread waits, so it neither takes its P
// away nor polls for it every 20 µs. See the package comment.

const clockMonotonic = 1

type rawConn struct {
	fd        uintptr
	v6        bool
	connected bool
	nameLen   uint32
	name      [syscall.SizeofSockaddrInet6]byte // sockaddr of the last read or write
}

// Listen opens a socket on an address; port 0 takes any.
func Listen(at netip.AddrPort) (Conn, error) {
	c, err := bound(at, false)
	if err != nil {
		return nil, err
	}
	return c, nil
}

// Share is a socket on a port that others have too, connected to a peer.
func Share(at, peer netip.AddrPort) (Conn, error) {
	c, err := bound(at, true)
	if err != nil {
		return nil, err
	}
	if !c.Connect(peer) {
		c.Close()
		return nil, fmt.Errorf("connect %s to %s: %w", at, peer, syscall.EADDRNOTAVAIL)
	}
	return c, nil
}

func bound(at netip.AddrPort, shared bool) (*rawConn, error) {
	family, sockaddr := syscall.AF_INET, syscall.Sockaddr(nil)
	if at.Addr().Is4() {
		sockaddr = &syscall.SockaddrInet4{Port: int(at.Port()), Addr: at.Addr().As4()}
	} else {
		family = syscall.AF_INET6
		sockaddr = &syscall.SockaddrInet6{Port: int(at.Port()), Addr: at.Addr().As16()}
	}
	fd, err := syscall.Socket(family, syscall.SOCK_DGRAM|syscall.SOCK_NONBLOCK|syscall.SOCK_CLOEXEC, 0)
	if err != nil {
		return nil, fmt.Errorf("open socket: %w", err)
	}
	_ = syscall.SetsockoptInt(fd, syscall.SOL_SOCKET, syscall.SO_RCVBUF, receiveBuffer) // the default serves too
	if shared {
		_ = syscall.SetsockoptInt(fd, syscall.SOL_SOCKET, syscall.SO_REUSEADDR, 1) // without it bind says so
	}
	if family == syscall.AF_INET {
		_ = syscall.SetsockoptInt(fd, syscall.IPPROTO_IP, syscall.IP_TOS, expedited)
	} else {
		_ = syscall.SetsockoptInt(fd, syscall.IPPROTO_IPV6, syscall.IPV6_TCLASS, expedited)
	}
	if err := syscall.Bind(fd, sockaddr); err != nil {
		_ = syscall.Close(fd)
		return nil, fmt.Errorf("bind %s: %w", at, err)
	}
	return &rawConn{fd: uintptr(fd), v6: family == syscall.AF_INET6}, nil
}

func (c *rawConn) Read(b []byte) (int, netip.AddrPort, bool) {
	c.nameLen = uint32(len(c.name))
	n, _, errno := syscall.RawSyscall6(syscall.SYS_RECVFROM, c.fd, uintptr(unsafe.Pointer(&b[0])), uintptr(len(b)), 0,
		uintptr(unsafe.Pointer(&c.name)), uintptr(unsafe.Pointer(&c.nameLen)))
	if errno != 0 {
		return 0, netip.AddrPort{}, false // EAGAIN, or the ICMP answer to something we sent
	}
	port := binary.BigEndian.Uint16(c.name[2:])
	if c.v6 {
		return int(n), netip.AddrPortFrom(netip.AddrFrom16([16]byte(c.name[8:24])), port), true
	}
	return int(n), netip.AddrPortFrom(netip.AddrFrom4([4]byte(c.name[4:8])), port), true
}

func (c *rawConn) Write(b []byte, to netip.AddrPort) bool {
	var name, size uintptr
	if !c.connected {
		size = c.put(to)
		if size == 0 {
			return false
		}
		name = uintptr(unsafe.Pointer(&c.name))
	}
	for range 2 { // the first may report an ICMP error of the packet before
		_, _, errno := syscall.RawSyscall6(syscall.SYS_SENDTO, c.fd, uintptr(unsafe.Pointer(&b[0])), uintptr(len(b)), 0, name, size)
		if errno == 0 {
			return true
		}
		if errno != syscall.ECONNREFUSED {
			return false
		}
	}
	return false
}

// put writes the sockaddr of to and returns its length; 0 when it is of the other family.
func (c *rawConn) put(to netip.AddrPort) uintptr {
	if !to.IsValid() || to.Addr().Is4() == c.v6 {
		return 0
	}
	binary.BigEndian.PutUint16(c.name[2:], to.Port())
	if c.v6 {
		binary.NativeEndian.PutUint16(c.name[:], syscall.AF_INET6)
		clear(c.name[4:8])
		clear(c.name[24:])
		a := to.Addr().As16()
		copy(c.name[8:], a[:])
		return syscall.SizeofSockaddrInet6
	}
	binary.NativeEndian.PutUint16(c.name[:], syscall.AF_INET)
	a := to.Addr().As4()
	copy(c.name[4:], a[:])
	clear(c.name[8:16])
	return syscall.SizeofSockaddrInet4
}

func (c *rawConn) Connect(to netip.AddrPort) bool {
	if !to.IsValid() && !c.connected {
		return true // there is nobody to part from
	}
	size := uintptr(syscall.SizeofSockaddrInet4)
	if to.IsValid() {
		if size = c.put(to); size == 0 {
			return false
		}
	} else {
		clear(c.name[:]) // AF_UNSPEC: part; the bound address and port stay
	}
	_, _, errno := syscall.RawSyscall(syscall.SYS_CONNECT, c.fd, uintptr(unsafe.Pointer(&c.name)), size)
	c.connected = errno == 0 && to.IsValid()
	return errno == 0
}

func (c *rawConn) Close() {
	_, _, _ = syscall.RawSyscall(syscall.SYS_CLOSE, c.fd, 0, 0)
}

type epoll struct {
	fd     uintptr
	events [256]syscall.EpollEvent
}

// NewPoller makes a poller that watches nothing yet.
func NewPoller() (Poller, error) {
	fd, err := syscall.EpollCreate1(syscall.EPOLL_CLOEXEC)
	if err != nil {
		return nil, fmt.Errorf("create epoll: %w", err)
	}
	return &epoll{fd: uintptr(fd)}, nil
}

// Add watches level-triggered: one read a tick for each socket that has something costs one call less than reading to EAGAIN.
func (e *epoll) Add(c Conn, token int32) error {
	e.events[0] = syscall.EpollEvent{Events: syscall.EPOLLIN, Fd: token}
	_, _, errno := syscall.RawSyscall6(syscall.SYS_EPOLL_CTL, e.fd, syscall.EPOLL_CTL_ADD, c.(*rawConn).fd,
		uintptr(unsafe.Pointer(&e.events[0])), 0, 0)
	if errno != 0 {
		return fmt.Errorf("watch socket: %w", errno)
	}
	return nil
}

func (e *epoll) Remove(c Conn, _ int32) {
	_, _, _ = syscall.RawSyscall6(syscall.SYS_EPOLL_CTL, e.fd, syscall.EPOLL_CTL_DEL, c.(*rawConn).fd, uintptr(unsafe.Pointer(&e.events[0])), 0, 0)
}

func (e *epoll) Ready(tokens []int32) int {
	room := min(len(tokens), len(e.events))
	n, _, errno := syscall.RawSyscall6(syscall.SYS_EPOLL_PWAIT, e.fd, uintptr(unsafe.Pointer(&e.events[0])), uintptr(room), 0, 0, 0)
	if errno != 0 {
		return 0
	}
	for i := range int(n) {
		tokens[i] = e.events[i].Fd
	}
	return int(n)
}

// Sleep returns early when a signal comes: the runtime asks for its P with SIGURG.
func (e *epoll) Sleep(ns int64) {
	ts := syscall.NsecToTimespec(ns)
	_, _, _ = syscall.RawSyscall6(syscall.SYS_CLOCK_NANOSLEEP, clockMonotonic, 0, uintptr(unsafe.Pointer(&ts)), 0, 0, 0)
}

func (e *epoll) Close() { _ = syscall.Close(int(e.fd)) }
