package srtp

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"testing"

	"hotline/media/rtp"
)

// packet is RTP of one source with a payload that tells its number.
func packet(ssrc uint32, seq uint16) []byte {
	b := make([]byte, 172)
	rtp.Header{PayloadType: 8, Sequence: seq, Timestamp: uint32(seq) * 160, SSRC: ssrc}.Put(b)
	for i := range b[rtp.HeaderLen:] {
		b[rtp.HeaderLen+i] = byte(int(seq) + i)
	}
	return b
}

func report(ssrc uint32) []byte {
	return rtp.AppendCNAME(rtp.AppendReport(nil, ssrc, nil), ssrc, "c")
}

// ends is a key's sender and receiver.
type ends struct {
	tb  testing.TB
	out *Out
	in  *In
	buf [2048]byte
	got [2048]byte
}

func open(tb testing.TB, out, in Key) *ends {
	tb.Helper()
	e := &ends{tb: tb}
	var err error
	if e.out, err = NewOut(out); err != nil {
		tb.Fatal(err)
	}
	if e.in, err = NewIn(in, nil); err != nil {
		tb.Fatal(err)
	}
	return e
}

// seal protects a packet in memory of its own.
func (e *ends) seal(b []byte) []byte {
	e.tb.Helper()
	sealed, err := e.out.RTP(make([]byte, len(b)+Overhead), b)
	if err != nil {
		e.tb.Fatal(err)
	}
	return sealed
}

// TestVectors: the packets that libsrtp, which most phones use, makes of these keys.
func TestVectors(t *testing.T) {
	plain := unhex(t, "800f1234decafbadcafebabe"+"abababababababababababababababab")
	for _, row := range []struct {
		suite             Suite
		key, salt, sealed string
	}{
		{SHA80, "e1f97a0d3e018be0d64fa32c06de4139", "0ec675ad498afeebb6960b3aabe6",
			"800f1234decafbadcafebabe4e55dc4ce79978d88ca4d215949d2402b78d6acc99ea179b8dbb"},
		{GCM128, "000102030405060708090a0b0c0d0e0f", "a0a1a2a3a4a5a6a7a8a9aaab",
			"800f1234decafbadcafebabec5002ede04cfdd2eb91159e0880aa06ed2976826f796b201df3131a127e8a392"},
	} {
		k, err := KeyOf(row.suite, unhex(t, row.key), unhex(t, row.salt))
		if err != nil {
			t.Fatal(err)
		}
		e := open(t, k, k)
		if got := hex.EncodeToString(e.seal(plain)); got != row.sealed {
			t.Errorf("%s: got %s, want %s", row.suite, got, row.sealed)
		}
		if got, err := e.in.RTP(e.got[:], unhex(t, row.sealed)); err != nil || !bytes.Equal(got, plain) {
			t.Errorf("%s: opened %x, %v", row.suite, got, err)
		}
	}
}

