package archtest

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// pages are the documents that must be there, from the root of the module.
var pages = []string{
	"README.md", "CONTRIBUTING.md", "docs/1-start.md", "docs/2-trunks-and-numbers.md", "docs/3-flows.md", "docs/4-queues.md",
	"docs/5-agents-and-phones.md", "docs/6-recordings.md", "docs/7-records-and-tickets.md", "docs/9-operate.md", "docs/10-design.md",
	"docs/dependencies.md", "docs/protocols/README.md",
}

func read(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "..", filepath.FromSlash(name)))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// documents are all pages of the project by name; the numbered ones are known to be among them.
func documents(t *testing.T) map[string]string {
	t.Helper()
	all := map[string]string{}
	for _, name := range pages {
		all[name] = read(t, name)
	}
	more, err := filepath.Glob(filepath.Join("..", "..", "docs", "protocols", "*.md"))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range more {
		name := "docs/protocols/" + filepath.Base(file)
		all[name] = read(t, name)
	}
	return all
}

// Short pages stay short.
func TestPagesAreShort(t *testing.T) {
	for name, most := range map[string]int{"README.md": 70, "CONTRIBUTING.md": 60} {
		if lines := strings.Count(read(t, name), "\n"); lines > most {
			t.Errorf("%s has %d lines; it may have %d", name, lines, most)
		}
	}
}

var (
	link    = regexp.MustCompile(`\]\(([^)\s]+)\)`)
	heading = regexp.MustCompile(`(?m)^#+ +(.+?) *$`)
	// fence is a block that is shown as it is.
	fence   = regexp.MustCompile("(?ms)^```.*?^```")
	notWord = regexp.MustCompile(`[^\p{L}\p{N} _-]`)
)

// anchors are the names by which a page's headings are linked to.
func anchors(text string) []string {
	var all []string
	for _, m := range heading.FindAllStringSubmatch(fence.ReplaceAllString(text, ""), -1) {
		all = append(all, strings.ReplaceAll(notWord.ReplaceAllString(strings.ToLower(m[1]), ""), " ", "-"))
	}
	return all
}

// Every relative link leads to a file that is there and, where it names one, to a heading of it.
func TestLinksResolve(t *testing.T) {
	for name, text := range documents(t) {
		for _, m := range link.FindAllStringSubmatch(fence.ReplaceAllString(text, ""), -1) {
			if strings.Contains(m[1], "://") || strings.HasPrefix(m[1], "mailto:") {
				continue
			}
			file, part, _ := strings.Cut(m[1], "#")
			target := name
			if file != "" {
				target = filepath.ToSlash(filepath.Join(filepath.Dir(name), filepath.FromSlash(file)))
			}
			if _, err := os.Stat(filepath.Join("..", "..", filepath.FromSlash(target))); err != nil {
				t.Errorf("%s links to %s, which is not there", name, m[1])
				continue
			}
			if part != "" && !slices.Contains(anchors(read(t, target)), part) {
				t.Errorf("%s links to %s, but %s has no such heading; it has %v", name, m[1], target, anchors(read(t, target)))
			}
		}
	}
}

var required = regexp.MustCompile(`(?m)^(?:require)?\s+([a-z0-9.-]+\.[a-z]+/\S+) v\S+( // indirect)?$`)

// Every direct dependency has its line, and every line its dependency.
func TestDependenciesAreDocumented(t *testing.T) {
	text := read(t, "docs/dependencies.md")
	var direct []string
	for _, m := range required.FindAllStringSubmatch(read(t, "go.mod"), -1) {
		if m[2] != "" {
			continue
		}
		direct = append(direct, m[1])
		if !strings.Contains(text, "| `"+m[1]+"` |") {
			t.Errorf("docs/dependencies.md says nothing about %s", m[1])
		}
	}
	if len(direct) == 0 {
		t.Fatal("go.mod could not be read")
	}
	for _, m := range regexp.MustCompile("(?m)^\\| `([^`]+)` \\|").FindAllStringSubmatch(text, -1) {
		if !slices.Contains(direct, m[1]) {
			t.Errorf("docs/dependencies.md has a line about %s, which go.mod does not ask for", m[1])
		}
	}
}

