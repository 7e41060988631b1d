// Package archtest holds the code to docs/10-design.md: who may import whom, where the clock, the database and sleeping
// may be used. A package that is not listed here fails the build: it gets a place before it gets code.
package archtest

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// layers, lowest first. A package may import packages of lower layers only, and those of its own layer that
// sideways names.
var layers = [][]string{
	{"internal/mailbox", "internal/yamldoc", "number", "media/codec", "media/tone", "media/rtp", "media/dtmf", "media/jitter", "media/mix", "media/srtp", "media/socket",
		"media/opus", "ivr/spoken", "ivr/variable", "sip/transport/guard", "internal/testkit/impair", "internal/testkit/dns"},
	{"hours", "ivr/form", "mask", "toll", "alarm", "media/sdp", "media/wav", "media/convert", "media/tape", "sip/message", "sip/transport", "sip/resolve", "sip/digest"},
	{"route", "ivr", "queue", "sip/transaction", "sip/dialog"},
	{"queue/dispatch", "ivr/lint", "ivr/rehearsal", "tts", "call", "media", "sip/session", "sip/registrar", "sip/registration", "sip/event", "sip/trunk", "sip/ladder"},
	{"recording", "sip/ua", "agentphone", "prompt"},
	{"switchboard"},
	{"cdr", "ticket", "callback", "floor", "report", "webhook", "account"},
	{"configs", "internal/testkit"},
	{"store", "hardware", "cluster", "store/storetest"},
	{"centre"},
	{"api/gate"},
	{"api/access", "api/records", "api/events", "api/settings", "api/machine"},
	{"api/live"},
	{"api", "web", "node/datadir"},
	{"node"},
	{"cmd/hotline", "internal/archtest", "internal/e2e"},
}

// sideways are the imports within one layer that are meant.
var sideways = map[string][]string{
	"media/dtmf":       {"media/rtp", "media/tone"},
	"media/mix":        {"media/tone"},
	"media/jitter":     {"media/rtp"},
	"media/rtp":        {"media/codec"},
	"media/tone":       {"media/codec"},
	"media/wav":        {"media/codec"},
	"sip/registration": {"sip/registrar"}, // its tests register with it
	"store/storetest":  {"store"},
	"ticket":           {"cdr", "account"},
	"report":           {"cdr"},
	"callback":         {"cdr"},
	"api":              {"web"},
}

// walls are pairs that never see each other, whatever their layers.
var walls = []struct{ from, to, why string }{
	{"sip/transport", "media", "sip never sees media"},
	{"sip/message", "media", "sip never sees media"},
	{"sip/transaction", "media", "sip never sees media"},
	{"sip/dialog", "media", "sip never sees media"},
	{"sip/session", "media", "sip never sees media"},
	{"sip/registrar", "media", "sip never sees media"},
	{"sip/trunk", "media", "sip never sees media"},
	{"media", "sip", "media never sees sip"},
	{"media", "call", "mechanisms have no idea what a call is"},
	{"sip/dialog", "call", "mechanisms have no idea what a call is"},
	{"sip/session", "call", "mechanisms have no idea what a call is"},
	{"sip/event", "media", "sip never sees media"},
	{"sip/event", "call", "mechanisms have no idea what a call is"},
	{"sip/registrar", "call", "mechanisms have no idea what a call is"},
	{"sip/trunk", "call", "mechanisms have no idea what a call is"},
	{"call", "sip", "the rules never touch a socket"},
	{"call", "media", "the rules never touch a socket"},
}

// pure packages read no clock, do no I/O and start no goroutine outside the named files.
var pure = map[string][]string{
	"number": nil, "hours": nil, "mask": nil, "toll": nil, "alarm": nil, "route": nil, "ivr": nil,
	"queue": nil, "call": {"exchange.go"},
	"ivr/form": nil, "ivr/lint": nil, "ivr/rehearsal": nil, "ivr/spoken": nil, "ivr/variable": nil,
}

var impureImports = []string{"net", "net/http", "os", "os/exec", "database/sql", "math/rand", "crypto/rand"}

// place is the layer of a package and its entry's own name; -1 when it has none.
func place(pkg string) (int, string) {
	best, name := -1, ""
	for i, row := range layers {
		for _, p := range row {
			if (pkg == p || strings.HasPrefix(pkg, p+"/")) && len(p) > len(name) {
				best, name = i, p
			}
		}
	}
	return best, name
}

type source struct {
	pkg, file string
	ast       *ast.File
	fset      *token.FileSet
}

func (s source) test() bool { return strings.HasSuffix(s.file, "_test.go") }

func (s source) imports() []string {
	var all []string
	for _, spec := range s.ast.Imports {
		p, _ := strconv.Unquote(spec.Path.Value)
		all = append(all, p)
	}
	return all
}

