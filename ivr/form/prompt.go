package form

import (
	"github.com/goccy/go-yaml/ast"

	"hotline/ivr/spoken"
	"hotline/ivr/variable"
)

// Prompt is a prompt as it is written: its parts may hold variables. It has either a File or a Text.
type Prompt struct {
	File, Text variable.Text
	Say        string // one of spoken.Kinds: how the text is said in recorded words; "": it is spoken as it is
	Line       int
}

// Prompts reads a list of prompts: a name is a file; {text: ...} is spoken; {say: number, text: ...} is spelt out in files.
func (s *Section) Prompts(key string) []Prompt {
	values, _ := s.list(key)
	s.ask(key).As = AsPrompts
	out := make([]Prompt, 0, len(values))
	for _, v := range values {
		out = append(out, s.prompt(key, v))
	}
	s.src.prompts = append(s.src.prompts, out...)
	return out
}

// SomePrompts are prompts of which there must be one.
func (s *Section) SomePrompts(key string) []Prompt {
	s.Needs(key)
	out := s.Prompts(key)
	if len(out) == 0 {
		s.Bad(s.Line, "%s needs %q: name at least one recorded file", s.What, key)
	}
	return out
}

func (s *Section) prompt(key string, v ast.Node) Prompt {
	p := Prompt{Line: lineOf(v)}
	_, single := v.(*ast.MappingValueNode)
	if _, many := v.(*ast.MappingNode); !single && !many {
		name, ok := s.src.scalar(v, "a prompt of "+s.What)
		if ok && name == "" {
			s.Bad(p.Line, "%s has an empty prompt under %q: name a file or leave it out", s.What, key)
		}
		p.File = s.Variables(name, p.Line)
		return p
	}
	m := s.src.mapping(v, "a prompt of "+s.What)
	m.What = "the prompt of " + s.What
	p.File, _ = m.Filled("file")
	p.Text, _ = m.Filled("text")
	p.Say = m.Word("say", append([]string{""}, spoken.Kinds()...)...)
	m.Done()
	if p.File.Empty() == p.Text.Empty() {
		s.Bad(p.Line, "a prompt of %s needs either \"file\" or \"text\": give exactly one", s.What)
	}
	if p.Say != "" && !p.File.Empty() {
		s.Bad(p.Line, "a prompt of %s says a file as %s: put the value into \"text\" instead", s.What, p.Say)
	}
	return p
}

// Filled is a text with variables under a key and its line.
func (s *Section) Filled(key string) (variable.Text, int) {
	v, line := s.Text(key)
	return s.Variables(v, line), line
}

// Variables reads a text that may have variables in it.
func (s *Section) Variables(text string, line int) variable.Text {
	t, err := variable.Parse(text)
	if err != nil {
		s.Bad(line, "%s: %v", s.What, err)
	}
	return t
}

// File is the name of a prompt file that is played by others; package lint looks for it.
func (s *Section) File(key string) string {
	name, line := s.Text(key)
	s.ask(key).As = AsFile
	if name == "" {
		return ""
	}
	if !IsID(name) {
		s.Bad(line, "%q of %s is %q: name a prompt file, without its extension", key, s.What, name)
	}
	p := Prompt{Line: line, File: variable.Plain(name)}
	s.src.prompts = append(s.src.prompts, p)
	return name
}

// Files is File for several.
func (s *Section) Files(key string) []string {
	values, line := s.list(key)
	s.ask(key).As = AsFiles
	var names []string
	for _, v := range values {
		name, ok := s.src.scalar(v, key+" of "+s.What)
		if !ok || !IsID(name) {
			s.Bad(line, "%q of %s has %q: name prompt files, without their extension", key, s.What, name)
			continue
		}
		names = append(names, name)
		s.src.prompts = append(s.src.prompts, Prompt{Line: line, File: variable.Plain(name)})
	}
	return names
}
