package transaction

import (
	"bytes"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/emiago/sipgo/sip"

	"hotline/sip/transport"
)

// TestSipgoFault14StrangersLeaveNoTransaction answers strangers once each, keeps nothing and repeats nothing (RFC 3261 8.2.7), and others as ever.
func TestSipgoFault14StrangersLeaveNoTransaction(t *testing.T) {
	strangers := Config{Stateless: func(_ *sip.Request, from transport.Peer) bool { return from == phone }}
	for _, method := range []string{"INVITE", "REGISTER", "OPTIONS"} {
		t.Run(method, func(t *testing.T) {
			atDesk(t, strangers, func(d *desk) {
				d.request = func(s *Server) {
					if s.Stateless {
						s.Respond(s.Response(183, "Session Progress", nil)) // not allowed, and not sent
					}
					s.Respond(s.Response(407, "Proxy Authentication Required", nil))
					s.Respond(s.Response(500, "Again", nil))
				}
				raw := asked(method, "b", "c")
				d.receive(phone, raw)
				if n := d.Counters().Servers; n != 0 {
					t.Errorf("%d transactions are kept", n)
				}
				d.receive(phone, raw)
				wait(time.Minute)
				first, second := d.sent[0].raw, d.sent[len(d.sent)-1].raw
				if len(d.sent) != 2 || !strings.HasPrefix(first, "SIP/2.0 407 ") || first != second {
					t.Errorf("got %q", d.lines())
				}
				d.receive(phone, asked("CANCEL", "b", "c"))
				if got := d.last(t).raw; method == "INVITE" && !strings.HasPrefix(got, "SIP/2.0 481 ") {
					t.Errorf("CANCEL: got %s", got)
				}
				d.receive(phoneT, asked(method, "other", "o"))
				if got := d.Counters().Servers; method == "INVITE" && got != 1 {
					t.Errorf("others: %d transactions", got)
				}
			})
		})
	}
}

// TestStatelessWithoutAnAnswer lets go of what is not answered at once.
func TestStatelessWithoutAnAnswer(t *testing.T) {
	atDesk(t, Config{Stateless: func(*sip.Request, transport.Peer) bool { return true }}, func(d *desk) {
		var kept *Server
		d.request = keep(&kept)
		d.receive(phone, asked("INVITE", "b", "c"))
		d.on("c", func() { kept.Respond(kept.Response(200, "OK", nil)) })
		if n := d.Counters().Servers; n != 0 || len(d.sent) != 0 {
			t.Errorf("%d transactions, sent %q", n, d.lines())
		}
	})
}

// TestStatelessWithinADialog is never so: it belongs to a call.
func TestStatelessWithinADialog(t *testing.T) {
	atDesk(t, Config{Stateless: func(*sip.Request, transport.Peer) bool { return true }}, func(d *desk) {
		d.request = func(s *Server) {
			if s.Stateless {
				t.Error("a request within a dialog is answered without state")
			}
			s.Respond(s.Response(200, "OK", nil))
		}
		raw := asked("BYE", "b", "c")
		to := raw[strings.Index(raw, "\r\nTo: ")+2:]
		to, _, _ = strings.Cut(to, "\r\n")
		d.receive(phone, strings.Replace(raw, to, to+";tag=ours", 1))
		if n := d.Counters().Servers; n != 1 {
			t.Errorf("%d transactions", n)
		}
	})
}

// TestStrangersWait has strangers' messages fill their own room only, be read last, and keep their order.
func TestStrangersWait(t *testing.T) {
	var order []string
	d := &desk{began: time.Now(), request: func(s *Server) { order = append(order, string(*s.Request.CallID())) }}
	d.Layer = New(Config{Lanes: 1, LaneLimit: 400}, d.send, core{d})
	stranger := func(i int, method string) {
		d.Receive(transport.Received{Peer: phone, Stranger: true, Raw: []byte(asked(method, fmt.Sprint("s", i), fmt.Sprint("s", i)))})
	}
	for i := range 150 {
		stranger(i, "INVITE")
	}
	if c := d.Counters(); c.Waiting != 100 || c.Shed != 50 || len(d.sent) != 0 {
		t.Fatalf("got %+v and %d answers: want 100 waiting, and not a word for the others", c, len(d.sent))
	}
	for i := range 5 {
		id := fmt.Sprint("k", i)
		d.Receive(transport.Received{Peer: phone, Raw: []byte(asked("OPTIONS", id, id))})
	}
	ln := d.lanes[0]
	ln.turn()
	if got := strings.Join(order, " "); !strings.HasPrefix(got, "k0 k1 k2 k3 k4 s0 s1 s2 ") || len(order) != 5+portion {
		t.Fatalf("got %s", got)
	}
	d.Receive(transport.Received{Peer: phone, Raw: []byte(asked("OPTIONS", "late", "late"))})
	if ln.turn(); order[5+portion] != "late" {
		t.Errorf("known ones wait for strangers: %v", order)
	}
	for range 20 {
		ln.turn()
	}
	for i := 150; i < 1000; i++ { // in and out, as a flood goes
		stranger(i, "OPTIONS")
		if i%3 == 0 {
			ln.turn()
		}
	}
	for range 20 {
		ln.turn()
	}
	last := -1
	for _, id := range order {
		var n int
		if _, err := fmt.Sscanf(id, "s%d", &n); err == nil {
			if n <= last {
				t.Fatalf("%s came after s%d", id, last)
			}
			last = n
		}
	}
	if c := d.Counters(); c.Waiting != 0 || cap(ln.others) > 1024 {
		t.Errorf("%d wait, room for %d", c.Waiting, cap(ln.others))
	}
	if len(ln.bell) == 0 {
		t.Error("the bell did not ring for those that were left")
	}
}

// Fault 15 of sipgo: what could not be parsed was logged whole, passwords' answers and numbers with it.
func TestSipgoFault15UnreadableIsNotLogged(t *testing.T) {
	var log bytes.Buffer
	c := Config{Logger: slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))}
	atDesk(t, c, func(d *desk) {
		for _, broken := range []string{
			"INVITE sip:canary SIP/2.0\r\n\r\n", "OPTIONS sip:canary SIP/2.0\r\nVia: canary\r\nTo: canary\r\n\r\n", "canary", "SIP/2.0 200 canary\r\n\r\n",
			strings.Replace(asked("INVITE", "b", "c"), "CSeq: 1", "CSeq: canary", 1),
		} {
			d.receive(phone, broken)
		}
		wait(time.Second)
	})
	if strings.Contains(log.String(), "canary") {
		t.Errorf("logged:\n%s", log.String())
	}
}
