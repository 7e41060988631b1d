package number

import (
	"strings"
	"unicode"

	"github.com/nyaruka/phonenumbers"
)

// Print is the number as people write it: "138 0013 8000", "010-6655 1234", "400-123-4567", "+1 650-253-0000", "匿名" for an
// anonymous caller. An extension follows as " 转 8001". What could not be read is printed as it came, without control characters.
func (n Number) Print() string {
	s := n.printed()
	if n.E164 != "" && n.Ext != "" {
		s += " 转 " + n.Ext
	}
	return s
}

// printed is Print without the extension.
func (n Number) printed() string {
	nsn := n.National()
	switch n.Kind {
	case Mobile:
		return groups(nsn, 3, 4)
	case Fixed:
		area := areaCode(nsn)
		local := nsn[len(area):]
		return "0" + area + "-" + groups(local, len(local)-4, 4)
	case SharedCost:
		return nsn[:3] + "-" + nsn[3:6] + "-" + nsn[6:]
	case MaskRange:
		return groups(nsn, 3, 4)
	case Foreign:
		if pn, err := phonenumbers.Parse(string(n.E164), "ZZ"); err == nil {
			return phonenumbers.Format(pn, phonenumbers.INTERNATIONAL)
		}
		return string(n.E164)
	case Anonymous:
		return "匿名"
	case Service, Extension:
		return nsn
	default:
		return printable(n.Raw)
	}
}

// groups puts a space after the first digits and then after every size digits.
func groups(s string, first, size int) string {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if i >= first && (i-first)%size == 0 && i > 0 {
			b.WriteByte(' ')
		}
		b.WriteByte(s[i])
	}
	return b.String()
}

// printable drops what could move a cursor or break a line of a log, and cuts the text at maxRaw bytes.
func printable(s string) string {
	if len(s) > maxRaw {
		s = s[:maxRaw]
	}
	return strings.Map(func(r rune) rune {
		if r == unicode.ReplacementChar || !unicode.IsPrint(r) {
			return -1
		}
		return r
	}, s)
}
