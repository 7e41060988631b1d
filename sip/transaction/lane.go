package transaction

import (
	"bytes"
	"context"
	"errors"
	"runtime/debug"
	"strings"
	"sync"
	"time"

	"github.com/emiago/sipgo/sip"

	"hotline/sip/message"
	"hotline/sip/transport"
)

type letterKind uint8

const (
	letterMessage letterKind = iota
	letterCall
	letterTimer
	letterFailed
)

// letter is one thing for a lane to do.
type letter struct {
	kind     letterKind
	received transport.Received // letterMessage, letterFailed (Raw and Peer)
	f        func()             // letterCall
	timer    *Timer             // letterTimer: set it, or remove it when it was stopped
	err      error              // letterFailed
}

// lane owns all transactions of the Call-IDs hashed to it. Everything below the mailbox is touched by its goroutine only.
type lane struct {
	l *Layer

	mu       sync.Mutex
	mail     []letter
	messages int      // letters of the network in mail
	others   []letter // those of strangers, which are read when mail has been
	head     int      // of others
	closed   bool
	bell     chan struct{}

	spare   []letter
	portion []letter // room for takeStrangers
	servers map[string]*serverTx
	clients map[clientKey]*clientTx
	merged  map[uint64]*serverTx // by Call-ID, From tag and CSeq (RFC 3261 8.2.2.2)
	alarms  alarms
	now     time.Time
	rd      message.Lines
	out     bytes.Buffer
	current *serverTx // whose user's code runs; answered 500 if it panics
}

func newLane(l *Layer) *lane {
	return &lane{
		l: l, bell: make(chan struct{}, 1),
		servers: map[string]*serverTx{}, clients: map[clientKey]*clientTx{}, merged: map[uint64]*serverTx{},
	}
}

// post adds a letter that must not be lost. False: the lane has ended.
func (ln *lane) post(m letter) bool {
	ln.mu.Lock()
	if ln.closed {
		ln.mu.Unlock()
		return false
	}
	ln.mail = append(ln.mail, m)
	ln.mu.Unlock()
	ln.ring()
	return true
}

// postMessage adds a letter of the network unless more than limit of them wait.
func (ln *lane) postMessage(r transport.Received, limit int) bool {
	ln.mu.Lock()
	if ln.closed || ln.messages >= limit {
		ln.mu.Unlock()
		return false
	}
	ln.messages++
	ln.mail = append(ln.mail, letter{received: r})
	ln.mu.Unlock()
	ln.ring()
	return true
}

// postStranger adds a letter of a stranger unless more than limit of them wait.
func (ln *lane) postStranger(r transport.Received, limit int) bool {
	ln.mu.Lock()
	if ln.closed || len(ln.others)-ln.head >= limit {
		ln.mu.Unlock()
		return false
	}
	if ln.head > limit {
		ln.others = append(ln.others[:0], ln.others[ln.head:]...)
		ln.head = 0
	}
	ln.others = append(ln.others, letter{received: r})
	ln.mu.Unlock()
	ln.ring()
	return true
}

// portion is how many letters of strangers are read before the mail of others is looked at again.
const portion = 16

// takeStrangers gives some letters of strangers, in order, and says whether more wait.
func (ln *lane) takeStrangers(into []letter) (some []letter, more bool) {
	ln.mu.Lock()
	defer ln.mu.Unlock()
	n := min(portion, len(ln.others)-ln.head)
	some = append(into[:0], ln.others[ln.head:ln.head+n]...)
	clear(ln.others[ln.head : ln.head+n])
	if ln.head += n; ln.head == len(ln.others) {
		if ln.others, ln.head = ln.others[:0], 0; cap(ln.others) > 1024 {
			ln.others = nil
		}
	}
	return some, ln.head < len(ln.others)
}

func (ln *lane) ring() {
	select {
	case ln.bell <- struct{}{}:
	default:
	}
}

// take swaps the mailbox for the emptied one of the last turn.
func (ln *lane) take() []letter {
	ln.mu.Lock()
	defer ln.mu.Unlock()
	mail := ln.mail
	ln.mail, ln.spare = ln.spare[:0], nil
	ln.messages = 0
	return mail
}

// give returns a mailbox that was worked through, unless a flood made it large.
func (ln *lane) give(mail []letter) {
	clear(mail)
	if cap(mail) <= 1024 {
		ln.spare = mail[:0]
	}
}

func (ln *lane) run(ctx context.Context) {
	wake := time.NewTimer(time.Hour)
	defer wake.Stop()
	rings := time.Now().Add(time.Hour) // when wake does
	for ctx.Err() == nil {
		ln.turn()
		// Most alarms are stopped before their time: a wake that comes too early is seldom, a Reset each turn is not.
		if next, any := ln.next(); any && next.Before(rings) || !ln.now.Before(rings) {
			rings = next
			wake.Reset(time.Until(next))
		}
		select {
		case <-ln.bell:
		case <-wake.C:
			rings = time.Time{}
		case <-ctx.Done():
		}
	}
	ln.end()
}

