package wav

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"math"

	"hotline/media/codec"
)

// HeaderSize is where the sound begins in a stereo file: RIFF, fmt of 18 bytes, fact and data chunk heads.
const HeaderSize = 58

// MaxFrames is as many stereo frames as the 32-bit lengths of a WAV file can tell: 74 hours.
const MaxFrames = (math.MaxUint32 - HeaderSize) / 2

// StereoHeader is the header of an A-law stereo file of so many frames; beyond MaxFrames it says MaxFrames. Format tag 6 needs the
// long fmt chunk and the fact chunk (Multimedia Programming Interface 1.0, "Fact Chunk").
func StereoHeader(frames int64) []byte {
	n := uint32(min(max(frames, 0), MaxFrames))
	b := make([]byte, 0, HeaderSize)
	le := binary.LittleEndian
	b = append(b, "RIFF"...)
	b = le.AppendUint32(b, HeaderSize-8+2*n)
	b = append(b, "WAVEfmt "...)
	b = le.AppendUint32(b, 18)
	b = le.AppendUint16(b, tagALaw)
	b = le.AppendUint16(b, 2)
	b = le.AppendUint32(b, codec.SampleRate)
	b = le.AppendUint32(b, 2*codec.SampleRate)
	b = le.AppendUint16(b, 2) // bytes a frame
	b = le.AppendUint16(b, 8) // bits a sample
	b = le.AppendUint16(b, 0) // nothing more
	b = append(b, "fact"...)
	b = le.AppendUint32(b, 4)
	b = le.AppendUint32(b, n)
	b = append(b, "data"...)
	return le.AppendUint32(b, 2*n)
}

// StereoFrames is how many whole frames a stereo file of size bytes holds.
func StereoFrames(size int64) int64 { return min(max(size-HeaderSize, 0)/2, MaxFrames) }

// StereoWriter writes an A-law stereo file by position. It begins without a header: Header writes one, at any time and as often
// as wanted, and a file that was cut off is put right by Header of a writer that Resume made. For one goroutine.
type StereoWriter struct {
	file   io.WriterAt
	frames int64
}

// NewStereoWriter writes to an empty file.
func NewStereoWriter(file io.WriterAt) *StereoWriter { return &StereoWriter{file: file} }

// ResumeStereo goes on with a file of size bytes, header or not.
func ResumeStereo(file io.WriterAt, size int64) *StereoWriter {
	return &StereoWriter{file: file, frames: StereoFrames(size)}
}

// Frames is the number of frames up to the end of what was written.
func (w *StereoWriter) Frames() int64 { return w.frames }

// WriteAt puts interleaved A-law (left, right, left, ...) at a frame, over what was there, and fills a gap before it with silence.
// A failed write may have written a part, which the next one at the same frame covers.
func (w *StereoWriter) WriteAt(interleaved []byte, frame int64) error {
	for w.frames < frame {
		n := min(frame-w.frames, int64(len(quiet)/2))
		if err := w.put(quiet[:2*n], w.frames); err != nil {
			return err
		}
	}
	return w.put(interleaved, frame)
}

// quiet is half a second of silence in stereo. Read only.
var quiet = bytes.Repeat([]byte{codec.SilenceALaw}, codec.SampleRate)

func (w *StereoWriter) put(interleaved []byte, frame int64) error {
	if _, err := w.file.WriteAt(interleaved, HeaderSize+2*frame); err != nil {
		return fmt.Errorf("write sound at frame %d: %w", frame, err)
	}
	w.frames = max(w.frames, frame+int64(len(interleaved)/2))
	return nil
}

// Header writes the header for the frames that there are.
func (w *StereoWriter) Header() error {
	if _, err := w.file.WriteAt(StereoHeader(w.frames), 0); err != nil {
		return fmt.Errorf("write the header: %w", err)
	}
	return nil
}

// Stereo is an A-law stereo file open for reading. Its methods may be called at once.
type Stereo struct {
	file   io.ReaderAt
	frames int64
}

// OpenStereo checks that a file of size bytes is one that StereoWriter made. The lengths in its header are not believed: they lag behind
// while the file is written and after a crash. The error wraps ErrFormat.
func OpenStereo(file io.ReaderAt, size int64) (*Stereo, error) {
	var head [HeaderSize]byte
	if _, err := file.ReadAt(head[:], 0); err != nil {
		return nil, headerError(err, "read the header of a recording")
	}
	want := StereoHeader(int64(binary.LittleEndian.Uint32(head[46:])))
	// All but the RIFF and data lengths must agree.
	if !bytes.Equal(head[8:54], want[8:54]) || !bytes.Equal(head[:4], want[:4]) {
		return nil, fmt.Errorf("%w: not A-law stereo at 8 kHz", ErrFormat)
	}
	return &Stereo{file: file, frames: StereoFrames(size)}, nil
}

// Frames is the number of stereo frames, 8000 a second.
func (s *Stereo) Frames() int64 { return s.frames }

// ReadFrames fills dst with interleaved A-law from a frame on and returns the whole frames read; io.EOF when they are fewer than dst holds.
func (s *Stereo) ReadFrames(dst []byte, frame int64) (int, error) {
	if frame < 0 || frame >= s.frames {
		return 0, io.EOF
	}
	want := int(min(int64(len(dst)/2), s.frames-frame))
	n, err := s.file.ReadAt(dst[:2*want], HeaderSize+2*frame)
	if n == 2*want {
		err = nil
	}
	if err == nil && want < len(dst)/2 {
		err = io.EOF
	}
	return n / 2, err
}
