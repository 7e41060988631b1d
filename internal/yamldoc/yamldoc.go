// Package yamldoc decodes YAML into Go structs and reports every mistake at once, each with its line: unknown keys, wrong
// types, values out of form. It knows nothing about what the documents mean; callers add their own findings by path.
package yamldoc

import (
	"encoding"
	"errors"
	"fmt"
	"reflect"
	"sort"
	"strconv"
	"strings"
	"time"

	"github.com/goccy/go-yaml/ast"
)

// Problem is one mistake in a document.
type Problem struct {
	File string
	Line int    // from 1; 0 when the mistake has no place
	Path string // "queues[2].ring"
	Text string // a sentence that says what to do
}

// Error is "file:line: path: text".
func (p Problem) Error() string {
	var b strings.Builder
	b.WriteString(p.File)
	if p.Line > 0 {
		b.WriteString(":" + strconv.Itoa(p.Line))
	}
	b.WriteString(": ")
	if p.Path != "" {
		b.WriteString(p.Path + ": ")
	}
	b.WriteString(p.Text)
	return b.String()
}

// Problems are all mistakes of a document, by line.
type Problems []Problem

// Error lists them, one a line.
func (p Problems) Error() string {
	lines := make([]string, 0, len(p))
	for _, x := range p {
		lines = append(lines, x.Error())
	}
	return strings.Join(lines, "\n")
}

// Err is nil for no problems, else the list in the order of lines.
func (p Problems) Err() error {
	if len(p) == 0 {
		return nil
	}
	sort.SliceStable(p, func(i, j int) bool { return p[i].Line < p[j].Line })
	return p
}

// Doc remembers where each path of a decoded document stands.
type Doc struct {
	File     string
	Problems Problems
	lines    map[string]int
}

// Decode reads src into out, a pointer to a struct with `yaml:"name"` tags; fields without a tag are not read. Keys that
// src leaves out keep what out has: defaults are set by filling out first. Fields may be strings, numbers, booleans,
// time.Duration, anything with UnmarshalText, structs, pointers to them, slices, maps by string, and ast.Node (kept as it is).
func Decode(file string, src []byte, out any) *Doc {
	d := &Doc{File: file, lines: map[string]int{}}
	f, err := Parse(src)
	var bad *Syntax
	if errors.As(err, &bad) {
		d.Problems = append(d.Problems, Problem{File: file, Line: bad.Line, Text: "not YAML: " + bad.Text})
		return d
	}
	if len(f.Docs) > 1 {
		d.add(f.Docs[1].Body, "", "one document a file, please: remove the second ---")
	}
	if len(f.Docs) > 0 && f.Docs[0].Body != nil {
		d.value("", f.Docs[0].Body, reflect.ValueOf(out).Elem())
	}
	return d
}

// At adds a finding of the caller's at a path.
func (d *Doc) At(path, format string, args ...any) {
	d.Problems = append(d.Problems, Problem{File: d.File, Line: d.Line(path), Path: path, Text: fmt.Sprintf(format, args...)})
}

// Line is where a path stands, or the nearest thing around it; 0 when nothing is.
func (d *Doc) Line(path string) int {
	for {
		if line, ok := d.lines[path]; ok {
			return line
		}
		cut := strings.LastIndexAny(path, ".[")
		if cut < 0 {
			return 0
		}
		path = path[:cut]
	}
}

func (d *Doc) add(n ast.Node, path, text string) {
	line := 0
	if n != nil && n.GetToken() != nil {
		line = n.GetToken().Position.Line
	}
	d.Problems = append(d.Problems, Problem{File: d.File, Line: line, Path: path, Text: text})
}

// value decodes a node into v by its kind.
func (d *Doc) value(path string, n ast.Node, v reflect.Value) {
	if n.GetToken() != nil {
		d.lines[path] = n.GetToken().Position.Line
	}
	if alias, ok := n.(*ast.AliasNode); ok {
		d.add(alias, path, "aliases are not supported: write the value out")
		return
	}
	if a, ok := n.(*ast.AnchorNode); ok {
		n = a.Value
	}
	if v.Type() == reflect.TypeFor[ast.Node]() {
		v.Set(reflect.ValueOf(n))
		return
	}
	if _, null := n.(*ast.NullNode); null {
		return // an empty value keeps the default
	}
	if v.CanAddr() && v.Type() != reflect.TypeFor[time.Duration]() {
		if u, ok := v.Addr().Interface().(encoding.TextUnmarshaler); ok {
			d.text(path, n, u)
			return
		}
	}
	d.byKind(path, n, v)
}

func (d *Doc) byKind(path string, n ast.Node, v reflect.Value) {
	switch v.Kind() {
	case reflect.Pointer:
		if v.IsNil() {
			v.Set(reflect.New(v.Type().Elem()))
		}
		d.value(path, n, v.Elem())
	case reflect.Struct:
		d.structure(path, n, v)
	case reflect.Map:
		d.mapping(path, n, v)
	case reflect.Slice:
		d.list(path, n, v)
	default:
		d.scalar(path, n, v)
	}
}

// pairs are the entries of a mapping, in order; ok is false when the node is none.
func (d *Doc) pairs(path string, n ast.Node) ([]*ast.MappingValueNode, bool) {
	switch n := n.(type) {
	case *ast.MappingNode:
		return n.Values, true
	case *ast.MappingValueNode:
		return []*ast.MappingValueNode{n}, true
	}
	d.add(n, path, "write keys and values here, as in `key: value`")
	return nil, false
}

func join(path, key string) string {
	if path == "" {
		return key
	}
	return path + "." + key
}

