package rtp

import (
	"bytes"
	"errors"
	"testing"
	"time"
)

func TestReportsThereAndBack(t *testing.T) {
	sender := Sender{NTP: 0x0102030405060708, Timestamp: 9, Packets: 10, Octets: 1600}
	blocks := []Block{
		{SSRC: 5, Fraction: 128, Lost: -3, Highest: 1<<16 | 7, Jitter: 33, LSR: 44, DLSR: 55},
		{SSRC: 6, Lost: 0x7fffff},
	}
	for _, s := range []*Sender{&sender, nil} {
		b := AppendBye(AppendCNAME(AppendReport(nil, 77, s, blocks...), 77, "abc"), 77)
		if len(b)%4 != 0 {
			t.Fatalf("%d octets are no whole words", len(b))
		}
		var r Report
		if err := r.Read(b); err != nil {
			t.Fatal(err)
		}
		if r.SSRC != 77 || r.HasSender != (s != nil) || !r.Bye || r.N != 2 || r.Blocks[0] != blocks[0] || r.Blocks[1] != blocks[1] {
			t.Errorf("got %+v", r)
		}
		if s != nil && r.Sender != sender {
			t.Errorf("sender %+v, want %+v", r.Sender, sender)
		}
		if got, ok := r.About(6); !ok || got != blocks[1] {
			t.Errorf("About(6) = %+v, %v", got, ok)
		}
		if _, ok := r.About(8); ok {
			t.Error("found a block about no one")
		}
	}
}

func TestCNAMEIsPadded(t *testing.T) {
	for n := range 9 {
		b := AppendCNAME(nil, 1, "abcdefghi"[:n])
		if len(b)%4 != 0 || b[len(b)-1] != 0 || len(b) != 4*(int(b[3])+1) {
			t.Errorf("name of %d: %x", n, b)
		}
	}
	if got := AppendCNAME(nil, 1, string(bytes.Repeat([]byte("x"), 300))); got[9] != 255 {
		t.Errorf("long name has length %d", got[9])
	}
}

func TestBadRTCP(t *testing.T) {
	good := AppendReport(nil, 1, nil, Block{SSRC: 2})
	for name, b := range map[string][]byte{
		"empty": nil, "cut": good[:len(good)-4], "version": append([]byte{0x41}, good[1:]...),
		"first is SDES": AppendCNAME(nil, 1, "a"), "count beyond the length": append([]byte{0x9f}, good[1:]...),
		"trailing octets": append(append([]byte(nil), good...), 1, 2), "padded first": append([]byte{0xa1}, good[1:]...),
	} {
		var r Report
		if err := r.Read(b); !errors.Is(err, ErrRTCP) {
			t.Errorf("%s: error %v, want ErrRTCP", name, err)
		}
	}
}

func TestNTPAndRTT(t *testing.T) {
	if got := NTPOf(0); got != ntpEpoch<<32 {
		t.Errorf("1970 is %x", uint64(got))
	}
	if got := NTPOf(500_000_000); uint32(got) != 1<<31 {
		t.Errorf("half a second is %x", uint32(got))
	}
	sent := int64(1_790_000_000_123_456_789)
	for _, row := range []struct {
		after, held time.Duration
		want        time.Duration
		ok          bool
	}{
		{80 * time.Millisecond, 30 * time.Millisecond, 50 * time.Millisecond, true},
		{30 * time.Millisecond, 31 * time.Millisecond, 0, true},
		{30 * time.Millisecond, time.Second, 0, false},
		{time.Hour, 0, 0, false},
	} {
		b := Block{LSR: NTPOf(sent).Middle(), DLSR: uint32(row.held * 65536 / time.Second)}
		got, ok := b.RTT(NTPOf(sent + int64(row.after)))
		if d := got - row.want; ok != row.ok || d > time.Millisecond || d < -time.Millisecond {
			t.Errorf("after %v held %v: %v, %v, want %v, %v", row.after, row.held, got, ok, row.want, row.ok)
		}
	}
	if _, ok := (Block{}).RTT(NTPOf(sent)); ok {
		t.Error("a block without LSR has a round trip")
	}
}

func FuzzReport(f *testing.F) {
	f.Add(AppendBye(AppendCNAME(AppendReport(nil, 1, &Sender{}, Block{SSRC: 2}), 1, "x"), 1))
	f.Add([]byte{0x80, 201, 0, 1, 0, 0, 0, 1})
	f.Fuzz(func(t *testing.T, b []byte) {
		var r Report
		if r.Read(b) != nil {
			return
		}
		if r.N < 0 || r.N > len(r.Blocks) {
			t.Fatalf("%d blocks", r.N)
		}
		for _, k := range r.Blocks[:r.N] {
			if d, ok := k.RTT(NTPOf(0)); ok && d < 0 {
				t.Fatalf("round trip %v", d)
			}
		}
	})
}
