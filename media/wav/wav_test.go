package wav

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"hotline/media/codec"
	"hotline/media/tone"
)

// fileOf is a WAV file with the given format and sound; length -1 is the true data length.
func fileOf(f format, extensible bool, sound []byte, length int64) []byte {
	le := binary.LittleEndian
	if length < 0 {
		length = int64(len(sound))
	}
	tag, size := f.tag, uint32(16)
	if extensible {
		tag, size = tagExtensible, 40
	}
	b := append([]byte("RIFF\xff\xff\xff\xffWAVEfmt "), 0, 0, 0, 0)
	le.PutUint32(b[16:], size)
	b = le.AppendUint16(b, tag)
	b = le.AppendUint16(b, uint16(f.channels))
	b = le.AppendUint32(b, uint32(f.rate))
	b = le.AppendUint32(b, uint32(f.rate*f.frameBytes()))
	b = le.AppendUint16(b, uint16(f.frameBytes()))
	b = le.AppendUint16(b, uint16(f.bits))
	if extensible {
		b = append(b, 22, 0, byte(f.bits), 0, 3, 0, 0, 0)
		b = le.AppendUint16(b, f.tag)
		b = append(b, pcmGUID...)
	}
	b = append(b, "LIST\x03\x00\x00\x00abc\x00data"...) // an odd chunk with its padding
	b = le.AppendUint32(b, uint32(length))
	return append(b, sound...)
}

// code writes x, from -1 to 1, as one sample of the format.
func (f format) code(b []byte, x float64) []byte {
	le := binary.LittleEndian
	pcm := []int16{int16(math.Round(x * 32767))}
	switch {
	case f.tag == tagFloat:
		return le.AppendUint32(b, math.Float32bits(float32(x)))
	case f.tag == tagALaw || f.tag == tagULaw:
		var c [1]byte
		map[uint16]codec.Kind{tagALaw: codec.PCMA, tagULaw: codec.PCMU}[f.tag].Encode(c[:], pcm)
		return append(b, c[0])
	case f.bits == 8:
		return append(b, byte(math.Round(x*127)+128))
	case f.bits == 24:
		v := uint32(int32(math.Round(x * (1<<23 - 1))))
		return append(b, byte(v), byte(v>>8), byte(v>>16))
	case f.bits == 32:
		return le.AppendUint32(b, uint32(int32(math.Round(x*(1<<31-1)))))
	default:
		return le.AppendUint16(b, uint16(pcm[0]))
	}
}

// tones is one second of 440 Hz at -12 dBFS, and in a second channel of 1000 Hz.
func (f format) tones() []byte {
	var b []byte
	for i := range f.rate {
		for c := range f.channels {
			hz := []float64{440, 1000}[c]
			b = f.code(b, tone.Amplitude(-12)/32767*math.Sin(2*math.Pi*hz*float64(i)/float64(f.rate)))
		}
	}
	return b
}

// TestRead reads every coding, plain and extensible, in mono and stereo, at the common rates, and finds the tones again.
func TestRead(t *testing.T) {
	codings := []format{
		{tag: tagPCM, bits: 8}, {tag: tagPCM, bits: 16}, {tag: tagPCM, bits: 24}, {tag: tagPCM, bits: 32}, {tag: tagFloat, bits: 32}, {tag: tagALaw, bits: 8}, {tag: tagULaw, bits: 8},
	}
	for _, f := range codings {
		for _, f.channels = range []int{1, 2} {
			for _, f.rate = range []int{8000, 11025, 16000, 22050, 44100, 48000} {
				for _, extensible := range []bool{false, true} {
					name := fmt.Sprintf("%+v extensible %v", f, extensible)
					clip, err := Read(bytes.NewReader(fileOf(f, extensible, f.tones(), -1)))
					if err != nil {
						t.Errorf("%s: %v", name, err)
						continue
					}
					checkTones(t, name, f, clip)
				}
			}
		}
	}
}

