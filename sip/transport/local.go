package transport

import (
	"net"
	"net/netip"
)

// LocalFor is the address to write into Via and Contact towards a peer: one that the peer can reach and that this layer listens on. For
// TCP that is the listener's port, not the connection's. A listener on all addresses is told apart by the route to the peer. The port
// is 0 when nothing listens on that network, and the address invalid when there is no way to the peer at all.
func (l *Layer) LocalFor(peer Peer) netip.AddrPort {
	if peer.WebSocket() && peer.Local.IsValid() {
		return peer.Local // nobody connects to it: what matters is that it is ours (RFC 7118 section 5)
	}
	local := l.listenAddr(peer)
	ip := local.Addr()
	if !ip.IsValid() || ip.IsUnspecified() {
		ip = routeTo(peer.Addr)
		if a := peer.Local.Addr(); a.IsValid() && !a.IsUnspecified() {
			ip = a
		}
	}
	if l.c.Advertise.IsValid() && public(peer.Addr.Addr()) {
		ip = l.c.Advertise
	}
	return netip.AddrPortFrom(ip, local.Port())
}

// listenAddr finds the listener a peer knows: the one its message came to, else the first of its family.
func (l *Layer) listenAddr(peer Peer) netip.AddrPort {
	var fits netip.AddrPort
	for _, a := range l.Addrs(peer.Network) {
		switch {
		case a == peer.Local:
			return a
		case a.Addr().Is4() != peer.Addr.Addr().Unmap().Is4():
		case !fits.IsValid(), a.Addr() == peer.Local.Addr():
			fits = a
		}
	}
	return fits
}

// listenIP is the address outbound connections to a peer leave from, so that carriers that know us by address recognise us; invalid: any.
func (l *Layer) listenIP(to Peer) netip.Addr {
	if ip := l.listenAddr(to).Addr(); ip.IsValid() && !ip.IsUnspecified() {
		return ip
	}
	if ip := to.Local.Addr(); ip.IsValid() && !ip.IsUnspecified() {
		return ip
	}
	return netip.Addr{}
}

// routeTo asks the kernel which address it would use; connecting a UDP socket sends nothing.
func routeTo(to netip.AddrPort) netip.Addr {
	c, err := net.DialUDP("udp", nil, net.UDPAddrFromAddrPort(netip.AddrPortFrom(to.Addr(), 9)))
	if err != nil {
		return netip.Addr{}
	}
	defer c.Close()
	return c.LocalAddr().(*net.UDPAddr).AddrPort().Addr().Unmap()
}

func public(a netip.Addr) bool {
	a = a.Unmap()
	return a.IsGlobalUnicast() && !a.IsPrivate()
}
