package transport

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"sync"

	"hotline/sip/transport/guard"
)

// end is the far end of a connection over one network.
type end struct {
	network string
	addr    netip.AddrPort
}

// dialled is set in the numbers of connections that we made, so that it is known after their end that they can be made again.
const dialled = 1 << 63

// oneWay says that a peer came by a connection that cannot be made again from here: a phone's TLS, a WebSocket.
func oneWay(p Peer) bool {
	return p.WebSocket() || p.Network == "tls" && p.Conn != 0 && p.Conn&dialled == 0
}

// pool knows the connections by their number and by the far end. They are never looked up by the local address, which several
// share.
type pool struct {
	l *Layer

	mu      sync.Mutex
	spawn   func(f func(context.Context)) // nil until Run, and after it
	stopped bool
	early   []func(context.Context) // connections begun before Run: who sends need not know whether it has come that far
	last    uint64
	byID    map[uint64]*conn
	byPeer  map[end]*conn
	perHost map[[16]byte]int
}

func newPool(l *Layer) *pool {
	return &pool{l: l, byID: map[uint64]*conn{}, byPeer: map[end]*conn{}, perHost: map[[16]byte]int{}}
}

func (p *pool) start(spawn func(f func(context.Context))) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.spawn = spawn
	for _, run := range p.early {
		spawn(run)
	}
	p.early = nil
}

// stop closes all connections and lets no new one begin.
func (p *pool) stop() {
	p.mu.Lock()
	p.spawn, p.stopped = nil, true
	all := make([]*conn, 0, len(p.byID))
	for _, c := range p.byID {
		all = append(all, c)
	}
	p.mu.Unlock()
	var wg sync.WaitGroup
	for _, c := range all {
		wg.Go(func() { c.close(ErrClosed) }) // saying goodbye over TLS may wait for the socket
	}
	wg.Wait()
}

func (p *pool) size() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.byID)
}

// inbound takes an accepted connection, or closes it when there are too many.
func (p *pool) inbound(network string, nc *net.TCPConn) {
	remote := unmap(nc.RemoteAddr().(*net.TCPAddr).AddrPort())
	local := unmap(nc.LocalAddr().(*net.TCPAddr).AddrPort())
	c := newConn(p.l, Peer{Network: network, Addr: remote, Local: local})
	c.nc = nc
	if network == "tls" || network == "wss" {
		c.nc = tls.Server(nc, p.l.serverTLS)
	}
	c.stranger = !p.l.Guard.Trusts(remote.Addr())
	err := ErrConnections
	ok := network == "tcp" && !p.l.Guard.Banned(remote.Addr(), true)
	if ok || network != "tcp" && p.l.Guard.Admit(remote.Addr()) { // a handshake costs more than a message
		err = p.begin(c, c.welcome)
	}
	if err != nil {
		p.l.n.refused.Add(1)
		nc.Close()
	}
}

// begin numbers a connection and starts its goroutine.
func (p *pool) begin(c *conn, run func(context.Context)) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	host := guard.Key(c.source)
	switch {
	case p.stopped:
		return ErrClosed
	case len(p.byID) >= p.l.c.MaxConns, c.stranger && p.perHost[host] >= p.l.c.PerHost:
		return ErrConnections
	}
	if c.stranger {
		p.perHost[host]++
	}
	p.last++
	c.peer.Conn |= p.last
	p.byID[c.peer.Conn] = c
	p.byPeer[c.end()] = c
	if p.spawn == nil {
		p.early = append(p.early, run)
	} else {
		p.spawn(run)
	}
	return nil
}

// remove forgets a connection; running says that the layer is not just closing all of them.
func (p *pool) remove(c *conn) (running bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.byID[c.peer.Conn] != c {
		return false
	}
	delete(p.byID, c.peer.Conn)
	if p.byPeer[c.end()] == c {
		delete(p.byPeer, c.end())
	}
	if host := guard.Key(c.source); c.stranger {
		if p.perHost[host]--; p.perHost[host] <= 0 {
			delete(p.perHost, host)
		}
	}
	return p.spawn != nil
}

func (p *pool) find(to Peer) *conn {
	p.mu.Lock()
	defer p.mu.Unlock()
	if c := p.byID[to.Conn]; c != nil && c.peer.Addr == to.Addr && c.peer.Network == to.Network {
		return c
	}
	if oneWay(to) {
		return nil
	}
	return p.byPeer[end{to.Network, to.Addr}]
}

// sourceOf is whom a peer is counted to: what its connection says, where it has one.
func (p *pool) sourceOf(from Peer) netip.Addr {
	if c := p.find(from); c != nil && from.Conn != 0 {
		return c.source
	}
	return from.Addr.Addr()
}

// drop closes the connection that something came by.
func (p *pool) drop(from Peer) {
	c := p.find(from)
	p.mu.Lock()
	defer p.mu.Unlock()
	if c != nil && from.Conn != 0 && p.spawn != nil {
		p.spawn(func(context.Context) { c.close(ErrClosed) }) // saying goodbye over TLS may wait for the socket
	}
}

// send queues raw on the right connection, making one when there is none. Two senders may both make one: the later is then used by all.
func (p *pool) send(to Peer, raw []byte) error {
	to.Addr = unmap(to.Addr)
	err := ErrClosed
	if c := p.find(to); c != nil {
		err = c.put(raw)
	}
	switch {
	case !errors.Is(err, ErrClosed):
	case oneWay(to):
		err = ErrFlowGone
	default:
		if err = p.dial(to, raw); err != nil {
			err = fmt.Errorf("%w: %w", ErrConnect, err)
		}
	}
	if errors.Is(err, ErrQueueFull) {
		p.l.n.queueFull.Add(1)
	}
	if err != nil {
		return fmt.Errorf("send to %s %s: %w", to.Network, to.Addr, err)
	}
	return nil
}

func (p *pool) dial(to Peer, raw []byte) error {
	from := p.l.listenIP(to)
	c := newConn(p.l, Peer{Network: to.Network, Addr: to.Addr, Local: to.Local, Conn: dialled})
	c.queue = [][]byte{raw}
	return p.begin(c, func(ctx context.Context) { c.connect(ctx, from) })
}

func unmap(a netip.AddrPort) netip.AddrPort { return netip.AddrPortFrom(a.Addr().Unmap(), a.Port()) }
