package api

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"hotline/account"
	"hotline/media/tone"
	"hotline/media/wav"
	"hotline/recording"
)

// studio is a house with one recording of a second that amy made.
func studio(t *testing.T) (*house, []byte) {
	h := open(t)
	h.journalled(started("c1", noon).talks("1001", "sales").over())
	row := h.record("rec-c1", "c1", time.Second, recording.Sealed)
	file, err := os.ReadFile(filepath.Join(h.folder, filepath.FromSlash(row.File)))
	h.must(err)
	return h, file
}

func ranged(from, to int) func(*http.Request) {
	return header("Range", fmt.Sprintf("bytes=%d-%d", from, to))
}

// TestListen checks whole answers, ranges, conditions and the audit line of each.
func TestListen(t *testing.T) {
	h, file := studio(t)
	const path = "/recordings/rec-c1/audio"
	whole := h.get(account.Agent, path).want(200)
	if !bytes.Equal(whole.Body.Bytes(), file) || whole.Header().Get("Content-Type") != "audio/wav" || whole.Header().Get("Accept-Ranges") != "bytes" {
		t.Errorf("got %d bytes, %v", whole.Body.Len(), whole.Header())
	}
	tag := whole.Header().Get("ETag")
	for _, c := range []struct {
		spec, want string
		body       []byte
	}{
		{"bytes=0-99", "bytes 0-99/%d", file[:100]}, {"bytes=100-", "bytes 100-%[2]d/%[1]d", file[100:]}, {"bytes=-50", "", file[len(file)-50:]},
		{"bytes=16000-999999", "", file[16000:]},
	} {
		got := h.get(account.Agent, path, header("Range", c.spec)).want(206)
		if !bytes.Equal(got.Body.Bytes(), c.body) || !strings.HasSuffix(got.Header().Get("Content-Range"), fmt.Sprintf("/%d", len(file))) {
			t.Errorf("%s: got %d bytes, %s", c.spec, got.Body.Len(), got.Header().Get("Content-Range"))
		}
	}
	heard := len(h.lines("recording.listen"))
	if heard != 5 {
		t.Errorf("got %d audit lines, want one for each of 5 answers", heard)
	}
	out := h.get(account.Agent, path, header("Range", fmt.Sprintf("bytes=%d-", len(file)))).want(416)
	if got := out.Header().Get("Content-Range"); got != fmt.Sprintf("bytes */%d", len(file)) {
		t.Errorf("416 says %q", got)
	}
	h.get(account.Agent, path, header("If-None-Match", tag)).want(304)
	head := h.ask(account.Agent, "HEAD", "/api/v1"+path, nil).want(200)
	if head.Header().Get("Content-Length") != fmt.Sprint(len(file)) || head.Body.Len() != 0 {
		t.Errorf("HEAD: %v, %d bytes", head.Header(), head.Body.Len())
	}
	if got := len(h.lines("recording.listen")); got != heard {
		t.Errorf("416, 304 and HEAD brought no sound, but %d audit lines", got-heard)
	}
	h.get(account.Agent, path, ranged(0, 9), header("If-Range", tag)).want(206)
	if got := h.get(account.Agent, path, ranged(0, 9), header("If-Range", `"another"`)).want(200); got.Body.Len() != len(file) {
		t.Errorf("If-Range of another file: %d bytes", got.Body.Len())
	}
	line := h.lines("recording.listen")[1]
	if line.Object != "rec-c1" || line.Name != "Amy" || line.Detail != "bytes=0-99" || line.Source != "192.0.2.7" {
		t.Errorf("got audit line %+v", line)
	}
	h.get(account.Agent, path+"?channel=middle").want(422)
	h.get(account.Agent, "/recordings/none/audio").want(404)
	for range 3 {
		h.get(bob, path).want(404)
	}
	if got := len(h.lines("recording.listen")); got != heard+2 {
		t.Errorf("refusals are audit lines: %d", got)
	}
}

func TestDownload(t *testing.T) {
	h, _ := studio(t)
	got := h.get(account.Supervisor, "/recordings/rec-c1/audio?channel=mix&download=true").want(200)
	if want := `attachment; filename="rec-c1-mix.wav"`; got.Header().Get("Content-Disposition") != want {
		t.Errorf("got %q, want %q", got.Header().Get("Content-Disposition"), want)
	}
	if lines := h.lines("recording.download"); len(lines) != 1 || lines[0].Name != "Sue" || len(h.lines("recording.listen")) != 0 {
		t.Errorf("got %+v", lines)
	}
	h.get(account.Agent, "/recordings/rec-c1/audio?download=true").want(403) // though they may listen to it
	for role, want := range map[account.Role]bool{account.Agent: false, account.Supervisor: true, account.Admin: true} {
		if got := as[me](h.get(role, "/session").want(200)); got.Saves != want {
			t.Errorf("%s: savesRecordings %v", role, got.Saves)
		}
	}
}

