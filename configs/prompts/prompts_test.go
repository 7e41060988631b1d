package prompts

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io/fs"
	"math"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"

	"hotline/ivr"
	"hotline/media/codec"
	"hotline/media/dtmf"
	"hotline/media/wav"
)

// list is prompts.yml.
type list struct {
	Speech map[string]struct{ Zh, En string }
	Sounds map[string]string
}

func readList(t *testing.T) list {
	t.Helper()
	src, err := Files.ReadFile("prompts.yml")
	if err != nil {
		t.Fatal(err)
	}
	var l list
	if err := yaml.UnmarshalWithOptions(src, &l, yaml.Strict()); err != nil {
		t.Fatal(err)
	}
	return l
}

func TestEveryPromptIsAWAV(t *testing.T) {
	l := readList(t)
	for _, language := range []string{"zh", "en"} {
		for name, texts := range l.Speech {
			if texts.Zh == "" || texts.En == "" {
				t.Errorf("prompt %s lacks a text in prompts.yml", name)
			}
			checkWAV(t, language+"/"+name+".wav", -18)
		}
		for name := range l.Sounds {
			checkWAV(t, "any/"+name+".wav", 0)
		}
		if got, want := len(Names(Files, language)), len(l.Speech)+len(l.Sounds); got != want {
			t.Errorf("%s has %d prompts, prompts.yml lists %d: run make.sh and remove what is left over", language, got, want)
		}
	}
}

// checkWAV reads the header field by field. A loudness of 0 is not checked.
func checkWAV(t *testing.T, name string, loudness float64) {
	t.Helper()
	b, err := Files.ReadFile(name)
	if err != nil {
		t.Errorf("%v: run make.sh", err)
		return
	}
	if len(b) < 44 || string(b[:4]) != "RIFF" || string(b[8:16]) != "WAVEfmt " {
		t.Errorf("%s is no WAV file", name)
		return
	}
	u16 := func(at int) uint16 { return binary.LittleEndian.Uint16(b[at:]) }
	format := [4]int{int(u16(20)), int(u16(22)), int(binary.LittleEndian.Uint32(b[24:])), int(u16(34))}
	if want := [4]int{1, 1, 8000, 16}; format != want {
		t.Errorf("%s has format, channels, rate, bits %v, want %v", name, format, want)
	}
	at := bytes.Index(b, []byte("data"))
	if at < 0 || int(binary.LittleEndian.Uint32(b[at+4:])) != len(b)-at-8 {
		t.Errorf("%s has no complete data chunk", name)
		return
	}
	level := loudnessOf(b[at+8:])
	if loudness != 0 && math.Abs(level-loudness) > 3 {
		t.Errorf("%s is at %.1f dBFS, want about %.0f", name, level, loudness)
	}
	if math.IsInf(level, -1) {
		t.Errorf("%s is silent", name)
	}
}

// loudnessOf is the RMS level in dB below full scale, measured as sox does: a sine at full scale has -3.
func loudnessOf(data []byte) float64 {
	var sum float64
	for i := 0; i+1 < len(data); i += 2 {
		v := float64(int16(binary.LittleEndian.Uint16(data[i:]))) / 32768
		sum += v * v
	}
	return 10 * math.Log10(sum/float64(len(data)/2))
}

// TestNoPromptIsAKey: callers who hear no telephone-event are listened to for tones, and their phones echo: what is played must
// hold no digit, as it is and through A-law, at its own level and 12 dB softer.
func TestNoPromptIsAKey(t *testing.T) {
	err := fs.WalkDir(Files, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(name, ".wav") {
			return err
		}
		b, err := Files.ReadFile(name)
		if err != nil {
			return err
		}
		clip, err := wav.Read(bytes.NewReader(b))
		if err != nil {
			return err
		}
		for softer := range 2 {
			octets := make([]byte, len(clip.Samples))
			codec.EncodeALaw(octets, clip.Samples)
			codec.DecodeALaw(clip.Samples, octets)
			var listener dtmf.Detector
			for pcm := clip.Samples; len(pcm) > 0; {
				rest, key, pressed := listener.Next(pcm)
				if pressed {
					t.Errorf("%s holds the key %c at %.2f s (%d times 12 dB softer)", name, key, float64(len(clip.Samples)-len(rest))/8000, softer)
				}
				pcm = rest
			}
			for i := range clip.Samples {
				clip.Samples[i] /= 4
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestSetIsSmall(t *testing.T) {
	total := 0
	err := fs.WalkDir(Files, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		info, err := d.Info()
		total += int(info.Size())
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if limit := 9 << 19; total > limit {
		t.Errorf("the prompt set has %d bytes, want at most %d", total, limit)
	}
}

func TestReadFallsBackToSounds(t *testing.T) {
	zh, err := Read(Files, "zh", "goodbye")
	if err != nil {
		t.Fatal(err)
	}
	if en, err := Read(Files, "en", "goodbye"); err != nil || bytes.Equal(zh, en) {
		t.Errorf("goodbye in English: %v, the same as in Mandarin: %v", err, bytes.Equal(zh, en))
	}
	if _, err := Read(Files, "zh", "hold-music"); err != nil {
		t.Errorf("hold-music: %v", err)
	}
	if _, err := Read(Files, "zh", "no-such"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a prompt that is not there: got %v, want fs.ErrNotExist", err)
	}
}

func TestSpeakSaysOnlyWhatIsRecorded(t *testing.T) {
	for _, language := range []string{"zh", "en"} {
		known := Names(Files, language)
		for _, kind := range []string{"number", "digits", "phone", "position", "seconds", "time"} {
			for _, text := range []string{"0", "1", "2", "3", "11", "29", "101", "212", "1234", "20500", "99999999", "0:05", "12:00", "23:59"} {
				for _, p := range ivr.Speak(language, kind, text) {
					if !known[p.File] {
						t.Errorf("%s %s %s needs the prompt %q, which is not recorded", language, kind, text, p.File)
					}
				}
			}
		}
	}
}

func TestTexts(t *testing.T) {
	got, err := Texts()
	l := readList(t)
	if err != nil || len(got) != 2*len(l.Speech) || got["zh/welcome"] != l.Speech["welcome"].Zh || got["en/welcome"] != l.Speech["welcome"].En {
		t.Errorf("got %d texts of %d prompts, %v", len(got), len(l.Speech), err)
	}
}
