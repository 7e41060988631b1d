package media

import (
	"net/netip"

	"hotline/media/codec"
	"hotline/media/dtmf"
	"hotline/media/rtp"
	"hotline/media/srtp"
)

const comfortNoise = 13 // RFC 3389

// content is what a payload type stands for in a stream.
type content uint8

const (
	unknown content = iota
	speechU
	speechA
	keypress
	noise
)

// readable takes one packet of the stream from its RTP socket, passing over strangers'.
func (s *Stream) readable() {
	sh := s.shard
	for range extraReads {
		n, from, ok := s.rtp.read(sh.buf[:])
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
	what := s.content(p.PayloadType)
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
	s.dispatch(b, p, what)
	return true
}

func (s *Stream) discard() bool {
	s.junk++
	s.shard.counters.junk++
	return false
}

// content maps a payload type. G.711's static numbers are taken even when the other law was agreed: peers that offered
// both may change (RFC 3264 section 5.1).
func (s *Stream) content(payloadType uint8) content {
	switch {
	case payloadType == s.p.EventType && payloadType != 0:
		return keypress
	case payloadType == s.p.PayloadType && s.p.Codec == codec.PCMA:
		return speechA
	case payloadType == s.p.PayloadType && s.p.Codec == codec.PCMU:
		return speechU
	case payloadType == codec.PCMU.PayloadType():
		return speechU
	case payloadType == codec.PCMA.PayloadType():
		return speechA
	case payloadType == comfortNoise:
		return noise
	}
	return unknown
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
			s.rtp.connect(s.latch.remote)
		}
		s.rtcpAddress(s.p)
	}
	return deliver
}

func (s *Stream) dispatch(b []byte, p *rtp.Packet, what content) {
	sh := s.shard
	arrival := sh.now / nsPerSample
	var verdict rtp.Verdict
	if what == keypress {
		verdict = s.in.Count(&p.Header)
	} else {
		verdict = s.in.Receive(&p.Header, arrival)
	}
	if verdict == rtp.Duplicate {
		return
	}
	if !s.first {
		s.first = true
		s.tell(FirstPacket{})
	}
	if !s.p.Receive {
		return
	}
	switch what {
	case speechA:
		s.speech(b, p, codec.PCMA)
	case speechU:
		s.speech(b, p, codec.PCMU)
	case keypress:
		s.keypress(b, p, arrival)
	default:
		s.leaveOut(&p.Header)
	}
}

// sink is the stream that sends on what this one receives; nil: none.
func (s *Stream) sink() *Stream {
	if s.echo {
		return s
	}
	return s.peer
}

func (s *Stream) leaveOut(h *rtp.Header) {
	if to := s.sink(); to != nil {
		to.out.skip(h)
	}
}

func (s *Stream) speech(b []byte, p *rtp.Packet, law codec.Kind) {
	if p.Start == p.End {
		s.leaveOut(&p.Header)
		return
	}
	if s.tap != nil {
		s.shard.counters.tapLost += s.tap.write(s.side, p.SSRC, p.Timestamp, b[p.Start:p.End], law, s.shard.now)
	}
	if s.ear != nil {
		s.hearKeys(p, b[p.Start:p.End], law)
	}
	if to := s.sink(); to != nil {
		to.relay(b, p, law)
	}
}

func (s *Stream) keypress(b []byte, p *rtp.Packet, arrival int64) {
	e, err := dtmf.Parse(b[p.Start:p.End])
	if err != nil {
		s.discard()
		s.leaveOut(&p.Header)
		return
	}
	key, pressed := s.keys.Packet(p.Timestamp, e, arrival)
	to := s.sink()
	if to != nil && to.p.EventType != 0 {
		to.relayEvent(b, p)
	} else if to != nil {
		to.out.skip(&p.Header)
		if pressed { // a peer without telephone-event hears the tone
			to.sendDigit(key)
		}
	}
	if pressed {
		s.pressed(key, byEvent)
	}
}

// relay sends a packet of another stream to this one's peer: its header rewritten in place, its law changed by table.
func (s *Stream) relay(b []byte, p *rtp.Packet, law codec.Kind) {
	if s.taken() {
		s.out.mapped = false
		return
	}
	if law != s.p.Codec {
		codec.Transcode(b[p.Start:p.End], law, s.p.Codec)
	}
	h := p.Header
	h.PayloadType = s.p.PayloadType
	if s.out.pass(&h, s.shard.now, p.End-p.Start, false) {
		h.Put(b[p.Start-rtp.HeaderLen:])
		s.transmit(b[p.Start-rtp.HeaderLen : p.End])
	}
}

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
	if s.rtp.write(wire, s.latch.remote) {
		s.out.packets++
		s.out.octets += uint64(len(b) - rtp.HeaderLen)
		s.shard.counters.out++
	}
}
