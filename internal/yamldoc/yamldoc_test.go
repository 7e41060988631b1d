package yamldoc

import (
	"errors"
	"net/netip"
	"strings"
	"testing"
	"time"
)

type queue struct {
	Name string        `yaml:"name"`
	Ring time.Duration `yaml:"ring"`
}

type doc struct {
	Listen  netip.AddrPort    `yaml:"listen"`
	Most    int               `yaml:"most"`
	On      bool              `yaml:"on"`
	Share   float64           `yaml:"share"`
	Queues  []queue           `yaml:"queues"`
	ByName  map[string]queue  `yaml:"by_name"`
	Strings []string          `yaml:"strings"`
	Vars    map[string]string `yaml:"vars"`
	Deep    *queue            `yaml:"deep"`
}

func TestDecodes(t *testing.T) {
	d := doc{Most: 7}
	src := "listen: 127.0.0.1:5060\non: true\nshare: 0.5\nqueues:\n  - name: 退款\n    ring: 20s\n  - {name: \"4008\", ring: 1m}\nby_name:\n  a: {name: x}\nstrings: [1001, b]\nvars: {n: 0755}\ndeep:\n  name: y\n"
	got := Decode("x.yml", []byte(src), &d)
	if err := got.Problems.Err(); err != nil {
		t.Fatal(err)
	}
	if d.Most != 7 || !d.On || d.Share != 0.5 || d.Listen.Port() != 5060 {
		t.Errorf("scalars: %+v", d)
	}
	if len(d.Queues) != 2 || d.Queues[0].Name != "退款" || d.Queues[0].Ring != 20*time.Second || d.Queues[1].Name != "4008" {
		t.Errorf("queues: %+v", d.Queues)
	}
	if d.ByName["a"].Name != "x" || d.Strings[0] != "1001" || d.Vars["n"] != "0755" || d.Deep.Name != "y" {
		t.Errorf("maps and lists: %+v", d)
	}
	if line := got.Line("queues[1].ring"); line != 7 {
		t.Errorf("queues[1].ring stands on line %d, want 7", line)
	}
	if line := got.Line("queues[1].nothing"); line != 7 {
		t.Errorf("what stands around queues[1].nothing: line %d, want 7", line)
	}
}

func TestAllMistakesAtOnce(t *testing.T) {
	src := "lsten: x\nmost: many\non: perhaps\nqueues:\n  - name: a\n    ring: soon\n    rnig: 2s\nstrings: 5\nlisten: nowhere\nmost: 3\n"
	var d doc
	err := Decode("x.yml", []byte(src), &d).Problems.Err()
	if err == nil {
		t.Fatal("no mistake found")
	}
	for _, want := range []string{
		"x.yml:1: lsten: unknown key; did you mean listen?",
		`x.yml:2: most: "many" is no whole number`,
		`x.yml:3: on: "perhaps" is no true or false`,
		`x.yml:6: queues[0].ring: "soon" is no duration; write 20s, 5m or 1h30m`,
		"x.yml:7: queues[0].rnig: unknown key; known here: name, ring",
		"x.yml:8: strings: write a list here",
		"x.yml:9: listen: ",
		"x.yml:10: most: ",
	} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("missing %q in:\n%v", want, err)
		}
	}
}

func TestNotYAML(t *testing.T) {
	var d doc
	err := Decode("x.yml", []byte("a: b: c\n  - d"), &d).Problems.Err()
	if err == nil || !strings.Contains(err.Error(), "x.yml:1: not YAML") {
		t.Errorf("got %v", err)
	}
}

// The parser is recursive and its errors print the source: neither may be left to whoever wrote the file.
func TestHostileFiles(t *testing.T) {
	for _, c := range []struct {
		name, src, want string
	}{
		{"brackets", "a: 1\nb: " + strings.Repeat("[", 100_000), "x.yml:2: not YAML: brackets or lists are nested more than 32 deep"},
		{"lists", strings.Repeat("- ", 50_000), "x.yml:1: not YAML: brackets or lists are nested"},
		{"open list", "a: [" + strings.Repeat("a,", 10_000), "x.yml:1: not YAML: "},
		{"alias", "listen: *a\n", "x.yml:1: listen: aliases are not supported"},
		{"two documents", "most: 1\n---\nmost: 2\n", "x.yml:3: one document a file, please"},
	} {
		var d doc
		err := Decode("x.yml", []byte(c.src), &d).Problems.Err()
		if err == nil || !strings.Contains(err.Error(), c.want) || len(err.Error()) > 300 {
			t.Errorf("%s: got %.300v, want %s, shortly", c.name, err, c.want)
		}
	}
}

func TestSyntaxKnowsItsLine(t *testing.T) {
	_, err := Parse([]byte("a: 1\nb: \"open\n"))
	var s *Syntax
	if !errors.As(err, &s) || s.Line != 2 || s.Text == "" {
		t.Errorf("got %+v, want line 2", err)
	}
	if _, err := Parse([]byte("a: 1\na: 2\n")); err != nil {
		t.Errorf("a key written twice: got %v, want it left to the caller", err)
	}
}

// What no document says stays as it was; what it says wrongly stays so too.
func TestDefaultsSurviveMistakes(t *testing.T) {
	d := doc{Most: 7, Share: 0.25, Deep: &queue{Name: "kept", Ring: time.Minute}}
	src := "most: lots\nshare:\ndeep:\n  ring: -1s\nqueues: {}\nvars: [a]\n"
	err := Decode("x.yml", []byte(src), &d).Problems.Err()
	if d.Most != 7 || d.Share != 0.25 || d.Deep.Name != "kept" || d.Deep.Ring != time.Minute {
		t.Errorf("got %+v, %+v", d, d.Deep)
	}
	for _, want := range []string{"x.yml:1: most", "x.yml:4: deep.ring", "x.yml:5: queues: write a list", "x.yml:6: vars: write keys and values"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}

func TestFindingsOfTheCaller(t *testing.T) {
	var d doc
	got := Decode("x.yml", []byte("queues:\n  - name: a\n"), &d)
	got.At("queues[0].ring", "must be at least %d s", 5)
	got.At("nowhere", "is missing")
	err := got.Problems.Err()
	if want := "x.yml: nowhere: is missing\nx.yml:2: queues[0].ring: must be at least 5 s"; err == nil || err.Error() != want {
		t.Errorf("got %v\nwant %s", err, want)
	}
}

func TestSuggestions(t *testing.T) {
	for _, c := range []struct{ key, want string }{
		{"Most", "did you mean most?"},
		{"by-name", "did you mean by_name?"},
		{"quees", "did you mean queues?"},
		{"zz", "known here: by_name, deep, listen, most, on, queues, share, strings, vars"},
	} {
		var d doc
		err := Decode("x.yml", []byte(c.key+": 1\n"), &d).Problems.Err()
		if err == nil || !strings.HasSuffix(err.Error(), "unknown key; "+c.want) {
			t.Errorf("%s: got %v, want %s", c.key, err, c.want)
		}
	}
}

func FuzzDecode(f *testing.F) {
	f.Add([]byte("queues: [{name: a, ring: 2s}]"))
	f.Add([]byte("by_name: &a {x: *a}"))
	f.Fuzz(func(_ *testing.T, src []byte) {
		var d doc
		_ = Decode("x.yml", src, &d).Problems.Err()
	})
}
