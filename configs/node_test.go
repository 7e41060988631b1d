package configs

import (
	"fmt"
	"reflect"
	"regexp"
	"strings"
	"testing"
)

func TestReferenceIsTheDefaults(t *testing.T) {
	got, err := ParseNode("hotline.yml", Reference)
	if err != nil {
		t.Fatal(err)
	}
	want := Defaults()
	if text(got) != text(want) {
		t.Errorf("the reference file says\n%s\nbut the defaults are\n%s", text(got), text(want))
	}
}

// text tells empty lists and missing ones alike.
func text(n Node) string {
	var b strings.Builder
	walk(reflect.ValueOf(n), "", func(path string, v reflect.Value) {
		if v.Kind() != reflect.Slice || v.Len() > 0 {
			fmt.Fprintf(&b, "%s=%v\n", path, v.Interface())
		}
	})
	return b.String()
}

func TestEveryKeyIsInTheReferenceWithASentence(t *testing.T) {
	lines := map[string]string{}
	section := ""
	for _, line := range strings.Split(string(Reference), "\n") {
		m := regexp.MustCompile(`^( *)([a-z_]+):(.*)$`).FindStringSubmatch(line)
		if m == nil {
			continue
		}
		if m[1] == "" {
			section = m[2]
			lines[m[2]] = m[3]
		} else {
			lines[section+"."+m[2]] = m[3]
		}
	}
	walk(reflect.ValueOf(Defaults()), "", func(path string, _ reflect.Value) {
		line, ok := lines[path]
		if !ok {
			t.Errorf("hotline.yml lacks %s", path)
			return
		}
		if _, sentence, ok := strings.Cut(line, "# "); !ok || len(sentence) < 15 {
			t.Errorf("hotline.yml says too little about %s", path)
		}
	})
}

func TestMistakesAreAllNamedWithTheirLines(t *testing.T) {
	_, err := ParseNode("h.yml", []byte("log:\n  level: loud\nsip:\n  relm: x\n  udp: [nowhere]\nmedia:\n  port_min: 80\n  silence: 0s\ntts:\n  command: [a]\n  url: b\n"))
	if err == nil {
		t.Fatal("nothing found")
	}
	for _, want := range []string{"h.yml:2: log.level", "h.yml:4: sip.relm: unknown key; did you mean realm?", "h.yml:5: sip.udp[0]", "h.yml:7: media.port_min", "h.yml:8: media.silence", "tts: give command or url, not both"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("missing %q in\n%v", want, err)
		}
	}
}

// walk visits the leaves of a configuration by their YAML path.
func walk(v reflect.Value, path string, visit func(string, reflect.Value)) {
	if v.Kind() != reflect.Struct || v.Type().PkgPath() != reflect.TypeFor[Node]().PkgPath() {
		visit(path, v)
		return
	}
	for i := range v.NumField() {
		tag := v.Type().Field(i).Tag.Get("yaml")
		if path != "" {
			tag = path + "." + tag
		}
		walk(v.Field(i), tag, visit)
	}
}
