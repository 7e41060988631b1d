package cdr

import (
	"bufio"
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"testing"
	"time"

	"hotline/call"
)

// noon is when all scenes begin.
var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

// scene reads facts written one a line: seconds since noon, kind, and fields as name=value by their JSON names.
func scene(t testing.TB, text string) []call.Fact {
	t.Helper()
	var facts []call.Fact
	lines := bufio.NewScanner(strings.NewReader(text))
	for lines.Scan() {
		words := strings.Fields(lines.Text())
		if len(words) == 0 || strings.HasPrefix(words[0], "#") {
			continue
		}
		seconds, err := strconv.ParseFloat(words[0], 64)
		if err != nil {
			t.Fatalf("line %q: %v", lines.Text(), err)
		}
		f := call.Fact{Call: "c1", Seq: len(facts) + 1, At: noon.Add(time.Duration(seconds * float64(time.Second))), Kind: call.Kind(words[1])}
		for _, w := range words[2:] {
			name, value, _ := strings.Cut(w, "=")
			if err := setField(&f, name, value); err != nil {
				t.Fatalf("line %q: %v", lines.Text(), err)
			}
		}
		facts = append(facts, f)
	}
	return facts
}

// setField sets a field of a fact by its JSON name; "mos" makes a quality.
func setField(f *call.Fact, name, value string) error {
	if name == "mos" {
		mos, err := strconv.ParseFloat(value, 64)
		f.Quality = &call.Quality{Codec: "PCMA", Received: 100, Sent: 100, MOS: mos}
		return err
	}
	v := reflect.ValueOf(f).Elem()
	for i := range v.NumField() {
		if tag, _, _ := strings.Cut(v.Type().Field(i).Tag.Get("json"), ","); tag != name {
			continue
		}
		switch field := v.Field(i); field.Kind() {
		case reflect.String:
			field.SetString(value)
			return nil
		case reflect.Int:
			n, err := strconv.Atoi(value)
			field.SetInt(int64(n))
			return err
		}
	}
	return fmt.Errorf("no field %q", name)
}
