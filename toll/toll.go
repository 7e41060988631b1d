// Package toll guards against toll fraud: it says which outside numbers may be dialled, and how much a day a phone and a trunk may.
//
// It denies by default: what is not a number of an allowed country is not dialled. Everything that dials out asks Policy.Check, whoever
// wants it: a flow, a phone, a transfer, a forward, the API. It is pure: it reads no clock, and counts only what Meter is told.
package toll

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/nyaruka/phonenumbers"

	"hotline/number"
)

// ErrBarred is wrapped by every refusal; the others say which rule it was.
var (
	ErrBarred  = errors.New("barred")
	ErrDenied  = fmt.Errorf("%w: a deny pattern", ErrBarred)
	ErrCountry = fmt.Errorf("%w: the country is not allowed", ErrBarred)
	ErrPremium = fmt.Errorf("%w: a premium number", ErrBarred)
	ErrUnknown = fmt.Errorf("%w: no number that is understood", ErrBarred)
	ErrDay     = fmt.Errorf("%w: the day's limit", ErrBarred)
)

// Limit is how much a phone or a trunk may call out in a day; 0 is no limit.
type Limit struct {
	Calls   int // tried, answered or not
	Minutes int // talked, in whole minutes begun; calls under way count as far as they are
}

// Policy says what may be dialled. The zero value allows numbers of mainland China without premium ones, and no limit.
type Policy struct {
	Countries []string         // ISO 3166 codes, "*" for all; nil: CN alone
	Allow     []number.Pattern // dialled whatever the country or kind; limits still hold
	Deny      []number.Pattern // never dialled; it goes before Allow
	PerPhone  Limit            // of each phone without its own
	PerTrunk  Limit            // of each trunk without its own
	Phones    map[string]Limit // a phone's own
	Trunks    map[string]Limit // a trunk's own
	Zone      *time.Location   // where the day begins at midnight; nil: China
}

// Request is one number that somebody wants to dial.
type Request struct {
	Number string // as asked for
	Sent   string // as the trunk's rules make it; "": the same. A rule may not turn a number into one that is barred
	Phone  string // whose doing it is, also of a transfer or forward; "": no phone's
	Trunk  string
}

// emergency numbers are dialled always: police, fire, ambulance, traffic, sea rescue, forest fire, and their messages.
var emergency = []string{"110", "119", "120", "122", "12110", "12119", "12395", "95119"}

// Check is the one question that everything which dials out asks, by a flow's dial node, REFER, 302 or the API: nil, or why not
// (ErrBarred and one of the others). It is pure and does not look at the day's limits: Meter.Take does, and calls it too. A rule that
// wants to refuse early, before any leg is made, calls it with the number alone.
func (p Policy) Check(r Request) error {
	if p.Emergency(r) {
		return nil
	}
	if err := p.one(r.Number); err != nil || r.Sent == "" || r.Sent == r.Number {
		return err
	}
	if international(r.Sent) { // as a prefix of the carrier's own may make the rest unreadable, nothing else is asked of it
		return p.one(r.Sent)
	}
	return nil
}

// Emergency says that a request is for help, which no rule and no limit stands in the way of.
func (p Policy) Emergency(r Request) bool {
	return slices.Contains(emergency, number.Dialled(r.Number)) && (r.Sent == "" || !international(r.Sent))
}

func (p Policy) one(text string) error {
	dialled, n := number.Dialled(text), number.Parse(text)
	switch {
	case fits(p.Deny, dialled, n):
		return ErrDenied
	case fits(p.Allow, dialled, n), isName(text):
		return nil
	case n.Kind == number.Invalid && international(dialled) && premiumAbroad(dialled), premium(n, dialled):
		return ErrPremium
	case n.Kind == number.Invalid || n.Kind == number.Anonymous:
		return ErrUnknown
	case !p.country(n):
		return ErrCountry
	}
	return nil
}

// international is true for what a network reads as a number with a country code.
func international(text string) bool {
	d := number.Dialled(text)
	return strings.HasPrefix(d, "+") || strings.HasPrefix(d, "00")
}

// isName is true for a user's name, which no telephone network is reached by.
func isName(text string) bool {
	return text != "" && !strings.ContainsAny(number.Dialled(text), "0123456789+")
}

// fits is true where one of the patterns stands for a number in the form dialled, in that of E.164, or as written inside China.
func fits(patterns []number.Pattern, dialled string, n number.Number) bool {
	forms := []string{dialled}
	if n.E164 != "" {
		forms = append(forms, string(n.E164))
	}
	if national := n.National(); national != "" {
		forms = append(forms, national, "0"+national)
	}
	for _, p := range patterns {
		if slices.ContainsFunc(forms, p.Match) {
			return true
		}
	}
	return false
}

func (p Policy) country(n number.Number) bool {
	allowed := p.Countries
	if allowed == nil {
		allowed = []string{"CN"}
	}
	return slices.Contains(allowed, "*") || slices.Contains(allowed, Country(n))
}

// Country is the ISO 3166 code of where a number is; "" where it cannot be said, or where it belongs to no country, as satellites do.
func Country(n number.Number) string {
	switch n.Kind {
	case number.Invalid, number.Anonymous, "":
		return ""
	case number.Foreign:
		pn, err := phonenumbers.Parse(string(n.E164), "ZZ")
		if err != nil {
			return ""
		}
		if code := phonenumbers.GetRegionCodeForNumber(pn); len(code) == 2 && code != "ZZ" {
			return code
		}
		return ""
	default:
		return "CN"
	}
}

// premium is true for numbers that cost more than the call: what libphonenumber says of numbers abroad, and 160 and 168 in China, with
// an area code or without.
func premium(n number.Number, dialled string) bool {
	if n.Kind == number.Foreign {
		return premiumAbroad(string(n.E164))
	}
	local := strings.TrimPrefix(dialled, "+86")
	local = strings.TrimPrefix(local, "0086")
	if rest, zero := strings.CutPrefix(local, "0"); zero && len(rest) > 3 {
		local = rest[areaLength(rest):]
	} else if n.Kind == number.Fixed {
		local = n.National()[areaLength(n.National()):]
	}
	return n.Kind != number.Mobile && (strings.HasPrefix(local, "160") || strings.HasPrefix(local, "168"))
}

// areaLength is how many digits an area code without 0 has: 10 and 2x two, others three.
func areaLength(nsn string) int {
	if nsn[0] == '1' || nsn[0] == '2' {
		return 2
	}
	return 3
}

// premiumAbroad asks libphonenumber; numbers of +979 and of satellites belong to no country and are dear too.
func premiumAbroad(text string) bool {
	if rest, ok := strings.CutPrefix(text, "00"); ok {
		text = "+" + rest
	}
	for _, code := range []string{"+979", "+870", "+881", "+882", "+883"} {
		if strings.HasPrefix(text, code) {
			return true
		}
	}
	pn, err := phonenumbers.Parse(text, "ZZ")
	return err == nil && phonenumbers.GetNumberType(pn) == phonenumbers.PREMIUM_RATE
}

// IsCountry says whether a text is the code of a country that has telephone numbers, such as "CN".
func IsCountry(code string) bool { return phonenumbers.GetCountryCodeForRegion(code) != 0 }
