package tts

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"io"
	"math"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"hotline/media/wav"
)

// tone is a second of a sine as a WAV of some rate and number of channels.
func tone(hz float64, from, channels int) []byte {
	pcm := make([]int16, from*channels)
	for i := range from {
		for c := range channels {
			pcm[i*channels+c] = int16(8000 * math.Sin(2*math.Pi*hz*float64(i)/float64(from)))
		}
	}
	var b bytes.Buffer
	_ = wav.Write(&b, pcm) // memory takes everything
	file := b.Bytes()
	file[22] = byte(channels)
	file[24], file[25], file[26] = byte(from), byte(from>>8), byte(from>>16)
	binary.LittleEndian.PutUint32(file[28:], uint32(2*channels*from))
	file[32] = byte(2 * channels)
	return file
}

// crossings counts upward zero crossings: the frequency of a one-second tone.
func crossings(pcm []int16) int {
	n := 0
	for i := 1; i < len(pcm); i++ {
		if pcm[i-1] < 0 && pcm[i] >= 0 {
			n++
		}
	}
	return n
}

func TestSoundBringsEverythingTo8kHz(t *testing.T) {
	for _, c := range []struct{ rate, channels int }{{8000, 1}, {16000, 1}, {22050, 1}, {44100, 2}, {48000, 2}} {
		pcm, err := sound(tone(440, c.rate, c.channels))
		if err != nil {
			t.Errorf("%d Hz: %v", c.rate, err)
			continue
		}
		if len(pcm) < 7999 || len(pcm) > 8000 {
			t.Errorf("%d Hz: got %d samples, want 8000", c.rate, len(pcm))
		}
		if got := crossings(pcm); got < 438 || got > 441 {
			t.Errorf("%d Hz: got a tone of %d Hz, want 440", c.rate, got)
		}
	}
}

func TestSoundTakesAnUnknownLength(t *testing.T) {
	file := tone(440, 8000, 1)
	copy(file[40:], []byte{0xff, 0xff, 0xff, 0xff})
	if pcm, err := sound(file); err != nil || len(pcm) != 8000 {
		t.Errorf("got %d samples, %v, want 8000", len(pcm), err)
	}
}

func FuzzSound(f *testing.F) {
	f.Add(tone(440, 8000, 1)[:200])
	f.Add([]byte("RIFF0000WAVEfmt "))
	f.Fuzz(func(t *testing.T, b []byte) {
		pcm, err := sound(b)
		if err != nil && !errors.Is(err, ErrNoSound) {
			t.Errorf("got %v, want ErrNoSound", err)
		}
		if len(pcm) > len(b) {
			t.Errorf("got %d samples out of %d bytes", len(pcm), len(b))
		}
	})
}

// The test binary is its own speech program: see TestMain.
const speakerVariable = "TTS_TEST_SPEAKER"

func TestMain(m *testing.M) {
	switch os.Getenv(speakerVariable) {
	case "":
		os.Exit(m.Run())
	case "speak":
		text, _ := io.ReadAll(os.Stdin)
		_, _ = os.Stdout.Write(tone(float64(100*len(text)), 16000, 1))
	case "flood":
		for {
			if _, err := os.Stdout.Write(make([]byte, 1<<16)); err != nil {
				os.Exit(1)
			}
		}
	case "hang":
		select {}
	case "fail":
		_, _ = os.Stderr.WriteString("no such voice " + os.Args[1])
		os.Exit(3)
	}
	os.Exit(0)
}

func program(t *testing.T, does string) *Command {
	t.Helper()
	t.Setenv(speakerVariable, does)
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	return &Command{Args: []string{self, "{language}"}, Voices: map[string]string{"zh": "cmn"}, Timeout: 20 * time.Second}
}

func TestCommandSpeaks(t *testing.T) {
	pcm, err := program(t, "speak").Speak(context.Background(), "en", "hello")
	if err != nil {
		t.Fatal(err)
	}
	if got := crossings(pcm); got < 498 || got > 501 {
		t.Errorf("got a tone of %d Hz, want 500 (five letters)", got)
	}
}

