package number

import (
	"strconv"
	"strings"

	"github.com/nyaruka/phonenumbers"
)

// maxRaw is the longest text, in bytes, that Parse looks at. The longest honest SIP address with parameters is far shorter.
const maxRaw = 256

// Parse reads a number in any form that carriers, phones and people use: national with or without the long-distance prefix 0,
// with 86, +86 or 0086, foreign with + or 00, with separators and an extension, as a tel: or sip: address or as the user part of
// one (RFC 3966, RFC 3261 section 19.1). It never fails: Kind says what came out, and Raw keeps what went in.
//
// Without + or 00 a number is Chinese or it is Invalid: "85223456789" is Hong Kong to one carrier and Guizhou to another, so the
// trunk's Rewrite has to say. The same goes for an outside-line prefix such as the 9 of "9013800138000".
func Parse(raw string) Number {
	n := Number{Raw: raw, Kind: Invalid}
	if len(raw) > maxRaw {
		return n
	}
	a := unwrap(raw)
	if a.withheld() {
		n.Kind = Anonymous
		return n
	}
	if got, ok := a.inContext(); ok {
		return got.from(raw)
	}
	return parseText(a.user, a.ext).from(raw)
}

// from puts the original text back into a number that was read from a part of it.
func (n Number) from(raw string) Number {
	n.Raw = raw
	return n
}

// parseText reads a number that is no longer wrapped in an address. ext is an extension the address has already given.
func parseText(text, ext string) Number {
	head, tail, marked := cutExtension(normalise(text))
	if marked {
		ext = tail
	}
	if n := withExt(classify(head), ext); n.Kind != Invalid || marked {
		return n
	}
	// "0755-83765566-8001": only when the whole makes no sense may the last group be an extension.
	if i := strings.LastIndexByte(head, '-'); i > 0 && isDigits(head[i+1:], 1, 6) {
		if n := classify(head[:i]); n.E164 != "" {
			return withExt(n, head[i+1:])
		}
	}
	return Number{Kind: Invalid}
}

// withExt adds an extension to a number that can have one.
func withExt(n Number, ext string) Number {
	switch {
	case ext == "":
		return n
	case n.E164 == "" || !isDigits(ext, 1, 8):
		return Number{Kind: Invalid}
	}
	n.Ext = ext
	return n
}

// classify reads what is left once separators may be dropped: an optional + and digits.
func classify(text string) Number {
	digits, plus, ok := squeeze(text)
	if !ok {
		return Number{Kind: Invalid}
	}
	switch {
	case plus && strings.HasPrefix(digits, "86"):
		return explicit(digits[2:])
	case plus:
		return foreign(digits)
	case strings.HasPrefix(digits, "0086"):
		return explicit(digits[4:])
	case strings.HasPrefix(digits, "00"):
		return foreign(digits[2:])
	case strings.HasPrefix(digits, "0"):
		return explicit(digits)
	default:
		return bare(digits)
	}
}

// explicit reads a national number that came after 86 or carries the long-distance prefix 0, so it cannot be an extension.
func explicit(nsn string) Number {
	zero := strings.HasPrefix(nsn, "0")
	nsn = strings.TrimPrefix(nsn, "0")
	if isMaskRange(nsn) {
		return Number{Kind: MaskRange, Ext: nsn}
	}
	// 0755-95588 is a service number reached from another city.
	if rest := nsn[len(areaCode(nsn)):]; isService(rest) && (len(rest) == 5 || len(rest) == 6 && rest[0] == '9') {
		return Number{Kind: Service, Ext: rest}
	}
	if n := national(nsn); n.Kind != Invalid {
		return n
	}
	// After a 0 the digits 10 and 95 are area codes, unless nothing but a service number of five digits follows.
	if isService(nsn) && (!zero || len(nsn) == 5) {
		return Number{Kind: Service, Ext: nsn}
	}
	return Number{Kind: Invalid}
}

// bare reads digits with no sign of what they are. Service numbers go first: 95588 and 1069... look like Ningxia and Beijing.
func bare(digits string) Number {
	switch {
	case isMaskRange(digits):
		return Number{Kind: MaskRange, Ext: digits}
	case isService(digits):
		return Number{Kind: Service, Ext: digits}
	case isDigits(digits, 2, 5):
		return Number{Kind: Extension, Ext: digits}
	}
	if n := national(digits); n.Kind != Invalid {
		return n
	}
	if rest, ok := strings.CutPrefix(digits, "86"); ok { // no Chinese area code begins with 86
		return explicit(rest)
	}
	return Number{Kind: Invalid}
}

// national reads a national significant number that libphonenumber calls valid.
func national(nsn string) Number {
	v, err := strconv.ParseUint(nsn, 10, 64)
	if err != nil || nsn[0] == '0' || len(nsn) > 12 {
		return Number{Kind: Invalid}
	}
	pn := chinese(v)
	if !phonenumbers.IsValidNumber(pn) {
		return Number{Kind: Invalid}
	}
	n := Number{E164: E164("+86" + nsn)}
	switch phonenumbers.GetNumberType(pn) {
	case phonenumbers.MOBILE:
		n.Kind = Mobile
		return n
	case phonenumbers.FIXED_LINE, phonenumbers.FIXED_LINE_OR_MOBILE:
		// libphonenumber takes 837 and 95588 for a line in Sichuan; as eight bare digits it is a subscriber of an unnamed city.
		if len(nsn)-len(areaCode(nsn)) < 7 {
			return Number{Kind: Invalid}
		}
		n.Kind = Fixed
		return n
	case phonenumbers.SHARED_COST, phonenumbers.TOLL_FREE:
		if len(nsn) == 10 && (nsn[:3] == "400" || nsn[:3] == "800") {
			n.Kind = SharedCost
			return n
		}
	default:
		// Premium rate, 1010xxxx and the like: nobody's line, and nothing to call back.
	}
	return Number{Kind: Service, Ext: nsn}
}

// foreign reads digits that begin with a country code.
func foreign(digits string) Number {
	pn, err := phonenumbers.Parse("+"+digits, "ZZ")
	if err != nil || !phonenumbers.IsValidNumber(pn) || pn.GetCountryCode() == 86 {
		return Number{Kind: Invalid}
	}
	return Number{Kind: Foreign, E164: E164(phonenumbers.Format(pn, phonenumbers.E164))}
}

// chinese wraps a national significant number for libphonenumber.
func chinese(nsn uint64) *phonenumbers.PhoneNumber {
	code := int32(86)
	return &phonenumbers.PhoneNumber{CountryCode: &code, NationalNumber: &nsn}
}
