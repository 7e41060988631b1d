package sdp

import (
	"fmt"
	"net/netip"
	"strings"
	"time"

	"hotline/media/codec"
)

// usualLength is room for a description with one audio line, in octets.
const usualLength = 512

// MakeOffer writes an offer of one audio line with our codecs in our order and telephone-event 0-15 (RFC 4733
// section 2.4.1). It serves INVITE, re-INVITE, and the 200 to an INVITE without a body (a late offer, RFC 3261 section 13.2.1).
func MakeOffer(l Local) []byte {
	var b strings.Builder
	b.Grow(usualLength)
	writeSession(&b, l, nil)
	line := audioLine{profile: l.profile(), crypto: l.offered(), direction: l.Direction, mux: l.Mux, ptime: l.Ptime}
	if line.ptime == 0 {
		line.ptime = DefaultPtime
	}
	narrow, wide := false, false
	for _, kind := range l.Codecs {
		line.maps = append(line.maps, mapOf(kind, kind.PayloadType()))
		wide = wide || kind.ClockRate() == wideEventRate
		narrow = narrow || kind.ClockRate() == eventRate
	}
	if narrow && l.Noise {
		line.maps = append(line.maps, noiseMap())
	}
	if narrow && !l.NoEvents {
		line.events = append(line.events, eventMap(l.eventType(), 0))
	}
	if wide && !l.NoEvents {
		line.events = append(line.events, eventMap(WideEventType, wideEventRate))
	}
	line.write(&b, l.Addr)
	return []byte(b.String())
}

// writeAnswer repeats the offer's lines in its order, refusing all but the chosen one with port 0.
func writeAnswer(offer *Session, index int, l Local, c Chosen) []byte {
	var b strings.Builder
	b.Grow(usualLength)
	writeSession(&b, l, offer.Times)
	for i := range offer.Media {
		m := &offer.Media[i]
		if i != index {
			m.refuse(&b)
			continue
		}
		line := audioLine{profile: m.Profile, direction: c.Direction, mux: c.Mux, ptime: c.Ptime}
		line.maps = []Map{mapOf(c.Codec, c.PayloadType)}
		if c.Noise {
			line.maps = append(line.maps, noiseMap())
		}
		if c.EventType != 0 {
			line.events = []Map{eventMap(c.EventType, c.EventClock)}
		}
		if c.Out.On() {
			line.crypto = []Crypto{{Tag: c.tag, Key: c.Out}}
		}
		line.write(&b, l.Addr)
	}
	return []byte(b.String())
}

// writeSession writes the part before the first m= line. The c= line stands here: one serves all lines, and old phones
// read no other.
func writeSession(b *strings.Builder, l Local, times []string) {
	addr := l.Addr.Addr().Unmap()
	family := familyOf(addr)
	fmt.Fprintf(b, "v=0\r\no=- %d %d IN %s %s\r\ns=-\r\nc=IN %s %s\r\n", l.SessionID, l.Version, family, addr, family, addr)
	if len(times) == 0 {
		times = []string{"0 0"}
	}
	for _, t := range times {
		fmt.Fprintf(b, "t=%s\r\n", t)
	}
}

func familyOf(addr netip.Addr) string {
	if addr.Is4() {
		return "IP4"
	}
	return "IP6"
}

// audioLine is an m= line of ours.
type audioLine struct {
	profile   string
	maps      []Map
	events    []Map
	direction Direction
	mux       bool
	ptime     time.Duration
	crypto    []Crypto
}

