package number

import "strings"

// hidden stands for digits that are not shown. It is always as long, so that it does not tell how many there were.
const hidden = "****"

// longRun is the number of digits from which a run of digits in a text counts as a telephone number. Shorter runs are ports, parts
// of addresses and codes; a text that is nothing but a short number is hidden whole.
const longRun = 7

// Masked is the number for logs and for people who may not see it whole: "138****1234", "010-****1234", "+852****6789". Numbers
// of fewer than seven digits are hidden whole. The extension is never shown.
func (n Number) Masked() string {
	nsn := n.National()
	switch n.Kind {
	case Mobile, SharedCost, MaskRange:
		return nsn[:3] + hidden + tail(nsn)
	case Fixed:
		return "0" + areaCode(nsn) + "-" + hidden + tail(nsn)
	case Foreign:
		code := string(n.E164[:min(len(n.E164), 1+countryCodeLength(nsn))])
		return code + hidden + tail(nsn)
	case Anonymous:
		return "anonymous"
	case Service, Extension:
		if len(nsn) < longRun {
			return hidden
		}
		return nsn[:3] + hidden
	default:
		return maskRuns(printable(n.Raw))
	}
}

// Mask hides the telephone numbers in any text that is about to be logged. A text that is a number is masked as Masked does; in any
// other text every run of seven or more digits, spaces and hyphens between them included, keeps three digits in front and at most
// four behind.
func Mask(s string) string {
	switch n := Parse(s); n.Kind {
	case Invalid, Anonymous:
		if digits, _, ok := squeeze(normalise(s)); ok && len(digits) < longRun {
			return hidden
		}
		return maskRuns(s) // an anonymous address may still carry a number, in its display name
	default:
		return n.Masked()
	}
}

// tail is the last four digits, or fewer where that would leave fewer than three hidden between them and the first three.
func tail(digits string) string {
	return digits[len(digits)-max(0, min(4, len(digits)-6)):]
}

// maskRuns masks the long runs of digits in a text.
func maskRuns(s string) string {
	var out, run, digits strings.Builder
	flush := func() {
		text, d := run.String(), digits.String()
		run.Reset()
		digits.Reset()
		body := strings.TrimRight(text, " -()")
		if len(d) >= longRun {
			out.WriteString(d[:3] + hidden + tail(d))
		} else {
			out.WriteString(body)
		}
		out.WriteString(text[len(body):])
	}
	for _, r := range s {
		switch r = plain(r); {
		case r < 0:
		case r >= '0' && r <= '9':
			run.WriteRune(r)
			digits.WriteRune(r)
		case digits.Len() > 0 && strings.ContainsRune(" -()", r):
			run.WriteRune(r)
		default:
			flush()
			out.WriteRune(r)
		}
	}
	flush()
	return out.String()
}

// countryCodeLength is the number of digits of the country code at the start of an international number, by the zones of ITU-T
// E.164: 1 and 7 stand alone, these others have two digits, the rest three.
func countryCodeLength(digits string) int {
	switch {
	case digits == "":
		return 0
	case digits[0] == '1' || digits[0] == '7':
		return 1
	case len(digits) > 1 && strings.Contains(twoDigitCodes, " "+digits[:2]+" "):
		return 2
	}
	return 3
}

// twoDigitCodes are the country codes of two digits (ITU-T E.164, annex to Operational Bulletin 1114).
const twoDigitCodes = " 20 27 30 31 32 33 34 36 39 40 41 43 44 45 46 47 48 49 51 52 53 54 55 56 57 58 60 61 62 63 64 65 66 " +
	"81 82 84 86 90 91 92 93 94 95 98 "
