// Package codec turns speech samples into G.711 octets and back: A-law and µ-law of ITU-T G.711, at
// 8 kHz, one octet a sample. It is pure functions over tables; it knows nothing of RTP, of files, of
// jitter or of packet sizes, and it never allocates.
package codec

import "time"

// SampleRate is the number of samples a second of every codec here (ITU-T G.711 section 2).
const SampleRate = 8000

// Kind is a codec that Hotline can speak. The zero Kind is None.
type Kind uint8

// The codecs. None means that no codec was agreed.
const (
	None Kind = iota
	PCMU      // µ-law
	PCMA      // A-law
)

// String is the encoding name of RFC 3551 section 6: "PCMU" or "PCMA"; "none" for every other value.
func (k Kind) String() string {
	switch k {
	case PCMU:
		return "PCMU"
	case PCMA:
		return "PCMA"
	default:
		return "none"
	}
}

// PayloadType is the static RTP payload type (RFC 3551 section 6): 0 for PCMU, 8 for PCMA. None has
// no payload type and returns 127, which no static assignment uses.
func (k Kind) PayloadType() uint8 {
	switch k {
	case PCMU:
		return 0
	case PCMA:
		return 8
	default:
		return 127
	}
}

// Silence is the octet for a sample of (nearly) zero: 0xD5 in A-law, 0xFF in µ-law, 0 for None.
func (k Kind) Silence() byte {
	switch k {
	case PCMU:
		return SilenceULaw
	case PCMA:
		return SilenceALaw
	default:
		return 0
	}
}

// Samples is how many samples, which are octets too, last d. It rounds down and is 0 for a negative d.
func Samples(d time.Duration) int {
	if d < 0 {
		return 0
	}
	return int(d / (time.Second / SampleRate))
}

// Duration is how long n samples last.
func Duration(n int64) time.Duration {
	return time.Duration(n) * (time.Second / SampleRate)
}

// Decode writes the samples of src, coded as k, to dst and returns how many it wrote: the shorter of
// the two lengths, or 0 for None.
func (k Kind) Decode(dst []int16, src []byte) int {
	switch k {
	case PCMU:
		return DecodeULaw(dst, src)
	case PCMA:
		return DecodeALaw(dst, src)
	default:
		return 0
	}
}

// Encode writes the octets of src, coded as k, to dst and returns how many it wrote: the shorter of
// the two lengths, or 0 for None.
func (k Kind) Encode(dst []byte, src []int16) int {
	switch k {
	case PCMU:
		return EncodeULaw(dst, src)
	case PCMA:
		return EncodeALaw(dst, src)
	default:
		return 0
	}
}
