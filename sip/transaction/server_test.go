package transaction

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/emiago/sipgo/sip"

	"hotline/sip/message"
	"hotline/sip/transport"
)

const (
	ms  = time.Millisecond
	sec = time.Second
)

func durations(d ...time.Duration) string { return fmt.Sprint(d) }

// keep returns a request function that hands the Server out and answers nothing.
func keep(to **Server) func(*Server) { return func(s *Server) { *to = s } }

func TestInviteAnswered(t *testing.T) {
	atDesk(t, Config{}, func(d *desk) {
		var s *Server
		d.request = keep(&s)
		invite := asked("INVITE", "a", "call-1")
		d.receive(phone, invite)
		d.expect(t, "SIP/2.0 100 Trying")
		d.receive(phone, invite) // retransmission: the last provisional again
		d.expect(t, "SIP/2.0 100 Trying", "SIP/2.0 100 Trying")
		d.on("call-1", func() { s.Respond(s.Response(180, "Ringing", nil)) })
		d.on("call-1", func() { s.Respond(s.Response(200, "OK", []byte("v=0\r\n"))) })
		ringing, ok := d.sent[2].raw, d.sent[3].raw
		if tagOf(t, ringing) != tagOf(t, ok) || s.Tag != tagOf(t, ok) {
			t.Errorf("To tags: 180 %q, 200 %q, want %q", tagOf(t, ringing), tagOf(t, ok), s.Tag)
		}
		if !strings.HasSuffix(ok, "Content-Length: 5\r\n\r\nv=0\r\n") {
			t.Errorf("body lost:\n%s", ok)
		}
		n := len(d.lines())
		d.receive(phone, invite) // RFC 6026 7.1: absorbed
		if got := len(d.lines()); got != n {
			t.Errorf("INVITE in Accepted was answered: %d messages, want %d", got, n)
		}
		d.receive(phone, asked("ACK", "b", "call-1"))
		if len(d.acks) != 1 {
			t.Errorf("ACKs at the core: got %d, want 1", len(d.acks))
		}
		wait(32*sec + ms) // Timer L
		if c := d.Counters(); c.Servers != 0 || c.Requests != 1 {
			t.Errorf("after Timer L: got %d transactions of %d, want 0 of 1", c.Servers, c.Requests)
		}
	})
}

// An ACK of a 2xx that wrongly keeps the INVITE's branch still reaches the core.
func TestAckOfSuccessWithOldBranch(t *testing.T) {
	atDesk(t, Config{}, func(d *desk) {
		d.request = func(s *Server) { s.Respond(s.Response(200, "OK", nil)) }
		d.receive(phone, asked("INVITE", "a", "c"))
		d.receive(phone, asked("ACK", "a", "c"))
		if len(d.acks) != 1 {
			t.Errorf("ACKs at the core: got %d, want 1", len(d.acks))
		}
	})
}

func TestTimersGAndH(t *testing.T) {
	atDesk(t, Config{}, func(d *desk) {
		var gone error
		d.request = func(s *Server) {
			s.OnGone = func(err error) { gone = err }
			s.Respond(s.Response(486, "Busy Here", nil))
		}
		d.receive(phone, asked("INVITE", "a", "c"))
		wait(40 * sec)
		got := durations(d.times("SIP/2.0 486")...)
		want := durations(0, 500*ms, 1500*ms, 3500*ms, 7500*ms, 11500*ms, 15500*ms, 19500*ms, 23500*ms, 27500*ms, 31500*ms)
		if got != want {
			t.Errorf("Timer G:\n got %s\nwant %s", got, want)
		}
		if !errors.Is(gone, ErrTimeout) {
			t.Errorf("Timer H: got %v, want %v", gone, ErrTimeout)
		}
		if c := d.Counters(); c.Servers != 0 || c.Timeouts != 1 {
			t.Errorf("after Timer H: got %+v", c)
		}
	})
}

