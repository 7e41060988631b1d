// Package opus decodes and encodes Opus (RFC 6716) by libopus, in workers beside the media shards.
//
// Packets are checked before the library sees them. A Port joins one shard with one worker by a ring of slots: neither ever
// waits for the other, and sound that finds no slot is dropped and counted. RTP, order and time are for others (media/jitter).
//
// Without cgo the package builds and no port can be opened: ErrNoLibrary.
package opus

import "errors"

// ClockRate is that of RTP timestamps, whatever the coder's rate (RFC 7587 section 4.1).
const ClockRate = 48000

const (
	maxFrame = 1275               // octets (RFC 6716 section 3.2.1)
	maxUnits = ClockRate * 3 / 25 // 120 ms: what a packet may last (section 3.4, R5)
)

// ErrPacket means that a payload is no Opus packet.
var ErrPacket = errors.New("malformed Opus packet")

// Length is how long a packet lasts, in units of ClockRate, after the checks of RFC 6716 section 3.4. Errors: ErrPacket.
func Length(b []byte) (int, error) {
	if len(b) == 0 {
		return 0, ErrPacket
	}
	frame, rest := frameUnits(b[0]), b[1:]
	frames := 1
	var ok bool
	switch b[0] & 3 {
	case 0:
		ok = len(rest) <= maxFrame
	case 1:
		frames, ok = 2, len(rest)%2 == 0 && len(rest)/2 <= maxFrame
	case 2:
		frames = 2
		var first int
		first, rest, ok = frameLen(rest)
		ok = ok && first <= len(rest) && len(rest)-first <= maxFrame
	default:
		frames, ok = several(rest)
	}
	if !ok || frames*frame > maxUnits {
		return 0, ErrPacket
	}
	return frames * frame, nil
}

// frameUnits is the length of a frame by the configuration number in the TOC (RFC 6716 section 3.1, table 2).
func frameUnits(toc byte) int {
	const ms = ClockRate / 1000
	size := toc >> 3 & 3
	switch config := toc >> 3; {
	case config < 12: // SILK
		return [4]int{10 * ms, 20 * ms, 40 * ms, 60 * ms}[size]
	case config < 16: // hybrid
		return 10 * ms << (size & 1)
	default: // CELT
		return 5 * ms / 2 << size
	}
}

// frameLen reads a length of one or two octets (RFC 6716 section 3.2.1).
func frameLen(b []byte) (n int, rest []byte, ok bool) {
	switch {
	case len(b) == 0:
		return 0, nil, false
	case b[0] < 252:
		return int(b[0]), b[1:], true
	case len(b) == 1:
		return 0, nil, false
	}
	return int(b[0]) + 4*int(b[1]), b[2:], true
}

// several checks a packet of code 3 after its TOC (RFC 6716 section 3.2.5).
func several(b []byte) (frames int, ok bool) {
	if len(b) == 0 {
		return 0, false
	}
	head := b[0]
	frames, b = int(head&63), b[1:]
	if frames == 0 || frames > 48 {
		return 0, false
	}
	if head&0x40 != 0 {
		if b, ok = unpadded(b); !ok {
			return 0, false
		}
	}
	if head&0x80 == 0 {
		return frames, len(b)%frames == 0 && len(b)/frames <= maxFrame
	}
	sum := 0
	for range frames - 1 {
		var n int
		if n, b, ok = frameLen(b); !ok {
			return 0, false
		}
		sum += n
	}
	last := len(b) - sum
	return frames, last >= 0 && last <= maxFrame
}

// unpadded takes the padding's length from the beginning and the padding from the end.
func unpadded(b []byte) ([]byte, bool) {
	padding := 0
	for {
		if len(b) == 0 {
			return nil, false
		}
		n := int(b[0])
		b = b[1:]
		if n < 255 {
			padding += n
			break
		}
		padding += 254
	}
	if padding > len(b) {
		return nil, false
	}
	return b[:len(b)-padding], true
}
