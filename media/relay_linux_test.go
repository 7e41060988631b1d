//go:build linux && (amd64 || arm64) && !portable

package media

import (
	"fmt"
	"net/netip"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"hotline/media/codec"
	"hotline/media/rtp"
	"hotline/media/srtp"

	"hotline/media/socket"
)

const rusageThread = 1

// threadTime is the CPU time that the shard's thread has used.
func threadTime(tb testing.TB, s *Stream) time.Duration {
	tb.Helper()
	got := make(chan time.Duration, 1)
	s.post(func(*Stream) {
		var u syscall.Rusage
		_ = syscall.Getrusage(rusageThread, &u)
		got <- time.Duration(u.Utime.Nano() + u.Stime.Nano())
	})
	select {
	case d := <-got:
		return d
	case <-time.After(patient):
		tb.Fatal("shard does not answer")
		return 0
	}
}

// phones are the other ends of many streams, one socket each, driven by one goroutine.
type phones struct {
	conns []socket.Conn
	to    []netip.AddrPort
	keys  []*srtp.Out // of each phone; nil: plain
	began time.Time   // when they sent first
	sent  atomic.Uint64
	heard atomic.Uint64
}

// drive sends 50 packets a second from each phone, spread over the 20 ms, and reads what comes. It ends with stop; a later drive goes on
// where the phones would be had they not paused.
func (p *phones) drive(stop <-chan struct{}) {
	const steps = 20
	b, in, sealed := make([]byte, 172), make([]byte, 2048), make([]byte, 256)
	if p.began.IsZero() {
		p.began = time.Now()
	}
	for step := int(time.Since(p.began) / (20 * time.Millisecond / steps)); ; step++ {
		select {
		case <-stop:
			return
		case <-time.After(time.Until(p.began.Add(time.Duration(step) * 20 * time.Millisecond / steps))):
		}
		for i := step % steps; i < len(p.conns); i += steps {
			n := step / steps
			rtp.Header{PayloadType: 8, Sequence: uint16(n), Timestamp: uint32(n * 160), SSRC: uint32(i + 1)}.Put(b)
			if p.to != nil && p.conns[i].Write(p.seal(i, b, sealed), p.to[i]) {
				p.sent.Add(1)
			}
			for {
				if _, _, ok := p.conns[i].Read(in); !ok {
					break
				}
				p.heard.Add(1)
			}
		}
	}
}

// seal is a phone's packet as it goes out.
func (p *phones) seal(i int, b, room []byte) []byte {
	if i >= len(p.keys) || p.keys[i] == nil {
		return b
	}
	sealed, err := p.keys[i].RTP(room, b)
	if err != nil {
		return b
	}
	return sealed
}

func (p *phones) add(tb testing.TB) netip.AddrPort {
	tb.Helper()
	here := netip.MustParseAddr("127.0.0.1")
	ports, err := socket.NewPorts(here, 50_000, 59_999, 1<<20)
	if err != nil {
		tb.Fatal(err)
	}
	c, port, err := ports.Bind()
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(c.Close)
	p.conns = append(p.conns, c)
	return netip.AddrPortFrom(here, port)
}

// measure runs the phones for so long and reports the shard's CPU for each packet it sent.
func measure(b *testing.B, e *Engine, s *Stream, p *phones, length time.Duration) {
	stop, done := make(chan struct{}), make(chan struct{})
	go func() { p.drive(stop); close(done) }()
	<-time.After(500 * time.Millisecond) // latching and connecting is over
	cpu, out, ticks := threadTime(b, s), e.Load().PacketsOut, e.Load().Ticks
	<-time.After(length)
	cpu, out, ticks = threadTime(b, s)-cpu, e.Load().PacketsOut-out, e.Load().Ticks-ticks
	close(stop)
	<-done
	l := e.Load()
	b.ReportMetric(float64(cpu.Microseconds())/float64(out), "µs/packet")
	b.ReportMetric(float64(out)/length.Seconds(), "packets/s")
	b.ReportMetric(float64(ticks)/length.Seconds(), "ticks/s")
	b.ReportMetric(float64(l.LateP99.Microseconds())/1000, "late-p99-ms")
	b.ReportMetric(0, "ns/op")
}