func TestTimerI(t *testing.T) {
	atDesk(t, Config{}, func(d *desk) {
		d.request = func(s *Server) {
			s.OnGone = func(err error) { t.Errorf("gone: %v", err) }
			s.Respond(s.Response(486, "Busy Here", nil))
		}
		d.receive(phone, asked("INVITE", "a", "c"))
		d.receive(phone, asked("ACK", "a", "c"))
		d.receive(phone, asked("ACK", "a", "c"))
		wait(5*sec - ms)
		if got := d.Counters().Servers; got != 1 {
			t.Errorf("before Timer I: got %d transactions, want 1", got)
		}
		wait(2 * ms)
		if got := d.Counters().Servers; got != 0 {
			t.Errorf("after Timer I: got %d transactions, want 0", got)
		}
		if len(d.acks) != 0 {
			t.Errorf("the core got %d ACKs of a non-2xx", len(d.acks))
		}
		d.expect(t, "SIP/2.0 100 Trying", "SIP/2.0 486 Busy Here")
	})
}

func TestTimerJ(t *testing.T) {
	atDesk(t, Config{}, func(d *desk) {
		d.request = func(s *Server) { s.Respond(s.Response(200, "OK", nil)) }
		options := asked("OPTIONS", "a", "c")
		d.receive(phone, options)
		wait(32*sec - ms)
		d.receive(phone, options)
		d.expect(t, "SIP/2.0 200 OK", "SIP/2.0 200 OK")
		if d.sent[0].raw != d.sent[1].raw {
			t.Error("a retransmission got another answer")
		}
		wait(2 * ms)
		if got := d.Counters().Servers; got != 0 {
			t.Errorf("after Timer J: got %d transactions, want 0", got)
		}
	})
}

// Over TCP nothing is retransmitted and nothing lingers (Timers G, I, J are off).
func TestReliableServer(t *testing.T) {
	atDesk(t, Config{}, func(d *desk) {
		d.request = func(s *Server) { s.Respond(s.Response(486, "Busy Here", nil)) }
		d.receive(phoneT, asked("OPTIONS", "a", "c"))
		if got := d.Counters().Servers; got != 0 {
			t.Errorf("OPTIONS: got %d transactions, want 0", got)
		}
		d.receive(phoneT, asked("INVITE", "b", "c"))
		wait(3 * sec)
		if got := len(d.times("SIP/2.0 486")); got != 2 {
			t.Errorf("got %d finals, want 2", got)
		}
		d.receive(phoneT, asked("ACK", "b", "c"))
		if got := d.Counters().Servers; got != 0 {
			t.Errorf("after ACK: got %d transactions, want 0", got)
		}
		if to := d.last(t).to; to != phoneT {
			t.Errorf("answered to %+v, want the same connection", to)
		}
	})
}

// A user that never answers does not hold its transaction for ever, and no 408 is sent (RFC 4320).
func TestUserThatNeverAnswers(t *testing.T) {
	atDesk(t, Config{}, func(d *desk) {
		var gone error
		d.request = func(s *Server) { s.OnGone = func(err error) { gone = err } }
		d.receive(phone, asked("OPTIONS", "a", "c"))
		wait(33 * sec)
		if d.expect(t); !errors.Is(gone, ErrTimeout) || d.Counters().Servers != 0 {
			t.Errorf("got %v and %d transactions", gone, d.Counters().Servers)
		}
	})
}

