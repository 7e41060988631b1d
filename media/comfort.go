package media

import (
	"time"

	"hotline/media/rtp"
)

// Comfort noise (RFC 3389): where it was agreed the peer is told of a pause instead of hearing nothing. A pause of a bridged stream is passed
// on as it was told; one of our own making is of an even, low level. It is never mixed and never recorded as sound.

const (
	comfortNoise = 13                            // its static payload type
	noiseLevel   = 65                            // -dBov of ours: a quiet room
	noiseLook    = int64(200 * time.Millisecond) // how often a stream looks whether it pauses, and the shortest pause that is told
	noiseAgain   = int64(2 * time.Second)        // a long pause is told again, for peers that missed it
)

// pausing is what a stream has told its peer about a pause.
type pausing struct {
	timer timer
	told  bool   // the newest packet was comfort noise
	seq   uint16 // its number
	at    int64  // when it went out, ns
	ours  bool   // it was of our making
}

// watchPauses begins and ends to look for pauses, after a description changed.
func (s *Stream) watchPauses() {
	switch {
	case !s.p.Noise || !s.p.Send:
		s.pausing.timer.stop()
	case s.pausing.timer.next == nil:
		s.shard.wheel.set(&s.pausing.timer, s.shard.now+noiseLook)
	}
}

// checkPause tells the peer that nothing is being said.
func (s *Stream) checkPause(now int64) {
	s.shard.wheel.set(&s.pausing.timer, now+noiseLook)
	if !s.sending() || s.play.on || s.digits.busy() {
		return
	}
	v := &s.pausing
	if v.told && v.seq == s.out.seq { // nothing was said since
		if v.ours && now-v.at >= noiseAgain {
			s.sayNoise(now)
		}
		return
	}
	if !s.out.started || now-s.out.at >= noiseLook {
		s.sayNoise(now)
	}
}

func (s *Stream) sayNoise(now int64) {
	b := s.shard.out[:rtp.HeaderLen+1]
	h := rtp.Header{PayloadType: comfortNoise}
	s.out.own(&h, now, 0, true)
	h.Marker = false // of a spurt that begins, which this is the opposite of
	h.Put(b)
	b[rtp.HeaderLen] = noiseLevel
	s.transmit(b)
	s.pausing.told, s.pausing.seq, s.pausing.at, s.pausing.ours = true, s.out.seq, now, true
}

// comfort takes a packet of comfort noise.
func (s *Stream) comfort(b []byte, p *rtp.Packet) {
	s.paused = true
	if to := s.sink(); to != nil {
		if to.p.Noise && passes(s.p.Codec, to.p.Codec) {
			to.relayNoise(b, p)
		} else {
			to.out.skip(&p.Header)
		}
	}
	if s.hearing != nil {
		s.hearing.ear.Skip(&p.Header)
		s.hearing.ear.Noise(b[p.Start:p.End])
	}
}

// relayNoise tells this stream's peer of another stream's pause.
func (s *Stream) relayNoise(b []byte, p *rtp.Packet) {
	if s.taken() {
		s.out.mapped = false
		return
	}
	h := p.Header
	h.PayloadType, h.Marker = comfortNoise, false
	if s.out.pass(&h, s.shard.now, 0, false) {
		h.Put(b[p.Start-rtp.HeaderLen:])
		s.transmit(b[p.Start-rtp.HeaderLen : p.End])
		s.pausing.told, s.pausing.seq, s.pausing.at, s.pausing.ours = true, s.out.seq, s.shard.now, false
	}
}
