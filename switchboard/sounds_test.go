package switchboard

import (
	"errors"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"hotline/call"
	"hotline/internal/testkit"
	"hotline/ivr"
)

func TestLaterLayersAndOtherLanguages(t *testing.T) {
	s, err := LoadSounds(nil, slog.New(slog.DiscardHandler),
		fstest.MapFS{"zh/a.wav": sine(450), "en/a.wav": sine(700), "en/b.wav": sine(700), "any/c.wav": sine(700), "zh/readme.txt": {}},
		fstest.MapFS{"zh/a.wav": sine(1300), "zh/d.WAV": sine(700)})
	if err != nil {
		t.Fatal(err)
	}
	own, err := s.sound("zh", "a")
	if err != nil {
		t.Fatal(err)
	}
	other, _ := s.sound("fr", "a")
	if other != own {
		t.Error("a language without the prompt takes another than zh")
	}
	for _, name := range []string{"a", "b", "c", "d"} {
		if _, err := s.sound("zh", name); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if !s.Names()[name] {
			t.Errorf("%s is not among the names", name)
		}
	}
	if _, err := s.sound("zh", "e"); !errors.Is(err, errNoPrompt) {
		t.Errorf("got %v, want errNoPrompt", err)
	}
	if _, err := s.one(t.Context(), "zh", ivr.Prompt{Text: "x"}); err == nil {
		t.Error("a text was spoken without a speaker")
	}
	_, err = LoadSounds(nil, slog.New(slog.DiscardHandler), fstest.MapFS{"zh/broken.wav": {Data: []byte("no sound")}})
	if err == nil || !strings.Contains(err.Error(), "zh/broken.wav") {
		t.Errorf("got %v, want the name of the broken file", err)
	}
}

// played collects what a leg's call hears of its prompts.
func played(l *leg) chan int {
	done := make(chan int, 16)
	l.Hear(l.id, func(ev call.Event) {
		if p, ok := ev.(call.PromptDone); ok {
			done <- p.Play
		}
	})
	return done
}

func TestPromptsArePlayedAndMissingOnesPassedOver(t *testing.T) {
	r := newRig(t)
	id, legs := r.bare(call.CallerLeg)
	l := legs[call.CallerLeg]
	done := played(l)
	both := []ivr.Prompt{{File: "nowhere"}, {File: "low"}}
	r.b.Do(id, call.Play{Leg: call.CallerLeg, Play: 6, Language: "zh", Prompts: both, Loop: true})
	hears(t, l.phone, 700)
	r.b.Do(id, call.Play{Leg: call.CallerLeg, Play: 7, Language: "zh", Prompts: both})
	select {
	case n := <-done:
		if n != 7 {
			t.Errorf("play %d is done, want 7", n)
		}
	case <-time.After(patience):
		t.Error("the prompt never ended")
	}
	r.b.Do(id, call.Play{Leg: call.CallerLeg, Play: 8, Language: "zh", Prompts: []ivr.Prompt{{File: "hold-music"}}, Loop: true})
	hears(t, l.phone, 450)
	r.b.Do(id, call.StopPlay{Leg: call.CallerLeg})
	r.b.Do(id, call.Play{Leg: call.CallerLeg, Play: 9, Prompts: []ivr.Prompt{{File: "nowhere"}}, Loop: true})
	select {
	case n := <-done:
		t.Errorf("play %d is done", n)
	default:
	}
}

// TestNothingToPlayIsDoneAtOnce: a flow whose prompts are all missing goes on.
func TestNothingToPlayIsDoneAtOnce(t *testing.T) {
	r := newRig(t)
	r.b.Replace(centre(t, "4001", "flow: f\nstart: a\nnodes:\n  a: {type: play, prompts: [nowhere], next: b}\n  b: {type: hangup}\n"))
	l := r.arrive("13800138000", "4001")
	eventually(t, "the flow to go on", func() bool { return l.was("hangup normal") })
	r.over()
}

