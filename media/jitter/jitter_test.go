package jitter

import (
	"encoding/binary"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"hotline/media/rtp"
)

const (
	ms    = int64(time.Millisecond)
	frame = 160 // 20 ms at 8 kHz
)

// source sends numbered packets of 20 ms; the payload is the number.
type source struct {
	b     *Buffer
	ssrc  uint32
	seq   uint16
	stamp uint32
	n     int
}

func (s *source) packet() (rtp.Header, []byte) {
	h := rtp.Header{SSRC: s.ssrc, Sequence: s.seq, Timestamp: s.stamp}
	payload := binary.BigEndian.AppendUint32(nil, uint32(s.n))
	s.seq, s.stamp, s.n = s.seq+1, s.stamp+frame, s.n+1
	return h, payload
}

func (s *source) put(at int64) bool {
	h, payload := s.packet()
	return s.b.Put(&h, 0, frame, payload, at)
}

// delivery is a packet on its way.
type delivery struct {
	h       rtp.Header
	payload []byte
	at      int64
}

// run delivers in order of arrival and takes 20 ms each 20 ms, until span is over.
func run(b *Buffer, all []delivery, from, span int64) (ops []Op, played []int, longest time.Duration) {
	slices.SortStableFunc(all, func(x, y delivery) int { return int(x.at - y.at) })
	have := 0
	for now := from; now < from+span; now += 20 * ms {
		for len(all) > 0 && all[0].at <= now {
			b.Put(&all[0].h, 0, frame, all[0].payload, all[0].at)
			all = all[1:]
		}
		for have < frame {
			op, p := b.Take(now, frame)
			ops = append(ops, op)
			have += p.Length
			if op == Play {
				played = append(played, int(binary.BigEndian.Uint32(p.Payload)))
				if p.Excess >= frame/2 {
					have -= frame / 2
				}
			}
		}
		have -= frame
		longest = max(longest, b.Delay())
	}
	return ops, played, longest
}

func count(ops []Op, op Op) int {
	n := 0
	for _, o := range ops {
		if o == op {
			n++
		}
	}
	return n
}

// TestOrder: reordered packets are played in order, duplicates once, across the wraps of numbers and timestamps.
func TestOrder(t *testing.T) {
	b := New(8000)
	s := &source{b: b, ssrc: 7, seq: 65530, stamp: 1<<32 - 800}
	var all []delivery
	for i := range 200 {
		h, p := s.packet()
		d := delivery{h, p, int64(i) * 20 * ms}
		if i%10 == 3 {
			d.at += 25 * ms // behind the next one
		}
		all = append(all, d)
		if i%7 == 0 {
			all = append(all, d)
		}
	}
	_, played, _ := run(b, all, 0, 4200*ms)
	if len(played) != 200 || !slices.IsSorted(played) {
		t.Errorf("played %d packets, sorted %v; want all 200 in order", len(played), slices.IsSorted(played))
	}
	if b.Lost != 0 || b.Dropped != 0 {
		t.Errorf("stats %+v: want nothing lost", b.Stats)
	}
}

// TestLoss: each lost packet is one replacement, and the one after it is shown for its copy.
func TestLoss(t *testing.T) {
	b := New(8000)
	s := &source{b: b, ssrc: 7, seq: 100}
	var all []delivery
	for i := range 500 {
		if h, p := s.packet(); i%10 != 5 {
			all = append(all, delivery{h, p, int64(i) * 20 * ms})
		}
	}
	ops, played, _ := run(b, all, 0, 10100*ms)
	if len(played) != 450 || b.Lost != 50 {
		t.Errorf("played %d, lost %d: want 450 and 50", len(played), b.Lost)
	}
	if got := count(ops, Conceal); got < 50 || got > 50+drySteps+1 {
		t.Errorf("%d replacements, want 50 and the end's", got)
	}
	b = New(8000)
	s = &source{b: b}
	s.put(0)
	s.packet()
	s.put(40 * ms)
	b.Take(100*ms, frame)
	if op, p := b.Take(120*ms, frame); op != Conceal || p.Length != frame || len(p.Payload) != 4 || p.Payload[3] != 2 {
		t.Errorf("Take = %v %+v, want the replacement with the packet after it", op, p)
	}
}

// TestLateIsDropped: a packet whose time is over is not played.
func TestLateIsDropped(t *testing.T) {
	b := New(8000)
	s := &source{b: b}
	s.put(0)
	late, payload := s.packet()
	s.put(40 * ms)
	for now := int64(100); now < 160; now += 20 {
		b.Take(now*ms, frame)
	}
	if b.Put(&late, 0, frame, payload, 160*ms) || b.Late != 1 {
		t.Errorf("late packet: stats %+v, want it refused and counted", b.Stats)
	}
}

