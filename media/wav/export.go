package wav

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"hotline/media/codec"
)

// Channel says what of a stereo file is heard in an export.
type Channel uint8

// The channels. Mix is both at full level, clipped: two people seldom speak at once.
const (
	Mix Channel = iota
	Left
	Right
)

// pcmHeaderSize is the length of the plain PCM header: RIFF, fmt of 16 bytes, data head.
const pcmHeaderSize = 44

// PCM is one channel of a stereo file as a mono PCM 16-bit WAV file at 8 kHz, made while it is read, for browsers that do not play
// A-law. Byte n is the same whatever was read before, so HTTP ranges work. It is an io.ReadSeeker for one goroutine.
type PCM struct {
	from    *Stereo
	channel Channel
	header  []byte
	at      int64
	raw     [4096]byte
	samples [4096]int16
}

// PCM returns the export of a channel, from its first byte. Frames that come later are not in it.
func (s *Stereo) PCM(c Channel) *PCM {
	return &PCM{from: s, channel: c, header: pcmHeader(s.frames)}
}

func pcmHeader(frames int64) []byte {
	n := uint32(2 * frames)
	le := binary.LittleEndian
	b := append(make([]byte, 0, pcmHeaderSize), "RIFF"...)
	b = le.AppendUint32(b, pcmHeaderSize-8+n)
	b = append(b, "WAVEfmt "...)
	b = le.AppendUint32(b, 16)
	b = le.AppendUint16(b, tagPCM)
	b = le.AppendUint16(b, 1)
	b = le.AppendUint32(b, codec.SampleRate)
	b = le.AppendUint32(b, 2*codec.SampleRate)
	b = le.AppendUint16(b, 2)
	b = le.AppendUint16(b, 16)
	b = append(b, "data"...)
	return le.AppendUint32(b, n)
}

// Size is the length of the export in bytes.
func (p *PCM) Size() int64 { return pcmHeaderSize + 2*p.from.frames }

// Seek implements io.Seeker.
func (p *PCM) Seek(offset int64, whence int) (int64, error) {
	switch whence {
	case io.SeekStart:
	case io.SeekCurrent:
		offset += p.at
	case io.SeekEnd:
		offset += p.Size()
	default:
		return 0, fmt.Errorf("seek from %d", whence)
	}
	if offset < 0 {
		return 0, errors.New("seek before the start")
	}
	p.at = offset
	return offset, nil
}

// Read implements io.Reader.
func (p *PCM) Read(dst []byte) (int, error) {
	if len(dst) == 0 {
		return 0, nil
	}
	if p.at < pcmHeaderSize {
		n := copy(dst, p.header[p.at:])
		p.at += int64(n)
		return n, nil
	}
	frame, odd := (p.at-pcmHeaderSize)/2, int((p.at-pcmHeaderSize)%2)
	want := min(len(p.raw)/2, (odd+len(dst)+1)/2)
	frames, err := p.from.ReadFrames(p.raw[:2*want], frame)
	if frames == 0 {
		if err == nil {
			err = io.ErrUnexpectedEOF
		}
		return 0, err
	}
	n := p.render(dst, frames, odd)
	p.at += int64(n)
	return n, nil
}

// render writes frames of raw as samples, leaving out the first odd bytes.
func (p *PCM) render(dst []byte, frames, odd int) int {
	codec.DecodeALaw(p.samples[:2*frames], p.raw[:2*frames])
	n := 0
	for i := range frames {
		x := uint16(p.sample(i))
		for part := range 2 {
			if odd > 0 {
				odd--
				continue
			}
			if n == len(dst) {
				return n
			}
			dst[n] = byte(x >> (8 * part))
			n++
		}
	}
	return n
}

// sample is what is heard at frame i.
func (p *PCM) sample(i int) int16 {
	left, right := p.samples[2*i], p.samples[2*i+1]
	switch p.channel {
	case Left:
		return left
	case Right:
		return right
	default:
		return round(float32(left) + float32(right))
	}
}

// Write writes samples at 8 kHz as a mono PCM 16-bit file.
func Write(w io.Writer, samples []int16) error {
	b := pcmHeader(int64(len(samples)))
	for _, x := range samples {
		b = binary.LittleEndian.AppendUint16(b, uint16(x))
	}
	if _, err := w.Write(b); err != nil {
		return fmt.Errorf("write the WAV file: %w", err)
	}
	return nil
}
