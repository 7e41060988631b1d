package session

import (
	"time"

	"github.com/emiago/sipgo/sip"
)

// Event is what a Session tells its sink. The set is closed; a sink runs on the session's lane and must not wait.
// Whatever happens, a session tells exactly one Ended and nothing after it.
type Event interface{ event() }

// Trying says that the next hop has our INVITE (100), where Dialling.Trying asked for it. It may come not at all.
type Trying struct{}

// Rang says that the called side sent a provisional response without a session description; Code is 180 to 199.
type Rang struct{ Code int }

// Early says that the called side sent a provisional response with a session description: early media (RFC 3960).
type Early struct {
	Code int
	SDP  []byte
}

// AnsweredBy says that the called side answered our Dial. SDP is the answer to the offer, or, where Dial had
// none, the offer which Session.Acknowledge must answer. Of forked answers only the first is told.
type AnsweredBy struct{ SDP []byte }

// Established says that the caller acknowledged our Answer. SDP is nil, or the answer where ours was the offer (late offer).
type Established struct{ SDP []byte }

// Offered says that the peer proposes a changed session by re-INVITE or UPDATE. SDP nil asks us to make the offer
// (re-INVITE without a body, RFC 3261 14.2). Reply answers once, from any goroutine, without waiting; later calls
// do nothing. A code of 200 carries the answer (or our offer); from 300 on the session stays as it was.
type Offered struct {
	SDP   []byte
	Reply func(code int, sdp []byte)
}

// Accepted says that the peer accepted our Offer with this answer, or, where SDP of Offered was nil, that it
// acknowledged our offer with it. It also comes with the answer to a re-INVITE that only refreshed the session (RFC 4028),
// and with the answer in a PRACK to the offer in our Progress (RFC 3262 5).
type Accepted struct{ SDP []byte }

// Refused says that the peer refused our Offer with Code; the session goes on as it was (RFC 3261 14.1). After 408, 481 or
// no answer at all it cannot go on: then Ended comes instead (RFC 3261 12.2.1.2).
type Refused struct{ Code int }

// Info carries the body of an INFO of the types in Config.InfoTypes (RFC 6086), already answered with 200.
type Info struct {
	ContentType string
	Body        []byte
}

// Referred says that the peer asks for a transfer (RFC 3515). It is only told where Config.Refer is set, otherwise
// a REFER is answered 603. Replaces is the raw value of the header in To, "" for a blind transfer. Reply answers the REFER once.
// Notify tells the peer how the transfer goes, where Reply accepted it: a SIP status from 100 to 699, of which one from 200 on is the last
// (RFC 3515 2.4.5). That it is tried is told by itself, and nothing to a peer that does not want to hear (RFC 4488). Both may be called
// from any goroutine and never wait.
type Referred struct {
	To       sip.Uri
	By       string
	Replaces string
	Reply    func(code int)
	Notify   func(code int)
}

// Sought asks the sink who it is, because somebody names this dialog in a Replaces (RFC 3891). Tell takes whatever means something to the
// one who called Sessions.Seek, at once or later; a sink that has no answer lets it be.
type Sought struct{ Tell func(owner any) }

// Ended says that the session is over. ByPeer tells who ended it. Code is the SIP status that ended a session which was
// never answered, 0 after an answer. Reason and Q850 are those of a Reason header (RFC 3326) or of the status line.
// Err is set where no peer spoke: a time-out, a transport error, a fault in the sink.
type Ended struct {
	ByPeer bool
	Code   int
	Reason string
	Q850   int
	Err    error
	// RetryAfter is what a final response asked to wait before the next request (RFC 3261 20.33); 0: nothing.
	RetryAfter time.Duration
	// Contacts are those of a 3xx, the most wanted first (RFC 3261 8.1.3.4); at most ten.
	Contacts []sip.Uri
}

func (Trying) event()      {}
func (Rang) event()        {}
func (Early) event()       {}
func (AnsweredBy) event()  {}
func (Established) event() {}
func (Offered) event()     {}
func (Accepted) event()    {}
func (Refused) event()     {}
func (Info) event()        {}
func (Referred) event()    {}
func (Sought) event()      {}
func (Ended) event()       {}
