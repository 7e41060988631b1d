package trunk

import (
	"strings"

	"hotline/number"
)

// The formats that a carrier may want numbers in.
const (
	E164     = "e164"     // +8613800138000
	National = "national" // 13800138000, 02012345678, 00 before other countries; 0 before a mobile of another city than Form.City
)

// Formats are all of them.
func Formats() []string { return []string{E164, National} }

// Change is what becomes of a number on the way out, step by step.
type Change struct {
	Given     string
	Formatted string // by Form.Format
	Rule      int    // of CallerOut or CalledOut; -1: none fits
	Result    string
}

// Try applies the first rule whose Prefix is the number's beginning, and tells which it was; -1: none, the number stays
// as it is. Strip beyond the number's end leaves only Add.
func Try(rules []Rule, number string) (result string, rule int) {
	for i, r := range rules {
		if strings.HasPrefix(number, r.Prefix) {
			return r.Add + number[min(max(r.Strip, 0), len(number)):], i
		}
	}
	return number, -1
}

// Caller is what a caller's number from this trunk becomes (Trunk.CallerIn).
func (t Trunk) Caller(number string) string {
	result, _ := Try(t.CallerIn, number)
	return result
}

// Shown is what our number becomes towards this trunk: CallerID where it is "", then the format, then CallerOut.
func (t Trunk) Shown(number string) Change {
	if number == "" {
		number = t.CallerID
	}
	return t.change(number, false, t.CallerOut)
}

// Called is what the dialled number becomes towards this trunk: the format, then CalledOut.
func (t Trunk) Called(number string) Change { return t.change(number, true, t.CalledOut) }

func (t Trunk) change(number string, dialled bool, rules []Rule) Change {
	c := Change{Given: number, Formatted: t.format(number, dialled)}
	c.Result, c.Rule = Try(rules, c.Formatted)
	return c
}

// format writes a number as the carrier wants it; what has no international form, such as a short number, stays as it is.
func (t Trunk) format(given string, dialled bool) string {
	if t.Form.Format == "" {
		return given
	}
	n := number.Parse(given)
	switch {
	case n.E164 == "" || n.Ext != "":
		return given
	case t.Form.Format == E164:
		return string(n.E164)
	case n.Kind == number.Foreign:
		return "00" + n.National()
	case n.Kind == number.Fixed || n.Kind == number.Mobile && dialled && t.elsewhere(n):
		return "0" + n.National()
	}
	return n.National()
}

// elsewhere is true for a number that is known to be of another city than the trunk's.
func (t Trunk) elsewhere(n number.Number) bool {
	if t.Form.City == "" || t.region == nil {
		return false
	}
	province, city, both := strings.Cut(t.Form.City, "/")
	if !both {
		province, city = "", t.Form.City
	}
	r := t.region(n)
	return r.City != "" && r.City != city || province != "" && r.Province != "" && r.Province != province
}
