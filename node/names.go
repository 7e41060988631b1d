package node

import (
	"net/netip"
	"slices"

	"github.com/emiago/sipgo/sip"

	"hotline/sip/resolve"
	"hotline/sip/transport"
	"hotline/sip/trunk"
)

// openNames makes what finds the servers of names: those of trunks, of URIs that are called, of hops inside a carrier's dialogs.
func (n *Node) openNames() {
	c := n.config.SIP
	six := slices.ContainsFunc(slices.Concat(c.UDP, c.TCP, c.TLS), func(a netip.AddrPort) bool { return a.Addr().Is6() })
	n.names = resolve.New(resolve.Config{Servers: c.DNSServers(), IPv6: six})
	n.trunks.Names, n.trunks.Found = n.names, n.trunksMoved
}

// trunksMoved registers with the addresses that names have now, and trusts them.
func (n *Node) trunksMoved() {
	n.keeper.Replace(registrations(n.trunks.Trunks()))
	n.trustTrunks()
}

// trustTrunks tells the guard whom to leave alone, after the trunks or the addresses of their names have changed.
func (n *Node) trustTrunks() {
	n.trusting.Lock() // so that the newest word is the last
	defer n.trusting.Unlock()
	n.transport.Guard.Trust(peersOf(n.trunks.Trunks()))
}

// peersOf are the addresses that trunks' messages come from.
func peersOf(trunks []trunk.Trunk) (all []netip.Prefix) {
	for _, t := range trunks {
		all = append(all, t.Peers()...)
	}
	return all
}

// hop is where a request inside a dialog goes whose next hop is a host of a carrier by name, once the name is known (RFC 3263). The way the
// carrier's messages come by is kept where it is one of the name's addresses. Phones always get theirs on the flow they use, and nobody but
// carriers can make us look for a name.
func (n *Node) hop(next sip.Uri, last transport.Peer) (transport.Peer, bool) {
	if !resolve.IsName(next.Host) || !n.ofTrunk(last.Addr.Addr()) {
		return last, false
	}
	known := make(chan []resolve.Server, 1)
	n.names.Find(resolve.QueryOf(next), func(servers []resolve.Server, _ error) { known <- servers })
	select {
	case servers := <-known:
		same := func(s resolve.Server) bool { return s.Addr.Addr() == last.Addr.Addr().Unmap() }
		if len(servers) == 0 || slices.ContainsFunc(servers, same) {
			return last, false
		}
		return transport.Peer{Network: servers[0].Network, Addr: servers[0].Addr}, true
	default: // it is being looked up
		return last, false
	}
}

func (n *Node) ofTrunk(a netip.Addr) bool {
	_, source := n.trunks.BySource(a)
	return source || n.trunks.Owns(a)
}
