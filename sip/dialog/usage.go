package dialog

import (
	"github.com/emiago/sipgo/sip"

	"hotline/sip/message"
	"hotline/sip/transport"
)

// Usage is a dialog that another request than INVITE made, such as SUBSCRIBE (RFC 5057, RFC 6665 4.4.1), seen by the side that answered it. It
// belongs to the lane of its Call-ID.
type Usage struct{ st state }

// NewUsage is the dialog that the answer to req, with the given To tag, makes.
func NewUsage(req *sip.Request, tag string, from transport.Peer) *Usage {
	return &Usage{stateUAS(req, tag, from)}
}

// Owns tells whether a request is inside this dialog.
func (u *Usage) Owns(req *sip.Request) bool {
	return message.CallID(req) == u.st.callID && u.st.matches(req)
}

// Take counts a request of the peer, and takes over its Contact and where it came from. False: its CSeq is too low (RFC 3261 12.2.2).
func (u *Usage) Take(req *sip.Request, from transport.Peer) bool {
	if message.CSeq(req) <= u.st.remoteSeq {
		return false
	}
	u.st.remoteSeq, u.st.peer = message.CSeq(req), from
	u.st.refresh(req)
	return true
}

// Request makes the next request inside the dialog.
func (u *Usage) Request(method sip.RequestMethod) *sip.Request { return u.st.request(method, 0) }

// Peer is where the peer's last request came from: the way back to it.
func (u *Usage) Peer() transport.Peer { return u.st.peer }
