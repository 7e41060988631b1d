package archtest

import (
	"cmp"
	"flag"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write web/licences/program.txt anew")

// carried is what comes into the program with a module and has terms of its own.
var carried = map[string]string{
	"github.com/mattn/go-sqlite3":     "SQLite is part of it, and in the public domain (https://www.sqlite.org/copyright.html).",
	"github.com/nyaruka/phonenumbers": "Its data is libphonenumber's, under the Apache License 2.0, whose text is below.",
}

// The licence texts of all that is built into the program are shipped with it, and are those of go.mod.
func TestLicences(t *testing.T) {
	texts := map[string][]string{} // the parts by their text
	for part, text := range licences(t) {
		texts[text] = append(texts[text], part)
	}
	var b strings.Builder
	b.WriteString("Hotline is built of the following parts. Each line names one with its version; the terms of those above a text are that text.\n")
	for text, parts := range texts {
		slices.Sort(parts)
		texts[text] = parts
	}
	order := slices.SortedFunc(maps.Keys(texts), func(x, y string) int { return cmp.Compare(texts[x][0], texts[y][0]) })
	for _, text := range order {
		fmt.Fprintf(&b, "\n%s\n\n%s\n\n%s\n", strings.Repeat("=", 80), strings.Join(texts[text], "\n"), text)
	}
	file := filepath.Join("..", "..", "web", "licences", "program.txt")
	if *update {
		if err := os.WriteFile(file, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if got, err := os.ReadFile(file); err != nil || string(got) != b.String() {
		t.Errorf("web/licences/program.txt is not of go.mod: `make licences` (%v)", err)
	}
}

// licences are the texts by part, "path version".
func licences(t *testing.T) map[string]string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "go", "list", "-deps", "-f", "{{with .Module}}{{if not .Main}}{{.Path}} {{.Version}}|{{.Dir}}{{end}}{{end}}|{{.Dir}}", "./cmd/hotline")
	cmd.Dir = filepath.Join("..", "..")
	cmd.Env = append(os.Environ(), "GOOS=linux", "GOARCH=amd64", "CGO_ENABLED=1") // what is built in differs between systems
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("list what the program is built of: %v", err)
	}
	folders := map[string][]string{} // of licences, by part
	for line := range strings.Lines(string(out)) {
		parts := strings.Split(strings.TrimSpace(line), "|")
		if len(parts) != 3 {
			continue // our own, or the standard library's
		}
		for dir := parts[2]; strings.HasPrefix(dir, parts[1]); dir = filepath.Dir(dir) {
			if !slices.Contains(folders[parts[0]], dir) {
				folders[parts[0]] = append(folders[parts[0]], dir)
			}
		}
	}
	all := map[string]string{"Go standard library": licenceIn(t, goRoot(t))}
	for part, dirs := range folders {
		slices.Sort(dirs) // the module's own first
		var texts []string
		for _, dir := range dirs {
			if text := licenceIn(t, dir); text != "" {
				texts = append(texts, text)
			}
		}
		if len(texts) == 0 {
			t.Errorf("%s has no licence", part)
		}
		path, _, _ := strings.Cut(part, " ")
		if more := carried[path]; more != "" {
			texts = append(texts, more)
		}
		all[part] = strings.Join(texts, "\n\n")
	}
	return all
}

var isLicence = regexp.MustCompile(`(?i)^(licen[cs]e|copying|notice|patents)(\.(md|txt))?$`)

// licenceIn is the text of the licence that a folder has; "" when it has none.
func licenceIn(t *testing.T, dir string) string {
	t.Helper()
	files, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var texts []string
	for _, f := range files {
		if f.IsDir() || !isLicence.MatchString(f.Name()) {
			continue
		}
		text, err := os.ReadFile(filepath.Join(dir, f.Name()))
		if err != nil {
			t.Fatal(err)
		}
		texts = append(texts, strings.TrimSpace(strings.ReplaceAll(string(text), "\r\n", "\n")))
	}
	return strings.Join(texts, "\n\n")
}

func goRoot(t *testing.T) string {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), "go", "env", "GOROOT").Output()
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(out))
}