// TestAdapts: with 60 ms of jitter little is replaced once it is known, and the delay stays below its bound; when the network calms
// down the delay shrinks again.
func TestAdapts(t *testing.T) {
	b := New(8000)
	s := &source{b: b}
	random := rand.New(rand.NewPCG(1, 2))
	var all []delivery
	for i := range 3000 {
		h, p := s.packet()
		d := delivery{h, p, int64(i) * 20 * ms}
		if i < 1500 {
			d.at += random.Int64N(60 * ms)
		}
		all = append(all, d)
	}
	ops, _, longest := run(b, all, 0, 59_900*ms)
	if longest > MaxDelay {
		t.Errorf("held %v, want at most %v", longest, MaxDelay)
	}
	if got := count(ops[200:], Conceal); got > 15 {
		t.Errorf("%d replacements after the first 4 s, want at most 15 of 2800", got)
	}
	if got := b.Delay(); got > 80*time.Millisecond {
		t.Errorf("delay is %v 30 s after the jitter ended, want 80 ms or less", got)
	}
}

// TestDrift: sources 200 ppm faster and slower than us: delay and replacements stay small for ten minutes.
func TestDrift(t *testing.T) {
	for _, ppm := range []int64{-200, 200} {
		b := New(8000)
		s := &source{b: b}
		var all []delivery
		for i := range 30_000 {
			h, p := s.packet()
			at := int64(i) * 20 * ms
			all = append(all, delivery{h, p, at + at*ppm/1_000_000})
		}
		ops, played, longest := run(b, all, 0, 599_000*ms)
		if longest > 120*time.Millisecond {
			t.Errorf("%d ppm: held %v, want 120 ms or less", ppm, longest)
		}
		if got := count(ops, Conceal); got > 25 {
			t.Errorf("%d ppm: %d replacements, want 25 or fewer", ppm, got)
		}
		if len(played) < 29_850 {
			t.Errorf("%d ppm: played %d of 30000", ppm, len(played))
		}
	}
}

// TestPause: a sender that pauses (DTX) is silence, not loss; what follows begins a spurt and comes whole.
func TestPause(t *testing.T) {
	for _, pause := range []int64{40, 100, 1000, 100_000, 3_000_000} {
		b := New(8000)
		s := &source{b: b}
		var all []delivery
		at := int64(0)
		for i := range 100 {
			if i == 50 {
				at += pause * ms
				s.stamp += uint32(pause * 8)
			}
			h, p := s.packet()
			all = append(all, delivery{h, p, at})
			at += 20 * ms
		}
		ops, played, _ := run(b, all, 0, at+200*ms)
		if len(played) != 100 || b.Lost != 0 || b.Restarts != 0 {
			t.Errorf("pause of %d ms: played %d, %+v; want all 100 and nothing lost", pause, len(played), b.Stats)
		}
		if count(ops, Silence) == 0 {
			t.Errorf("pause of %d ms: no silence", pause)
		}
	}
}

// TestChanges: another SSRC, a jump of the numbers and a jump of the clock begin anew; nothing waits for the old ones.
func TestChanges(t *testing.T) {
	rows := []struct {
		name   string
		change func(*source)
	}{
		{"SSRC", func(s *source) { s.ssrc = 9; s.seq = 40000; s.stamp = 123 }},
		{"SSRC alone", func(s *source) { s.ssrc = 9 }},
		{"clock forward", func(s *source) { s.stamp += 1 << 30 }},
		{"clock back", func(s *source) { s.stamp -= 8000 * 60 }},
		{"numbers", func(s *source) { s.seq += 20000 }},
		{"numbers back", func(s *source) { s.seq -= 500 }},
	}
	for _, row := range rows {
		b := New(8000)
		s := &source{b: b, seq: 1000, stamp: 1 << 20}
		var all []delivery
		for i := range 200 {
			if i == 100 {
				row.change(s)
			}
			h, p := s.packet()
			all = append(all, delivery{h, p, int64(i) * 20 * ms})
		}
		_, played, _ := run(b, all, 0, 4200*ms)
		if len(played) < 190 || !slices.IsSorted(played) || b.Restarts != 1 {
			t.Errorf("%s: played %d, %+v; want 190 or more and one restart", row.name, len(played), b.Stats)
		}
	}
}

