package codec

import "math/bits"

// The octets that stand for silence. A-law has no zero: 0xD5 is its smallest positive value, +8.
const (
	SilenceALaw byte = 0xD5
	SilenceULaw byte = 0xFF
)

// The decoding tables of ITU-T G.711 (tables 1 and 2) in 16-bit samples: the 13-bit values of A-law
// times 8, the 14-bit values of µ-law times 4. Read only.
var (
	aLawDecoded = decodingTable(expandALaw)
	uLawDecoded = decodingTable(expandULaw)
)

// The encoding tables. A-law decides at multiples of 16 and µ-law at multiples of 4 of a 16-bit
// sample, so the top 13 and 14 bits are enough to index them, which keeps them in the first cache.
var (
	aLawEncoded = encodingTableA()
	uLawEncoded = encodingTableU()
)

// ALawToULaw and ULawToALaw convert octet by octet, with the distortion of one requantisation and no
// more: converting there and back again a second time changes nothing. Read only.
var (
	ALawToULaw = conversionTable(&aLawDecoded, compressULaw)
	ULawToALaw = conversionTable(&uLawDecoded, compressALaw)
)

// DecodeALaw writes one 16-bit sample for each A-law octet and returns how many: the shorter length.
func DecodeALaw(dst []int16, src []byte) int {
	n := min(len(dst), len(src))
	dst = dst[:n]
	for i, c := range src[:n] {
		dst[i] = aLawDecoded[c]
	}
	return n
}

// DecodeULaw writes one 16-bit sample for each µ-law octet and returns how many: the shorter length.
func DecodeULaw(dst []int16, src []byte) int {
	n := min(len(dst), len(src))
	dst = dst[:n]
	for i, c := range src[:n] {
		dst[i] = uLawDecoded[c]
	}
	return n
}

// EncodeALaw writes one A-law octet for each sample and returns how many: the shorter length.
func EncodeALaw(dst []byte, src []int16) int {
	n := min(len(dst), len(src))
	dst = dst[:n]
	for i, x := range src[:n] {
		dst[i] = aLawEncoded[uint16(x)>>3]
	}
	return n
}

// EncodeULaw writes one µ-law octet for each sample and returns how many: the shorter length.
func EncodeULaw(dst []byte, src []int16) int {
	n := min(len(dst), len(src))
	dst = dst[:n]
	for i, x := range src[:n] {
		dst[i] = uLawEncoded[uint16(x)>>2]
	}
	return n
}

// Transcode rewrites octets coded as from into octets coded as to, in place. It does nothing when the
// two agree or when one of them is None.
func Transcode(octets []byte, from, to Kind) {
	var table *[256]byte
	switch {
	case from == PCMA && to == PCMU:
		table = &ALawToULaw
	case from == PCMU && to == PCMA:
		table = &ULawToALaw
	default:
		return
	}
	for i, c := range octets {
		octets[i] = table[c]
	}
}

// expandALaw is the decoder of G.711 table 1: even bits inverted on the line, sign, 3 bits of segment,
// 4 bits of step. The value is the middle of the interval.
func expandALaw(c byte) int16 {
	c ^= 0x55
	segment, step := c>>4&7, int16(c&15)
	x := step<<4 + 8
	if segment > 0 {
		x = (x + 0x100) << (segment - 1)
	}
	if c&0x80 == 0 {
		return -x
	}
	return x
}

// compressALaw is the encoder of G.711 table 1. A sample on the border of two intervals goes up for
// both signs, because a negative one is complemented, not negated: that also keeps -32768 in range.
func compressALaw(x int16) byte {
	sign := byte(0x80)
	if x < 0 {
		x, sign = ^x, 0
	}
	magnitude := uint16(x) >> 4
	c := byte(magnitude)
	if magnitude > 15 {
		segment := bits.Len16(magnitude) - 4
		c = byte(segment<<4) | byte(magnitude>>(segment-1))&15
	}
	return (c | sign) ^ 0x55
}

// uLawBias is what G.711 table 2 adds to a magnitude so that each segment starts at a power of two: 33
// in 14 bits, 132 in 16.
const uLawBias = 132

// expandULaw is the decoder of G.711 table 2: all bits inverted on the line.
func expandULaw(c byte) int16 {
	c = ^c
	segment, step := c>>4&7, int16(c&15)
	x := (step<<3+uLawBias)<<segment - uLawBias
	if c&0x80 != 0 {
		return -x
	}
	return x
}

// uLawClip is the largest magnitude before the bias would leave 15 bits.
const uLawClip = 32767 - uLawBias

// compressULaw is the encoder of G.711 table 2; larger samples are clipped. See compressALaw for signs.
func compressULaw(x int16) byte {
	sign := byte(0)
	if x < 0 {
		x, sign = ^x, 0x80
	}
	biased := uint16(min(x, uLawClip)) + uLawBias
	segment := bits.Len16(biased) - 8
	return ^(sign | byte(segment<<4) | byte(biased>>(segment+3))&15)
}

func decodingTable(expand func(byte) int16) (t [256]int16) {
	for c := range t {
		t[c] = expand(byte(c))
	}
	return t
}

func encodingTableA() (t [1 << 13]byte) {
	for i := range t {
		t[i] = compressALaw(int16(uint16(i) << 3))
	}
	return t
}

func encodingTableU() (t [1 << 14]byte) {
	for i := range t {
		t[i] = compressULaw(int16(uint16(i) << 2))
	}
	return t
}

func conversionTable(decoded *[256]int16, compress func(int16) byte) (t [256]byte) {
	for c := range t {
		t[c] = compress(decoded[c])
	}
	return t
}
