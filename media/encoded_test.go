package media

import (
	"bytes"
	"testing"
	"time"

	"hotline/media/codec"
	"hotline/media/opus"
	"hotline/media/rtp"
	"hotline/media/tone"
)

// payloads are the octets of the latest packets of speech that came to a phone, and their headers.
func (p *party) payloads(n int) (all [][]byte, headers []rtp.Packet) {
	for _, l := range p.wire.out[max(0, len(p.wire.out)-n):] {
		var k rtp.Packet
		if !rtp.IsRTCP(l.octets) && k.Read(l.octets) == nil {
			all, headers = append(all, l.octets[k.Start:k.End]), append(headers, k)
		}
	}
	return all, headers
}

// TestMusicIsEncodedOnce: who comes later gets the packets that are there, hears the music, and costs no encoder.
func TestMusicIsEncodedOnce(t *testing.T) {
	for _, kind := range []codec.Kind{codec.G722, codec.Opus} {
		if kind == codec.Opus && !opus.Available {
			continue
		}
		r := newRig(t)
		music := toneSound(700, 4*time.Second)
		loop := Playback{ID: 1, Sounds: []*Sound{music}, Loop: true}
		first := r.phone("127.0.0.1:4000", kind, 900)
		first.stream.Play(loop)
		r.run(200 * time.Millisecond)
		r.engine.encoding.Wait()
		if made := *music.encodings.ready.Load(); len(made) != 1 || len(made[0].all) != 200 {
			t.Fatalf("%v: %d kinds of packets", kind, len(made))
		}
		a, b := r.phone("127.0.0.1:4010", kind, 900), r.phone("127.0.0.1:4020", kind, 900)
		a.stream.Play(loop)
		r.run(time.Second)
		b.stream.Play(loop)
		r.run(9 * time.Second) // more than twice round
		if a.stream.speaking != nil || b.stream.speaking != nil {
			t.Errorf("%v: a stream has an encoder of its own", kind)
		}
		made := music.encodings.find(packetKind{kind, 160}).all
		for _, p := range []*party{a, b} {
			octets, headers := p.payloads(400)
			continuous(t, headers)
			for i := 1; i < len(octets); i++ {
				at := func(o []byte) int {
					for k, one := range made {
						if bytes.Equal(o, one) {
							return k
						}
					}
					return -1
				}
				if x, y := at(octets[i-1]), at(octets[i]); kind == codec.Opus && (x < 0 || y < 0) {
					t.Fatalf("%v: packet %d is none of those that were made", kind, i)
				}
				if step := headers[i].Timestamp - headers[i-1].Timestamp; step != uint32(160*kind.ClockRate()/8000) {
					t.Fatalf("%v: packet %d comes %d later", kind, i, step)
				}
			}
			_, pcm := p.heard()
			if got := tone.Heard(pcm[8000:24000], 700, 1300); len(got) != 1 {
				t.Errorf("%v: heard %v", kind, got)
			}
		}
	}
}

// TestMusicAfterAChange: a new codec or packet size in the middle of the music is heard, and what is not music is not kept.
func TestMusicAfterAChange(t *testing.T) {
	r := newRig(t)
	music, prompt := toneSound(700, 2*time.Second), toneSound(700, 2*time.Second)
	for range 2 { // the second time the packets are there
		p := r.phone("127.0.0.1:4000", codec.G722, 900)
		p.stream.Play(Playback{Sounds: []*Sound{music}, Loop: true})
		r.run(time.Second)
		r.engine.encoding.Wait()
		params := p.params()
		params.Ptime = 40 * time.Millisecond
		p.stream.Set(params)
		r.run(time.Second)
		p.heard()
		r.run(2 * time.Second)
		packets, pcm := p.heard()
		continuous(t, packets)
		if len(packets) != 50 || tone.SNR(pcm[4000:8000], 700) < 20 {
			t.Errorf("after the change %d packets with %.1f dB", len(packets), tone.SNR(pcm[4000:8000], 700))
		}
		p.stream.Play(Playback{Sounds: []*Sound{prompt}})
		r.run(time.Second)
	}
	r.engine.encoding.Wait()
	if prompt.encodings.ready.Load() != nil {
		t.Error("an announcement is kept in packets")
	}
	var e encodings
	for i := range 2 * mostEncodings {
		if got := e.begin(packetKind{codec.G722, i + 1}); got != (i < mostEncodings) {
			t.Errorf("packets of size %d are made: %v", i+1, got)
		}
	}
	if e.begin(packetKind{codec.G722, 1}) {
		t.Error("made twice")
	}
}
