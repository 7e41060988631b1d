// Package rtp reads and writes RTP and RTCP packets (RFC 3550) and keeps the statistics of a stream: sequence
// numbers, loss, jitter, and a mean opinion score by the E-model (ITU-T G.107).
//
// It is pure functions and small values. It opens no socket, reads no clock and allocates nothing on a packet's
// path; time comes in as an argument. What the payload means is for others: see media/codec and media/dtmf.
package rtp

import (
	"encoding/binary"
	"errors"
)

// HeaderLen is the length in octets of an RTP header without CSRCs and extension (RFC 3550 section 5.1).
const HeaderLen = 12

// ClockRate is the timestamp rate of G.711, and where nothing else is said, in units a second (RFC 3551 section 6).
const ClockRate = 8000

// Units is a time in ns in units of a clock of rate; it does not overflow within a century.
func Units(ns int64, rate int) int64 {
	const second = 1_000_000_000
	return ns/second*int64(rate) + ns%second*int64(rate)/second
}

const version = 2

// Errors of Read: what came is no RTP packet.
var (
	ErrShort   = errors.New("RTP packet is too short")
	ErrVersion = errors.New("RTP version is not 2")
	ErrPadding = errors.New("RTP padding is longer than the payload")
)

// Header is the part of an RTP header that differs from packet to packet.
type Header struct {
	Marker      bool
	PayloadType uint8
	Sequence    uint16
	Timestamp   uint32 // in units of the payload's clock
	SSRC        uint32
}

// Packet is a header and where its payload lies within the octets it was read from.
type Packet struct {
	Header
	Start, End int // payload = b[Start:End]; CSRCs, extension and padding are outside
}

// Read parses b. It keeps nothing of it. Errors: ErrShort, ErrVersion, ErrPadding; the packet is then unusable.
func (p *Packet) Read(b []byte) error {
	if len(b) < HeaderLen {
		return ErrShort
	}
	if b[0]>>6 != version {
		return ErrVersion
	}
	start := HeaderLen + 4*int(b[0]&0x0f)
	if b[0]&0x10 != 0 {
		if len(b) < start+4 {
			return ErrShort
		}
		start += 4 + 4*int(binary.BigEndian.Uint16(b[start+2:]))
	}
	if len(b) < start {
		return ErrShort
	}
	end := len(b)
	if b[0]&0x20 != 0 {
		pad := int(b[end-1])
		if pad == 0 || pad > end-start {
			return ErrPadding
		}
		end -= pad
	}
	p.Start, p.End = start, end
	p.Marker = b[1]&0x80 != 0
	p.PayloadType = b[1] & 0x7f
	p.Sequence = binary.BigEndian.Uint16(b[2:])
	p.Timestamp = binary.BigEndian.Uint32(b[4:])
	p.SSRC = binary.BigEndian.Uint32(b[8:])
	return nil
}

// Put writes the header to the first HeaderLen octets of b, without CSRCs, extension or padding. b must be that long.
func (h Header) Put(b []byte) {
	_ = b[HeaderLen-1]
	b[0] = version << 6
	b[1] = h.PayloadType & 0x7f
	if h.Marker {
		b[1] |= 0x80
	}
	binary.BigEndian.PutUint16(b[2:], h.Sequence)
	binary.BigEndian.PutUint32(b[4:], h.Timestamp)
	binary.BigEndian.PutUint32(b[8:], h.SSRC)
}

// IsRTCP tells an RTCP packet from an RTP one on a shared port by its second octet (RFC 5761 section 4).
func IsRTCP(b []byte) bool {
	return len(b) >= 2 && b[1] >= 192 && b[1] <= 223
}
