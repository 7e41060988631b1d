// Package sdp reads and writes session descriptions (RFC 8866) and carries out offer and answer
// (RFC 3264) for one line of audio (G.711, G.722, Opus) with telephone events. Every other line of an offer is refused,
// line by line. Keys for SRTP are exchanged in it (RFC 4568), as Local.Security says. It opens no port, resolves no name and
// knows neither SIP nor what a call is; it does no ICE, no DTLS and no video, and ignores the attributes that ask for them.
//
// # Which codec is chosen
//
// An offer of ours lists the codecs in our order (PCMA first: it is what carriers in China and Europe
// carry). An answer of ours takes the best codec that both have, and names only that one beside telephone-event. Best is
// what Local.Codecs has first, but the two laws of G.711 are one in this: between them the order of the offer decides.
//
//   - RFC 3264 section 6.1 wishes the offer's order kept, and of the laws the offerer's first is the one that its trunk or DSP
//     carries without converting; to insist on ours makes an SBC transcode. But a phone that puts Opus or G.722 first for
//     its own kind would have every prompt, recording and carrier's call converted.
//   - With one codec in the answer nobody may change codec in mid-stream. Phones that were answered with
//     two do, and some then send one and expect the other.
//
// Who wants a certain codec, because the other leg of a call has it already, narrows Local.Codecs.
package sdp

import (
	"net/netip"
	"strings"
	"time"

	"hotline/media/codec"
)

// Direction is the way sound flows, seen from whoever says it (RFC 8866 section 6.7). The zero value is
// SendRecv, which is also what no attribute means.
type Direction uint8

// The directions.
const (
	SendRecv Direction = iota
	SendOnly
	RecvOnly
	Inactive
)

var directions = [...]string{"sendrecv", "sendonly", "recvonly", "inactive"}

// String is the attribute's name; "inactive" for a value that is none of the four.
func (d Direction) String() string {
	if int(d) < len(directions) {
		return directions[d]
	}
	return directions[Inactive]
}

// Sends says whether who says d sends sound.
func (d Direction) Sends() bool { return d == SendRecv || d == SendOnly }

// Receives says whether who says d takes sound.
func (d Direction) Receives() bool { return d == SendRecv || d == RecvOnly }

// direction puts the two halves together.
func direction(sends, receives bool) Direction {
	switch {
	case sends && receives:
		return SendRecv
	case sends:
		return SendOnly
	case receives:
		return RecvOnly
	default:
		return Inactive
	}
}

// directionNamed reads an attribute's name in any case.
func directionNamed(name string) (Direction, bool) {
	for d, n := range directions {
		if strings.EqualFold(n, name) {
			return Direction(d), true
		}
	}
	return SendRecv, false
}

// Session is a description that was received. What Hotline does not use is not kept.
type Session struct {
	Origin    Origin
	Conn      Conn      // of the session; a Media without one uses it
	Times     []string  // t= lines without "t=": an answer repeats the offer's (RFC 3264 section 6)
	Direction Direction // of the session; a Media without one has it already
	Media     []Media   // in the order of the m= lines
}

// Origin is the o= line (RFC 8866 section 5.2). All fields are the peer's words, unchecked.
type Origin struct {
	User, ID, Version, Host string
}

// Conn is a c= line (RFC 8866 section 5.7). Addr is invalid when Host is a name: Hotline resolves none.
type Conn struct {
	Host string // "" when there was no line
	Addr netip.Addr
}

// Media is an m= line with what belongs to it (RFC 8866 section 5.14).
type Media struct {
	Type      string   // "audio", "video", "image", ...
	Port      uint16   // 0: refused or switched off
	Profile   string   // "RTP/AVP", "RTP/SAVP", "udptl", ...
	Formats   []string // payload types for the RTP profiles
	Conn      Conn     // of this line, else of the session
	Direction Direction
	Maps      []Map         // a=rtpmap lines
	Ptime     time.Duration // a=ptime; 0 when absent or not a number
	MaxPtime  time.Duration // a=maxptime; 0 when absent or not a number
	Mux       bool          // a=rtcp-mux (RFC 5761)
	RTCPPort  uint16        // a=rtcp (RFC 3605); 0 when absent
	RTCPAddr  netip.Addr    // of a=rtcp; invalid when it gave none
	Cryptos   []Crypto      // a=crypto lines that can be used, in their order (RFC 4568)

	directed bool
}