// write writes the line with its attributes; rtpmap also for static types, which some phones need.
func (a audioLine) write(b *strings.Builder, addr netip.AddrPort) {
	fmt.Fprintf(b, "m=audio %d %s", addr.Port(), a.profile)
	for _, m := range a.maps {
		fmt.Fprintf(b, " %d", m.PayloadType)
	}
	for _, m := range a.events {
		fmt.Fprintf(b, " %d", m.PayloadType)
	}
	b.WriteString("\r\n")
	for _, m := range a.maps {
		m.write(b)
		if m.kind() == codec.Opus {
			fmt.Fprintf(b, "a=fmtp:%d %s\r\n", m.PayloadType, opusFormat)
		}
	}
	for _, m := range a.events {
		m.write(b)
		fmt.Fprintf(b, "a=fmtp:%d 0-15\r\n", m.PayloadType)
	}
	fmt.Fprintf(b, "a=ptime:%d\r\na=%s\r\n", a.ptime.Milliseconds(), a.direction)
	if a.mux {
		b.WriteString("a=rtcp-mux\r\n")
	}
	writeCrypto(b, a.crypto)
}

// opusFormat is what we want of Opus (RFC 7587 section 6.1): speech, one channel, with copies against loss.
const opusFormat = "maxplaybackrate=16000;stereo=0;useinbandfec=1"

// eventMap is telephone-event at a clock, 0 being 8 kHz.
func eventMap(payloadType uint8, clock int) Map {
	if clock == 0 {
		clock = eventRate
	}
	return Map{PayloadType: payloadType, Name: eventName, Rate: clock, Channels: 1}
}

// write writes the rtpmap line.
func (m Map) write(b *strings.Builder) {
	fmt.Fprintf(b, "a=rtpmap:%d %s/%d", m.PayloadType, m.Name, m.Rate)
	if m.Channels != 1 {
		fmt.Fprintf(b, "/%d", m.Channels)
	}
	b.WriteString("\r\n")
}

// refuse writes the line with port 0 and the formats that it came with (RFC 3264 section 6).
func (m *Media) refuse(b *strings.Builder) {
	fmt.Fprintf(b, "m=%s 0 %s %s\r\n", m.Type, m.Profile, strings.Join(m.Formats, " "))
}

// Bytes writes the description again from what Parse kept of it, for logs and tests: unknown lines are gone, and keys.
func (s *Session) Bytes() []byte {
	var b strings.Builder
	fmt.Fprintf(&b, "v=0\r\no=%s %s %s IN %s %s\r\ns=-\r\n", orDash(s.Origin.User), orDash(s.Origin.ID), orDash(s.Origin.Version),
		familyOf(hostAddr(s.Origin.Host)), orDash(s.Origin.Host))
	for _, t := range s.Times {
		fmt.Fprintf(&b, "t=%s\r\n", t)
	}
	for i := range s.Media {
		s.Media[i].write(&b)
	}
	return []byte(b.String())
}

// write writes a received line with all that was understood of it.
func (m *Media) write(b *strings.Builder) {
	fmt.Fprintf(b, "m=%s %d %s %s\r\n", m.Type, m.Port, m.Profile, strings.Join(m.Formats, " "))
	if m.Conn.Host != "" {
		fmt.Fprintf(b, "c=IN %s %s\r\n", familyOf(hostAddr(m.Conn.Host)), m.Conn.Host)
	}
	for _, line := range m.Maps {
		line.write(b)
	}
	if m.Ptime > 0 {
		fmt.Fprintf(b, "a=ptime:%d\r\n", m.Ptime.Milliseconds())
	}
	if m.MaxPtime > 0 {
		fmt.Fprintf(b, "a=maxptime:%d\r\n", m.MaxPtime.Milliseconds())
	}
	if m.RTCPPort != 0 {
		fmt.Fprintf(b, "a=rtcp:%d", m.RTCPPort)
		if m.RTCPAddr.IsValid() {
			fmt.Fprintf(b, " IN %s %s", familyOf(m.RTCPAddr), m.RTCPAddr)
		}
		b.WriteString("\r\n")
	}
	if m.Mux {
		b.WriteString("a=rtcp-mux\r\n")
	}
	fmt.Fprintf(b, "a=%s\r\n", m.Direction)
}

// hostAddr is the address to tell the family of a host by; a name counts as IPv4.
func hostAddr(host string) netip.Addr {
	if addr := parseAddr(host); addr.IsValid() {
		return addr
	}
	return netip.IPv4Unspecified()
}

func orDash(s string) string {
	if s == "" {
		return "-"
	}
	return s
}