func TestSpeechThatComesLateIsDropped(t *testing.T) {
	r := newRig(t)
	id, legs := r.bare(call.CallerLeg)
	l := legs[call.CallerLeg]
	done := played(l)
	r.b.Do(id, call.Play{Leg: call.CallerLeg, Play: 1, Prompts: []ivr.Prompt{{Text: "please wait"}}})
	r.b.Do(id, call.Play{Leg: call.CallerLeg, Play: 2, Language: "zh", Prompts: []ivr.Prompt{{File: "low"}}, Loop: true})
	close(r.speech.may)
	hears(t, l.phone, 700)
	hears(t, l.phone, 700)
	if testkit.HeardTone(l.phone.all(), 1300) {
		t.Error("the text was spoken over what came after it")
	}
	r.b.Do(id, call.Play{Leg: call.CallerLeg, Play: 3, Prompts: []ivr.Prompt{{Text: "now"}}, Loop: true})
	hears(t, l.phone, 1300)
	r.b.Do(id, call.Play{Leg: call.CallerLeg, Play: 4, Prompts: []ivr.Prompt{{Text: "now"}}})
	select {
	case n := <-done:
		if n != 4 {
			t.Errorf("play %d is done, want 4", n)
		}
	case <-time.After(patience):
		t.Error("the text never ended")
	}
}

func TestSpeechIsDroppedWhenTheTwoTalkByThen(t *testing.T) {
	r := newRig(t)
	id, legs := r.bare(call.CallerLeg, "leg2")
	legs["leg2"].phone.play(700)
	r.b.Do(id, call.Play{Leg: call.CallerLeg, Play: 1, Prompts: []ivr.Prompt{{Text: "your place is"}}})
	r.b.Do(id, call.Bridge{A: call.CallerLeg, B: "leg2"})
	close(r.speech.may)
	hears(t, legs[call.CallerLeg].phone, 700)
	hears(t, legs[call.CallerLeg].phone, 700)
	if testkit.HeardTone(legs[call.CallerLeg].phone.all(), 1300) {
		t.Error("the text was spoken into the talk")
	}
}

// TestRefresh: a prompt that was added, replaced or removed is heard, or not, without a new start.
func TestRefresh(t *testing.T) {
	own := fstest.MapFS{}
	s, err := LoadSounds(nil, slog.New(slog.DiscardHandler), fstest.MapFS{"zh/a.wav": sine(450)}, own)
	if err != nil {
		t.Fatal(err)
	}
	shipped, _ := s.sound("zh", "a")
	own["zh/a.wav"], own["en/new.wav"] = sine(700), sine(700)
	for _, name := range []string{"zh/a", "en/new"} {
		language, file, _ := strings.Cut(name, "/")
		if err := s.Refresh(language, file); err != nil {
			t.Fatal(err)
		}
	}
	if got, err := s.sound("zh", "a"); err != nil || got == shipped {
		t.Errorf("the replaced prompt is still the old one, %v", err)
	}
	if _, err := s.sound("en", "new"); err != nil || !s.Names()["new"] {
		t.Errorf("the new prompt is not heard: %v", err)
	}
	delete(own, "zh/a.wav")
	delete(own, "en/new.wav")
	if err := errors.Join(s.Refresh("zh", "a"), s.Refresh("en", "new")); err != nil {
		t.Fatal(err)
	}
	if got, err := s.sound("zh", "a"); err != nil || !slices.Equal(got.ALaw, shipped.ALaw) {
		t.Errorf("the shipped prompt does not come back: %v", err)
	}
	if _, err := s.sound("en", "new"); err == nil {
		t.Error("a removed prompt is still heard")
	}
	own["zh/a.wav"] = &fstest.MapFile{Data: []byte("no sound")}
	if err := s.Refresh("zh", "a"); err == nil {
		t.Error("a broken file was taken")
	}
}
