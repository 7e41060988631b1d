package route

import (
	"errors"
	"fmt"
	"slices"

	"hotline/number"
)

// What Check finds, for errors.Is. Mistakes of a single field carry none of these.
var (
	ErrAmbiguous   = errors.New("only their order decides")
	ErrCalendar    = errors.New("unknown calendar")
	ErrUnreachable = errors.New("can never apply")
	ErrNoSteps     = errors.New("has no steps")
	ErrNoCatchAll  = errors.New("no rule applies to every call")
)

// Check returns everything wrong with a table, one error each, numbers before rules; nil when nothing is. A table with problems
// still works as far as it can.
func (t *Table) Check() []error {
	var errs []error
	for i := range t.Numbers {
		errs = append(errs, t.Numbers[i].check(fmt.Sprintf("number %d (%s)", i+1, t.Numbers[i].Pattern))...)
		errs = append(errs, t.sameNumbers(i)...)
	}
	ids := map[string]bool{}
	for i := range t.Rules {
		r := &t.Rules[i]
		where := fmt.Sprintf("rule %d (%s)", i+1, r.ID)
		if r.ID == "" || ids[r.ID] {
			errs = append(errs, fmt.Errorf("%s: needs an id of its own", where))
		}
		ids[r.ID] = true
		errs = append(errs, t.checkRule(where, r)...)
		errs = append(errs, t.sameRules(where, i)...)
	}
	if len(t.Rules) > 0 && !t.catchesAll() {
		errs = append(errs, fmt.Errorf("%w: add one without conditions, or calls will find no queue", ErrNoCatchAll))
	}
	return errs
}

// check looks at one entry alone.
func (n *Number) check(where string) []error {
	var errs []error
	if err := number.Pattern(n.Pattern).Check(); err != nil {
		errs = append(errs, fmt.Errorf("%s: %w", where, err))
	}
	switch {
	case n.Origin != "" && n.Origin != string(FromTrunk) && n.Origin != string(FromPhone) && n.Origin != string(FromWeb):
		errs = append(errs, fmt.Errorf("%s: origin %q is none of trunk, phone, web and empty", where, n.Origin))
	case n.Origin != "" && n.Origin != string(FromTrunk) && n.Trunk != "":
		errs = append(errs, fmt.Errorf("%s: %w: calls from phones come through no trunk", where, ErrUnreachable))
	}
	if n.Flow == "" {
		errs = append(errs, fmt.Errorf("%s: names no flow", where))
	}
	return errs
}

// sameNumbers compares an entry with those before it.
func (t *Table) sameNumbers(i int) []error {
	var errs []error
	n := &t.Numbers[i]
	for j := range t.Numbers[:i] {
		m := &t.Numbers[j]
		p, q := number.Pattern(m.Pattern), number.Pattern(n.Pattern)
		if n.compare(m) != 0 || !p.Overlaps(q) || n.Origin != m.Origin || n.Trunk != m.Trunk {
			continue
		}
		if p == q {
			errs = append(errs, fmt.Errorf("number %d (%s): %w: number %d is the same", i+1, q, ErrUnreachable, j+1))
		} else {
			errs = append(errs, fmt.Errorf("numbers %d (%s) and %d (%s): %w", j+1, p, i+1, q, ErrAmbiguous))
		}
	}
	return errs
}

// checkRule looks at one rule alone.
func (t *Table) checkRule(where string, r *Rule) []error {
	var errs []error
	if r.Hours != "" && t.Calendars[r.Hours] == nil {
		errs = append(errs, fmt.Errorf("%s: %w %q", where, ErrCalendar, r.Hours))
	}
	if r.Outside && r.Hours == "" {
		errs = append(errs, fmt.Errorf("%s: %w: outside of which hours?", where, ErrUnreachable))
	}
	for _, name := range r.Regions {
		if got, ok := number.ParseRegion(name); !ok || got.String() != name {
			errs = append(errs, fmt.Errorf("%s: region %q is written like 广东/广州, 广东 or US", where, name))
		}
	}
	if slices.Contains(r.Topics, "") || slices.Contains(r.DIDs, "") {
		errs = append(errs, fmt.Errorf("%s: an empty topic or DID matches nothing; leave the list empty for any", where))
	}
	return append(errs, checkSteps(where, r.Steps)...)
}

// checkSteps looks at the steps of a rule.
func checkSteps(where string, steps []Step) []error {
	if len(steps) == 0 {
		return []error{fmt.Errorf("%s: %w", where, ErrNoSteps)}
	}
	var errs []error
	if steps[0].Queue == "" || steps[0].After != 0 {
		errs = append(errs, fmt.Errorf("%s: the first step needs a queue and begins at once", where))
	}
	for i, s := range steps {
		if i > 0 && s.After <= steps[i-1].After {
			errs = append(errs, fmt.Errorf("%s: step %d begins no later than the one before", where, i+1))
		}
		for _, n := range slices.Concat(append([][]Need{s.Skills}, s.Any...)...) {
			if n.Skill == "" || n.Level < 0 {
				errs = append(errs, fmt.Errorf("%s: step %d asks for skill %q at level %d", where, i+1, n.Skill, n.Level))
			}
		}
	}
	return errs
}

// sameRules compares a rule with those before it: is it hidden by one of them, or is a call possible between which only the order
// decides?
func (t *Table) sameRules(where string, i int) []error {
	r := &t.Rules[i]
	if !r.usable() {
		return nil
	}
	for j := range t.Rules {
		if hidden := j != i && t.Rules[j].usable() && t.hides(j, i); hidden {
			return []error{fmt.Errorf("%s: %w: rule %s takes all its calls", where, ErrUnreachable, t.Rules[j].ID)}
		}
	}
	var errs []error
	for j := range t.Rules[:i] {
		if s := &t.Rules[j]; s.usable() && s.ties(r) {
			errs = append(errs, fmt.Errorf("rules %s and %s: %w", s.ID, r.ID, ErrAmbiguous))
		}
	}
	return errs
}

// catchesAll says whether the rules without DID, region and topic take every call.
func (t *Table) catchesAll() bool {
	return slices.ContainsFunc(t.Rules, func(r Rule) bool {
		wide := len(r.DIDs)+len(r.Regions)+len(r.Topics) == 0 && r.usable()
		return wide && (r.Hours == "" || !r.Outside && t.hasOpposite(&r))
	})
}
