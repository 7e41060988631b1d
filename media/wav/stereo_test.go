package wav

import (
	"bytes"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"
	"testing/iotest"
	"time"

	"hotline/media/codec"
	"hotline/media/tone"
)

// memory is a file in memory that can refuse to be written.
type memory struct {
	b     []byte
	fails error
}

func (m *memory) WriteAt(p []byte, at int64) (int, error) {
	if m.fails != nil {
		return 0, m.fails
	}
	if grow := int(at) + len(p) - len(m.b); grow > 0 {
		m.b = append(m.b, make([]byte, grow)...)
	}
	return copy(m.b[at:], p), nil
}

func (m *memory) open(t *testing.T) *Stereo {
	t.Helper()
	s, err := OpenStereo(bytes.NewReader(m.b), int64(len(m.b)))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// twoTones is d of 700 Hz left and 1300 Hz right.
func twoTones(d time.Duration) []byte {
	left, right := make([]byte, codec.Samples(d)), make([]byte, codec.Samples(d))
	codec.EncodeALaw(left, tone.Make(700, -12, d))
	codec.EncodeALaw(right, tone.Make(1300, -12, d))
	var b []byte
	for i := range left {
		b = append(b, left[i], right[i])
	}
	return b
}

func written(t *testing.T, d time.Duration) *memory {
	t.Helper()
	m := &memory{}
	w := NewStereoWriter(m)
	if err := errors.Join(w.WriteAt(twoTones(d), 0), w.Header()); err != nil {
		t.Fatal(err)
	}
	return m
}

func samplesOf(t *testing.T, r io.Reader) []int16 {
	t.Helper()
	clip, err := Read(r)
	if err != nil {
		t.Fatal(err)
	}
	return clip.Samples
}

func TestStereo(t *testing.T) {
	s := written(t, time.Second).open(t)
	if s.Frames() != 8000 {
		t.Errorf("Frames = %d, want 8000", s.Frames())
	}
	rows := []struct {
		channel Channel
		want    []float64
	}{{Left, []float64{700}}, {Right, []float64{1300}}}
	for _, row := range rows {
		if got := tone.Heard(samplesOf(t, s.PCM(row.channel)), 700, 1300); !slices.Equal(got, row.want) {
			t.Errorf("channel %d: heard %v, want %v", row.channel, got, row.want)
		}
	}
	if got := tone.Heard(samplesOf(t, s.PCM(Mix)), 700, 1300); len(got) != 2 {
		t.Errorf("mix: heard %v, want both", got)
	}
}

// TestStereoBySox: a second reader takes our files for what they are.
func TestStereoBySox(t *testing.T) {
	sox, err := exec.LookPath("sox")
	if err != nil {
		t.Log("no sox here: only our own reader was asked")
		return
	}
	name := filepath.Join(t.TempDir(), "two.wav")
	if err := os.WriteFile(name, written(t, time.Second).b, 0o600); err != nil {
		t.Fatal(err)
	}
	for channel, hz := range map[string]float64{"1": 700, "2": 1300} {
		out, err := exec.Command(sox, name, "-t", "wav", "-e", "signed", "-b", "16", "-", "remix", channel).Output()
		if err != nil {
			t.Fatalf("sox: %v", err)
		}
		got := samplesOf(t, bytes.NewReader(out))
		if len(got) != 8000 || !slices.Equal(tone.Heard(got, 700, 1300), []float64{hz}) {
			t.Errorf("channel %s: %d samples, heard %v, want %v", channel, len(got), tone.Heard(got, 700, 1300), hz)
		}
	}
}

// TestStereoWriterPlaces: by position, over what is there, with silence in the gaps.
func TestStereoWriterPlaces(t *testing.T) {
	m := &memory{}
	w := NewStereoWriter(m)
	for _, step := range []struct {
		sound string
		at    int64
	}{{"aabb", 0}, {"ffgg", 5}, {"cc", 1}, {"", 6}, {"zz", 9000}} {
		if err := w.WriteAt([]byte(step.sound), step.at); err != nil {
			t.Fatal(err)
		}
	}
	if w.Frames() != 9001 || len(m.b) != HeaderSize+2*9001 {
		t.Fatalf("Frames = %d, file %d bytes", w.Frames(), len(m.b))
	}
	quiet := string([]byte{codec.SilenceALaw, codec.SilenceALaw})
	if got, want := string(m.b[HeaderSize:HeaderSize+16]), "aacc"+quiet+quiet+quiet+"ffgg"+quiet; got != want {
		t.Errorf("sound = %q, want %q", got, want)
	}
	if bytes.Count(m.b[HeaderSize+14:], []byte(quiet)) != 9000-7 {
		t.Error("the long gap is not silence")
	}
	m.fails = errors.New("no space")
	if err := w.WriteAt([]byte("xx"), 9010); !errors.Is(err, m.fails) || w.Frames() != 9001 {
		t.Errorf("error = %v, frames %d, want the file's and 9001", err, w.Frames())
	}
	if err := w.Header(); !errors.Is(err, m.fails) {
		t.Errorf("Header error = %v, want the file's", err)
	}
}

// TestStereoCutOff: a file cut at any byte after the header is read, and repaired it is read by anyone.
func TestStereoCutOff(t *testing.T) {
	whole := written(t, 20*time.Millisecond).b
	for size := HeaderSize; size <= len(whole); size++ {
		m := &memory{b: slices.Clone(whole[:size])}
		frames := int64(size-HeaderSize) / 2
		if got := m.open(t).Frames(); got != frames {
			t.Fatalf("cut at %d: %d frames, want %d", size, got, frames)
		}
		w := ResumeStereo(m, int64(size))
		if err := w.Header(); err != nil || w.Frames() != frames {
			t.Fatalf("cut at %d: %v, %d frames", size, err, w.Frames())
		}
		if frames == 0 {
			continue
		}
		if got := samplesOf(t, bytes.NewReader(m.b)); int64(len(got)) != frames {
			t.Fatalf("cut at %d: %d samples, want %d", size, len(got), frames)
		}
	}
	for size := range HeaderSize {
		if _, err := OpenStereo(bytes.NewReader(whole[:size]), int64(size)); !errors.Is(err, ErrFormat) {
			t.Fatalf("cut at %d: error = %v, want ErrFormat", size, err)
		}
	}
	whole[20] = 1 // PCM
	if _, err := OpenStereo(bytes.NewReader(whole), int64(len(whole))); !errors.Is(err, ErrFormat) {
		t.Errorf("another coding: error = %v, want ErrFormat", err)
	}
}

// TestStereoHeader: the lengths are right and do not run over.
func TestStereoHeader(t *testing.T) {
	for _, row := range []struct{ frames, want int64 }{{0, 0}, {-1, 0}, {8000, 8000}, {1 << 40, MaxFrames}} {
		b := StereoHeader(row.frames)
		at := func(i int) int64 {
			return int64(b[i]) | int64(b[i+1])<<8 | int64(b[i+2])<<16 | int64(b[i+3])<<24
		}
		if len(b) != HeaderSize || at(4) != 50+2*row.want || at(46) != row.want || at(54) != 2*row.want {
			t.Errorf("StereoHeader(%d) = %x", row.frames, b)
		}
	}
}

// TestPCM: the export is a good io.ReadSeeker, byte for byte the same from wherever it is read.
func TestPCM(t *testing.T) {
	s := written(t, 700*time.Millisecond).open(t)
	for _, channel := range []Channel{Mix, Left, Right} {
		p := s.PCM(channel)
		whole, err := io.ReadAll(p)
		if err != nil || int64(len(whole)) != p.Size() {
			t.Fatalf("%d bytes, %v, want %d", len(whole), err, p.Size())
		}
		for _, from := range []int64{0, 1, 43, 44, 45, 46, 4141, p.Size() - 1, p.Size(), p.Size() + 5} {
			if _, err := p.Seek(from, io.SeekStart); err != nil {
				t.Fatal(err)
			}
			rest, err := io.ReadAll(iotest.OneByteReader(p))
			if want := whole[min(from, p.Size()):]; err != nil || !bytes.Equal(rest, want) {
				t.Fatalf("from %d: %d bytes, %v, want the last %d", from, len(rest), err, len(want))
			}
		}
		if _, err := p.Seek(0, io.SeekStart); err != nil {
			t.Fatal(err)
		}
		if err := iotest.TestReader(p, whole); err != nil {
			t.Error(err)
		}
	}
	p := s.PCM(Mix)
	if got, err := p.Seek(-2, io.SeekEnd); err != nil || got != p.Size()-2 {
		t.Errorf("Seek from the end = %d, %v", got, err)
	}
	if _, err := p.Seek(-1, io.SeekStart); err == nil {
		t.Error("Seek before the start is no error")
	}
	if _, err := p.Seek(0, 9); err == nil {
		t.Error("Seek from nowhere is no error")
	}
}

// TestReadFrames at and beyond the ends.
func TestReadFrames(t *testing.T) {
	s := written(t, 20*time.Millisecond).open(t)
	for _, row := range []struct {
		at   int64
		want int
		err  error
	}{{0, 100, nil}, {60, 100, nil}, {100, 60, io.EOF}, {160, 0, io.EOF}, {-1, 0, io.EOF}} {
		if got, err := s.ReadFrames(make([]byte, 200), row.at); got != row.want || !errors.Is(err, row.err) {
			t.Errorf("ReadFrames at %d = %d, %v, want %d, %v", row.at, got, err, row.want, row.err)
		}
	}
}

func BenchmarkExportSecond(b *testing.B) {
	m := &memory{}
	w := NewStereoWriter(m)
	_ = w.WriteAt(twoTones(time.Second), 0)
	_ = w.Header()
	s, _ := OpenStereo(bytes.NewReader(m.b), int64(len(m.b)))
	for b.Loop() {
		_, _ = io.Copy(io.Discard, s.PCM(Mix))
	}
}
