package web

import (
	"io/fs"
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// deskBudget is what an agent's page may weigh when it is first opened, gzip -9, in octets: 450 KB.
const deskBudget = 450 << 10

var (
	partOf  = regexp.MustCompile(`(?:src|href)="(/assets/[^"]+)"`)
	imports = regexp.MustCompile(`(?:from|import)\s*["'](\./[^"']+\.js)["']`)
)

// The agent's page is there soon also in an office on a thin line: everything that it needs before it can be worked with is counted.
func TestDeskFitsItsBudget(t *testing.T) {
	p, err := New()
	if err != nil {
		t.Fatal(err)
	}
	found := fs.FS(dist)
	desk, _ := fs.Glob(found, "dist/assets/desk-*.js")
	if len(desk) == 0 {
		t.Skip("the pages are not built: `make web` does")
	}
	need := map[string]bool{"/index.html": true}
	for _, m := range partOf.FindAllStringSubmatch(string(p.index.plain), -1) {
		need[m[1]] = true
	}
	var follow func(name string)
	follow = func(name string) {
		need[name] = true
		for _, m := range imports.FindAllStringSubmatch(string(p.files[name].plain), -1) {
			if next := path.Join("/assets", m[1]); !need[next] {
				follow(next)
			}
		}
	}
	for _, name := range desk {
		follow(strings.TrimPrefix(name, "dist"))
	}
	for _, name := range slices.Sorted(maps.Keys(need)) {
		if strings.HasSuffix(name, ".js") {
			follow(name)
		}
	}
	chinese, _ := fs.Glob(found, "dist/assets/zh-*.js")
	if len(chinese) == 0 {
		t.Error("the words of one language are not found")
	}
	for _, name := range chinese { // English has as many
		follow(strings.TrimPrefix(name, "dist"))
	}
	total := 0
	weigh := func(name string) int {
		f := p.files[name]
		if f.packed != nil {
			return len(f.packed)
		}
		return len(f.plain)
	}
	heaviest := slices.SortedFunc(maps.Keys(need), func(a, b string) int { return weigh(b) - weigh(a) })
	for _, name := range heaviest {
		total += weigh(name)
	}
	t.Logf("the desk is %d octets in %d files", total, len(need))
	for _, name := range heaviest[:min(10, len(heaviest))] {
		t.Logf("%8d %s", weigh(name), name)
	}
	if total > deskBudget {
		t.Errorf("the desk is %d octets, want %d at most: load what it does not begin with lazily", total, deskBudget)
	}
}