func checkTones(t *testing.T, name string, f format, clip Clip) {
	t.Helper()
	if clip.Rate != f.rate || len(clip.Samples) != 8000 {
		t.Errorf("%s: rate %d, %d samples, want %d and 8000", name, clip.Rate, len(clip.Samples), f.rate)
		return
	}
	want := []float64{440}
	if f.channels == 2 {
		want = []float64{440, 1000}
	}
	middle := clip.Samples[2000:6000]
	if got := tone.Heard(middle, 440, 1000, 2000); !slices.Equal(got, want) && !(len(got) == 2 && len(want) == 2) {
		t.Errorf("%s: heard %v, want %v", name, got, want)
	}
	level := -12 - 6.02*float64(f.channels-1)
	if got := tone.Find(middle, 440); math.Abs(got-level) > 0.2 {
		t.Errorf("%s: 440 Hz at %.2f dBFS, want %.2f", name, got, level)
	}
	if f.channels == 1 && f.bits == 16 {
		if got := tone.SNR(middle, 440); got < 65 {
			t.Errorf("%s: %.1f dB above the noise, want 65", name, got)
		}
	}
}

// TestReadIsExact: what is 8 kHz already is not touched.
func TestReadIsExact(t *testing.T) {
	want := make([]int16, 0, 1<<16)
	for x := math.MinInt16; x <= math.MaxInt16; x++ {
		want = append(want, int16(x))
	}
	var b bytes.Buffer
	if err := Write(&b, want); err != nil {
		t.Fatal(err)
	}
	got, err := Read(iotest.HalfReader(&b))
	if err != nil || !slices.Equal(got.Samples, want) {
		t.Errorf("16 bits came back otherwise, %v", err)
	}
	if got.Length() != codec.Duration(1<<16) {
		t.Errorf("Length = %v", got.Length())
	}
	octets := make([]byte, 256)
	for i := range octets {
		octets[i] = byte(i)
	}
	got, err = Read(bytes.NewReader(fileOf(format{tag: tagALaw, bits: 8, channels: 1, rate: 8000}, false, octets, -1)))
	back := make([]byte, 256)
	codec.EncodeALaw(back, got.Samples)
	if err != nil || !bytes.Equal(back, octets) {
		t.Errorf("A-law came back as %x, %v", back, err)
	}
}

// TestResampler: the filter passes speech flat and stops what would fold into it.
func TestResampler(t *testing.T) {
	for _, rate := range []int{11025, 16000, 32000, 44100, 48000} {
		for _, row := range []struct{ hz, lo, hi float64 }{
			{300, -6.1, -5.9}, {1000, -6.1, -5.9}, {3000, -6.1, -5.9}, {3400, -6.5, -5.9},
			{4400, Stopped, -60}, {5000, Stopped, -60}, {float64(rate)/2 - 200, Stopped, -60},
		} {
			r := newResampler(rate, 8000, 1<<20)
			in := make([]float32, rate)
			for i := range in {
				in[i] = float32(tone.Amplitude(-6) * math.Sin(2*math.Pi*row.hz*float64(i)/float64(rate)))
			}
			for at := 0; at < len(in); at += 999 { // pieces that fit nothing
				if err := r.push(in[at:min(at+999, len(in))]); err != nil {
					t.Fatal(err)
				}
			}
			out, err := r.finish()
			if err != nil || len(out) != 8000 {
				t.Fatalf("%d Hz: %d samples, %v", rate, len(out), err)
			}
			if got := tone.Level(out[1000:7000]); got < row.lo || got > row.hi {
				t.Errorf("%v Hz at %d: level %.2f, want %.2f to %.2f", row.hz, rate, got, row.lo, row.hi)
			}
		}
	}
}

// Stopped is any level, however low.
const Stopped = -200.0

