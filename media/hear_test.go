//go:build cgo

package media

import (
	"testing"
	"time"

	"hotline/media/codec"
	"hotline/media/dtmf"
	"hotline/media/rtp"
	"hotline/media/tape"
	"hotline/media/tone"
)

// floors are what a tone must stand above the rest after its way through a codec, dB.
var floors = map[codec.Kind]float64{codec.PCMA: 34, codec.PCMU: 34, codec.G722: 34, codec.Opus: 20}

// TestBridgeOfCodecs: every pair of codecs talks both ways, the tones are right, and each phone gets one unbroken stream of its codec.
func TestBridgeOfCodecs(t *testing.T) {
	kinds := []codec.Kind{codec.PCMA, codec.PCMU, codec.G722, codec.Opus}
	for _, one := range kinds {
		for _, other := range kinds {
			r := newRig(t)
			caller, agent := r.phone(callerAt, one, 700), r.phone(agentAt, other, 1300)
			caller.stream.Bridge(agent.stream)
			r.talk(4*time.Second, caller, agent)
			want := min(floors[one], floors[other])
			if one != other && one.Law() && other.Law() {
				want = 32 // one law after the other
			}
			for _, row := range []struct {
				who     *party
				hz, not float64
			}{{caller, 1300, 700}, {agent, 700, 1300}} {
				packets, pcm := row.who.heard()
				continuous(t, packets)
				if len(pcm) < 28000 {
					t.Errorf("%v with %v: %d samples heard of 32000", one, other, len(pcm))
					continue
				}
				only(t, pcm[8000:24000], row.hz, row.not, want)
				if step := packets[50].Timestamp - packets[49].Timestamp; step != uint32(row.who.law.ClockRate()/50) {
					t.Errorf("%v with %v: timestamps step by %d", one, other, step)
				}
			}
			converts := one != other && (!one.Law() || !other.Law())
			if got := caller.stream.hearing != nil; got != converts {
				t.Errorf("%v with %v: decoded %v, want %v", one, other, got, converts)
			}
			if t.Failed() {
				return
			}
		}
	}
}

// TestSameCodecPasses: the payload of two phones of one codec is not touched.
func TestSameCodecPasses(t *testing.T) {
	for _, kind := range []codec.Kind{codec.G722, codec.Opus} {
		r := newRig(t)
		caller, agent := r.phone(callerAt, kind, 700), r.phone(agentAt, kind, 1300)
		caller.stream.Bridge(agent.stream)
		r.run(10 * time.Millisecond)
		b := caller.packet()
		sent := string(b[rtp.HeaderLen:])
		caller.send(b)
		r.run(4 * time.Millisecond)
		out := agent.wire.out
		if len(out) != 1 || string(out[0].octets[rtp.HeaderLen:]) != sent {
			t.Errorf("%v: the agent got %d packets, want the caller's own", kind, len(out))
		}
	}
}

// TestConvertedPacketSizes: ptime of 10 to 60 ms on either side.
func TestConvertedPacketSizes(t *testing.T) {
	for _, kind := range []codec.Kind{codec.PCMA, codec.G722, codec.Opus} {
		for _, size := range []int{80, 160, 240, 320, 480} {
			from := codec.G722
			if kind == codec.G722 {
				from = codec.PCMA
			}
			r := newRig(t)
			caller, agent := r.phone(callerAt, from, 700), r.phone(agentAt, kind, 1300)
			p := agent.params()
			p.Ptime = time.Duration(size/8) * time.Millisecond
			agent.stream.Set(p)
			caller.stream.Bridge(agent.stream)
			r.talk(2*time.Second, caller)
			packets, pcm := agent.heard()
			continuous(t, packets)
			want := size
			if kind == codec.Opus && size == 240 {
				want = 160 // there is no Opus frame of 30 ms
			}
			if got := len(pcm) / max(1, len(packets)); got != want {
				t.Errorf("%v: packets of %d samples, want %d", kind, got, want)
			}
			if len(pcm) < 14000 {
				t.Errorf("%v, %d: %d samples of 16000", kind, size, len(pcm))
				continue
			}
			only(t, pcm[6000:], 700, 1300, floors[kind])
		}
	}
}

