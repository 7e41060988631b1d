package transaction

import (
	"bytes"
	"errors"
	"hash/maphash"
	"strconv"
	"strings"

	"github.com/emiago/sipgo/sip"

	"hotline/sip/message"
	"hotline/sip/transport"
)

// incoming is one request on its way through the lane.
type incoming struct {
	rd   *message.Lines
	req  *sip.Request // nil when it could not be read
	via  *sip.ViaHeader
	from transport.Peer
	key  string // of the server transaction, without the method
	tag  string
}

// request finds the transaction of a request, or checks it and makes one.
func (ln *lane) request(rd *message.Lines, from transport.Peer) {
	in := incoming{rd: rd, from: from}
	req, f := rd.BuildRequest(from.Reliable())
	if f != nil {
		ln.refuseUnread(&in, f)
		return
	}
	in.req, in.via = req, req.Via()
	message.MarkVia(in.via, from.Addr)
	req.SetSource(from.Addr.String())
	req.SetTransport(strings.ToUpper(from.Network))
	in.key = serverKey(&in)
	switch t := ln.servers[in.key+matchMethod(req.Method)]; {
	case req.Method == sip.ACK:
		ln.ack(&in, t)
	case t != nil && req.Method != sip.CANCEL:
		ln.l.n.retransmitted.Add(1)
		t.step(serverEvent{kind: again})
	default:
		ln.fresh(&in, t)
	}
}

// ack is absorbed by the transaction of a non-2xx, and the Core's otherwise (RFC 3261 17.1.1.3, RFC 6026 7.1: also in Accepted).
func (ln *lane) ack(in *incoming, t *serverTx) {
	if t != nil && !t.accepted {
		t.step(serverEvent{kind: acked})
		return
	}
	if in.req.CSeq().MethodName == sip.ACK {
		ln.l.core.Ack(in.req, in.from)
	}
}

// fresh is a request not seen before, or a CANCEL.
func (ln *lane) fresh(in *incoming, invite *serverTx) {
	in.tag = tagFor(ln.l.seed, in.key, in.rd.From())
	if f := ln.l.rules.Check(in.req, in.rd); f != nil {
		ln.refuse(in, f)
		return
	}
	if in.req.Method == sip.CANCEL {
		ln.cancel(in, invite)
		return
	}
	merge := ln.mergeKey(in)
	if ln.merged[merge] != nil && merge != 0 { // RFC 3261 8.2.2.2
		ln.l.n.merged.Add(1)
		ln.refuse(in, &message.Fault{Code: 482, Reason: "Loop Detected"})
		return
	}
	ln.serve(in, merge)
}

// serve begins a server transaction and gives it to the Core.
func (ln *lane) serve(in *incoming, merge uint64) {
	t := &serverTx{
		lane: ln, key: in.key + matchMethod(in.req.Method), callID: strings.Clone(string(*in.req.CallID())),
		to: replyTo(in.via, in.from), tag: in.tag, mergeKey: merge, invite: in.req.Method == sip.INVITE,
	}
	s := &Server{Request: in.req, From: in.from, Tag: in.tag, tx: t}
	if f := ln.l.c.Stateless; f != nil && t.tag != "" && !in.req.To().Params.Has("tag") && f(in.req, in.from) {
		ln.answerOnly(s)
		return
	}
	if tag, ok := in.req.To().Params.Get("tag"); ok {
		s.Tag, t.tag = tag, ""
	}
	t.user = s
	ln.servers[t.key] = t
	if merge != 0 {
		ln.merged[merge] = t
	}
	ln.l.n.servers.Add(1)
	ln.l.n.requests.Add(1)
	if t.invite {
		t.state = inviteProceeding
		t.last = ln.compose(in, &message.Fault{Code: 100, Reason: "Trying"})
		t.try(t.last)
	} else {
		t.state = plainTrying
		t.after(&t.limit, timerGiveUp, ln.l.t.giveUp)
	}
	ln.current = t
	ln.l.core.Request(s)
}

// answerOnly gives a request to the Core without keeping a transaction.
func (ln *lane) answerOnly(s *Server) {
	t := s.tx
	t.mergeKey, t.user, t.state, s.Stateless = 0, s, stateless, true
	ln.l.n.servers.Add(1)
	ln.l.n.requests.Add(1)
	ln.current = t
	ln.l.core.Request(s)
	if t.state != nil { // nobody waits for an answer that comes later
		t.state = nil
		t.end()
	}
}

