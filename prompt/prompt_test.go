package prompt

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"testing"
	"testing/fstest"
	"time"

	"hotline/media/codec"
	"hotline/media/tone"
	"hotline/media/wav"
)

func sample(t testing.TB, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func wavOf(t testing.TB, pcm []int16) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := wav.WriteMono(&b, pcm); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// TestReadMP3: stereo at 44.1 kHz and mono at 16 kHz, with and without a tag, are the tone that went in.
func TestReadMP3(t *testing.T) {
	stereo := sample(t, "700hz-44100-stereo.mp3")
	tagged := append([]byte{'I', 'D', '3', 4, 0, 0, 0, 0, 2, 0}, make([]byte, 256)...) // a tag before the file's own
	for _, row := range []struct {
		name string
		file []byte
		want time.Duration
	}{
		{"stereo", stereo, 2 * time.Second},
		{"mono", sample(t, "700hz-16000-mono.mp3"), time.Second},
		{"two tags", append(tagged, stereo...), 2 * time.Second},
	} {
		pcm, err := Read(bytes.NewReader(row.file))
		if err != nil {
			t.Errorf("%s: %v", row.name, err)
			continue
		}
		got := codec.Duration(int64(len(pcm)))
		if got < row.want || got > row.want+200*time.Millisecond {
			t.Errorf("%s: %v, want %v and the coder's padding", row.name, got, row.want)
		}
		middle := pcm[len(pcm)/4 : len(pcm)*3/4]
		if snr := tone.SNR(middle, 700); snr < 30 {
			t.Errorf("%s: the tone stands %.1f dB above the rest, want 30", row.name, snr)
		}
		if level := tone.Level(middle); math.Abs(level-(-15)) > 1 { // of a sine at -18 dBFS RMS
			t.Errorf("%s: level %.1f, want -15", row.name, level)
		}
	}
}

func TestLevel(t *testing.T) {
	speech := append(tone.Make(500, -40, time.Second), make([]int16, 4*8000)...)
	clicks := make([]int16, 8000) // a high peak, little power
	for i := range clicks {
		clicks[i] = int16(i%160/159) * 20000
	}
	for _, row := range []struct {
		name string
		pcm  []int16
		rms  float64 // of the part that is not silent; 1: not looked at
		peak float64 // dBFS, at most
	}{
		{"soft, with a pause", speech, -23, 0}, // 20 dB of gain are not passed
		{"loud", tone.Make(500, -1, time.Second), -18, 0},
		{"usual", tone.Make(500, -20, time.Second), -18, 0},
		{"clicks", clicks, 1, -0.9},
		{"silence", make([]int16, 800), 1, -200},
		{"nothing", nil, 1, 0},
	} {
		Level(row.pcm)
		peak := 0.0
		for _, x := range row.pcm {
			peak = max(peak, math.Abs(float64(x)))
		}
		if got := 20 * math.Log10(peak/32768+1e-12); got > row.peak {
			t.Errorf("%s: peak %.1f dBFS, want %.1f at most", row.name, got, row.peak)
		}
		if got := tone.Level(row.pcm[:min(8000, len(row.pcm))]) - 3.01; row.rms < 0 && math.Abs(got-row.rms) > 0.2 {
			t.Errorf("%s: %.1f dBFS RMS, want %.1f", row.name, got, row.rms)
		}
	}
}

func TestReadRefuses(t *testing.T) {
	good := wavOf(t, tone.Make(500, -20, time.Second))
	header := func(edit func(b []byte)) []byte {
		b := bytes.Clone(good)
		edit(b)
		return b
	}
	long := bytes.Clone(good[:44])
	binary.LittleEndian.PutUint32(long[40:], 0xFFFFFFFF)
	for _, row := range []struct {
		name string
		file io.Reader
		want error
	}{
		{"empty", bytes.NewReader(nil), ErrInvalid},
		{"text", bytes.NewReader([]byte("this is no sound at all")), ErrInvalid},
		{"a RIFF of something else", bytes.NewReader([]byte("RIFF\x00\x00\x00\x00AVI LIST")), ErrInvalid},
		{"seven channels", bytes.NewReader(header(func(b []byte) { b[22] = 7 })), ErrInvalid},
		{"96 kHz", bytes.NewReader(header(func(b []byte) { binary.LittleEndian.PutUint32(b[24:], 96000) })), ErrInvalid},
		{"cut off", bytes.NewReader(good[:4000]), ErrInvalid},
		{"MPEG audio of layer II", bytes.NewReader(append([]byte{0xff, 0xfd, 0x90, 0}, make([]byte, 5000)...)), ErrInvalid},
		{"an MP3 whose tag says 256 MB", bytes.NewReader([]byte("ID3\x04\x00\x00\x7f\x7f\x7f\x7fxxxx")), ErrInvalid},
		{"eleven minutes", io.MultiReader(bytes.NewReader(long), io.LimitReader(zeros{}, 11*60*16000)), ErrTooLarge},
		{"an upload that breaks off", io.MultiReader(bytes.NewReader(good[:4000]), broke{}), errBroke},
		{"an MP3 upload that breaks off", io.MultiReader(bytes.NewReader(sample(t, "700hz-44100-stereo.mp3")[:4000]), broke{}), errBroke},
	} {
		if _, err := Read(row.file); !errors.Is(err, row.want) {
			t.Errorf("%s: %v, want %v", row.name, err, row.want)
		}
	}
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }

var errBroke = errors.New("the line is dead")

type broke struct{}

func (broke) Read([]byte) (int, error) { return 0, errBroke }

// TestMemoryIsBounded: an endless file costs what the longest prompt does and no more.
func TestMemoryIsBounded(t *testing.T) {
	head := wavOf(t, nil)
	binary.LittleEndian.PutUint32(head[40:], 0xFFFFFFFF)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	_, err := Read(io.MultiReader(bytes.NewReader(head), zeros{}))
	runtime.ReadMemStats(&after)
	if !errors.Is(err, ErrTooLarge) {
		t.Errorf("got %v", err)
	}
	if grown := int64(after.Sys) - int64(before.Sys); grown > 64<<20 {
		t.Errorf("memory grew by %d MB, want 64 at most", grown>>20)
	}
}

// TestShelf: added, listed, heard, replaced, removed; the shipped one comes back.
func TestShelf(t *testing.T) {
	shipped := wavOf(t, tone.Make(440, -18, time.Second))
	var told []string
	s, err := NewShelf(filepath.Join(t.TempDir(), "prompts"))
	if err != nil {
		t.Fatal(err)
	}
	s.Shipped = fstest.MapFS{"zh/welcome.wav": {Data: shipped}, "any/beep.wav": {Data: shipped}, "prompts.yml": {}}
	s.Changed = func(language, name string) error { told = append(told, language+"/"+name); return nil }
	p, err := s.Add("zh", "welcome", bytes.NewReader(sample(t, "700hz-16000-mono.mp3")), "hello")
	if err != nil || !p.Replaces || p.Shipped || p.Length < time.Second || p.Length > 1200*time.Millisecond {
		t.Fatalf("added %+v, %v", p, err)
	}
	if _, err := s.Add("zh-HK", "own_1", bytes.NewReader(shipped), ""); err != nil {
		t.Fatal(err)
	}
	all, err := s.List()
	want := []string{"any/beep", "zh/welcome", "zh-HK/own_1"}
	if err != nil || len(all) != len(want) {
		t.Fatalf("list %+v, %v", all, err)
	}
	if all[0].Name != "beep" || !all[0].Shipped || all[0].Length != time.Second {
		t.Errorf("first of the list: %+v", all[0])
	}
	s.Texts = map[string]string{"any/beep": "beep", "zh/welcome": "welcome"}
	if all, err := s.List(); err != nil || all[0].Text != "beep" || all[2].Text != "hello" || all[1].Text != "" {
		t.Errorf("the texts: %+v, %v", all, err)
	}
	if got := heard(t, s, "zh", "welcome"); tone.SNR(got[2000:7000], 700) < 25 {
		t.Error("the new welcome is not heard")
	}
	if err := s.Remove("zh", "welcome"); err != nil {
		t.Error(err)
	}
	if got := heard(t, s, "zh", "welcome"); tone.SNR(got[2000:7000], 440) < 25 {
		t.Error("the shipped welcome does not come back")
	}
	if f, p, err := s.Open("zh", "welcome"); err != nil || f.Close() != nil || p.Text != "welcome" {
		t.Errorf("the shipped text does not come back: %+v, %v", p, err)
	}
	if len(told) != 3 || told[2] != "zh/welcome" {
		t.Errorf("told of %q", told)
	}
	if err := s.Remove("zh", "welcome"); !errors.Is(err, ErrShipped) {
		t.Errorf("a shipped prompt is removed: %v", err)
	}
	if err := s.Remove("zh", "nothing"); !errors.Is(err, ErrNotFound) {
		t.Errorf("removed nothing: %v", err)
	}
	if _, _, err := s.Open("zh", "nothing"); !errors.Is(err, ErrNotFound) {
		t.Errorf("opened nothing: %v", err)
	}
}

func heard(t *testing.T, s *Shelf, language, name string) []int16 {
	t.Helper()
	f, _, err := s.Open(language, name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	clip, err := wav.Read(f)
	if err != nil {
		t.Fatal(err)
	}
	return clip.Samples
}

// TestNamesStayInTheFolder: nothing that could lead out of it is a name, and a link that does is not followed.
func TestNamesStayInTheFolder(t *testing.T) {
	outside := t.TempDir()
	s, err := NewShelf(filepath.Join(outside, "prompts"))
	if err != nil {
		t.Fatal(err)
	}
	sound := wavOf(t, tone.Make(440, -18, time.Second))
	for _, at := range [][2]string{
		{"..", "x"}, {"zh", "../x"}, {"zh", ".."}, {"", "x"}, {"zh", ""}, {"/etc", "x"}, {"zh", "a/b"}, {"zh", `a\b`}, {"zh", "x.wav"}, {"zh", "a\x00b"}, {"ZH", "x"},
		{"zh", "欢迎"}, {"zh", string(make([]byte, 65))},
	} {
		_, err := s.Add(at[0], at[1], bytes.NewReader(sound), "")
		_, _, opened := s.Open(at[0], at[1])
		if !errors.Is(err, ErrInvalid) || !errors.Is(opened, ErrInvalid) || !errors.Is(s.Remove(at[0], at[1]), ErrInvalid) {
			t.Errorf("%q: %v, %v", at, err, opened)
		}
	}
	if err := os.Symlink(outside, filepath.Join(outside, "prompts", "zh")); err != nil {
		t.Skip(err)
	}
	if _, err := s.Add("zh", "x", bytes.NewReader(sound), ""); err == nil {
		t.Error("a link out of the folder was followed")
	}
	if _, err := os.Stat(filepath.Join(outside, "x.wav")); !errors.Is(err, fs.ErrNotExist) {
		t.Error("a file was written outside the folder")
	}
}

func FuzzRead(f *testing.F) {
	f.Add(sample(f, "700hz-16000-mono.mp3"))
	f.Add(sample(f, "700hz-44100-stereo.mp3")[:3000])
	f.Add(wavOf(f, tone.Make(440, -18, 20*time.Millisecond)))
	f.Add([]byte("ID3\x04\x00\x00\x00\x00\x00\x05xxxxx\xff\xfb\x90\x00"))
	f.Fuzz(func(t *testing.T, b []byte) {
		pcm, err := Read(bytes.NewReader(b))
		if err == nil && len(pcm) == 0 {
			t.Fatal("no sound and no error")
		}
		if err != nil && !errors.Is(err, ErrInvalid) && !errors.Is(err, ErrTooLarge) {
			t.Fatalf("an error that nobody understands: %v", err)
		}
	})
}
