package media

import (
	"encoding/binary"
	"math/rand/v2"
	"testing"
	"time"

	"hotline/media/codec"
	"hotline/media/rtp"
	"hotline/media/tape"
	"hotline/media/tone"
)

// scene is a recorded conference of three, in which the first party is attacked: its sound passes a decoder, the mixer and a tap.
type scene struct {
	*rig
	all []*party
	tap *tape.Tap
}

func newScene(t *testing.T) *scene {
	r := newRig(t)
	_, all := meeting(r, 3)
	s := &scene{rig: r, all: all, tap: tape.New(1 << 14)}
	all[0].stream.Tap(s.tap, tape.Left)
	r.run(2 * time.Millisecond)
	return s
}

// clean checks that the others and the recording hold the victim's tone and nothing of the attacker's.
func (s *scene) clean(t *testing.T, name string) {
	t.Helper()
	s.all[1].hears(t, name+": second party", roomHz[0], roomHz[2])
	s.all[2].hears(t, name+": third party", roomHz[0], roomHz[1])
	var f tape.Frame
	var pcm []int16
	for s.tap.Read(&f) {
		out := make([]int16, len(f.Payload))
		codec.DecodeALaw(out, f.Payload)
		pcm = append(pcm, out...)
	}
	if len(pcm) < 4000 || tone.SNR(pcm[:len(pcm)/160*160], roomHz[0]) < 28 || tone.Find(pcm, attackHz) > -60 {
		t.Errorf("%s: the recording of %d samples has the victim's tone %.1f dB above the rest, the attacker's at %.1f dBFS", name, len(pcm),
			tone.SNR(pcm, roomHz[0]), tone.Find(pcm, attackHz))
	}
}

const attackHz = 2100

// TestInjectedSoundIsNeverMixedOrRecorded: packets from a third address before, during and after learning, with an SSRC of their own and
// as the exact continuation of the victim's, on the RTP and on the RTCP port (F16).
func TestInjectedSoundIsNeverMixedOrRecorded(t *testing.T) {
	for _, when := range []string{"before", "during", "after"} {
		for _, disguise := range []string{"own SSRC", "the victim's SSRC and numbers", "on the RTCP port"} {
			s := newScene(t)
			victim := s.all[0]
			attacker := s.phone(attackerAt, codec.PCMA, attackHz)
			sent := uint64(0)
			strike := func(n int) {
				for range n {
					b := attacker.packet()
					if disguise == "the victim's SSRC and numbers" {
						binary.BigEndian.PutUint16(b[2:], victim.seq+1)
						binary.BigEndian.PutUint32(b[4:], victim.stamp)
						binary.BigEndian.PutUint32(b[8:], victim.ssrc)
					}
					to := victim.wire
					if disguise == "on the RTCP port" {
						to = victim.rtcp
					}
					to.in = append(to.in, letter{octets: b, from: attacker.addr})
					sent++
				}
			}
			if when == "before" {
				for range 30 {
					strike(1)
					s.run(20 * time.Millisecond)
				}
			}
			for i := range 75 {
				if when == "during" || when == "after" && i > 25 {
					strike(2)
				}
				for _, p := range s.all {
					p.send(p.packet())
				}
				s.run(20 * time.Millisecond)
			}
			name := when + ", " + disguise
			s.clean(t, name)
			if n := victim.sentTo(attacker.addr); n != 0 {
				t.Errorf("%s: %d packets went to the attacker", name, n)
			}
			if got := victim.stream.strangers + victim.stream.junk; when == "before" && got != sent || when == "during" && got == 0 {
				t.Errorf("%s: %d packets counted of %d", name, got, sent)
			}
		}
	}
}

