package transaction

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"

	"github.com/emiago/sipgo/sip"

	"hotline/sip/transport"
)

// Client is a request on its way. Its methods are called on the lane of its Call-ID.
type Client struct{ tx *clientTx }

// Request sends req to a peer as a new client transaction; call it on the lane of its Call-ID. It replaces any Via by its own with a new
// branch, and adds Max-Forwards: 70 and Content-Length where they are missing. on is called on the lane, never before Request returned;
// nil: nobody wants to know. req must not be changed until the final response.
func (l *Layer) Request(req *sip.Request, to transport.Peer, on func(Reply)) *Client {
	if on == nil {
		on = func(Reply) {}
	}
	t := &clientTx{req: req, method: req.Method, to: to, on: on}
	c := &Client{tx: t}
	callID, cseq := req.CallID(), req.CSeq()
	if callID == nil || cseq == nil || cseq.MethodName != req.Method || req.Method == sip.ACK || req.Method == sip.CANCEL {
		var id string
		if callID != nil {
			id = string(*callID)
		}
		l.Do(id, func() { on(Reply{Err: fmt.Errorf("%w: %w", ErrRequest, errNoRequest)}) })
		return c
	}
	t.lane, t.callID, t.branch = l.lane(string(*callID)), string(*callID), newBranch()
	l.setVia(req, to, t.branch)
	if !holds[*sip.MaxForwardsHeader](req) {
		hops := sip.MaxForwardsHeader(70)
		req.AppendHeader(&hops)
	}
	addLength(req)
	t.begin()
	return c
}

// Cancel sends CANCEL for an INVITE that has no final response (RFC 3261 9.1), at once or as soon as a provisional arrives. The final
// response (487, or a 200 that crossed) still comes to the Reply function. A peer that answers nothing ends it with ErrTimeout after
// 64*T1. The headers go into the CANCEL, such as a Reason (RFC 3326). No effect on other methods or twice.
func (c *Client) Cancel(headers ...sip.Header) {
	t := c.tx
	if t.state == nil || t.method != sip.INVITE || t.cancelled {
		return
	}
	t.cancelled, t.reasons = true, headers
	t.step(clientEvent{kind: wantCancel})
}

// setVia gives an outgoing request our Via and no other: we are the end it starts from.
func (l *Layer) setVia(req *sip.Request, to transport.Peer, branch string) {
	for holds[*sip.ViaHeader](req) && req.RemoveHeader("Via") {
	}
	local := l.c.Local(to)
	h := &sip.ViaHeader{
		ProtocolName: "SIP", ProtocolVersion: "2.0", Transport: strings.ToUpper(to.Network),
		Host: local.Addr().Unmap().WithZone("").String(), Port: int(local.Port()),
		Params: sip.HeaderParams{{K: "branch", V: branch}, {K: "rport"}}, // RFC 3581 3
	}
	req.PrependHeader(h)
}

// holds tells whether a request has a header of a type. sipgo puts the names of all headers into lower case to find that there is none.
func holds[H sip.Header](req *sip.Request) bool {
	return slices.ContainsFunc(req.Headers(), func(h sip.Header) bool {
		_, ok := h.(H)
		return ok
	})
}

// addLength adds a Content-Length where there is none.
func addLength(req *sip.Request) {
	if !holds[*sip.ContentLengthHeader](req) {
		n := sip.ContentLengthHeader(len(req.Body()))
		req.AppendHeader(&n)
	}
}

func newBranch() string {
	b := append(make([]byte, 0, 36), magic...)
	b = strconv.AppendUint(b, rand.Uint64(), 36)
	return string(strconv.AppendUint(b, uint64(rand.Uint32()), 36))
}

// clientKey is what a response is matched by (RFC 3261 17.1.3).
type clientKey struct {
	branch string
	method sip.RequestMethod
}

// makeAck builds the ACK of a non-2xx final response (RFC 3261 17.1.1.3).
func makeAck(invite *sip.Request, res *sip.Response) *sip.Request {
	ack := follow(invite, sip.ACK)
	if to := res.To(); to != nil {
		ack.ReplaceHeader(to)
	}
	return ack
}

// makeCancel builds the CANCEL of an INVITE (RFC 3261 9.1).
func makeCancel(invite *sip.Request, headers []sip.Header) *sip.Request {
	req := follow(invite, sip.CANCEL)
	for _, h := range headers {
		req.AppendHeader(h)
	}
	return req
}

// follow builds what the two have in common: Request-URI, the top Via alone, From, To, Call-ID, Route, and the number of the CSeq.
func follow(invite *sip.Request, method sip.RequestMethod) *sip.Request {
	req := sip.NewRequest(method, sip.Uri{})
	req.Recipient = invite.Recipient
	req.AppendHeader(invite.Via())
	hops := sip.MaxForwardsHeader(70)
	req.AppendHeader(&hops)
	for _, h := range invite.Headers() {
		switch h := h.(type) {
		case *sip.RouteHeader, *sip.FromHeader, *sip.ToHeader, *sip.CallIDHeader:
			req.AppendHeader(h)
		}
	}
	req.AppendHeader(&sip.CSeqHeader{SeqNo: invite.CSeq().SeqNo, MethodName: method})
	req.SetBody(nil)
	return req
}
