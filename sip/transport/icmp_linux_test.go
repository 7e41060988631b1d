//go:build linux && (amd64 || arm64)

package transport

import (
	"encoding/binary"
	"errors"
	"net"
	"net/netip"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"hotline/sip/transport/guard"
)

// deadPort is a UDP port of a host that nobody listens on any more.
func deadPort(t *testing.T, host string) netip.AddrPort {
	t.Helper()
	c, err := net.ListenPacket("udp", net.JoinHostPort(host, "0"))
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	return c.LocalAddr().(*net.UDPAddr).AddrPort()
}

type bounce struct {
	to  Peer
	raw string
	err error
}

func TestDeadPhoneIsReportedAtOnce(t *testing.T) {
	for _, host := range []string{"127.0.0.1", "::1"} {
		t.Run(host, func(t *testing.T) {
			got := make(chan bounce, 10)
			addr := netip.AddrPortFrom(netip.MustParseAddr(host), 0)
			n := start(t, Config{UDP: []netip.AddrPort{addr}, Failed: func(to Peer, raw []byte, err error) { got <- bounce{to, string(raw), err} }})
			dead := deadPort(t, host)
			long := options("dead", strings.Repeat("x", 1000))
			if err := n.Send(Peer{Network: "udp", Addr: dead}, []byte(long)); err != nil {
				t.Fatal(err)
			}
			select {
			case b := <-got:
				if b.to.Addr != dead || b.to.Local != n.Addrs("udp")[0] || !errors.Is(b.err, ErrUnreachable) || !errors.Is(b.err, unix.ECONNREFUSED) {
					t.Errorf("got %+v", b)
				}
				if !strings.HasPrefix(long, b.raw) || len(b.raw) < 200 {
					t.Errorf("quoted %d octets: %.60q", len(b.raw), b.raw)
				}
			case <-time.After(patience):
				t.Fatal("nobody was told")
			}
			if got := n.Counters().Bounced; got != 1 {
				t.Errorf("counted %d", got)
			}
		})
	}
}

// The error of a dead phone is handed to whoever uses the socket next; a message to another phone must not suffer.
func TestDeadPhoneDoesNotHurtOthers(t *testing.T) {
	n, other := start(t, Config{}), start(t, Config{Guard: guard.Config{Trusted: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}}})
	dead := Peer{Network: "udp", Addr: deadPort(t, "127.0.0.1")}
	alive := Peer{Network: "udp", Addr: other.Addrs("udp")[0]}
	const rounds = 300
	var wg sync.WaitGroup
	for _, to := range []Peer{dead, alive} {
		wg.Go(func() {
			for range rounds {
				if err := n.Send(to, []byte(options("x", ""))); err != nil {
					t.Errorf("send to %s: %v", to.Addr, err)
				}
			}
		})
	}
	wg.Wait()
	for range rounds {
		other.next(t)
	}
	waitUntil(t, "reported", func() bool { return n.Counters().Bounced > 0 })
	c := dialUDP(t, n) // and the reader still reads
	write(t, c, options("after", ""))
	n.next(t)
}

func TestOnlyUnreachableCounts(t *testing.T) {
	for name, row := range map[string]struct {
		level, kind     int32
		origin, typ, co byte
		want            syscall.Errno
	}{
		"port":            {unix.IPPROTO_IP, unix.IP_RECVERR, unix.SO_EE_ORIGIN_ICMP, 3, 3, unix.ECONNREFUSED},
		"host":            {unix.IPPROTO_IP, unix.IP_RECVERR, unix.SO_EE_ORIGIN_ICMP, 3, 1, unix.ECONNREFUSED},
		"port, IPv6":      {unix.IPPROTO_IPV6, unix.IPV6_RECVERR, unix.SO_EE_ORIGIN_ICMP6, 1, 4, unix.ECONNREFUSED},
		"too large":       {unix.IPPROTO_IP, unix.IP_RECVERR, unix.SO_EE_ORIGIN_ICMP, 3, 4, 0},
		"too large, IPv6": {unix.IPPROTO_IPV6, unix.IPV6_RECVERR, unix.SO_EE_ORIGIN_ICMP6, 2, 0, 0},
		"time exceeded":   {unix.IPPROTO_IP, unix.IP_RECVERR, unix.SO_EE_ORIGIN_ICMP, 11, 0, 0},
		"our own":         {unix.IPPROTO_IP, unix.IP_RECVERR, unix.SO_EE_ORIGIN_LOCAL, 0, 0, 0},
		"something else":  {unix.SOL_SOCKET, unix.SCM_RIGHTS, unix.SO_EE_ORIGIN_ICMP, 3, 3, 0},
	} {
		oob := make([]byte, unix.CmsgSpace(16))
		binary.NativeEndian.PutUint64(oob, uint64(unix.CmsgLen(16)))
		binary.NativeEndian.PutUint32(oob[8:], uint32(row.level))
		binary.NativeEndian.PutUint32(oob[12:], uint32(row.kind))
		binary.NativeEndian.PutUint32(oob[16:], uint32(unix.ECONNREFUSED))
		oob[20], oob[21], oob[22] = row.origin, row.typ, row.co
		if got := unreachable(oob); got != row.want {
			t.Errorf("%s: got %v, want %v", name, got, row.want)
		}
	}
	if got := unreachable([]byte{1, 2, 3}); got != 0 {
		t.Errorf("junk: got %v", got)
	}
}
