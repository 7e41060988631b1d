package registrar

import (
	"maps"
	"net/netip"
	"slices"

	"hotline/sip/transport"
)

// Closed takes the word of the transport that a connection ended: phones that registered over it cannot be reached any more, except
// those on TCP that said where they listen. Any goroutine; never waits.
func (r *Registrar) Closed(p transport.Peer) {
	if p.Conn == 0 {
		return
	}
	r.mu.RLock()
	users := slices.Sorted(maps.Keys(r.table.flows[p.Conn]))
	r.mu.RUnlock()
	for _, user := range users {
		r.update(user, func(old []Contact) ([]Contact, *refusal) {
			return reconnect(old, func(c Contact) bool { return c.Peer.Conn == p.Conn }), nil
		})
	}
}

// reconnect gives the contacts without those whose connection is gone. Those that can be connected to stay, with the address for it.
func reconnect(all []Contact, gone func(Contact) bool) []Contact {
	var out []Contact
	for _, c := range all {
		if gone(c) {
			addr, ok := c.listens()
			if !ok {
				continue
			}
			c.Peer.Addr, c.Peer.Conn = addr, 0
		}
		out = append(out, c)
	}
	return out
}

// listens is where a phone on TCP takes connections: what its URI says, believed only where the address is the one it came from. A
// phone on TLS has no certificate we could check (RFC 5626 is the way for it), so nobody connects to one.
func (c Contact) listens() (netip.AddrPort, bool) {
	host, err := netip.ParseAddr(c.URI.Host)
	if c.Peer.Network != "tcp" || err != nil || host.Unmap() != c.Peer.Addr.Addr().Unmap() || c.URI.Port < 0 || c.URI.Port > 65535 {
		return netip.AddrPort{}, false
	}
	port := uint16(c.URI.Port)
	if port == 0 {
		port = 5060
	}
	return netip.AddrPortFrom(host, port), true
}

// flow notes, or forgets, that a user's contacts came by their connections.
func (b *bindings) flow(user string, contacts []Contact, on bool) {
	for _, c := range contacts {
		id := c.Peer.Conn
		switch {
		case id == 0:
		case on && b.flows[id] == nil:
			b.flows[id] = map[string]bool{user: true}
		case on:
			b.flows[id][user] = true
		default:
			if delete(b.flows[id], user); len(b.flows[id]) == 0 {
				delete(b.flows, id)
			}
		}
	}
}
