package transport

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"

	"hotline/sip/transport/guard"
)

// startWS runs a layer with a WebSocket port, with and without TLS.
func startWS(t *testing.T, c Config) *node {
	t.Helper()
	c.WS, c.WSS = []netip.AddrPort{anyPort}, []netip.AddrPort{anyPort}
	c.Certificate, c.Key = cert(t, t.TempDir(), nextYear(), "127.0.0.1")
	return start(t, c)
}

// page is a browser or another client of the node.
type page struct {
	*websocket.Conn
	ctx   context.Context //nolint:containedctx // lives as long as one test
	pongs chan string
}

func dialWS(t *testing.T, url string, o websocket.DialOptions) (*page, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	t.Cleanup(cancel)
	p := &page{ctx: ctx, pongs: make(chan string, 10)}
	o.HTTPClient = &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}, DisableKeepAlives: true}}
	o.OnPongReceived = func(_ context.Context, payload []byte) { p.pongs <- string(payload) }
	ws, res, err := websocket.Dial(ctx, url, &o)
	if err != nil {
		if res != nil {
			err = fmt.Errorf("HTTP %d: %w", res.StatusCode, err)
		}
		return nil, err
	}
	p.Conn = ws
	t.Cleanup(func() { _ = ws.CloseNow() })
	return p, nil
}

func (n *node) url(network string) string {
	return network + "://" + n.Addrs(network)[0].String() + "/sip"
}

var sipOnly = websocket.DialOptions{Subprotocols: []string{"sip"}}

