package rtp

import (
	"errors"
	"math"
	"math/rand/v2"
	"testing"
	"time"
)

func TestHeaderThereAndBack(t *testing.T) {
	want := Header{Marker: true, PayloadType: 101, Sequence: 65535, Timestamp: 1 << 31, SSRC: 0xdeadbeef}
	b := make([]byte, HeaderLen+3)
	want.Put(b)
	var p Packet
	if err := p.Read(b); err != nil || p.Header != want || p.Start != 12 || p.End != 15 {
		t.Errorf("got %+v, %v, want %+v", p, err, want)
	}
}

func TestReadOddities(t *testing.T) {
	plain := func(first byte, rest ...byte) []byte {
		b := make([]byte, HeaderLen, 40)
		Header{PayloadType: 8}.Put(b)
		b[0] = first
		return append(b, rest...)
	}
	for _, row := range []struct {
		name       string
		b          []byte
		err        error
		start, end int
	}{
		{"empty payload", plain(0x80), nil, 12, 12},
		{"one CSRC", plain(0x81, 1, 2, 3, 4, 9), nil, 16, 17},
		{"CSRC cut", plain(0x81, 1, 2, 3), ErrShort, 0, 0},
		{"extension", plain(0x90, 0, 0, 0, 1, 1, 2, 3, 4, 9), nil, 20, 21},
		{"extension cut", plain(0x90, 0, 0, 0, 2, 1, 2, 3, 4), ErrShort, 0, 0},
		{"extension header cut", plain(0x90, 0, 0), ErrShort, 0, 0},
		{"padding", plain(0xa0, 9, 9, 0, 2), nil, 12, 14},
		{"padding is all", plain(0xa0, 0, 2), nil, 12, 12},
		{"padding too long", plain(0xa0, 0, 3), ErrPadding, 0, 0},
		{"padding of none", plain(0xa0, 9, 0), ErrPadding, 0, 0},
		{"version 0", plain(0x00, 9), ErrVersion, 0, 0},
		{"short", plain(0x80)[:11], ErrShort, 0, 0},
		{"nothing", nil, ErrShort, 0, 0},
	} {
		var p Packet
		err := p.Read(row.b)
		if !errors.Is(err, row.err) {
			t.Errorf("%s: error %v, want %v", row.name, err, row.err)
		}
		if err == nil && (p.Start != row.start || p.End != row.end) {
			t.Errorf("%s: payload %d..%d, want %d..%d", row.name, p.Start, p.End, row.start, row.end)
		}
	}
}

func TestIsRTCP(t *testing.T) {
	for b, want := range map[byte]bool{8: false, 0x88: false, 200: true, 201: true, 192: true, 223: true, 224: false, 101: false} {
		if got := IsRTCP([]byte{0x80, b}); got != want {
			t.Errorf("second octet %d: %v, want %v", b, got, want)
		}
	}
}

func feed(s *Stats, ssrc uint32, seqs ...uint16) (verdicts []Verdict) {
	for i, q := range seqs {
		verdicts = append(verdicts, s.Receive(&Header{Sequence: q, Timestamp: uint32(q) * 160, SSRC: ssrc}, int64(i)*160))
	}
	return verdicts
}

func TestSequences(t *testing.T) {
	for _, row := range []struct {
		name                      string
		seqs                      []uint16
		received, lost, dup, late uint64
	}{
		{"in order over the wrap", []uint16{65534, 65535, 0, 1}, 4, 0, 0, 0},
		{"a hole", []uint16{1, 2, 5, 6}, 4, 2, 0, 0},
		{"reordered", []uint16{1, 3, 2, 4}, 4, 0, 0, 1},
		{"reordered over the wrap", []uint16{65535, 1, 0}, 3, 0, 0, 1},
		{"doubled", []uint16{1, 2, 2, 1, 3}, 3, 0, 2, 0},
		{"doubles do not hide a loss", []uint16{1, 2, 2, 4}, 3, 1, 1, 0},
		{"late before the first", []uint16{10, 9, 11}, 3, 0, 0, 1},
		{"one wild packet", []uint16{1, 2, 30000, 3}, 3, 0, 0, 0},
		{"a restart", []uint16{1, 2, 30000, 30001, 30002}, 4, 0, 0, 0},
	} {
		var s Stats
		feed(&s, 1, row.seqs...)
		if s.Received != row.received || s.Lost() != row.lost || s.Duplicates != row.dup || s.Reorders != row.late {
			t.Errorf("%s: received %d lost %d doubled %d late %d, want %d %d %d %d", row.name, s.Received, s.Lost(), s.Duplicates, s.Reorders,
				row.received, row.lost, row.dup, row.late)
		}
	}
}

func TestSourcesAreSummed(t *testing.T) {
	var s Stats
	feed(&s, 1, 1, 2, 4)
	got := feed(&s, 2, 500, 501, 503)
	if got[0] != Restart || got[1] != Next || s.Received != 6 || s.Lost() != 2 || s.Restarts != 1 {
		t.Errorf("verdicts %v, received %d, lost %d, restarts %d", got, s.Received, s.Lost(), s.Restarts)
	}
	b := s.Report()
	if b.SSRC != 2 || b.Lost != 2 || b.Fraction != 64 || b.Highest != 503 {
		t.Errorf("block %+v, want SSRC 2, 2 lost, a quarter, 503", b)
	}
	if b = s.Report(); b.Fraction != 0 || b.Lost != 2 {
		t.Errorf("second block %+v, want nothing new", b)
	}
}