func TestCancel(t *testing.T) {
	atDesk(t, Config{}, func(d *desk) {
		var s *Server
		cancels := 0
		d.request = func(got *Server) {
			s = got
			s.OnCancel = func(*sip.Request) { cancels++; s.Respond(s.Response(487, "Request Terminated", nil)) }
		}
		d.receive(phone, asked("INVITE", "a", "c"))
		d.receive(phone, asked("CANCEL", "a", "c"))
		d.receive(phone, asked("CANCEL", "a", "c"))
		d.expect(t, "SIP/2.0 100 Trying", "SIP/2.0 200 OK", "SIP/2.0 487 Request Terminated", "SIP/2.0 200 OK")
		if cancels != 1 {
			t.Errorf("OnCancel: got %d calls, want 1", cancels)
		}
		if got, want := tagOf(t, d.sent[1].raw), tagOf(t, d.sent[2].raw); got != want {
			t.Errorf("tags of 200 and 487 differ: %q, %q", got, want)
		}
		d.receive(phone, asked("CANCEL", "other", "c"))
		if got := d.lines()[4]; got != "SIP/2.0 481 Call/Transaction Does Not Exist" {
			t.Errorf("CANCEL of nothing: got %q", got)
		}
	})
}

func TestCancelWithoutOnCancel(t *testing.T) {
	atDesk(t, Config{}, func(d *desk) {
		d.receive(phone, asked("INVITE", "a", "c"))
		d.receive(phone, asked("CANCEL", "a", "c"))
		d.expect(t, "SIP/2.0 100 Trying", "SIP/2.0 200 OK", "SIP/2.0 487 Request Terminated")
	})
}

// RFC 3261 8.2.2.2: the same request by two ways.
func TestMergedRequest(t *testing.T) {
	atDesk(t, Config{}, func(d *desk) {
		d.receive(phone, asked("INVITE", "a", "c"))
		d.receive(phone, asked("INVITE", "b", "c"))
		d.expect(t, "SIP/2.0 100 Trying", "SIP/2.0 482 Loop Detected")
		d.request = func(s *Server) { s.Respond(s.Response(200, "OK", nil)) }
		d.receive(phone, asked("OPTIONS", "x", "ping")) // pings that never count up are not merged requests
		d.receive(phone, asked("OPTIONS", "y", "ping"))
		d.expect(t, "SIP/2.0 100 Trying", "SIP/2.0 482 Loop Detected", "SIP/2.0 200 OK", "SIP/2.0 200 OK")
	})
}

// RFC 2543 transactions are matched without a branch (RFC 3261 17.2.3).
func TestNoBranch(t *testing.T) {
	atDesk(t, Config{}, func(d *desk) {
		served := 0
		d.request = func(s *Server) { served++; s.Respond(s.Response(486, "Busy Here", nil)) }
		old := func(method string) string {
			return strings.Replace(asked(method, "", "c"), ";branch=z9hG4bK", "", 1)
		}
		d.receive(phone, old("INVITE"))
		d.receive(phone, old("INVITE"))
		d.receive(phone, old("ACK"))
		wait(3 * sec)
		d.expect(t, "SIP/2.0 100 Trying", "SIP/2.0 486 Busy Here", "SIP/2.0 486 Busy Here")
		if served != 1 || len(d.acks) != 0 {
			t.Errorf("got %d requests and %d ACKs at the core, want 1 and 0", served, len(d.acks))
		}
	})
}

