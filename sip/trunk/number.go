package trunk

import "strings"

// Try applies the first rule whose Prefix is the number's beginning, and tells which it was; -1: none, the number stays
// as it is. It is the test box of the trunk page. Strip beyond the number's end leaves only Add.
func Try(rules []Rule, number string) (result string, rule int) {
	for i, r := range rules {
		if strings.HasPrefix(number, r.Prefix) {
			return r.Add + number[min(max(r.Strip, 0), len(number)):], i
		}
	}
	return number, -1
}

// Caller is what a caller's number from this trunk becomes (Trunk.CallerIn).
func (t Trunk) Caller(number string) string { return first(Try(t.CallerIn, number)) }

// Shown is what our number becomes towards this trunk: CallerID where it is "", then CallerOut.
func (t Trunk) Shown(number string) string {
	if number == "" {
		number = t.CallerID
	}
	return first(Try(t.CallerOut, number))
}

// Called is what the dialled number becomes towards this trunk (CalledOut).
func (t Trunk) Called(number string) string { return first(Try(t.CalledOut, number)) }

func first(s string, _ int) string { return s }