func unhex(t *testing.T, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// TestPacketsComeThrough: RTP and RTCP, in order, late and twice, through three rounds of the sequence numbers.
func TestPacketsComeThrough(t *testing.T) {
	for _, s := range Suites {
		k := NewKey(s)
		e := open(t, k, k)
		for n := 0; n < 3<<16; n += 1 + n%40 {
			if n%7 == 3 {
				continue // lost
			}
			want := packet(9, uint16(n))
			sealed := e.seal(want)
			if bytes.Contains(sealed, want[20:60]) {
				t.Fatalf("%s: the payload is in the clear", s)
			}
			if got, err := e.in.RTP(e.got[:], sealed); err != nil || !bytes.Equal(got, want) {
				t.Fatalf("%s: packet %d: %v", s, n, err)
			}
		}
		late, newer := e.seal(packet(9, 10)), e.seal(packet(9, 11))
		for _, row := range []struct {
			b    []byte
			want error
		}{{newer, nil}, {late, nil}, {late, ErrReplayed}, {newer, ErrReplayed}} {
			if _, err := e.in.RTP(e.got[:], row.b); !errors.Is(err, row.want) {
				t.Errorf("%s: got %v, want %v", s, err, row.want)
			}
		}
		for range 3 {
			want := report(9)
			sealed, err := e.out.RTCP(e.buf[:], want)
			if err != nil || len(sealed) > len(want)+Overhead {
				t.Fatalf("%s: RTCP of %d octets, %v", s, len(sealed), err)
			}
			if got, err := e.in.RTCP(e.got[:], sealed); err != nil || !bytes.Equal(got, want) {
				t.Errorf("%s: RTCP: %v", s, err)
			}
			if _, err := e.in.RTCP(e.got[:], sealed); !errors.Is(err, ErrReplayed) {
				t.Errorf("%s: RTCP twice: %v", s, err)
			}
		}
	}
}

// TestWhatIsNotThePeers: another key, another suite, a bit changed anywhere, plain RTP, rests of packets.
func TestWhatIsNotThePeers(t *testing.T) {
	for _, s := range Suites {
		k := NewKey(s)
		e, other := open(t, k, k), open(t, NewKey(s), NewKey(s))
		good := e.seal(packet(9, 1))
		for i := range len(good) {
			bad := bytes.Clone(good)
			bad[i] ^= 0x01
			if got, err := e.in.RTP(e.got[:], bad); err == nil {
				t.Fatalf("%s: octet %d changed, and it was opened: %x", s, i, got)
			}
		}
		for n := range len(good) {
			if _, err := e.in.RTP(e.got[:], good[:n]); err == nil {
				t.Fatalf("%s: the first %d octets were opened", s, n)
			}
		}
		for name, b := range map[string][]byte{"plain": packet(9, 1), "of another key": other.seal(packet(9, 1)), "nothing": nil} {
			if _, err := e.in.RTP(e.got[:], b); !errors.Is(err, ErrForged) {
				t.Errorf("%s: %s: %v", s, name, err)
			}
		}
		if _, err := e.in.RTP(e.got[:], good); err != nil {
			t.Errorf("%s: the good one does no longer open: %v", s, err)
		}
		rtcp, _ := e.out.RTCP(e.buf[:], report(9))
		for i := range len(rtcp) {
			bad := bytes.Clone(rtcp)
			bad[i] ^= 0x01
			if _, err := e.in.RTCP(e.got[:], bad); err == nil {
				t.Fatalf("%s: RTCP with octet %d changed was opened", s, i)
			}
		}
		if got, err := e.in.RTCP(e.got[:], report(9)); err == nil {
			t.Errorf("%s: plain RTCP was opened: %x", s, got)
		}
	}
}

// TestKeyOfASourceThatWentRound: the peer takes a new key in its second round, and goes on counting or begins anew.
func TestKeyOfASourceThatWentRound(t *testing.T) {
	for name, goesOn := range map[string]bool{"goes on": true, "begins anew": false} {
		first, second := NewKey(GCM128), NewKey(GCM128)
		e := open(t, first, first)
		for n := 0; n < 1<<16+500; n += 100 {
			if _, err := e.in.RTP(e.got[:], e.seal(packet(9, uint16(n)))); err != nil {
				t.Fatal(err)
			}
		}
		next := open(t, second, second)
		if goesOn {
			next.out.sources.keep(9).sound.newest = 1 << 16
		}
		in, err := NewIn(second, e.in)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := in.RTP(e.got[:], packet(9, 501)); !errors.Is(err, ErrForged) {
			t.Errorf("%s: plain: %v", name, err)
		}
		for seq := uint16(501); seq < 510; seq++ {
			if _, err := in.RTP(e.got[:], next.seal(packet(9, seq))); err != nil {
				t.Errorf("%s: packet %d: %v", name, seq, err)
			}
		}
	}
}

// TestManySources: a peer cannot make us keep more than so many, and strangers cannot use them up.
func TestManySources(t *testing.T) {
	k := NewKey(GCM128)
	e, forger := open(t, k, k), open(t, NewKey(GCM128), NewKey(GCM128))
	for n := range uint32(10 * maxSources) {
		if _, err := e.in.RTP(e.got[:], forger.seal(packet(n, 1))); !errors.Is(err, ErrForged) {
			t.Fatal(err)
		}
	}
	for n := range uint32(maxSources) {
		if _, err := e.in.RTP(e.got[:], e.seal(packet(n, 1))); err != nil {
			t.Fatalf("source %d: %v", n, err)
		}
	}
	if _, err := e.in.RTP(e.got[:], e.seal(packet(maxSources, 1))); !errors.Is(err, ErrForged) {
		t.Errorf("one source more: %v", err)
	}
	if _, err := e.in.RTP(e.got[:], e.seal(packet(0, 2))); err != nil {
		t.Errorf("an old one: %v", err)
	}
}

func TestKeyIsSpent(t *testing.T) {
	k := NewKey(GCM128)
	limited := k
	limited.life = 3
	e := open(t, k, limited)
	for seq, want := range []error{nil, nil, nil, ErrSpent, ErrSpent} {
		if _, err := e.in.RTP(e.got[:], e.seal(packet(9, uint16(seq)))); !errors.Is(err, want) {
			t.Errorf("packet %d: %v, want %v", seq, err, want)
		}
	}
}

// TestMKI: the identifier stands behind the packet, and another one is not the peer's.
func TestMKI(t *testing.T) {
	for _, s := range Suites {
		sender := NewKey(s)
		k, err := ParseInline(s, sender.Inline()+"|2^31|1:4")
		if err != nil {
			t.Fatal(err)
		}
		e := open(t, sender, k)
		plain := packet(9, 1)
		b := e.seal(plain)
		tag := sizes[s].tag
		if s == GCM128 || s == GCM256 { // RFC 7714 section 8: the MKI comes after everything
			tag = 0
		}
		marked := append(bytes.Clone(b[:len(b)-tag]), 0, 0, 0, 1)
		marked = append(marked, b[len(b)-tag:]...)
		if got, err := e.in.RTP(e.got[:], marked); err != nil || !bytes.Equal(got, plain) {
			t.Errorf("%s: %v", s, err)
		}
		marked[len(marked)-tag-1] = 2
		if _, err := e.in.RTP(e.got[:], marked); err == nil {
			t.Errorf("%s: another MKI was taken", s)
		}
		if _, err := e.in.RTP(e.got[:], e.seal(packet(9, 2))); !errors.Is(err, ErrForged) {
			t.Errorf("%s: without MKI: %v", s, err)
		}
	}
}

func TestGoodPacketsAllocateNothing(t *testing.T) {
	for _, s := range Suites {
		k := NewKey(s)
		e := open(t, k, k)
		b, sr := packet(9, 0), report(9)
		extended := append([]byte{0x90}, packet(9, 0)[1:]...) // as browsers send, with a header extension
		binary.BigEndian.PutUint32(extended[12:], 0xbede0001)
		seq := uint16(0)
		through := func(b []byte) func() {
			return func() {
				seq++
				binary.BigEndian.PutUint16(b[2:], seq)
				sealed, err := e.out.RTP(e.buf[:], b)
				if err != nil {
					t.Fatal(err)
				}
				if _, err := e.in.RTP(e.got[:], sealed); err != nil {
					t.Fatal(err)
				}
			}
		}
		forged := NewKey(s)
		stranger := open(t, forged, forged)
		bad := stranger.seal(packet(77, 1))
		for name, f := range map[string]func(){"forged": func() {
			if _, err := e.in.RTP(e.got[:], bad); err == nil {
				t.Fatal("it was opened")
			}
		}, "RTP": through(b), "RTP with extension": through(extended), "RTCP": func() {
			sealed, err := e.out.RTCP(e.buf[:], sr)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := e.in.RTCP(e.got[:], sealed); err != nil {
				t.Fatal(err)
			}
		}} {
			if got := testing.AllocsPerRun(1000, f); got != 0 {
				t.Errorf("%s: %s: %v allocations a packet", s, name, got)
			}
		}
	}
}

// FuzzOpen: nothing that is not the peer's is ever opened, and nothing panics.
func FuzzOpen(f *testing.F) {
	f.Add(packet(1, 1))
	f.Add(report(1))
	f.Add([]byte{0x90, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xbe, 0xde, 0xff, 0xff})
	var all []*In
	for _, s := range Suites {
		in, err := NewIn(NewKey(s), nil)
		if err != nil {
			f.Fatal(err)
		}
		all = append(all, in)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		if len(b) > 2048 {
			return
		}
		dst := make([]byte, 2048)
		for _, in := range all {
			if _, err := in.RTP(dst, b); err == nil {
				t.Fatalf("RTP opened: %x", b)
			}
			if _, err := in.RTCP(dst, b); err == nil {
				t.Fatalf("RTCP opened: %x", b)
			}
		}
	})
}

func BenchmarkPacket(b *testing.B) {
	for _, s := range Suites {
		k := NewKey(s)
		e := open(b, k, k)
		p := packet(9, 0)
		seq := uint16(0)
		b.Run(fmt.Sprint(s, "/seal+open"), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				seq++
				binary.BigEndian.PutUint16(p[2:], seq)
				sealed, _ := e.out.RTP(e.buf[:], p)
				if _, err := e.in.RTP(e.got[:], sealed); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
