package api

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"reflect"
	"strconv"
	"strings"
	"testing"

	"hotline/call"
	"hotline/cdr"
)

// TestEventsDocument holds docs/protocols/events.md to the kinds of facts and the names of their fields.
func TestEventsDocument(t *testing.T) {
	text, err := os.ReadFile("../docs/protocols/events.md")
	if err != nil {
		t.Fatal(err)
	}
	page := string(text)
	rows := map[string]bool{}
	for _, line := range strings.Split(page, "\n") {
		if cell, ok := strings.CutPrefix(line, "| `"); ok {
			cell, _, _ = strings.Cut(cell, "|")
			for _, kind := range strings.Split(cell, ",") {
				rows[strings.Trim(kind, " `")] = true
			}
		}
	}
	kinds := 0
	for _, file := range []string{"../call/fact.go", "../cdr/kinds.go"} {
		for _, kind := range kindsIn(t, file) {
			if kinds++; !rows[kind] {
				t.Errorf("events.md does not know the kind %q", kind)
			}
		}
	}
	if kinds < 20 {
		t.Errorf("found %d kinds in the code", kinds)
	}
	for _, of := range []reflect.Type{reflect.TypeFor[call.Fact](), reflect.TypeFor[call.Quality](), reflect.TypeFor[cdr.AgentChange]()} {
		for i := range of.NumField() {
			name, _, _ := strings.Cut(of.Field(i).Tag.Get("json"), ",")
			if !strings.Contains(page, "`"+name+"`") {
				t.Errorf("events.md does not know the field %q", name)
			}
		}
	}
}

// kindsIn are the values of the constants of type Kind in a file.
func kindsIn(t *testing.T, file string) (kinds []string) {
	t.Helper()
	f, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	ast.Inspect(f, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok {
			return true
		}
		name := ""
		switch of := spec.Type.(type) {
		case *ast.Ident:
			name = of.Name
		case *ast.SelectorExpr:
			name = of.Sel.Name
		}
		if name != "Kind" {
			return true
		}
		for _, v := range spec.Values {
			if lit, ok := v.(*ast.BasicLit); ok {
				kind, _ := strconv.Unquote(lit.Value)
				kinds = append(kinds, kind)
			}
		}
		return true
	})
	return kinds
}
