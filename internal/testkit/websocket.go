package testkit

import (
	"context"
	"crypto/tls"
	"fmt"
	"net/http"
	"net/netip"
	"time"

	"github.com/coder/websocket"

	"hotline/sip/transport"
)

// nowhere is what a phone on WebSocket says of itself: nothing listens there, and nobody may look it up (RFC 7118 section 5).
var nowhere = netip.MustParseAddrPort("192.0.2.99:0")

// line carries a phone's SIP messages; transport.Layer is one.
type line interface {
	Run(ctx context.Context, receive func(transport.Received)) error
	Send(to transport.Peer, raw []byte) error
	LocalFor(p transport.Peer) netip.AddrPort
}

// wsLine is one WebSocket, as a page in a browser has it.
type wsLine struct {
	*websocket.Conn
	server transport.Peer
}

// dialWS connects to the WebSocket of a switch, whatever certificate it shows.
func dialWS(server transport.Peer) (*wsLine, error) {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}} //nolint:gosec // a test's own switch
	url := server.Network + "://" + server.Addr.String() + "/sip"
	conn, _, err := websocket.Dial(ctx, url, &websocket.DialOptions{Subprotocols: []string{"sip"}, HTTPClient: client})
	if err != nil {
		return nil, fmt.Errorf("connect to %s: %w", url, err)
	}
	conn.SetReadLimit(1 << 16)
	return &wsLine{conn, server}, nil
}

// Run reads until ctx ends; then the page is closed.
func (l *wsLine) Run(ctx context.Context, receive func(transport.Received)) error {
	defer func() { _ = l.CloseNow() }()
	for {
		_, raw, err := l.Read(ctx)
		if err != nil {
			return nil //nolint:nilerr // the switch is gone, or the test is over
		}
		receive(transport.Received{Peer: l.server, Raw: raw, At: time.Now()})
	}
}

// Send waits for the socket: a synthetic phone has no other.
func (l *wsLine) Send(_ transport.Peer, raw []byte) error {
	return l.Write(context.Background(), websocket.MessageText, raw)
}

// LocalFor is nowhere.
func (l *wsLine) LocalFor(transport.Peer) netip.AddrPort { return nowhere }