// Where answers go, and what the Via says of it (RFC 3261 18.2.2, RFC 3581 4).
func TestReplyAddress(t *testing.T) {
	nat := transport.Peer{Network: "udp", Addr: here, Local: here}
	for name, row := range map[string]struct {
		via, wantTo, wantVia string
	}{
		"rport":          {"192.168.1.5:5070;branch=z9hG4bKa;rport", "127.0.0.20:5060", "192.168.1.5:5070;branch=z9hG4bKa;rport=5060;received=127.0.0.20"},
		"no rport":       {"192.168.1.5:5070;branch=z9hG4bKa", "127.0.0.20:5070", "192.168.1.5:5070;branch=z9hG4bKa;received=127.0.0.20"},
		"no port":        {"host.example;branch=z9hG4bKa", "127.0.0.20:5060", "host.example;branch=z9hG4bKa;received=127.0.0.20"},
		"true address":   {"127.0.0.20:5070;branch=z9hG4bKa", "127.0.0.20:5070", "127.0.0.20:5070;branch=z9hG4bKa"},
		"IPv6":           {"[2001:db8::1]:5070;branch=z9hG4bKa", "127.0.0.20:5070", "[2001:db8::1]:5070;branch=z9hG4bKa;received=127.0.0.20"},
		"mapped IPv6":    {"[::ffff:192.0.2.10]:5070;branch=z9hG4bKa", "127.0.0.20:5070", "[::ffff:192.0.2.10]:5070;branch=z9hG4bKa;received=127.0.0.20"},
		"maddr is a lie": {"192.0.2.1;branch=z9hG4bKa;maddr=192.0.2.9", "127.0.0.20:5060", "192.0.2.1;branch=z9hG4bKa;maddr=192.0.2.9;received=127.0.0.20"},
	} {
		t.Run(name, func(t *testing.T) {
			atDesk(t, Config{}, func(d *desk) {
				d.request = func(s *Server) { s.Respond(s.Response(200, "OK", nil)) }
				d.receive(nat, strings.Replace(asked("OPTIONS", "a", "c"), "127.0.0.9:5060;branch=z9hG4bKa;rport", row.via, 1))
				got := d.last(t)
				if got.to.Addr.String() != row.wantTo {
					t.Errorf("sent to %s, want %s", got.to.Addr, row.wantTo)
				}
				if via := "\r\nVia: SIP/2.0/UDP " + row.wantVia + "\r\n"; !strings.Contains(got.raw, via) {
					t.Errorf("got\n%s\nwant %q", got.raw, via)
				}
			})
		})
	}
}

// sipgo's own responses work too, and get one To tag where they lack it.
func TestRespondWithForeignResponse(t *testing.T) {
	atDesk(t, Config{}, func(d *desk) {
		d.request = func(s *Server) {
			s.Respond(sip.NewResponseFromRequest(s.Request, 404, "Not Found", nil))
			s.Respond(s.Response(200, "OK", nil)) // a second final is ignored
		}
		d.receive(phone, asked("OPTIONS", "a", "c"))
		d.expect(t, "SIP/2.0 404 Not Found")
		if tagOf(t, d.last(t).raw) == "" {
			t.Error("no To tag")
		}
	})
}

// Fault 4 of sipgo: a panic in one call ended the process.
func TestSipgoFault04PanicInCore(t *testing.T) {
	atDesk(t, Config{}, func(d *desk) {
		d.request = func(s *Server) {
			if s.Request.Method == sip.INVITE {
				panic("one bad call")
			}
			s.Respond(s.Response(200, "OK", nil))
		}
		d.receive(phone, asked("INVITE", "a", "bad"))
		d.receive(phone, asked("OPTIONS", "b", "good"))
		d.expect(t, "SIP/2.0 100 Trying", "SIP/2.0 500 Server Internal Error", "SIP/2.0 200 OK")
		if got := d.Counters().Panics; got != 1 {
			t.Errorf("panics: got %d, want 1", got)
		}
	})
}

// The transport failing is told to the user of an unanswered INVITE.
func TestServerTransportFails(t *testing.T) {
	atDesk(t, Config{}, func(d *desk) {
		var s *Server
		var gone error
		d.request = func(got *Server) { s = got; s.OnGone = func(err error) { gone = err } }
		d.receive(phone, asked("INVITE", "a", "c"))
		d.failWith(transport.ErrTooLarge)
		d.on("c", func() { s.Respond(s.Response(486, "Busy Here", nil)) })
		if !errors.Is(gone, ErrTransport) || !errors.Is(gone, transport.ErrTooLarge) || !s.Answered() {
			t.Errorf("got %v, want ErrTransport wrapping the cause", gone)
		}
	})
}

func tagOf(t *testing.T, raw string) string {
	t.Helper()
	var rd message.Lines
	if !rd.Read([]byte(raw)) {
		t.Fatalf("unreadable:\n%s", raw)
	}
	to, _ := rd.To()
	return tagIn(to)
}
