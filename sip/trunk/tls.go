package trunk

import "net/netip"

// TLSTarget finds how the far end of a TLS connection to an address is to be checked. Of several targets with that address the
// strictest counts: one that is checked before one that is not, then the first by trunk. false: no trunk has such a target.
func (s *Set) TLSTarget(a netip.AddrPort) (Target, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var best Target
	var of string
	for id, l := range s.lines {
		for _, h := range l.targets {
			t := h.target
			if t.Network != "tls" || t.Addr != a {
				continue
			}
			stricter := best.Insecure && !t.Insecure
			if of == "" || stricter || t.Insecure == best.Insecure && id < of {
				best, of = t, id
			}
		}
	}
	return best, of != ""
}
