package recording

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"
	"time"

	"hotline/media/wav"
)

func TestOpenRefuses(t *testing.T) {
	lost, gone, outside := openRow("lost"), openRow("gone"), openRow("outside")
	lost.State = Lost
	outside.File = "../outside.wav"
	link := openRow("link")
	r := ruin(t, newShelf(lost, gone, outside, link), map[string][]byte{day + "/other.wav": soundOf(8)})
	secret := filepath.Join(filepath.Dir(r.cfg.Dir), "outside.wav")
	if err := errors.Join(os.WriteFile(secret, soundOf(8), 0o600), os.Symlink(secret, filepath.Join(r.cfg.Dir, day, "link.wav"))); err != nil {
		t.Fatal(err)
	}
	for id, notFound := range map[string]bool{"unknown": true, "lost": true, "gone": true, "outside": false, "link": false} {
		if _, err := r.Open(t.Context(), id); err == nil || errors.Is(err, ErrNotFound) != notFound {
			t.Errorf("Open(%q) error = %v, want not found: %v", id, err, notFound)
		}
	}
}

// TestVerify: one flipped bit is found.
func TestVerify(t *testing.T) {
	rows := newShelf(openRow("seg-1"))
	r := ruin(t, rows, map[string][]byte{day + "/seg-1.wav": soundOf(8000)})
	repair(t, r)
	verify := func() error {
		audio, err := r.Open(t.Context(), "seg-1")
		if err != nil {
			t.Fatal(err)
		}
		defer audio.Close()
		return audio.Verify()
	}
	if err := verify(); err != nil {
		t.Errorf("Verify = %v", err)
	}
	name := filepath.Join(r.cfg.Dir, day, "seg-1.wav")
	content, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	content[9000] ^= 4
	if err := os.WriteFile(name, content, 0o600); err != nil {
		t.Fatal(err)
	}
	if verify() == nil {
		t.Error("a flipped bit was not found")
	}
	row := rows.rows["seg-1"]
	row.SHA256 = ""
	rows.rows["seg-1"] = row
	if err := verify(); err != nil {
		t.Errorf("a row without a hash: %v", err)
	}
}

// TestOpenWhileRecording: what is in the file already can be heard.
func TestOpenWhileRecording(t *testing.T) {
	record(t, func(t *testing.T, s *studio) {
		s.start("seg-1", "call-1").talk(0, 5*time.Second)
		s.checkTones("seg-1", 0, 4*time.Second)
		s.End("seg-1")
	})
}

// TestExportOverHTTP: ranges of the export fit together.
func TestExportOverHTTP(t *testing.T) {
	r := ruin(t, newShelf(openRow("seg-1")), map[string][]byte{day + "/seg-1.wav": soundOf(8000)})
	repair(t, r)
	audio, err := r.Open(t.Context(), "seg-1")
	if err != nil {
		t.Fatal(err)
	}
	defer audio.Close()
	get := func(ranged string) []byte {
		pcm, err := audio.Export(wav.Mix)
		if err != nil {
			t.Fatal(err)
		}
		request := httptest.NewRequest(http.MethodGet, "/", nil)
		if ranged != "" {
			request.Header.Set("Range", ranged)
		}
		answer := httptest.NewRecorder()
		http.ServeContent(answer, request, "mix.wav", time.Time{}, pcm)
		body, err := io.ReadAll(answer.Body)
		if err != nil {
			t.Fatal(err)
		}
		return body
	}
	whole := get("")
	if len(whole) != 44+16000 {
		t.Fatalf("%d bytes, want 16044", len(whole))
	}
	if got := string(get("bytes=0-40")) + string(get("bytes=41-1000")) + string(get("bytes=1001-")); got != string(whole) {
		t.Error("three ranges are not the whole")
	}
	broken := ruin(t, newShelf(openRow("seg-1")), map[string][]byte{day + "/seg-1.wav": []byte("not sound at all, but long enough for a header of 58 bytes")})
	other, err := broken.Open(t.Context(), "seg-1")
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	if _, err := other.Export(wav.Mix); !errors.Is(err, wav.ErrFormat) {
		t.Errorf("Export error = %v, want wav.ErrFormat", err)
	}
}
