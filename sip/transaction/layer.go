package transaction

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"hash/maphash"
	"log/slog"
	"net/netip"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"github.com/emiago/sipgo/sip"

	"hotline/sip/message"
	"hotline/sip/transport"
)

// Layer is the transaction layer of one node. All methods may be called from any goroutine unless they say otherwise; none waits.
type Layer struct {
	c     Config
	t     timings
	rules message.Rules
	send  func(transport.Peer, []byte) error
	core  Core
	lanes []*lane
	seed  maphash.Seed
	log   *slog.Logger
	n     counts

	udpOnly udpOnly
}

// timings are the timers of RFC 3261 17, table 4.
type timings struct {
	t1, t2, t4 time.Duration
	giveUp     time.Duration // 64*T1: B, F, H, J, L, M
	d          time.Duration // at least 32 s
}

type counts struct {
	servers, clients                          atomic.Int64
	requests, retransmitted, unreadable, shed atomic.Uint64
	stray, merged, timeouts, panics           atomic.Uint64
	rejected                                  [700]atomic.Uint64
}

// New makes a layer that sends through send (transport.Layer.Send fits) and hands requests to core. It starts nothing: see Run.
// Negative sizes or timers panic.
func New(c Config, send func(transport.Peer, []byte) error, core Core) *Layer {
	if c.Lanes < 0 || c.T1 < 0 || c.T2 < 0 || c.T4 < 0 || c.LaneLimit < 0 {
		panic("transaction: negative size or timer in Config") //nolint:forbidigo // a constructor: the program is wrong, not its input
	}
	c.Lanes = cmp.Or(c.Lanes, 2*runtime.GOMAXPROCS(0))
	c.LaneLimit = cmp.Or(c.LaneLimit, 2000)
	if c.Logger == nil {
		c.Logger = slog.Default()
	}
	if c.Local == nil {
		c.Local = func(p transport.Peer) netip.AddrPort { return p.Local }
	}
	t := timings{t1: cmp.Or(c.T1, 500*time.Millisecond), t2: cmp.Or(c.T2, 4*time.Second), t4: cmp.Or(c.T4, 5*time.Second)}
	t.giveUp = 64 * t.t1
	t.d = max(t.giveUp, 32*time.Second)
	l := &Layer{c: c, t: t, rules: message.NewRules(c.Allow, c.Supported, c.Bodies), send: send, core: core, seed: maphash.MakeSeed(), log: c.Logger}
	for range c.Lanes {
		l.lanes = append(l.lanes, newLane(l))
	}
	return l
}

// Run runs the lanes until ctx ends, then fails what is open with ErrStopped and returns nil.
func (l *Layer) Run(ctx context.Context) error {
	var wg sync.WaitGroup
	for _, ln := range l.lanes {
		wg.Go(func() { ln.run(ctx) })
	}
	wg.Wait()
	return nil
}

func (l *Layer) lane(callID string) *lane {
	return l.lanes[maphash.String(l.seed, callID)%uint64(len(l.lanes))]
}

// Receive takes one message from the transport. A lane that is too far behind refuses new requests: an INVITE is told to come back
// (503 with Retry-After, RFC 3261 21.5.4), others are dropped and retransmitted by their senders. What belongs to calls in progress
// (responses, ACK, BYE, CANCEL) is taken up to four times the limit. Strangers have a fourth of that room, which is their own, get no
// word where it is full, and are read after everybody else: what they send by the thousand must not be felt in calls.
func (l *Layer) Receive(r transport.Received) {
	if r.Raw == nil && r.Message != nil {
		r.Raw = []byte(r.Message.String())
	}
	callID, request, method := message.Peek(r.Raw)
	if l.c.Observe != nil {
		l.c.Observe(Observation{At: r.At, Peer: r.Peer, CallID: callID, Raw: r.Raw, Stranger: r.Stranger})
	}
	limit := l.c.LaneLimit
	if !request || method != "" && method != "INVITE" {
		limit *= 4
	}
	ln, post := l.lane(callID), (*lane).postMessage
	if r.Stranger {
		post, limit = (*lane).postStranger, limit/4
	}
	if post(ln, r, limit) {
		return
	}
	l.n.shed.Add(1)
	if method == "INVITE" && !r.Stranger {
		l.shed(r, callID)
	}
}

