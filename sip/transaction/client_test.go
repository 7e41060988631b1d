package transaction

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/emiago/sipgo/sip"

	"hotline/sip/transport"
)

// heard collects replies as words: a status, or an error.
type heard []string

func (h *heard) on(r Reply) {
	switch {
	case r.Response != nil:
		*h = append(*h, fmt.Sprint(r.Response.StatusCode))
	case errors.Is(r.Err, ErrTimeout):
		*h = append(*h, "timeout")
	case errors.Is(r.Err, ErrTransport):
		*h = append(*h, "transport")
	case errors.Is(r.Err, ErrRequest):
		*h = append(*h, "request")
	case errors.Is(r.Err, ErrStopped):
		*h = append(*h, "stopped")
	}
}

func (h *heard) expect(t *testing.T, want string) {
	t.Helper()
	if got := strings.Join(*h, " "); got != want {
		t.Errorf("heard %q, want %q", got, want)
	}
}

// ask sends a request on its lane.
func (d *desk) ask(req *sip.Request, to transport.Peer, h *heard) (c *Client) {
	d.on(string(*req.CallID()), func() { c = d.Layer.Request(req, to, h.on) })
	return c
}

// lastRequest is the latest request of a method that was sent.
func (d *desk) lastRequest(t *testing.T, method string) string {
	t.Helper()
	d.mu.Lock()
	defer d.mu.Unlock()
	for i := len(d.sent) - 1; i >= 0; i-- {
		if strings.HasPrefix(d.sent[i].raw, method+" ") {
			return d.sent[i].raw
		}
	}
	t.Fatalf("no %s was sent", method)
	return ""
}

func TestTimersAAndB(t *testing.T) {
	atDesk(t, Config{}, func(d *desk) {
		var h heard
		d.ask(outgoing(sip.INVITE, "c"), phone, &h)
		wait(40 * sec)
		got := durations(d.times("INVITE")...)
		if want := durations(0, 500*ms, 1500*ms, 3500*ms, 7500*ms, 15500*ms, 31500*ms); got != want {
			t.Errorf("Timer A:\n got %s\nwant %s", got, want)
		}
		h.expect(t, "timeout")
		if got := d.Counters().Clients; got != 0 {
			t.Errorf("after Timer B: got %d transactions, want 0", got)
		}
	})
}

func TestTimersEAndF(t *testing.T) {
	atDesk(t, Config{}, func(d *desk) {
		var h heard
		d.ask(outgoing(sip.OPTIONS, "c"), phone, &h)
		wait(40 * sec)
		got := durations(d.times("OPTIONS")...)
		want := durations(0, 500*ms, 1500*ms, 3500*ms, 7500*ms, 11500*ms, 15500*ms, 19500*ms, 23500*ms, 27500*ms, 31500*ms)
		if got != want {
			t.Errorf("Timer E:\n got %s\nwant %s", got, want)
		}
		h.expect(t, "timeout")
	})
}

// A provisional slows the retransmission of a non-INVITE down to T2, but does not end it (RFC 3261 17.1.2.2).
func TestTimerEInProceeding(t *testing.T) {
	atDesk(t, Config{}, func(d *desk) {
		var h heard
		d.ask(outgoing(sip.OPTIONS, "c"), phone, &h)
		d.receive(phone, replyText(d.lastRequest(t, "OPTIONS"), 100, ""))
		wait(9 * sec)
		if got, want := durations(d.times("OPTIONS")...), durations(0, 500*ms, 4500*ms, 8500*ms); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
		d.receive(phone, replyText(d.lastRequest(t, "OPTIONS"), 200, ""))
		h.expect(t, "100 200")
	})
}

