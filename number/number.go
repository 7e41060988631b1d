// Package number reads telephone numbers as carriers, phones and people write them, prints and masks them, and says which
// Chinese province and city a number belongs to.
//
// It is not a dial plan (package route chooses flows), not a trunk's rewriting list (sip/trunk keeps those and uses Rewrite from
// here), and not a portability query: the carrier of a number cannot be known from its digits. It holds no state and does no
// input or output except through the readers it is given.
package number

import "strings"

// E164 is a number in the international form of ITU-T E.164 with a leading plus, such as "+8613800138000". "" is no number.
type E164 string

// Kind says what sort of number a text is.
type Kind string

// The kinds of numbers. Only Mobile, Fixed, SharedCost and Foreign have an E.164 form.
const (
	// Mobile is a Chinese mobile number that libphonenumber calls valid.
	Mobile Kind = "mobile"
	// Fixed is a Chinese fixed line with its area code.
	Fixed Kind = "fixed"
	// SharedCost is a 400 or 800 number. It receives calls only: nobody may call out with it.
	SharedCost Kind = "shared-cost"
	// Service is a national short or platform number: 95xxx, 96xxx, 10086, 110, 12345, 1069....
	Service Kind = "service"
	// MaskRange is the 700 range of the number protection service: 11 digits to manage, 15 digits in use.
	MaskRange Kind = "mask-range"
	// Foreign is a valid number outside mainland China, Hong Kong, Macau and Taiwan included.
	Foreign Kind = "foreign"
	// Extension is an internal number of 2 to 5 digits that is no national short number.
	Extension Kind = "extension"
	// Anonymous is a caller who withholds the number, or a carrier that has none.
	Anonymous Kind = "anonymous"
	// Invalid is everything else. A call from an invalid number is still a call: Raw keeps what was sent.
	Invalid Kind = "invalid"
)

// Number is one telephone number as it arrived and as it was understood. The zero value is no number: Parse never returns it.
type Number struct {
	Raw  string // what was given, unchanged
	E164 E164   // "" for Service, MaskRange, Extension, Anonymous and Invalid
	Kind Kind   // never "" after Parse
	Ext  string // digits after an extension mark, as in "0755-83765566,8001"; the number itself for Service, MaskRange, Extension
}

// National is the number without "+86", such as "13800138000" or "1066551234"; the digits of E164 for a Foreign number; the number
// itself for Service, MaskRange and Extension; "" for Anonymous and Invalid.
func (n Number) National() string {
	switch {
	case n.Kind == Foreign:
		return strings.TrimPrefix(string(n.E164), "+")
	case n.E164 != "":
		return strings.TrimPrefix(string(n.E164), "+86")
	default:
		return n.Ext
	}
}

// String is Print, for %v and templates; logs use Masked.
func (n Number) String() string { return n.Print() }
