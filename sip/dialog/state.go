package dialog

import (
	"slices"

	"github.com/emiago/sipgo/sip"

	"hotline/sip/message"
	"hotline/sip/transport"
)

// state is the dialog state of RFC 3261 section 12: who talks to whom, by which way, and how far both have counted.
type state struct {
	callID        string
	local, remote party
	routes        []sip.Uri // in the order they are put into Route
	target        sip.Uri   // the peer's Contact
	localSeq      uint32
	remoteSeq     uint32
	peer          transport.Peer // where the peer's messages came from last
}

// party is From or To without its direction.
type party struct {
	name string
	uri  sip.Uri
	tag  string
}

// stateUAS is RFC 3261 12.1.1.
func stateUAS(req *sip.Request, tag string, from transport.Peer) state {
	st := state{
		callID: message.CallID(req),
		local:  party{req.To().DisplayName, req.To().Address, tag},
		remote: party{req.From().DisplayName, req.From().Address, message.FromTag(req)},
		routes: message.RecordRoutes(req), remoteSeq: message.CSeq(req), peer: from,
	}
	st.refresh(req)
	return st
}

// stateUAC is RFC 3261 12.1.2: the state that a response with a To tag to our INVITE makes, starting from that of the dialling.
func (st state) stateUAC(res *sip.Response, from transport.Peer) state {
	st.remote.tag = message.ToTag(res)
	st.routes = message.RecordRoutes(res)
	slices.Reverse(st.routes)
	st.peer = from
	st.refresh(res)
	return st
}

// refresh takes over the Contact of a target refresh request or its 2xx (RFC 3261 12.2.1.2, 12.2.2).
func (st *state) refresh(m sip.Message) {
	for _, h := range message.Headers(m) {
		if c, ok := h.(*sip.ContactHeader); ok && !c.Address.Wildcard && c.Address.Host != "" {
			st.target = *c.Address.Clone()
			return
		}
	}
}

// matches tells whether a request of the peer belongs to this dialog (RFC 3261 12.2.2).
func (st *state) matches(req *sip.Request) bool {
	return message.ToTag(req) == st.local.tag && message.FromTag(req) == st.remote.tag
}

// request makes a request inside the dialog (RFC 3261 12.2.1.1). seq 0 takes the next number.
func (st *state) request(method sip.RequestMethod, seq uint32) *sip.Request {
	if seq == 0 {
		st.localSeq++
		seq = st.localSeq
	}
	target, routes := st.way()
	req := sip.NewRequest(method, target)
	for _, r := range routes {
		req.AppendHeader(&sip.RouteHeader{Address: *r.Clone()})
	}
	from := &sip.FromHeader{DisplayName: st.local.name, Address: *st.local.uri.Clone()}
	from.Params.Add("tag", st.local.tag)
	to := &sip.ToHeader{DisplayName: st.remote.name, Address: *st.remote.uri.Clone()}
	if st.remote.tag != "" {
		to.Params.Add("tag", st.remote.tag)
	}
	id := sip.CallIDHeader(st.callID)
	req.AppendHeader(from)
	req.AppendHeader(to)
	req.AppendHeader(&id)
	req.AppendHeader(&sip.CSeqHeader{SeqNo: seq, MethodName: method})
	return req
}

// way is the request URI and the routes: loose routing, or strict where the first route has no lr (RFC 3261 12.2.1.1).
func (st *state) way() (sip.Uri, []sip.Uri) {
	if len(st.routes) == 0 || st.routes[0].UriParams.Has("lr") {
		return *st.target.Clone(), st.routes
	}
	return *st.routes[0].Clone(), append(slices.Clone(st.routes[1:]), st.target)
}

// next is the URI that the next request is sent to.
func (st *state) next() sip.Uri {
	if len(st.routes) > 0 {
		return st.routes[0]
	}
	return st.target
}
