//go:build linux && (amd64 || arm64) && !portable

package media

import (
	"encoding/binary"
	"net"
	"net/netip"
	"syscall"
	"testing"
	"time"

	"hotline/media/codec"
	"hotline/media/rtp"
	"hotline/media/srtp"
)

// port is the port that browsers share, as whoever runs ICE holds it.
func sharedPort(t testing.TB) *net.UDPConn {
	t.Helper()
	config := net.ListenConfig{Control: func(_, _ string, c syscall.RawConn) error {
		return c.Control(func(fd uintptr) { _ = syscall.SetsockoptInt(int(fd), syscall.SOL_SOCKET, syscall.SO_REUSEADDR, 1) })
	}}
	c, err := config.ListenPacket(t.Context(), "udp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c.(*net.UDPConn)
}

func caller(t *testing.T) *net.UDPConn {
	t.Helper()
	c, err := net.ListenUDP("udp4", net.UDPAddrFromAddrPort(netip.MustParseAddrPort("127.0.0.1:0")))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

func addrOf(c *net.UDPConn) netip.AddrPort { return c.LocalAddr().(*net.UDPAddr).AddrPort() }

// heard reads a datagram, or fails after half a minute.
func heard(t *testing.T, c *net.UDPConn) (string, netip.AddrPort) {
	t.Helper()
	b := make([]byte, 2000)
	_ = c.SetReadDeadline(time.Now().Add(30 * time.Second))
	n, from, err := c.ReadFromUDPAddrPort(b)
	if err != nil {
		t.Fatal(err)
	}
	return string(b[:n]), from
}

func sound(seq uint16, ssrc uint32) []byte {
	b := make([]byte, rtp.HeaderLen+160)
	h := rtp.Header{PayloadType: codec.PCMA.PayloadType(), Sequence: seq, Timestamp: uint32(seq) * 160, SSRC: ssrc}
	h.Put(b)
	return b
}

func TestStreamOnASharedPort(t *testing.T) {
	e, _ := start(t, Config{PortMin: 21000, PortMax: 21099, Shards: 1})

	port, ours, other := sharedPort(t), caller(t), caller(t)
	stream, err := e.OpenShared(nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	foreign := make(chan string, 8)
	stream.Set(Params{Remote: addrOf(ours), RemoteRTCP: addrOf(ours), Codec: codec.PCMA, PayloadType: 8, Send: true, Receive: true, Mux: true})
	stream.Echo(true)
	stream.Plug(addrOf(port), addrOf(ours), func(b []byte, from netip.AddrPort) { foreign <- string(b) + from.String() })
	send := func(c *net.UDPConn, b []byte) {
		if _, err := c.WriteToUDPAddrPort(b, addrOf(port)); err != nil {
			t.Fatal(err)
		}
	}
	// Until the socket is there packets go to the port: sound is lost then, as before ICE is done.
	for seq := uint16(0); ; seq++ {
		send(ours, sound(seq, 7))
		_ = ours.SetReadDeadline(time.Now().Add(20 * time.Millisecond))
		b := make([]byte, 2000)
		if n, from, err := ours.ReadFromUDPAddrPort(b); err == nil {
			if from != addrOf(port) || n != rtp.HeaderLen+160 {
				t.Fatalf("echo of %d octets from %s, want 172 from %s", n, from, addrOf(port))
			}
			break
		}
		if seq > 200 {
			t.Fatal("the stream never took its packets")
		}
	}
	send(ours, []byte{0, 1, 's', 't', 'u', 'n'})
	if got, want := <-foreign, "\x00\x01stun"+addrOf(ours).String(); got != want {
		t.Errorf("foreign heard %q, want %q", got, want)
	}
	send(other, []byte("someone else"))
	for {
		got, from := heard(t, port)
		if from == addrOf(other) {
			if got != "someone else" {
				t.Errorf("the port heard %q", got)
			}
			break
		}
	}
	quality := make(chan Quality, 1)
	stream.Close(func(q Quality) { quality <- q })
	if q := <-quality; q.Received == 0 || q.Sent == 0 {
		t.Errorf("quality = %+v, want packets both ways", q)
	}
	send(ours, []byte("after the end"))
	for {
		if got, from := heard(t, port); from == addrOf(ours) && got == "after the end" {
			break
		}
	}
	if l := e.Load(); l.PortsUsed != 0 {
		t.Errorf("%d ports used, want 0", l.PortsUsed)
	}
}

func TestSharedPortThatCannotBeHad(t *testing.T) {
	e, _ := start(t, Config{PortMin: 21100, PortMax: 21199, Shards: 1})
	taken := caller(t) // without SO_REUSEADDR
	events := make(chan Event, 4)
	stream, err := e.OpenShared(nil, func(ev Event) { events <- ev })
	if err != nil {
		t.Fatal(err)
	}
	stream.Plug(addrOf(taken), netip.MustParseAddrPort("127.0.0.1:9"), func([]byte, netip.AddrPort) {})
	if ev, ok := (<-events).(Failed); !ok || ev.Why == "" {
		t.Errorf("event = %+v, want Failed with a reason", ev)
	}
}

// A stream that moves to another shard goes on as it was: its peer hears one source whose numbers go on, and the count of the peer's own rounds
// (RFC 3711 section 3.3.1) comes along.
func TestSharedStreamIsRehomed(t *testing.T) {
	e, _ := start(t, Config{PortMin: 21200, PortMax: 21299, Shards: 2})
	near, err1 := e.OpenShared(nil, nil)
	stream, err2 := e.OpenShared(nil, nil)
	if err1 != nil || err2 != nil || stream.Beside(near) {
		t.Fatal("no two streams on two shards", err1, err2)
	}
	port, ours := sharedPort(t), caller(t)
	in, out := srtp.NewKey(srtp.SHA80), srtp.NewKey(srtp.SHA80)
	seal, err1 := srtp.NewOut(in)
	open, err2 := srtp.NewIn(out, nil)
	if err1 != nil || err2 != nil {
		t.Fatal(err1, err2)
	}
	stream.Set(Params{
		Remote: addrOf(ours), RemoteRTCP: addrOf(ours), Codec: codec.PCMA, PayloadType: 8, Send: true, Receive: true, Mux: true, In: in, Out: out,
	})
	stream.Plug(addrOf(port), addrOf(ours), func([]byte, netip.AddrPort) {})
	seq := uint16(65520) // the peer's numbers begin anew soon
	echoes := func(s *Stream) (last rtp.Header) {
		s.Echo(true)
		b := make([]byte, 2000)
		for n, limit := 0, time.Now().Add(30*time.Second); n < 40; seq++ {
			plain := sound(seq, 7)
			wire, err := seal.RTP(make([]byte, len(plain)+srtp.Overhead), plain)
			if err == nil {
				_, err = ours.WriteToUDPAddrPort(wire, addrOf(port))
			}
			if err != nil || time.Now().After(limit) {
				t.Fatalf("%d echoes, %v", n, err)
			}
			_ = ours.SetReadDeadline(time.Now().Add(20 * time.Millisecond))
			got, _, err := ours.ReadFromUDPAddrPort(b)
			if err != nil {
				continue
			}
			if report, err := open.RTCP(make([]byte, 2000), b[:got]); err == nil && saysBye(report) {
				t.Error("the peer was told that the source has ended")
			}
			if heard, err := open.RTP(make([]byte, 2000), b[:got]); err == nil {
				var p rtp.Packet
				if p.Read(heard) == nil {
					n, last = n+1, p.Header
				}
			}
		}
		return last
	}
	before := echoes(stream)
	next, err := stream.Rehome(near)
	if err != nil || !next.Beside(near) {
		t.Fatalf("the stream does not live beside the other: %v", err)
	}
	after := echoes(next)
	if step := after.Sequence - before.Sequence; after.SSRC != before.SSRC || step == 0 || step > 1000 {
		t.Errorf("after %+v comes %+v, which is no going on", before, after)
	}
	quality := make(chan Quality, 1)
	next.Close(func(q Quality) { quality <- q })
	if q := <-quality; q.Received < 80 || q.Forged != 0 {
		t.Errorf("quality = %+v, want the packets of before too and none forged", q)
	}
}

// saysBye says whether a compound packet has a BYE (RFC 3550 section 6.6).
func saysBye(compound []byte) bool {
	for len(compound) >= 4 {
		if compound[1] == 203 {
			return true
		}
		compound = compound[min(len(compound), 4+4*int(binary.BigEndian.Uint16(compound[2:]))):]
	}
	return false
}
