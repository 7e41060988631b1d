package transaction

import (
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/emiago/sipgo/sip"

	"hotline/sip/transport"
)

// Fault 3 of sipgo: messages of one call were handled out of order, and a CANCEL overtook its INVITE.
func TestSipgoFault03OrderIsKept(t *testing.T) {
	const calls, infos = 300, 20
	atDesk(t, Config{Lanes: 4, LaneLimit: 1 << 20}, func(d *desk) {
		var mu sync.Mutex
		next := map[string]uint32{}
		cancelled := 0
		d.request = func(s *Server) {
			mu.Lock()
			defer mu.Unlock()
			if s.Request.Method == sip.INVITE {
				s.OnCancel = func(*sip.Request) { mu.Lock(); cancelled++; mu.Unlock() }
				return
			}
			id, n := string(*s.Request.CallID()), s.Request.CSeq().SeqNo
			if next[id]++; n != next[id] {
				t.Errorf("call %s: got CSeq %d, want %d", id, n, next[id])
			}
			s.Respond(s.Response(200, "OK", nil))
		}
		for n := range infos {
			for c := range calls {
				id := fmt.Sprint("call-", c)
				info := asked("INFO", fmt.Sprint(id, "-", n), id)
				d.Receive(transport.Received{Peer: phone, Raw: []byte(strings.Replace(info, "CSeq: 1", fmt.Sprint("CSeq: ", n+1), 1))})
			}
		}
		for c := range calls {
			id := fmt.Sprint("pair-", c)
			d.Receive(transport.Received{Peer: phone, Raw: []byte(asked("INVITE", id, id))})
			d.Receive(transport.Received{Peer: phone, Raw: []byte(asked("CANCEL", id, id))})
		}
		wait(time.Second)
		if got := d.Counters(); cancelled != calls || got.Rejected[481] != 0 {
			t.Errorf("got %d of %d cancelled, %d overtook", cancelled, calls, got.Rejected[481])
		}
	})
}

// A lane that is behind refuses new calls and keeps those it has.
func TestFullLane(t *testing.T) {
	d := &desk{began: time.Now(), request: func(*Server) {}}
	d.Layer = New(Config{Lanes: 1, LaneLimit: 10}, d.send, core{d}) // not running: nothing is read
	for i := range 20 {
		d.Receive(transport.Received{Peer: phone, Raw: []byte(asked("OPTIONS", fmt.Sprint(i), "o"))})
	}
	if c := d.Counters(); c.Waiting != 10 || c.Shed != 10 || len(d.sent) != 0 {
		t.Errorf("OPTIONS: got %+v and %d answers, want 10 waiting, 10 shed, no answer", c, len(d.sent))
	}
	d.Receive(transport.Received{Peer: phone, Raw: []byte(asked("INVITE", "i", "o"))})
	if got := d.last(t).raw; !strings.HasPrefix(got, "SIP/2.0 503 ") || !strings.Contains(got, "\r\nRetry-After: 2\r\n") {
		t.Errorf("INVITE: got\n%s", got)
	}
	d.Receive(transport.Received{Peer: phone, Raw: []byte(asked("BYE", "b", "o"))})
	d.Receive(transport.Received{Peer: phone, Raw: []byte("SIP/2.0 200 OK\r\nCall-ID: o\r\n\r\n")})
	if got := d.Counters().Waiting; got != 12 {
		t.Errorf("BYE and a response: got %d waiting, want 12", got)
	}
	for i := range 100 {
		d.Receive(transport.Received{Peer: phone, Raw: []byte(asked("BYE", fmt.Sprint(i), "o"))})
	}
	if got := d.Counters().Waiting; got != 40 {
		t.Errorf("a flood of BYE: got %d waiting, want 40", got)
	}
}

