package configs

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"hotline/number"
	"hotline/route"
)

// Codes are what agents dial on their phones instead of a number. What is left out is as in DefaultCodes; NoCode is one that there is not.
type Codes struct {
	Park    string `yaml:"park,omitempty" json:"park,omitempty"`        // the target of a transfer, or dialled beside a talk
	PickUp  string `yaml:"pick_up,omitempty" json:"pickUp,omitempty"`   // what rings at a colleague's; before a phone's user, what rings there
	SignIn  string `yaml:"sign_in,omitempty" json:"signIn,omitempty"`   // to be not ready yet
	SignOut string `yaml:"sign_out,omitempty" json:"signOut,omitempty"` //
	Ready   string `yaml:"ready,omitempty" json:"ready,omitempty"`      //
	Break   string `yaml:"break,omitempty" json:"break,omitempty"`      // with a digit behind it for the reason
	EndWrap string `yaml:"end_wrap,omitempty" json:"endWrap,omitempty"` //
	Slots   string `yaml:"slots,omitempty" json:"slots,omitempty"`      // "701-799": where callers are parked
}

// NoCode stands where a code is not wanted.
const NoCode = "none"

// DefaultCodes are the codes of a centre that does not say others.
func DefaultCodes() Codes {
	return Codes{Park: "*70", PickUp: "*8", SignIn: "*51", SignOut: "*52", Ready: "*53", Break: "*54", EndWrap: "*55", Slots: "701-799"}
}

// codeNames are the codes by their keys in data.yml.
var codeNames = map[string]func(*Codes) *string{
	"park": func(c *Codes) *string { return &c.Park }, "pick_up": func(c *Codes) *string { return &c.PickUp },
	"sign_in": func(c *Codes) *string { return &c.SignIn }, "sign_out": func(c *Codes) *string { return &c.SignOut },
	"ready": func(c *Codes) *string { return &c.Ready }, "break": func(c *Codes) *string { return &c.Break },
	"end_wrap": func(c *Codes) *string { return &c.EndWrap }, "slots": func(c *Codes) *string { return &c.Slots },
}

// whole fills in what is left out, and makes NoCode "".
func (c Codes) whole() Codes {
	out, all := c, DefaultCodes()
	for _, field := range codeNames {
		f := field(&out)
		if *f = cmp.Or(*f, *field(&all)); *f == NoCode {
			*f = ""
		}
	}
	return out
}

// build makes the codes of the routes; those that check refuses are left out.
func (c Codes) build() route.Codes {
	w := c.whole()
	slots, _ := slotsOf(w.Slots)
	return route.Codes{
		Park: w.Park, PickUp: w.PickUp, SignIn: w.SignIn, SignOut: w.SignOut, Ready: w.Ready, Break: w.Break, EndWrap: w.EndWrap, Slots: slots,
	}
}

// mostSlots bounds how many slots a centre has.
const mostSlots = 1000

// slotsOf reads "701-799"; "" has none.
func slotsOf(text string) (s route.Slots, err error) {
	if text == "" {
		return s, nil
	}
	from, to, _ := strings.Cut(text, "-")
	s.First, _ = strconv.Atoi(from)
	s.Last, _ = strconv.Atoi(to)
	if s.First < 1 || s.Last < s.First || s.Last-s.First >= mostSlots || fmt.Sprintf("%d-%d", s.First, s.Last) != text || len(from) != len(to) {
		return route.Slots{}, fmt.Errorf("%q is no range such as 701-799: upward, of one length, at most %d", text, mostSlots)
	}
	return s, nil
}

// codes checks them by themselves, and against the numbers and phones that would not be reached any more.
func (c *checker) codes(d *Data) {
	w := d.Codes.whole()
	slots, err := slotsOf(w.Slots)
	if err != nil {
		c.doc.At("codes.slots", "%v", err)
	}
	for _, key := range slices.Sorted(maps.Keys(codeNames)) {
		code := *codeNames[key](&w)
		switch {
		case key == "slots" || code == "":
		case len(code) < 2 || len(code) > 8 || strings.Trim(code, "0123456789*#") != "":
			c.doc.At("codes."+key, "%q is no code: 2 to 8 of the keys 0 to 9, * and #, or %s", code, NoCode)
		case slots.Has(code):
			c.doc.At("codes."+key, "%s is one of the slots %s", code, w.Slots)
		default:
			c.apart(w, key, code)
		}
	}
	built := d.Codes.build()
	for i, n := range d.Numbers {
		if n.From != "" && n.From != string(route.FromPhone) {
			continue
		}
		path, what := fmt.Sprintf("numbers[%d].number", i), takenBy(&built, n.Number)
		if what != "" {
			c.doc.At(path, "phones cannot dial %s: that is %s; take another number, or another code (codes)", n.Number, what)
		} else if first := strconv.Itoa(slots.First); slots.First > 0 && n.Number != "." && number.Pattern(n.Number).Match(first) {
			c.warn(path, "phones that dial %s reach parked callers, not the flow of %s (codes.slots)", w.Slots, n.Number)
		}
	}
	for _, p := range d.Phones {
		if what := takenBy(&built, p.User); what != "" {
			c.doc.At(p.at, "nobody can dial the phone %s: that is %s; take another user, or another code (codes)", p.User, what)
		}
	}
}

// apart complains of a code that begins with another one: a phone that dials it could mean both.
func (c *checker) apart(w Codes, key, code string) {
	for other, field := range codeNames {
		o := *field(&w)
		if other == "slots" || other == key || o == "" || !strings.HasPrefix(code, o) || code == o && key < other {
			continue
		}
		c.doc.At("codes."+key, "%s begins with %s, the code of %s", code, o, other)
	}
}

// takenBy says which code takes a number; "": none does. A pattern that other numbers fit too is less specific than a code, and reached by those.
func takenBy(codes *route.Codes, pattern string) string {
	if i := strings.IndexAny(pattern, "X."); i >= 0 {
		for _, code := range []string{codes.PickUp, codes.Break} { // which have more behind them
			if code != "" && strings.HasPrefix(pattern[:i], code) {
				return "the feature code " + code
			}
		}
		return ""
	}
	code, is := codes.Read(pattern)
	switch {
	case !is:
		return ""
	case code.Does == route.FetchParked:
		return fmt.Sprintf("one of the slots in which callers are parked, %d-%d", codes.Slots.First, codes.Slots.Last)
	}
	return fmt.Sprintf("a feature code (%s)", code.Does)
}
