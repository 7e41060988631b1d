package route

import (
	"slices"
	"strings"

	"hotline/hours"
	"hotline/number"
)

// match is a rule that applies to a call, and how specifically.
type match struct {
	rule  *Rule
	rank  rank
	state hours.State // zero without hours
}

// rank is how specific a match is: DID, region, topic, hours. The first number that differs decides, and the larger one wins.
type rank [4]int

// The levels of a region in a rank.
const (
	anywhere = iota
	byProvince
	byCity
)

// Choose says which queues a call goes to and why. ok is false only when no rule applies at all; a table with a rule without
// conditions always has an answer.
func (t *Table) Choose(q Query) (choice Choice, ok bool) {
	var best match
	a := asked{Query: q, did: plainDID(q.DID), states: map[string]hours.State{}}
	for i := range t.Rules {
		m, applies := t.match(&t.Rules[i], a)
		if applies && (best.rule == nil || slices.Compare(m.rank[:], best.rank[:]) > 0) {
			best = m
		}
	}
	if best.rule == nil {
		return Choice{}, false
	}
	r := best.rule
	return Choice{
		Steps: cloneSteps(r.Steps), Priority: r.Priority, Language: r.Language, Rule: r.ID,
		Reason: best.reason(q), ReasonZH: best.reasonZH(q),
	}, true
}

// asked is a query on its way through the rules. Each calendar is opened once.
type asked struct {
	Query
	did    string // plain
	states map[string]hours.State
}

// open is the state of a calendar at the time of the query.
func (a asked) open(t *Table, calendar string) hours.State {
	state, seen := a.states[calendar]
	if !seen {
		state = t.Calendars[calendar].Open(a.At)
		a.states[calendar] = state
	}
	return state
}

// match says whether a rule applies to a call.
func (t *Table) match(r *Rule, q asked) (m match, applies bool) {
	m.rule = r
	if len(r.Steps) == 0 {
		return m, false
	}
	if len(r.DIDs) > 0 {
		if !slices.ContainsFunc(r.DIDs, func(d string) bool { return plainDID(d) == q.did }) {
			return m, false
		}
		m.rank[0] = 1
	}
	if len(r.Regions) > 0 {
		if m.rank[1] = regionLevel(r.Regions, q.Region); m.rank[1] == anywhere {
			return m, false
		}
	}
	if len(r.Topics) > 0 {
		if q.Topic == "" || !slices.Contains(r.Topics, q.Topic) {
			return m, false
		}
		m.rank[2] = 1
	}
	if r.Hours == "" {
		return m, !r.Outside
	}
	m.rank[3] = 1
	m.state = q.open(t, r.Hours)
	return m, m.state.Open != r.Outside
}

// regionLevel is how closely the best entry of a list names a region; anywhere when none does.
func regionLevel(regions []string, r number.Region) int {
	if !r.Known() {
		return anywhere
	}
	level := anywhere
	for _, name := range regions {
		switch {
		case r.City != "" && name == r.Province+"/"+r.City:
			return byCity
		case r.Province != "" && name == r.Province, r.Country != "CN" && r.Country != "" && name == r.Country:
			level = byProvince
		}
	}
	return level
}

// plainDID is a DID without separators, country code 86 and long-distance 0, so that every way of writing it is the same. Names are
// left alone.
func plainDID(s string) string {
	var b strings.Builder
	for _, r := range s {
		switch {
		case r >= '0' && r <= '9' || r == '+' && b.Len() == 0:
			b.WriteRune(r)
		case !strings.ContainsRune(" -()", r):
			return s
		}
	}
	d := b.String()
	for _, code := range []string{"+86", "0086", "86"} {
		if rest, ok := strings.CutPrefix(d, code); ok && len(rest) >= 9 {
			d = rest
			break
		}
	}
	if rest, ok := strings.CutPrefix(d, "0"); ok && len(rest) >= 9 && rest[0] != '0' {
		d = rest
	}
	return d
}

// cloneSteps makes the steps the caller's own: the table is shared.
func cloneSteps(steps []Step) []Step {
	out := slices.Clone(steps)
	for i := range out {
		out[i].Skills = slices.Clone(out[i].Skills)
		out[i].Any = slices.Clone(out[i].Any)
	}
	return out
}

// Outcome is one line of a dry run.
type Outcome struct {
	Query  Query
	Choice Choice
	OK     bool // false: no rule applied, and Choice is zero
}

// DryRun asks Choose for every call, in order: what would these rules have done with yesterday?
func (t *Table) DryRun(qs []Query) []Outcome {
	out := make([]Outcome, len(qs))
	for i, q := range qs {
		choice, ok := t.Choose(q)
		out[i] = Outcome{Query: q, Choice: choice, OK: ok}
	}
	return out
}
