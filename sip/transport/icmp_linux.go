//go:build linux && (amd64 || arm64)

package transport

import (
	"encoding/binary"
	"net/netip"
	"strconv"
	"syscall"

	"golang.org/x/sys/unix"
)

// askErrors makes the kernel keep the ICMP errors that answer our datagrams, with the beginning of the datagram each is about. The
// kernel has checked that it is one from this port; a forger off the path would have to guess its branch as well.
func askErrors(raw syscall.RawConn, v4 bool) error {
	level, option := unix.IPPROTO_IPV6, unix.IPV6_RECVERR
	if v4 {
		level, option = unix.IPPROTO_IP, unix.IP_RECVERR
	}
	var err error
	if e := raw.Control(func(fd uintptr) { err = unix.SetsockoptInt(int(fd), level, option, 1) }); e != nil {
		return e
	}
	return err
}

// bounced says that a system call failed for an earlier datagram to whomever, not for what it was asked to do.
func bounced(errno syscall.Errno) bool {
	switch errno {
	case unix.ECONNREFUSED, unix.EHOSTUNREACH, unix.ENETUNREACH, unix.EHOSTDOWN, unix.ENOPROTOOPT, unix.EPROTO, unix.EACCES,
		unix.EMSGSIZE, unix.EOPNOTSUPP, unix.ENONET:
		return true
	default:
		return false
	}
}

// mostErrors bounds one look into the error queue; the kernel says so again when more is left.
const mostErrors = 64

// errors empties the queue of errors and calls f for each datagram that cannot arrive.
func (b *batch) errors(f func(start []byte, to netip.AddrPort, err error)) {
	_ = b.raw.Control(func(fd uintptr) { // an error means that the socket is closed
		data, oob := make([]byte, 2048), make([]byte, 512)
		for range mostErrors {
			n, oobn, _, from, err := unix.Recvmsg(int(fd), data, oob, unix.MSG_ERRQUEUE|unix.MSG_DONTWAIT)
			if err != nil {
				return
			}
			if errno := unreachable(oob[:oobn]); errno != 0 {
				f(data[:n], addrOf(from), errno)
			}
		}
	})
}

// unreachable reads the extended error: 0 unless the destination, its port or protocol is out of reach (RFC 792, RFC 4443 3.1). Too
// large a datagram, source quench and time exceeded are no reason to give up (RFC 3261 18.4).
func unreachable(oob []byte) syscall.Errno {
	all, err := unix.ParseSocketControlMessage(oob)
	if err != nil {
		return 0
	}
	for _, m := range all {
		v4 := m.Header.Level == unix.IPPROTO_IP && m.Header.Type == unix.IP_RECVERR
		v6 := m.Header.Level == unix.IPPROTO_IPV6 && m.Header.Type == unix.IPV6_RECVERR
		if len(m.Data) < 8 || !v4 && !v6 {
			continue
		}
		errno := syscall.Errno(binary.NativeEndian.Uint32(m.Data))
		switch origin, kind, code := m.Data[4], m.Data[5], m.Data[6]; {
		case origin == unix.SO_EE_ORIGIN_ICMP && kind == 3 && code != 4, origin == unix.SO_EE_ORIGIN_ICMP6 && kind == 1:
			return errno
		}
	}
	return 0
}

func addrOf(sa unix.Sockaddr) netip.AddrPort {
	switch sa := sa.(type) {
	case *unix.SockaddrInet4:
		return netip.AddrPortFrom(netip.AddrFrom4(sa.Addr), uint16(sa.Port)) //nolint:gosec // a port
	case *unix.SockaddrInet6:
		a := netip.AddrFrom16(sa.Addr)
		if sa.ZoneId != 0 {
			a = a.WithZone(strconv.FormatUint(uint64(sa.ZoneId), 10))
		}
		return netip.AddrPortFrom(a, uint16(sa.Port)) //nolint:gosec // a port
	}
	return netip.AddrPort{}
}
