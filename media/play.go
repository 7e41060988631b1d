package media

import (
	"hotline/media/codec"
	"hotline/media/dtmf"
	"hotline/media/rtp"
)

// playback is what a stream plays and how far it is.
type playback struct {
	id     int
	sounds []*Sound
	loop   bool
	on     bool  // until the last packet has been heard
	over   bool  // the last packet is out
	spurt  bool  // the next packet begins a talk spurt
	index  int   // of the sound
	offset int   // in it, samples
	next   int64 // when the next packet is due, ns

	packets *packets // shared with all who play the sound; nil: it is encoded here
}

func (s *Stream) startPlay(p Playback) {
	spurt := !s.play.on || s.play.spurt
	total := 0
	for _, sound := range p.Sounds {
		if sound != nil {
			total += len(sound.ALaw)
		}
	}
	now := s.shard.now
	next := now - now%s.period + s.phase
	if next <= now {
		next += s.period
	}
	s.play = playback{id: p.ID, sounds: p.Sounds, loop: p.Loop && total > 0, on: true, over: total == 0, spurt: spurt, next: next, packets: s.together(p)}
	s.shard.wheel.set(&s.playTimer, next)
}

func (s *Stream) stopPlay() {
	s.playTimer.stop()
	s.play = playback{}
	s.watch()
}

// playNext sends one packet of the playback. Its own clock, not the tick's, decides when the next one is due.
func (s *Stream) playNext(now int64) {
	p := &s.play
	if p.over {
		id := p.id
		s.play = playback{}
		s.watch()
		s.tell(PlayDone{ID: id})
		return
	}
	if s.look(now); s.slot < 0 {
		return // what lay there, or giving the socket back, ended the stream
	}
	switch {
	case s.p.Codec.Law():
		b := s.shard.out[:rtp.HeaderLen+s.frame]
		p.over = p.fill(b[rtp.HeaderLen:], s.p.Codec)
		s.say(b, now, &p.spurt)
	case s.playShared(now):
	default:
		pcm := s.shard.pcm[:s.frame]
		p.over = p.decode(pcm)
		s.utter(pcm, now, &p.spurt)
	}
	p.next += s.period
	if late := now - p.next; late > patience { // the machine slept: go on from here rather than burst
		p.next += (late/s.period + 1) * s.period
		p.spurt = true
	}
	s.shard.wheel.set(&s.playTimer, p.next)
}

// fill writes the next samples to dst, and silence after the last. It reports whether nothing remains.
func (p *playback) fill(dst []byte, law codec.Kind) (over bool) {
	for n := 0; n < len(dst); {
		if !p.left() {
			for i := n; i < len(dst); i++ {
				dst[i] = law.Silence()
			}
			break
		}
		c := copy(dst[n:], p.sounds[p.index].coded(law)[p.offset:])
		n, p.offset = n+c, p.offset+c
	}
	return !p.left()
}

// decode is fill for codecs that remember what went before: they are given samples.
func (p *playback) decode(dst []int16) (over bool) {
	for n := 0; n < len(dst); {
		if !p.left() {
			clear(dst[n:])
			break
		}
		c := codec.DecodeALaw(dst[n:], p.sounds[p.index].ALaw[p.offset:])
		n, p.offset = n+c, p.offset+c
	}
	return !p.left()
}

// left moves on to the sound that has samples left; false when there is none.
func (p *playback) left() bool {
	for {
		if p.index == len(p.sounds) {
			if !p.loop {
				return false
			}
			p.index, p.offset = 0, 0
		}
		if sound := p.sounds[p.index]; sound != nil && p.offset < min(len(sound.ALaw), len(sound.ULaw)) {
			return true
		}
		p.index, p.offset = p.index+1, 0
	}
}