// TestJunkIsNeverMixedOrRecorded: whatever the peer's own address sends beside its sound is dropped and counted: wrong payload types, broken
// headers, random octets, RTCP junk on both ports, our own SSRC.
func TestJunkIsNeverMixedOrRecorded(t *testing.T) {
	s := newScene(t)
	victim := s.all[0]
	noisy := tone.NewSine(attackHz, -6)
	packet := func() []byte { // of the peer's stream, but for what is bent
		b := make([]byte, rtp.HeaderLen+160)
		pcm := make([]int16, 160)
		noisy.Read(pcm)
		codec.EncodeALaw(b[rtp.HeaderLen:], pcm)
		rtp.Header{PayloadType: 8, Sequence: victim.seq + 1, Timestamp: victim.stamp, SSRC: victim.ssrc}.Put(b)
		return b
	}
	rnd := rand.New(rand.NewPCG(5, 5))
	bends := []struct {
		name string
		bend func(b []byte) []byte
		rtcp bool
	}{
		{"payload type 18", func(b []byte) []byte { b[1] = 18; return b }, false},
		{"payload type 96", func(b []byte) []byte { b[1] = 96; return b }, false},
		{"G.722 that was not agreed", func(b []byte) []byte { b[1] = 9; return b }, false},
		{"version 0 (STUN or ZRTP)", func(b []byte) []byte { b[0] = 0; return b }, false},
		{"version 3", func(b []byte) []byte { b[0] |= 0xc0; return b }, false},
		{"half a header", func(b []byte) []byte { return b[:7] }, false},
		{"one octet", func(b []byte) []byte { return b[:1] }, false},
		{"fifteen CSRCs and no room", func(b []byte) []byte { b[0] |= 15; return b[:40] }, false},
		{"an extension beyond the end", func(b []byte) []byte { b[0] |= 0x10; b[14], b[15] = 0xff, 0xff; return b }, false},
		{"padding longer than the payload", func(b []byte) []byte { b[0] |= 0x20; b[len(b)-1] = 255; return b }, false},
		{"padding of none", func(b []byte) []byte { b[0] |= 0x20; b[len(b)-1] = 0; return b }, false},
		{"our own SSRC", func(b []byte) []byte { binary.BigEndian.PutUint32(b[8:], victim.stream.out.ssrc); return b }, false},
		{"RTCP cut off on the RTP port", func(b []byte) []byte { b[1] = 200; return b[:15] }, false},
		{"RTCP whose length lies", func(b []byte) []byte { b[1], b[2], b[3] = 201, 0xff, 0xff; return b[:40] }, true},
		{"sound on the RTCP port", func(b []byte) []byte { return b }, true},
		{"random octets on the RTCP port", func(b []byte) []byte {
			for i := range b {
				b[i] = byte(rnd.Uint32())
			}
			b[1] = 203
			b[0] = 0x40
			return b
		}, true},
	}
	want := uint64(0)
	for i := range 96 {
		row := bends[i%len(bends)]
		to := victim.wire
		if row.rtcp {
			to = victim.rtcp
		}
		to.in = append(to.in, letter{octets: row.bend(packet()), from: victim.addr})
		s.run(4 * time.Millisecond)
		if want++; victim.stream.junk != want {
			t.Fatalf("%s: %d packets of junk counted, want %d", row.name, victim.stream.junk, want)
		}
		for _, p := range s.all {
			p.send(p.packet())
		}
		s.run(16 * time.Millisecond)
	}
	s.clean(t, "junk")
	if q := victim.stream.quality(); q.Received != 96 || q.Lost != 0 || q.Junk != 96 {
		t.Errorf("quality %+v, want 96 packets, none lost, 96 of junk", q)
	}
}

// TestOddPacketsAreHeardClean: CSRC lists, header extensions and padding around the peer's sound, empty payloads and payloads of padding
// alone between it: heard, mixed and recorded as if they were not there.
func TestOddPacketsAreHeardClean(t *testing.T) {
	s := newScene(t)
	victim := s.all[0]
	for i := range 96 {
		b := victim.packet()
		switch i % 4 {
		case 1: // CSRCs, an extension and padding
			plain := b
			b = append([]byte{0x80 | 0x20 | 0x10 | 2}, plain[1:rtp.HeaderLen]...)
			b = append(b, make([]byte, 8)...)
			b = append(b, 0xbe, 0xde, 0, 1, 1, 2, 3, 4)
			b = append(b, plain[rtp.HeaderLen:]...)
			b = append(b, 0, 0, 0, 4)
		case 2: // nothing at all before it
			empty := make([]byte, rtp.HeaderLen)
			copy(empty, b)
			victim.send(empty)
			binary.BigEndian.PutUint16(b[2:], victim.seq+1)
			victim.seq++
		case 3: // padding alone before it
			padded := make([]byte, rtp.HeaderLen+4)
			copy(padded, b[:rtp.HeaderLen])
			padded[0] |= 0x20
			padded[len(padded)-1] = 4
			victim.send(padded)
			binary.BigEndian.PutUint16(b[2:], victim.seq+1)
			victim.seq++
		}
		victim.send(b)
		for _, p := range s.all[1:] {
			p.send(p.packet())
		}
		s.run(20 * time.Millisecond)
	}
	s.run(20 * time.Millisecond)
	s.clean(t, "odd packets")
	if q := victim.stream.quality(); q.Received != 96+48 || q.Lost != 0 || q.Junk != 0 {
		t.Errorf("quality %+v, want 144 packets, none lost, no junk", q)
	}
}

// TestSSRCCollision: another source takes the peer's place under the same address, then both speak at once as two streams with one
// SSRC would. The stream sent on stays one, nothing panics, and what comes twice is not passed twice.
func TestSSRCCollision(t *testing.T) {
	r := newRig(t)
	caller, agent := r.phone(callerAt, codec.PCMA, 700), r.phone(agentAt, codec.PCMA, 1300)
	caller.stream.Bridge(agent.stream)
	r.talk(200*time.Millisecond, caller)
	twin := *caller // the same SSRC, numbers of its own
	twin.seq, twin.stamp, twin.sine = caller.seq+20000, caller.stamp+1<<30, tone.NewSine(900, -12)
	for range 50 {
		caller.send(caller.packet())
		twin.send(twin.packet())
		r.run(20 * time.Millisecond)
	}
	twin.ssrc = caller.stream.out.ssrc // now it takes ours
	caller.send(twin.packet())
	r.talk(200*time.Millisecond, caller)
	if caller.stream.junk != 1 {
		t.Errorf("%d packets of junk, want the one with our own SSRC", caller.stream.junk)
	}
	packets, _ := agent.heard()
	seen := map[uint16]bool{}
	for _, k := range packets {
		if k.SSRC != packets[0].SSRC || seen[k.Sequence] {
			t.Fatalf("SSRC %x, sequence %d twice: %v", k.SSRC, k.Sequence, seen[k.Sequence])
		}
		seen[k.Sequence] = true
	}
	if len(packets) < 60 {
		t.Errorf("%d packets passed on, want the caller's at least", len(packets))
	}
}