// TestRecordedCodecs: a recording of any two codecs has each party in its channel, in time with the other.
func TestRecordedCodecs(t *testing.T) {
	for _, row := range [][2]codec.Kind{{codec.G722, codec.PCMA}, {codec.Opus, codec.PCMA}, {codec.Opus, codec.Opus}, {codec.G722, codec.Opus}} {
		r := newRig(t)
		caller, agent := r.phone(callerAt, row[0], 700), r.phone(agentAt, row[1], 1300)
		caller.stream.Bridge(agent.stream)
		tap := tape.New(2000)
		caller.stream.Tap(tap, tape.Left)
		agent.stream.Tap(tap, tape.Right)
		r.talk(4*time.Second, caller, agent)
		var a track
		a.drain(tap)
		only(t, a.pcm[tape.Left][8000:24000], 700, 1300, min(33, floors[row[0]]))
		only(t, a.pcm[tape.Right][8000:24000], 1300, 700, min(33, floors[row[1]]))
		if d := a.end[tape.Left] - a.end[tape.Right]; d > 800 || d < -800 {
			t.Errorf("%v: sides end %d samples apart", row, d)
		}
		caller.stream.Tap(nil, tape.Left)
		agent.stream.Tap(nil, tape.Right)
		r.run(4 * time.Millisecond)
		if converts := !passes(row[0], row[1]); (caller.stream.hearing != nil) != converts {
			t.Errorf("%v: decoded after the recording: %v, want %v", row, caller.stream.hearing != nil, converts)
		}
	}
}

// TestRecordedAlignment: after ten minutes in which the caller's source changes, its clock jumps, and it is silent for long, a click that
// both parties make at one time lies within 40 ms in the two channels.
func TestRecordedAlignment(t *testing.T) {
	for _, kind := range []codec.Kind{codec.G722, codec.Opus} {
		r := newRig(t)
		caller, agent := r.phone(callerAt, kind, 700), r.phone(agentAt, codec.PCMA, 1300)
		caller.stream.Bridge(agent.stream)
		tap := tape.New(4000)
		caller.stream.Tap(tap, tape.Left)
		agent.stream.Tap(tap, tape.Right)
		var a track
		talk := func(d time.Duration, who ...*party) {
			if pooled > 0 || kind == codec.G722 { // the race detector is slow
				d /= 4
			}
			for ; d > 0; d -= 10 * time.Second {
				r.talk(min(d, 10*time.Second), who...)
				a.drain(tap)
			}
		}
		r.talk(time.Second, caller, agent)
		caller.still = true
		talk(3*time.Minute, caller, agent)
		caller.ssrc, caller.seq, caller.stamp = 0xabcdef, 17, 99
		talk(2*time.Minute, caller, agent)
		caller.stamp += 1 << 29
		talk(time.Minute, caller, agent)
		silentFrom := r.now
		talk(3*time.Minute, agent) // the caller is silent
		caller.stamp += uint32(time.Duration(r.now-silentFrom).Seconds() * float64(kind.ClockRate()))
		talk(time.Minute, caller, agent)
		silent := time.Second
		r.talk(silent)
		r.talk(time.Second, caller, agent)
		a.drain(tap)
		left, right := onset(a.pcm[tape.Left]), onset(a.pcm[tape.Right])
		if d := left - right; d > 320 || d < -320 {
			t.Errorf("%v: the two begin %d samples apart after %v, want 320 (40 ms) at most", kind, d, time.Duration(r.now))
		}
		if tap.Lost() > 0 {
			t.Errorf("%v: %d frames lost", kind, tap.Lost())
		}
	}
}

// onset is where the last sound after a silence of half a second begins.
func onset(pcm []int16) int {
	at, quiet := -1, 0
	for i, x := range pcm {
		if x > 1000 || x < -1000 {
			if quiet > 4000 {
				at = i
			}
			quiet = 0
		} else {
			quiet++
		}
	}
	return at
}