func TestTimerK(t *testing.T) {
	atDesk(t, Config{}, func(d *desk) {
		var h heard
		d.ask(outgoing(sip.BYE, "c"), phone, &h)
		ok := replyText(d.lastRequest(t, "BYE"), 200, "")
		d.receive(phone, ok)
		d.receive(phone, ok)
		h.expect(t, "200")
		wait(5*sec - ms)
		if got := d.Counters().Clients; got != 1 {
			t.Errorf("before Timer K: got %d, want 1", got)
		}
		wait(2 * ms)
		if c := d.Counters(); c.Clients != 0 || len(d.strays) != 0 {
			t.Errorf("after Timer K: got %d clients, %d strays", c.Clients, len(d.strays))
		}
		d.receive(phone, ok)
		if len(d.strays) != 1 || d.Counters().Stray != 1 {
			t.Errorf("late response: got %d strays, want 1", len(d.strays))
		}
	})
}

// A refused INVITE is ACKed by the layer, again for each retransmission, until Timer D.
func TestRefusedInviteTimerD(t *testing.T) {
	atDesk(t, Config{}, func(d *desk) {
		var h heard
		req := outgoing(sip.INVITE, "c")
		req.AppendHeader(&sip.RouteHeader{Address: req.Recipient})
		d.ask(req, phone, &h)
		invite := d.lastRequest(t, "INVITE")
		busy := replyText(invite, 486, "")
		d.receive(phone, replyText(invite, 180, ""))
		d.receive(phone, busy)
		d.receive(phone, busy)
		h.expect(t, "180 486")
		ack := d.lastRequest(t, "ACK")
		for _, want := range []string{"ACK sip:1001@127.0.0.9:5060 SIP/2.0\r\n", viaLine(invite), "CSeq: 5 ACK\r\n", ";tag=them\r\n", "\r\nRoute: "} {
			if !strings.Contains(ack, want) {
				t.Errorf("ACK lacks %q:\n%s", want, ack)
			}
		}
		if got := len(d.times("ACK")); got != 2 {
			t.Errorf("ACKs: got %d, want 2", got)
		}
		wait(32*sec - 2*ms)
		if got := d.Counters().Clients; got != 1 {
			t.Errorf("before Timer D: got %d, want 1", got)
		}
		wait(4 * ms)
		if got := d.Counters().Clients; got != 0 {
			t.Errorf("after Timer D: got %d, want 0", got)
		}
	})
}

// RFC 6026 7.2: each 2xx of an INVITE is the user's, for 64*T1; the layer ACKs none.
func TestAcceptedInviteTimerM(t *testing.T) {
	atDesk(t, Config{}, func(d *desk) {
		var h heard
		d.ask(outgoing(sip.INVITE, "c"), phone, &h)
		ok := replyText(d.lastRequest(t, "INVITE"), 200, "")
		d.receive(phone, ok)
		d.receive(phone, ok)
		d.receive(phone, replyText(d.lastRequest(t, "INVITE"), 183, "")) // late: of no use
		h.expect(t, "200 200")
		if got := len(d.times("ACK")); got != 0 {
			t.Errorf("the layer sent %d ACKs of a 2xx", got)
		}
		wait(32*sec + ms)
		if got := d.Counters().Clients; got != 0 {
			t.Errorf("after Timer M: got %d, want 0", got)
		}
	})
}

func TestReliableClient(t *testing.T) {
	atDesk(t, Config{}, func(d *desk) {
		var h, g heard
		d.ask(outgoing(sip.INVITE, "c"), phoneT, &h)
		d.ask(outgoing(sip.BYE, "e"), phoneT, &g)
		wait(10 * sec)
		d.expect(t, "INVITE sip:1001@127.0.0.9:5060 SIP/2.0", "BYE sip:1001@127.0.0.9:5060 SIP/2.0")
		d.receive(phoneT, replyText(d.lastRequest(t, "INVITE"), 486, ""))
		d.receive(phoneT, replyText(d.lastRequest(t, "BYE"), 200, ""))
		if got := d.Counters().Clients; got != 0 { // Timers D and K are 0
			t.Errorf("got %d transactions, want 0", got)
		}
		h.expect(t, "486")
		g.expect(t, "200")
		if via := viaLine(d.lastRequest(t, "BYE")); !strings.HasPrefix(via, "Via: SIP/2.0/TCP 127.0.0.20:5060;branch=z9hG4bK") {
			t.Errorf("got %q", via)
		}
	})
}