// say sends audio of our own making: b has room for the header before it. spurt is cleared when the packet went out and
// set when it could not, so that the next one begins anew.
func (s *Stream) say(b []byte, now int64, spurt *bool) {
	if !s.sending() || s.digits.busy() {
		*spurt = true
		return
	}
	h := rtp.Header{PayloadType: s.p.PayloadType}
	s.out.own(&h, now, len(b)-rtp.HeaderLen, *spurt)
	*spurt = false
	h.Put(b)
	s.transmit(b)
}

// digits are the keys that a stream has yet to send.
type digits struct {
	queue  [32]byte
	n      int
	sender dtmf.Sender
	stamp  uint32 // of the event being sent
	tone   []byte // what remains of a tone in the peer's law
	spurt  bool
	pause  int   // steps until the next key
	next   int64 // when the next packet is due, ns
}

const digitPeriod = int64(dtmf.Step) * nsPerSample

func (d *digits) busy() bool { return d.n > 0 || d.sender.Active() || len(d.tone) > 0 }

func (s *Stream) sendDigit(key byte) {
	d := &s.digits
	if _, ok := dtmf.Code(key); !ok || d.n == len(d.queue) {
		return
	}
	d.queue[d.n] = key
	d.n++
	if s.digitTimer.next == nil {
		d.next = s.shard.now
		s.shard.wheel.set(&s.digitTimer, d.next)
	}
}

// digitNext does one step of 20 ms: a packet of the key, or a pause, or the next key.
func (s *Stream) digitNext(now int64) {
	d := &s.digits
	switch {
	case d.sender.Active() || len(d.tone) > 0:
		s.digitStep(now)
	case d.pause > 0:
		d.pause--
	case d.n > 0:
		s.digitBegin(now)
		s.digitStep(now)
	default:
		return
	}
	d.next = max(d.next+digitPeriod, now-patience)
	s.shard.wheel.set(&s.digitTimer, d.next)
}

func (s *Stream) digitBegin(now int64) {
	d := &s.digits
	key := d.queue[0]
	copy(d.queue[:], d.queue[1:d.n])
	d.n--
	if s.p.EventType != 0 {
		d.sender.Start(key)
		d.stamp = s.out.resume(now)
		return
	}
	code, _ := dtmf.Code(key) // only keys are queued
	d.tone, d.spurt = s.shard.engine.tones[code].coded(s.p.Codec), true
}

func (s *Stream) digitStep(now int64) {
	d := &s.digits
	if len(d.tone) > 0 {
		s.toneStep(now)
	} else {
		e, first := d.sender.Next()
		s.eventStep(e, first)
	}
	if !d.sender.Active() && len(d.tone) == 0 {
		d.pause = dtmf.PauseSteps
	}
}

func (s *Stream) eventStep(e dtmf.Event, first bool) {
	if !s.sending() {
		return
	}
	b := s.shard.out[:rtp.HeaderLen+dtmf.PayloadLen]
	h := rtp.Header{PayloadType: s.p.EventType, Marker: first}
	s.out.event(&h, s.digits.stamp)
	h.Put(b)
	e.Duration *= uint16(s.p.eventClock() / rtp.ClockRate)
	e.Put(b[rtp.HeaderLen:])
	s.transmit(b)
	s.play.spurt = true
}

func (s *Stream) toneStep(now int64) {
	d := &s.digits
	n := min(dtmf.Step, len(d.tone))
	if !s.p.Codec.Law() {
		codec.DecodeALaw(s.shard.pcm[:n], d.tone)
		d.tone = d.tone[n:]
		s.play.spurt = true
		if s.sending() {
			s.emit(s.shard.pcm[:n], now, &d.spurt)
		}
		return
	}
	b := s.shard.out[:rtp.HeaderLen+n]
	copy(b[rtp.HeaderLen:], d.tone)
	d.tone = d.tone[n:]
	s.play.spurt = true
	if s.sending() {
		h := rtp.Header{PayloadType: s.p.PayloadType}
		s.out.own(&h, now, n, d.spurt)
		d.spurt = false
		h.Put(b)
		s.transmit(b)
	}
}
