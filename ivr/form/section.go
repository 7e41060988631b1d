package form

import (
	"strconv"
	"strings"
	"time"

	"github.com/goccy/go-yaml/ast"
)

// Section is one mapping of the file. Its readers mark what they read; Done reports what nobody asked for.
type Section struct {
	What string // for messages: "menu node topic"
	Line int

	src    *source
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

func (s *Section) add(v *ast.MappingValueNode) {
	line := lineOf(v.Key)
	key, ok := s.src.scalar(v.Key, "a key of "+s.What)
	if !ok {
		return
	}
	if f := s.byKey[key]; f != nil {
		s.Bad(line, "%s says %q twice (first in line %d): keep one of them", s.What, key, f.line)
		return
	}
	if s.byKey == nil {
		s.byKey = map[string]*field{}
	}
	s.byKey[key] = &field{key: key, line: line, value: v.Value}
	s.fields = append(s.fields, s.byKey[key])
}

// ask notes that a key may stand here, as a text unless its reader says otherwise.
func (s *Section) ask(key string) *Key {
	for _, k := range s.keys {
		if k.Name == key {
			return k
		}
	}
	k := &Key{Name: key, As: AsText}
	s.keys = append(s.keys, k)
	return k
}

// take is the field of a key, nil when it is not there.
func (s *Section) take(key string) *field {
	s.ask(key)
	f := s.byKey[key]
	if f != nil {
		f.read = true
	}
	return f
}

// Bad notes a mistake in a line of the file. The sentence says what to do.
func (s *Section) Bad(line int, format string, args ...any) { s.src.bad(line, format, args...) }

// Problems are the mistakes in the whole file so far, by line.
func (s *Section) Problems() Problems { return s.src.sorted() }

// OfFlow says of which flow the mistakes are from now on.
func (s *Section) OfFlow(id string) { s.src.flow = id }

// Len is how many keys the mapping has.
func (s *Section) Len() int { return len(s.fields) }

// Done reports the keys that nobody asked for.
func (s *Section) Done() {
	for _, f := range s.fields {
		if !f.read {
			s.Bad(f.line, "%s has no key %q: it knows %s", s.What, f.key, strings.Join(s.known(), ", "))
		}
	}
}

// known are the names of the keys that may stand here.
func (s *Section) known() []string {
	names := make([]string, 0, len(s.keys))
	for _, k := range s.keys {
		names = append(names, k.Name)
	}
	return names
}

// Text is a single value and its line; "" and the line of the section when it is not there.
func (s *Section) Text(key string) (string, int) {
	f := s.take(key)
	if f == nil {
		return "", s.Line
	}
	v, _ := s.src.scalar(f.value, strconv.Quote(key)+" of "+s.What)
	return v, f.line
}

// Needs notes that a key must be there, where its reader looks for it in its own way.
func (s *Section) Needs(key string) { s.ask(key).Need = true }

// Need is text that must be there.
func (s *Section) Need(key, advice string) (string, int) {
	s.Needs(key)
	v, line := s.Text(key)
	if v == "" {
		s.Bad(line, "%s needs %q: %s", s.What, key, advice)
	}
	return v, line
}

// Word is a text out of a few, the first when it is not there.
func (s *Section) Word(key string, words ...string) string {
	k := s.ask(key)
	k.As, k.Words, k.Otherwise = AsWord, words, words[0]
	v, line := s.Text(key)
	if v == "" {
		return words[0]
	}
	for _, w := range words {
		if v == w {
			return w
		}
	}
	s.Bad(line, "%q of %s is %q: write one of %s", key, s.What, v, strings.Join(words, ", "))
	return words[0]
}

// Flag is true or false.
func (s *Section) Flag(key string, otherwise bool) bool {
	k := s.ask(key)
	k.As, k.Otherwise = AsFlag, strconv.FormatBool(otherwise)
	v, line := s.Text(key)
	switch v {
	case "":
		return otherwise
	case "true", "false":
		return v == "true"
	}
	s.Bad(line, "%q of %s is %q: write true or false", key, s.What, v)
	return otherwise
}

// Count is a whole number within bounds; otherwise may lie below them, for none.
func (s *Section) Count(key string, otherwise, low, high int) int {
	k := s.ask(key)
	k.As, k.Low, k.High = AsCount, strconv.Itoa(low), strconv.Itoa(high)
	if otherwise >= low {
		k.Otherwise = strconv.Itoa(otherwise)
	}
	v, line := s.Text(key)
	if v == "" {
		return otherwise
	}
	n, err := strconv.Atoi(v)
	if err != nil || n < low || n > high {
		s.Bad(line, "%q of %s is %q: write a whole number from %d to %d", key, s.What, v, low, high)
		return otherwise
	}
	return n
}

// Duration is a time with its unit, as Count.
func (s *Section) Duration(key string, otherwise, low, high time.Duration) time.Duration {
	k := s.ask(key)
	k.As, k.Low, k.High = AsTime, short(low), short(high)
	if otherwise >= low {
		k.Otherwise = short(otherwise)
	}
	v, line := s.Text(key)
	if v == "" {
		return otherwise
	}
	d, err := time.ParseDuration(v)
	if err != nil || d < low || d > high {
		s.Bad(line, "%q of %s is %q: write a time with its unit from %v to %v, such as 5s or 1m30s", key, s.What, v, low, high)
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
func (s *Section) list(key string) ([]ast.Node, int) {
	f := s.take(key)
	if f == nil {
		return nil, s.Line
	}
	switch v := f.value.(type) {
	case *ast.SequenceNode:
		return v.Values, f.line
	case *ast.NullNode:
		return nil, f.line
	}
	return []ast.Node{f.value}, f.line
}

// Sub is a mapping under a key; an empty one when it is not there, so that its readers need no nil check.
func (s *Section) Sub(key string) *Section {
	f, is := s.take(key), s.ask(key)
	is.As = AsGroup
	empty := &Section{src: s.src, What: key + " of " + s.What, Line: s.Line, is: is}
	is.in = empty
	if f == nil {
		return empty
	}
	if _, null := f.value.(*ast.NullNode); null {
		empty.Line = f.line
		return empty
	}
	if m := s.src.mapping(f.value, key+" of "+s.What); m != nil {
		m.Line, m.is, is.in = f.line, is, m
		return m
	}
	return empty
}

// All gives each key of a mapping whose keys are the author's own, such as the keys of a menu; as says what they mean.
func (s *Section) All(as string, each func(key, value string, line int)) {
	s.is.As = as
	for _, f := range s.fields {
		f.read = true
		if v, ok := s.src.scalar(f.value, strconv.Quote(f.key)+" in "+s.What); ok {
			each(f.key, v, f.line)
		}
	}
}

// Rows are the mappings in the list under a key, how many the list has, and its line. keys asks one for its keys, so that they are known
// even where the list is empty.
func (s *Section) Rows(key, what string, keys func(*Section)) (rows []*Section, many, line int) {
	values, line := s.list(key)
	k := s.ask(key)
	k.As, k.in = AsRows, &Section{src: &source{}}
	keys(k.in)
	for _, v := range values {
		if m := s.src.mapping(v, what); m != nil {
			rows = append(rows, m)
		}
	}
	return rows, len(values), line
}

// Trunks are the ids of trunks under a key, and its line.
func (s *Section) Trunks(key string) ([]string, int) {
	trunks, line := s.list(key)
	s.ask(key).As = AsTrunks
	var ids []string
	for _, v := range trunks {
		id, _ := s.src.scalar(v, strconv.Quote(key)+" of "+s.What)
		if strings.Contains(id, ",") {
			s.Bad(line, "%s has a comma in the trunk %q: write a list such as [a, b]", s.What, id)
		}
		ids = append(ids, id)
	}
	return ids, line
}
