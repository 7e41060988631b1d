package route

import (
	"strconv"
	"strings"
)

// Deed is what a feature code does.
type Deed string

// What feature codes do. Code.Arg is set where a line says so.
const (
	ParkCaller  Deed = "park"     // leaves whom the phone talks to in a slot; Arg: in that very one
	FetchParked Deed = "slot"     // takes who is parked; Arg: the slot
	PickUpGroup Deed = "pick-up"  // takes a ringing call of a colleague
	PickUpPhone Deed = "pick-up-" // takes what rings at a phone; Arg: its user
	SignIn      Deed = "sign-in"
	SignOut     Deed = "sign-out"
	Ready       Deed = "ready"
	Break       Deed = "break" // Arg: the reason, one of BreakReasons
	EndWrap     Deed = "end-wrap"
)

// BreakReasons are those that a digit behind the code for a break names, from 1 on; the first is that of the code alone. They are kept as these
// words, which the pages say in the reader's language.
var BreakReasons = []string{"break", "meal", "meeting", "training"} //nolint:gochecknoglobals // a table

// Codes are the feature codes: what agents dial on their phones instead of a number. "" is a code that there is not, and the zero value has none.
// No code may begin with another one.
type Codes struct {
	Park, PickUp                           string
	SignIn, SignOut, Ready, Break, EndWrap string
	Slots                                  Slots
}

// Slots are the numbers in which callers are parked, both ends included; the zero value has none.
type Slots struct{ First, Last int }

// Has says whether a dialled number is one of them.
func (s Slots) Has(dialled string) bool {
	n, err := strconv.Atoi(dialled)
	return err == nil && n >= s.First && n <= s.Last && n > 0 && strconv.Itoa(n) == dialled
}

// Code is a feature code as it was dialled.
type Code struct {
	Does Deed
	Arg  string
}

// Read says which code a phone dialled; false: it is a number.
func (c *Codes) Read(dialled string) (Code, bool) {
	if c.Slots.Has(dialled) {
		return Code{FetchParked, dialled}, true
	}
	for does, code := range c.All() {
		if code == dialled && does != Break {
			return Code{Does: does}, true
		}
	}
	if user, found := strings.CutPrefix(dialled, c.PickUp); found && c.PickUp != "" {
		if c.Slots.Has(user) { // a key whose lamp shows the slot dials it so
			return Code{FetchParked, user}, true
		}
		return Code{PickUpPhone, user}, true
	}
	if reason, found := strings.CutPrefix(dialled, c.Break); found && c.Break != "" {
		n := 1
		if reason != "" {
			n, _ = strconv.Atoi(reason)
		}
		if n >= 1 && n <= len(BreakReasons) && len(reason) <= 1 {
			return Code{Break, BreakReasons[n-1]}, true
		}
	}
	return Code{}, false
}

// All are the codes that there are, by what each does.
func (c *Codes) All() map[Deed]string {
	all := map[Deed]string{}
	for does, code := range map[Deed]string{
		ParkCaller: c.Park, PickUpGroup: c.PickUp, SignIn: c.SignIn, SignOut: c.SignOut, Ready: c.Ready, Break: c.Break, EndWrap: c.EndWrap,
	} {
		if code != "" {
			all[does] = code
		}
	}
	return all
}
