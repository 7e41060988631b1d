package number

import "strings"

// extensionMarks come between a number and its extension. Of two that begin at the same place the first in this list counts.
var extensionMarks = []string{"转分机", "分机", "转", "extension", "ext.", "ext", "x", ",", ";", "#", "~"}

// normalise makes full-width digits and punctuation plain, and letters small.
func normalise(s string) string {
	return strings.ToLower(strings.TrimSpace(strings.Map(plain, s)))
}

// plain maps what Chinese keyboards and copied web pages put into numbers to what is meant.
func plain(r rune) rune {
	switch {
	case r >= '！' && r <= '～': // the full-width forms of ASCII, U+FF01 to U+FF5E
		return r - '！' + '!'
	case r == '\u00a0' || r == '\u3000' || r == '\t':
		return ' '
	case r >= '\u2010' && r <= '\u2015' || r == '\u2212' || r == '—':
		return '-'
	case r >= '\u200b' && r <= '\u200f' || r >= '\u202a' && r <= '\u202e' || r == '\u2060' || r == '\ufeff':
		return -1 // invisible direction and joining marks
	}
	return r
}

// cutExtension splits "075583765566,8001" at the first extension mark that follows a digit.
func cutExtension(s string) (head, ext string, marked bool) {
	start := strings.IndexAny(s, "0123456789")
	if start < 0 {
		return s, "", false
	}
	at, size := -1, 0
	for _, mark := range extensionMarks {
		if i := strings.Index(s[start:], mark); i >= 0 && (at < 0 || i < at) {
			at, size = i, len(mark)
		}
	}
	if at < 0 {
		return s, "", false
	}
	at += start
	return strings.TrimSpace(s[:at]), strings.Trim(s[at+size:], " :.-"), true
}

// squeeze drops the separators between the digits of a number. Anything but digits, separators and one leading plus makes ok false.
func squeeze(s string) (digits string, plus, ok bool) {
	s = strings.TrimSpace(s)
	s, plus = strings.CutPrefix(s, "+")
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c >= '0' && c <= '9':
			b.WriteByte(c)
		case strings.IndexByte(" -.()/", c) < 0:
			return "", plus, false
		}
	}
	return b.String(), plus, b.Len() > 0
}

// isDigits says whether s is between shortest and longest decimal digits.
func isDigits(s string, shortest, longest int) bool {
	if len(s) < shortest || len(s) > longest {
		return false
	}
	for i := 0; i < len(s); i++ {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return true
}

// areaCode is the area code, without 0, at the start of a national number: 10 and 2x have two digits, all others three.
func areaCode(nsn string) string {
	switch {
	case nsn == "":
		return ""
	case nsn[0] == '1' || nsn[0] == '2':
		return nsn[:min(2, len(nsn))]
	default:
		return nsn[:min(3, len(nsn))]
	}
}

// isMaskRange says whether digits belong to the 700 range of the number protection service: 11 digits to manage, 15 in use.
func isMaskRange(digits string) bool {
	return strings.HasPrefix(digits, "700") && (len(digits) == 11 || len(digits) == 15)
}

// isService says whether digits are a national short number or begin with a platform's number: emergency and information (11x,
// 12x), carriers and public services of five digits and what hangs on them (10086, 1008611, 12306), 95xxx and 96xxx with what
// hangs on them, and the message platforms of 106. Ten digits that begin with 106 but not with 1069 are a Beijing line without 0.
func isService(digits string) bool {
	n := len(digits)
	if n < 3 || n > 20 {
		return false
	}
	switch digits[:2] {
	case "95", "96":
		return n >= 5
	case "11", "12":
		return n == 3 || n >= 5 && n <= 8
	case "10":
		if digits[2] == '6' {
			return n == 5 || n >= 8 && n != 10 || n == 10 && digits[3] == '9'
		}
		return n >= 5 && n <= 8
	}
	return false
}
