package web

import (
	"bytes"
	"compress/gzip"
	"io"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/fstest"
)

func pages(t *testing.T) *Pages {
	t.Helper()
	p, err := read(fstest.MapFS{
		"index.html":      {Data: []byte("<!doctype html>the application")},
		"icon.svg":        {Data: []byte("<svg/>")},
		"call.html":       {Data: []byte("the visitors' page")},
		"button.js":       {Data: []byte("the button")},
		".gitkeep":        {},
		"assets/app-1.js": {Data: bytes.Repeat([]byte("let a = 1;\n"), 200)},
	})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestPathsOfTheApplication(t *testing.T) {
	p := pages(t)
	tests := []struct {
		method, path, body, cache string
		served                    bool
	}{
		{"GET", "/", "the application", "no-cache", true},
		{"GET", "/calls/0198-1", "the application", "no-cache", true},
		{"GET", "/index.html", "the application", "no-cache", true},
		{"GET", "/call", "the visitors' page", "no-cache", true},
		{"GET", "/button.js", "the button", "no-cache", true},
		{"GET", "/licences/program.txt", "MIT License", "no-cache", true},
		{"GET", "/icon.svg", "<svg/>", "no-cache", true},
		{"GET", "/assets/app-1.js", "let a", "public, max-age=31536000, immutable", true},
		{"GET", "/assets/old.js", "", "", false},
		{"GET", "/.gitkeep", "", "", false},
		{"GET", "/api/v1/nothing", "", "", false},
		{"POST", "/", "", "", false},
	}
	for _, tt := range tests {
		w := httptest.NewRecorder()
		served := p.Serve(w, httptest.NewRequest(tt.method, tt.path, nil))
		if served != tt.served {
			t.Errorf("%s %s served = %v, want %v", tt.method, tt.path, served, tt.served)
		}
		if got := w.Body.String(); served && !strings.Contains(got, tt.body) {
			t.Errorf("%s %s = %.40q, want %q in it", tt.method, tt.path, got, tt.body)
		}
		if got := w.Header().Get("Cache-Control"); got != tt.cache {
			t.Errorf("%s %s cache = %q, want %q", tt.method, tt.path, got, tt.cache)
		}
	}
}

func TestScriptsFromElsewhereAreForbidden(t *testing.T) {
	w := httptest.NewRecorder()
	pages(t).Serve(w, httptest.NewRequest("GET", "/", nil))
	got := w.Header().Get("Content-Security-Policy")
	_, scripts, _ := strings.Cut(got, "script-src ")
	scripts, _, _ = strings.Cut(scripts, ";")
	if scripts != "'self' 'wasm-unsafe-eval'" || !strings.Contains(got, "frame-ancestors 'none'") {
		t.Errorf("policy = %q", got)
	}
}

func TestCompressedAndUnchanged(t *testing.T) {
	p := pages(t)
	r := httptest.NewRequest("GET", "/assets/app-1.js", nil)
	r.Header.Set("Accept-Encoding", "gzip, br")
	w := httptest.NewRecorder()
	p.Serve(w, r)
	if w.Header().Get("Content-Encoding") != "gzip" {
		t.Fatalf("encoding = %q, want gzip", w.Header().Get("Content-Encoding"))
	}
	z, err := gzip.NewReader(w.Body)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := io.ReadAll(z); err != nil || len(got) != 2200 {
		t.Errorf("unpacked %d octets, %v; want 2200", len(got), err)
	}
	r.Header.Set("If-None-Match", w.Header().Get("ETag"))
	again := httptest.NewRecorder()
	p.Serve(again, r)
	if again.Code != 304 || again.Body.Len() != 0 {
		t.Errorf("asked again: %d with %d octets, want 304 with none", again.Code, again.Body.Len())
	}
}

func TestAProgramWithoutPagesSaysSo(t *testing.T) {
	p, err := read(fstest.MapFS{".gitkeep": {}})
	if err != nil {
		t.Fatal(err)
	}
	w := httptest.NewRecorder()
	if !p.Serve(w, httptest.NewRequest("GET", "/", nil)) || !strings.Contains(w.Body.String(), "make build") {
		t.Errorf("answer = %q, want what to do", w.Body.String())
	}
}

func TestTheButtonIsForForeignPagesAndNothingElseIs(t *testing.T) {
	p := pages(t)
	for path, want := range map[string]string{"/button.js": "cross-origin", "/assets/app-1.js": "same-origin", "/call": "same-origin"} {
		w := httptest.NewRecorder()
		w.Header().Set("Cross-Origin-Resource-Policy", "same-origin") // as the API does for everything
		p.Serve(w, httptest.NewRequest("GET", path, nil))
		if got := w.Header().Get("Cross-Origin-Resource-Policy"); got != want {
			t.Errorf("%s is for %s, want %s", path, got, want)
		}
		if got := w.Header().Get("Access-Control-Allow-Origin"); (got == "*") != (want == "cross-origin") {
			t.Errorf("%s may be read by %q", path, got)
		}
	}
}