// TestPlayToCodecs: prompts and keys as tones reach phones of every codec.
func TestPlayToCodecs(t *testing.T) {
	for _, kind := range []codec.Kind{codec.G722, codec.Opus} {
		r := newRig(t)
		p := r.phone(callerAt, kind, 700)
		params := p.params()
		params.EventType = 0
		p.stream.Set(params)
		p.stream.Play(Playback{ID: 3, Sounds: []*Sound{NewSound(tone.Make(440, -12, 2*time.Second))}})
		r.run(2500 * time.Millisecond)
		packets, pcm := p.heard()
		continuous(t, packets)
		if len(pcm) < 15000 {
			t.Fatalf("%v: %d samples of 16000", kind, len(pcm))
		}
		only(t, pcm[2000:14000], 440, 1300, floors[kind])
		if len(p.events) == 0 || p.events[len(p.events)-1] != (PlayDone{ID: 3}) {
			t.Errorf("%v: events %v, want PlayDone", kind, p.events)
		}
		p.stream.SendDigit('5')
		r.run(300 * time.Millisecond)
		_, pcm = p.heard()
		if got := tone.Heard(pcm[:min(len(pcm), 700)], 770, 1336, 697, 1209); len(got) != 2 {
			t.Errorf("%v: key 5 sounds like %v, want 770 and 1336 Hz", kind, got)
		}
	}
}

// TestKeysBetweenClocks: keys pass between events at 8 and 48 kHz, once each, with a length and an identity of the other clock.
func TestKeysBetweenClocks(t *testing.T) {
	r := newRig(t)
	caller, agent := r.phone(callerAt, codec.Opus, 700), r.phone(agentAt, codec.PCMA, 1300)
	p := caller.params()
	p.EventClock, p.EventType = 48000, 110
	caller.stream.Set(p)
	caller.stream.Bridge(agent.stream)
	r.talk(time.Second, caller, agent)
	caller.heard()
	agent.heard()
	for _, b := range agent.key('7') {
		agent.send(b)
		r.run(20 * time.Millisecond)
	}
	events(t, caller, 110, 4800)
	if got := agent.keys(); got != "7" {
		t.Errorf("keys %q, want 7", got)
	}
	for _, b := range caller.key('9') {
		b[1] = b[1]&0x80 | 110
		b[rtp.HeaderLen+2], b[rtp.HeaderLen+3] = byte(wider(b)>>8), byte(wider(b))
		caller.send(b)
		r.run(20 * time.Millisecond)
	}
	events(t, agent, 101, 800)
	if got := caller.keys(); got != "9" {
		t.Errorf("keys %q, want 9", got)
	}
}

// wider is the duration of an event packet at six times the clock.
func wider(b []byte) uint16 {
	return 6 * (uint16(b[rtp.HeaderLen+2])<<8 | uint16(b[rtp.HeaderLen+3]))
}

// events checks that one key came: one timestamp, growing up to a duration.
func events(t *testing.T, p *party, payloadType uint8, duration uint16) {
	t.Helper()
	var stamps []uint32
	var last uint16
	for _, l := range p.wire.out[p.read:] {
		var k rtp.Packet
		if rtp.IsRTCP(l.octets) || k.Read(l.octets) != nil || k.PayloadType != payloadType {
			continue
		}
		stamps = append(stamps, k.Timestamp)
		last = uint16(l.octets[k.Start+2])<<8 | uint16(l.octets[k.Start+3])
	}
	p.read = len(p.wire.out)
	if len(stamps) < 7 || stamps[0] != stamps[len(stamps)-1] || last != duration {
		t.Errorf("event packets with timestamps %v, last duration %d: want 7 of one, %d", stamps, last, duration)
	}
}

// TestWrongPayloadTypes: what was not agreed is dropped and counted, also from the peer.
func TestWrongPayloadTypes(t *testing.T) {
	for _, row := range []struct {
		kind codec.Kind
		junk []uint8
	}{{codec.PCMA, []uint8{9, 111, 96, 77}}, {codec.G722, []uint8{0, 8, 111}}, {codec.Opus, []uint8{0, 8, 9, 96}}} {
		r := newRig(t)
		p := r.phone(callerAt, row.kind, 700)
		r.talk(100*time.Millisecond, p)
		for _, payloadType := range row.junk {
			b := p.packet()
			b[1] = payloadType
			p.send(b)
			r.run(4 * time.Millisecond)
		}
		if got := p.stream.junk; got != uint64(len(row.junk)) {
			t.Errorf("%v: %d packets counted as junk, want %d", row.kind, got, len(row.junk))
		}
	}
}

