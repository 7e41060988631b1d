package ivr

import (
	"context"
	"strings"

	"github.com/goccy/go-yaml/ast"

	"hotline/ivr/spoken"
	"hotline/ivr/variable"
)

// prompt is a Prompt whose parts may hold variables.
type prompt struct {
	file, text variable.Text
	say        string
	line       int
}

// prompts reads a list of prompts: a name is a file; {text: ...} is spoken; {say: number, text: ...} is spelt out in files.
func (s *section) prompts(key string) []prompt {
	values, _ := s.list(key)
	s.ask(key).As = asPrompts
	out := make([]prompt, 0, len(values))
	for _, v := range values {
		out = append(out, s.prompt(key, v))
	}
	if s.src.node != nil {
		s.src.node.prompts = append(s.src.node.prompts, out...)
	}
	return out
}

// somePrompts are prompts of which there must be one.
func (s *section) somePrompts(key string) []prompt {
	s.ask(key).Need = true
	out := s.prompts(key)
	if len(out) == 0 {
		s.src.bad(s.line, "%s needs %q: name at least one recorded file", s.what, key)
	}
	return out
}

func (s *section) prompt(key string, v ast.Node) prompt {
	p := prompt{line: lineOf(v)}
	_, single := v.(*ast.MappingValueNode)
	if _, many := v.(*ast.MappingNode); !single && !many {
		name, ok := s.src.scalar(v, "a prompt of "+s.what)
		if ok && name == "" {
			s.src.bad(p.line, "%s has an empty prompt under %q: name a file or leave it out", s.what, key)
		}
		p.file = s.template(name, p.line)
		return p
	}
	m := s.src.mapping(v, "a prompt of "+s.what)
	m.what = "the prompt of " + s.what
	p.file, _ = m.filled("file")
	p.text, _ = m.filled("text")
	p.say = m.word("say", append([]string{""}, spoken.Kinds()...)...)
	m.done()
	if p.file.Empty() == p.text.Empty() {
		s.src.bad(p.line, "a prompt of %s needs either \"file\" or \"text\": give exactly one", s.what)
	}
	if p.say != "" && !p.file.Empty() {
		s.src.bad(p.line, "a prompt of %s says a file as %s: put the value into \"text\" instead", s.what, p.say)
	}
	return p
}

// filled is a template under a key and its line.
func (s *section) filled(key string) (variable.Text, int) {
	v, line := s.text(key)
	return s.template(v, line), line
}

func (s *section) template(text string, line int) variable.Text {
	t, err := variable.Parse(text)
	if err != nil {
		s.src.bad(line, "%s: %v", s.what, err)
	}
	return t
}

// render puts the call's values in and leaves out what is empty.
func (r *Run) render(prompts []prompt) []Prompt {
	var out []Prompt
	for _, p := range prompts {
		text := strings.TrimSpace(p.text.Fill(r.value, nil))
		file := p.file.Fill(r.value, nil)
		switch {
		case isID(file):
			out = append(out, Prompt{File: file})
		case text != "" && p.say != "":
			out = append(out, Speak(r.language, p.say, text)...)
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