// TestChannels checks the exports: the right side on each, any range the same bytes as of the whole.
func TestChannels(t *testing.T) {
	h, _ := studio(t)
	dice := rand.New(rand.NewPCG(1, 2))
	tags := map[string]bool{}
	for channel, want := range map[string][]float64{"left": {700}, "right": {1300}, "mix": {700, 1300}} {
		path := "/recordings/rec-c1/audio?channel=" + channel
		whole := h.get(account.Agent, path).want(200)
		tags[whole.Header().Get("ETag")] = true
		clip, err := wav.Read(bytes.NewReader(whole.Body.Bytes()))
		h.must(err)
		if clip.Length() != time.Second {
			t.Errorf("%s lasts %v", channel, clip.Length())
		}
		if got := slices.Sorted(slices.Values(tone.Heard(clip.Samples[:tone.Window], 700, 1300))); !slices.Equal(got, want) {
			t.Errorf("%s: heard %v, want %v", channel, got, want)
		}
		for range 50 {
			at := dice.IntN(whole.Body.Len())
			end := at + dice.IntN(whole.Body.Len()-at)
			part := h.get(account.Agent, path, ranged(at, end)).want(206)
			if !bytes.Equal(part.Body.Bytes(), whole.Body.Bytes()[at:end+1]) {
				t.Errorf("%s, bytes %d to %d are not those of the whole", channel, at, end)
			}
		}
	}
	if len(tags) != 3 {
		t.Errorf("channels share an ETag: %v", tags)
	}
}

// TestOpenAndLost checks a recording that grows while it is heard, one without sound, and one whose file is gone.
func TestOpenAndLost(t *testing.T) {
	h, _ := studio(t)
	row := h.record("grows", "c1", 500*time.Millisecond, recording.Open)
	h.record("lost", "c1", 0, recording.Lost)
	gone := h.record("gone", "c1", 100*time.Millisecond, recording.Sealed)
	h.must(os.Remove(filepath.Join(h.folder, filepath.FromSlash(gone.File))))
	h.get(account.Agent, "/recordings/lost/audio").want(410)
	h.get(account.Agent, "/recordings/lost").want(200)
	h.get(account.Agent, "/recordings/gone/audio").want(404)
	before := h.get(account.Agent, "/recordings/grows/audio?channel=left").want(200)
	name := filepath.Join(h.folder, filepath.FromSlash(row.File))
	f, err := os.OpenFile(name, os.O_RDWR, 0)
	h.must(err)
	info, err := f.Stat()
	h.must(err)
	h.must(wav.ResumeStereo(f, info.Size()).WriteAt(stereo(500*time.Millisecond), 4000))
	h.must(f.Close())
	tag := header("If-Range", before.Header().Get("ETag"))
	after := h.get(account.Agent, "/recordings/grows/audio?channel=left", ranged(0, 9), tag).want(200) // not 206: it has changed
	if after.Body.Len() != before.Body.Len()+8000 {
		t.Errorf("it grew from %d to %d bytes, want 8000 more", before.Body.Len(), after.Body.Len())
	}
	if before.Header().Get("Last-Modified") != "" {
		t.Errorf("a recording that grows has a date")
	}
	if got := as[[]recording.Row](h.get(account.Agent, "/recordings?call=c1").want(200)); len(got) != 4 {
		t.Errorf("got %d recordings", len(got))
	}
}

// TestRealRecorder plays what the recorder itself repaired after a crash.
func TestRealRecorder(t *testing.T) {
	h, _ := studio(t)
	h.record("crash", "c1", 300*time.Millisecond, recording.Open)
	report, err := h.recorder.Repair(t.Context())
	if err != nil || len(report.Repaired) != 1 {
		t.Fatalf("got %+v, %v", report, err)
	}
	row := as[recording.Row](h.get(account.Agent, "/recordings/crash").want(200))
	if row.State != recording.Repaired || row.Duration != 300*time.Millisecond || row.From != "138****8000" {
		t.Errorf("got %+v", row)
	}
	h.get(account.Agent, "/recordings/crash/audio", ranged(0, 99)).want(206)
}
