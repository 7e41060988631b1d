package media

import "hotline/media/codec"

// Sound is speech or music at 8 kHz, encoded both ways beforehand. It is immutable and shared by all streams that play it.
type Sound struct {
	ALaw, ULaw []byte

	encodings encodings // in other codecs, once somebody plays it for ever
}

// NewSound encodes 8 kHz mono PCM.
func NewSound(pcm []int16) *Sound {
	s := &Sound{ALaw: make([]byte, len(pcm)), ULaw: make([]byte, len(pcm))}
	codec.EncodeALaw(s.ALaw, pcm)
	codec.EncodeULaw(s.ULaw, pcm)
	return s
}

// coded is the sound in a codec's octets; A-law for any other than PCMU.
func (s *Sound) coded(k codec.Kind) []byte {
	if k == codec.PCMU {
		return s.ULaw
	}
	return s.ALaw
}
