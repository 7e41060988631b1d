package media

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"os"
	"testing"
	"time"

	"hotline/media/codec"
	"hotline/media/rtp"
	"hotline/media/tone"
)

const patient = 10 * time.Second // how long a test waits for what must come

// start runs an engine on loopback until the test ends. stop ends it sooner and waits.
func start(t testing.TB, c Config) (e *Engine, stop func()) {
	t.Helper()
	c.Addr = netip.MustParseAddr("127.0.0.1")
	c.Logger = quiet()
	e, err := New(c)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- e.Run(ctx) }()
	ended := false
	stop = func() {
		cancel()
		if !ended {
			ended = true
			if err := <-done; err != nil {
				t.Errorf("run: %v", err)
			}
		}
	}
	t.Cleanup(stop)
	return e, stop
}

// handset is a phone on loopback.
func handset(t testing.TB) (*net.UDPConn, netip.AddrPort) {
	t.Helper()
	c, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return c, c.LocalAddr().(*net.UDPAddr).AddrPort()
}

func plainParams(remote netip.AddrPort) Params {
	return Params{Remote: remote, Codec: codec.PCMA, PayloadType: 8, EventType: 101, Send: true, Receive: true}
}

// shut closes a stream and waits for its quality.
func shut(t testing.TB, s *Stream) Quality {
	t.Helper()
	got := make(chan Quality, 1)
	s.Close(func(q Quality) { got <- q })
	select {
	case q := <-got:
		return q
	case <-time.After(patient):
		t.Fatal("close was never answered")
		return Quality{}
	}
}

func TestRealSocketsCarryATone(t *testing.T) {
	e, _ := start(t, Config{})
	first := make(chan Event, 16)
	a, err := e.Open(nil, func(ev Event) { first <- ev })
	if err != nil {
		t.Fatal(err)
	}
	b, err := e.Open(a, nil)
	if err != nil {
		t.Fatal(err)
	}
	phoneA, atA := handset(t)
	phoneB, atB := handset(t)
	a.Set(plainParams(atA))
	b.Set(plainParams(atB))
	a.Bridge(b)
	go speak(phoneA, a.Addr(), 50)
	pcm := listenTo(t, phoneB, 45)
	if got := tone.SNR(pcm, 700); got < 36 {
		t.Errorf("SNR %.1f dB, want 36", got)
	}
	select {
	case ev := <-first:
		if _, ok := ev.(FirstPacket); !ok {
			t.Errorf("first event %T", ev)
		}
	case <-time.After(patient):
		t.Error("no FirstPacket")
	}
	if q := shut(t, a); q.Received < 45 || q.Lost != 0 || q.Codec != "PCMA" {
		t.Errorf("quality %+v", q)
	}
	shut(t, b)
	if l := e.Load(); l.PortsUsed != 0 || l.Ticks == 0 || l.PacketsIn < 45 || l.PacketsOut < 45 || l.LateP99 == 0 {
		t.Errorf("load %+v", l)
	}
}

// speak sends n packets of 700 Hz, 20 ms apart.
func speak(from *net.UDPConn, to netip.AddrPort, n int) {
	sine := tone.NewSine(700, -12)
	pcm, b := make([]int16, 160), make([]byte, 172)
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for i := range n {
		sine.Read(pcm)
		rtp.Header{PayloadType: 8, Sequence: uint16(i), Timestamp: uint32(i * 160), SSRC: 1}.Put(b)
		codec.EncodeALaw(b[12:], pcm)
		if _, err := from.WriteToUDPAddrPort(b, to); err != nil {
			return
		}
		<-tick.C
	}
}

// listenTo decodes the next n packets.
func listenTo(t testing.TB, at *net.UDPConn, n int) (pcm []int16) {
	t.Helper()
	b := make([]byte, 2000)
	_ = at.SetReadDeadline(time.Now().Add(patient))
	for range n {
		size, err := at.Read(b)
		if err != nil {
			t.Fatalf("after %d samples: %v", len(pcm), err)
		}
		out := make([]int16, size-12)
		codec.DecodeALaw(out, b[12:size])
		pcm = append(pcm, out...)
	}
	return pcm
}

