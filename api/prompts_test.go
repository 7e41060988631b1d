package api

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"hotline/account"
	"hotline/media/tone"
	"hotline/media/wav"
	"hotline/prompt"
)

// TestPrompts: an administrator uploads MP3 and WAV, lists, hears and removes them; the audit log says so.
func TestPrompts(t *testing.T) {
	h := open(t)
	mp3, err := os.ReadFile("../prompt/testdata/700hz-16000-mono.mp3")
	h.must(err)
	p := as[prompt.Prompt](h.ask(account.Admin, "PUT", "/api/v1/prompts/zh/goodbye", string(mp3)).want(200))
	if p.Name != "goodbye" || p.Language != "zh" || !p.Replaces || p.Length < time.Second {
		t.Errorf("uploaded %+v", p)
	}
	var file bytes.Buffer
	h.must(wav.WriteMono(&file, tone.Make(500, -30, time.Second)))
	h.ask(account.Admin, "PUT", "/api/v1/prompts/en/own", file.String()).want(200)
	all := h.promptList("")
	if len(all) != 2 || all[0].Name != "own" || all[1].Name != "goodbye" {
		t.Errorf("list %+v", all)
	}
	sound := h.get(account.Admin, "/prompts/zh/goodbye/audio").want(200)
	clip, err := wav.Read(bytes.NewReader(sound.Body.Bytes()))
	if err != nil || sound.Header().Get("Content-Type") != "audio/wav" || tone.SNR(clip.Samples[2000:7000], 700) < 25 {
		t.Errorf("heard %d samples, %v, %v", len(clip.Samples), sound.Header(), err)
	}
	h.get(account.Admin, "/prompts/zh/goodbye/audio", header("Range", "bytes=0-43")).want(206)
	h.ask(account.Admin, "DELETE", "/api/v1/prompts/zh/goodbye", nil).want(204)
	h.ask(account.Admin, "DELETE", "/api/v1/prompts/zh/goodbye", nil).want(409) // the shipped one
	h.ask(account.Admin, "DELETE", "/api/v1/prompts/zh/nothing", nil).want(404)
	h.get(account.Admin, "/prompts/zh/nothing/audio").want(404)
	if up, gone := h.lines("prompt.upload"), h.lines("prompt.remove"); len(up) != 2 || len(gone) != 1 || gone[0].Object != "zh/goodbye" {
		t.Errorf("audit lines: %+v, %+v", up, gone)
	}
}

// TestPromptsRefused: who may not, what is no sound, and what is too large, by its header and by what really comes.
func TestPromptsRefused(t *testing.T) {
	h := open(t)
	const path = "/api/v1/prompts/zh/x"
	for _, role := range []account.Role{account.Agent, account.Supervisor} {
		h.ask(role, "PUT", path, "RIFF").want(403)
		h.ask(role, "DELETE", path, nil).want(403)
	}
	h.get(account.Agent, "/prompts").want(403)
	h.get(account.Agent, "/prompts/zh/goodbye/audio").want(403)
	h.ask("", "PUT", path, "RIFF").want(401)
	for _, body := range []string{"", "this is no sound", "RIFF____WAVE", "ID3", "\xff\xfb"} {
		h.ask(account.Admin, "PUT", path, body).want(400)
	}
	h.ask(account.Admin, "PUT", "/api/v1/prompts/zh/x.wav", "RIFF").want(400)
	h.ask(account.Admin, "PUT", path, "RIFF", func(r *http.Request) { r.ContentLength = 5 << 30 }).want(413)
	endless := slices.Concat([]byte("ID3\x04\x00\x00\x00\x00\x00\x00"), []byte("ID3\x04\x00\x00\x7f\x7f\x7f\x7f"))
	h.ask(account.Admin, "PUT", path, nil, func(r *http.Request) {
		r.Body, r.ContentLength = io.NopCloser(io.MultiReader(bytes.NewReader(endless), zeros{})), -1
	}).want(413)
	if all := h.promptList(""); len(all) != 1 || !strings.HasPrefix(all[0].Name, "goodbye") {
		t.Errorf("something was kept: %+v", all)
	}
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }

