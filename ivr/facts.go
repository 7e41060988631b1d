package ivr

import (
	"strconv"
	"strings"

	"hotline/ivr/form"
	"hotline/ivr/variable"
)

// facts are the names that every flow can use besides its own variables.
var facts = map[string]func(r *Run) any{
	"caller":      func(r *Run) any { return r.callerText() },
	"caller_kind": func(r *Run) any { return string(r.facts.Caller.Kind) },
	"dialled":     func(r *Run) any { return r.facts.Dialled },
	"did":         func(r *Run) any { return r.facts.DID },
	"topic":       func(r *Run) any { return r.topic },
	"language":    func(r *Run) any { return r.language },
	"region":      func(r *Run) any { return r.facts.Region.String() },
	"province":    func(r *Run) any { return r.facts.Region.Province },
	"city":        func(r *Run) any { return r.facts.Region.City },
	"vip":         func(r *Run) any { return r.facts.VIP },
	"blocked":     func(r *Run) any { return r.facts.Blocked },
}

// callerText is the caller's number as something that can be dialled or looked up.
func (r *Run) callerText() string {
	switch c := r.facts.Caller; {
	case c.E164 != "":
		return string(c.E164)
	case c.Ext != "":
		return c.Ext
	default:
		return c.Raw
	}
}

// value is a fact or a variable as text, for templates.
func (r *Run) value(name string) string {
	fact, ok := facts[name]
	if !ok {
		return r.vars[name]
	}
	switch v := fact(r).(type) {
	case string:
		return v
	case bool:
		return strconv.FormatBool(v)
	}
	return ""
}

// env is what a condition sees: all variables as texts, and the facts.
func (r *Run) env() map[string]any {
	env := make(map[string]any, len(r.vars)+len(facts))
	for name, v := range r.vars {
		env[name] = v
	}
	for name, fact := range facts {
		env[name] = fact(r)
	}
	return env
}

// maxValue is the length in bytes of a variable's value; a set in a loop cannot grow one without bound.
const maxValue = 4096

// assign sets a variable. The language is the one fact that a flow may change so.
func (r *Run) assign(name, value string) {
	if len(value) > maxValue {
		value = strings.ToValidUTF8(value[:maxValue], "")
	}
	if name == "language" {
		if form.IsID(value) { // it names a folder of prompts
			r.language = value
		}
		return
	}
	r.vars[name] = value
}

// settable checks a name that a node writes to.
func settable(s *form.Section, name string, line int) {
	if _, fact := facts[name]; fact && name != "language" {
		s.Bad(line, "%s sets %q, which is a fact of the call: choose another name", s.What, name)
		return
	}
	if !variable.IsName(name) {
		s.Bad(line, "%s sets %q: a variable has letters, digits and _ and begins with a letter", s.What, name)
	}
}
