// Package transport carries SIP messages as bytes over UDP, TCP, TLS and WebSocket: it listens, frames, asks its guard whom to hear, and sends
// without ever waiting for the network. It does not parse messages beyond finding where one ends and does not know transactions
// (package transaction) or calls.
//
// One goroutine reads each listener, and each TCP connection has one that reads and one that writes. Everything that grows with the
// number of peers is bounded by Config.
package transport

import (
	"errors"
	"log/slog"
	"net/netip"
	"time"

	"github.com/emiago/sipgo/sip"

	"hotline/sip/transport/guard"
)

// Errors that Send returns, or Failed reports.
var (
	ErrClosed      = errors.New("transport closed")
	ErrQueueFull   = errors.New("outgoing queue full")
	ErrTooLarge    = errors.New("message too large for transport")
	ErrNoListener  = errors.New("no local address of that network")
	ErrNetwork     = errors.New("unknown network")
	ErrConnections = errors.New("too many connections")
	ErrBadPeer     = errors.New("peer has no usable address")
	ErrUnreachable = errors.New("nobody is there") // ICMP; anybody on the path can say so, and it may pass
)

// Peer is the other end of a message, and the local end it came to. It is a value: comparable, usable as a map key, kept as long as wanted.
type Peer struct {
	Network string         // "udp", "tcp", "tls", "ws" or "wss"
	Addr    netip.AddrPort // the remote end
	Local   netip.AddrPort // the listener or connection end here; zero in Send: any that fits
	Conn    uint64         // identifies the connection while it lives; 0 for UDP, or for "whichever connection, or a new one"
}

// Reliable says that the network delivers or fails (all but UDP), so retransmission timers are not wanted (RFC 3261 17.1.1.2).
func (p Peer) Reliable() bool { return p.Network != "udp" }

// WebSocket says that messages travel as WebSocket frames (RFC 7118): only the peer can make such a connection.
func (p Peer) WebSocket() bool { return p.Network == "ws" || p.Network == "wss" }

// Received is one framed message. Raw belongs to whoever receives it and is never changed again; it may be shared freely.
type Received struct {
	Peer    Peer
	Message sip.Message // nil from this package: transaction parses Raw on the lane of its Call-ID. Tests may set it and leave Raw nil
	Raw     []byte
	At      time.Time
	// Stranger says that the source is neither trusted nor vouched for: where there is too much to do it has to wait, and to do without.
	Stranger bool
}

// Config says where to listen and what to bear. Zero limits mean the defaults named beside them.
type Config struct {
	UDP, TCP, TLS []netip.AddrPort // port 0: any free port, see Layer.Addrs
	WS, WSS       []netip.AddrPort // WebSocket without and with TLS, at any path; Layer.ServeHTTP takes others

	// Origins are those of pages, beside pages of the same host and port, that may open a WebSocket, like "https://desk.example.com".
	// What sends no Origin is no browser, and is let in.
	Origins []string

	Certificate, Key string                      // PEM files shown by TLS and WSS, required with either; read again when they change
	CA               string                      // PEM file of what outbound TLS trusts; "": the system's
	Server           func(netip.AddrPort) Server // what the far end of outbound TLS must prove; nil: its IP address

	Guard guard.Config // whom to hear, and how much of them

	MaxHead  int // octets of start line and header; 65,536 (the size limit of UDP is 65,507 for the whole message)
	MaxBody  int // octets of a body over TCP; 65,536
	MaxConns int // connections in all, inbound and outbound; 4,096
	PerHost  int // of these inbound per untrusted source address, unfinished handshakes too; 64
	Queue    int // messages waiting to be written per connection; 256
	MaxFrame int // octets of a message over WebSocket; 65,536

	Idle  time.Duration // a connection without a complete message or keep-alive for this long is closed; 10 min
	Stall time.Duration // a message begun but not finished within this is cut off; 10 s
	Write time.Duration // deadline of one write; 5 s
	Dial  time.Duration // deadline of an outbound connect; 5 s

	Handshake time.Duration // deadline of a TLS handshake, either way, and of a WebSocket's; 5 s
	Watch     time.Duration // how often the certificate's files are looked at; 30 s

	Advertise netip.Addr // address put in Via and Contact towards peers on public addresses; zero: the local one

	// Failed hears of a message that Send accepted but that could not be delivered. With ErrUnreachable raw is the beginning of the
	// message only, some 500 octets: what ICMP quotes. It runs on a connection's goroutine and must
	// not wait; nil: nobody is told. transaction.Layer.Failed fits.
	Failed func(to Peer, raw []byte, err error)
	// Closed hears of each connection that ended while Run goes on, with the Peer its messages came with. It runs on a connection's goroutine
	// and must not wait; nil: nobody is told. registrar.Registrar.Closed fits.
	Closed func(Peer)
	Logger *slog.Logger // nil: slog.Default()
}

// Counters is a snapshot of what the layer did since it was opened.
type Counters struct {
	guard.Counters
	Received, Sent         uint64 // messages
	ReceivedUDP, SentUDP   uint64 // of these, over UDP
	KeepAlives             uint64 // CRLF and zero datagrams and pings
	Junk                   uint64 // dropped: does not look like SIP
	Unread                 uint64 // dropped: the receiver panicked
	QueueFull              uint64 // not sent: the connection's queue or the socket's buffer was full
	SendFailed             uint64 // not sent: the network said no
	Framing                uint64 // TCP connections closed for a message that cannot be framed
	Refused                uint64 // TCP connections refused: too many
	Stalled, Idled         uint64 // TCP connections closed by Stall and Idle
	Bounced                uint64 // datagrams that came back as unreachable
	Handshakes             uint64 // TLS and WebSocket connections closed because the handshake failed or took too long
	Connections, Listeners int    // now

	CertificateUntil time.Time // when the certificate shown ends; zero: there is none
	CertificateDays  int       // whole days until then, below zero once it has passed; 0 where there is none
}
