package form

import (
	"fmt"
	"strings"
)

// Problem is one mistake in a flow: where it is, and a sentence that says what to do about it.
type Problem struct {
	File    string // the name given to Open
	Line    int    // counted from 1; 0: the file as a whole
	Flow    string // id of the flow; empty when it has none yet
	Node    string // empty: not about one node
	Text    string
	Warning bool // the flow runs, but callers will not like it
}

// Error is the problem in one line: "hotline.yml:12: ...".
func (p Problem) Error() string {
	where := p.File
	if p.Line > 0 {
		where = fmt.Sprintf("%s:%d", p.File, p.Line)
	}
	if p.Warning {
		return where + ": warning: " + p.Text
	}
	return where + ": " + p.Text
}

// Problems are all mistakes found, by file and line. As an error it prints one a line.
type Problems []Problem

// Error lists the problems, one a line.
func (p Problems) Error() string {
	lines := make([]string, len(p))
	for i, one := range p {
		lines[i] = one.Error()
	}
	return strings.Join(lines, "\n")
}

// Errors are the problems that are no mere warnings; nil when there are none.
func (p Problems) Errors() Problems {
	var bad Problems
	for _, one := range p {
		if !one.Warning {
			bad = append(bad, one)
		}
	}
	return bad
}
