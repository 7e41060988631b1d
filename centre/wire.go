package centre

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"

	"hotline/internal/yamldoc"
)

// Field is one key of an item as data.yml writes it.
type Field struct {
	Name  string
	Index []int // of the struct's field, as reflect wants it
	Type  reflect.Type
}

// Fields are the keys that a struct with yaml tags has, those of embedded structs too.
func Fields(t reflect.Type) []Field {
	var all []Field
	for i := range t.NumField() {
		f := t.Field(i)
		if f.Anonymous && f.Type.Kind() == reflect.Struct {
			for _, inner := range Fields(f.Type) {
				inner.Index = append([]int{i}, inner.Index...)
				all = append(all, inner)
			}
			continue
		}
		if name, _, _ := strings.Cut(f.Tag.Get("yaml"), ","); name != "" && name != "-" {
			all = append(all, Field{name, []int{i}, f.Type})
		}
	}
	return all
}

// IsTime is true for the type of values that are written like 90s or 5m.
func IsTime(t reflect.Type) bool { return t == reflect.TypeFor[time.Duration]() }

// encode is an item in the words of data.yml.
func encode(item any) (json.RawMessage, error) {
	text, err := json.Marshal(whole(reflect.ValueOf(item)))
	if err != nil {
		return nil, fmt.Errorf("write an item: %w", err)
	}
	return text, nil
}

// write is a value in the words of data.yml, to be made JSON; nil where the key is left out.
func write(v reflect.Value) any {
	if v.IsZero() {
		return nil
	}
	if IsTime(v.Type()) {
		return shortTime(time.Duration(v.Int()))
	}
	switch v.Kind() {
	case reflect.Pointer:
		if v.Elem().IsZero() {
			return map[string]any{} // that it is there says something
		}
		return write(v.Elem())
	case reflect.Struct:
		all := map[string]any{}
		for _, f := range Fields(v.Type()) {
			if x := write(v.FieldByIndex(f.Index)); x != nil {
				all[f.Name] = x
			}
		}
		return all
	case reflect.Slice:
		all := make([]any, v.Len())
		for i := range all {
			all[i] = whole(v.Index(i))
		}
		return all
	case reflect.Map:
		all := map[string]any{}
		for _, key := range v.MapKeys() {
			all[key.String()] = whole(v.MapIndex(key))
		}
		return all
	default:
		return v.Interface()
	}
}

// whole is write for what stands in a list or a mapping, where nothing may be left out.
func whole(v reflect.Value) any {
	if x := write(v); x != nil {
		return x
	}
	if v.Kind() == reflect.Struct || v.Kind() == reflect.Map {
		return map[string]any{}
	}
	return v.Interface()
}

// shortTime prints 1m and not 1m0s.
func shortTime(d time.Duration) string {
	s := d.String()
	if strings.HasSuffix(s, "m0s") {
		s = strings.TrimSuffix(s, "0s")
	}
	if strings.HasSuffix(s, "h0m") {
		s = strings.TrimSuffix(s, "0m")
	}
	return s
}

// reader reads JSON in the words of data.yml and gathers all that is wrong with it.
type reader struct{ problems yamldoc.Problems }

func (r *reader) bad(path, format string, args ...any) {
	r.problems = append(r.problems, yamldoc.Problem{Path: path, Text: fmt.Sprintf(format, args...)})
}

// read decodes an item into out, a pointer to a struct with yaml tags.
func read(src json.RawMessage, out any) yamldoc.Problems {
	var r reader
	r.value("", src, reflect.ValueOf(out).Elem())
	return r.problems
}

func (r *reader) value(path string, src json.RawMessage, v reflect.Value) {
	if bytes.Equal(bytes.TrimSpace(src), []byte("null")) {
		return // like a key that is left out
	}
	if IsTime(v.Type()) {
		r.time(path, src, v)
		return
	}
	switch v.Kind() {
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		r.value(path, src, v.Elem())
	case reflect.Struct:
		r.structure(path, src, v)
	case reflect.Slice:
		r.list(path, src, v)
	case reflect.Map:
		r.mapping(path, src, v)
	default:
		if err := json.Unmarshal(src, v.Addr().Interface()); err != nil {
			r.bad(path, "write %s here, not %s", wanted[v.Kind()], short(src))
		}
	}
}

// wanted says what a value should be.
var wanted = map[reflect.Kind]string{
	reflect.String: "a text", reflect.Bool: "true or false", reflect.Int: "a whole number", reflect.Int64: "a whole number", reflect.Float64: "a number",
}

func short(src json.RawMessage) string {
	if len(src) > 40 {
		return string(src[:40]) + "..."
	}
	return string(src)
}

func (r *reader) time(path string, src json.RawMessage, v reflect.Value) {
	var text string
	err := json.Unmarshal(src, &text)
	if err == nil && text == "" {
		return
	}
	d, err2 := time.ParseDuration(text)
	if err != nil || err2 != nil {
		r.bad(path, "write a time such as 20s, 5m or 1h30m, not %s", short(src))
		return
	}
	v.SetInt(int64(d))
}

func (r *reader) structure(path string, src json.RawMessage, v reflect.Value) {
	var given map[string]json.RawMessage
	if json.Unmarshal(src, &given) != nil {
		r.bad(path, "write keys and values here, not %s", short(src))
		return
	}
	fields := Fields(v.Type())
	for _, f := range fields {
		if one, ok := given[f.Name]; ok {
			r.value(join(path, f.Name), one, v.FieldByIndex(f.Index))
			delete(given, f.Name)
		}
	}
	for _, name := range sorted(given) {
		var known []string
		for _, f := range fields {
			known = append(known, f.Name)
		}
		r.bad(join(path, name), "unknown key; known here: %s", strings.Join(known, ", "))
	}
}

func (r *reader) list(path string, src json.RawMessage, v reflect.Value) {
	var given []json.RawMessage
	if json.Unmarshal(src, &given) != nil {
		r.bad(path, "write a list here, not %s", short(src))
		return
	}
	if len(given) == 0 {
		return
	}
	items := reflect.MakeSlice(v.Type(), len(given), len(given))
	for i, one := range given {
		r.value(fmt.Sprintf("%s[%d]", path, i), one, items.Index(i))
	}
	v.Set(items)
}

func (r *reader) mapping(path string, src json.RawMessage, v reflect.Value) {
	var given map[string]json.RawMessage
	if json.Unmarshal(src, &given) != nil {
		r.bad(path, "write keys and values here, not %s", short(src))
		return
	}
	if len(given) == 0 {
		return
	}
	m := reflect.MakeMap(v.Type())
	for _, key := range sorted(given) {
		item := reflect.New(v.Type().Elem()).Elem()
		r.value(join(path, key), given[key], item)
		m.SetMapIndex(reflect.ValueOf(key).Convert(v.Type().Key()), item)
	}
	v.Set(m)
}

func sorted(m map[string]json.RawMessage) []string {
	keys := make([]string, 0, len(m))
	for key := range m {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return keys
}

func join(path, key string) string {
	if path == "" {
		return key
	}
	return path + "." + key
}
