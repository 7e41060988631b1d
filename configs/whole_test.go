package configs

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestWhichFileItIs(t *testing.T) {
	for src, want := range map[string]bool{
		"data: var\n": true, "# a comment\n\nsip:\n  realm: x\n": true, "numbers:\n  prefixes: p.csv\nlog: {}\n": true, "": true, "nonsense": true,
		"trunks: []\n": false, "numbers: [{number: 1}]\n": false, "numbers:\n  - number: 1\n    flow: x\nqueues: []\n": false,
		"numbers:\n  - {number: 1, flow: x}\n": false,
		"numbers: {prefixes: p.csv}\n":         true, "flows: [a.yml]": false,
	} {
		if got := isNode(src); got != want {
			t.Errorf("%q: got %v, want %v", src, got, want)
		}
	}
}

func TestCheckFollowsTheSeed(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	write("main.yml", smallFlow)
	narrow := strings.Replace(sound, "steps: [{queue: q}]", "regions: [广东], steps: [{queue: q}]", 1)
	data, node := write("data.yml", narrow), write("hotline.yml", "seed: data.yml\n")
	for _, file := range []string{data, node} {
		warnings, err := Check(file)
		if err != nil || !strings.Contains(strings.Join(warnings, "\n"), "data.yml:4: warning: no rule applies to every call") {
			t.Errorf("%s: got %q, %v", file, warnings, err)
		}
	}
	write("data.yml", strings.Replace(narrow, "flow: main}", "flow: no}", 1))
	if _, err := Check(node); err == nil || !strings.Contains(err.Error(), "data.yml:3") {
		t.Errorf("got %v, want the mistake in the seed", err)
	}
	if _, err := Check(write("hotline.yml", "log: {level: loud}\n")); err == nil || !strings.Contains(err.Error(), "hotline.yml:1: log.level") {
		t.Errorf("got %v", err)
	}
	if warnings, err := Check(write("hotline.yml", "data: var\n")); err != nil || warnings != nil {
		t.Errorf("a node without a seed: %q, %v", warnings, err)
	}
	if _, err := Check(filepath.Join(dir, "none.yml")); err == nil {
		t.Error("a file that is not there is well")
	}
}