// A prompt that something plays stays, unless another sound of its name is there.
func TestPromptsInUseStay(t *testing.T) {
	h := open(t)
	var file bytes.Buffer
	h.must(wav.WriteMono(&file, tone.Make(500, -30, time.Second)))
	for _, name := range []string{"zh/piano", "zh/goodbye"} {
		h.ask(account.Admin, "PUT", "/api/v1/prompts/"+name, file.String()).want(200)
	}
	h.publish(map[string]any{"kind": "queue", "item": map[string]any{"id": "music", "music": "piano"}}).want(200)
	h.publish(map[string]any{"kind": "queue", "item": map[string]any{"id": "bye", "music": "goodbye"}}).want(200)
	for _, p := range h.promptList("") {
		if want := map[string]string{"piano": "queue music", "goodbye": "queue bye"}[p.Name]; len(p.UsedBy) != 1 || p.UsedBy[0] != want {
			t.Errorf("%s: got %q, want %s", p.Name, p.UsedBy, want)
		}
	}
	if got := h.ask(account.Admin, "DELETE", "/api/v1/prompts/zh/piano", nil).want(409).Body.String(); !strings.Contains(got, "queue music") {
		t.Errorf("got %s", got)
	}
	h.ask(account.Admin, "DELETE", "/api/v1/prompts/zh/goodbye", nil).want(204) // the shipped one is heard again
}

// voice speaks every text as a tone, or fails.
type voice struct{ err error }

func (v voice) Speak(context.Context, string, string) ([]int16, error) {
	return tone.Make(600, -20, time.Second), v.err
}

// A text is spoken for the page, which uploads it with its text; without a voice the page is told what to do.
func TestSpeech(t *testing.T) {
	spoken := func(h *house, text string) reply {
		return h.ask(account.Admin, "POST", "/api/v1/prompts/speech", map[string]any{"language": "zh", "text": text})
	}
	if got := spoken(open(t), "你好").want(503).Body.String(); !strings.Contains(got, "hotline.yml") {
		t.Errorf("without a voice: got %s", got)
	}
	h := open(t, func(c *Config) { c.Speaker = voice{} })
	spoken(h, " ").want(422)
	spoken(h, strings.Repeat("好", 1001)).want(422)
	sound := spoken(h, "你好").want(200)
	h.ask(account.Admin, "PUT", "/api/v1/prompts/zh/spoken?text=%E4%BD%A0%E5%A5%BD", sound.Body.String()).want(200)
	all := h.promptList("")
	if i := slices.IndexFunc(all, func(p promptView) bool { return p.Name == "spoken" }); i < 0 || all[i].Text != "你好" || all[i].Length != time.Second {
		t.Errorf("got %+v", all)
	}
	h = open(t, func(c *Config) { c.Speaker = voice{err: errors.New("the program is not there")} })
	if got := spoken(h, "你好").want(503).Body.String(); !strings.Contains(got, "not there") {
		t.Errorf("a voice that fails: got %s", got)
	}
}

// promptList asks for prompts; query begins with ? or is empty.
func (h *house) promptList(query string) []promptView {
	h.Helper()
	return as[struct{ Prompts []promptView }](h.get(account.Admin, "/prompts"+query).want(200)).Prompts
}

// The list is searched, chosen from, sorted and paged here, not in the page.
func TestPromptList(t *testing.T) {
	h := open(t)
	for i, name := range []string{"zh/piano", "en/hello", "zh/short"} {
		var file bytes.Buffer
		h.must(wav.WriteMono(&file, tone.Make(500, -30, time.Duration(3-i)*time.Second)))
		h.ask(account.Admin, "PUT", "/api/v1/prompts/"+name+"?text=Text+"+name, file.String()).want(200)
	}
	h.publish(map[string]any{"kind": "queue", "item": map[string]any{"id": "music", "music": "piano"}}).want(200)
	for query, want := range map[string]string{
		"":                            "en/hello zh/goodbye zh/piano zh/short",
		"?search=TEXT":                "en/hello zh/piano zh/short",
		"?search=queue+mus":           "zh/piano",
		"?language=en":                "en/hello",
		"?source=shipped":             "zh/goodbye",
		"?source=own&used=true":       "zh/piano",
		"?sort=-length&source=own":    "zh/piano en/hello zh/short",
		"?sort=name&offset=1&limit=2": "en/hello zh/piano",
		"?offset=9":                   "",
	} {
		var got []string
		for _, p := range h.promptList(query) {
			got = append(got, p.Language+"/"+p.Name)
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%s: got %q, want %q", query, got, want)
		}
	}
}