// TestReadLengths: data lengths that mean "unknown" take all there is; others must be true.
func TestReadLengths(t *testing.T) {
	f := format{tag: tagPCM, bits: 16, channels: 1, rate: 8000}
	sound := make([]byte, 801) // half a sample too much
	rows := []struct {
		name   string
		length int64
		want   int
		err    error
	}{
		{"true", 800, 400, nil},
		{"half a sample", 801, 400, nil},
		{"less than there is", 100, 50, nil},
		{"ffmpeg to a pipe", 0xFFFFFFFF, 400, nil},
		{"sox to a pipe", 0x7FFFFFFF - 36, 400, nil},
		{"cut off", 802, 0, ErrTruncated},
		{"far cut off", 0x7FFE0000, 0, ErrTruncated},
		{"none", 0, 0, ErrEmpty},
		{"half a sample alone", 1, 0, ErrEmpty},
	}
	for _, row := range rows {
		clip, err := Read(bytes.NewReader(fileOf(f, false, sound, row.length)))
		if !errors.Is(err, row.err) || len(clip.Samples) != row.want {
			t.Errorf("%s: %d samples, %v, want %d, %v", row.name, len(clip.Samples), err, row.want, row.err)
		}
	}
}

func TestReadRefuses(t *testing.T) {
	good := format{tag: tagPCM, bits: 16, channels: 1, rate: 8000}
	with := func(change func(*format)) []byte {
		f := good
		change(&f)
		return fileOf(f, false, make([]byte, 64), -1)
	}
	misaligned := fileOf(good, false, make([]byte, 64), -1)
	misaligned[32] = 4
	rows := []struct {
		name string
		file []byte
	}{
		{"nothing", nil},
		{"short", []byte("RIFF")},
		{"MP3", []byte("ID3\x04\x00\x00\x00\x00\x00\x00\x00\x00")},
		{"64-bit WAV", []byte("RF64\xff\xff\xff\xffWAVE")},
		{"no chunks", []byte("RIFF\x04\x00\x00\x00WAVE")},
		{"sound first", []byte("RIFF\x04\x00\x00\x00WAVEdata\x00\x00\x00\x00")},
		{"format too short", []byte("RIFF\x04\x00\x00\x00WAVEfmt \x0e\x00\x00\x00")},
		{"format cut off", []byte("RIFF\x04\x00\x00\x00WAVEfmt \x10\x00\x00\x00\x01")},
		{"a huge chunk", []byte("RIFF\x04\x00\x00\x00WAVEJUNK\xff\xff\xff\xff")},
		{"a chunk cut off", []byte("RIFF\x04\x00\x00\x00WAVEJUNK\xff\x00\x00\x00")},
		{"ADPCM", with(func(f *format) { f.tag = 2 })},
		{"12-bit PCM", with(func(f *format) { f.bits = 12 })},
		{"64-bit float", with(func(f *format) { f.tag, f.bits = tagFloat, 64 })},
		{"16-bit A-law", with(func(f *format) { f.tag = tagALaw })},
		{"no channels", with(func(f *format) { f.channels = 0 })},
		{"5.1", with(func(f *format) { f.channels = 6 })},
		{"slow", with(func(f *format) { f.rate = 7999 })},
		{"fast", with(func(f *format) { f.rate = 96000 })},
		{"misaligned", misaligned},
	}
	for _, row := range rows {
		if _, err := Read(bytes.NewReader(row.file)); !errors.Is(err, ErrFormat) {
			t.Errorf("%s: error = %v, want ErrFormat", row.name, err)
		}
	}
	broken := errors.New("the line is dead")
	if _, err := Read(io.MultiReader(bytes.NewReader(misaligned[:30]), iotest.ErrReader(broken))); !errors.Is(err, broken) {
		t.Errorf("error = %v, want that of the reader", err)
	}
	if _, err := Read(io.MultiReader(bytes.NewReader(with(func(*format) {})), iotest.ErrReader(broken))); err != nil {
		t.Errorf("a reader that breaks after the sound: %v", err)
	}
}

// zeros is as much silence as anyone wants.
type zeros struct{}

func (zeros) Read(b []byte) (int, error) { clear(b); return len(b), nil }

// TestReadTooLong: an endless upload ends at the limit.
func TestReadTooLong(t *testing.T) {
	head := fileOf(format{tag: tagULaw, bits: 8, channels: 1, rate: 8000}, false, nil, 0xFFFFFFFF)
	if _, err := Read(io.MultiReader(bytes.NewReader(head), zeros{})); !errors.Is(err, ErrTooLong) {
		t.Errorf("error = %v, want ErrTooLong", err)
	}
}

