package transport

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"sync"
)

// pool knows the TCP connections by their number and by the far end. They are never looked up by the local address, which several
// share.
type pool struct {
	l *Layer

	mu      sync.Mutex
	spawn   func(f func(context.Context)) // nil until Run, and after it
	last    uint64
	byID    map[uint64]*conn
	byPeer  map[netip.AddrPort]*conn
	perHost map[[16]byte]int
}

func newPool(l *Layer) *pool {
	return &pool{l: l, byID: map[uint64]*conn{}, byPeer: map[netip.AddrPort]*conn{}, perHost: map[[16]byte]int{}}
}

func (p *pool) start(spawn func(f func(context.Context))) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.spawn = spawn
}

// stop closes all connections and lets no new one begin.
func (p *pool) stop() {
	p.mu.Lock()
	p.spawn = nil
	all := make([]*conn, 0, len(p.byID))
	for _, c := range p.byID {
		all = append(all, c)
	}
	p.mu.Unlock()
	for _, c := range all {
		c.close(ErrClosed)
	}
}

func (p *pool) size() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.byID)
}

// inbound takes an accepted connection, or closes it when there are too many.
func (p *pool) inbound(nc *net.TCPConn) {
	remote := unmap(nc.RemoteAddr().(*net.TCPAddr).AddrPort())
	local := unmap(nc.LocalAddr().(*net.TCPAddr).AddrPort())
	c := newConn(p.l, Peer{Network: "tcp", Addr: remote, Local: local})
	c.nc = nc
	c.stranger = !p.l.guard.trusts(remote.Addr())
	if err := p.begin(c, func(context.Context) { c.serve() }); err != nil {
		p.l.n.refused.Add(1)
		nc.Close()
	}
}

// begin numbers a connection and starts its goroutine.
func (p *pool) begin(c *conn, run func(context.Context)) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	host := sourceKey(c.peer.Addr.Addr())
	switch {
	case p.spawn == nil:
		return ErrClosed
	case len(p.byID) >= p.l.c.MaxConns, c.stranger && p.perHost[host] >= p.l.c.PerHost:
		return ErrConnections
	}
	if c.stranger {
		p.perHost[host]++
	}
	p.last++
	c.peer.Conn = p.last
	p.byID[c.peer.Conn] = c
	p.byPeer[c.peer.Addr] = c
	p.spawn(run)
	return nil
}

func (p *pool) remove(c *conn) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.byID[c.peer.Conn] != c {
		return
	}
	delete(p.byID, c.peer.Conn)
	if p.byPeer[c.peer.Addr] == c {
		delete(p.byPeer, c.peer.Addr)
	}
	if host := sourceKey(c.peer.Addr.Addr()); c.stranger {
		if p.perHost[host]--; p.perHost[host] <= 0 {
			delete(p.perHost, host)
		}
	}
}

func (p *pool) find(to Peer) *conn {
	p.mu.Lock()
	defer p.mu.Unlock()
	if c := p.byID[to.Conn]; c != nil && c.peer.Addr == to.Addr {
		return c
	}
	return p.byPeer[to.Addr]
}

// send queues raw on the right connection, making one when there is none. Two senders may both make one: the later is then used by all.
func (p *pool) send(to Peer, raw []byte) error {
	to.Addr = unmap(to.Addr)
	err := ErrClosed
	if c := p.find(to); c != nil {
		err = c.put(raw)
	}
	if errors.Is(err, ErrClosed) {
		err = p.dial(to, raw)
	}
	if errors.Is(err, ErrQueueFull) {
		p.l.n.queueFull.Add(1)
	}
	if err != nil {
		return fmt.Errorf("send to tcp %s: %w", to.Addr, err)
	}
	return nil
}

func (p *pool) dial(to Peer, raw []byte) error {
	from := p.l.listenIP(to)
	c := newConn(p.l, Peer{Network: "tcp", Addr: to.Addr, Local: to.Local})
	c.queue = [][]byte{raw}
	return p.begin(c, func(ctx context.Context) { c.connect(ctx, from) })
}

func unmap(a netip.AddrPort) netip.AddrPort { return netip.AddrPortFrom(a.Addr().Unmap(), a.Port()) }