// shed answers 503 without a transaction, on the goroutine that received.
func (l *Layer) shed(r transport.Received, callID string) {
	var rd message.Lines
	if !rd.Read(r.Raw) {
		return
	}
	via := rd.TopVia()
	if via == nil {
		return
	}
	message.MarkVia(via, r.Peer.Addr)
	var b bytes.Buffer
	f := &message.Fault{Code: 503, Reason: "Service Unavailable", Header: "Retry-After: 2\r\n"}
	l.n.rejected[503].Add(1)
	rd.Answer(&b, via, f, tagFor(l.seed, callID, via.Host), l.c.Agent)
	_ = l.transmit(replyTo(via, r.Peer), callID, b.Bytes())
}

// Failed takes the transport's word that a sent message was not delivered and ends its client transaction (RFC 3261 17.1.4).
func (l *Layer) Failed(to transport.Peer, raw []byte, err error) {
	callID, request, _ := message.Peek(raw)
	if !request {
		return
	}
	l.lane(callID).post(letter{
		kind: letterFailed, received: transport.Received{Peer: to, Raw: raw}, err: fmt.Errorf("%w: %w", ErrTransport, err),
	})
}

// Do runs f on the lane of callID, after everything already sent to it. After Run ended f is dropped.
func (l *Layer) Do(callID string, f func()) {
	l.lane(callID).post(letter{kind: letterCall, f: f})
}

// After runs f on the lane of callID once d has passed, unless it is stopped first.
func (l *Layer) After(callID string, d time.Duration, f func()) *Timer {
	t := &Timer{lane: l.lane(callID), f: f}
	t.alarm = alarm{at: time.Now().Add(d), which: timerUser, owner: t}
	t.lane.post(letter{kind: letterTimer, timer: t})
	return t
}

// Transmit sends a message outside transactions, once: the ACK of a 2xx (which gets a new Via, RFC 3261 13.2.2.4) and retransmitted
// 2xx responses (whose Via is left alone, and which go where it says). Errors are counted and otherwise ignored. Any goroutine may call
// it.
func (l *Layer) Transmit(to transport.Peer, m sip.Message) {
	var callID string
	if h := m.CallID(); h != nil {
		callID = string(*h)
	}
	switch m := m.(type) {
	case *sip.Request:
		l.setVia(m, to, newBranch())
		addLength(m) // streams need it (RFC 3261 20.14): phones close a connection over an ACK without
	case *sip.Response:
		to = replyTo(m.Via(), to)
	}
	var b bytes.Buffer
	m.StringWrite(&b)
	_ = l.transmit(to, callID, b.Bytes())
}

func (l *Layer) transmit(to transport.Peer, callID string, raw []byte) error {
	if l.c.Observe != nil {
		l.c.Observe(Observation{At: time.Now(), Peer: to, Out: true, CallID: callID, Raw: raw})
	}
	return l.send(to, raw)
}

// Counters returns a snapshot for metrics.
func (l *Layer) Counters() Counters {
	n := &l.n
	c := Counters{
		Servers: n.servers.Load(), Clients: n.clients.Load(), Requests: n.requests.Load(), Retransmitted: n.retransmitted.Load(),
		Unreadable: n.unreadable.Load(), Shed: n.shed.Load(), Stray: n.stray.Load(), Merged: n.merged.Load(),
		Timeouts: n.timeouts.Load(), Panics: n.panics.Load(), Rejected: map[int]uint64{},
	}
	for code := range n.rejected {
		if v := n.rejected[code].Load(); v > 0 {
			c.Rejected[code] = v
		}
	}
	for _, ln := range l.lanes {
		ln.mu.Lock()
		c.Waiting += len(ln.mail) + len(ln.others) - ln.head
		ln.mu.Unlock()
	}
	return c
}
