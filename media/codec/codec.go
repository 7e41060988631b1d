// Package codec turns speech samples into octets and back: A-law and µ-law of ITU-T G.711, pure functions over tables, and G.722,
// whose coders remember what went before. A Concealer invents what was lost. Opus is media/opus.
//
// It knows nothing of RTP, of files, of jitter or of packet sizes, and allocates nothing but the coders.
package codec

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// SampleRate is the number of samples a second of all sound within Hotline (ITU-T G.711 section 2).
const SampleRate = 8000

// NsPerSample is how long one of them lasts.
const NsPerSample = 1_000_000_000 / SampleRate

// Kind is a codec that Hotline can speak. The zero Kind is None.
type Kind uint8

// The codecs. None means that no codec was agreed.
const (
	None Kind = iota
	PCMU      // µ-law
	PCMA      // A-law
	G722      // 64 kbit/s
	Opus      // RFC 6716; coded by media/opus
)

// kinds are all there are, in the order of their names in messages.
var kinds = [...]Kind{PCMA, PCMU, G722, Opus}

// Named is the codec of an encoding name in any case; None when it is none of ours.
func Named(name string) Kind {
	for _, k := range kinds {
		if strings.EqualFold(name, k.String()) {
			return k
		}
	}
	return None
}

// List reads codecs by name, best first. The error is a sentence for who wrote them.
func List(names []string) ([]Kind, error) {
	var all []Kind
	for _, name := range names {
		k := Named(name)
		if k == None {
			return nil, fmt.Errorf("no codec is called %q; write some of %v", name, kinds)
		}
		if slices.Contains(all, k) {
			return nil, fmt.Errorf("%v is there twice", k)
		}
		all = append(all, k)
	}
	return all, nil
}

// String is the encoding name of RFC 3551 section 6 and RFC 7587: "PCMU", "PCMA", "G722", "opus"; "none" for every other value.
func (k Kind) String() string {
	switch k {
	case PCMU:
		return "PCMU"
	case PCMA:
		return "PCMA"
	case G722:
		return "G722"
	case Opus:
		return "opus"
	default:
		return "none"
	}
}

// OpusType is the payload type that our offers give to Opus: what browsers use.
const OpusType = 111

// PayloadType is the static RTP payload type (RFC 3551 section 6): 0 for PCMU, 8 for PCMA, 9 for G722; OpusType for Opus, which
// has none. None returns 127, which no static assignment uses.
func (k Kind) PayloadType() uint8 {
	switch k {
	case PCMU:
		return 0
	case PCMA:
		return 8
	case G722:
		return 9
	case Opus:
		return OpusType
	default:
		return 127
	}
}

// ClockRate is the rate of RTP timestamps: 8000, for G.722 too although it has 16,000 samples (RFC 3551 section 4.5.2), and 48000
// for Opus (RFC 7587 section 4.1).
func (k Kind) ClockRate() int {
	if k == Opus {
		return 48000
	}
	return SampleRate
}

// Law says whether k is one of the two laws of G.711, which change into each other by table.
func (k Kind) Law() bool { return k == PCMU || k == PCMA }

// Silence is the octet for a sample of (nearly) zero: 0xD5 in A-law, 0xFF in µ-law, 0 for others.
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
// the two lengths, or 0 where k is no law.
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
// the two lengths, or 0 where k is no law.
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
