package transport

import (
	"net"
	"net/netip"
	"sync"
	"time"
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
		if ip = peer.Local.Addr(); !ip.IsValid() || ip.IsUnspecified() {
			ip = l.routes.to(peer.Addr.Addr(), time.Now())
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
	for a := range l.addrs(peer.Network) {
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

const (
	routesMost = 1024             // peers whose routes are kept
	routesFor  = 10 * time.Second // and for how long: a laptop changes its network, and a server its routes
)

// routes remembers which address of ours the kernel uses towards a peer: to ask it takes a socket, and every request wants to know.
type routes struct {
	mu sync.Mutex
	of map[netip.Addr]route
}

type route struct {
	from  netip.Addr
	until time.Time
}

// to is our address towards a peer; invalid: there is no way to it.
func (r *routes) to(peer netip.Addr, now time.Time) netip.Addr {
	r.mu.Lock()
	known := r.of[peer]
	r.mu.Unlock()
	if now.Before(known.until) {
		return known.from
	}
	from := routeTo(peer)
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.of == nil || len(r.of) >= routesMost {
		r.of = map[netip.Addr]route{}
	}
	r.of[peer] = route{from, now.Add(routesFor)}
	return from
}

// routeTo asks the kernel which address it would use; connecting a UDP socket sends nothing.
func routeTo(to netip.Addr) netip.Addr {
	c, err := net.DialUDP("udp", nil, net.UDPAddrFromAddrPort(netip.AddrPortFrom(to, 9)))
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
