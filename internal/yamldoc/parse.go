package yamldoc

import (
	"errors"
	"fmt"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
)

// MaxNested is how deep brackets within brackets, or lists on one line, may go: the parser is recursive.
const MaxNested = 32

// Syntax says why a text is not YAML. Error is the text alone.
type Syntax struct {
	Line int // from 1
	Text string
}

func (s *Syntax) Error() string { return s.Text }

// Parse reads a text into its nodes; keys written twice are left in for the caller to report. The error is a *Syntax. It guards
// against what the parser, which is not ours, makes of hostile files: too deep a recursion, and panics. How long a file may be is
// for the caller to say; the parser's time grows with the square of the keys in one mapping.
func Parse(src []byte) (*ast.File, error) {
	if line := tooDeep(src); line > 0 {
		return nil, &Syntax{Line: line, Text: fmt.Sprintf("brackets or lists are nested more than %d deep", MaxNested)}
	}
	file, err := parse(src)
	if err == nil {
		return file, nil
	}
	return nil, syntax(err)
}

// syntax takes line and message out of the parser's error. Its Error would print the source too, at a cost that grows with the square
// of the file.
func syntax(err error) *Syntax {
	var y yaml.Error
	if !errors.As(err, &y) {
		return &Syntax{Line: 1, Text: err.Error()}
	}
	s := &Syntax{Line: 1, Text: y.GetMessage()}
	if t := y.GetToken(); t != nil && t.Position != nil {
		s.Line = t.Position.Line
	}
	return s
}

func parse(src []byte) (file *ast.File, err error) {
	defer func() {
		if p := recover(); p != nil {
			file, err = nil, fmt.Errorf("parse: %v", p)
		}
	}()
	return parser.ParseBytes(src, 0, parser.AllowDuplicateMapKey())
}

// tooDeep looks for nesting that would make the recursive parser use much stack, and returns its line or 0. It counts
// brackets in texts too: a text with 32 open brackets is not worth a tokenizer.
func tooDeep(src []byte) int {
	line, open, indent := 1, 0, 0
	atStart := true
	for _, c := range src {
		switch {
		case c == '\n':
			line, indent, atStart = line+1, 0, true
		case c == '[' || c == '{':
			open++
		case (c == ']' || c == '}') && open > 0:
			open--
		}
		if atStart && (c == '-' || c == '?') {
			indent++
		} else if c != ' ' && c != '\n' && c != '\t' {
			atStart = false
		}
		if open > MaxNested || indent > MaxNested {
			return line
		}
	}
	return 0
}
