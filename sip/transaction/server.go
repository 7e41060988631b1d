package transaction

import (
	"github.com/emiago/sipgo/sip"

	"hotline/sip/transport"
)

// Server is one request to be answered: a server transaction as its user sees it. Its fields may be read and set, and its methods
// called, on the lane of its Call-ID only.
//
// The top Via of Request already carries received and rport (RFC 3261 18.2.1, RFC 3581).
type Server struct {
	Request *sip.Request   // do not change; shared with the answers made from it
	From    transport.Peer // where it came from
	Tag     string         // the To tag that Respond adds to a response without one (not to a 100); same for all responses of this request

	// OnCancel is called once with the CANCEL request after it was answered 200, while the INVITE has no final response; the user then
	// responds 487. nil: the layer responds 487 itself (RFC 3261 9.2).
	OnCancel func(*sip.Request)
	// OnGone is called at most once, when the transaction failed: ErrTimeout when a final non-2xx response got no ACK (Timer H),
	// ErrTransport, or ErrStopped. It is not called when it ended well; nobody is told when a 2xx gets no ACK: that is the dialog's to
	// find out.
	OnGone func(err error)

	// Stateless says that nothing is kept of this request: it is answered at once with a final response, or not at all.
	Stateless bool

	tx *serverTx
	to *sip.ToHeader // of Request, with Tag
}

// Respond sends a response. Provisional responses and one final are allowed; later ones are ignored, except a 2xx to INVITE again
// within 64*T1 (RFC 6026 7.1), which is simply sent: retransmitting 2xx until the ACK is the user's (RFC 3261 13.3.1.4).
// Retransmitted requests are answered by the layer from the last response.
func (s *Server) Respond(res *sip.Response) {
	t := s.tx
	if t.state == nil || t.answered && (res.StatusCode >= 300 || res.StatusCode < 200 || !t.invite) {
		return
	}
	s.tag(res)
	raw := t.lane.serialise(res)
	switch {
	case res.StatusCode < 200:
		t.step(serverEvent{kind: sendProvisional, raw: raw})
	case res.StatusCode < 300 && t.invite:
		t.step(serverEvent{kind: sendSuccess, raw: raw})
	default:
		t.step(serverEvent{kind: sendFinal, raw: raw})
	}
}

// Response makes a response to Request (RFC 3261 8.2.6) that shares its headers: Via, From, To with Tag, Call-ID, CSeq, and
// Record-Route where a dialog may come of it. Cheaper than sip.NewResponseFromRequest, and all have the same To tag. body nil: none.
func (s *Server) Response(code int, reason string, body []byte) *sip.Response {
	res := sip.NewResponse(code, reason)
	route := code > 100 && code < 300 && s.Request.Method != sip.REGISTER // RFC 3261 12.1.1
	for _, h := range s.Request.Headers() {
		switch h := h.(type) {
		case *sip.ViaHeader, *sip.FromHeader, *sip.CallIDHeader, *sip.CSeqHeader:
			res.AppendHeader(h)
		case *sip.ToHeader:
			res.AppendHeader(s.toHeader(h, code))
		case *sip.RecordRouteHeader:
			if route {
				res.AppendHeader(h)
			}
		}
	}
	res.SetBody(body)
	return res
}

// Answered says that a final response was sent, or that the transaction is over.
func (s *Server) Answered() bool { return s.tx.answered || s.tx.state == nil }

func (s *Server) toHeader(to *sip.ToHeader, code int) *sip.ToHeader {
	if code == 100 || to.Params.Has("tag") {
		return to
	}
	if s.to == nil {
		s.to = withTag(to, s.Tag)
	}
	return s.to
}

// tag puts the To tag into a response that lacks one, without touching a header shared with the request.
func (s *Server) tag(res *sip.Response) {
	if to := res.To(); to != nil && res.StatusCode > 100 && !to.Params.Has("tag") {
		res.ReplaceHeader(withTag(to, s.Tag))
	}
}

func withTag(to *sip.ToHeader, tag string) *sip.ToHeader {
	tagged := *to
	tagged.Params = append(make(sip.HeaderParams, 0, len(to.Params)+1), to.Params...)
	tagged.Params.Add("tag", tag)
	return &tagged
}
