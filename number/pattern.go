package number

import (
	"fmt"
	"strings"
)

// Pattern is a form of dialled digits: digits, * and # stand for themselves, X for one digit, a leading + for itself, and "." at the
// end for any rest, even none. "" matches nothing.
type Pattern string

// Check returns an error for a pattern that can never match or says something else than it looks like. It is nil for a good one.
func (p Pattern) Check() error {
	body, _ := strings.CutSuffix(string(p), ".")
	switch {
	case p == "":
		return fmt.Errorf("pattern is empty; use %q for any number", ".")
	case len(p) > 32:
		return fmt.Errorf("pattern %q is longer than 32 characters", string(p)[:32])
	}
	for i := 0; i < len(body); i++ {
		c := body[i]
		if isDigits(body[i:i+1], 1, 1) || c == 'X' || c == '*' || c == '#' || c == '+' && i == 0 {
			continue
		}
		return fmt.Errorf("pattern %q: %q at place %d; digits, X, * and # may stand there, + only first, %q only last", p, body[i:i+1], i+1, ".")
	}
	return nil
}

// Match says whether the whole of dialled fits the pattern.
func (p Pattern) Match(dialled string) bool {
	body, open := strings.CutSuffix(string(p), ".")
	if p == "" || len(dialled) < len(body) || !open && len(dialled) != len(body) {
		return false
	}
	for i := 0; i < len(body); i++ {
		if body[i] != dialled[i] && (body[i] != 'X' || !isDigits(dialled[i:i+1], 1, 1)) {
			return false
		}
	}
	return true
}

// Compare orders two patterns that match the same number: negative when p is the more specific one and wins. The pattern with more
// literal characters wins; then the one with more X; then the one without "." at the end.
func (p Pattern) Compare(q Pattern) int {
	pl, px, po := p.weigh()
	ql, qx, qo := q.weigh()
	switch {
	case pl != ql:
		return ql - pl
	case px != qx:
		return qx - px
	}
	return po - qo
}

// weigh counts the literal characters, the X, and the "." of a pattern.
func (p Pattern) weigh() (literals, anyDigit, open int) {
	body, found := strings.CutSuffix(string(p), ".")
	if found {
		open = 1
	}
	anyDigit = strings.Count(body, "X")
	return len(body) - anyDigit, anyDigit, open
}

// Overlaps says whether some dialled digits fit both patterns.
func (p Pattern) Overlaps(q Pattern) bool {
	pb, po := strings.CutSuffix(string(p), ".")
	qb, qo := strings.CutSuffix(string(q), ".")
	if p == "" || q == "" || len(pb) < len(qb) && !po || len(qb) < len(pb) && !qo {
		return false
	}
	for i := 0; i < min(len(pb), len(qb)); i++ {
		a, b := pb[i:i+1], qb[i:i+1]
		if a != b && (a != "X" || !isDigits(b, 1, 1)) && (b != "X" || !isDigits(a, 1, 1)) {
			return false
		}
	}
	return true
}
