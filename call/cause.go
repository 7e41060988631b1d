package call

// Cause says why a leg or a call ended: the machine's word, in one table with SIP and Q.850.
type Cause string

// The causes. Everything a carrier or a phone can say maps to one of them; see CauseOfSIP.
const (
	Normal         Cause = "normal"          // hung up after talking
	Cancelled      Cause = "cancelled"       // the caller gave up before an answer
	Busy           Cause = "busy"            // 486, 600
	Declined       Cause = "declined"        // 603
	NoAnswer       Cause = "no-answer"       // rang too long
	NotRegistered  Cause = "not-registered"  // a known user without a phone
	NotFound       Cause = "not-found"       // no such number
	Forbidden      Cause = "forbidden"       // may not be dialled
	NotAcceptable  Cause = "not-acceptable"  // no common codec
	Unavailable    Cause = "unavailable"     // overload, drain, trunk out of service
	Timeout        Cause = "timeout"         // the other side never answered the request
	MediaLost      Cause = "media-lost"      // no RTP for too long
	Failed         Cause = "failed"          // refused for any other reason
	Internal       Cause = "internal"        // our own fault
	AnsweredBefore Cause = "answered-before" // another leg of the same fork answered
	Merged         Cause = "merged"          // its other party goes on in another call
	Crashed        Cause = "crashed"         // the process ended under the call
)

// causes holds, for each cause, the SIP status for an unanswered leg (RFC 3261 section 21) and the
// Q.850 cause value for Reason headers and records (ITU-T Q.850; RFC 6432).
var causes = map[Cause]struct{ sip, q850 int }{
	Normal: {487, 16}, Cancelled: {487, 16}, Busy: {486, 17}, Declined: {603, 21}, NoAnswer: {480, 19},
	NotRegistered: {480, 20}, NotFound: {404, 1}, Forbidden: {403, 57}, NotAcceptable: {488, 88},
	Unavailable: {503, 34}, Timeout: {408, 102}, MediaLost: {408, 31}, Failed: {500, 31}, Internal: {500, 41},
	AnsweredBefore: {487, 26}, Merged: {487, 16}, Crashed: {500, 41},
}

// SIP is the status to refuse an unanswered leg with; 500 for an unknown cause.
func (c Cause) SIP() int {
	if row, ok := causes[c]; ok {
		return row.sip
	}
	return 500
}

// Q850 is the ITU-T Q.850 cause value; 31 (normal, unspecified) for an unknown cause.
func (c Cause) Q850() int {
	if row, ok := causes[c]; ok {
		return row.q850
	}
	return 31
}

// CauseOfSIP maps a final SIP status (RFC 3261 section 21) to a cause.
func CauseOfSIP(status int) Cause {
	switch status {
	case 486, 600:
		return Busy
	case 603, 607:
		return Declined
	case 480:
		return NotRegistered
	case 404, 410, 484, 604:
		return NotFound
	case 401, 403, 407:
		return Forbidden
	case 488, 606, 415:
		return NotAcceptable
	case 487:
		return Cancelled
	case 408, 504:
		return Timeout
	case 503:
		return Unavailable
	}
	if status >= 200 && status < 300 {
		return Normal
	}
	return Failed
}
