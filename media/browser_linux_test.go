//go:build linux && (amd64 || arm64) && !portable

package media

import (
	"net/netip"
	"slices"
	"testing"
	"time"

	"hotline/media/srtp"
)

// side is an engine of one shard with bridged calls whose legs are all alike.
type side struct {
	engine *Engine
	last   *Stream
	phones phones
	costs  []float64 // µs of the shard's thread for a packet, of each window
}

const (
	sideCalls = 100
	windows   = 8
	window    = time.Second
)

// plainSide is calls between phones.
func plainSide(b *testing.B) *side {
	s := &side{}
	s.engine, _ = start(b, Config{Shards: 1, PortMin: 40_000, PortMax: 44_999})
	s.fill(b, func(near *Stream) (*Stream, netip.AddrPort) {
		stream, err := s.engine.Open(near, nil)
		if err != nil {
			b.Fatal(err)
		}
		stream.Set(s.phones.secured(b, plainParams(s.phones.add(b)), srtp.None))
		return stream, stream.Addr()
	})
	return s
}

// browserSide is calls between browsers: all on one port, STUN told from sound, RTCP beside the sound, SRTP.
func browserSide(b *testing.B, suite srtp.Suite) *side {
	s := &side{}
	s.engine, _ = start(b, Config{Shards: 1, PortMin: 45_000, PortMax: 49_999})
	port := addrOf(sharedPort(b))
	s.fill(b, func(near *Stream) (*Stream, netip.AddrPort) {
		stream, err := s.engine.OpenShared(near, nil)
		if err != nil {
			b.Fatal(err)
		}
		p := s.phones.secured(b, plainParams(s.phones.add(b)), suite)
		p.Mux, p.RemoteRTCP = true, p.Remote
		stream.Set(p)
		stream.Plug(port, p.Remote, func([]byte, netip.AddrPort) {})
		return stream, port
	})
	return s
}

func (s *side) fill(b *testing.B, leg func(near *Stream) (*Stream, netip.AddrPort)) {
	b.Helper()
	for range sideCalls {
		var legs [2]*Stream
		for i := range legs {
			stream, at := leg(s.last)
			s.phones.to = append(s.phones.to, at)
			legs[i], s.last = stream, stream
		}
		legs[0].Bridge(legs[1])
	}
}

// work runs the calls for one window.
func (s *side) work(b *testing.B) {
	b.Helper()
	stop, done := make(chan struct{}), make(chan struct{})
	go func() { s.phones.drive(stop); close(done) }()
	<-time.After(window / 4) // latching, connecting and waking up are over
	cpu, out := threadTime(b, s.last), s.engine.Load().PacketsOut
	<-time.After(window)
	cpu, out = threadTime(b, s.last)-cpu, s.engine.Load().PacketsOut-out
	close(stop)
	<-done
	if want := uint64(2 * 50 * sideCalls * window / time.Second / 2); out < want {
		b.Fatalf("%d packets in a window, want %d at least", out, want)
	}
	s.costs = append(s.costs, float64(cpu.Nanoseconds())/1000/float64(out))
}

func (s *side) median() float64 {
	slices.Sort(s.costs)
	return s.costs[len(s.costs)/2]
}

// BenchmarkBrowserLeg is what a leg of a browser with G.711 costs against one of a phone. Both sides take turns second by second, so that
// what else the machine does is the same for both; the CPU is that of the shard's thread, kernel included.
func BenchmarkBrowserLeg(b *testing.B) {
	for _, suite := range []srtp.Suite{srtp.GCM128, srtp.SHA80} {
		b.Run(suite.String(), func(b *testing.B) {
			for b.Loop() {
				phones, browsers := plainSide(b), browserSide(b, suite)
				for range windows {
					phones.work(b)
					browsers.work(b)
				}
				b.ReportMetric(phones.median(), "plain-µs/packet")
				b.ReportMetric(browsers.median(), "browser-µs/packet")
				b.ReportMetric(browsers.median()/phones.median(), "plain-legs")
				b.ReportMetric(0, "ns/op")
			}
		})
	}
}
