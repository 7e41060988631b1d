// Package dtmf receives and sends the keys of a telephone: named events in RTP (RFC 4733), and the tones
// themselves (ITU-T Q.23) for peers that know no events.
//
// It is small values without clock, socket or allocation. Listening for tones in 20 ms of speech costs 1 to 2 µs.
package dtmf

import (
	"encoding/binary"
	"errors"
)

// PayloadLen is the length of a telephone-event payload in octets (RFC 4733 section 2.3).
const PayloadLen = 4

// ErrShort means that a payload has fewer than PayloadLen octets.
var ErrShort = errors.New("telephone-event payload is too short")

// keys in the order of their event codes (RFC 4733 section 3.2).
const keys = "0123456789*#ABCD"

// Event is the payload of one packet (RFC 4733 section 2.3).
type Event struct {
	Code     uint8 // 0..15 are the keys
	End      bool
	Volume   uint8  // -dBm0, 0..63
	Duration uint16 // timestamp units since the event's start
}

// Parse reads the first event of a payload. Errors: ErrShort.
func Parse(b []byte) (Event, error) {
	if len(b) < PayloadLen {
		return Event{}, ErrShort
	}
	return Event{Code: b[0], End: b[1]&0x80 != 0, Volume: b[1] & 0x3f, Duration: binary.BigEndian.Uint16(b[2:])}, nil
}

// Put writes the payload to the first PayloadLen octets of b, which must be that long.
func (e Event) Put(b []byte) {
	_ = b[PayloadLen-1]
	b[0] = e.Code
	b[1] = e.Volume & 0x3f
	if e.End {
		b[1] |= 0x80
	}
	binary.BigEndian.PutUint16(b[2:], e.Duration)
}

// Key is the key of the event; false when it is another signal (flash, tones, modems).
func (e Event) Key() (byte, bool) {
	if int(e.Code) >= len(keys) {
		return 0, false
	}
	return keys[e.Code], true
}

// Code is the event code of a key '0'..'9', '*', '#', 'A'..'D' or 'a'..'d'; false when it is none.
func Code(key byte) (uint8, bool) {
	if key >= 'a' && key <= 'd' {
		key -= 'a' - 'A'
	}
	for i := range keys {
		if keys[i] == key {
			return uint8(i), true
		}
	}
	return 0, false
}
