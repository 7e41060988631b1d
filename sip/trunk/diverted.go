package trunk

import (
	"strings"

	"github.com/emiago/sipgo/sip"
)

const (
	mostDiverted    = 5   // entries of Diversion that are passed on
	longestDiverted = 256 // octets of one
)

// DivertedBy are the entries of Diversion that came with a call, as they were written, the latest first (RFC 5806 section 4): who sent it on
// before it came here. At most five; what cannot be read is left out.
func DivertedBy(req *sip.Request) (all []string) {
	for _, h := range req.GetHeaders(Diversion) {
		for list := h.Value(); list != ""; {
			entry := firstOf(list)
			list = strings.TrimPrefix(list[len(entry):], ",")
			entry = strings.TrimSpace(entry)
			if _, _, ok := asserted(entry); ok && len(entry) <= longestDiverted && !strings.ContainsAny(entry, "\r\n\x00") && len(all) < mostDiverted {
				all = append(all, entry)
			}
		}
	}
	return all
}

// passOn adds the entries that came with the call behind ours. One of the number that sends it on now is ours already; one that is to be
// kept private goes to a carrier that is trusted with it, and to no other.
func (t Trunk) passOn(s *Sent, c Calling) {
	for _, entry := range c.Diverted {
		user, _, _ := asserted(entry)
		if user != c.Forwards && (t.Form.Trusted || !guarded(entry)) {
			s.add(Diversion, entry)
		}
	}
}

// guarded is true for an entry whose privacy parameter is anything but off.
func guarded(entry string) bool {
	_, params, _ := strings.Cut(entry, ">")
	for param := range strings.SplitSeq(params, ";") {
		name, value, _ := strings.Cut(strings.TrimSpace(param), "=")
		if strings.EqualFold(strings.TrimSpace(name), "privacy") {
			return !strings.EqualFold(strings.Trim(strings.TrimSpace(value), `"`), "off")
		}
	}
	return false
}