// CANCEL waits for a provisional (RFC 3261 9.1), has the INVITE's branch, and its own answer interests nobody.
func TestCancelHeldUntilProvisional(t *testing.T) {
	atDesk(t, Config{}, func(d *desk) {
		var h heard
		c := d.ask(outgoing(sip.INVITE, "c"), phone, &h)
		d.on("c", func() { c.Cancel() })
		d.on("c", func() { c.Cancel() })
		if got := len(d.times("CANCEL")); got != 0 {
			t.Fatalf("CANCEL before any provisional: %d", got)
		}
		invite := d.lastRequest(t, "INVITE")
		d.receive(phone, replyText(invite, 100, ""))
		cancel := d.lastRequest(t, "CANCEL")
		if viaLine(cancel) != viaLine(invite) || !strings.Contains(cancel, "CSeq: 5 CANCEL\r\n") {
			t.Errorf("CANCEL does not fit its INVITE:\n%s", cancel)
		}
		d.receive(phone, replyText(cancel, 200, ""))
		d.receive(phone, replyText(invite, 487, ""))
		h.expect(t, "100 487")
		if got := len(d.times("CANCEL")); got != 1 {
			t.Errorf("CANCELs: got %d, want 1", got)
		}
	})
}

// Fault 6 of sipgo: a 200 that crosses the CANCEL got neither ACK nor BYE. It must reach the user, who does both.
func TestSipgoFault06SuccessCrossesCancel(t *testing.T) {
	atDesk(t, Config{}, func(d *desk) {
		var h heard
		c := d.ask(outgoing(sip.INVITE, "c"), phone, &h)
		invite := d.lastRequest(t, "INVITE")
		d.receive(phone, replyText(invite, 180, ""))
		d.on("c", func() { c.Cancel() })
		d.receive(phone, replyText(invite, 200, ""))
		h.expect(t, "180 200")
	})
}

// Fault 5 of sipgo: more than ten provisionals broke the call.
func TestSipgoFault05ManyProvisionals(t *testing.T) {
	atDesk(t, Config{}, func(d *desk) {
		var h heard
		d.ask(outgoing(sip.INVITE, "c"), phone, &h)
		invite := d.lastRequest(t, "INVITE")
		for range 14 {
			d.receive(phone, replyText(invite, 180, ""))
		}
		d.receive(phone, replyText(invite, 200, ""))
		h.expect(t, strings.Repeat("180 ", 14)+"200")
	})
}

// A peer that rings, is cancelled, and falls silent ends 64*T1 later.
func TestCancelThenSilence(t *testing.T) {
	atDesk(t, Config{}, func(d *desk) {
		var h heard
		c := d.ask(outgoing(sip.INVITE, "c"), phone, &h)
		d.receive(phone, replyText(d.lastRequest(t, "INVITE"), 180, ""))
		wait(60 * sec)
		d.on("c", func() { c.Cancel() })
		wait(33 * sec)
		h.expect(t, "180 timeout")
		if got := d.Counters().Clients; got != 0 {
			t.Errorf("got %d transactions, want 0", got)
		}
	})
}

func TestClientTransportFails(t *testing.T) {
	atDesk(t, Config{}, func(d *desk) {
		var h, g heard
		d.ask(outgoing(sip.INVITE, "c"), phoneT, &h)
		d.Failed(phoneT, []byte(d.lastRequest(t, "INVITE")), transport.ErrClosed) // told later
		wait(0)
		h.expect(t, "transport")
		d.failWith(transport.ErrConnections)
		returned := false
		d.on("e", func() {
			d.Layer.Request(outgoing(sip.OPTIONS, "e"), phoneT, func(r Reply) {
				if !returned {
					t.Error("heard before Request returned")
				}
				g.on(r)
			})
			returned = true
		})
		g.expect(t, "transport")
	})
}

