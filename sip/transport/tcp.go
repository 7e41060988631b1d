package transport

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"os"
	"sync"
	"time"

	"github.com/coder/websocket"
)

// conn is one connection of any network but UDP, or one being made. Its reader and writer are its only goroutines.
type conn struct {
	l        *Layer
	peer     Peer       // Local is the listener's address for an inbound one
	source   netip.Addr // whom the guard counts it to: the peer's address, or what a proxy on this machine says
	stranger bool       // counts against PerHost

	mu     sync.Mutex
	nc     net.Conn        // nil while connecting
	ws     *websocket.Conn // over nc; nil for others than WebSocket, and before the upgrade
	queue  [][]byte
	closed bool
	bell   chan struct{} // rings when queue or closed changed; holds one
	done   chan struct{} // closed with the connection

	// Only the reader of a WebSocket touches these.
	patience time.Duration // how long it may be silent
	begun    bool          // part of a message waits for the rest
}

func newConn(l *Layer, p Peer) *conn {
	return &conn{l: l, peer: p, source: p.Addr.Addr(), bell: make(chan struct{}, 1), done: make(chan struct{})}
}

func (c *conn) end() end { return end{c.peer.Network, c.peer.Addr} }

// put queues a message; ErrClosed means the connection can take no more.
func (c *conn) put(raw []byte) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case c.closed:
		return ErrClosed
	case len(c.queue) >= c.l.c.Queue:
		return ErrQueueFull
	}
	c.queue = append(c.queue, raw)
	select {
	case c.bell <- struct{}{}:
	default:
	}
	return nil
}

func (c *conn) take() [][]byte {
	c.mu.Lock()
	defer c.mu.Unlock()
	q := c.queue
	c.queue = nil
	return q
}

// close ends the connection once; messages still queued are reported with err.
func (c *conn) close(err error) {
	c.mu.Lock()
	if c.closed {
		c.mu.Unlock()
		return
	}
	c.closed = true
	nc, ws, left := c.nc, c.ws, c.queue
	c.queue = nil
	close(c.done)
	c.mu.Unlock()
	switch {
	case ws != nil:
		_ = ws.CloseNow()
	case nc != nil:
		nc.Close()
	}
	if running := c.l.pool.remove(c); running && c.l.c.Closed != nil {
		c.l.c.Closed(c.peer)
	}
	for _, raw := range left {
		c.l.failed(c.peer, raw, err)
	}
}

// serve runs an established connection until it ends: the writer beside, the reader here.
func (c *conn) serve(ctx context.Context) {
	var wg sync.WaitGroup
	wg.Go(c.write)
	if c.ws != nil {
		c.readFrames(ctx)
	} else {
		c.read()
	}
	c.close(ErrClosed)
	wg.Wait()
}

// connect makes an outbound connection and serves it.
func (c *conn) connect(ctx context.Context, from netip.Addr) {
	d := net.Dialer{Timeout: c.l.c.Dial}
	if from.IsValid() {
		d.LocalAddr = net.TCPAddrFromAddrPort(netip.AddrPortFrom(from, 0))
	}
	nc, err := d.DialContext(ctx, "tcp", c.peer.Addr.String())
	if err != nil {
		c.close(fmt.Errorf("connect to %s %s: %w: %w", c.peer.Network, c.peer.Addr, ErrConnect, err))
		return
	}
	c.mu.Lock()
	c.nc = c.secure(nc)
	closed := c.closed
	c.mu.Unlock()
	if closed {
		nc.Close()
		return
	}
	if err := c.shake(ctx); err != nil {
		c.close(fmt.Errorf("connect to %s %s: %w: %w", c.peer.Network, c.peer.Addr, ErrConnect, err))
		return
	}
	c.serve(ctx)
}

func (c *conn) write() {
	for {
		for _, raw := range c.take() {
			if err := c.writeOne(raw); err != nil {
				err = fmt.Errorf("write to %s %s: %w", c.peer.Network, c.peer.Addr, err)
				c.l.failed(c.peer, raw, err)
				c.close(err)
			}
		}
		select {
		case <-c.bell:
		case <-c.done:
			return
		}
	}
}

func (c *conn) writeOne(raw []byte) error {
	if err := c.nc.SetWriteDeadline(time.Now().Add(c.l.c.Write)); err != nil {
		return err
	}
	if err := c.writeWhole(raw); err != nil {
		return err
	}
	if len(raw) > len(pong) {
		c.l.n.sent.Add(1)
	}
	return nil
}

// writeWhole writes one message, as it is or as a frame.
func (c *conn) writeWhole(raw []byte) error {
	if c.ws != nil {
		err := c.ws.Write(context.Background(), frameType(raw), raw) // bounded by nc's deadline
		return errors.Join(err, c.nc.SetWriteDeadline(time.Time{}))  // pongs are written by the reader
	}
	_, err := c.nc.Write(raw)
	return err
}

const pong = "\r\n" // RFC 5626 4.4.1

// read frames messages until the connection ends, stalls, idles, or carries something that is not SIP.
func (c *conn) read() {
	s := stream{maxHead: c.l.c.MaxHead, maxBody: c.l.c.MaxBody}
	deadline := time.Now().Add(3 * c.l.c.Stall) // a connection that has said nothing yet gets no Idle
	stalling := false
	for {
		if err := c.nc.SetReadDeadline(deadline); err != nil {
			return
		}
		n, err := c.nc.Read(s.room())
		if err != nil {
			c.readEnded(err, stalling)
			return
		}
		s.filled(n)
		heard, err := c.messages(&s)
		if err != nil {
			c.l.n.framing.Add(1)
			c.linger()
			return
		}
		begun := s.begun()
		if heard || begun && !stalling {
			deadline = time.Now().Add(c.l.c.Idle)
			if begun {
				deadline = time.Now().Add(c.l.c.Stall)
			}
		}
		stalling = begun
	}
}

// messages delivers what is complete and says whether anything was.
func (c *conn) messages(s *stream) (heard bool, err error) {
	for {
		raw, pings, err := s.next()
		for range pings {
			heard = true
			c.l.n.keepAlives.Add(1)
			_ = c.put([]byte(pong)) // a full queue means there is traffic enough
		}
		if raw != nil {
			heard = true
			c.deliver(raw)
		}
		if err != nil || raw == nil {
			return heard, err
		}
	}
}

func (c *conn) deliver(raw []byte) {
	if known, ok := c.l.Guard.Message(c.source, raw); ok {
		c.l.deliver(Received{Peer: c.peer, Raw: raw, At: time.Now(), Stranger: !known})
	} else if c.l.Guard.Banned(c.source, false) {
		c.l.pool.drop(c.peer)
	}
}

func (c *conn) readEnded(err error, stalling bool) {
	switch {
	case !errors.Is(err, os.ErrDeadlineExceeded):
	case stalling:
		c.l.n.stalled.Add(1)
	default:
		c.l.n.idled.Add(1)
	}
}

// linger gives an answer the time to leave, and swallows what the peer still sends: closing over unread octets would reset the
// connection and take the answer with it.
func (c *conn) linger() {
	const patience, most = 500 * time.Millisecond, 1 << 20
	if c.nc.SetReadDeadline(time.Now().Add(patience)) == nil {
		_, _ = io.CopyN(io.Discard, c.nc, most)
	}
}