// cancel is RFC 3261 9.2. Its 200 needs no transaction of its own: a retransmitted CANCEL finds the INVITE again and gets the same.
func (ln *lane) cancel(in *incoming, invite *serverTx) {
	if invite == nil {
		ln.refuse(in, &message.Fault{Code: 481, Reason: "Call/Transaction Does Not Exist"})
		return
	}
	if invite.tag != "" {
		in.tag = invite.tag // 9.2: the To tag "SHOULD be the same" as in the responses to the INVITE
	}
	_ = ln.transmit(replyTo(in.via, in.from), invite.callID, ln.compose(in, &message.Fault{Code: 200, Reason: "OK"}))
	s := invite.user
	if s == nil || invite.answered || invite.cancelled {
		return
	}
	invite.cancelled = true
	ln.current = invite
	if s.OnCancel == nil {
		s.Respond(s.Response(487, "Request Terminated", nil))
		return
	}
	s.OnCancel(in.req)
}

// refuse answers a request that could be read, without keeping anything: a copy of it gets the same answer (RFC 3261 8.2.7).
func (ln *lane) refuse(in *incoming, f *message.Fault) {
	ln.l.n.rejected[f.Code].Add(1)
	_ = ln.transmit(replyTo(in.via, in.from), in.rd.CallID(), ln.compose(in, f))
}

// refuseUnread answers a request that could not be read as far as its top Via allows. ACK is never answered (RFC 3261 17).
func (ln *lane) refuseUnread(in *incoming, f *message.Fault) {
	in.via = in.rd.TopVia()
	if in.via == nil || !in.rd.Answerable() {
		ln.l.n.unreadable.Add(1)
		return
	}
	message.MarkVia(in.via, in.from.Addr)
	branch, _ := in.via.Params.Get("branch")
	in.tag = tagFor(ln.l.seed, branch, in.rd.CallID(), in.rd.From())
	ln.refuse(in, f)
}

func (ln *lane) compose(in *incoming, f *message.Fault) []byte {
	in.rd.Answer(&ln.out, in.via, f, in.tag, ln.l.c.Agent)
	return bytes.Clone(ln.out.Bytes())
}

// serverKey is what a retransmission has in common with its request: branch and sent-by (RFC 3261 17.2.3). Without the magic cookie it
// is what RFC 2543 compares; the To tag, which only the ACK has, is left out.
func serverKey(in *incoming) string {
	branch, _ := in.via.Params.Get("branch")
	port := strconv.Itoa(in.via.Port)
	if len(branch) > len(magic) && strings.EqualFold(branch[:len(magic)], magic) {
		return branch + "\x00" + strings.ToLower(in.via.Host) + ":" + port + "\x00"
	}
	tag, _ := in.req.From().Params.Get("tag")
	seq := strconv.FormatUint(uint64(in.req.CSeq().SeqNo), 10)
	parts := []string{in.rd.URI, string(*in.req.CallID()), tag, seq, in.via.Host, port, branch}
	return strings.Join(parts, "\x00") + "\x00"
}

// matchMethod is the method a request is matched by: ACK and CANCEL look for their INVITE (RFC 3261 17.2.3, 9.2).
func matchMethod(m sip.RequestMethod) string {
	if m == sip.ACK || m == sip.CANCEL {
		return string(sip.INVITE)
	}
	return string(m)
}

// mergeKey is RFC 3261 8.2.2.2's Call-ID, From tag and CSeq; 0 for requests inside a dialog. A non-INVITE counts only until it is
// answered: devices ping with the same numbers again and again.
func (ln *lane) mergeKey(in *incoming) uint64 {
	if in.req.To().Params.Has("tag") {
		return 0
	}
	var h maphash.Hash
	h.SetSeed(ln.l.seed)
	h.WriteString(string(*in.req.CallID()))
	h.WriteByte(0)
	h.WriteString(in.req.From().Params.GetOr("tag", ""))
	h.WriteByte(0)
	h.WriteString(in.rd.CSeq())
	return h.Sum64() | 1
}

var errNoRequest = errors.New("method, Call-ID or CSeq does not fit")
