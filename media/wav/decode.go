package wav

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"

	"hotline/media/codec"
)

// decode feeds the sound into sink, averaging channels, and returns the bytes read. A partial frame at the end is dropped.
func (f format) decode(in io.Reader, sink *resampler) (int64, error) {
	frame := f.frameBytes()
	raw, mono := make([]byte, 1024*frame), make([]float32, 1024)
	read := f.reader()
	var total int64
	for {
		n, err := io.ReadFull(in, raw)
		total += int64(n)
		frames := n / frame
		for i := range frames {
			at := raw[i*frame:]
			mono[i] = read(at)
			if f.channels == 2 {
				mono[i] = (mono[i] + read(at[frame/2:])) / 2
			}
		}
		if err := sink.push(mono[:frames]); err != nil {
			return total, err
		}
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			return total, nil
		}
		if err != nil {
			return total, fmt.Errorf("read the sound: %w", err)
		}
	}
}

// reader returns how to read one sample, as a number of 16-bit steps.
func (f format) reader() func([]byte) float32 {
	switch {
	case f.tag == tagALaw:
		return law(codec.PCMA)
	case f.tag == tagULaw:
		return law(codec.PCMU)
	case f.tag == tagFloat:
		return func(b []byte) float32 { return finite(math.Float32frombits(binary.LittleEndian.Uint32(b)) * 32768) }
	case f.bits == 8: // the only unsigned one
		return func(b []byte) float32 { return float32(int(b[0])-128) * 256 }
	case f.bits == 32:
		return func(b []byte) float32 { return float32(int32(binary.LittleEndian.Uint32(b))) / 65536 }
	case f.bits == 16:
		return func(b []byte) float32 { return float32(int16(binary.LittleEndian.Uint16(b))) }
	default:
		return func(b []byte) float32 {
			return float32(int32(uint32(b[0])<<8|uint32(b[1])<<16|uint32(b[2])<<24)>>8) / 256
		}
	}
}

func law(kind codec.Kind) func([]byte) float32 {
	var octets [256]byte
	var samples [256]int16
	for i := range octets {
		octets[i] = byte(i)
	}
	kind.Decode(samples[:], octets[:])
	return func(b []byte) float32 { return float32(samples[b[0]]) }
}

// finite keeps what is not a number, and absurd numbers, out of the filter, where they would spread.
func finite(x float32) float32 {
	switch {
	case x != x:
		return 0
	case x > 65536:
		return 65536
	case x < -65536:
		return -65536
	}
	return x
}
