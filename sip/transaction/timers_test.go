package transaction

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/emiago/sipgo/sip"

	"hotline/sip/transport"
)

// clocks are the base timers of RFC 3261 17.1.1.1, and two other sets: everything else must follow from them.
var clocks = []Config{
	{T1: 500 * ms, T2: 4 * sec, T4: 5 * sec},
	{T1: 100 * ms, T2: 800 * ms, T4: 2 * sec},
	{T1: 2 * sec, T2: 4 * sec, T4: 7 * sec}, // a slow satellite
}

// sendings is when a message goes out: at 0, then after intervals that double from T1 up to a cap (0: none), before 64*T1.
func sendings(t1, cap time.Duration) []time.Duration {
	var out []time.Duration
	at, interval := time.Duration(0), t1
	for at < 64*t1 {
		out = append(out, at)
		at += interval
		if interval *= 2; cap > 0 {
			interval = min(interval, cap)
		}
	}
	return out
}

// live is the number of transactions.
func (d *desk) live() int64 { c := d.Counters(); return c.Clients + c.Servers }

// gone holds a transaction to end after its time and not before; begun says how long ago its last timer was set.
func (d *desk) gone(t *testing.T, after time.Duration) {
	t.Helper()
	if after > 0 {
		wait(after - ms)
		if got := d.live(); got != 1 {
			t.Errorf("%s before its end: got %d transactions, want 1", ms, got)
		}
		wait(2 * ms)
	}
	if got := d.live(); got != 0 {
		t.Errorf("after %s: got %d transactions, want 0", after, got)
	}
}

// RFC 3261 17, table 4: Timers A, E and G retransmit over UDP and never over TCP; B, F and H end it after 64*T1.
func TestRetransmissionTable(t *testing.T) {
	for _, c := range clocks {
		for _, to := range []transport.Peer{phone, phoneT} {
			for _, row := range []struct {
				name, prefix string
				cap          time.Duration
				begin        func(d *desk)
			}{
				{"A and B", "INVITE", 0, func(d *desk) { d.ask(outgoing(sip.INVITE, "c"), to, &heard{}) }},
				{"E and F", "BYE", c.T2, func(d *desk) { d.ask(outgoing(sip.BYE, "c"), to, &heard{}) }},
				{"G and H", "SIP/2.0 486", c.T2, func(d *desk) {
					d.request = func(s *Server) { s.Respond(s.Response(486, "Busy Here", nil)) }
					d.receive(to, asked("INVITE", "a", "c"))
				}},
			} {
				t.Run(fmt.Sprint(row.name, " ", to.Network, " ", c.T1), func(t *testing.T) {
					atDesk(t, c, func(d *desk) {
						row.begin(d)
						d.gone(t, 64*c.T1)
						want := sendings(c.T1, row.cap)
						if to.Reliable() {
							want = want[:1]
						}
						if got := durations(d.times(row.prefix)...); got != durations(want...) {
							t.Errorf("\n got %s\nwant %s", got, durations(want...))
						}
						if got := d.Counters().Timeouts; got != 1 {
							t.Errorf("got %d time-outs, want 1", got)
						}
					})
				})
			}
		}
	}
}

// RFC 3261 17, table 4, and RFC 6026 7.1, 7.2: how long a finished transaction absorbs what comes late. D, I, J and K are 0 over TCP;
// L and M are not, for a 2xx is retransmitted end to end.
func TestLingeringTable(t *testing.T) {
	answer := func(code int) func(*Server) {
		return func(s *Server) { s.Respond(s.Response(code, "Word", nil)) }
	}
	for _, c := range clocks {
		for _, to := range []transport.Peer{phone, phoneT} {
			for _, row := range []struct {
				name     string
				udp, tcp time.Duration
				begin    func(t *testing.T, d *desk)
			}{
				{"D", max(64*c.T1, 32*sec), 0, func(t *testing.T, d *desk) {
					d.ask(outgoing(sip.INVITE, "c"), to, &heard{})
					d.receive(to, replyText(d.lastRequest(t, "INVITE"), 486, ""))
				}},
				{"I", c.T4, 0, func(_ *testing.T, d *desk) {
					d.request = answer(486)
					d.receive(to, asked("INVITE", "a", "c"))
					d.receive(to, asked("ACK", "a", "c"))
				}},
				{"J", 64 * c.T1, 0, func(_ *testing.T, d *desk) {
					d.request = answer(200)
					d.receive(to, asked("OPTIONS", "a", "c"))
				}},
				{"K", c.T4, 0, func(t *testing.T, d *desk) {
					d.ask(outgoing(sip.BYE, "c"), to, &heard{})
					d.receive(to, replyText(d.lastRequest(t, "BYE"), 200, ""))
				}},
				{"L", 64 * c.T1, 64 * c.T1, func(_ *testing.T, d *desk) {
					d.request = answer(200)
					d.receive(to, asked("INVITE", "a", "c"))
				}},
				{"M", 64 * c.T1, 64 * c.T1, func(t *testing.T, d *desk) {
					d.ask(outgoing(sip.INVITE, "c"), to, &heard{})
					d.receive(to, replyText(d.lastRequest(t, "INVITE"), 200, ""))
				}},
			} {
				t.Run(fmt.Sprint(row.name, " ", to.Network, " ", c.T1), func(t *testing.T) {
					atDesk(t, c, func(d *desk) {
						row.begin(t, d)
						want := row.udp
						if to.Reliable() {
							want = row.tcp
						}
						d.gone(t, want)
						if got := d.Counters().Timeouts; got != 0 {
							t.Errorf("got %d time-outs, want none", got)
						}
					})
				})
			}
		}
	}
}

