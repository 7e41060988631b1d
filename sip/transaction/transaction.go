// Package transaction is the transaction layer of RFC 3261 section 17 with RFC 6026: it matches requests and responses, retransmits
// and absorbs retransmissions, refuses malformed requests (package message says which) with the right answer, and hands the rest to a Core. It does not know
// dialogs (package dialog), sockets (package transport) or calls.
//
// All state of a Call-ID lives on one lane, a goroutine that owns the transactions hashed to it. Messages, timers and functions of
// one Call-ID therefore never overtake each other and need no locks. There is no goroutine per transaction.
package transaction

import (
	"errors"
	"log/slog"
	"net/netip"
	"time"

	"github.com/emiago/sipgo/sip"

	"hotline/sip/transport"
)

// Errors that reach Reply.Err and Server.OnGone. An error of the transport is passed on wrapped.
var (
	ErrTimeout   = errors.New("transaction timed out")              // Timer B, F (no final response) or H (no ACK)
	ErrTransport = errors.New("transport failed")                   // wraps what Send or Failed said
	ErrStopped   = errors.New("transaction layer stopped")          // Run ended
	ErrRequest   = errors.New("request cannot start a transaction") // ACK, CANCEL, or no Call-ID or CSeq
)

// Config sets sizes, timers and the words of the layer. The zero value works.
type Config struct {
	Lanes      int           // goroutines; 0: twice the processors
	T1, T2, T4 time.Duration // RFC 3261 17.1.1.1; 0: 500 ms, 4 s, 5 s
	// Stateless says that a request outside a dialog is to be answered without keeping anything (RFC 3261 8.2.7): a copy of it is another
	// request, an answer that gets lost is not repeated. For what strangers can send without number. It is called on the lane; nil: none is.
	Stateless func(req *sip.Request, from transport.Peer) bool
	LaneLimit int // messages waiting on a lane above which new requests are refused (503, or silence); 0: 2,000

	Agent     string              // Server header of answers made here; "": none is sent
	Allow     []sip.RequestMethod // methods given to the Core; nil: INVITE ACK CANCEL BYE OPTIONS REGISTER INFO UPDATE. Others: 405 or 501
	Supported []string            // option tags that a Require header may name (RFC 3261 8.2.2.3); nil: none, each Require is answered 420
	Bodies    []string            // media types an INVITE may carry; nil: application/sdp and multipart/mixed

	// Local is the address to write into Via towards a peer; transport.Layer.LocalFor fits. nil: the peer's Local.
	Local func(transport.Peer) netip.AddrPort
	// Observe sees each message in and out, on the goroutine that received or sent it; it must not wait. nil costs nothing.
	Observe func(o Observation)
	Logger  *slog.Logger // nil: slog.Default()
}

// Observation is one message seen on the wire, for SIP ladders. Raw is shared: do not change it.
type Observation struct {
	At     time.Time
	Peer   transport.Peer
	Out    bool // sent by us
	CallID string
	Raw    []byte
	// Stranger says that it came from a source that is neither trusted nor vouched for.
	Stranger bool
}

// Core is what stands on the transaction layer: the transaction user of RFC 3261. All methods run on the lane of the Call-ID and must
// not wait.
type Core interface {
	// Request gets each new valid request except ACK and CANCEL. It, or something later on the lane, must Respond.
	Request(s *Server)
	// Ack gets the ACK of a 2xx response (RFC 3261 13.3.1.4), each time it arrives.
	Ack(req *sip.Request, from transport.Peer)
	// StrayResponse gets responses that match no client transaction, such as a retransmitted 2xx after it ended.
	StrayResponse(res *sip.Response, from transport.Peer)
}

// Reply is what a client transaction hears: each provisional and final response, or one error. After a final response or an error
// nothing more comes, except further 2xx of an INVITE (RFC 6026 7.2: retransmissions and forks; the dialog layer ACKs each).
type Reply struct {
	Response *sip.Response  // nil when Err is set
	From     transport.Peer // where the response came from; zero when Err is set
	Err      error          // ErrTimeout, ErrTransport, ErrStopped or ErrRequest, possibly wrapped
}

// Counters is a snapshot of the layer for metrics.
type Counters struct {
	Servers, Clients int64          // transactions now
	Waiting          int            // letters on all lanes now
	Requests         uint64         // requests that reached the Core
	Retransmitted    uint64         // requests recognised as retransmissions
	Rejected         map[int]uint64 // answered here, by status
	Unreadable       uint64         // messages dropped without an answer
	Shed             uint64         // requests refused because a lane was full
	Stray            uint64         // responses that matched nothing
	Merged           uint64         // 482
	Timeouts         uint64         // Timers B, F and H
	Panics           uint64         // recovered on lanes
}
