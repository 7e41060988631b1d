package transaction

import (
	"errors"
	"fmt"
	"time"

	"github.com/emiago/sipgo/sip"

	"hotline/sip/transport"
)

// clientTx is the machine behind a Client.
type clientTx struct {
	lane      *lane
	state     clientState // nil: terminated
	callID    string
	branch    string
	method    sip.RequestMethod
	to        transport.Peer
	small     transport.Peer // the UDP peer of a request moved to TCP for its size, until something is heard; zero: none
	req       *sip.Request   // of an INVITE until its final response: ACK and CANCEL are made from it; of others while small is set
	raw       []byte         // what is retransmitted: the request, later the ACK
	on        func(Reply)
	cancelled bool         // the user wants it cancelled
	reasons   []sip.Header // go into the CANCEL
	done      bool         // a non-INVITE has its final response
	news      Reply        // what the state just entered has to say
	interval  time.Duration
	resend    alarm // A, E
	limit     alarm // B, F, D, K, M, and the end of patience after a CANCEL
}

type clientEventKind uint8

const (
	provisional clientEventKind = iota
	success                     // 2xx
	refused                     // 300 and above
	failed                      // the transport, or the layer stops
	wantCancel
	timedOut
)

type clientEvent struct {
	kind  clientEventKind
	res   *sip.Response
	from  transport.Peer
	err   error
	which timerName
}

// clientState is one state of a machine: it does what an event asks for and returns the next state, nil for terminated.
type clientState func(t *clientTx, e clientEvent) clientState

func (t *clientTx) expire(which timerName) { t.step(clientEvent{kind: timedOut, which: which}) }

// step is the only way a client transaction changes. The user hears what a state has to say after the change: it may well cancel or
// send again from inside.
func (t *clientTx) step(e clientEvent) {
	if t.state == nil || e.kind == failed && t.shrink(e.err) {
		return
	}
	next := t.state(t, e)
	news, on := t.news, t.on
	t.news = Reply{}
	if e.kind == refused || e.kind == success && t.method != sip.INVITE {
		t.on = nil // nothing more to tell: let go of what the user holds
	}
	if next == nil {
		t.end()
	} else {
		t.state = next
	}
	if on != nil && (news.Response != nil || news.Err != nil) {
		on(news)
	}
}

func (t *clientTx) receive(res *sip.Response, from transport.Peer) {
	e := clientEvent{kind: refused, res: res, from: from}
	switch {
	case res.StatusCode < 200:
		e.kind = provisional
	case res.StatusCode < 300:
		e.kind = success
	}
	t.step(e)
}

func (t *clientTx) hear(e clientEvent) { t.news = Reply{Response: e.res, From: e.from} }

func (t *clientTx) timeout() clientState {
	t.lane.l.n.timeouts.Add(1)
	t.news = Reply{Err: ErrTimeout}
	return nil
}

func (t *clientTx) fail(err error) clientState {
	t.news = Reply{Err: err}
	return nil
}

func (t *clientTx) after(a *alarm, which timerName, d time.Duration) {
	a.which, a.owner = which, t
	t.lane.alarms.set(a, t.lane.now.Add(d))
}

// begin enters the first state and sends the request. An error of the send comes as a letter: never before Request returned.
func (t *clientTx) begin() {
	ln, tm := t.lane, &t.lane.l.t
	ln.now = time.Now()
	ln.clients[clientKey{t.branch, t.method}] = t
	ln.l.n.clients.Add(1)
	t.raw = ln.serialise(t.req)
	t.enlarge()
	t.state = trying
	if t.method == sip.INVITE {
		t.state = calling
	} else if t.small.Network == "" {
		t.req = nil
	}
	t.interval = tm.t1
	if !t.to.Reliable() {
		t.after(&t.resend, timerRetransmit, tm.t1)
	}
	t.after(&t.limit, timerGiveUp, tm.giveUp)
	if err := t.transmit(); err != nil {
		ln.post(letter{kind: letterCall, f: func() { t.step(clientEvent{kind: failed, err: err}) }})
	}
}

func (t *clientTx) end() {
	ln := t.lane
	ln.alarms.stop(&t.resend)
	ln.alarms.stop(&t.limit)
	delete(ln.clients, clientKey{t.branch, t.method})
	t.state, t.on, t.req, t.raw = nil, nil, nil, nil
	ln.l.n.clients.Add(-1)
}

// transmit sends what is to be retransmitted. A full buffer counts as a packet lost on the way, for the timers to make good.
func (t *clientTx) transmit() error {
	err := t.lane.transmit(t.to, t.callID, t.raw)
	if err == nil || errors.Is(err, transport.ErrQueueFull) && !t.to.Reliable() {
		return nil
	}
	return fmt.Errorf("%w: %w", ErrTransport, err)
}