func TestCommandFailures(t *testing.T) {
	t.Run("too much output", func(t *testing.T) {
		c := program(t, "flood")
		c.MaxBytes = 1 << 20
		if _, err := c.Speak(context.Background(), "zh", "x"); !errors.Is(err, ErrTooBig) {
			t.Errorf("got %v, want ErrTooBig", err)
		}
	})
	t.Run("time-out", func(t *testing.T) {
		c := program(t, "hang")
		c.Timeout = 100 * time.Millisecond
		if _, err := c.Speak(context.Background(), "zh", "x"); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v, want DeadlineExceeded", err)
		}
	})
	t.Run("complaint", func(t *testing.T) {
		if _, err := program(t, "fail").Speak(context.Background(), "zh", "x"); err == nil || !strings.Contains(err.Error(), "no such voice cmn") {
			t.Errorf("got %v, want what the program said, with the voice", err)
		}
	})
	t.Run("long text", func(t *testing.T) {
		if _, err := program(t, "speak").Speak(context.Background(), "zh", strings.Repeat("字", MaxText+1)); !errors.Is(err, ErrTooLong) {
			t.Errorf("got %v, want ErrTooLong", err)
		}
	})
	t.Run("no program", func(t *testing.T) {
		if _, err := new(Command).Speak(context.Background(), "zh", "x"); err == nil {
			t.Error("got no error without a program")
		}
	})
}

func TestHTTPSpeaks(t *testing.T) {
	var asked string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		asked = r.Header.Get("X-Key") + string(body)
		switch r.URL.Path {
		case "/ok":
			_, _ = w.Write(tone(440, 24000, 1))
		case "/big":
			_, _ = w.Write(bytes.Repeat([]byte{1}, 2000))
		case "/text":
			_, _ = w.Write([]byte("not a sound"))
		default:
			w.WriteHeader(http.StatusTooManyRequests)
		}
	}))
	defer server.Close()
	for _, c := range []struct {
		path  string
		limit int
		want  error
	}{{"/ok", 0, nil}, {"/big", 1000, ErrTooBig}, {"/text", 0, ErrNoSound}, {"/refuses", 0, ErrRefused}} {
		h := &HTTP{URL: server.URL + c.path, MaxBytes: c.limit, Header: map[string]string{"X-Key": "k"}}
		pcm, err := h.Speak(context.Background(), "zh", "您好")
		if !errors.Is(err, c.want) || (err == nil) != (len(pcm) > 0) {
			t.Errorf("%s: got %d samples, %v, want %v", c.path, len(pcm), err, c.want)
		}
		if want := `k{"language":"zh","text":"您好"}`; asked != want {
			t.Errorf("%s: the service was asked %s, want %s", c.path, asked, want)
		}
	}
}

// counting is a speaker that says how often it was asked.
type counting struct {
	asked int
	err   error
}

func (c *counting) Speak(context.Context, string, string) ([]int16, error) {
	c.asked++
	return []int16{1, -2, int16(c.asked)}, c.err
}

func TestCacheAsksOnce(t *testing.T) {
	s := &counting{}
	c := &Cache{Folder: filepath.Join(t.TempDir(), "spoken"), Voice: "v1", Speaker: s}
	say := func(language, text string) []int16 {
		t.Helper()
		pcm, err := c.Speak(context.Background(), language, text)
		if err != nil {
			t.Fatal(err)
		}
		return pcm
	}
	first := say("zh", "您好")
	if got := say("zh", "您好"); s.asked != 1 || !slices.Equal(got, first) {
		t.Errorf("asked %d times and got %v, want once and %v", s.asked, got, first)
	}
	say("en", "您好")
	c.Voice = "v2"
	say("zh", "您好")
	if s.asked != 3 {
		t.Errorf("another language and voice: asked %d times, want 3", s.asked)
	}
	names, _ := filepath.Glob(filepath.Join(c.Folder, "*"))
	if len(names) != 3 {
		t.Errorf("got the files %v, want three and nothing half written", names)
	}
	for _, name := range names {
		if err := os.WriteFile(name, []byte("damaged"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if say("zh", "您好"); s.asked != 4 {
		t.Errorf("a damaged file: asked %d times, want 4", s.asked)
	}
}

func TestCacheKeepsNoFailure(t *testing.T) {
	s := &counting{err: ErrRefused}
	c := &Cache{Folder: t.TempDir(), Speaker: s}
	for range 2 {
		if _, err := c.Speak(context.Background(), "zh", "x"); !errors.Is(err, ErrRefused) {
			t.Errorf("got %v, want the speaker's error", err)
		}
	}
	c.Folder, s.err = filepath.Join(c.Folder, "\x00"), nil
	if _, err := c.Speak(context.Background(), "zh", "x"); err != nil {
		t.Errorf("a folder that cannot be made: got %v, want the sound all the same", err)
	}
}
