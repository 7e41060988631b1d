//go:build linux && (amd64 || arm64)

package transport

import (
	"net"
	"net/netip"
	"strconv"
	"sync"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// Reading and sending never wait (MSG_DONTWAIT), so they are raw: the runtime's monitor takes the P away from a system call that it sees twice
// in 20 µs, and then looks every 20 µs for long. At 140 set-ups a second on a busy machine the monitor took 13 to 17 of 100 of the node's time,
// and 7 to 10 so.

const (
	batchSize = 32
	slot      = 1 << 16
)

// mmsghdr is struct mmsghdr of recvmmsg(2) on 64-bit Linux.
type mmsghdr struct {
	hdr unix.Msghdr
	n   uint32
	_   [4]byte
}

// batch reads up to batchSize datagrams with one system call. The pages of its buffers are touched only as far as datagrams fill them.
type batch struct {
	raw   syscall.RawConn
	msgs  [batchSize]mmsghdr
	iovs  [batchSize]unix.Iovec
	names [batchSize]unix.RawSockaddrInet6
	slab  []byte
	ops   sync.Pool

	take  func(data []byte, from netip.AddrPort) // of the present read
	errno syscall.Errno
	call  func(fd uintptr) bool
}

func newPackets(conn *net.UDPConn) (packets, error) {
	raw, err := conn.SyscallConn()
	if err != nil {
		return nil, err
	}
	b := &batch{raw: raw, slab: make([]byte, batchSize*slot)}
	for i := range b.msgs {
		b.iovs[i].Base = &b.slab[i*slot]
		b.iovs[i].SetLen(slot)
		h := &b.msgs[i].hdr
		h.Name = (*byte)(unsafe.Pointer(&b.names[i]))
		h.Iov = &b.iovs[i]
		h.SetIovlen(1)
	}
	if err := askErrors(raw, conn.LocalAddr().(*net.UDPAddr).AddrPort().Addr().Is4()); err != nil {
		return nil, err
	}
	b.call = b.receive
	b.ops.New = func() any { return newSendOp() }
	return b, nil
}

// receive takes what there is; false makes the poller wait until more comes. A batch that is not full has emptied the socket, and the
// poller tells of each datagram that comes later (it is edge-triggered): to ask once more would be a system call for each message.
func (b *batch) receive(fd uintptr) bool {
	for {
		for i := range b.msgs {
			b.msgs[i].hdr.Namelen = unix.SizeofSockaddrInet6
		}
		n, _, errno := unix.RawSyscall6(unix.SYS_RECVMMSG, fd, uintptr(unsafe.Pointer(&b.msgs[0])), batchSize, unix.MSG_DONTWAIT, 0, 0)
		switch errno {
		case 0:
		case unix.EAGAIN:
			return false
		case unix.EINTR:
			continue
		default:
			b.errno = errno
			return true
		}
		for i := range int(n) {
			if from := fromSockaddr(&b.names[i]); from.IsValid() {
				b.take(b.slab[i*slot:i*slot+int(b.msgs[i].n)], from)
			}
		}
		if int(n) < batchSize {
			return false
		}
	}
}

func (b *batch) read(f func(data []byte, from netip.AddrPort)) error {
	b.take, b.errno = f, 0
	if err := b.raw.Read(b.call); err != nil {
		return err
	}
	if bounced(b.errno) {
		return errBounced
	}
	return b.errno
}

// sendOp is one sendto(2); pooled, so that sending allocates nothing. Unlike reads, writes are not batched: a lane of sip/transaction has
// mostly one message to send when it is awake. At 150 bridged calls a second on a busy machine 98 of 100 turns that sent anything sent one,
// and sendmmsg(2) at the end of each turn would have saved 3 of 100 system calls (12,000 messages in 11,659 turns); a pair sent by one call
// costs 14.0 us in place of 16.2. A writer beside the lanes would gather more, at the price of a wake-up for each message.
type sendOp struct {
	to    unix.RawSockaddrInet6
	len   uintptr
	b     []byte
	errno syscall.Errno
	call  func(fd uintptr) bool
}

func newSendOp() *sendOp {
	op := &sendOp{}
	op.call = op.sendto
	return op
}

// sendto always says it is done: a full socket buffer drops the message, like a full queue anywhere in the network.
func (op *sendOp) sendto(fd uintptr) bool {
	for {
		_, _, op.errno = unix.RawSyscall6(unix.SYS_SENDTO, fd, uintptr(unsafe.Pointer(unsafe.SliceData(op.b))), uintptr(len(op.b)),
			unix.MSG_DONTWAIT|unix.MSG_NOSIGNAL, uintptr(unsafe.Pointer(&op.to)), op.len)
		if op.errno != unix.EINTR {
			return true
		}
	}
}

func (b *batch) send(data []byte, to netip.AddrPort) (earlier bool, err error) {
	op := b.ops.Get().(*sendOp)
	defer b.ops.Put(op)
	op.b = data
	op.len = toSockaddr(&op.to, to)
	err = b.raw.Write(op.call)
	for range 3 { // an error left by an earlier datagram is handed to whoever comes next, once
		if err == nil && bounced(op.errno) {
			earlier = true
			err = b.raw.Write(op.call)
		}
	}
	op.b = nil
	switch {
	case err != nil:
		return earlier, err
	case op.errno == unix.EAGAIN, op.errno == unix.ENOBUFS:
		return earlier, ErrQueueFull
	case op.errno == unix.EMSGSIZE:
		return earlier, ErrTooLarge
	case op.errno != 0:
		return earlier, op.errno
	}
	return earlier, nil
}

// fromSockaddr reads an address the kernel filled in; ports there are in network order whatever the machine.
func fromSockaddr(sa *unix.RawSockaddrInet6) netip.AddrPort {
	port := (*[2]byte)(unsafe.Pointer(&sa.Port))
	p := uint16(port[0])<<8 | uint16(port[1])
	switch sa.Family {
	case unix.AF_INET:
		return netip.AddrPortFrom(netip.AddrFrom4((*unix.RawSockaddrInet4)(unsafe.Pointer(sa)).Addr), p)
	case unix.AF_INET6:
		a := netip.AddrFrom16(sa.Addr)
		if sa.Scope_id != 0 {
			a = a.WithZone(strconv.FormatUint(uint64(sa.Scope_id), 10))
		}
		return netip.AddrPortFrom(a, p)
	}
	return netip.AddrPort{}
}

func toSockaddr(sa *unix.RawSockaddrInet6, to netip.AddrPort) uintptr {
	*sa = unix.RawSockaddrInet6{}
	port := (*[2]byte)(unsafe.Pointer(&sa.Port))
	port[0], port[1] = byte(to.Port()>>8), byte(to.Port())
	if a := to.Addr().Unmap(); a.Is4() {
		sa.Family = unix.AF_INET
		(*unix.RawSockaddrInet4)(unsafe.Pointer(sa)).Addr = a.As4()
		return unix.SizeofSockaddrInet4
	}
	sa.Family = unix.AF_INET6
	sa.Addr = to.Addr().As16()
	if zone, err := strconv.ParseUint(to.Addr().Zone(), 10, 32); err == nil {
		sa.Scope_id = uint32(zone)
	}
	return unix.SizeofSockaddrInet6
}