// TestBurst: after a stall of the network the oldest sound goes, and no more than MaxDelay is held.
func TestBurst(t *testing.T) {
	b := New(8000)
	s := &source{b: b}
	var all []delivery
	for i := range 300 {
		h, p := s.packet()
		d := delivery{h, p, int64(i) * 20 * ms}
		if i >= 100 && i < 150 {
			d.at = 3000 * ms
		}
		all = append(all, d)
	}
	_, played, longest := run(b, all, 0, 6200*ms)
	if longest > MaxDelay {
		t.Errorf("held %v, want at most %v", longest, MaxDelay)
	}
	if b.Dropped == 0 || len(played) < 250 {
		t.Errorf("played %d, %+v: want the stall's oldest dropped", len(played), b.Stats)
	}
}

// TestSkip: events between the sound are no loss, and no restart however long the key is held.
func TestSkip(t *testing.T) {
	b := New(8000)
	s := &source{b: b}
	at := int64(0)
	var ops []Op
	played := 0
	for i := range 400 {
		if i >= 100 && i < 300 { // 4 s of one event
			h := rtp.Header{Sequence: s.seq, Timestamp: 100 * frame}
			s.seq, s.stamp = s.seq+1, s.stamp+frame
			b.Skip(&h)
		} else {
			s.put(at)
		}
		op, _ := b.Take(at+5*ms, frame)
		if ops = append(ops, op); op == Play {
			played++
		}
		at += 20 * ms
	}
	if b.Lost != 0 || b.Restarts != 0 || played < 194 {
		t.Errorf("played %d of 200, %+v", played, b.Stats)
	}
	if got := count(ops, Conceal); got > 2*drySteps {
		t.Errorf("%d replacements", got)
	}
}

// TestRefused: what cannot be played is not taken.
func TestRefused(t *testing.T) {
	b := New(8000)
	h := rtp.Header{}
	for _, row := range []struct{ length, octets int }{{0, 10}, {-1, 10}, {160, 0}, {160, MaxPayload + 1}, {8001, 10}} {
		if b.Put(&h, 0, row.length, make([]byte, row.octets), 0) {
			t.Errorf("length %d, %d octets: taken", row.length, row.octets)
		}
	}
	if op, p := b.Take(0, frame); op != Silence || p.Length != frame {
		t.Errorf("Take of nothing = %v %+v", op, p)
	}
}

// FuzzBuffer: whatever comes, the buffer neither panics nor holds more than it may, and every piece lasts.
func FuzzBuffer(f *testing.F) {
	f.Add([]byte{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12})
	f.Fuzz(func(t *testing.T, data []byte) {
		b := New(48000)
		now := int64(0)
		payload := make([]byte, MaxPayload)
		for len(data) >= 6 {
			h := rtp.Header{Sequence: binary.BigEndian.Uint16(data), Timestamp: uint32(binary.BigEndian.Uint16(data[2:])) * 97, SSRC: uint32(data[4] >> 6)}
			now += int64(data[4]&63) * ms
			switch data[5] & 3 {
			case 0:
				b.Skip(&h)
			case 1:
				b.Put(&h, 1, int(data[5])*24, payload[:int(data[5])*5], now)
			default:
				b.Put(&h, 1, 960, payload[:40], now)
			}
			if op, p := b.Take(now, 960); p.Length <= 0 || (op == Play && len(p.Payload) == 0) {
				t.Fatalf("Take = %v %+v", op, p)
			}
			if b.count < 0 || b.count > slots {
				t.Fatalf("count %d", b.count)
			}
			data = data[6:]
		}
	})
}

func TestAllocatesNothing(t *testing.T) {
	b := New(8000)
	s := &source{b: b}
	payload := make([]byte, frame)
	now := int64(0)
	got := testing.AllocsPerRun(1000, func() {
		h := rtp.Header{Sequence: s.seq, Timestamp: s.stamp}
		s.seq, s.stamp = s.seq+1, s.stamp+frame
		b.Put(&h, 0, frame, payload, now)
		b.Take(now, frame)
		now += 20 * ms
	})
	if got != 0 {
		t.Errorf("%v allocations a packet, want none", got)
	}
}

func BenchmarkPacket(b *testing.B) {
	buffer := New(8000)
	payload := make([]byte, frame)
	h := rtp.Header{}
	now := int64(0)
	b.ReportAllocs()
	for b.Loop() {
		buffer.Put(&h, 0, frame, payload, now)
		buffer.Take(now, frame)
		h.Sequence++
		h.Timestamp += frame
		now += 20 * ms
	}
}
