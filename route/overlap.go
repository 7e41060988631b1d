package route

import (
	"slices"
	"strings"
)

// usable says whether a rule can apply at all.
func (r *Rule) usable() bool { return len(r.Steps) > 0 && (r.Hours != "" || !r.Outside) }

// hides says whether rule j takes every call that rule i could take. One rule can only hide another that names the same kinds of
// things; the exception is hours, where a rule and its opposite together leave nothing to a rule without hours.
func (t *Table) hides(j, i int) bool {
	a, b := &t.Rules[j], &t.Rules[i]
	if !covers(plain(a.DIDs), plain(b.DIDs)) || !covers(a.Regions, b.Regions) || !covers(a.Topics, b.Topics) {
		return false
	}
	if a.Hours == b.Hours && a.Outside == b.Outside {
		return j < i
	}
	return b.Hours == "" && a.Hours != "" && !a.Outside && t.hasOpposite(a)
}

// hasOpposite says whether another rule differs from r in nothing but that it applies while r's calendar is closed.
func (t *Table) hasOpposite(r *Rule) bool {
	return slices.ContainsFunc(t.Rules, func(o Rule) bool {
		return o.usable() && o.Hours == r.Hours && o.Outside != r.Outside &&
			covers(plain(o.DIDs), plain(r.DIDs)) && covers(o.Regions, r.Regions) && covers(o.Topics, r.Topics)
	})
}

// ties says whether some call fits both rules equally well.
func (r *Rule) ties(s *Rule) bool {
	if r.Hours != "" && r.Hours == s.Hours && r.Outside != s.Outside {
		return false
	}
	return named(r.Hours) == named(s.Hours) && meets(plain(r.DIDs), plain(s.DIDs)) && meets(r.Topics, s.Topics) &&
		meets(r.Regions, s.Regions)
}

// covers says whether every entry of b is in a; an empty list, which is any, covers only another one.
func covers(a, b []string) bool {
	if len(a) == 0 || len(b) == 0 {
		return len(a) == len(b)
	}
	return !slices.ContainsFunc(b, func(s string) bool { return !slices.Contains(a, s) })
}

// meets says whether two lists share an entry, or are both empty.
func meets(a, b []string) bool {
	if len(a) == 0 || len(b) == 0 {
		return len(a) == len(b)
	}
	return slices.ContainsFunc(b, func(s string) bool { return slices.Contains(a, s) })
}

// plain is a list of DIDs in their common form.
func plain(dids []string) []string {
	out := make([]string, len(dids))
	for i, d := range dids {
		out[i] = plainDID(strings.TrimSpace(d))
	}
	return out
}