// TestReadNotFinite: one broken float sample does not spread.
func TestReadNotFinite(t *testing.T) {
	f := format{tag: tagFloat, bits: 32, channels: 1, rate: 16000}
	sound := f.tones()
	for i, x := range []float64{math.NaN(), math.Inf(1), math.Inf(-1), 1e30} {
		binary.LittleEndian.PutUint32(sound[400*i:], math.Float32bits(float32(x)))
	}
	clip, err := Read(bytes.NewReader(fileOf(f, false, sound, -1)))
	if err != nil {
		t.Fatal(err)
	}
	if got := tone.Find(clip.Samples[2000:6000], 440); math.Abs(got+12) > 0.2 {
		t.Errorf("440 Hz at %.2f dBFS, want -12", got)
	}
}

func TestWriteFails(t *testing.T) {
	r, w := io.Pipe()
	r.Close()
	if err := Write(w, make([]int16, 8)); err == nil || !strings.Contains(err.Error(), "write the WAV file") {
		t.Errorf("error = %v", err)
	}
}

func FuzzRead(f *testing.F) {
	for _, g := range []format{{tagPCM, 1, 8000, 16}, {tagFloat, 2, 44100, 32}, {tagALaw, 1, 11025, 8}} {
		f.Add(fileOf(g, false, make([]byte, 400), -1))
		f.Add(fileOf(g, true, make([]byte, 400), 0xFFFFFFFF))
	}
	f.Add(StereoHeader(3))
	f.Fuzz(func(t *testing.T, b []byte) {
		clip, err := Read(bytes.NewReader(b))
		if err == nil && (len(clip.Samples) == 0 || len(clip.Samples) > len(b)+1) {
			t.Fatalf("%d samples out of %d bytes", len(clip.Samples), len(b))
		}
		if s, err := OpenStereo(bytes.NewReader(b), int64(len(b))); err == nil {
			if _, err := io.Copy(io.Discard, s.PCM(Mix)); err != nil {
				t.Fatalf("export: %v", err)
			}
		}
	})
}

func BenchmarkRead44100(b *testing.B) {
	f := format{tag: tagPCM, bits: 16, channels: 2, rate: 44100}
	file := fileOf(f, false, f.tones(), -1)
	for b.Loop() {
		if _, err := Read(bytes.NewReader(file)); err != nil {
			b.Fatal(err)
		}
	}
}

// TestConverter: sound of another decoder comes out at 8 kHz, and is written as a file that reads back the same.
func TestConverter(t *testing.T) {
	c, err := NewConverter(16000, time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	in := make([]float32, 1600)
	for n := range 10 {
		for i := range in {
			in[i] = float32(8000 * math.Sin(2*math.Pi*700*float64(n*1600+i)/16000))
		}
		if err := c.Write(in); err != nil {
			t.Fatal(err)
		}
	}
	clip, err := c.Finish()
	if err != nil || clip.Rate != 16000 || len(clip.Samples) != 8000 || tone.SNR(clip.Samples[100:7900], 700) < 60 {
		t.Fatalf("%d samples, %v", len(clip.Samples), err)
	}
	var file bytes.Buffer
	if err := WriteMono(&file, clip.Samples); err != nil {
		t.Fatal(err)
	}
	length, err := Length(bytes.NewReader(file.Bytes()), int64(file.Len()))
	if err != nil || length != time.Second {
		t.Errorf("length %v, %v", length, err)
	}
	again, err := Read(&file)
	if err != nil || !slices.Equal(again.Samples, clip.Samples) {
		t.Errorf("what was written reads back otherwise: %v", err)
	}
	if _, err := NewConverter(96000, time.Minute); !errors.Is(err, ErrFormat) {
		t.Errorf("96 kHz: %v", err)
	}
	short, _ := NewConverter(8000, time.Second)
	if err := short.Write(make([]float32, 8001)); !errors.Is(err, ErrTooLong) {
		t.Errorf("more than a second: %v", err)
	}
	if none, _ := NewConverter(8000, time.Second); none != nil {
		if _, err := none.Finish(); !errors.Is(err, ErrEmpty) {
			t.Errorf("nothing: %v", err)
		}
	}
}
