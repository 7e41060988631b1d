// Package session keeps the sessions that INVITE makes: RFC 3261 sections 12 to 15, offer and answer by re-INVITE
// and UPDATE (RFC 3311), forked answers, the crossings of RFC 5407. It knows nothing of calls, phones, accounts or
// what a session description says, and it opens no socket: messages go through sip/transaction, and all that
// concerns one Call-ID happens on that Call-ID's lane.
package session

import (
	"errors"
	"log/slog"
	"time"

	"github.com/emiago/sipgo/sip"

	"hotline/sip/transaction"
	"hotline/sip/transport"
)

// Reasons for which a session ends without a word of the peer, in Ended.Err.
var (
	// ErrNoAck means that an answer was not acknowledged within 64*T1 (RFC 3261 13.3.1.4).
	ErrNoAck = errors.New("answer was not acknowledged")
	// ErrNoPrack means that a reliable provisional was not acknowledged within 64*T1 (RFC 3262 3).
	ErrNoPrack = errors.New("provisional response was not acknowledged")
	// ErrNoAnswer means that a request ran into Timer B, C or F.
	ErrNoAnswer = errors.New("no answer within the time of SIP")
	// ErrExpired means that nobody refreshed a session with a timer (RFC 4028 10).
	ErrExpired = errors.New("session timer expired")
	// ErrFault means that the code behind a session panicked.
	ErrFault = errors.New("fault while handling the session")
	// ErrClosed means that the session was hung up before it could be sent.
	ErrClosed = errors.New("session is closed")
)

// Config says how sessions present themselves.
type Config struct {
	Logger *slog.Logger // nil: slog.Default()
	// Contact gives the URI by which that peer reaches us, e.g. "sip:10.0.0.1:5060"; it becomes <uri> in Contact. Required.
	Contact func(p transport.Peer) string
	Agent   string // Server and User-Agent; "" sends none (no version banner)
	// Invite gets each new INVITE outside a dialog, on its lane; it sets a sink and answers now or later. Required.
	Invite func(*Session)
	// Other gets REGISTER, OPTIONS and whatever else has no To tag, on its lane; nil answers OPTIONS 200, others 405.
	Other func(*transaction.Server)
	// Usage gets each request with a To tag that no session owns, on its lane: it may be inside another kind of dialog. nil, or false from it: 481.
	Usage func(*transaction.Server) bool
	// Resolve gives the flow for a next hop (route or remote target); it must not wait, and is asked again for each request. nil, or false from
	// it, such as while a name is not known yet, means: where the peer's messages come from.
	Resolve   func(next sip.Uri, last transport.Peer) (transport.Peer, bool)
	InfoTypes []string      // content types of INFO that become events; nil: application/dtmf-relay and application/dtmf
	Also      []string      // methods that Other and Usage answer: outside INVITE's dialogs they are allowed too
	Refer     bool          // true: REFER becomes Referred; false: 603
	Reliable  bool          // true: provisionals are reliable to callers that support it, not only to those that require it (RFC 3262 3)
	TimerC    time.Duration // most time between a provisional and the final response; 0: 181 s (RFC 3261 16.6)
	T1, T2    time.Duration // 0: 500 ms and 4 s
	Expires   time.Duration // the session interval we ask for, and the largest we grant (RFC 4028); 0: 1,800 s; at least MinSE
	MinSE     time.Duration // shorter session intervals are refused with 422 (RFC 4028 5); 0, and the least: 90 s
}

// Role is which side of the INVITE we are.
type Role uint8

// Roles of RFC 3261 section 6.
const (
	UAS Role = iota + 1 // the peer sent the INVITE
	UAC                 // we sent it
)

// Dialling says whom to INVITE and how.
type Dialling struct {
	CallID     string         // "": a new one
	To         sip.Uri        // request URI (RFC 3261 8.1.1.1)
	Peer       transport.Peer // where the INVITE is sent
	ToHeader   sip.ToHeader   // zero address: To
	FromHeader sip.FromHeader // its tag is ours to set
	Contact    string         // URI; "": Config.Contact(Peer)
	Headers    []sip.Header   // further headers, sent in each INVITE of the dialling
	Route      []sip.Uri      // preloaded routes (RFC 3261 8.1.2)
	Trying     bool           // tell Trying too
	SDP        []byte         // nil: the answer carries the offer, and Session.Acknowledge the answer
	User       string         // for 401/407; "": a challenge ends the session
	// HA1 gives the hash of user:realm:password for "MD5" or "SHA-256"; "" or nil: cannot answer that challenge.
	HA1 func(realm, algorithm string) string
}
