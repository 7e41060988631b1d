package sdp

import (
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"time"

	"hotline/media/codec"
	"hotline/media/srtp"
)

// Why there is no call to be had from an offer or an answer. All are 488 to SIP (RFC 3261 section 21.4.26).
var (
	ErrNoAudio = errors.New("no audio line that is switched on")
	ErrProfile = errors.New("audio is offered over SRTP only, or in a way that is not had here")
	ErrNoCodec = errors.New("no codec in common")
	ErrFamily  = errors.New("the address is of the other IP version")
)

// DefaultEventType is the payload type that our offers give to telephone-event: what most phones use. WideEventType is that of
// telephone-event at 48 kHz, which goes with Opus: what browsers use.
const (
	DefaultEventType = 101
	WideEventType    = 110
)

// DefaultPtime is used when a peer does not say how much sound it wants in a packet (RFC 3551 section 4.5).
const DefaultPtime = 20 * time.Millisecond

// Local is our side of a negotiation.
type Local struct {
	Addr      netip.AddrPort // where RTP is received; never unspecified
	Codecs    []codec.Kind   // what we speak, best first
	Direction Direction      // what we want; an answer says less where the offer does
	SessionID uint64         // of the o= line: the same for a whole dialog
	Version   uint64         // of the o= line: see Author, which counts it
	Mux       bool           // RTP and RTCP may share the port (RFC 5761)
	EventType uint8          // payload type of telephone-event at 8 kHz in our offers; 0 is DefaultEventType
	NoEvents  bool           // telephone-event is neither offered nor accepted
	Noise     bool           // comfort noise at 8 kHz (RFC 3389) is offered; an answer takes it where the offer has it, whatever this says
	Ptime     time.Duration  // written into our offers; 0 is DefaultPtime
	Security  Security
	Keys      []srtp.Key // what we may send with, best first: one for each suite that we offer or take. Unused with SecurityOff
	Strict    bool       // our offers say RTP/SAVP even where SRTP is optional
}

// Chosen is what was agreed, as a stream needs to know it.
type Chosen struct {
	Codec           codec.Kind
	PayloadType     uint8          // in the packets that we get
	SendPayloadType uint8          // in the packets that we send
	EventType       uint8          // telephone-event in the packets that we get; 0: not agreed
	SendEventType   uint8          // telephone-event in the packets that we send; 0: not agreed
	EventClock      int            // of telephone-event both ways, Hz; 0: 8000, or none was agreed
	Noise           bool           // comfort noise of payload type 13, both ways
	Remote          netip.AddrPort // invalid when the peer gave a name or 0.0.0.0: learn it from packets, or send nothing
	RemoteRTCP      netip.AddrPort // equal to Remote with Mux; invalid when Remote is, or when it has no port
	Direction       Direction      // ours
	Held            bool           // the peer does not want to hear us although we would speak
	Ptime           time.Duration  // how much sound to put in a packet: 10 to 60 ms
	Mux             bool
	In, Out         srtp.Key // of SRTP: the peer's and ours; both zero: plain RTP

	tag int // of the crypto line
}

// MakeAnswer answers an offer: the first audio line that can be spoken is taken, all others are refused (RFC 3264
// section 6). A line with SRTP is taken before one without, where both are offered. The answer to a hold is recvonly or inactive
// (section 8.4). Errors: ErrNoAudio, ErrProfile, ErrPlain, ErrCrypto, ErrNoCodec, ErrFamily.
func MakeAnswer(offer *Session, l Local) (body []byte, chosen Chosen, err error) {
	index, chosen, err := pick(offer, l, false)
	if err != nil {
		return nil, Chosen{}, fmt.Errorf("answer the offer: %w", err)
	}
	// An answer uses the offer's numbers (RFC 3264 section 6.1), so both ways are the same.
	chosen.PayloadType, chosen.EventType = chosen.SendPayloadType, chosen.SendEventType
	chosen.Held = !offer.Media[index].sides().Receives()
	return writeAnswer(offer, index, l, chosen), chosen, nil
}

// Accept reads the answer to MakeOffer(offer). Where it names several codecs the first counts, as the answerer's best.
// Errors: ErrNoAudio when our line was refused, and those of MakeAnswer.
func Accept(offer Local, answer *Session) (Chosen, error) {
	_, chosen, err := pick(answer, offer, true)
	if err != nil {
		return Chosen{}, fmt.Errorf("accept the answer: %w", err)
	}
	chosen.PayloadType = chosen.Codec.PayloadType()
	chosen.Noise = chosen.Noise && offer.Noise
	if chosen.SendEventType != 0 {
		chosen.EventType = offer.eventTypeAt(chosen.EventClock)
	}
	chosen.Held = offer.Direction.Sends() && !chosen.Direction.Sends()
	return chosen, nil
}

// pick finds the first line that can be spoken, one with SRTP before one without, and what both sides make of it. answered: the order of
// the codecs is the peer's to decide. The own payload types are left to the caller.
func pick(peer *Session, l Local, answered bool) (int, Chosen, error) {
	err := ErrNoAudio
	for _, secured := range []bool{true, false} {
		for i := range peer.Media {
			m := &peer.Media[i]
			if !m.audio() {
				continue
			}
			crypto, refusal := m.secure(l)
			if refusal != nil && errors.Is(err, ErrNoAudio) {
				err = refusal
			}
			if refusal != nil || crypto.Key.On() != secured {
				continue
			}
			chosen, refusal := m.agree(l, crypto, answered)
			if refusal == nil {
				return i, chosen, nil
			}
			err = refusal
		}
	}
	return 0, Chosen{}, err
}

