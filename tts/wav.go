package tts

import (
	"bytes"
	"encoding/binary"
	"fmt"
)

// rate is the only sample rate that leaves this package.
const rate = 8000

// format is the part of a fmt chunk that matters.
type format struct{ kind, channels, rate, bits int }

// readWAV reads 16-bit PCM of any usual rate, takes the first channel, and brings it to 8 kHz. A program that writes to a
// pipe cannot know its length: a data chunk that claims too much ends where the bytes end.
func readWAV(b []byte) ([]int16, error) {
	if len(b) < 12 || string(b[:4]) != "RIFF" || string(b[8:12]) != "WAVE" {
		return nil, fmt.Errorf("read %d bytes: %w: no RIFF header", len(b), ErrNoSound)
	}
	var f format
	for b = b[12:]; len(b) >= 8; {
		name := string(b[:4])
		size := int(min(uint64(binary.LittleEndian.Uint32(b[4:])), uint64(len(b)-8)))
		body := b[8 : 8+size]
		switch {
		case name == "fmt " && size >= 16:
			f = readFormat(body)
		case name == "data":
			return f.samples(body)
		}
		b = b[min(8+size+size&1, len(b)):]
	}
	return nil, fmt.Errorf("%w: no data chunk", ErrNoSound)
}

func readFormat(b []byte) format {
	u16 := func(at int) int { return int(binary.LittleEndian.Uint16(b[at:])) }
	return format{kind: u16(0), channels: u16(2), rate: int(binary.LittleEndian.Uint32(b[4:])), bits: u16(14)}
}

func (f format) samples(b []byte) ([]int16, error) {
	if f.kind != 1 || f.bits != 16 || f.channels < 1 || f.channels > 8 || f.rate < rate || f.rate > 192_000 {
		return nil, fmt.Errorf("%w: want 16 bit PCM of at least 8 kHz, got %+v", ErrNoSound, f)
	}
	step := 2 * f.channels
	pcm := make([]int16, 0, len(b)/step)
	for ; len(b) >= step; b = b[step:] {
		pcm = append(pcm, int16(binary.LittleEndian.Uint16(b)))
	}
	if len(pcm) == 0 {
		return nil, fmt.Errorf("%w: no samples", ErrNoSound)
	}
	return lower(pcm, f.rate), nil
}

// lower brings sound to 8 kHz. Each new sample is a mean over two of its periods, weighted by a triangle: enough against
// aliases for speech on a telephone.
func lower(pcm []int16, from int) []int16 {
	if from == rate {
		return pcm
	}
	out := make([]int16, len(pcm)*rate/from)
	width := float64(from) / rate
	for i := range out {
		middle := float64(i) * width
		var sum, weights float64
		for k := max(int(middle-width), 0); k <= int(middle+width) && k < len(pcm); k++ {
			w := 1 - max(middle-float64(k), float64(k)-middle)/width
			if w > 0 {
				sum += w * float64(pcm[k])
				weights += w
			}
		}
		if weights > 0 {
			out[i] = int16(sum / weights)
		}
	}
	return out
}

// writeWAV is 8 kHz mono 16-bit PCM with the shortest header.
func writeWAV(pcm []int16) []byte {
	var b bytes.Buffer
	u16 := func(v int) { b.Write(binary.LittleEndian.AppendUint16(nil, uint16(v))) }
	u32 := func(v int) { b.Write(binary.LittleEndian.AppendUint32(nil, uint32(v))) }
	b.WriteString("RIFF")
	u32(36 + 2*len(pcm))
	b.WriteString("WAVEfmt ")
	u32(16)
	u16(1)
	u16(1)
	u32(rate)
	u32(2 * rate)
	u16(2)
	u16(16)
	b.WriteString("data")
	u32(2 * len(pcm))
	for _, v := range pcm {
		u16(int(v))
	}
	return b.Bytes()
}