// BenchmarkRelay is bridged calls over real sockets on loopback; the CPU is that of the shard's thread, kernel included.
func BenchmarkRelay(b *testing.B) {
	for _, calls := range []int{50, 100, 200} {
		b.Run(fmt.Sprint(calls), func(b *testing.B) {
			for b.Loop() {
				e, stop := start(b, Config{Shards: 1})
				p := &phones{}
				var last *Stream
				for range calls {
					var legs [2]*Stream
					for i := range legs {
						s, err := e.Open(last, nil)
						if err != nil {
							b.Fatal(err)
						}
						s.Set(plainParams(p.add(b)))
						p.to = append(p.to, s.Addr())
						legs[i], last = s, s
					}
					legs[0].Bridge(legs[1])
				}
				measure(b, e, last, p, 3*time.Second)
				stop()
			}
		})
	}
}

// BenchmarkRelaySRTP is 100 bridged calls of which one leg, or both, are protected: what they cost against plain ones of the same run.
func BenchmarkRelaySRTP(b *testing.B) {
	for _, row := range []struct {
		name   string
		suites [2]srtp.Suite
	}{
		{"plain", [2]srtp.Suite{}}, {"GCM-plain", [2]srtp.Suite{srtp.GCM128}}, {"GCM-GCM", [2]srtp.Suite{srtp.GCM128, srtp.GCM128}},
		{"SHA80-plain", [2]srtp.Suite{srtp.SHA80}}, {"SHA80-SHA80", [2]srtp.Suite{srtp.SHA80, srtp.SHA80}},
	} {
		b.Run(row.name, func(b *testing.B) {
			for b.Loop() {
				e, stop := start(b, Config{Shards: 1})
				p := &phones{}
				var last *Stream
				for range 100 {
					var legs [2]*Stream
					for i := range legs {
						s, err := e.Open(last, nil)
						if err != nil {
							b.Fatal(err)
						}
						s.Set(p.secured(b, plainParams(p.add(b)), row.suites[i]))
						p.to = append(p.to, s.Addr())
						legs[i], last = s, s
					}
					legs[0].Bridge(legs[1])
				}
				measure(b, e, last, p, 3*time.Second)
				stop()
			}
		})
	}
}

// secured gives the newest phone and its stream keys of a suite.
func (p *phones) secured(tb testing.TB, params Params, suite srtp.Suite) Params {
	tb.Helper()
	if suite == srtp.None {
		p.keys = append(p.keys, nil)
		return params
	}
	params.In, params.Out = srtp.NewKey(suite), srtp.NewKey(suite)
	seal, err := srtp.NewOut(params.In)
	if err != nil {
		tb.Fatal(err)
	}
	p.keys = append(p.keys, seal)
	return params
}

// BenchmarkPlay is announcements to phones that only listen.
func BenchmarkPlay(b *testing.B) {
	sound := toneSound(500, time.Second)
	for _, streams := range []int{100, 400} {
		b.Run(fmt.Sprint(streams), func(b *testing.B) {
			for b.Loop() {
				e, stop := start(b, Config{Shards: 1})
				p := &phones{}
				var last *Stream
				for range streams {
					s, err := e.Open(last, nil)
					if err != nil {
						b.Fatal(err)
					}
					s.Set(Params{Remote: p.add(b), Codec: codec.PCMA, PayloadType: 8, Send: true})
					s.Play(Playback{Sounds: []*Sound{sound}, Loop: true})
					last = s
				}
				measure(b, e, last, p, 3*time.Second)
				stop()
			}
		})
	}
}

// TestShardKeepsUp: fifty bridged calls lose nothing and every tick comes.
func TestShardKeepsUp(t *testing.T) {
	e, _ := start(t, Config{Shards: 1})
	p := &phones{}
	var last *Stream
	for range 50 {
		a, err := e.Open(last, nil)
		if err != nil {
			t.Fatal(err)
		}
		b, err := e.Open(a, nil)
		if err != nil {
			t.Fatal(err)
		}
		a.Set(plainParams(p.add(t)))
		b.Set(plainParams(p.add(t)))
		p.to = append(p.to, a.Addr(), b.Addr())
		a.Bridge(b)
		last = b
	}
	shutUp, done := make(chan struct{}), make(chan struct{})
	go func() { p.drive(shutUp); close(done) }()
	<-time.After(time.Second)
	close(shutUp)
	<-done
	for _, s := range e.shards[0].streams[:2] {
		if q := shut(t, s); q.Lost > 0 || q.Strangers > 0 {
			t.Errorf("quality %+v", q)
		}
	}
	sent := p.sent.Load()
	if out := e.Load().PacketsOut; out+200 < sent {
		t.Errorf("%d packets forwarded of %d", out, sent)
	}
}
