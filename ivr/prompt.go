package ivr

import (
	"context"
	"strings"

	"hotline/ivr/form"
	"hotline/ivr/spoken"
)

// render puts the call's values in and leaves out what is empty.
func (r *Run) render(prompts []form.Prompt) []Prompt {
	var out []Prompt
	for _, p := range prompts {
		text := strings.TrimSpace(p.Text.Fill(r.value, nil))
		file := p.File.Fill(r.value, nil)
		switch {
		case form.IsID(file):
			out = append(out, Prompt{File: file})
		case text != "" && p.Say != "":
			out = append(out, Speak(r.language, p.Say, text)...)
		case text != "":
			out = append(out, Prompt{Text: text})
		}
	}
	return out
}

// Speak says a value in recorded files of a language; kind is one of spoken.Kinds. Each prompt has a File.
func Speak(language, kind, text string) []Prompt {
	words := spoken.Words(language, kind, text)
	out := make([]Prompt, 0, len(words))
	for _, w := range words {
		out = append(out, Prompt{File: w})
	}
	return out
}

// Speaker turns text into sound (TTS): mono 16-bit samples at 8 kHz. The error says what was tried; there is no sound then.
type Speaker interface {
	Speak(ctx context.Context, language, text string) ([]int16, error)
}
