package wav

import (
	"bufio"
	"fmt"
	"io"
	"time"

	"hotline/media/codec"
)

// Converter brings mono sound of another decoder to 8 kHz while it comes.
type Converter struct {
	rate int
	sink *resampler
}

// NewConverter takes sound of 8 to 48 kHz that is at most so long once it is converted. Errors: ErrFormat for another rate.
func NewConverter(rate int, longest time.Duration) (*Converter, error) {
	if rate < 8000 || rate > 48000 {
		return nil, fmt.Errorf("%w: %d samples a second (8000 to 48000 are read)", ErrFormat, rate)
	}
	return &Converter{rate: rate, sink: newResampler(rate, codec.SampleRate, codec.Samples(longest))}, nil
}

// Write takes samples in steps of 16 bits. Errors: ErrTooLong.
func (c *Converter) Write(mono []float32) error { return c.sink.push(mono) }

// Finish is the whole clip. Errors: ErrEmpty, ErrTooLong.
func (c *Converter) Finish() (Clip, error) {
	samples, err := c.sink.finish()
	if err == nil && len(samples) == 0 {
		err = ErrEmpty
	}
	return Clip{Rate: c.rate, Samples: samples}, err
}

// WriteMono writes a plain file: 16 bits, mono, 8 kHz.
func WriteMono(w io.Writer, pcm []int16) error {
	out := bufio.NewWriterSize(w, 32<<10)
	_, _ = out.Write(pcmHeader(int64(len(pcm)))) // Flush tells
	for _, x := range pcm {
		_, _ = out.Write([]byte{byte(x), byte(uint16(x) >> 8)})
	}
	return out.Flush()
}

// Length is how long a file of that many bytes plays, from its header alone. Errors: ErrFormat.
func Length(r io.Reader, size int64) (time.Duration, error) {
	f, length, err := readHeader(bufio.NewReader(r))
	if err != nil {
		return 0, err
	}
	frames := min(length, size) / int64(f.frameBytes())
	return time.Duration(float64(frames) / float64(f.rate) * float64(time.Second)), nil
}
