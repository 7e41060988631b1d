package transaction

import (
	"errors"
	"fmt"
	"time"

	"hotline/sip/transport"
)

// serverTx is the machine behind a Server. After the final response it keeps that as octets, for Timer J or H, and lets the request go.
type serverTx struct {
	lane      *lane
	state     serverState // nil: terminated
	key       string
	callID    string // a copy, so that the request's text can be freed
	to        transport.Peer
	tag       string
	mergeKey  uint64
	invite    bool
	answered  bool
	accepted  bool // by a 2xx
	cancelled bool
	trouble   error  // to be told once the state has changed
	last      []byte // the last response, for retransmissions
	user      *Server
	gone      func(error)
	interval  time.Duration // Timer G
	resend    alarm         // G
	limit     alarm         // H, I, J, L, and the patience with a user that never answers
}

type serverEventKind uint8

const (
	again serverEventKind = iota // the request was retransmitted
	acked
	sendProvisional
	sendSuccess // 2xx to INVITE
	sendFinal
	sendFailed
	expired
)

type serverEvent struct {
	kind  serverEventKind
	raw   []byte
	err   error
	which timerName
}

// serverState is one state of a machine: it does what an event asks for and returns the next state, nil for terminated.
type serverState func(t *serverTx, e serverEvent) serverState

func (t *serverTx) expire(which timerName) { t.step(serverEvent{kind: expired, which: which}) }

// step is the only way a server transaction changes. The user hears of trouble after the change.
func (t *serverTx) step(e serverEvent) {
	if t.state == nil {
		return
	}
	next := t.state(t, e)
	trouble, gone := t.trouble, t.gone
	if t.user != nil {
		gone = t.user.OnGone
	}
	t.trouble = nil
	if t.state = next; next == nil {
		t.end()
	}
	if trouble != nil && gone != nil {
		gone(trouble)
	}
}

func (t *serverTx) end() {
	ln := t.lane
	ln.alarms.stop(&t.resend)
	ln.alarms.stop(&t.limit)
	delete(ln.servers, t.key)
	t.forgetMerge()
	t.answered, t.user, t.gone, t.last = true, nil, nil, nil
	ln.l.n.servers.Add(-1)
}

func (t *serverTx) forgetMerge() {
	if t.mergeKey != 0 && t.lane.merged[t.mergeKey] == t {
		delete(t.lane.merged, t.mergeKey)
	}
	t.mergeKey = 0
}

// transmit sends a response. A full buffer counts as a packet lost on the way, not as a transport that failed.
func (t *serverTx) transmit(raw []byte) bool {
	err := t.lane.transmit(t.to, t.callID, raw)
	if err == nil || errors.Is(err, transport.ErrQueueFull) {
		return true
	}
	t.fail(fmt.Errorf("%w: %w", ErrTransport, err))
	return false
}

// try sends what may get lost: a later response, or the user, makes it good.
func (t *serverTx) try(raw []byte) { _ = t.lane.transmit(t.to, t.callID, raw) }

func (t *serverTx) fail(err error) { t.trouble = err }

// finish notes that a final response goes out: the request is not needed any more.
func (t *serverTx) finish(raw []byte) {
	t.answered, t.last = true, raw
	if t.user != nil {
		t.gone = t.user.OnGone
	}
	if !t.invite {
		t.forgetMerge()
		t.gone = nil
	}
	t.user = nil
}

func (t *serverTx) after(a *alarm, which timerName, d time.Duration) {
	a.which, a.owner = which, t
	t.lane.alarms.set(a, t.lane.now.Add(d))
}

// inviteProceeding is RFC 3261 17.2.1 "Proceeding". The 100 was sent when the transaction began: at once and not after 200 ms, because a
// caller who waits in a queue hears nothing else for long, and one small packet is cheaper than the INVITE again. Callers that wait for the 100 before
// they CANCEL are common, and leaving it out saves 2 of 100 of what a set-up costs.
func inviteProceeding(t *serverTx, e serverEvent) serverState {
	tm := &t.lane.l.t
	switch e.kind {
	case again: // 17.2.1: "the most recent provisional response ... MUST be passed to the transport layer"
		t.try(t.last)
	case sendProvisional:
		t.last = e.raw
		t.try(e.raw)
	case sendSuccess: // RFC 6026 7.1: to Accepted, Timer L
		t.finish(nil)
		t.accepted, t.gone = true, nil
		t.after(&t.limit, timerLinger, tm.giveUp)
		t.try(e.raw)
		return inviteAccepted
	case sendFinal: // 17.2.1: to Completed, Timer H, and Timer G where the transport may lose it
		t.finish(e.raw)
		if !t.transmit(e.raw) {
			return nil // 17.2.4
		}
		if !t.to.Reliable() {
			t.interval = tm.t1
			t.after(&t.resend, timerRetransmit, t.interval)
		}
		t.after(&t.limit, timerGiveUp, tm.giveUp)
		return inviteCompleted
	case sendFailed: // 17.2.4
		t.fail(e.err)
		return nil
	default: // an ACK of nothing; no timer runs here
	}
	return inviteProceeding
}

