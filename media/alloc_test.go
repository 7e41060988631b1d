package media

import (
	"net/netip"
	"testing"
	"time"

	"hotline/media/codec"
	"hotline/media/rtp"
	"hotline/media/tape"
)

// nullConn takes everything and forgets it.
type nullConn struct{ sent int }

func (c *nullConn) Read([]byte) (int, netip.AddrPort, bool) { return 0, netip.AddrPort{}, false }
func (c *nullConn) Write([]byte, netip.AddrPort) bool       { c.sent++; return true }
func (c *nullConn) Connect(netip.AddrPort) bool             { return true }
func (c *nullConn) Close()                                  {}

// pair is a bridge over sockets that cost nothing.
func pair(tb testing.TB, caller, agent codec.Kind) (sh *shard, a, b *Stream, from netip.AddrPort) {
	tb.Helper()
	e, err := New(Config{Addr: netip.MustParseAddr("127.0.0.1"), Shards: 1, Logger: quiet()})
	if err != nil {
		tb.Fatal(err)
	}
	sh = e.shards[0]
	sh.poll.Close()
	sh.poll = &wires{}
	from = netip.MustParseAddrPort(callerAt)
	make1 := func(law codec.Kind, remote string) *Stream {
		port, err := e.ports.Take()
		if err != nil {
			tb.Fatal(err)
		}
		s := newStream(sh, &nullConn{}, &nullConn{}, netip.AddrPortFrom(e.config.Addr, port), nil)
		s.slot = int32(len(sh.streams))
		sh.streams = append(sh.streams, s)
		s.set(Params{Remote: netip.MustParseAddrPort(remote), Codec: law, PayloadType: law.PayloadType(), EventType: 101, Send: true, Receive: true})
		return s
	}
	a, b = make1(caller, callerAt), make1(agent, agentAt)
	a.bridge(b)
	return sh, a, b, from
}

// feeder makes the same packet again and again with the next numbers.
type feeder struct {
	h    rtp.Header
	b    []byte
	step uint32
}

func newFeeder(kind codec.Kind) *feeder {
	f := &feeder{h: rtp.Header{PayloadType: kind.PayloadType(), SSRC: 1}, b: make([]byte, 172), step: uint32(kind.ClockRate() / 50)}
	if kind == codec.Opus {
		f.b = f.b[:60]
		f.b[rtp.HeaderLen] = 1 << 3 // 20 ms of SILK; what follows decodes to something
	}
	return f
}

func (f *feeder) next() []byte {
	f.h.Sequence++
	f.h.Timestamp += f.step
	f.h.Put(f.b)
	return f.b
}

func TestPacketPathAllocatesNothing(t *testing.T) {
	for _, row := range []struct {
		name          string
		caller, agent codec.Kind
		tap           bool
	}{
		{"pass", codec.PCMA, codec.PCMA, false},
		{"transcode", codec.PCMU, codec.PCMA, false},
		{"record", codec.PCMU, codec.PCMU, true},
	} {
		sh, a, b, from := pair(t, row.caller, row.agent)
		if row.tap {
			a.tapTo(tape.New(64), tape.Left)
		}
		f := newFeeder(row.caller)
		got := testing.AllocsPerRun(1000, func() {
			sh.now += int64(20 * time.Millisecond)
			a.arrived(f.next(), from)
		})
		if got != 0 || b.rtp.(*nullConn).sent < 1000 {
			t.Errorf("%s: %v allocations a packet, %d sent", row.name, got, b.rtp.(*nullConn).sent)
		}
	}
}

func TestPlayAllocatesNothing(t *testing.T) {
	sh, a, _, _ := pair(t, codec.PCMA, codec.PCMA)
	a.startPlay(Playback{Sounds: []*Sound{toneSound(500, 90*time.Millisecond)}, Loop: true})
	got := testing.AllocsPerRun(1000, func() {
		sh.now += int64(2 * time.Millisecond)
		sh.wheel.advance(sh.now, sh.fire)
	})
	if got != 0 {
		t.Errorf("%v allocations a tick", got)
	}
}

func TestReportAllocatesNothing(t *testing.T) {
	sh, a, _, from := pair(t, codec.PCMA, codec.PCMA)
	a.arrived(newFeeder(codec.PCMA).next(), from)
	in := rtp.AppendReport(nil, 1, &rtp.Sender{NTP: 1 << 32}, rtp.Block{SSRC: a.out.ssrc})
	got := testing.AllocsPerRun(100, func() {
		sh.now += int64(5 * time.Second)
		a.sendReport(sh.now)
		a.reportFrom(in, from)
	})
	if got != 0 {
		t.Errorf("%v allocations a report", got)
	}
}

func BenchmarkForward(b *testing.B) {
	for _, row := range []struct {
		name          string
		caller, agent codec.Kind
		tap           bool
	}{
		{"pass", codec.PCMA, codec.PCMA, false},
		{"transcode", codec.PCMU, codec.PCMA, false},
		{"record", codec.PCMA, codec.PCMA, true},
	} {
		b.Run(row.name, func(b *testing.B) {
			sh, a, _, from := pair(b, row.caller, row.agent)
			tap := tape.New(64)
			if row.tap {
				a.tapTo(tap, tape.Left)
			}
			f := newFeeder(row.caller)
			var frame tape.Frame
			b.ReportAllocs()
			for b.Loop() {
				sh.now += int64(20 * time.Millisecond)
				a.arrived(f.next(), from)
				tap.Read(&frame)
			}
		})
	}
}
