package media

import (
	"log/slog"
	"net/netip"
	"testing"
	"time"

	"hotline/media/codec"
	"hotline/media/dtmf"
	"hotline/media/rtp"
	"hotline/media/tone"

	"hotline/media/socket"
)

// rig is a shard without thread, sockets or clock: the test owns the time, so that minutes of sound pass in a moment.
type rig struct {
	t      *testing.T
	engine *Engine
	shard  *shard
	now    int64
	wires  *wires
	phones int
	lines  []*line // bad networks, see impair_test.go
}

// letter is a datagram under way.
type letter struct {
	octets []byte
	from   netip.AddrPort
	to     netip.AddrPort
	at     int64
}

// wire is a socket in memory.
type wire struct {
	rig       *rig
	in, out   []letter
	connected netip.AddrPort
	connects  int
	closed    bool
}

func (w *wire) Read(b []byte) (int, netip.AddrPort, bool) {
	for len(w.in) > 0 {
		l := w.in[0]
		w.in = w.in[1:]
		if w.connected.IsValid() && l.from != w.connected {
			continue // the kernel does so
		}
		return copy(b, l.octets), l.from, true
	}
	return 0, netip.AddrPort{}, false
}

func (w *wire) Write(b []byte, to netip.AddrPort) bool {
	if w.connected.IsValid() {
		to = w.connected
	}
	w.out = append(w.out, letter{octets: append([]byte(nil), b...), to: to, at: w.rig.now})
	return true
}

func (w *wire) Connect(to netip.AddrPort) bool {
	w.connected = to
	w.connects++
	return true
}

func (w *wire) Close() { w.closed = true }

// wires is the poller of memory sockets.
type wires struct{ all map[int32]*wire }

func (p *wires) Add(c socket.Conn, token int32) error {
	p.all[token] = c.(*wire)
	return nil
}

func (p *wires) Remove(c socket.Conn, token int32) {
	if p.all[token] == c.(*wire) {
		delete(p.all, token)
	}
}

func (p *wires) Ready(tokens []int32) int {
	n := 0
	for token, w := range p.all {
		if !w.closed && len(w.in) > 0 && n < len(tokens) {
			tokens[n] = token
			n++
		}
	}
	return n
}

func (p *wires) Sleep(int64) {}
func (p *wires) Close()      {}

func quiet() *slog.Logger { return slog.New(slog.DiscardHandler) }

func newRig(t *testing.T) *rig {
	t.Helper()
	e, err := New(Config{Addr: netip.MustParseAddr("127.0.0.1"), PortMin: 20000, PortMax: 29999, Shards: 1, Logger: quiet()})
	if err != nil {
		t.Fatal(err)
	}
	r := &rig{t: t, engine: e, shard: e.shards[0], wires: &wires{all: map[int32]*wire{}}}
	r.shard.poll.Close()
	r.shard.poll = r.wires
	return r
}

// party is a phone at the other end of a stream.
type party struct {
	rig    *rig
	stream *Stream
	wire   *wire // the stream's RTP socket
	rtcp   *wire
	addr   netip.AddrPort
	events []Event

	law   codec.Kind
	sine  *tone.Sine
	ssrc  uint32
	seq   uint16
	stamp uint32
	size  int // samples a packet
	read  int // letters of wire.out that heard has seen
	coder     // of other codecs than G.711
}

// phone opens a stream and a phone that the SDP places at addr.
func (r *rig) phone(addr string, law codec.Kind, hz float64) *party {
	r.t.Helper()
	r.phones++
	p := &party{rig: r, addr: netip.MustParseAddrPort(addr), law: law, sine: tone.NewSine(hz, -12),
		ssrc: uint32(0x1000 + r.phones), seq: uint16(65500 + r.phones), stamp: uint32(r.phones) * 77777, size: 160}
	p.wire, p.rtcp = &wire{rig: r}, &wire{rig: r}
	port, err := r.engine.ports.Take()
	if err != nil {
		r.t.Fatal(err)
	}
	p.stream = newStream(r.shard, p.wire, p.rtcp, netip.AddrPortFrom(r.engine.config.Addr, port), func(e Event) { p.events = append(p.events, e) })
	r.shard.adopt(p.stream)
	p.stream.Set(p.params())
	r.run(2 * time.Millisecond)
	return p
}

func (p *party) params() Params {
	return Params{Remote: p.addr, Codec: p.law, PayloadType: p.law.PayloadType(), EventType: 101, Send: true, Receive: true, Learn: true}
}