func (d *Doc) structure(path string, n ast.Node, v reflect.Value) {
	pairs, _ := d.pairs(path, n)
	fields := map[string]reflect.Value{}
	collect(v, fields)
	seen := map[string]bool{}
	for _, p := range pairs {
		key := keyOf(p)
		at := join(path, key)
		d.lines[at] = p.Key.GetToken().Position.Line
		field, ok := fields[key]
		switch {
		case !ok:
			d.add(p.Key, at, "unknown key; "+suggest(key, fields))
		case seen[key]:
			d.add(p.Key, at, "written twice; keep one")
		default:
			seen[key] = true
			d.value(at, p.Value, field)
		}
	}
}

// collect finds the tagged fields, those of embedded structs too.
func collect(v reflect.Value, into map[string]reflect.Value) {
	for i := range v.NumField() {
		f := v.Type().Field(i)
		if f.Anonymous && f.Type.Kind() == reflect.Struct {
			collect(v.Field(i), into)
			continue
		}
		if tag, _, _ := strings.Cut(f.Tag.Get("yaml"), ","); tag != "" && tag != "-" {
			into[tag] = v.Field(i)
		}
	}
}

func keyOf(p *ast.MappingValueNode) string {
	return strings.Trim(strings.TrimSpace(p.Key.String()), `"'`)
}

func suggest(key string, fields map[string]reflect.Value) string {
	names := make([]string, 0, len(fields))
	for name := range fields {
		names = append(names, name)
	}
	sort.Strings(names)
	for _, name := range names {
		if near(key, name) {
			return "did you mean " + name + "?"
		}
	}
	return "known here: " + strings.Join(names, ", ")
}

// near is true for names that differ by one letter, or by case, dashes and underscores.
func near(a, b string) bool {
	plain := func(s string) string { return strings.NewReplacer("_", "", "-", "").Replace(strings.ToLower(s)) }
	a, b = plain(a), plain(b)
	if a == b {
		return true
	}
	if len(a) > len(b) {
		a, b = b, a
	}
	if len(b)-len(a) > 1 || len(a) < 3 {
		return false
	}
	i := 0
	for i < len(a) && a[i] == b[i] {
		i++
	}
	if len(a) == len(b) {
		return a[i+1:] == b[i+1:]
	}
	return a[i:] == b[i+1:]
}

func (d *Doc) mapping(path string, n ast.Node, v reflect.Value) {
	pairs, ok := d.pairs(path, n)
	if !ok {
		return
	}
	m := reflect.MakeMap(v.Type())
	for _, p := range pairs {
		at := join(path, keyOf(p))
		d.lines[at] = p.Key.GetToken().Position.Line
		item := reflect.New(v.Type().Elem()).Elem()
		d.value(at, p.Value, item)
		d.lines[at] = p.Key.GetToken().Position.Line
		m.SetMapIndex(reflect.ValueOf(keyOf(p)).Convert(v.Type().Key()), item)
	}
	v.Set(m)
}

func (d *Doc) list(path string, n ast.Node, v reflect.Value) {
	seq, ok := n.(*ast.SequenceNode)
	if !ok {
		d.add(n, path, "write a list here, as in `[a, b]` or lines that begin with `- `")
		return
	}
	items := reflect.MakeSlice(v.Type(), len(seq.Values), len(seq.Values))
	for i, item := range seq.Values {
		d.value(path+"["+strconv.Itoa(i)+"]", item, items.Index(i))
	}
	v.Set(items)
}

// raw is a scalar's text as written, without quotes.
func raw(n ast.Node) (string, bool) {
	switch n := n.(type) {
	case *ast.StringNode:
		return n.Value, true
	case *ast.LiteralNode:
		return n.Value.Value, true
	case *ast.MappingNode, *ast.MappingValueNode, *ast.SequenceNode:
		return "", false
	}
	return n.GetToken().Value, true
}

func (d *Doc) text(path string, n ast.Node, u encoding.TextUnmarshaler) {
	s, ok := raw(n)
	if !ok {
		d.add(n, path, "write one value here, not a list or keys (within braces or brackets put quotes around a value with a colon)")
		return
	}
	if err := u.UnmarshalText([]byte(s)); err != nil {
		d.add(n, path, err.Error())
	}
}

func (d *Doc) scalar(path string, n ast.Node, v reflect.Value) {
	s, ok := raw(n)
	if !ok {
		d.add(n, path, "write one value here, not a list or keys (within braces or brackets put quotes around a value with a colon)")
		return
	}
	var err error
	switch {
	case v.Type() == reflect.TypeFor[time.Duration]():
		var length time.Duration
		if length, err = time.ParseDuration(s); err != nil || length < 0 {
			d.add(n, path, fmt.Sprintf("%q is no duration; write 20s, 5m or 1h30m", s))
			return
		}
		v.SetInt(int64(length))
	case v.Kind() == reflect.String:
		v.SetString(s)
	case v.Kind() == reflect.Bool:
		var b bool
		if b, err = strconv.ParseBool(s); err == nil {
			v.SetBool(b)
		}
	case v.CanInt():
		var i int64
		if i, err = strconv.ParseInt(s, 10, v.Type().Bits()); err == nil {
			v.SetInt(i)
		}
	case v.CanFloat():
		var x float64
		if x, err = strconv.ParseFloat(s, 64); err == nil {
			v.SetFloat(x)
		}
	default:
		err = fmt.Errorf("cannot hold a value")
	}
	if err != nil {
		d.add(n, path, fmt.Sprintf("%q is no %s", s, kindWord(v.Kind())))
	}
}

func kindWord(k reflect.Kind) string {
	switch k {
	case reflect.Bool:
		return "true or false"
	case reflect.Float64, reflect.Float32:
		return "number"
	case reflect.String:
		return "text"
	default:
		return "whole number"
	}
}