func TestPortsComeBack(t *testing.T) {
	e, _ := start(t, Config{PortMin: 21000, PortMax: 21099})
	before := files()
	for round := range 50 {
		var open []*Stream
		for range 40 {
			s, err := e.Open(nil, nil)
			if err != nil {
				t.Fatalf("round %d: %v", round, err)
			}
			if p := s.Addr().Port(); p < 21000 || p > 21099 || p%2 != 0 {
				t.Fatalf("port %d", p)
			}
			s.Set(plainParams(netip.MustParseAddrPort("127.0.0.1:9")))
			open = append(open, s)
		}
		for _, s := range open {
			s.Close(nil)
		}
		shut(t, open[39]) // commands are carried out in order
	}
	if after := files(); after > before+3 {
		t.Errorf("%d files open, %d before", after, before)
	}
	if l := e.Load(); l.PortsUsed != 0 || l.PortsTotal != 50 {
		t.Errorf("%d of %d pairs used after 2,000 streams", l.PortsUsed, l.PortsTotal)
	}
}

// files is how many files the process has open; 0 where the system does not tell.
func files() int {
	all, _ := os.ReadDir("/proc/self/fd")
	return len(all)
}

func TestRangeExhausted(t *testing.T) {
	e, _ := start(t, Config{PortMin: 21100, PortMax: 21107})
	var last *Stream
	for range 4 {
		s, err := e.Open(nil, nil)
		if err != nil {
			t.Fatal(err)
		}
		last = s
	}
	if _, err := e.Open(nil, nil); !errors.Is(err, ErrPorts) {
		t.Errorf("fifth of four: %v, want ErrPorts", err)
	}
	shut(t, last)
	if _, err := e.Open(nil, nil); err != nil {
		t.Errorf("after one was closed: %v", err)
	}
}

func TestPortsOfOthersArePassedOver(t *testing.T) {
	e, _ := start(t, Config{PortMin: 21200, PortMax: 21203})
	other, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 21200})
	if err != nil {
		t.Fatal(err)
	}
	s, err := e.Open(nil, nil)
	if err != nil || s.Addr().Port() != 21202 {
		t.Fatalf("got %v, want port 21202", err)
	}
	if _, err = e.Open(nil, nil); !errors.Is(err, ErrPorts) {
		t.Errorf("only a taken pair is left: %v, want ErrPorts", err)
	}
	if err := other.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err = e.Open(nil, nil); err != nil {
		t.Errorf("after the other left: %v", err)
	}
}

// TestRTCPPortComesWithTheSound: nobody listens above the RTP port before a packet came, then we do; and a port that another program
// took meanwhile costs the reports and nothing else.
func TestRTCPPortComesWithTheSound(t *testing.T) {
	e, _ := start(t, Config{PortMin: 21300, PortMax: 21303})
	phone, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	defer phone.Close()
	for _, taken := range []bool{false, true} {
		first := make(chan Event, 1)
		s, err := e.Open(nil, func(ev Event) {
			if _, ok := ev.(FirstPacket); ok {
				first <- ev
			}
		})
		if err != nil {
			t.Fatal(err)
		}
		above := net.UDPAddrFromAddrPort(netip.AddrPortFrom(s.Addr().Addr(), s.Addr().Port()+1))
		other, err := net.ListenUDP("udp4", above)
		if err != nil {
			t.Fatalf("the port above is taken before there is sound: %v", err)
		}
		if !taken {
			other.Close()
		}
		s.Set(plainParams(phone.LocalAddr().(*net.UDPAddr).AddrPort()))
		packet := make([]byte, 172)
		rtp.Header{PayloadType: 8, Sequence: 1, Timestamp: 160, SSRC: 7}.Put(packet)
		if _, err := phone.WriteToUDPAddrPort(packet, s.Addr()); err != nil {
			t.Fatal(err)
		}
		select {
		case <-first:
		case <-time.After(patient):
			t.Fatal("the packet did not arrive")
		}
		if taken {
			other.Close()
		} else if again, err := net.ListenUDP("udp4", above); err == nil {
			again.Close()
			t.Error("the port above is still free after the first packet")
		}
		if q := shut(t, s); q.Received != 1 {
			t.Errorf("taken %v: received %d packets, want 1", taken, q.Received)
		}
	}
}