func openWS(t *testing.T, n *node) *page {
	t.Helper()
	p, err := dialWS(t, n.url("ws"), sipOnly)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func (p *page) say(t *testing.T, kind websocket.MessageType, text string) {
	t.Helper()
	if err := p.Write(p.ctx, kind, []byte(text)); err != nil {
		t.Fatal(err)
	}
}

func (p *page) hear(t *testing.T) (websocket.MessageType, string) {
	t.Helper()
	kind, b, err := p.Read(p.ctx)
	if err != nil {
		t.Fatalf("read: %v", err)
	}
	return kind, string(b)
}

func TestWSHandshake(t *testing.T) {
	n := startWS(t, Config{Origins: []string{"https://desk.example.com"}})
	host := n.Addrs("ws")[0].String()
	for _, c := range []struct {
		name, network, origin string
		offered               []string
		status                string // "": taken
	}{
		{"sip is named back", "ws", "", []string{"sip"}, ""},
		{"among others", "ws", "", []string{"xmpp", "sip"}, ""},
		{"over TLS", "wss", "", []string{"sip"}, ""},
		{"no subprotocol", "ws", "", nil, "HTTP 400"},
		{"another subprotocol", "ws", "", []string{"xmpp"}, "HTTP 400"},
		{"a page of ours", "ws", "http://" + host, []string{"sip"}, ""},
		{"a page that is allowed", "ws", "https://desk.example.com", []string{"sip"}, ""},
		{"a page of strangers", "ws", "https://evil.example.com", []string{"sip"}, "HTTP 403"},
		{"a page that only looks allowed", "ws", "https://desk.example.com.evil.example.com", []string{"sip"}, "HTTP 403"},
		{"another scheme than allowed", "ws", "http://desk.example.com", []string{"sip"}, "HTTP 403"},
		{"a sandboxed page", "ws", "null", []string{"sip"}, "HTTP 403"},
		{"a page of strangers over TLS", "wss", "https://evil.example.com", []string{"sip"}, "HTTP 403"},
	} {
		t.Run(c.name, func(t *testing.T) {
			o := websocket.DialOptions{Subprotocols: c.offered}
			if c.origin != "" {
				o.HTTPHeader = http.Header{"Origin": {c.origin}}
			}
			p, err := dialWS(t, n.url(c.network), o)
			switch {
			case c.status != "" && (err == nil || !strings.HasPrefix(err.Error(), c.status)):
				t.Fatalf("got %v, want %s", err, c.status)
			case c.status == "" && err != nil:
				t.Fatal(err)
			case c.status == "" && p.Subprotocol() != "sip":
				t.Errorf("subprotocol %q", p.Subprotocol())
			}
		})
	}
}

func TestWSMessages(t *testing.T) {
	n := startWS(t, Config{})
	p := openWS(t, n)
	p.say(t, websocket.MessageText, options("text", ""))
	first := n.next(t)
	if string(first.Raw) != options("text", "") || first.Peer.Network != "ws" || first.Peer.Conn == 0 || first.Peer.Local != n.Addrs("ws")[0] {
		t.Errorf("got %q from %+v", first.Raw, first.Peer)
	}
	p.say(t, websocket.MessageBinary, options("binary", "body"))
	if got := n.next(t); string(got.Raw) != options("binary", "body") || got.Peer != first.Peer {
		t.Errorf("got %q from %+v", got.Raw, got.Peer)
	}
	short := strings.Replace(options("none", ""), "Content-Length: 0\r\n", "", 1) // RFC 7118 5: the frame says where it ends
	p.say(t, websocket.MessageText, short+"body")
	if got := n.next(t); string(got.Raw) != short+"body" {
		t.Errorf("got %q", got.Raw)
	}
	for i := range 20 {
		p.say(t, websocket.MessageText, options(fmt.Sprint(i), ""))
	}
	for i := range 20 {
		if got := n.next(t); string(got.Raw) != options(fmt.Sprint(i), "") {
			t.Errorf("message %d: %q", i, got.Raw)
		}
	}
}

func TestSipgoFault02WSFragmentsAndBinary(t *testing.T) {
	n := startWS(t, Config{})
	p := openWS(t, n)
	w, err := p.Writer(p.ctx, websocket.MessageText)
	if err != nil {
		t.Fatal(err)
	}
	text := options("parts", strings.Repeat("x", 9000))
	for part := range strings.SplitSeq(text, "\r\n") { // each write that fills the buffer leaves as a frame
		if _, err := io.WriteString(w, part+"\r\n"); err != nil {
			t.Fatal(err)
		}
		if part == "Call-ID: parts" {
			if err := p.Conn.Ping(expired(t)); err == nil { // a ping between the parts of a message
				t.Error("ping ended before its pong")
			}
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if got := n.next(t); string(got.Raw) != text+"\r\n" {
		t.Errorf("got %d octets, want %d", len(got.Raw), len(text)+2)
	}
	p.say(t, websocket.MessageBinary, options("binary", ""))
	if got := n.next(t); string(got.Raw) != options("binary", "") {
		t.Errorf("got %q", got.Raw)
	}
}

// expired is a context that has hardly any time: what waits under it sends, and does not wait.
func expired(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	t.Cleanup(cancel)
	return ctx
}

func TestSipgoFault02WSPingIsAnswered(t *testing.T) {
	n := startWS(t, Config{})
	nc := rawWS(t, n)
	if _, err := nc.Write([]byte{0x89, 0x85, 0, 0, 0, 0, 'h', 'e', 'l', 'l', 'o'}); err != nil { // FIN ping, masked with zeros
		t.Fatal(err)
	}
	got := make([]byte, 7)
	_ = nc.SetReadDeadline(time.Now().Add(patience))
	if _, err := io.ReadFull(nc, got); err != nil || string(got) != "\x8a\x05hello" {
		t.Errorf("got %q, %v", got, err)
	}
}

// rawWS opens a WebSocket by hand.
func rawWS(t *testing.T, n *node) net.Conn {
	t.Helper()
	nc, err := net.Dial("tcp", n.Addrs("ws")[0].String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { nc.Close() })
	write(t, nc, "GET /sip HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"+
		"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: sip\r\n\r\n")
	answer := make([]byte, 0, 512)
	one := make([]byte, 1)
	_ = nc.SetReadDeadline(time.Now().Add(patience))
	for !strings.HasSuffix(string(answer), "\r\n\r\n") {
		if _, err := nc.Read(one); err != nil {
			t.Fatalf("after %q: %v", answer, err)
		}
		answer = append(answer, one[0])
	}
	if !strings.HasPrefix(string(answer), "HTTP/1.1 101 ") || !strings.Contains(string(answer), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=") {
		t.Fatalf("got %q", answer)
	}
	return nc
}

func TestSipgoFault01SilentClientBlocksNobody(t *testing.T) {
	n := startWS(t, Config{Handshake: 300 * time.Millisecond})
	var silent []net.Conn
	for _, network := range []string{"ws", "wss"} {
		for _, text := range []string{"", "GET /sip HTTP/1.1\r\nHost: x\r\n"} {
			nc, err := net.Dial("tcp", n.Addrs(network)[0].String())
			if err != nil {
				t.Fatal(err)
			}
			defer nc.Close()
			write(t, nc, text)
			silent = append(silent, nc)
		}
	}
	for _, network := range []string{"ws", "wss"} {
		p, err := dialWS(t, n.url(network), sipOnly)
		if err != nil {
			t.Fatal(err)
		}
		p.say(t, websocket.MessageText, options("x", ""))
		n.next(t)
	}
	for _, nc := range silent {
		if !closed(nc) {
			t.Error("a silent connection is kept")
		}
	}
	waitUntil(t, "counted", func() bool { return n.Counters().Handshakes == 4 })
}

func TestWSKeepAlives(t *testing.T) {
	n := startWS(t, Config{})
	p := openWS(t, n)
	p.say(t, websocket.MessageText, "\r\n\r\n")
	if _, got := p.hear(t); got != "\r\n" { // RFC 5626 4.4.1
		t.Errorf("got %q", got)
	}
	p.say(t, websocket.MessageText, "\r\n")
	p.say(t, websocket.MessageText, options("x", ""))
	n.next(t)
	if got := n.Counters(); got.KeepAlives != 2 || got.Junk != 0 || got.Received != 1 {
		t.Errorf("got %+v", got)
	}
}

func TestWSJunkCostsItsSender(t *testing.T) {
	n := startWS(t, Config{Guard: guard.Config{Burst: 6, Rate: 0.001}})
	p := openWS(t, n) // the handshake takes a token too
	p.say(t, websocket.MessageText, "hello")
	p.say(t, websocket.MessageText, strings.Repeat("\x00", 2000))
	p.say(t, websocket.MessageText, options("heard", ""))
	n.next(t)
	for range 10 {
		p.say(t, websocket.MessageText, "hello")
	}
	p.say(t, websocket.MessageText, options("over", ""))
	waitUntil(t, "limited", func() bool { return n.Counters().Limited == 9 })
	if got := n.Counters(); got.Junk != 12 || got.Received != 1 || got.Connections != 1 {
		t.Errorf("got %+v", got)
	}
}

func TestWSMessageTooLarge(t *testing.T) {
	n := startWS(t, Config{MaxFrame: 8000})
	p := openWS(t, n)
	p.say(t, websocket.MessageText, options("fits", strings.Repeat("x", 7800)))
	n.next(t)
	_ = p.Write(p.ctx, websocket.MessageText, []byte(options("large", strings.Repeat("x", 8000))))
	_, _, err := p.Read(p.ctx)
	if got := websocket.CloseStatus(err); got != websocket.StatusMessageTooBig {
		t.Errorf("got %v", err)
	}
	waitUntil(t, "closed", func() bool { return n.Counters().Connections == 0 })
	openWS(t, n).say(t, websocket.MessageText, options("next", ""))
	n.next(t)
}

func TestWSAnswersGoBackOnTheFlow(t *testing.T) {
	gone := make(chan Peer, 1)
	n := startWS(t, Config{Closed: func(p Peer) { gone <- p }})
	p, err := dialWS(t, n.url("wss"), sipOnly)
	if err != nil {
		t.Fatal(err)
	}
	p.say(t, websocket.MessageText, options("x", ""))
	from := n.next(t).Peer
	if from.Network != "wss" || !from.Reliable() || !from.WebSocket() || n.LocalFor(from) != n.Addrs("wss")[0] {
		t.Errorf("peer %+v, local %s", from, n.LocalFor(from))
	}
	for raw, want := range map[string]websocket.MessageType{"SIP/2.0 200 OK\r\n\r\n": websocket.MessageText, "SIP/2.0 200 OK\r\n\r\n\xff": websocket.MessageBinary} {
		if err := n.Send(from, []byte(raw)); err != nil {
			t.Fatal(err)
		}
		if kind, got := p.hear(t); got != raw || kind != want {
			t.Errorf("got %v %q", kind, got)
		}
	}
	_ = p.Close(websocket.StatusNormalClosure, "")
	if got := <-gone; got != from {
		t.Errorf("closed %+v, want %+v", got, from)
	}
	if err := n.Send(from, []byte("SIP/2.0 200 OK\r\n\r\n")); !errors.Is(err, ErrFlowGone) {
		t.Errorf("got %v", err)
	}
	from.Conn = 0 // nobody can be called back over WebSocket
	if err := n.Send(from, []byte("SIP/2.0 200 OK\r\n\r\n")); !errors.Is(err, ErrFlowGone) {
		t.Errorf("got %v", err)
	}
}

func TestWSIdleStalledAndSlow(t *testing.T) {
	n := startWS(t, Config{Idle: 200 * time.Millisecond, Stall: 200 * time.Millisecond, Write: 200 * time.Millisecond})
	idle := openWS(t, n)
	idle.say(t, websocket.MessageText, options("x", ""))
	n.next(t)
	if _, _, err := idle.Read(idle.ctx); err == nil || idle.ctx.Err() != nil {
		t.Errorf("idle: %v", err)
	}
	stalled := rawWS(t, n)
	write(t, stalled, "\x01\x81\x00\x00\x00\x00O") // a text frame that is not the last, and nothing more
	if !closed(stalled) {
		t.Error("a message that never ends is waited for")
	}
	slow := rawWS(t, n) // reads nothing
	var to Peer
	waitUntil(t, "there", func() bool {
		n.pool.mu.Lock()
		defer n.pool.mu.Unlock()
		for _, c := range n.pool.byID {
			to = c.peer
		}
		return to.Addr.String() == slow.LocalAddr().String()
	})
	go func() { // until the socket is full, and the writer runs out of time
		for n.Send(to, []byte(strings.Repeat("x", 60_000))) == nil || n.Counters().Connections > 0 {
			if t.Context().Err() != nil {
				return
			}
		}
	}()
	waitUntil(t, "cut off", func() bool { return n.Counters().Connections == 0 })
	if got := n.Counters(); got.Idled+got.Stalled < 2 {
		t.Errorf("got %+v", got)
	}
}

func TestWSBounds(t *testing.T) {
	n := startWS(t, Config{PerHost: 51})
	for range 50 {
		openWS(t, n)
	}
	last := openWS(t, n)
	last.say(t, websocket.MessageText, options("x", ""))
	n.next(t)
	if _, err := dialWS(t, n.url("ws"), sipOnly); err == nil {
		t.Error("one more than PerHost was taken")
	}
	if got := n.Counters(); got.Refused != 1 || got.Connections != 51 {
		t.Errorf("got %+v", got)
	}
}

func TestWSNoHandshake(t *testing.T) {
	n := startWS(t, Config{})
	for text, want := range map[string]string{
		"GET / HTTP/1.1\r\nHost: x\r\n\r\n": "HTTP/1.1 426 ",
		"HELLO\r\n\r\n":                     "HTTP/1.1 400 ",
		"GET / HTTP/1.1\r\nHost: x\r\nX: " + strings.Repeat("x", maxUpgrade): "HTTP/1.1 400 ",
	} {
		nc, err := net.Dial("tcp", n.Addrs("ws")[0].String())
		if err != nil {
			t.Fatal(err)
		}
		_, _ = io.WriteString(nc, text)
		if got := readLine(t, nc); !strings.HasPrefix(got, want) {
			t.Errorf("%.40q: got %q", text, got)
		}
		if !closed(nc) {
			t.Errorf("%.40q: the connection is kept", text)
		}
		nc.Close()
	}
}

func TestWSOnTheWebPort(t *testing.T) {
	n := start(t, Config{Origins: []string{"https://desk.example.com"}})
	web := httptest.NewServer(n.Layer)
	defer web.Close()
	url := "ws" + strings.TrimPrefix(web.URL, "http") + "/sip"
	p, err := dialWS(t, url, sipOnly)
	if err != nil {
		t.Fatal(err)
	}
	p.say(t, websocket.MessageText, options("x", ""))
	from := n.next(t).Peer
	if from.Network != "ws" || from.Local.String() != web.Listener.Addr().String() || n.LocalFor(from) != from.Local {
		t.Errorf("peer %+v", from)
	}
	if err := n.Send(from, []byte("SIP/2.0 200 OK\r\n\r\n")); err != nil {
		t.Fatal(err)
	}
	if _, got := p.hear(t); got != "SIP/2.0 200 OK\r\n\r\n" {
		t.Errorf("got %q", got)
	}
	if _, err := dialWS(t, url, websocket.DialOptions{Subprotocols: []string{"sip"}, HTTPHeader: http.Header{"Origin": {"https://evil.example.com"}}}); err == nil ||
		!strings.HasPrefix(err.Error(), "HTTP 403") {
		t.Errorf("foreign origin: %v", err)
	}
}

func TestWSBehindAProxy(t *testing.T) {
	n := start(t, Config{PerHost: 1})
	web := httptest.NewServer(n.Layer)
	defer web.Close()
	url := "ws" + strings.TrimPrefix(web.URL, "http")
	for _, hops := range []string{"203.0.113.1", "198.51.100.9, 203.0.113.2"} { // each customer counts for itself
		if _, err := dialWS(t, url, websocket.DialOptions{Subprotocols: []string{"sip"}, HTTPHeader: http.Header{"X-Forwarded-For": {hops}}}); err != nil {
			t.Errorf("%s: %v", hops, err)
		}
	}
	if p, err := dialWS(t, url, websocket.DialOptions{Subprotocols: []string{"sip"}, HTTPHeader: http.Header{"X-Forwarded-For": {"203.0.113.2"}}}); err == nil {
		if _, _, err := p.Read(p.ctx); err == nil {
			t.Error("a second of the same customer is taken")
		}
	}
	r := httptest.NewRequest(http.MethodGet, "/sip", nil)
	r.Header.Set("X-Forwarded-For", "203.0.113.5")
	if got := behind(netip.MustParseAddr("192.0.2.1"), r); got.String() != "192.0.2.1" {
		t.Errorf("a stranger's X-Forwarded-For is believed: %s", got)
	}
}