// run lets time pass tick by tick.
func (r *rig) run(d time.Duration) {
	for end := r.now + int64(d); r.now < end; {
		r.now += int64(2 * time.Millisecond)
		r.carry()
		r.shard.tick(r.now)
		r.engine.opus.Work()
	}
}

// packet makes the phone's next packet of its tone.
func (p *party) packet() []byte {
	pcm := make([]int16, p.size)
	p.sine.Read(pcm)
	if !p.law.Law() {
		return p.coded(pcm)
	}
	b := make([]byte, rtp.HeaderLen+p.size)
	if p.law == codec.PCMU {
		codec.EncodeULaw(b[rtp.HeaderLen:], pcm)
	} else {
		codec.EncodeALaw(b[rtp.HeaderLen:], pcm)
	}
	p.header(p.law.PayloadType(), p.stamp).Put(b)
	p.stamp += uint32(p.size)
	return b
}

func (p *party) header(pt uint8, stamp uint32) rtp.Header {
	p.seq++
	return rtp.Header{PayloadType: pt, Sequence: p.seq, Timestamp: stamp, SSRC: p.ssrc}
}

// send puts octets on the wire from the phone's own address.
func (p *party) send(b []byte) { p.wire.in = append(p.wire.in, letter{octets: b, from: p.addr}) }

// key makes the packets of a key press; they share a timestamp.
func (p *party) key(key byte) [][]byte {
	var s dtmf.Sender
	s.Start(key)
	var all [][]byte
	for s.Active() {
		e, first := s.Next()
		b := make([]byte, rtp.HeaderLen+dtmf.PayloadLen)
		h := p.header(101, p.stamp)
		h.Marker = first
		h.Put(b)
		e.Put(b[rtp.HeaderLen:])
		all = append(all, b)
	}
	p.stamp += uint32(len(all)+3) * 160
	return all
}

// talk lets all phones speak for d, a packet each 20 ms.
func (r *rig) talk(d time.Duration, who ...*party) {
	for end := r.now + int64(d); r.now < end; {
		for _, p := range who {
			p.send(p.packet())
		}
		r.run(20 * time.Millisecond)
	}
}

// heard is what came to the phone since the last time: packets, and their sound one after the other.
func (p *party) heard() (packets []rtp.Packet, pcm []int16) {
	p.rig.t.Helper()
	for _, l := range p.wire.out[p.read:] {
		var k rtp.Packet
		if rtp.IsRTCP(l.octets) {
			continue
		}
		if err := k.Read(l.octets); err != nil {
			p.rig.t.Fatalf("phone got no RTP: %v", err)
		}
		packets = append(packets, k)
		out := make([]int16, k.End-k.Start)
		switch k.PayloadType {
		case 0:
			codec.DecodeULaw(out, l.octets[k.Start:k.End])
		case 8:
			codec.DecodeALaw(out, l.octets[k.Start:k.End])
		default:
			out = p.decoded(k.PayloadType, l.octets[k.Start:k.End])
		}
		pcm = append(pcm, out...)
	}
	p.read = len(p.wire.out)
	return packets, pcm
}

func (p *party) keys() string {
	s := ""
	for _, e := range p.events {
		if d, ok := e.(DigitPressed); ok {
			s += string(d.Key)
		}
	}
	return s
}

// continuous checks one RTP stream: one SSRC, no holes, no steps back in time.
func continuous(t *testing.T, packets []rtp.Packet) {
	t.Helper()
	for i := 1; i < len(packets); i++ {
		a, b := packets[i-1], packets[i]
		if b.SSRC != a.SSRC {
			t.Fatalf("packet %d: SSRC changed from %x to %x", i, a.SSRC, b.SSRC)
		}
		if b.Sequence != a.Sequence+1 {
			t.Fatalf("packet %d: sequence %d follows %d", i, b.Sequence, a.Sequence)
		}
		if step := int32(b.Timestamp - a.Timestamp); step < 0 || step > 8000*60 {
			t.Fatalf("packet %d: timestamp steps by %d", i, step)
		}
	}
}

// only checks that pcm is the tone of hz and not the other one.
func only(t *testing.T, pcm []int16, hz, not, snr float64) {
	t.Helper()
	if got := tone.SNR(pcm, hz); got < snr {
		t.Errorf("tone of %v Hz stands %.1f dB above the rest, want %v (%d samples)", hz, got, snr, len(pcm))
	}
	if got := tone.Find(pcm, not); got > -50 {
		t.Errorf("tone of %v Hz is heard too: %.1f dBFS", not, got)
	}
}