// Every section of hotline.yml is spoken of in the documents.
func TestSettingsAreDocumented(t *testing.T) {
	var text strings.Builder
	for name, page := range documents(t) {
		if strings.HasPrefix(name, "docs/") {
			text.WriteString(page)
		}
	}
	keys := regexp.MustCompile(`(?m)^([a-z_]+):`).FindAllStringSubmatch(read(t, "configs/hotline.yml"), -1)
	if len(keys) == 0 {
		t.Fatal("configs/hotline.yml has no keys")
	}
	for _, m := range keys {
		// as in `sip.udp`, "sip: {...}", "    sip:" or `tickets`
		if !regexp.MustCompile("(?m)(`|^ *)" + m[1] + "(\\.|:|`)").MatchString(text.String()) {
			t.Errorf("no document speaks of the key %s of hotline.yml", m[1])
		}
	}
}

// commands are the subcommands of the program, taken from the fields of its struct cli; those below them as "user add".
func commands(t *testing.T) map[string]bool {
	t.Helper()
	all := map[string]bool{}
	main := read(t, "cmd/hotline/main.go")
	_, body, found := strings.Cut(main, "type cli struct {")
	body, _, closed := strings.Cut(body, "\n}")
	if !found || !closed {
		t.Fatal("cmd/hotline/main.go has no struct cli")
	}
	field := regexp.MustCompile("(?m)^\\t(\\w+)\\s+(\\w+)\\s+`cmd:")
	tools := ""
	files, err := filepath.Glob(filepath.Join("..", "..", "cmd", "hotline", "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		tools += read(t, "cmd/hotline/"+filepath.Base(file))
	}
	for _, m := range field.FindAllStringSubmatch(body, -1) {
		name := strings.ToLower(m[1])
		all[name] = true
		if _, sub, ok := strings.Cut(tools, "type "+m[2]+" struct {"); ok {
			sub, _, _ = strings.Cut(sub, "\n}")
			for _, n := range field.FindAllStringSubmatch(sub, -1) {
				all[name+" "+strings.ToLower(n[1])] = true
			}
		}
	}
	return all
}

// used finds a command in a document: "bin/hotline call", "    hotline backup", or "`hotline replay".
var used = regexp.MustCompile("(?m)(?:bin/hotline|/usr/local/bin/hotline|`hotline|^ +hotline) ([a-z]+)(?: ([a-z]+))?")

// Every command that a document names exists, and every command is named.
func TestCommandsExist(t *testing.T) {
	known := commands(t)
	if !known["serve"] || !known["user add"] {
		t.Fatalf("commands not found in cmd/hotline: %v", known)
	}
	parents := map[string]bool{}
	for name := range known {
		if parent, _, below := strings.Cut(name, " "); below {
			parents[parent] = true
		}
	}
	seen := map[string]bool{}
	for name, text := range documents(t) {
		for _, m := range used.FindAllStringSubmatch(text, -1) {
			command := m[1]
			if parents[command] {
				command += " " + m[2]
			}
			seen[command], seen[m[1]] = true, true
			if !known[command] {
				t.Errorf("%s names the command %q, which does not exist", name, "hotline "+command)
			}
		}
	}
	for command := range known {
		if !seen[command] {
			t.Errorf("no document names the command %q", "hotline "+command)
		}
	}
}

// Every type of node that a flow may have is described, and has its words on the pages.
func TestNodesAreDescribed(t *testing.T) {
	text, words := read(t, "docs/3-flows.md"), read(t, "web/src/i18n/kinds.zh.ts")
	kinds := regexp.MustCompile(`(?m)^\t"(\w+)":\s+read\w+,`).FindAllStringSubmatch(read(t, "ivr/kinds.go"), -1)
	if len(kinds) == 0 {
		t.Fatal("ivr/kinds.go names no nodes")
	}
	for _, m := range kinds {
		if !strings.Contains(text, "\n### "+m[1]+"\n") || !strings.Contains(text, "type: "+m[1]) {
			t.Errorf("docs/3-flows.md does not describe the node %s with an example", m[1])
		}
		if !strings.Contains(words, "    "+m[1]+": '") {
			t.Errorf("web/src/i18n/kinds.zh.ts has no word for the node %s", m[1])
		}
	}
}
