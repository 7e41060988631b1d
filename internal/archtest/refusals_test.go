package archtest

import (
	"cmp"
	"go/ast"
	"go/token"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// refusing are the packages below the API whose refusals people read on a page: for each of their functions that refuse, which argument is the sentence.
var refusing = map[string]map[string]int{
	"account":  {"invalid": 0},
	"callback": {},
	"centre":   {"bad": 1},
	"configs":  {"At": 1, "warn": 1},
	"floor":    {"invalid": 0},
	"hours":    {"add": 1, "warn": 1},
	"ivr":      {"Bad": 1, "Need": 1},
	"ivr/form": {"bad": 1, "Bad": 1},
	"ivr/lint": {"add": 3},
	"prompt":   {"fault": 1},
	"store":    {},
	"ticket":   {"invalid": 0, "forbidden": 0},
}

// routes is the same of the packages of the API.
var routes = map[string]int{"Error403Forbidden": 0, "Error404NotFound": 0, "Error409Conflict": 0, "Error422UnprocessableEntity": 0, "Problem": 2}

// refuses is how a package refuses; false for one whose refusals nobody reads on a page.
func refuses(pkg string) (how map[string]int, ok bool) {
	if pkg == "api" || strings.HasPrefix(pkg, "api/") {
		return routes, true
	}
	how, ok = refusing[pkg]
	return how, ok
}

// refusal are the types of what is refused with; the sentence is their second field, or the one of such a name.
var (
	refusal  = []string{"Error", "Refusal", "Finding"}
	sentence = []string{"Sentence", "Text"}
)

// said is a sentence as it is written: with %s for what is joined to it; "" for what is none.
func said(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.BasicLit:
		text, _ := strconv.Unquote(e.Value)
		return text
	case *ast.BinaryExpr:
		left, right := said(e.X), said(e.Y)
		if left == "" && right == "" || e.Op != token.ADD {
			return ""
		}
		return cmp.Or(left, "%s") + cmp.Or(right, "%s")
	case *ast.CallExpr:
		if f, ok := e.Fun.(*ast.SelectorExpr); ok && f.Sel.Name == "Sprintf" {
			return said(e.Args[0])
		}
	}
	return ""
}

// refusals are the sentences that a file of such a package refuses with.
func (s source) refusals() []string {
	var all []string
	how, _ := refuses(s.pkg)
	ast.Inspect(s.ast, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.CallExpr:
			if at, ok := how[called(n.Fun)]; ok && at < len(n.Args) {
				all = append(all, said(n.Args[at]))
			}
		case *ast.CompositeLit:
			if slices.Contains(refusal, called(n.Type)) {
				all = append(all, fielded(n)...)
			}
		case *ast.ValueSpec:
			if n.Names[0].Name == "nays" { // why a call does not do what it is told
				for _, e := range n.Values[0].(*ast.CompositeLit).Elts {
					all = append(all, said(e.(*ast.KeyValueExpr).Value))
				}
			}
		}
		return true
	})
	return slices.DeleteFunc(all, func(text string) bool { return !wordy.MatchString(verb.ReplaceAllString(text, "")) })
}

func fielded(lit *ast.CompositeLit) []string {
	var all []string
	for i, e := range lit.Elts {
		if kv, ok := e.(*ast.KeyValueExpr); ok {
			if slices.Contains(sentence, called(kv.Key)) {
				all = append(all, said(kv.Value))
			}
		} else if i == 1 {
			all = append(all, said(e))
		}
	}
	return all
}

// called is the last name of a function, a type or a field.
func called(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.Ident:
		return e.Name
	case *ast.SelectorExpr:
		return e.Sel.Name
	}
	return ""
}

var (
	verb      = regexp.MustCompile(`%[sqdv]`)
	between   = regexp.MustCompile(`: |"?%[sqdv]"?`)
	wordy     = regexp.MustCompile(`[a-z]{2}`)
	known     = regexp.MustCompile(`(?m)^  (?:'((?:[^'\\]|\\.)*)'|"([^"]*)"):`)
	deeper    = []string{"node.go", "button.go"} // of configs: hotline.yml is no page's
	validated = []string{"validation failed", "expected ", "unexpected property"}
)

// Whatever a person can be refused has its words in Chinese, and there are no words for what nobody is refused any more.
func TestRefusalsAreInChinese(t *testing.T) {
	text := read(t, "web/src/i18n/refusals.zh.ts")
	_, text, _ = strings.Cut(text, "export const refusals")
	text, _, _ = strings.Cut(text, "\n};")
	words := map[string]bool{}
	for _, m := range known.FindAllStringSubmatch(text, -1) {
		words[strings.ReplaceAll(m[1], `\'`, "'")+m[2]] = true
	}
	var written strings.Builder
	for _, s := range sources(t) {
		if s.test() {
			continue
		}
		ast.Inspect(s.ast, func(n ast.Node) bool {
			if e, ok := n.(ast.Expr); ok {
				written.WriteString(said(e) + "\n")
			}
			return true
		})
		if _, ok := refuses(s.pkg); !ok || s.pkg == "configs" && slices.Contains(deeper, s.file) {
			continue
		}
		for _, text := range s.refusals() {
			if !words[text] {
				t.Errorf("%s/%s refuses with a sentence that web/src/i18n/refusals.zh.ts does not know: %q", s.pkg, s.file, text)
			}
		}
	}
	for text := range words {
		if slices.ContainsFunc(validated, func(begin string) bool { return strings.HasPrefix(text, begin) }) {
			continue // huma's, by the schema
		}
		for _, part := range between.Split(text, -1) { // an error is made of several
			if !strings.Contains(written.String(), strings.TrimSpace(part)) {
				t.Errorf("web/src/i18n/refusals.zh.ts has words for what the code does not say: %q, not %q", text, part)
			}
		}
	}
}
