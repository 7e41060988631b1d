package transport

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"time"
)

// maxUpgrade bounds the HTTP request that opens a WebSocket, in octets.
const maxUpgrade = 16 << 10

// upgrade reads the HTTP request on a WebSocket port and answers it, within Config.Handshake, on the connection's own goroutine: one
// that says nothing keeps nobody waiting.
func (c *conn) upgrade() error {
	err := c.nc.SetDeadline(time.Now().Add(c.l.c.Handshake))
	if err == nil {
		err = c.readUpgrade()
	}
	if err == nil {
		err = c.nc.SetDeadline(time.Time{})
	}
	if err != nil {
		c.l.n.handshakes.Add(1)
	}
	return err
}

func (c *conn) readUpgrade() error {
	w := &reply{nc: c.nc, header: http.Header{}}
	w.Reader = bufio.NewReaderSize(io.LimitReader(c.nc, maxUpgrade), 2048)
	w.Writer = bufio.NewWriterSize(c.nc, 2048)
	r, err := http.ReadRequest(w.Reader)
	if err != nil {
		http.Error(w, "This is a port for SIP over WebSocket.", http.StatusBadRequest)
		return errors.Join(errUpgrade, err, w.Flush())
	}
	ws, err := c.l.openWebSocket(w, r, c.pinged)
	if err != nil {
		return errors.Join(err, w.Flush())
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.ws = ws
	if c.closed {
		_ = ws.CloseNow()
		return ErrClosed
	}
	return nil
}

// reply writes the one answer that a WebSocket port gives over HTTP.
type reply struct {
	bufio.ReadWriter
	nc     net.Conn
	header http.Header
	begun  bool
}

// Header is that of the answer.
func (w *reply) Header() http.Header { return w.header }

// WriteHeader begins the answer; all but an upgrade end with the connection.
func (w *reply) WriteHeader(status int) {
	if w.begun {
		return
	}
	w.begun = true
	if status != http.StatusSwitchingProtocols {
		w.header.Set("Connection", "close")
	}
	fmt.Fprintf(w.Writer, "HTTP/1.1 %d %s\r\n", status, http.StatusText(status))
	_ = w.header.Write(w.Writer) // an error stays in the writer until Flush
	_, _ = w.WriteString("\r\n")
}

// Write is the body.
func (w *reply) Write(b []byte) (int, error) {
	w.WriteHeader(http.StatusOK)
	return w.Writer.Write(b)
}

// Hijack hands the connection over once the answer has left.
func (w *reply) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	return w.nc, &w.ReadWriter, w.Flush()
}

// ServeHTTP takes SIP over WebSocket from an HTTP server of others, after the same checks as on a port of its own (Config.WS). What
// r.Context says is not looked at afterwards: the connection ends with Run, or by itself.
func (l *Layer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	at, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		http.Error(w, "This needs a connection over TCP.", http.StatusBadRequest)
		return
	}
	network := "ws"
	if r.TLS != nil {
		network = "wss"
	}
	c := newConn(l, Peer{Network: network, Addr: unmap(at)})
	c.source = behind(c.source, r)
	c.stranger = !l.Guard.Trusts(c.source)
	if !l.Guard.Admit(c.source) {
		w.Header().Set("Retry-After", "5")
		http.Error(w, "Too many requests.", http.StatusTooManyRequests)
		return
	}
	taken := &hijacker{ResponseWriter: w}
	c.ws, err = l.openWebSocket(taken, r, c.pinged)
	if err != nil {
		l.n.handshakes.Add(1)
		l.log.Debug("SIP connection refused", "peer", at, "error", err)
		return
	}
	c.nc = taken.nc
	if local, ok := c.nc.LocalAddr().(*net.TCPAddr); ok {
		c.peer.Local = unmap(local.AddrPort())
	}
	if err := l.pool.begin(c, c.serve); err != nil {
		l.n.refused.Add(1)
		_ = c.ws.CloseNow()
	}
}

// behind is the address that a request came from. A proxy on this machine is believed about it: it adds the last word of
// X-Forwarded-For itself.
func behind(at netip.Addr, r *http.Request) netip.Addr {
	if at.IsLoopback() {
		hops := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
		if a, err := netip.ParseAddr(strings.TrimSpace(hops[len(hops)-1])); err == nil {
			return a.Unmap().WithZone("")
		}
	}
	return at
}

// hijacker remembers the connection that a handshake took over.
type hijacker struct {
	http.ResponseWriter
	nc net.Conn
}

// Hijack is http.Hijacker.
func (h *hijacker) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	nc, rw, err := http.NewResponseController(h.ResponseWriter).Hijack()
	h.nc = nc
	return nc, rw, err
}
