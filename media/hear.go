package media

import (
	"hotline/media/codec"
	"hotline/media/convert"
)

// hearing is the sound of a stream being decoded, for whoever needs it: a recording of another codec than G.711, a peer whose codec
// differs by more than the law, and listeners.
type hearing struct {
	ear       *convert.Ear
	timer     timer
	next      int64 // when the next frame is due, ns
	listeners []listener
}

// listener hears a stream: 20 ms at 8 kHz, every 20 ms, on the shard's thread. pcm is valid until it returns; sound is false where the peer
// pauses.
type listener interface {
	hear(s *Stream, pcm []int16, sound bool, now int64)
}

const hearPeriod = convert.FrameLen * nsPerSample

// listen lets l hear the stream from now on.
func (s *Stream) listen(l listener) {
	if s.slot < 0 {
		return
	}
	if s.hearing == nil {
		s.attend()
	}
	s.hearing.listeners = append(s.hearing.listeners, l)
}

// ignore ends listen.
func (s *Stream) ignore(l listener) {
	if s.hearing == nil {
		return
	}
	for i, other := range s.hearing.listeners {
		if other == l {
			s.hearing.listeners = append(s.hearing.listeners[:i:i], s.hearing.listeners[i+1:]...)
			break
		}
	}
	s.rewire()
}

// rewire begins and ends to decode this stream and its peer, after anything changed that decides about it.
func (s *Stream) rewire() {
	if s.unwatched && !s.unheard() {
		s.watch()
	}
	s.retune()
	if s.peer != nil {
		s.peer.retune()
	}
}

func (s *Stream) retune() {
	switch need := s.slot >= 0 && s.needsEar(); {
	case need && s.hearing == nil:
		s.attend()
	case !need:
		s.deafen()
	}
}

// needsEar says whether somebody wants the sound decoded.
func (s *Stream) needsEar() bool {
	to := s.sink()
	switch {
	case s.hearing != nil && len(s.hearing.listeners) > 0:
		return true
	case s.p.Codec == codec.None:
		return false
	case !s.p.Codec.Law() && (s.tap != nil || s.awaitsTones()):
		return true
	}
	return to != nil && s.converts(to)
}

// converts says that sound on its way to a stream is decoded and encoded again.
func (s *Stream) converts(to *Stream) bool {
	return to.p.Codec != codec.None && s.p.Codec != codec.None && !passes(s.p.Codec, to.p.Codec)
}

func (s *Stream) attend() {
	h := &hearing{ear: convert.NewEar(s.shard.engine.opus)}
	h.ear.Heard = s.record
	h.timer = timer{stream: s, fire: (*Stream).hearNext}
	now := s.shard.now
	h.next = now - now%hearPeriod + s.phase%hearPeriod
	if h.next <= now {
		h.next += hearPeriod
	}
	s.hearing = h
	s.shard.counters.decoding++
	s.shard.wheel.set(&h.timer, h.next)
}

func (s *Stream) deafen() {
	if s.hearing == nil {
		return
	}
	s.hearing.timer.stop()
	s.hearing.ear.Close()
	s.hearing = nil
	s.shard.counters.decoding--
}

// hearNext gives one frame to all who listen. Its own clock, not the tick's, decides when the next one is due.
func (s *Stream) hearNext(now int64) {
	h := s.hearing
	h.next += hearPeriod
	if late := now - h.next; late > patience {
		h.next += (late/hearPeriod + 1) * hearPeriod
	}
	s.shard.wheel.set(&h.timer, h.next)
	behind := h.ear.Behind
	pcm, sound := h.ear.Frame(now)
	s.shard.counters.behind += h.ear.Behind - behind
	if !s.p.Codec.Law() && s.awaitsTones() {
		s.toneKeys(pcm)
	}
	for _, l := range h.listeners {
		l.hear(s, pcm, sound, now)
	}
	if to := s.sink(); to != nil && s.converts(to) {
		to.speak(pcm, sound, now)
	}
}

// record puts decoded sound into the tap, where its sender placed it. G.711 is there already, as it came.
func (s *Stream) record(p convert.Piece) {
	if s.tap == nil || p.Kind.Law() {
		return
	}
	octets := s.shard.out[:len(p.PCM)]
	codec.EncodeALaw(octets, p.PCM)
	s.shard.counters.tapLost += s.tap.Write(s.side, p.SSRC, p.Stamp, octets, codec.PCMA, p.At)
}
