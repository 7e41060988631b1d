package media

import (
	"testing"
	"time"

	"hotline/media/codec"
	"hotline/media/rtp"
)

// noisy is a phone that agreed on comfort noise.
func (r *rig) noisy(addr string, law codec.Kind, hz float64) *party {
	p := r.phone(addr, law, hz)
	params := p.params()
	params.Noise = true
	p.stream.Set(params)
	r.run(2 * time.Millisecond)
	return p
}

// noise makes the phone's packet of comfort noise.
func (p *party) noise(level byte) []byte {
	b := make([]byte, rtp.HeaderLen+1)
	p.header(comfortNoise, p.stamp).Put(b)
	b[rtp.HeaderLen] = level
	return b
}

// told are the packets of comfort noise among those that came to a phone, by their payload, and how many others there were.
func (p *party) told() (levels []byte, others int, all []rtp.Packet) {
	p.rig.t.Helper()
	from := p.read
	packets, _ := p.heard()
	i := 0
	for _, l := range p.wire.out[from:] {
		if rtp.IsRTCP(l.octets) {
			continue
		}
		if k := packets[i]; k.PayloadType == comfortNoise {
			levels = append(levels, l.octets[k.Start:k.End]...)
		} else {
			others++
		}
		i++
	}
	return levels, others, packets
}

// TestPauseIsTold: who agreed on comfort noise is told of a pause at once and every two seconds, who did not hears nothing.
func TestPauseIsTold(t *testing.T) {
	r := newRig(t)
	p, q := r.noisy("127.0.0.1:4000", codec.PCMA, 700), r.phone("127.0.0.1:4010", codec.PCMA, 900)
	for _, who := range []*party{p, q} {
		who.stream.Play(Playback{Sounds: []*Sound{toneSound(440, time.Second)}})
	}
	r.run(8 * time.Second)
	levels, others, packets := p.told()
	if len(levels) < 3 || len(levels) > 6 || others != 50 {
		t.Errorf("%d packets of noise and %d of sound in 8 s, want 4 and 50", len(levels), others)
	}
	continuous(t, packets)
	for i, k := range packets {
		if noise := k.PayloadType == comfortNoise; k.Marker && noise || i > 0 && !noise && packets[i-1].PayloadType == comfortNoise && !k.Marker {
			t.Errorf("packet %d of type %d has marker %v", i, k.PayloadType, k.Marker)
		}
	}
	if levels, others, _ := q.told(); len(levels) != 0 || others != 50 {
		t.Errorf("%d packets of noise and %d of sound to a peer without comfort noise", len(levels), others)
	}
	p.stream.Play(Playback{Sounds: []*Sound{toneSound(440, time.Second)}})
	r.run(900 * time.Millisecond)
	if levels, others, packets := p.told(); len(levels) > 0 || others < 40 || !packets[0].Marker {
		t.Errorf("while it plays: %d packets of noise, %d of sound", len(levels), others)
	}
}

// TestPauseIsPassedOn: the caller's pause reaches an agent who agreed on comfort noise as the caller told it, and leaves no hole for one who did not.
func TestPauseIsPassedOn(t *testing.T) {
	r := newRig(t)
	caller, agent := r.phone("127.0.0.1:4000", codec.PCMA, 700), r.noisy("127.0.0.1:4010", codec.PCMU, 900)
	caller.stream.Bridge(agent.stream)
	r.talk(time.Second, caller, agent)
	agent.told()
	for range 5 {
		caller.send(caller.noise(48))
		caller.stamp += 8000
		r.talk(time.Second, agent)
	}
	r.talk(time.Second, caller, agent)
	levels, others, packets := agent.told()
	if len(levels) != 5 || levels[0] != 48 || levels[4] != 48 || others < 49 {
		t.Errorf("the agent was told %v, and heard %d packets of sound", levels, others)
	}
	continuous(t, packets)
	if _, pcm := caller.heard(); len(pcm) < 6*8000 {
		t.Errorf("the caller heard %d samples", len(pcm))
	}
}

// TestReportsAreLifeInAPause: a peer that told of a pause is not dead while its reports come, and is when they end.
func TestReportsAreLifeInAPause(t *testing.T) {
	for _, told := range []bool{true, false} {
		r := newRig(t)
		r.engine.config.SilenceAfter = 10 * time.Second
		p := r.noisy("127.0.0.1:4000", codec.PCMA, 700)
		r.talk(time.Second, p)
		if told {
			p.send(p.noise(60))
		}
		silent := func() (n int) {
			for _, e := range p.events {
				if _, ok := e.(Silent); ok {
					n++
				}
			}
			return n
		}
		for range 8 {
			p.rtcp.in = append(p.rtcp.in, letter{octets: rtp.AppendReport(nil, p.ssrc, &rtp.Sender{}), from: p.addr})
			r.run(5 * time.Second)
		}
		if got := silent() == 0; got != told {
			t.Errorf("told %v: silent %d times", told, silent())
		}
		r.run(30 * time.Second)
		if silent() == 0 {
			t.Errorf("told %v: never silent", told)
		}
	}
}
