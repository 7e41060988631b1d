package number

import (
	"errors"
	"fmt"
	"strings"
)

// Rewrite is one rule about what a trunk sends or wants in place of a number: what fits Match loses Strip in front and gets Prefix.
type Rewrite struct {
	Match  Pattern // the numbers the rule is for; "" is any
	Strip  string  // what to remove in front; a number that does not begin with it is left to the next rule
	Prefix string  // what to put in front afterwards
}

// Rewrites is a trunk's list. The first rule that fits is used, and only that one.
type Rewrites []Rewrite

// Rewritten shows what a list makes of one number, for the box on the screen where an operator tries a rule out.
type Rewritten struct {
	Raw    string // what was given
	Rule   int    // index of the rule used; -1 when none fits
	Text   string // what goes on to Parse, or to the trunk
	Number Number // what Text is understood as
}

// Apply does one rule. ok is false, and the text unchanged, when the rule is not for this number.
func (r Rewrite) Apply(text string) (out string, ok bool) {
	dialled := compact(text)
	if r.Match != "" && !r.Match.Match(dialled) {
		return text, false
	}
	rest, ok := strings.CutPrefix(dialled, r.Strip)
	if !ok {
		return text, false
	}
	return r.Prefix + rest, true
}

// Show applies the list to one number as it came: in any form that Parse reads. Anonymous callers and words are never rewritten.
func (rs Rewrites) Show(raw string) Rewritten {
	out := Rewritten{Raw: raw, Rule: -1, Text: raw}
	user := raw
	if len(raw) <= maxRaw {
		user = unwrap(raw).user
	}
	for i, r := range rs {
		if _, _, ok := squeeze(normalise(user)); !ok {
			break
		}
		if text, ok := r.Apply(user); ok {
			out.Rule, out.Text = i, text
			break
		}
	}
	out.Number = Parse(out.Text).from(raw)
	return out
}

// Check returns everything wrong with the list, joined, or nil.
func (rs Rewrites) Check() error {
	var errs []error
	for i, r := range rs {
		if err := r.check(); err != nil {
			errs = append(errs, fmt.Errorf("rewrite %d: %w", i+1, err))
		}
	}
	return errors.Join(errs...)
}

// check looks at one rule.
func (r Rewrite) check() error {
	if r.Match != "" {
		if err := r.Match.Check(); err != nil {
			return err
		}
	}
	for _, s := range []string{r.Strip, r.Prefix} {
		if digits := strings.TrimPrefix(s, "+"); digits != "" && !isDigits(digits, 1, 20) {
			return fmt.Errorf("%q is not digits with at most one + in front", s)
		}
	}
	switch {
	case r.Strip == "" && r.Prefix == "":
		return errors.New("changes nothing: strip and prefix are both empty")
	case r.Match != "" && r.Strip != "" && !r.Match.Overlaps(Pattern(r.Strip+".")):
		return fmt.Errorf("never used: numbers that fit %q do not begin with %q", r.Match, r.Strip)
	}
	return nil
}

// compact drops the separators of a number and keeps its plus; what is no number stays as it is.
func compact(text string) string {
	digits, plus, ok := squeeze(normalise(text))
	switch {
	case !ok:
		return text
	case plus:
		return "+" + digits
	}
	return digits
}
