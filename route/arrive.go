package route

import (
	"fmt"

	"hotline/number"
)

// Arrive says which flow a dialled number leads to. Patterns are held against the number as dialled, and against its international
// and its national form, so that a carrier who writes +8610..., 8610... or 010... finds the same entry. ok is false when no entry
// fits; the call is then not ours.
func (t *Table) Arrive(dialled string, o Origin) (plan Plan, ok bool) {
	forms := dialledForms(dialled)
	best, fits := -1, 0
	for i := range t.Numbers {
		n := &t.Numbers[i]
		if !n.from(o) || !n.fits(forms) {
			continue
		}
		fits++
		if best < 0 || n.before(&t.Numbers[best]) {
			best = i
		}
	}
	if best < 0 {
		return Plan{}, false
	}
	n := t.Numbers[best]
	plan = Plan{DID: n.DID, Flow: n.Flow, Topic: n.Topic, Language: n.Language, Brand: n.Brand, Pattern: n.Pattern}
	if plan.DID == "" {
		plan.DID = forms[0]
	}
	plan.Reason = fmt.Sprintf("%s from %s fits the number %q", forms[0], o, n.Pattern)
	plan.ReasonZH = fmt.Sprintf("%s来的 %s 符合号码 %q", o.zh(), forms[0], n.Pattern)
	if fits > 1 {
		plan.Reason += fmt.Sprintf(", the most specific of %d", fits)
		plan.ReasonZH += fmt.Sprintf("，是 %d 个符合的号码中最具体的", fits)
	}
	return plan, true
}

// String is "trunk t1", "phone 8001" or "the call button".
func (o Origin) String() string {
	switch o.Kind {
	case FromTrunk:
		return "trunk " + o.Trunk
	case FromPhone:
		return "phone " + o.Phone
	case FromWeb:
		return "the call button"
	}
	return "an unknown side"
}

// zh is String in Chinese.
func (o Origin) zh() string {
	switch o.Kind {
	case FromTrunk:
		return "线路 " + o.Trunk + " "
	case FromPhone:
		return "话机 " + o.Phone + " "
	case FromWeb:
		return "网页通话按钮"
	}
	return "不明来处"
}

// dialledForms are the ways in which a table may write a dialled number; the first is the number as dialled.
func dialledForms(dialled string) []string {
	text := number.Dialled(dialled)
	forms := []string{text}
	n := number.Parse(text)
	if n.E164 == "" {
		return forms
	}
	forms = append(forms, string(n.E164))
	if n.Kind != number.Foreign {
		forms = append(forms, "0"+n.National(), n.National())
	}
	return forms
}

// from says whether the entry is for calls from there.
func (n *Number) from(o Origin) bool {
	return (n.Origin == "" || n.Origin == string(o.Kind)) && (n.Trunk == "" || o.Kind == FromTrunk && n.Trunk == o.Trunk)
}

// fits says whether one of the forms fits the pattern.
func (n *Number) fits(forms []string) bool {
	for _, form := range forms {
		if number.Pattern(n.Pattern).Match(form) {
			return true
		}
	}
	return false
}

// before says whether n wins over m, which stands earlier in the table.
func (n *Number) before(m *Number) bool { return n.compare(m) < 0 }

// compare orders two entries by how specific they are; 0 leaves it to their order.
func (n *Number) compare(m *Number) int {
	if d := number.Pattern(n.Pattern).Compare(number.Pattern(m.Pattern)); d != 0 {
		return d
	}
	if d := named(m.Origin) - named(n.Origin); d != 0 {
		return d
	}
	return named(m.Trunk) - named(n.Trunk)
}

// named is 1 for a condition that is there.
func named(s string) int {
	if s == "" {
		return 0
	}
	return 1
}