// calling is RFC 3261 17.1.1.2 "Calling".
func calling(t *clientTx, e clientEvent) clientState {
	switch {
	case e.kind == provisional: // to Proceeding; a CANCEL asked for earlier may go now (9.1)
		t.lane.alarms.stop(&t.resend)
		t.lane.alarms.stop(&t.limit)
		t.hear(e)
		if t.cancelled {
			t.sendCancel()
		}
		return proceeding
	case e.kind == timedOut && e.which == timerRetransmit: // Timer A doubles without limit
		if err := t.transmit(); err != nil {
			return t.fail(err)
		}
		t.interval *= 2
		t.after(&t.resend, timerRetransmit, t.interval)
	case e.kind == timedOut: // Timer B
		return t.timeout()
	case e.kind == wantCancel: // held until a provisional
	default:
		return proceeding(t, e)
	}
	return calling
}

// proceeding is RFC 3261 17.1.1.2 "Proceeding".
func proceeding(t *clientTx, e clientEvent) clientState {
	switch e.kind {
	case provisional:
		t.hear(e)
	case success: // RFC 6026 7.2: to Accepted, Timer M
		t.hear(e)
		t.lane.alarms.stop(&t.resend)
		t.req, t.raw = nil, nil
		t.after(&t.limit, timerLinger, t.lane.l.t.giveUp)
		return acceptedInvite
	case refused: // to Completed with an ACK, Timer D
		t.hear(e)
		t.lane.alarms.stop(&t.resend)
		t.lane.alarms.stop(&t.limit)
		t.raw = t.lane.serialise(makeAck(t.req, e.res))
		t.req = nil
		_ = t.transmit() // 17.1.4 would say so again: the user has its final response
		if t.to.Reliable() {
			return nil
		}
		t.after(&t.limit, timerLinger, t.lane.l.t.d)
		return completedInvite
	case wantCancel:
		t.sendCancel()
	case timedOut: // 9.1: no final response 64*T1 after the CANCEL
		return t.timeout()
	case failed:
		return t.fail(e.err)
	}
	return proceeding
}

// sendCancel sends CANCEL as a transaction of its own with the same branch, whose outcome does not matter (RFC 3261 9.1).
func (t *clientTx) sendCancel() {
	c := &clientTx{lane: t.lane, callID: t.callID, branch: t.branch, method: sip.CANCEL, to: t.to, req: makeCancel(t.req, t.reasons)}
	c.begin()
	t.after(&t.limit, timerGiveUp, t.lane.l.t.giveUp)
}

// completedInvite is RFC 3261 17.1.1.2 "Completed": a retransmitted final response gets the ACK again, until Timer D.
func completedInvite(t *clientTx, e clientEvent) clientState {
	switch e.kind {
	case refused:
		_ = t.transmit()
	case timedOut, failed:
		return nil
	default: // the user has its final response
	}
	return completedInvite
}

// acceptedInvite is RFC 6026 7.2 "Accepted": each further 2xx, a retransmission or a fork's, is the user's to ACK, until Timer M.
func acceptedInvite(t *clientTx, e clientEvent) clientState {
	switch e.kind {
	case success:
		t.hear(e)
	case timedOut:
		return nil
	case failed:
		if errors.Is(e.err, ErrStopped) {
			return nil
		}
	default: // late provisionals, and a final of another branch: the call stands
	}
	return acceptedInvite
}

// trying is RFC 3261 17.1.2.2 "Trying".
func trying(t *clientTx, e clientEvent) clientState {
	tm := &t.lane.l.t
	switch {
	case e.kind == provisional: // to Proceeding, where Timer E is T2
		t.hear(e)
		t.interval = tm.t2
		return proceedingPlain
	case e.kind == success || e.kind == refused: // to Completed, Timer K
		t.hear(e)
		return t.completed()
	case e.kind == timedOut && e.which == timerRetransmit: // Timer E doubles up to T2
		if err := t.transmit(); err != nil {
			return t.fail(err)
		}
		t.interval = min(2*t.interval, tm.t2)
		t.after(&t.resend, timerRetransmit, t.interval)
	case e.kind == timedOut: // Timer F
		return t.timeout()
	case e.kind == failed:
		return t.fail(e.err)
	}
	return trying
}

// proceedingPlain is RFC 3261 17.1.2.2 "Proceeding": retransmission goes on, every T2.
func proceedingPlain(t *clientTx, e clientEvent) clientState {
	if e.kind == provisional {
		t.hear(e)
		return proceedingPlain
	}
	if next := trying(t, e); next == nil || t.done {
		return next
	}
	return proceedingPlain
}

func (t *clientTx) completed() clientState {
	t.done = true
	t.lane.alarms.stop(&t.resend)
	t.lane.alarms.stop(&t.limit)
	t.raw = nil
	if t.to.Reliable() {
		return nil
	}
	t.after(&t.limit, timerLinger, t.lane.l.t.t4)
	return completedPlain
}

// completedPlain is RFC 3261 17.1.2.2 "Completed": it absorbs retransmitted responses until Timer K.
func completedPlain(t *clientTx, e clientEvent) clientState {
	if e.kind == timedOut || e.kind == failed {
		return nil
	}
	return completedPlain
}