// TestShardDozes: where no packet comes or goes the ticks are four times as long, and the first packet ends that.
func TestShardDozes(t *testing.T) {
	r := newRig(t)
	p := r.phone("127.0.9.2:4000", codec.PCMA, 440)
	r.run((dozeAfter + 2) * 2 * time.Millisecond)
	if got, want := r.shard.stride(), dozeTicks*r.shard.wheel.tick; got != want {
		t.Errorf("quiet: got a stride of %d ns, want %d", got, want)
	}
	p.wire.in = append(p.wire.in, letter{octets: p.packet(), from: p.addr})
	r.run(2 * time.Millisecond)
	if got, want := r.shard.stride(), r.shard.wheel.tick; got != want {
		t.Errorf("after a packet: got a stride of %d ns, want %d", got, want)
	}
}

func TestBadConfigurations(t *testing.T) {
	addr := netip.MustParseAddr("127.0.0.1")
	for name, c := range map[string]Config{
		"no address": {}, "range upside down": {Addr: addr, PortMin: 20000, PortMax: 19000}, "range of one": {Addr: addr, PortMin: 20001, PortMax: 20002},
		"privileged": {Addr: addr, PortMin: 80, PortMax: 90}, "slow tick": {Addr: addr, Tick: time.Second},
	} {
		if _, err := New(c); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

func TestEngineEnds(t *testing.T) {
	e, stop := start(t, Config{})
	s, err := e.Open(nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	phone, at := handset(t)
	s.Set(plainParams(at))
	s.Play(Playback{Sounds: []*Sound{toneSound(500, time.Second)}, Loop: true})
	listenTo(t, phone, 2)
	stop()
	if got := e.Load(); got.PortsUsed != 0 || got.Streams != 0 {
		t.Errorf("load after the end %+v", got)
	}
	if q := shut(t, s); q.Sent < 2 {
		t.Errorf("quality after the end %+v", q)
	}
	if _, err := e.Open(nil, nil); !errors.Is(err, ErrClosed) {
		t.Errorf("open after the end: %v, want ErrClosed", err)
	}
}

func TestIdleShardDoesNotTick(t *testing.T) {
	e, _ := start(t, Config{Shards: 1})
	s, err := e.Open(nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	shut(t, s)
	before := e.Load().Ticks
	<-time.After(100 * time.Millisecond)
	if got := e.Load().Ticks - before; got > 3 {
		t.Errorf("%d ticks in 100 ms without a stream", got)
	}
}

func TestPanicDropsOneStream(t *testing.T) {
	e, _ := start(t, Config{Shards: 1})
	told := make(chan Event, 16)
	angry := true
	bad, err := e.Open(nil, func(ev Event) {
		if angry {
			angry = false
			panic("the owner's mistake")
		}
		told <- ev
	})
	if err != nil {
		t.Fatal(err)
	}
	good, err := e.Open(bad, nil)
	if err != nil {
		t.Fatal(err)
	}
	phone, at := handset(t)
	good.Set(plainParams(at))
	good.Play(Playback{Sounds: []*Sound{toneSound(500, time.Second)}, Loop: true})
	bad.Set(plainParams(at))
	bad.Play(Playback{ID: 1})
	listenTo(t, phone, 20)
	select {
	case ev := <-told:
		if _, ok := ev.(Failed); !ok {
			t.Errorf("told %T, want Failed", ev)
		}
	case <-time.After(patient):
		t.Error("the owner was not told")
	}
	if l := e.Load(); l.Streams != 1 || l.Recovered != 1 || l.PortsUsed != 1 {
		t.Errorf("load %+v, want the good stream alone", l)
	}
	shut(t, bad)
	shut(t, good)
}