// Timer B stops at the first provisional: an INVITE may ring for as long as its user lets it (17.1.1.2; Timer C is a proxy's).
func TestRingingHasNoEnd(t *testing.T) {
	atDesk(t, Config{}, func(d *desk) {
		var h heard
		d.ask(outgoing(sip.INVITE, "c"), phone, &h)
		d.receive(phone, replyText(d.lastRequest(t, "INVITE"), 180, ""))
		wait(time.Hour)
		if got := len(d.times("INVITE")); got != 1 || d.live() != 1 {
			t.Errorf("got %d INVITEs and %d transactions, want 1 and 1", got, d.live())
		}
		d.receive(phone, replyText(d.lastRequest(t, "INVITE"), 486, ""))
		h.expect(t, "180 486")
	})
}

// A non-INVITE that only ever hears provisionals ends at Timer F all the same (17.1.2.2).
func TestTimerFInProceeding(t *testing.T) {
	atDesk(t, Config{}, func(d *desk) {
		var h heard
		d.ask(outgoing(sip.INFO, "c"), phone, &h)
		d.receive(phone, replyText(d.lastRequest(t, "INFO"), 183, ""))
		d.receive(phone, replyText(d.lastRequest(t, "INFO"), 183, ""))
		wait(33 * sec)
		h.expect(t, "183 183 timeout")
		if got := d.live(); got != 0 {
			t.Errorf("got %d transactions, want 0", got)
		}
	})
}

// A provisional of a non-INVITE is repeated for each copy of the request until the final one takes its place (17.2.2).
func TestPlainProvisionals(t *testing.T) {
	atDesk(t, Config{}, func(d *desk) {
		var s *Server
		d.request = keep(&s)
		update := asked("UPDATE", "a", "c")
		d.receive(phone, update)
		d.receive(phone, update)
		d.expect(t) // Trying: discarded
		d.on("c", func() { s.Respond(s.Response(100, "Trying", nil)) })
		d.receive(phone, update)
		d.on("c", func() { s.Respond(s.Response(183, "Session Progress", nil)) })
		d.receive(phone, update)
		d.on("c", func() { s.Respond(s.Response(200, "OK", nil)) })
		d.receive(phone, update)
		want := "100|100|183|183|200|200"
		var got []string
		for _, line := range d.lines() {
			got = append(got, strings.Fields(line)[1])
		}
		if strings.Join(got, "|") != want {
			t.Errorf("got %v, want %s", got, want)
		}
		wait(32*sec + ms)
		if got := d.live(); got != 0 {
			t.Errorf("got %d transactions, want 0", got)
		}
	})
}

// A lost transport ends a request that waits for its answer, whichever state it is in (17.1.4, 17.2.4).
func TestTransportFailsAnywhere(t *testing.T) {
	atDesk(t, Config{}, func(d *desk) {
		for i, before := range []int{0, 183} {
			var h heard
			id := fmt.Sprint("c", i)
			d.ask(outgoing(sip.INFO, id), phoneT, &h)
			raw := d.lastRequest(t, "INFO")
			want := "transport"
			if before > 0 {
				d.receive(phoneT, replyText(raw, before, ""))
				want = fmt.Sprint(before, " transport")
			}
			d.Failed(phoneT, []byte(raw), transport.ErrClosed)
			d.Failed(phoneT, []byte(raw), transport.ErrClosed) // twice is once
			wait(0)
			h.expect(t, want)
		}
		d.Failed(phoneT, []byte("SIP/2.0 200 OK\r\nCall-ID: c\r\n\r\n"), transport.ErrClosed) // of an answer: nobody waits
		d.Failed(phoneT, []byte("junk"), transport.ErrClosed)
		wait(0)
		if got := d.live(); got != 0 || d.Counters().Panics != 0 {
			t.Errorf("got %d transactions and %d panics, want none", got, d.Counters().Panics)
		}
	})
}

// A 100 that could not be sent is a packet lost, not the end of a call: the user once heard OnGone with the next response it sent.
func TestLostTryingIsNotTheEnd(t *testing.T) {
	atDesk(t, Config{}, func(d *desk) {
		var s *Server
		d.request = func(got *Server) {
			s = got
			s.OnGone = func(err error) { t.Errorf("gone: %v", err) }
		}
		d.failWith(transport.ErrConnections)
		d.receive(phoneT, asked("INVITE", "a", "c"))
		d.failWith(nil)
		d.on("c", func() { s.Respond(s.Response(180, "Ringing", nil)) })
		d.on("c", func() { s.Respond(s.Response(486, "Busy Here", nil)) })
		d.receive(phoneT, asked("ACK", "a", "c"))
		d.expect(t, "SIP/2.0 180 Ringing", "SIP/2.0 486 Busy Here")
	})
}