// A full socket buffer is a lost packet: Timer A makes it good.
func TestFullSocketIsLoss(t *testing.T) {
	atDesk(t, Config{}, func(d *desk) {
		var h heard
		d.failWith(transport.ErrQueueFull)
		d.ask(outgoing(sip.INVITE, "c"), phone, &h)
		d.failWith(nil)
		wait(600 * ms)
		d.expect(t, "INVITE sip:1001@127.0.0.9:5060 SIP/2.0")
		h.expect(t, "")
	})
}

func TestBadRequests(t *testing.T) {
	atDesk(t, Config{}, func(d *desk) {
		var h heard
		ack, other, none := outgoing(sip.ACK, "c"), outgoing(sip.BYE, "c"), outgoing(sip.BYE, "c")
		other.CSeq().MethodName = sip.INFO
		none.RemoveHeader("CSeq")
		for _, req := range []*sip.Request{ack, other, none} {
			d.ask(req, phone, &h)
		}
		h.expect(t, "request request request")
		d.expect(t)
	})
}

// Sending the same request object again (as after 401) replaces its Via.
func TestRequestTwice(t *testing.T) {
	atDesk(t, Config{}, func(d *desk) {
		var h heard
		req := outgoing(sip.REGISTER, "c")
		d.ask(req, phone, &h)
		first := viaLine(d.lastRequest(t, "REGISTER"))
		d.ask(req, phone, &h)
		again := d.lastRequest(t, "REGISTER")
		if viaLine(again) == first || strings.Count(again, "Via: ") != 1 || strings.Count(again, "Max-Forwards: 70\r\n") != 1 {
			t.Errorf("got\n%s", again)
		}
	})
}

func TestStopTellsEveryone(t *testing.T) {
	var h heard
	atDesk(t, Config{}, func(d *desk) { d.ask(outgoing(sip.INVITE, "c"), phone, &h) })
	h.expect(t, "stopped")
}

// Transmit gives an ACK a branch of its own and leaves responses alone.
func TestTransmit(t *testing.T) {
	atDesk(t, Config{}, func(d *desk) {
		var s *Server
		d.request = keep(&s)
		d.receive(phone, asked("INVITE", "a", "c"))
		d.Transmit(phone, s.Response(200, "OK", nil))
		if got := d.last(t).raw; !strings.Contains(got, "branch=z9hG4bKa;rport=5060;received=127.0.0.9\r\n") {
			t.Errorf("got\n%s", got)
		}
		ack := outgoing(sip.ACK, "c")
		d.Transmit(phone, ack)
		first := viaLine(d.last(t).raw)
		d.Transmit(phone, ack)
		if got := viaLine(d.last(t).raw); got == first || !strings.Contains(got, "127.0.0.20:5060;branch=z9hG4bK") {
			t.Errorf("got %q after %q", got, first)
		}
	})
}

func TestAfter(t *testing.T) {
	atDesk(t, Config{}, func(d *desk) {
		var ran []time.Duration
		note := func() { ran = append(ran, time.Since(d.began)) }
		d.After("c", 3*sec, note)
		d.After("c", sec, note)
		stopped := d.After("c", 2*sec, note)
		late := d.After("c", 4*sec, note)
		wait(sec + ms)
		stopped.Stop()
		stopped.Stop()
		(*Timer)(nil).Stop()
		wait(2500 * ms)
		late.Stop()
		wait(5 * sec)
		if got, want := durations(ran...), durations(sec, 3*sec); got != want {
			t.Errorf("ran at %s, want %s", got, want)
		}
		for _, ln := range d.lanes {
			if len(ln.alarms) != 0 {
				t.Errorf("%d alarms left", len(ln.alarms))
			}
		}
	})
}

func viaLine(raw string) string {
	_, rest, _ := strings.Cut(raw, "Via: ")
	line, _, _ := strings.Cut(rest, "\r\n")
	return "Via: " + line
}