// TestOpusJunk: a malformed packet is counted, sent on to nobody and decoded by nobody.
func TestOpusJunk(t *testing.T) {
	r := newRig(t)
	caller, agent := r.phone(callerAt, codec.Opus, 700), r.phone(agentAt, codec.Opus, 1300)
	caller.stream.Bridge(agent.stream)
	r.talk(100*time.Millisecond, caller)
	before := len(agent.wire.out)
	b := make([]byte, rtp.HeaderLen+2)
	caller.header(codec.OpusType, caller.stamp).Put(b)
	b[rtp.HeaderLen], b[rtp.HeaderLen+1] = 1<<3|3, 0
	caller.send(b)
	r.run(10 * time.Millisecond)
	if caller.stream.junk != 1 || len(agent.wire.out) != before {
		t.Errorf("junk %d, %d packets sent on: want 1 and none", caller.stream.junk, len(agent.wire.out)-before)
	}
	r.talk(100*time.Millisecond, caller)
	packets, _ := agent.heard()
	continuous(t, packets)
}

type eavesdropper struct {
	pcm    []int16
	frames int
}

func (e *eavesdropper) hear(_ *Stream, pcm []int16, _ bool, _ int64) {
	e.pcm = append(e.pcm, pcm...)
	e.frames++
}

// TestListener: who listens hears 20 ms every 20 ms while packets still pass by untouched, and nothing after that.
func TestListener(t *testing.T) {
	r := newRig(t)
	caller, agent := r.phone(callerAt, codec.PCMA, 700), r.phone(agentAt, codec.PCMU, 1300)
	caller.stream.Bridge(agent.stream)
	e := &eavesdropper{}
	caller.stream.post(func(s *Stream) { s.listen(e) })
	r.talk(2*time.Second, caller, agent)
	only(t, e.pcm[4000:], 700, 1300, 36)
	if e.frames < 98 || e.frames > 101 {
		t.Errorf("%d frames in 2 s, want 100", e.frames)
	}
	_, pcm := agent.heard()
	only(t, pcm, 700, 1300, 33)
	caller.stream.post(func(s *Stream) { s.ignore(e) })
	r.talk(time.Second, caller)
	if caller.stream.hearing != nil || e.frames > 101 || r.shard.counters.decoding != 0 {
		t.Errorf("after the end: decoded %v, %d frames", caller.stream.hearing != nil, e.frames)
	}
}

// TestToneKeysOfCodecs: keys as tones are found in G.722 too.
func TestToneKeysOfCodecs(t *testing.T) {
	r := newRig(t)
	p := r.phone(callerAt, codec.G722, 700)
	params := p.params()
	params.EventType, params.KeyTones = 0, TonesAlone
	p.stream.Set(params)
	for _, key := range "15" {
		pcm := dtmf.Tone(byte(key), 800)
		for at := 0; at < 1600; at += 160 {
			frame := make([]int16, 160)
			if at < len(pcm) {
				copy(frame, pcm[at:])
			}
			p.send(p.coded(frame))
			r.run(20 * time.Millisecond)
		}
	}
	if got := p.keys(); got != "15" {
		t.Errorf("keys %q, want 15", got)
	}
}

// TestReinvitedToAnotherCodec: the codec changes in mid-call, clock and all, and back; the peer's stream goes on.
func TestReinvitedToAnotherCodec(t *testing.T) {
	r := newRig(t)
	caller, agent := r.phone(callerAt, codec.PCMA, 700), r.phone(agentAt, codec.PCMA, 1300)
	caller.stream.Bridge(agent.stream)
	for _, kind := range []codec.Kind{codec.PCMA, codec.Opus, codec.G722, codec.PCMU, codec.Opus, codec.PCMA} {
		caller.law = kind
		caller.stream.Set(caller.params())
		r.talk(2*time.Second, caller, agent)
		packets, pcm := agent.heard()
		continuous(t, packets)
		only(t, pcm[len(pcm)/2:], 700, 1300, min(32, floors[kind]))
		_, pcm = caller.heard()
		only(t, pcm[len(pcm)/2:], 1300, 700, min(32, floors[kind]))
	}
	caller.stream.Close(nil)
	agent.stream.Close(nil)
	r.run(10 * time.Millisecond)
	if r.engine.opus.Ports() != 0 || r.shard.counters.decoding != 0 {
		t.Errorf("%d Opus ports and %d ears are left", r.engine.opus.Ports(), r.shard.counters.decoding)
	}
}
