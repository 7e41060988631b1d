package centre

import (
	"encoding/json"
	"io/fs"
	"reflect"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"hotline/configs"
)

// files are texts by name.
type files map[string]string

func (f files) fs() fs.FS {
	all := fstest.MapFS{}
	for name, text := range f {
		all[name] = &fstest.MapFile{Data: []byte(text)}
	}
	return all
}

// full is an item with every field filled in.
func full(t reflect.Type) reflect.Value {
	v := reflect.New(t).Elem()
	switch {
	case IsTime(t):
		v.SetInt(int64(90 * time.Second))
	case t.Kind() == reflect.Pointer:
		v.Set(reflect.New(t.Elem()))
		v.Elem().Set(full(t.Elem()))
	case t.Kind() == reflect.Struct:
		for _, f := range Fields(t) {
			v.FieldByIndex(f.Index).Set(full(f.Type))
		}
	case t.Kind() == reflect.Slice:
		v.Set(reflect.Append(v, full(t.Elem())))
	case t.Kind() == reflect.Map:
		v.Set(reflect.MakeMap(t))
		v.SetMapIndex(reflect.ValueOf("k").Convert(t.Key()), full(t.Elem()))
	case t.Kind() == reflect.String:
		v.SetString("x")
	case t.Kind() == reflect.Bool:
		v.SetBool(true)
	default:
		v.SetInt(7)
	}
	return v
}

// Whatever an item has comes back as it was: a field of a type that the wire does not know would be lost here.
func TestEveryFieldTravels(t *testing.T) {
	for _, zero := range []any{
		configs.Trunk{}, configs.Number{}, configs.Route{}, configs.Queue{}, configs.Person{}, configs.Phone{}, configs.Calendar{}, configs.Callers{},
		configs.Outside{}, configs.FlowSource{},
	} {
		want := full(reflect.TypeOf(zero))
		wire, err := encode(want.Interface())
		if err != nil {
			t.Fatal(err)
		}
		got := reflect.New(want.Type())
		if problems := read(wire, got.Interface()); len(problems) > 0 {
			t.Errorf("%T: %v", zero, problems)
		}
		if !reflect.DeepEqual(got.Elem().Interface(), want.Interface()) {
			t.Errorf("%T: got %+v, want %+v by %s", zero, got.Elem(), want, wire)
		}
	}
}

func TestTimesAreShort(t *testing.T) {
	for d, want := range map[time.Duration]string{time.Minute: "1m", time.Hour: "1h", 90 * time.Second: "1m30s", 10 * time.Hour: "10h", 20 * time.Minute: "20m", time.Millisecond: "1ms"} {
		if got := shortTime(d); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

func TestTextsAreCompared(t *testing.T) {
	before := "a\nb\nc\nd\ne\nf\ng\nh\ni\n"
	after := "a\nb\nc\nd\nX\nf\ng\nh\ni\nj\n"
	var got []string
	for _, l := range textDiff(before, after) {
		got = append(got, l.Sign+l.Text)
	}
	want := []string{"", " b", " c", " d", "-e", "+X", " f", " g", " h", " i", "+j"}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	if got := textDiff("", "a\n"); len(got) != 1 || got[0] != (TextLine{"+", "a"}) {
		t.Errorf("got %v", got)
	}
	long := strings.Repeat("x\n", mostLines+1)
	if got := textDiff(long, "y\n"); len(got) != mostLines+2 {
		t.Errorf("got %d lines", len(got))
	}
}

func FuzzRead(f *testing.F) {
	f.Add(`{"id":"t1","targets":[{"address":"x"}],"register":{},"options_every":"20s","per_day":{"calls":1}}`)
	f.Add(`{"targets":{}}`)
	f.Add(`[1`)
	f.Fuzz(func(t *testing.T, src string) {
		var one configs.Trunk
		if problems := read(json.RawMessage(src), &one); len(problems) > 0 {
			return
		}
		wire, err := encode(one)
		if err != nil {
			t.Fatal(err)
		}
		var again configs.Trunk
		if problems := read(wire, &again); len(problems) > 0 {
			t.Errorf("%s is not read again: %v", wire, problems)
		}
	})
}
