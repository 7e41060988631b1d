package media

import (
	"net/netip"

	"hotline/media/codec"
	"hotline/media/dtmf"
	"hotline/media/opus"
	"hotline/media/rtp"
	"hotline/media/srtp"
)

// content is what a payload type stands for in a stream.
type content uint8

const (
	unknown content = iota
	speech
	keypress
	noise
)

// readable takes one packet of the stream from its RTP socket, passing over strangers'.
func (s *Stream) readable() {
	sh := s.shard
	for range extraReads {
		n, from, ok := s.rtp.Read(sh.buf[:])
		if !ok {
			return
		}
		if s.shared && s.theirs(sh.buf[:n], from) {
			continue
		}
		if s.arrived(sh.buf[:n], from) || s.slot < 0 {
			return
		}
	}
}

// arrived handles one datagram; false when it was none of the stream's.
func (s *Stream) arrived(b []byte, from netip.AddrPort) bool {
	sh := s.shard
	if rtp.IsRTCP(b) {
		return s.reportFrom(b, from)
	}
	if s.secure.on {
		if b = s.secure.open(s, b, (*srtp.In).RTP); b == nil {
			return false
		}
	}
	p := &sh.packet
	if p.Read(b) != nil || p.SSRC == s.out.ssrc {
		return s.discard()
	}
	what, kind := s.content(p.PayloadType)
	if what == unknown {
		return s.discard()
	}
	if !s.admit(from, &p.Header) {
		s.strangers++
		sh.counters.strangers++
		return false
	}
	sh.counters.in++
	s.heard = sh.now
	s.dispatch(b, p, what, kind)
	return true
}

func (s *Stream) discard() bool {
	s.junk++
	s.shard.counters.junk++
	return false
}

// content maps a payload type. G.711's static numbers are taken even when the other law was agreed: peers that offered
// both may change (RFC 3264 section 5.1).
func (s *Stream) content(payloadType uint8) (content, codec.Kind) {
	law := s.p.Codec.Law() || s.p.Codec == codec.None
	switch {
	case payloadType == s.p.TakeEvent && payloadType != 0:
		return keypress, codec.None
	case payloadType == s.p.TakeType && s.p.Codec != codec.None:
		return speech, s.p.Codec
	case law && payloadType == codec.PCMU.PayloadType():
		return speech, codec.PCMU
	case law && payloadType == codec.PCMA.PayloadType():
		return speech, codec.PCMA
	case payloadType == comfortNoise:
		return noise, codec.None
	}
	return unknown, codec.None
}

// admit asks the latch and follows it with the sockets.
func (s *Stream) admit(from netip.AddrPort, h *rtp.Header) bool {
	var deliver, moved bool
	if s.secure.on {
		deliver, moved = true, s.latch.proved(from, h, s.shard.now)
	} else {
		deliver, moved = s.latch.admit(from, h, s.shard.now)
	}
	if moved {
		if s.latch.connected {
			s.rtp.Connect(s.latch.remote)
		}
		s.rtcpAddress(s.p)
	}
	return deliver
}

func (s *Stream) dispatch(b []byte, p *rtp.Packet, what content, kind codec.Kind) {
	sh := s.shard
	var verdict rtp.Verdict
	if what == keypress || s.unwatched { // an unwatched stream's packets lay in the socket for a while
		verdict = s.in.Count(&p.Header)
	} else {
		verdict = s.in.Receive(&p.Header, rtp.Units(sh.now, s.p.Codec.ClockRate()))
	}
	if verdict == rtp.Duplicate {
		return
	}
	if !s.first {
		s.first = true
		s.openRTCP()
		s.tell(FirstPacket{})
	}
	if !s.p.Receive {
		return
	}
	switch what {
	case speech:
		s.speech(b, p, kind)
	case keypress:
		s.keypress(b, p)
	default:
		s.comfort(b, p)
	}
}

// sink is the stream that sends on what this one receives; nil: none.
func (s *Stream) sink() *Stream {
	if s.echo {
		return s
	}
	return s.peer
}

// leaveOut: a packet is not sent on, and no loss.
func (s *Stream) leaveOut(h *rtp.Header) {
	if to := s.sink(); to != nil {
		to.out.skip(h)
	}
	if s.hearing != nil {
		s.hearing.ear.Skip(h)
	}
}

func (s *Stream) speech(b []byte, p *rtp.Packet, kind codec.Kind) {
	s.paused = false
	payload := b[p.Start:p.End]
	units, ok := unitsOf(kind, payload)
	if !ok {
		s.discard()
	}
	if units == 0 {
		s.leaveOut(&p.Header)
		return
	}
	if s.tap != nil && kind.Law() {
		s.shard.counters.tapLost += s.tap.Write(s.side, p.SSRC, p.Timestamp, payload, kind, s.shard.now)
	}
	if s.ear != nil && kind.Law() {
		s.hearKeys(p, payload, kind)
	}
	if s.hearing != nil {
		s.hearing.ear.Put(&p.Header, kind, payload, s.shard.now)
	}
	if to := s.sink(); to != nil && passes(kind, to.p.Codec) {
		to.relay(b, p, kind, units)
	}
}