// inviteAccepted is RFC 6026 7.1 "Accepted": it absorbs retransmitted INVITEs and lets 2xx and ACK through.
func inviteAccepted(t *serverTx, e serverEvent) serverState {
	switch {
	case e.kind == sendSuccess:
		t.try(e.raw)
	case e.kind == expired: // Timer L
		return nil
	case e.kind == sendFailed && errors.Is(e.err, ErrStopped):
		return nil
	}
	return inviteAccepted
}

// inviteCompleted is RFC 3261 17.2.1 "Completed": a non-2xx waits for its ACK.
func inviteCompleted(t *serverTx, e serverEvent) serverState {
	tm := &t.lane.l.t
	switch {
	case e.kind == again:
		t.try(t.last)
	case e.kind == acked: // to Confirmed, Timer I: T4, or 0 over a reliable transport
		t.lane.alarms.stop(&t.resend)
		t.lane.alarms.stop(&t.limit)
		if t.to.Reliable() {
			return nil
		}
		t.last, t.gone = nil, nil
		t.after(&t.limit, timerLinger, tm.t4)
		return inviteConfirmed
	case e.kind == expired && e.which == timerRetransmit: // Timer G doubles up to T2
		if !t.transmit(t.last) {
			return nil
		}
		t.interval = min(2*t.interval, tm.t2)
		t.after(&t.resend, timerRetransmit, t.interval)
	case e.kind == expired: // Timer H: "the ACK was never received"
		t.lane.l.n.timeouts.Add(1)
		t.fail(ErrTimeout)
		return nil
	case e.kind == sendFailed:
		t.fail(e.err)
		return nil
	}
	return inviteCompleted
}

// inviteConfirmed is RFC 3261 17.2.1 "Confirmed": it absorbs further ACKs until Timer I.
func inviteConfirmed(_ *serverTx, e serverEvent) serverState {
	if e.kind == expired || e.kind == sendFailed {
		return nil
	}
	return inviteConfirmed
}

// plainTrying is RFC 3261 17.2.2 "Trying". A user that never answers is forgotten when the client gave up (Timer F): no 408 is sent, as
// RFC 4320 4.2 asks.
func plainTrying(t *serverTx, e serverEvent) serverState {
	switch e.kind {
	case sendProvisional: // to Proceeding
		t.last = e.raw
		t.try(e.raw)
		return plainProceeding
	case sendFinal:
		return t.complete(e.raw)
	case sendFailed:
		t.fail(e.err)
		return nil
	case expired:
		t.lane.l.n.timeouts.Add(1)
		t.fail(ErrTimeout)
		return nil
	default: // again: "discarded"
	}
	return plainTrying
}

// plainProceeding is RFC 3261 17.2.2 "Proceeding".
func plainProceeding(t *serverTx, e serverEvent) serverState {
	switch e.kind {
	case again:
		t.try(t.last)
		return plainProceeding
	case sendProvisional, sendFinal, sendFailed, expired:
		return plainTrying(t, e)
	default: // of INVITE only
	}
	return plainProceeding
}

// stateless is RFC 3261 8.2.7: the first final response is all there is.
func stateless(t *serverTx, e serverEvent) serverState {
	switch e.kind {
	case sendSuccess, sendFinal:
		t.answered = true
		t.try(e.raw)
		return nil
	default: // "a stateless UAS MUST NOT send provisional responses"
	}
	return stateless
}

// complete sends the final response of a non-INVITE: to Completed with Timer J, which is 0 over a reliable transport (17.2.2).
func (t *serverTx) complete(raw []byte) serverState {
	t.lane.alarms.stop(&t.limit)
	t.finish(raw)
	if !t.transmit(raw) || t.to.Reliable() {
		return nil
	}
	t.after(&t.limit, timerLinger, t.lane.l.t.giveUp)
	return plainCompleted
}

// plainCompleted is RFC 3261 17.2.2 "Completed": retransmissions get the final response again until Timer J.
func plainCompleted(t *serverTx, e serverEvent) serverState {
	switch e.kind {
	case again:
		t.try(t.last)
	case expired, sendFailed:
		return nil
	default: // 17.2.2: "any other final responses ... MUST be discarded"
	}
	return plainCompleted
}