func TestObserve(t *testing.T) {
	var seen []string
	c := Config{Observe: func(o Observation) {
		line, _, _ := strings.Cut(string(o.Raw), "\r\n")
		seen = append(seen, fmt.Sprint(o.Out, " ", o.CallID, " ", line))
	}}
	atDesk(t, c, func(d *desk) {
		d.request = func(s *Server) { s.Respond(s.Response(200, "OK", nil)) }
		d.receive(phone, asked("OPTIONS", "a", "c"))
	})
	if got, want := strings.Join(seen, "|"), "false c OPTIONS sip:600@127.0.0.20 SIP/2.0|true c SIP/2.0 200 OK"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// Tests of users hand in parsed messages without octets.
func TestReceiveMessage(t *testing.T) {
	atDesk(t, Config{}, func(d *desk) {
		d.request = func(s *Server) { s.Respond(s.Response(200, "OK", nil)) }
		m, err := sip.ParseMessage([]byte(asked("OPTIONS", "a", "c")))
		if err != nil {
			t.Fatal(err)
		}
		d.Receive(transport.Received{Peer: phone, Message: m})
		wait(0)
		d.expect(t, "SIP/2.0 200 OK")
	})
}

// The heap of alarms against the plainest possible one.
func TestAlarms(t *testing.T) {
	var h alarms
	base := time.Unix(1000, 0)
	all := make([]alarm, 500)
	set := map[*alarm]time.Time{}
	for range 20_000 {
		a := &all[rand.IntN(len(all))]
		switch rand.IntN(3) {
		case 0:
			h.stop(a)
			delete(set, a)
		default:
			at := base.Add(time.Duration(rand.IntN(1000)) * time.Millisecond)
			h.set(a, at)
			set[a] = at
		}
		if len(h) != len(set) {
			t.Fatalf("got %d alarms, want %d", len(h), len(set))
		}
	}
	var last time.Time
	for a := h.due(base.Add(time.Hour)); a != nil; a = h.due(base.Add(time.Hour)) {
		if a.at.Before(last) || !a.at.Equal(set[a]) {
			t.Fatalf("got %v after %v, want %v", a.at, last, set[a])
		}
		last = a.at
		delete(set, a)
	}
	if len(set) != 0 {
		t.Errorf("%d alarms never fired", len(set))
	}
}

// Fault 14 of sipgo: a finished UDP transaction held 4.0 KB and 46 objects for Timer J.
func TestSipgoFault14Memory(t *testing.T) {
	d := &quiet{}
	l := New(Config{Lanes: 1, LaneLimit: 1 << 20}, d.send, d)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error)
	go func() { done <- l.Run(ctx) }()
	const n = 20_000
	before, objects := held()
	for i := range n {
		raw := asked("OPTIONS", fmt.Sprint("mem", i), fmt.Sprint("id", i), "User-Agent: "+strings.Repeat("x", 400)+"\r\n")
		l.Receive(transport.Received{Peer: phone, Raw: []byte(raw)})
	}
	settled := make(chan struct{})
	l.Do("", func() { close(settled) })
	<-settled
	after, objectsAfter := held()
	if got := l.Counters().Servers; got != n {
		t.Fatalf("got %d transactions, want %d", got, n)
	}
	each, count := (after-before)/n, float64(objectsAfter-objects)/n
	t.Logf("%d octets and %.1f objects for each finished transaction", each, count)
	if each > 1500 || count > 8 {
		t.Errorf("got %d octets and %.1f objects, want at most 1500 and 8", each, count)
	}
	cancel()
	<-done
}

func held() (octets, objects uint64) {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc, m.HeapObjects
}

// quiet answers 200 to everything and forgets what it sends.
type quiet struct {
	sent atomic.Int64
	bell chan struct{}
}

func (q *quiet) send(transport.Peer, []byte) error { q.sent.Add(1); return nil }
func (q *quiet) Request(s *Server) {
	if s.Request.Method == sip.INVITE {
		s.Respond(s.Response(180, "Ringing", nil))
	}
	s.Respond(s.Response(200, "OK", nil))
	if s.Request.Method == sip.BYE && q.bell != nil {
		q.bell <- struct{}{}
	}
}
func (q *quiet) Ack(*sip.Request, transport.Peer)            {}
func (q *quiet) StrayResponse(*sip.Response, transport.Peer) {}

// BenchmarkCall is the six messages of a call: INVITE, 100, 180, 200, ACK, BYE, 200, with the octets a phone sends.
func BenchmarkCall(b *testing.B) {
	q := &quiet{bell: make(chan struct{}, 1<<20)}
	l := New(Config{LaneLimit: 1 << 20, T1: 10 * time.Millisecond, Logger: slog.New(slog.DiscardHandler)}, q.send, q)
	ctx, cancel := context.WithCancel(b.Context())
	done := make(chan error)
	go func() { done <- l.Run(ctx) }()
	headers := "User-Agent: Phone 1.2\r\nAllow: INVITE, ACK, CANCEL, BYE, OPTIONS, INFO\r\nSupported: replaces, timer\r\nAccept: application/sdp\r\n"
	sdp := "v=0\r\no=- 1 1 IN IP4 127.0.0.9\r\ns=-\r\nc=IN IP4 127.0.0.9\r\nt=0 0\r\nm=audio 4000 RTP/AVP 8 0 101\r\na=rtpmap:101 telephone-event/8000\r\n"
	b.ReportAllocs()
	i := 0
	for b.Loop() {
		i++
		id := fmt.Sprint("bench-", i)
		invite := asked("INVITE", id, id, headers, "Content-Type: application/sdp\r\n")
		invite = strings.Replace(invite, "Content-Length: 0\r\n\r\n", fmt.Sprintf("Content-Length: %d\r\n\r\n%s", len(sdp), sdp), 1)
		l.Receive(transport.Received{Peer: phone, Raw: []byte(invite)})
		l.Receive(transport.Received{Peer: phone, Raw: []byte(asked("ACK", id+"a", id))})
		l.Receive(transport.Received{Peer: phone, Raw: []byte(asked("BYE", id+"b", id, headers))})
		<-q.bell
	}
	cancel()
	<-done
}