func TestExpectedAgainstAModel(t *testing.T) {
	for seed := range uint64(20) {
		rnd := rand.New(rand.NewPCG(seed, 1))
		var s Stats
		var sent, arrived uint64
		for i := range 5000 {
			h := Header{Sequence: uint16(65000 + i), SSRC: 7}
			if i > 0 && i < 4999 && rnd.Float64() < 0.1 {
				sent++
				continue
			}
			sent, arrived = sent+1, arrived+1
			s.Count(&h)
			if rnd.Float64() < 0.02 {
				s.Count(&h)
			}
		}
		if s.Expected() != sent || s.Received != arrived || s.Lost() != sent-arrived {
			t.Fatalf("seed %d: expected %d received %d, want %d %d", seed, s.Expected(), s.Received, sent, arrived)
		}
		if b := s.BurstRatio(); b < 1 || b > 1.15 {
			t.Errorf("seed %d: burst ratio %.2f of random loss, want about 1", seed, b)
		}
	}
}

// TestBurstRatio: bursts are counted as long as they were, with a fifth of all packets reordered and gaps beyond the window.
func TestBurstRatio(t *testing.T) {
	for _, row := range []struct {
		name  string
		burst int // packets lost in a row
		every int // packets
		want  float64
	}{
		{"single losses", 1, 25, 1},
		{"threes", 3, 60, 3 * 0.95},
		{"a second at once", 50, 1000, 50 * 0.95},
		{"two windows at once", 130, 1300, 130 * 0.9},
	} {
		var s Stats
		var held *Header
		for i := range 50 * row.every {
			if i%row.every >= row.every-row.burst {
				continue
			}
			h := Header{Sequence: uint16(i), SSRC: 7}
			if i%10 == 3 && i%row.every < row.every-row.burst-2 { // two packets change places
				held = &h
				continue
			}
			s.Count(&h)
			if held != nil {
				s.Count(held)
				held = nil
			}
		}
		if s.Reorders == 0 {
			t.Fatal("nothing was reordered")
		}
		if got := s.BurstRatio(); math.Abs(got-row.want) > 0.05*row.want {
			t.Errorf("%s: burst ratio %.2f, want %.2f", row.name, got, row.want)
		}
	}
}

func TestJitter(t *testing.T) {
	var s Stats
	for i := range 1000 {
		off := int64(0)
		if i%2 == 1 {
			off = 40 // 5 ms late every other packet: |D| is always 5 ms
		}
		s.Receive(&Header{Sequence: uint16(i), Timestamp: uint32(i * 160), SSRC: 1}, int64(i*160)+off)
	}
	if got := s.Jitter(); got < 4900*time.Microsecond || got > 5*time.Millisecond {
		t.Errorf("jitter %v, want 5 ms", got)
	}
}

func TestMOS(t *testing.T) {
	for _, row := range []struct {
		loss, burst float64
		delay       time.Duration
		low, high   float64
	}{
		{0, 1, 20 * time.Millisecond, 4.38, 4.42},
		{1, 1, 50 * time.Millisecond, 4.2, 4.4},
		{3, 1, 80 * time.Millisecond, 3.9, 4.2},
		{3, 3, 80 * time.Millisecond, 3.8, 4.15},
		{10, 1, 80 * time.Millisecond, 2.8, 3.4},
		{0, 1, 400 * time.Millisecond, 2.9, 3.6},
		{100, 1, time.Second, 1, 1.3},
	} {
		got := Path{LossPct: row.loss, BurstRatio: row.burst, Delay: row.delay}.MOS()
		if got < row.low || got > row.high {
			t.Errorf("loss %v burst %v delay %v: MOS %.2f, want %.2f..%.2f", row.loss, row.burst, row.delay, got, row.low, row.high)
		}
	}
	if a, b := (Path{LossPct: 5, BurstRatio: 1}).MOS(), (Path{LossPct: 5, BurstRatio: 3}).MOS(); b >= a {
		t.Errorf("bursts sound no worse: %.2f, %.2f", a, b)
	}
}

func TestStatsAllocateNothing(t *testing.T) {
	var s Stats
	var p Packet
	b := make([]byte, 172)
	Header{PayloadType: 8, SSRC: 1}.Put(b)
	i := 0
	if got := testing.AllocsPerRun(1000, func() {
		i++
		b[2], b[3] = byte(i>>8), byte(i)
		if p.Read(b) == nil {
			s.Receive(&p.Header, int64(i)*160)
		}
	}); got != 0 {
		t.Errorf("%v allocations a packet", got)
	}
}

func FuzzPacket(f *testing.F) {
	b := make([]byte, 172)
	Header{PayloadType: 8, SSRC: 1}.Put(b)
	f.Add(b)
	f.Add([]byte{0xbf, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1})
	f.Fuzz(func(t *testing.T, b []byte) {
		var p Packet
		if p.Read(b) != nil {
			return
		}
		if p.Start < HeaderLen || p.Start > p.End || p.End > len(b) {
			t.Fatalf("payload %d..%d of %d octets", p.Start, p.End, len(b))
		}
		again := make([]byte, HeaderLen)
		p.Put(again)
		var q Packet
		if err := q.Read(again); err != nil || q.Header != p.Header {
			t.Fatalf("%+v became %+v, %v", p.Header, q.Header, err)
		}
	})
}

func FuzzStats(f *testing.F) {
	f.Add([]byte{0, 1, 0, 2, 0xff, 0xff})
	f.Fuzz(func(t *testing.T, b []byte) {
		var s Stats
		for i := 0; i+1 < len(b); i += 2 {
			s.Receive(&Header{Sequence: uint16(b[i])<<8 | uint16(b[i+1]), SSRC: uint32(b[i] & 1)}, int64(i))
		}
		if s.Lost() > s.Expected() || s.LossPct() < 0 || s.LossPct() > 100 || math.IsNaN(s.BurstRatio()) {
			t.Fatalf("lost %d of %d", s.Lost(), s.Expected())
		}
	})
}
