package prompt

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"github.com/hajimehoshi/go-mp3"

	"hotline/media/wav"
)

// Read reads a WAV or MP3 file whole, as 8 kHz mono at the loudness of Level. What cannot be read is ErrInvalid, what is too
// long ErrTooLarge; other errors are the reader's own.
func Read(r io.Reader) ([]int16, error) {
	in := bufio.NewReaderSize(r, 32<<10)
	head, err := in.Peek(12)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	decode := readMP3
	switch {
	case len(head) == 0:
		return nil, fault("invalid", "The file is empty.")
	case bytes.HasPrefix(head, []byte("RIFF")):
		decode = readWAV
	case !bytes.HasPrefix(head, []byte("ID3")) && (len(head) < 2 || head[0] != 0xff || head[1]&0xe0 != 0xe0):
		return nil, fault("invalid", "This is neither a WAV nor an MP3 file.")
	}
	clip, err := decode(in)
	if err != nil {
		return nil, explain(err)
	}
	Level(clip.Samples)
	return clip.Samples, nil
}

func readWAV(in *bufio.Reader) (wav.Clip, error) { return wav.ReadUpTo(in, MaxLength) }

// explain makes a fault of what is wrong with the file.
func explain(err error) error {
	switch {
	case errors.Is(err, wav.ErrTooLong):
		return fault("too-large", "A prompt lasts %v at most.", MaxLength)
	case errors.Is(err, wav.ErrFormat), errors.Is(err, wav.ErrTruncated), errors.Is(err, wav.ErrEmpty), errors.Is(err, errMP3):
		return fault("invalid", "The sound cannot be read: %v.", err)
	}
	return err
}

var errMP3 = errors.New("not an MP3 file that can be read")

// readMP3 decodes MPEG audio layer III.
func readMP3(in *bufio.Reader) (clip wav.Clip, err error) {
	defer func() { // of the library: no file may end the program
		if r := recover(); r != nil {
			clip, err = wav.Clip{}, fmt.Errorf("%w: %v", errMP3, r)
		}
	}()
	source := &broken{in: in}
	if err := skipTags(in); err != nil {
		return wav.Clip{}, err
	}
	decoder, err := mp3.NewDecoder(source)
	if err != nil {
		return wav.Clip{}, source.or(fmt.Errorf("%w: %w", errMP3, err))
	}
	to, err := wav.NewConverter(decoder.SampleRate(), MaxLength)
	if err != nil {
		return wav.Clip{}, err
	}
	if err := pour(decoder, to); err != nil {
		return wav.Clip{}, source.or(err)
	}
	if source.err != nil {
		return wav.Clip{}, source.err
	}
	return to.Finish()
}

// pour moves the decoder's sound, which is 16-bit stereo whatever the file is, on as mono.
func pour(from io.Reader, to *wav.Converter) error {
	raw, mono := make([]byte, 16<<10), make([]float32, 4<<10)
	for {
		n, err := io.ReadFull(from, raw)
		for i := range n / 4 {
			left, right := int16(binary.LittleEndian.Uint16(raw[4*i:])), int16(binary.LittleEndian.Uint16(raw[4*i+2:]))
			mono[i] = (float32(left) + float32(right)) / 2
		}
		if err := to.Write(mono[:n/4]); err != nil {
			return err
		}
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("%w: %w", errMP3, err)
		}
	}
}

// skipTags passes over ID3v2 tags (id3.org): pictures and titles, which the library would read into memory whatever size they claim.
func skipTags(in *bufio.Reader) error {
	for {
		head, err := in.Peek(10)
		if err != nil || string(head[:3]) != "ID3" {
			return nil // the decoder says what is wrong
		}
		size := 10 + int(head[6]&0x7f)<<21 + int(head[7]&0x7f)<<14 + int(head[8]&0x7f)<<7 + int(head[9]&0x7f)
		if head[5]&0x10 != 0 {
			size += 10 // a footer
		}
		if _, err := in.Discard(size); errors.Is(err, io.EOF) {
			return fmt.Errorf("%w: its tag is cut off", errMP3)
		} else if err != nil {
			return err
		}
	}
}

// broken remembers why the upload broke off: the library takes that for the end of the file.
type broken struct {
	in  io.Reader
	err error
}

// Read reads on.
func (b *broken) Read(p []byte) (int, error) {
	n, err := b.in.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		b.err = err
	}
	return n, err
}

// or is the error of the upload, or else another.
func (b *broken) or(err error) error {
	if b.err != nil {
		return b.err
	}
	return err
}
