package form

import (
	"bytes"
	"errors"
	"fmt"
	"sort"
	"strings"

	"github.com/goccy/go-yaml/ast"

	"hotline/internal/yamldoc"
)

// Limits of a file. They keep a hostile or broken file from costing more than a moment.
const (
	MaxSource = 128 << 10 // bytes
	MaxLines  = 8000      // the parser's time grows with the square of the keys in a mapping
	MaxTold   = 200       // problems; nobody reads more
)

// source is one file while it is read: it collects problems instead of stopping at the first.
type source struct {
	file     string
	flow     string
	node     string // being read; "": none
	problems Problems

	ways    []Way // of the node, as read
	prompts []Prompt
}

// Open parses a file of which the name is for messages only, and returns its outermost mapping. Where there is none, the section is nil and
// the problems say why.
func Open(name string, src []byte) (*Section, Problems) {
	s := &source{file: name}
	doc := s.document(src)
	return doc, s.problems
}

// Blank is a section that says nothing, of a node: reading one tells which keys it may have.
func Blank(node string) *Section { return &Section{src: &source{node: node}} }

// bad notes a mistake. The sentence says what to do.
func (s *source) bad(line int, format string, args ...any) {
	if len(s.problems) >= MaxTold {
		return
	}
	s.problems = append(s.problems, Problem{File: s.file, Line: line, Flow: s.flow, Node: s.node, Text: fmt.Sprintf(format, args...)})
}

// sorted are the problems by line; a reader asks for keys in its own order, people read from the top.
func (s *source) sorted() Problems {
	sort.SliceStable(s.problems, func(i, j int) bool { return s.problems[i].Line < s.problems[j].Line })
	return s.problems
}

// document parses the YAML and returns its outermost mapping, nil when there is none.
func (s *source) document(src []byte) *Section {
	if len(src) > MaxSource {
		s.bad(0, "the file has %d bytes; a flow may have %d: split it into sub-flows", len(src), MaxSource)
		return nil
	}
	if lines := bytes.Count(src, []byte("\n")); lines > MaxLines {
		s.bad(0, "the file has %d lines; a flow may have %d: split it into sub-flows", lines, MaxLines)
		return nil
	}
	file, err := yamldoc.Parse(src)
	var bad *yamldoc.Syntax
	if errors.As(err, &bad) {
		s.bad(bad.Line, "this is not YAML (%s): look at the indentation, and put quotes around texts with : # * or &", bad.Text)
		return nil
	}
	if len(file.Docs) != 1 || file.Docs[0].Body == nil {
		s.bad(1, "the file must hold one flow: begin with \"flow: its-id\", without a second document after ---")
		return nil
	}
	return s.mapping(file.Docs[0].Body, "the flow")
}

// mapping reads a node of the YAML as keys with values; a mistake and nil when it is something else.
func (s *source) mapping(n ast.Node, what string) *Section {
	sec := &Section{src: s, What: what, Line: lineOf(n)}
	switch m := n.(type) {
	case *ast.MappingNode:
		for _, v := range m.Values {
			sec.add(v)
		}
	case *ast.MappingValueNode:
		sec.add(m)
	case *ast.AnchorNode, *ast.AliasNode, *ast.TagNode:
		s.scalar(n, what)
		return nil
	default:
		s.bad(sec.Line, "%s must be keys with values, each on its own line: \"key: value\"", what)
		return nil
	}
	return sec
}

// scalar is the text of a single value, exactly as written: 0755 stays 0755.
func (s *source) scalar(n ast.Node, what string) (string, bool) {
	switch v := n.(type) {
	case *ast.StringNode:
		return v.Value, true
	case *ast.LiteralNode:
		return strings.TrimRight(v.Value.Value, "\n"), true
	case *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode:
		return n.GetToken().Value, true
	case *ast.NullNode:
		return "", true
	case *ast.AnchorNode, *ast.AliasNode, *ast.TagNode, *ast.MergeKeyNode:
		s.bad(lineOf(n), "%s uses an anchor, alias or tag: write the value out, or put quotes around a * or &", what)
	default:
		s.bad(lineOf(n), "%s must be a single value", what)
	}
	return "", false
}

func lineOf(n ast.Node) int {
	if n == nil || n.GetToken() == nil || n.GetToken().Position == nil {
		return 1
	}
	return n.GetToken().Position.Line
}
