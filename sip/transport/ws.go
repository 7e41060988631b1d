package transport

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/coder/websocket"
)

// errUpgrade is why a connection to a WebSocket port was closed before it carried anything.
var errUpgrade = errors.New("no WebSocket handshake for SIP")

// subprotocol is what RFC 7118 section 4.1 wants both ends to name.
const subprotocol = "sip"

// openWebSocket ends the handshake of RFC 6455, or refuses it with a word. pinged is called for each ping, on the reader's goroutine.
func (l *Layer) openWebSocket(w http.ResponseWriter, r *http.Request, pinged func()) (*websocket.Conn, error) {
	switch {
	case !l.allowedOrigin(r):
		http.Error(w, "This page may not speak SIP here: its origin is not allowed (http.origins).", http.StatusForbidden)
		return nil, errUpgrade
	case isUpgrade(r) && !offersSIP(r):
		http.Error(w, `Offer the subprotocol "sip" (RFC 7118).`, http.StatusBadRequest)
		return nil, errUpgrade
	}
	ws, err := websocket.Accept(w, r, &websocket.AcceptOptions{
		Subprotocols: []string{subprotocol}, InsecureSkipVerify: true, CompressionMode: websocket.CompressionDisabled, // the origin has been checked
		OnPingReceived: func(_ context.Context, _ []byte) bool { pinged(); return true },
	})
	if err != nil {
		return nil, errors.Join(errUpgrade, err)
	}
	ws.SetReadLimit(int64(l.c.MaxFrame))
	return ws, nil
}

// allowedOrigin keeps pages of strangers from using a visitor's browser to get at us (RFC 6455 section 10.2).
func (l *Layer) allowedOrigin(r *http.Request) bool {
	origin := r.Header.Get("Origin")
	if origin == "" || slices.Contains(l.c.Origins, origin) {
		return true
	}
	u, err := url.Parse(origin)
	return err == nil && u.Host != "" && strings.EqualFold(u.Host, r.Host)
}

func isUpgrade(r *http.Request) bool { return strings.EqualFold(r.Header.Get("Upgrade"), "websocket") }

func offersSIP(r *http.Request) bool {
	for _, line := range r.Header.Values("Sec-WebSocket-Protocol") {
		for _, name := range strings.Split(line, ",") {
			if strings.TrimSpace(name) == subprotocol {
				return true
			}
		}
	}
	return false
}

// readFrames takes messages, one to a WebSocket message, until the connection ends, stalls or idles (RFC 7118 section 5).
func (c *conn) readFrames(ctx context.Context) {
	c.patience = 3 * c.l.c.Stall // a connection that has said nothing yet gets no Idle
	for {
		if c.nc.SetReadDeadline(time.Now().Add(c.patience)) != nil {
			return
		}
		_, r, err := c.ws.Reader(ctx)
		if err != nil {
			c.readEnded(err, false)
			return
		}
		c.begun = true
		if c.nc.SetReadDeadline(time.Now().Add(c.l.c.Stall)) != nil {
			return
		}
		raw, err := io.ReadAll(r)
		c.begun = false
		if err != nil {
			if errors.Is(err, websocket.ErrMessageTooBig) {
				c.l.n.framing.Add(1)
				c.linger()
			}
			c.readEnded(err, true)
			return
		}
		if c.frame(raw) {
			c.patience = c.l.c.Idle
		}
	}
}

// frame takes one message, and says whether it was a sign of life. What does not look like SIP costs its sender like what does.
func (c *conn) frame(raw []byte) bool {
	switch {
	case keepAlive(raw):
		c.l.n.keepAlives.Add(1)
		if string(raw) == "\r\n\r\n" {
			_ = c.put([]byte(pong)) // a full queue means there is traffic enough
		}
		return true
	case !sane(raw):
		c.l.n.junk.Add(1)
		c.l.Guard.Admit(c.source)
		return false
	}
	c.deliver(raw)
	return true
}

// pinged is a sign of life from who has spoken before. Between the parts of a message it is none: that would let one take for ever.
func (c *conn) pinged() {
	c.l.n.keepAlives.Add(1)
	if !c.begun {
		_ = c.nc.SetReadDeadline(time.Now().Add(c.patience)) // an error shows at the next read
	}
}

// frameType is text where it may be: text must be UTF-8, a SIP message need not (RFC 7118 section 5).
func frameType(raw []byte) websocket.MessageType {
	if utf8.Valid(raw) {
		return websocket.MessageText
	}
	return websocket.MessageBinary
}
