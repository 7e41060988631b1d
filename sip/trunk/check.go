package trunk

import (
	"errors"
	"fmt"
	"net/netip"
	"slices"
)

// ErrInvalid is wrapped by what Check and Replace return.
var ErrInvalid = errors.New("invalid trunk")

// Check tells all that is wrong with one trunk, nil for nothing; each error wraps ErrInvalid.
func (t Trunk) Check() error {
	var all []error
	bad := func(format string, args ...any) {
		all = append(all, fmt.Errorf("%w %q: "+format, append([]any{ErrInvalid, t.ID}, args...)...))
	}
	if t.ID == "" {
		bad("no id")
	}
	if t.MaxCalls < 0 || t.MaxCPS < 0 || t.MaxCPSIn < 0 || t.OptionsEvery < 0 || t.AnswerWithin < 0 || t.Weight < 0 {
		bad("a limit is below zero")
	}
	if r := t.Register; r != nil && (r.Domain == "" || r.User == "" || r.Contact == "" || r.Expires < 0 || len(t.Targets) == 0) {
		bad("to register it needs a domain, a user, a contact, and targets")
	}
	for i, s := range t.Sources {
		if !s.IsValid() || s.Bits() == 0 {
			bad("source %d is not an address range, or is every address", i+1)
		}
	}
	for i, x := range t.Targets {
		if !x.valid() {
			bad("target %d needs an address with port or a name, udp, tcp or tls, and a weight of 0 or more", i+1)
		}
	}
	for _, rules := range [][]Rule{t.CallerIn, t.CallerOut, t.CalledOut} {
		if slices.ContainsFunc(rules, func(r Rule) bool { return r.Strip < 0 }) {
			bad("a rule strips fewer than no characters")
		}
	}
	if !t.Form.known() {
		bad("its form names a format, a place or a way of forwarding that there is not")
	}
	return errors.Join(all...)
}

// valid is true for a target that is somewhere, by a network that we have.
func (t Target) valid() bool {
	placed := t.Name != "" || t.Addr.IsValid() && t.Addr.Port() != 0
	carried := slices.Contains([]string{"udp", "tcp", "tls"}, t.Network) || t.Name != "" && t.Network == ""
	return placed && carried && t.Weight >= 0
}

// known is true where all that a form names is there.
func (f Form) known() bool {
	for _, place := range f.Show {
		if !slices.Contains(CallerPlaces(), place) {
			return false
		}
	}
	return (f.Format == "" || slices.Contains(Formats(), f.Format)) && (f.Forwarded == "" || slices.Contains(ForwardedWays(), f.Forwarded))
}

// checkAll adds what only all trunks together show: an id or a source that two have.
func checkAll(trunks []Trunk) error {
	var all []error
	ids, sources := map[string]bool{}, map[netip.Prefix]string{}
	for _, t := range trunks {
		all = append(all, t.Check())
		if ids[t.ID] {
			all = append(all, fmt.Errorf("%w %q: two have this id", ErrInvalid, t.ID))
		}
		ids[t.ID] = true
		for _, s := range t.Sources {
			s = plain(s)
			if other, taken := sources[s]; taken && other != t.ID {
				all = append(all, fmt.Errorf("%w %q: source %s belongs to %q", ErrInvalid, t.ID, s, other))
			}
			sources[s] = t.ID
		}
	}
	return errors.Join(all...)
}

// plain is a range in its one spelling: IPv4 inside IPv6 becomes IPv4, host bits go.
func plain(p netip.Prefix) netip.Prefix {
	if a := p.Addr(); a.Is4In6() && p.Bits() >= 96 {
		p = netip.PrefixFrom(a.Unmap(), p.Bits()-96)
	}
	return p.Masked()
}
