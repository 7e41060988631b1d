// Package dialog is the dialog of RFC 3261 section 12, whatever made it: an INVITE (package session) or a SUBSCRIBE (package event). It knows who
// talks to whom, by which way, and how far both have counted; it makes the requests inside and tells which belong to it. It sends nothing.
package dialog

import (
	"slices"

	"github.com/emiago/sipgo/sip"

	"hotline/sip/message"
	"hotline/sip/transport"
)

// Dialog is the state of one: who talks to whom, by which way, and how far both have counted. It belongs to the lane of its
// Call-ID.
type Dialog struct {
	CallID        string
	Local, Remote Party
	Routes        []sip.Uri // in the order they are put into Route
	Target        sip.Uri   // the peer's Contact
	LocalSeq      uint32
	RemoteSeq     uint32
	Peer          transport.Peer // where the peer's messages came from last
}

// Party is From or To without its direction.
type Party struct {
	Name string
	URI  sip.Uri
	Tag  string
}

// Answering is RFC 3261 12.1.1: the dialog that our answer to req, with the given To tag, makes.
func Answering(req *sip.Request, tag string, from transport.Peer) Dialog {
	d := Dialog{
		CallID: message.CallID(req),
		Local:  Party{req.To().DisplayName, req.To().Address, tag},
		Remote: Party{req.From().DisplayName, req.From().Address, message.FromTag(req)},
		Routes: message.RecordRoutes(req), RemoteSeq: message.CSeq(req), Peer: from,
	}
	d.Refresh(req)
	return d
}

// Answered is RFC 3261 12.1.2: the dialog that a response with a To tag to our INVITE makes, starting from our half of it.
func (d Dialog) Answered(res *sip.Response, from transport.Peer) Dialog {
	d.Remote.Tag = message.ToTag(res)
	d.Routes = message.RecordRoutes(res)
	slices.Reverse(d.Routes)
	d.Peer = from
	d.Refresh(res)
	return d
}

// Refresh takes over the Contact of a target refresh request or its 2xx (RFC 3261 12.2.1.2, 12.2.2).
func (d *Dialog) Refresh(m sip.Message) {
	for _, h := range message.Headers(m) {
		if c, ok := h.(*sip.ContactHeader); ok && !c.Address.Wildcard && c.Address.Host != "" {
			d.Target = *c.Address.Clone()
			return
		}
	}
}

// Matches tells whether a request of the peer belongs to this dialog (RFC 3261 12.2.2).
func (d *Dialog) Matches(req *sip.Request) bool {
	return message.ToTag(req) == d.Local.Tag && message.FromTag(req) == d.Remote.Tag
}

// Request makes a request inside the dialog (RFC 3261 12.2.1.1). seq 0 takes the next number.
func (d *Dialog) Request(method sip.RequestMethod, seq uint32) *sip.Request {
	if seq == 0 {
		d.LocalSeq++
		seq = d.LocalSeq
	}
	target, routes := d.way()
	req := sip.NewRequest(method, target)
	for _, r := range routes {
		req.AppendHeader(&sip.RouteHeader{Address: *r.Clone()})
	}
	from := &sip.FromHeader{DisplayName: d.Local.Name, Address: *d.Local.URI.Clone()}
	from.Params.Add("tag", d.Local.Tag)
	to := &sip.ToHeader{DisplayName: d.Remote.Name, Address: *d.Remote.URI.Clone()}
	if d.Remote.Tag != "" {
		to.Params.Add("tag", d.Remote.Tag)
	}
	id := sip.CallIDHeader(d.CallID)
	req.AppendHeader(from)
	req.AppendHeader(to)
	req.AppendHeader(&id)
	req.AppendHeader(&sip.CSeqHeader{SeqNo: seq, MethodName: method})
	return req
}

// way is the request URI and the routes: loose routing, or strict where the first route has no lr (RFC 3261 12.2.1.1).
func (d *Dialog) way() (sip.Uri, []sip.Uri) {
	if len(d.Routes) == 0 || d.Routes[0].UriParams.Has("lr") {
		return *d.Target.Clone(), d.Routes
	}
	return *d.Routes[0].Clone(), append(slices.Clone(d.Routes[1:]), d.Target)
}

// Next is the URI that the next request is sent to.
func (d *Dialog) Next() sip.Uri {
	if len(d.Routes) > 0 {
		return d.Routes[0]
	}
	return d.Target
}

// Owns tells whether a request of any call belongs to this dialog.
func (d *Dialog) Owns(req *sip.Request) bool {
	return message.CallID(req) == d.CallID && d.Matches(req)
}

// Take counts a request of the peer, and takes over its Contact and where it came from. False: its CSeq is too low (RFC 3261 12.2.2).
func (d *Dialog) Take(req *sip.Request, from transport.Peer) bool {
	if message.CSeq(req) <= d.RemoteSeq {
		return false
	}
	d.RemoteSeq, d.Peer = message.CSeq(req), from
	d.Refresh(req)
	return true
}