// Map is an a=rtpmap line (RFC 8866 section 6.6).
type Map struct {
	PayloadType uint8
	Name        string // as written; compare in any case
	Rate        int    // Hz
	Channels    int    // 1 when absent
}

// Clock rates of telephone-event: that of the codec beside it (RFC 4733 section 2.1).
const (
	eventRate     = codec.SampleRate
	wideEventRate = 48000
)

// eventName is the encoding name of RFC 4733 section 2.5.1.
const eventName = "telephone-event"

// Comfort noise of RFC 3389 section 4.
const (
	noiseName = "CN"
	noiseType = 13
	noiseRate = codec.SampleRate
)

// noiseMap is its mapping.
func noiseMap() Map {
	return Map{PayloadType: noiseType, Name: noiseName, Rate: noiseRate, Channels: 1}
}

// isNoise says whether a mapping is comfort noise under its static number.
func (m Map) isNoise() bool {
	return m.PayloadType == noiseType && m.Rate == noiseRate && strings.EqualFold(m.Name, noiseName)
}

// mapping is what a format of this line stands for: its rtpmap, or for 0, 8, 9 and 13 without one the static
// assignment (RFC 3551 section 6). False for formats that are neither.
func (m *Media) mapping(format string) (Map, bool) {
	number, ok := parseNumber(format, 127)
	if !ok {
		return Map{}, false
	}
	for _, line := range m.Maps {
		if int(line.PayloadType) == number {
			return line, true
		}
	}
	for _, kind := range []codec.Kind{codec.PCMU, codec.PCMA, codec.G722} {
		if int(kind.PayloadType()) == number {
			return mapOf(kind, uint8(number)), true
		}
	}
	if number == noiseType {
		return noiseMap(), true
	}
	return Map{}, false
}

// kind is the codec of a mapping, None when it is not one of ours.
func (m Map) kind() codec.Kind {
	kind := codec.Named(m.Name)
	switch {
	case kind == codec.Opus && m.Rate == kind.ClockRate() && m.Channels <= 2: // RFC 7587 section 7 wants 2, whatever is sent
	case kind == codec.G722 && m.Rate == 16000 && m.Channels == 1: // the true rate, written where RFC 3551 wants 8000
	case m.Rate == kind.ClockRate() && m.Channels == 1:
	default:
		return codec.None
	}
	return kind
}

// mapOf is the mapping of a codec of ours.
func mapOf(kind codec.Kind, payloadType uint8) Map {
	m := Map{PayloadType: payloadType, Name: kind.String(), Rate: kind.ClockRate(), Channels: 1}
	if kind == codec.Opus {
		m.Channels = 2
	}
	return m
}

// isEvent says whether a mapping is telephone-event at a clock that a codec of ours has.
func (m Map) isEvent() bool {
	return (m.Rate == eventRate || m.Rate == wideEventRate) && strings.EqualFold(m.Name, eventName)
}

// audio says whether the line is audio that is switched on.
func (m *Media) audio() bool { return strings.EqualFold(m.Type, "audio") && m.Port != 0 }

// silenced says whether the line asks that nothing be sent to it by the address 0.0.0.0 (or ::), which is
// how RFC 2543 phones hold (RFC 3264 section 8.4).
func (m *Media) silenced() bool { return m.Conn.Addr.IsValid() && m.Conn.Addr.IsUnspecified() }

// sides is the direction of the line as its speaker means it, hold by address included.
func (m *Media) sides() Direction {
	return direction(m.Direction.Sends(), m.Direction.Receives() && !m.silenced())
}
