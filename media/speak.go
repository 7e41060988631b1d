package media

import (
	"hotline/media/codec"
	"hotline/media/convert"
	"hotline/media/rtp"
)

const maxFrame = 480 // samples of the longest packet of our making: 60 ms

// speaking is what a stream needs to encode sound.
type speaking struct {
	mouth   *convert.Mouth
	timer   timer // looks for what the Opus worker has done
	pending [maxFrame + convert.FrameLen]int16
	n       int  // samples of pending
	spurt   bool // the next packet begins a talk spurt
}

// voice makes the stream's mouth when it is first needed.
func (s *Stream) voice() *speaking {
	if s.speaking == nil {
		s.speaking = &speaking{mouth: convert.NewMouth(s.shard.engine.opus), spurt: true}
		s.speaking.timer = timer{stream: s, fire: (*Stream).fetch}
		s.speaking.become(s.p.Codec)
	}
	return s.speaking
}

func (v *speaking) become(kind codec.Kind) {
	v.mouth.Become(kind)
	if !v.mouth.Wired() {
		v.timer.stop()
	}
}

// silence gives the mouth back.
func (s *Stream) silence() {
	if s.speaking != nil {
		s.speaking.timer.stop()
		s.speaking.mouth.Close()
		s.speaking = nil
	}
}

// speak sends a frame of another stream to this one's peer, in packets of its size. A pause is not sent.
func (s *Stream) speak(pcm []int16, sound bool, now int64) {
	v := s.voice()
	if s.taken() || !sound {
		v.n, v.spurt = 0, true
		return
	}
	v.n += copy(v.pending[v.n:], pcm)
	for v.n >= s.frame {
		s.emit(v.pending[:s.frame], now, &v.spurt)
		v.n = copy(v.pending[:], v.pending[s.frame:v.n])
	}
}

// utter is say for sound that has to be encoded yet.
func (s *Stream) utter(pcm []int16, now int64, spurt *bool) {
	if !s.sending() || s.digits.busy() {
		*spurt = true
		return
	}
	s.emit(pcm, now, spurt)
}

// emit encodes and sends one packet, or lets a worker encode it.
func (s *Stream) emit(pcm []int16, now int64, spurt *bool) {
	v := s.voice()
	if v.mouth.Wired() {
		if !v.mouth.Post(pcm, *spurt) {
			*spurt = true
			s.shard.counters.behind++
			return
		}
		*spurt = false
		if v.timer.next == nil {
			s.shard.wheel.set(&v.timer, now+2*s.shard.wheel.tick)
		}
		return
	}
	b := s.shard.out[:rtp.HeaderLen+len(pcm)]
	n := v.mouth.Encode(b[rtp.HeaderLen:], pcm)
	h := rtp.Header{PayloadType: s.p.PayloadType}
	s.out.own(&h, now, n, *spurt)
	*spurt = false
	h.Put(b)
	s.transmit(b)
}

// fetch sends what the worker has encoded.
func (s *Stream) fetch(now int64) {
	v := s.speaking
	b := s.shard.out[:]
	for {
		n, samples, spurt, ok := v.mouth.Packet(b[rtp.HeaderLen:])
		if !ok {
			break
		}
		if n == 0 || !s.sending() {
			v.spurt = true
			continue
		}
		h := rtp.Header{PayloadType: s.p.PayloadType}
		s.out.own(&h, now, samples*s.out.rate/codec.SampleRate, spurt)
		h.Put(b)
		s.transmit(b[:rtp.HeaderLen+n])
	}
	if v.mouth.Waiting() {
		s.shard.wheel.set(&v.timer, now+s.shard.wheel.tick)
	}
}