// agree is what both sides make of a line whose profile and key will do. Errors: ErrNoCodec, ErrFamily.
func (m *Media) agree(l Local, crypto Crypto, answered bool) (Chosen, error) {
	chosen, ok := m.choose(l.Codecs, answered)
	if !ok {
		return Chosen{}, ErrNoCodec
	}
	if !m.sameFamily(l.Addr.Addr()) {
		return Chosen{}, ErrFamily
	}
	m.complete(&chosen, l)
	if l.NoEvents {
		chosen.SendEventType, chosen.EventClock = 0, 0
	}
	chosen.In, chosen.Out, chosen.tag = crypto.Key, l.keyFor(crypto.Key.Suite()), crypto.Tag
	return chosen, nil
}

// choose takes the best codec that both have, see the package's comment, or the first of an answer, and the telephone-event that goes
// with it.
func (m *Media) choose(codecs []codec.Kind, first bool) (Chosen, bool) {
	var c Chosen
	best := len(codecs)
	for _, format := range m.Formats {
		line, ok := m.mapping(format)
		if !ok {
			continue
		}
		kind := line.kind()
		at := slices.IndexFunc(codecs, func(k codec.Kind) bool { return k == kind || k.Law() && kind.Law() && slices.Contains(codecs, kind) })
		if kind != codec.None && at >= 0 && at < best && !(first && c.Codec != codec.None) {
			best, c.Codec, c.SendPayloadType = at, kind, line.PayloadType
		}
	}
	if c.Codec != codec.None {
		c.SendEventType, c.EventClock = m.events(c.Codec.ClockRate())
		c.Noise = c.Codec.ClockRate() == noiseRate && m.noise()
	}
	return c, c.Codec != codec.None
}

// events is telephone-event at a codec's clock, or at 8 kHz beside a codec of another one where there is none: some peers never say
// more. The clock is 0 for 8 kHz.
func (m *Media) events(rate int) (payloadType uint8, clock int) {
	for _, want := range []int{rate, eventRate} {
		for _, format := range m.Formats {
			if line, ok := m.mapping(format); ok && line.isEvent() && line.Rate == want {
				if want == eventRate {
					want = 0
				}
				return line.PayloadType, want
			}
		}
	}
	return 0, 0
}

// noise says whether comfort noise stands beside the codecs, under its static number: that of 8 kHz, the clock of G.711 and G.722.
func (m *Media) noise() bool {
	for _, format := range m.Formats {
		if line, ok := m.mapping(format); ok && line.isNoise() {
			return true
		}
	}
	return false
}

// sameFamily is false when sound could never arrive. Names, and the address of a hold, say nothing about it.
func (m *Media) sameFamily(ours netip.Addr) bool {
	theirs := m.Conn.Addr
	return !theirs.IsValid() || theirs.IsUnspecified() || !ours.IsValid() || theirs.Is4() == ours.Unmap().Is4()
}

// complete fills in everything but codec and payload types.
func (m *Media) complete(c *Chosen, l Local) {
	sides := m.sides()
	c.Direction = direction(l.Direction.Sends() && sides.Receives(), l.Direction.Receives() && sides.Sends())
	c.Mux = l.Mux && m.Mux
	c.Ptime = m.packetTime()
	c.Remote, c.RemoteRTCP = m.addresses(c.Mux)
}

// addresses is where RTP and RTCP go: RTCP shares the port, or has the one of a=rtcp, or the next (RFC 3550 section 11).
func (m *Media) addresses(mux bool) (rtp, rtcp netip.AddrPort) {
	if !m.Conn.Addr.IsValid() || m.silenced() {
		return rtp, rtcp
	}
	rtp = netip.AddrPortFrom(m.Conn.Addr, m.Port)
	switch {
	case mux:
		return rtp, rtp
	case m.RTCPPort != 0 && m.RTCPAddr.IsValid():
		return rtp, netip.AddrPortFrom(m.RTCPAddr, m.RTCPPort)
	case m.RTCPPort != 0:
		return rtp, netip.AddrPortFrom(m.Conn.Addr, m.RTCPPort)
	case m.Port < 65535:
		return rtp, netip.AddrPortFrom(m.Conn.Addr, m.Port+1)
	}
	return rtp, rtcp
}

// packetTime is the peer's wish in whole tens of milliseconds between 10 and 60: a packet of 60 ms of
// G.711 still fits every path, and shorter ones than 10 cost more than they carry.
func (m *Media) packetTime() time.Duration {
	want := m.Ptime
	if want == 0 {
		want = DefaultPtime
	}
	if m.MaxPtime > 0 {
		want = min(want, m.MaxPtime)
	}
	const step = 10 * time.Millisecond
	return min(max(want.Truncate(step), step), 6*step)
}

// eventTypeAt is the payload type of telephone-event in our offers at a clock, 0 Hz being 8 kHz; 0: there is none.
func (l Local) eventTypeAt(clock int) uint8 {
	if clock == wideEventRate && !l.NoEvents {
		return WideEventType
	}
	return l.eventType()
}

func (l Local) eventType() uint8 {
	if l.NoEvents {
		return 0
	}
	if l.EventType == 0 {
		return DefaultEventType
	}
	return l.EventType
}
