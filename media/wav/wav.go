// Package wav reads the WAV files that people upload as prompts and music into 8 kHz samples, and writes, repairs and
// reads the one kind of file that recordings are: A-law, stereo, 8 kHz. It is not a general audio library: no other container,
// no metadata, no rates beyond 8 to 48 kHz; Converter takes the sound of other decoders. Memory is bounded whatever a file claims about itself.
package wav

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"time"

	"hotline/media/codec"
)

// MaxLength is the longest clip that Read takes: 30 minutes are 29 MB of samples.
const MaxLength = 30 * time.Minute

// Errors of Read; all are wrapped with what was found.
var (
	ErrFormat    = errors.New("not a WAV file that can be read") // another container, coding, rate or a broken header
	ErrTruncated = errors.New("the WAV file is cut off")         // less sound than the header says
	ErrEmpty     = errors.New("no sound in the WAV file")
	ErrTooLong   = errors.New("the WAV file is too long") // longer than MaxLength
)

// Clip is a piece of speech or music.
type Clip struct {
	Rate    int     // samples a second in the file that was read; Samples are at 8000 whatever it was
	Samples []int16 // mono, 8 kHz
}

// Length is how long the clip plays.
func (c Clip) Length() time.Duration { return codec.Duration(int64(len(c.Samples))) }

// Read reads a whole file: PCM of 8, 16, 24 or 32 bits, 32-bit float, A-law or µ-law, plain or as WAVE_FORMAT_EXTENSIBLE, of one or
// two channels (which are averaged) at 8 to 48 kHz, resampled to 8. A data length of 0xFFFFFFFF or 0x7FFFFFFF and the like, as written by
// programs that write to a pipe, means all there is. Mono sound at 8 kHz in 16 bits, A-law or µ-law comes out unchanged.
func Read(r io.Reader) (Clip, error) { return ReadUpTo(r, MaxLength) }

// ReadUpTo is Read for clips that may last no longer than that.
func ReadUpTo(r io.Reader, longest time.Duration) (Clip, error) {
	in := bufio.NewReaderSize(r, 32<<10)
	f, length, err := readHeader(in)
	if err != nil {
		return Clip{}, err
	}
	sink := newResampler(f.rate, codec.SampleRate, codec.Samples(longest))
	got, err := f.decode(io.LimitReader(in, length), sink)
	switch {
	case err != nil:
		return Clip{}, err
	case length < streamed && got < length:
		return Clip{}, fmt.Errorf("%w: the header says %d bytes of sound, there are %d", ErrTruncated, length, got)
	case got < int64(f.frameBytes()):
		return Clip{}, ErrEmpty
	}
	samples, err := sink.finish()
	return Clip{Rate: f.rate, Samples: samples}, err
}

// streamed is the least data length that is taken to mean "unknown": sox writes 0x7FFFFFFF less its header, ffmpeg 0xFFFFFFFF.
const streamed = 0x7FFF0000

// The format tags (Microsoft's mmreg.h) that are read.
const (
	tagPCM        = 1
	tagFloat      = 3
	tagALaw       = 6
	tagULaw       = 7
	tagExtensible = 0xFFFE
)

// format is what the fmt chunk says.
type format struct {
	tag      uint16
	channels int
	rate     int
	bits     int
}

func (f format) frameBytes() int { return f.channels * f.bits / 8 }

// maxExtra bounds the bytes of chunks that are passed over: pictures and notes of editors.
const maxExtra = 16 << 20

// readHeader reads up to the first byte of sound and returns the length that the data chunk gives.
func readHeader(in *bufio.Reader) (format, int64, error) {
	var riff [12]byte
	if _, err := io.ReadFull(in, riff[:]); err != nil {
		return format{}, 0, headerError(err, "read its first 12 bytes")
	}
	if string(riff[:4]) != "RIFF" || string(riff[8:]) != "WAVE" {
		return format{}, 0, fmt.Errorf("%w: it begins with %q", ErrFormat, riff[:])
	}
	var f format
	for extra := int64(0); ; {
		var head [8]byte
		if _, err := io.ReadFull(in, head[:]); err != nil {
			return format{}, 0, headerError(err, "look for its sound")
		}
		size := int64(binary.LittleEndian.Uint32(head[4:]))
		switch string(head[:4]) {
		case "data":
			if f.tag == 0 {
				return format{}, 0, fmt.Errorf("%w: sound before its format", ErrFormat)
			}
			return f, size, nil
		case "fmt ":
			var err error
			if f, err = readFormat(in, size); err != nil {
				return format{}, 0, err
			}
		default:
			size += size & 1 // chunks are padded to even lengths
			if extra += size; extra > maxExtra {
				return format{}, 0, fmt.Errorf("%w: a %q chunk of %d bytes", ErrFormat, head[:4], size)
			}
			if _, err := in.Discard(int(size)); err != nil {
				return format{}, 0, headerError(err, "pass over a chunk")
			}
		}
	}
}

// headerError tells a file that ends early from a reader that broke.
func headerError(err error, what string) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return fmt.Errorf("%w: %s: it ends there", ErrFormat, what)
	}
	return fmt.Errorf("%s: %w", what, err)
}

// pcmGUID is the tail that every extensible format shares with its plain tag (KSDATAFORMAT_SUBTYPE_*).
var pcmGUID = []byte("\x00\x00\x00\x00\x10\x00\x80\x00\x00\xAA\x00\x38\x9B\x71")

func readFormat(in *bufio.Reader, size int64) (format, error) {
	if size < 16 || size > 1024 {
		return format{}, fmt.Errorf("%w: a format of %d bytes", ErrFormat, size)
	}
	b := make([]byte, size+size&1)
	if _, err := io.ReadFull(in, b); err != nil {
		return format{}, headerError(err, "read its format")
	}
	f := format{
		tag:      binary.LittleEndian.Uint16(b),
		channels: int(binary.LittleEndian.Uint16(b[2:])),
		rate:     int(min(binary.LittleEndian.Uint32(b[4:]), math.MaxInt32)),
		bits:     int(binary.LittleEndian.Uint16(b[14:])),
	}
	align := int(binary.LittleEndian.Uint16(b[12:]))
	if f.tag == tagExtensible && size >= 40 && bytes.Equal(b[26:40], pcmGUID) {
		f.tag = binary.LittleEndian.Uint16(b[24:])
	}
	return f, f.check(align)
}

// check refuses what decode cannot do.
func (f format) check(align int) error {
	known := false
	switch f.tag {
	case tagPCM:
		known = f.bits == 8 || f.bits == 16 || f.bits == 24 || f.bits == 32
	case tagFloat:
		known = f.bits == 32
	case tagALaw, tagULaw:
		known = f.bits == 8
	}
	switch {
	case !known:
		return fmt.Errorf("%w: coding %d with %d bits (PCM 8, 16, 24, 32, float 32, A-law and µ-law are read)", ErrFormat, f.tag, f.bits)
	case f.channels != 1 && f.channels != 2:
		return fmt.Errorf("%w: %d channels (1 and 2 are read)", ErrFormat, f.channels)
	case f.rate < 8000 || f.rate > 48000:
		return fmt.Errorf("%w: %d samples a second (8000 to 48000 are read)", ErrFormat, f.rate)
	case align != f.frameBytes():
		return fmt.Errorf("%w: %d bytes a sample frame, its format makes %d", ErrFormat, align, f.frameBytes())
	}
	return nil
}
