package ivr

import (
	"strconv"
	"strings"
	"time"

	"github.com/goccy/go-yaml/ast"
)

// section is one mapping of the file. Its readers mark what they read; done reports what nobody asked for.
type section struct {
	src    *source
	what   string // for messages: "menu node topic"
	line   int
	fields []*field
	byKey  map[string]*field
	keys   []*Key // asked for so far
	is     *Key   // what the section above knows of this one; nil for a whole file, a node, or an item of a list
}

type field struct {
	key   string
	line  int
	value ast.Node
	read  bool
}

// edge is one way out of a node.
type edge struct {
	name string // "next", "key 1", "timeout"
	to   string // "": none given
	line int
	need bool // without it the call is cut off here
}

func (s *section) add(v *ast.MappingValueNode) {
	line := lineOf(v.Key)
	key, ok := s.src.scalar(v.Key, "a key of "+s.what)
	if !ok {
		return
	}
	if f := s.byKey[key]; f != nil {
		s.src.bad(line, "%s says %q twice (first in line %d): keep one of them", s.what, key, f.line)
		return
	}
	if s.byKey == nil {
		s.byKey = map[string]*field{}
	}
	s.byKey[key] = &field{key: key, line: line, value: v.Value}
	s.fields = append(s.fields, s.byKey[key])
}

// ask notes that a key may stand here, as a text unless its reader says otherwise.
func (s *section) ask(key string) *Key {
	for _, k := range s.keys {
		if k.Name == key {
			return k
		}
	}
	k := &Key{Name: key, As: asText}
	s.keys = append(s.keys, k)
	return k
}

// take is the field of a key, nil when it is not there.
func (s *section) take(key string) *field {
	s.ask(key)
	f := s.byKey[key]
	if f != nil {
		f.read = true
	}
	return f
}

// done reports the keys that nobody asked for.
func (s *section) done() {
	for _, f := range s.fields {
		if !f.read {
			s.src.bad(f.line, "%s has no key %q: it knows %s", s.what, f.key, strings.Join(s.known(), ", "))
		}
	}
}

// known are the names of the keys that may stand here.
func (s *section) known() []string {
	names := make([]string, 0, len(s.keys))
	for _, k := range s.keys {
		names = append(names, k.Name)
	}
	return names
}

// text is a single value and its line; "" and the line of the section when it is not there.
func (s *section) text(key string) (string, int) {
	f := s.take(key)
	if f == nil {
		return "", s.line
	}
	v, _ := s.src.scalar(f.value, strconv.Quote(key)+" of "+s.what)
	return v, f.line
}

// need is text that must be there.
func (s *section) need(key, advice string) (string, int) {
	s.ask(key).Need = true
	v, line := s.text(key)
	if v == "" {
		s.src.bad(line, "%s needs %q: %s", s.what, key, advice)
	}
	return v, line
}

// word is a text out of a few, the first when it is not there.
func (s *section) word(key string, words ...string) string {
	k := s.ask(key)
	k.As, k.Words, k.Otherwise = asWord, words, words[0]
	v, line := s.text(key)
	if v == "" {
		return words[0]
	}
	for _, w := range words {
		if v == w {
			return w
		}
	}
	s.src.bad(line, "%q of %s is %q: write one of %s", key, s.what, v, strings.Join(words, ", "))
	return words[0]
}

func (s *section) flag(key string, otherwise bool) bool {
	k := s.ask(key)
	k.As, k.Otherwise = asFlag, strconv.FormatBool(otherwise)
	v, line := s.text(key)
	switch v {
	case "":
		return otherwise
	case "true", "false":
		return v == "true"
	}
	s.src.bad(line, "%q of %s is %q: write true or false", key, s.what, v)
	return otherwise
}

func (s *section) count(key string, otherwise, low, high int) int {
	k := s.ask(key)
	k.As, k.Low, k.High = asCount, strconv.Itoa(low), strconv.Itoa(high)
	if otherwise >= low {
		k.Otherwise = strconv.Itoa(otherwise)
	}
	v, line := s.text(key)
	if v == "" {
		return otherwise
	}
	n, err := strconv.Atoi(v)
	if err != nil || n < low || n > high {
		s.src.bad(line, "%q of %s is %q: write a whole number from %d to %d", key, s.what, v, low, high)
		return otherwise
	}
	return n
}

func (s *section) duration(key string, otherwise, low, high time.Duration) time.Duration {
	k := s.ask(key)
	k.As, k.Low, k.High = asTime, short(low), short(high)
	if otherwise >= low {
		k.Otherwise = short(otherwise)
	}
	v, line := s.text(key)
	if v == "" {
		return otherwise
	}
	d, err := time.ParseDuration(v)
	if err != nil || d < low || d > high {
		s.src.bad(line, "%q of %s is %q: write a time with its unit from %v to %v, such as 5s or 1m30s", key, s.what, v, low, high)
		return otherwise
	}
	return d
}

// short prints 1m and not 1m0s.
func short(d time.Duration) string {
	text := d.String()
	for _, zero := range []string{"m0s", "h0m"} {
		if strings.HasSuffix(text, zero) {
			text = text[:len(text)-2]
		}
	}
	return text
}

// list are the values under a key; a single value counts as a list of one.
func (s *section) list(key string) ([]ast.Node, int) {
	f := s.take(key)
	if f == nil {
		return nil, s.line
	}
	switch v := f.value.(type) {
	case *ast.SequenceNode:
		return v.Values, f.line
	case *ast.NullNode:
		return nil, f.line
	}
	return []ast.Node{f.value}, f.line
}

// sub is a mapping under a key; an empty one when it is not there, so that its readers need no nil check.
func (s *section) sub(key string) *section {
	f, is := s.take(key), s.ask(key)
	is.As = asGroup
	empty := &section{src: s.src, what: key + " of " + s.what, line: s.line, is: is}
	is.in = empty
	if f == nil {
		return empty
	}
	if _, null := f.value.(*ast.NullNode); null {
		empty.line = f.line
		return empty
	}
	if m := s.src.mapping(f.value, key+" of "+s.what); m != nil {
		m.line, m.is, is.in = f.line, is, m
		return m
	}
	return empty
}

// all gives each key of a mapping whose keys are the author's own, such as the keys of a menu; as says what they mean.
func (s *section) all(as string, each func(key, value string, line int)) {
	s.is.As = as
	for _, f := range s.fields {
		f.read = true
		if v, ok := s.src.scalar(f.value, strconv.Quote(f.key)+" in "+s.what); ok {
			each(f.key, v, f.line)
		}
	}
}

// edge is a way out under a key, noted for Lint.
func (s *section) edge(key string) edge { return s.way(key, false) }

// must is an edge without which callers are cut off; Lint says so when it is missing.
func (s *section) must(key string) edge { return s.way(key, true) }

func (s *section) way(key string, need bool) edge {
	k := s.ask(key)
	k.As, k.Need = asWay, need
	to, line := s.text(key)
	return s.src.note(edge{name: key, to: to, line: line, need: need})
}

// note keeps an edge with the node it leaves.
func (s *source) note(e edge) edge {
	if s.node != nil && (e.to != "" || e.need) {
		s.node.edges = append(s.node.edges, e)
	}
	return e
}