// next is when the first alarm is due; an hour from now where there is none.
func (ln *lane) next() (at time.Time, any bool) {
	if len(ln.alarms) == 0 {
		return ln.now.Add(time.Hour), false
	}
	return ln.alarms[0].at, true
}

// turn reads all mail and some of strangers, then runs all timers that are due.
func (ln *lane) turn() {
	mail := ln.take()
	ln.read(mail)
	ln.give(mail)
	some, more := ln.takeStrangers(ln.portion)
	ln.read(some)
	clear(some)
	if ln.portion = some; more {
		ln.ring()
	}
	ln.now = time.Now()
	for a := ln.alarms.due(ln.now); a != nil; a = ln.alarms.due(ln.now) {
		ln.safely(func() { a.owner.expire(a.which) })
	}
}

func (ln *lane) read(mail []letter) {
	for i := range mail {
		ln.now = time.Now()
		ln.safely(func() { ln.open(&mail[i]) })
	}
}

// end fails everything open and runs the functions still in the mailbox, which may be cleaning up.
func (ln *lane) end() {
	ln.turn()
	for _, t := range ln.clients {
		ln.safely(func() { t.step(clientEvent{kind: failed, err: ErrStopped}) })
	}
	for _, t := range ln.servers {
		ln.safely(func() { t.step(serverEvent{kind: sendFailed, err: ErrStopped}) })
	}
	ln.mu.Lock()
	ln.closed = true
	ln.mu.Unlock()
	ln.turn()
}

// safely runs one thing; a panic in it costs the call it was about, no other.
func (ln *lane) safely(f func()) {
	defer func() {
		p := recover()
		if p == nil {
			return
		}
		ln.l.n.panics.Add(1)
		ln.l.log.Error("a SIP lane recovered from a panic", "panic", p, "stack", string(debug.Stack()))
		if t := ln.current; t != nil {
			ln.current = nil
			defer func() { _ = recover() }() // the answer is made from what the panic left; without it the peer times out
			if t.user != nil && !t.answered {
				t.user.Respond(t.user.Response(500, "Server Internal Error", nil))
			}
		}
	}()
	f()
	ln.current = nil
}

func (ln *lane) open(m *letter) {
	switch m.kind {
	case letterMessage:
		ln.message(&m.received)
	case letterCall:
		m.f()
	case letterTimer:
		ln.timer(m.timer)
	case letterFailed:
		ln.failed(m)
	}
}

func (ln *lane) timer(t *Timer) {
	if t.stopped.Load() {
		ln.alarms.stop(&t.alarm)
		return
	}
	ln.alarms.set(&t.alarm, t.alarm.at)
}

// message reads one message and takes it to its transaction.
func (ln *lane) message(r *transport.Received) {
	raw := r.Raw
	if raw == nil && r.Message != nil {
		raw = []byte(r.Message.String())
	}
	rd := &ln.rd
	switch {
	case !rd.Read(raw):
		ln.l.n.unreadable.Add(1)
	case rd.IsRequest:
		ln.request(rd, r.Peer)
	default:
		ln.response(rd, r.Peer)
	}
}

func (ln *lane) response(rd *message.Lines, from transport.Peer) {
	res, f := rd.BuildResponse(from.Reliable())
	if f != nil || res.Via() == nil {
		ln.l.n.unreadable.Add(1)
		return
	}
	branch, _ := res.Via().Params.Get("branch")
	if t := ln.clients[clientKey{branch, res.CSeq().MethodName}]; t != nil {
		t.receive(res, from)
		return
	}
	ln.l.n.stray.Add(1)
	ln.l.core.StrayResponse(res, from)
}

// failed ends the client transaction of a message that could not be delivered. A lost response needs nothing: the request comes again.
func (ln *lane) failed(m *letter) {
	rd := &ln.rd
	if !rd.Read(m.received.Raw) || !rd.IsRequest {
		return
	}
	via := rd.TopVia()
	if via == nil {
		return
	}
	if errors.Is(m.err, transport.ErrUnreachable) && rd.Method != "BYE" && inDialog(rd) {
		return // within a dialog it may pass, and retransmissions find out: a route that flaps must not end a call (RFC 5461)
	}
	branch, _ := via.Params.Get("branch")
	if t := ln.clients[clientKey{branch, sip.RequestMethod(rd.Method)}]; t != nil {
		t.step(clientEvent{kind: failed, err: m.err})
	}
}

// inDialog tells whether a request is one, or may be: ICMP need not bring so much of it back.
func inDialog(rd *message.Lines) bool {
	to, ok := rd.To()
	return !ok || strings.Contains(to, ";tag=")
}

// transmit sends and observes raw.
func (ln *lane) transmit(to transport.Peer, callID string, raw []byte) error {
	return ln.l.transmit(to, callID, raw)
}

// serialise writes a message to octets of its own, by way of the lane's buffer.
func (ln *lane) serialise(m sip.Message) []byte {
	ln.out.Reset()
	m.StringWrite(&ln.out)
	raw := bytes.Clone(ln.out.Bytes())
	if ln.out.Cap() > 1<<16 {
		ln.out = bytes.Buffer{}
	}
	return raw
}