// unitsOf is how long a payload lasts on its clock; 0: it holds nothing. ok is false when it is malformed.
func unitsOf(kind codec.Kind, payload []byte) (units int, ok bool) {
	if kind != codec.Opus || len(payload) == 0 {
		return len(payload), true // G.722 has two samples an octet but half the clock
	}
	n, err := opus.Length(payload)
	return n, err == nil
}

// passes says that packets of one codec are sent on in the other without being decoded.
func passes(from, to codec.Kind) bool { return from == to || from.Law() && to.Law() }

func (s *Stream) keypress(b []byte, p *rtp.Packet) {
	e, err := dtmf.Parse(b[p.Start:p.End])
	if err != nil {
		s.discard()
		s.leaveOut(&p.Header)
		return
	}
	s.keys.Rate = s.p.eventClock()
	key, pressed := s.keys.Packet(p.Timestamp, e, rtp.Units(s.shard.now, s.keys.Rate))
	to := s.sink()
	switch {
	case to == nil:
	case to.p.EventType == 0:
		to.out.skip(&p.Header)
		if pressed { // a peer without telephone-event hears the tone
			to.sendDigit(key)
		}
	case passes(s.p.Codec, to.p.Codec) && s.p.eventClock() == to.p.eventClock() && s.p.eventClock() == s.p.Codec.ClockRate():
		to.relayEvent(b, p)
	default:
		to.convertEvent(p, e, s.p.eventClock())
	}
	if s.hearing != nil {
		s.hearing.ear.Skip(&p.Header)
	}
	if pressed {
		s.pressed(key, byEvent)
	}
}

// relay sends a packet of another stream to this one's peer: its header rewritten in place, its law changed by table.
func (s *Stream) relay(b []byte, p *rtp.Packet, kind codec.Kind, units int) {
	if s.taken() {
		s.out.mapped = false
		return
	}
	if kind != s.p.Codec {
		codec.Transcode(b[p.Start:p.End], kind, s.p.Codec)
	}
	h := p.Header
	h.PayloadType = s.p.PayloadType
	if s.out.pass(&h, s.shard.now, units, false) {
		h.Put(b[p.Start-rtp.HeaderLen:])
		s.transmit(b[p.Start-rtp.HeaderLen : p.End])
	}
}

// relayEvent sends on an event of the clock that the sound beside it has too.
func (s *Stream) relayEvent(b []byte, p *rtp.Packet) {
	if s.taken() {
		s.out.mapped = false
		return
	}
	h := p.Header
	h.PayloadType = s.p.EventType
	if s.out.pass(&h, s.shard.now, 0, true) {
		h.Put(b[p.Start-rtp.HeaderLen:])
		s.transmit(b[p.Start-rtp.HeaderLen : p.End])
	}
}

// event is one key of another stream on its way to this one's peer, whose clock is another.
type event struct {
	on       bool
	ssrc     uint32
	from, to uint32 // its timestamp there and here
}

// convertEvent sends an event with a timestamp and a duration of this stream's clock. Longer than the field allows it stays the longest.
func (s *Stream) convertEvent(p *rtp.Packet, e dtmf.Event, clock int) {
	if s.taken() {
		return
	}
	r := &s.passing
	first := !r.on || r.ssrc != p.SSRC || int32(p.Timestamp-r.from) > 0
	if first {
		*r = event{on: true, ssrc: p.SSRC, from: p.Timestamp, to: s.out.resume(s.shard.now)}
	} else if p.Timestamp != r.from {
		return // late, of the key before
	}
	e.Duration = uint16(min(0xffff, int(e.Duration)*s.p.eventClock()/clock))
	b := s.shard.out[:rtp.HeaderLen+dtmf.PayloadLen]
	h := rtp.Header{PayloadType: s.p.EventType, Marker: first}
	s.out.event(&h, r.to)
	h.Put(b)
	e.Put(b[rtp.HeaderLen:])
	s.transmit(b)
}

// sending says that the peer may be sent to.
func (s *Stream) sending() bool {
	return s.p.Send && s.p.Codec != codec.None && s.latch.remote.IsValid()
}

// taken says that a bridge's or echo's sound has to stay out: nothing may be sent, or we have something to say ourselves.
func (s *Stream) taken() bool { return s.play.on || s.digits.busy() || !s.sending() }

// transmit sends a finished packet.
func (s *Stream) transmit(b []byte) {
	wire := b
	if s.secure.on {
		if wire = s.secure.seal(s, b, (*srtp.Out).RTP); wire == nil {
			return
		}
	}
	if s.rtp.Write(wire, s.latch.remote) {
		s.out.packets++
		s.out.octets += uint64(len(b) - rtp.HeaderLen)
		s.shard.counters.out++
	}
}