func sources(t *testing.T) []source {
	t.Helper()
	root := filepath.Join("..", "..")
	var all []source
	err := filepath.WalkDir(root, func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			if name := d.Name(); name == "node_modules" || name == "testdata" || (strings.HasPrefix(name, ".") && len(name) > 2) {
				return filepath.SkipDir
			}
			return nil
		}
		if !strings.HasSuffix(p, ".go") {
			return nil
		}
		fset := token.NewFileSet()
		f, err := parser.ParseFile(fset, p, nil, parser.ParseComments)
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(root, p)
		if err != nil {
			return err
		}
		all = append(all, source{pkg: path.Dir(filepath.ToSlash(rel)), file: path.Base(p), ast: f, fset: fset})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func TestImports(t *testing.T) {
	for _, s := range sources(t) {
		level, name := place(s.pkg)
		if level < 0 {
			t.Errorf("%s has no place in the house: give it one in internal/archtest and docs/10-design.md", s.pkg)
			continue
		}
		for _, imported := range s.imports() {
			own, ok := strings.CutPrefix(imported, "hotline/")
			if !ok {
				if !s.test() {
					checkOutside(t, s, name, imported)
				}
				continue
			}
			if s.test() && own == "internal/testkit" {
				continue
			}
			checkInside(t, s, level, name, own)
		}
	}
}

func checkInside(t *testing.T, s source, level int, name, own string) {
	t.Helper()
	toLevel, to := place(own)
	switch {
	case to == name:
	case toLevel > level && !s.test():
		t.Errorf("%s/%s imports hotline/%s, which is above it", s.pkg, s.file, own)
	case toLevel == level && !slices.Contains(sideways[name], to) && !s.test():
		t.Errorf("%s/%s imports hotline/%s, which is beside it", s.pkg, s.file, own)
	}
	for _, w := range walls {
		if w.from == name && (own == w.to || strings.HasPrefix(own, w.to+"/")) && !strings.HasPrefix(own, "media/") {
			t.Errorf("%s/%s imports hotline/%s: %s", s.pkg, s.file, own, w.why)
		}
	}
}

func checkOutside(t *testing.T, s source, name, imported string) {
	t.Helper()
	if strings.HasPrefix(imported, "database/sql") || strings.Contains(imported, "jackc/pgx") {
		if name != "store" && name != "store/storetest" {
			t.Errorf("%s/%s imports %s: SQL lives in store only", s.pkg, s.file, imported)
		}
	}
	if _, ok := pure[name]; ok && slices.Contains(impureImports, imported) {
		t.Errorf("%s/%s imports %s: a rule does no I/O", s.pkg, s.file, imported)
	}
}

// calls yields each pkg.Func call in a file.
func (s source) calls(visit func(pkg, fn string, pos token.Position)) {
	ast.Inspect(s.ast, func(n ast.Node) bool {
		call, ok := n.(*ast.CallExpr)
		if !ok {
			return true
		}
		if sel, ok := call.Fun.(*ast.SelectorExpr); ok {
			if x, ok := sel.X.(*ast.Ident); ok {
				visit(x.Name, sel.Sel.Name, s.fset.Position(call.Pos()))
			}
		}
		return true
	})
}

func TestRulesReadNoClock(t *testing.T) {
	clock := []string{"Now", "Sleep", "After", "AfterFunc", "NewTimer", "NewTicker", "Tick", "Since", "Until"}
	for _, s := range sources(t) {
		_, name := place(s.pkg)
		except, isPure := pure[name]
		if !isPure || s.test() || slices.Contains(except, s.file) {
			continue
		}
		s.calls(func(pkg, fn string, pos token.Position) {
			if pkg == "time" && slices.Contains(clock, fn) {
				t.Errorf("%s: time.%s in a rule; time is an argument", pos, fn)
			}
		})
		ast.Inspect(s.ast, func(n ast.Node) bool {
			if g, ok := n.(*ast.GoStmt); ok {
				t.Errorf("%s: a rule starts a goroutine", s.fset.Position(g.Pos()))
			}
			return true
		})
	}
}

// In a package whose tests run in synctest bubbles (its harness says so in one file), Sleep moves the bubble's clock.
func TestNoSleepInTests(t *testing.T) {
	all := sources(t)
	bubbles := map[string]bool{}
	for _, s := range all {
		if s.test() && slices.Contains(s.imports(), "testing/synctest") {
			bubbles[s.pkg] = true
		}
	}
	for _, s := range all {
		if !s.test() || bubbles[s.pkg] {
			continue
		}
		s.calls(func(pkg, fn string, pos token.Position) {
			if pkg == "time" && fn == "Sleep" {
				t.Errorf("%s: time.Sleep in a test; wait for the thing itself, or use synctest", pos)
			}
		})
	}
}

func TestNoInit(t *testing.T) {
	for _, s := range sources(t) {
		for _, d := range s.ast.Decls {
			if f, ok := d.(*ast.FuncDecl); ok && f.Recv == nil && f.Name.Name == "init" {
				t.Errorf("%s: no init functions", s.fset.Position(f.Pos()))
			}
		}
	}
}

func TestReadmeIsShort(t *testing.T) {
	text, err := os.ReadFile(filepath.Join("..", "..", "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(string(text), "\n"); n > 70 {
		t.Errorf("README.md has %d lines; 70 at most", n)
	}
}
