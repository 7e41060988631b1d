package session

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/emiago/sipgo/sip"

	"hotline/sip/message"
	"hotline/sip/transaction"
)

func TestRequestsInsideTheDialog(t *testing.T) {
	tests := []struct {
		method, body string
		extra        []string
		refer        bool
		want         string
		header       string
		event        string
	}{
		{"OPTIONS", "", nil, false, "200 OPTIONS", "Allow", ""},
		{"INFO", "Signal=5\r\n", []string{"Content-Type: application/dtmf-relay"}, false, "200 INFO", "", "info Signal=5\r\n"},
		{"INFO", "5", []string{"Content-Type: Application/DTMF; x=y"}, false, "200 INFO", "", "info 5"},
		{"INFO", "", nil, false, "200 INFO", "", ""},
		{"INFO", "<x/>", []string{"Content-Type: application/media_control+xml"}, false, "415 INFO", "Accept", ""},
		{"UPDATE", "", nil, false, "200 UPDATE", "Contact", ""},
		{"REFER", "", []string{"Refer-To: <sip:1003@127.0.0.1>"}, false, "603 REFER", "", ""},
		{"REFER", "", nil, true, "400 REFER", "", ""},
		{"REFER", "", []string{"Refer-To: <sip:1003@127.0.0.1>", "Refer-Sub: false"}, true, "202 REFER", "Refer-Sub", "referred sip:1003@127.0.0.1"},
		{"NOTIFY", "", []string{"Event: refer", "Subscription-State: active"}, false, "481 NOTIFY", "", ""},
		{"SUBSCRIBE", "", []string{"Event: dialog"}, false, "489 SUBSCRIBE", "", ""},
		{"PRACK", "", []string{"RAck: 1 1 INVITE"}, false, "481 PRACK", "", ""},
		{"MESSAGE", "hi", []string{"Content-Type: text/plain"}, false, "405 MESSAGE", "Allow", ""},
	}
	for _, tt := range tests {
		t.Run(tt.method+" "+tt.want, func(t *testing.T) {
			world(t, func(w *wire) {
				a, p := w.node("A", addrA, func(c *Config) { c.Refer = tt.refer }), w.script("P", addrB)
				s, k, tag := p.established(a, 1)
				k.react(func(ev Event) {
					if r, ok := ev.(Referred); ok {
						r.Reply(202)
						r.Reply(603)
					}
				})
				p.say(tt.method, 2, "ft", tag, tt.body, tt.extra...)
				res := p.response(tt.want)
				if tt.header != "" && message.Value(res, tt.header) == "" {
					t.Errorf("no %s in\n%s", tt.header, res)
				}
				if tt.event == "" {
					k.want("established")
				} else {
					k.want("established", tt.event)
				}
				s.Hangup(0, "")
				p.reply(p.request("BYE"), 200, "", "")
				time.Sleep(time.Second)
				k.ended()
			})
		})
	}
}

func TestUnknownDialogs(t *testing.T) {
	world(t, func(w *wire) {
		a, p := w.node("A", addrA, nil), w.script("P", addrB)
		s, k, tag := p.established(a, 1)
		for _, m := range []string{"BYE", "INVITE", "UPDATE", "INFO", "OPTIONS"} {
			p.say(m, 9, "ft", "unknown", "")
			res := p.response("481 " + m)
			if m == "INVITE" {
				p.say("ACK", 9, "ft", message.ToTag(res), "")
			}
			p.say(m, 9, "other", tag, "")
			p.response("481 " + m)
		}
		p.say("BYE", 9, "ft", "", "")
		p.response("481 BYE")
		time.Sleep(time.Minute)
		k.want("established")
		s.Hangup(0, "")
		time.Sleep(time.Minute)
	})
}

func TestOutsideTheDialogGoesToOther(t *testing.T) {
	t.Run("nobody there", func(t *testing.T) {
		world(t, func(w *wire) {
			w.node("A", addrA, nil)
			p := w.script("P", addrB)
			p.say("OPTIONS", 1, "ft", "", "")
			p.response("200 OPTIONS")
			p.say("MESSAGE", 1, "ft", "", "")
			p.response("405 MESSAGE")
		})
	})
	t.Run("panics", func(t *testing.T) {
		world(t, func(w *wire) {
			w.node("A", addrA, func(c *Config) { c.Other = func(*transaction.Server) { panic("boom") } })
			p := w.script("P", addrB)
			p.say("OPTIONS", 1, "ft", "", "")
			p.response("500 OPTIONS")
			p.say("OPTIONS", 2, "ft", "", "")
			p.response("500 OPTIONS")
		})
	})
}

// RFC 3261 12.2.2: a lower CSeq is out of order; the session goes on.
func TestLowerCSeqIsRefused(t *testing.T) {
	world(t, func(w *wire) {
		a, p := w.node("A", addrA, nil), w.script("P", addrB)
		_, k, tag := p.established(a, 7)
		p.say("INFO", 6, "ft", tag, "")
		p.response("500 INFO")
		p.say("INFO", 9, "ft", tag, "")
		p.response("200 INFO")
		p.say("BYE", 8, "ft", tag, "")
		p.response("500 BYE")
		k.want("established")
		p.say("BYE", 10, "ft", tag, "")
		p.response("200 BYE")
		k.want("established", "ended by peer")
	})
}

// boom panics at the first event of that name.
func boom(when string) func(Event) {
	return func(ev Event) {
		if strings.HasPrefix(name(ev), when) {
			panic("boom")
		}
	}
}

// Fault 4 of the reference: a panic in one call ended the process.
func TestRegressionAPanicEndsItsSessionOnly(t *testing.T) {
	t.Run("in Invite", func(t *testing.T) {
		world(t, func(w *wire) {
			w.node("A", addrA, func(c *Config) { c.Invite = func(*Session) { panic("boom") } })
			p := w.script("P", addrB)
			p.say("INVITE", 1, "ft", "", "offer")
			p.response("500 INVITE")
		})
	})
	for _, when := range []string{"established", "info"} {
		t.Run("of the sink at "+when, func(t *testing.T) {
			world(t, func(w *wire) {
				a, p := w.node("A", addrA, nil), w.script("P", addrB)
				p.say("INVITE", 1, "ft", "", "offer")
				s, k := a.taken()
				k.react(boom(when))
				s.Answer([]byte("answer"))
				tag := message.ToTag(p.response("200 INVITE"))
				p.say("ACK", 1, "ft", tag, "")
				p.say("INFO", 2, "ft", tag, "1", "Content-Type: application/dtmf")
				for {
					if r, ok := (<-p.got).(*sip.Request); ok {
						if r.Method != sip.BYE {
							t.Errorf("got %s, want BYE", r.Method)
						}
						p.reply(r, 200, "", "")
						break
					}
				}
				time.Sleep(time.Minute)
				if e := k.ended(); !errors.Is(e.Err, ErrFault) {
					t.Errorf("ended by %v, want %v", e.Err, ErrFault)
				}
				if a.ss.Live() != 0 {
					t.Error("session left")
				}
			})
		})
	}
}

func TestRegressionAPanicOfACallersSink(t *testing.T) {
	for _, when := range []string{"rang", "answered", "ended"} {
		t.Run("of the caller's sink at "+when, func(t *testing.T) {
			world(t, func(w *wire) {
				a, b := w.node("A", addrA, nil), w.node("B", addrB, nil)
				_, ck := a.dial(addrB, "offer", nil)
				ck.react(boom(when))
				callee, dk := b.taken()
				callee.Ring()
				time.Sleep(time.Second)
				callee.Answer([]byte("answer"))
				time.Sleep(time.Second)
				callee.Hangup(0, "")
				time.Sleep(time.Minute)
				ck.ended()
				dk.ended()
				if a.ss.Live()+b.ss.Live() != 0 {
					t.Error("sessions left")
				}
				if _, k := a.dial(addrB, "offer", nil); k == nil {
					t.Error("no further call")
				}
				next, _ := b.taken() // the others live on
				next.Reject(486, "")
				time.Sleep(time.Minute)
			})
		})
	}
}

// The lane of a Call-ID carries its sessions in order whatever goroutine asks; run with -race.
func TestMethodsFromManyGoroutines(t *testing.T) {
	world(t, func(w *wire) {
		a, b := w.node("A", addrA, nil), w.node("B", addrB, nil)
		caller, ck := a.dial(addrB, "offer", nil)
		callee, dk := b.taken()
		dk.react(func(ev Event) {
			if o, ok := ev.(Offered); ok {
				go o.Reply(200, []byte("ok"))
			}
		})
		done := make(chan bool)
		for i := range 8 {
			go func() {
				callee.Ring()
				callee.Answer([]byte("answer"))
				caller.Offer([]byte("x"))
				caller.Info("application/dtmf", []byte("1"))
				if i > 3 {
					time.Sleep(time.Duration(i) * 100 * time.Millisecond)
					caller.Hangup(16, "")
					callee.Hangup(16, "")
				}
				done <- true
			}()
		}
		for range 8 {
			<-done
		}
		time.Sleep(time.Minute)
		ck.ended()
		dk.ended()
		if a.ss.Live()+b.ss.Live() != 0 {
			t.Error("sessions left")
		}
	})
}

// 488 says why, to a new session and inside one (RFC 3261 20.43).
func TestNotAcceptableSaysWhy(t *testing.T) {
	world(t, func(w *wire) {
		a := w.node("A", addrA, nil)
		p := w.script("P", addrB)
		want := `305 local "Incompatible media format"`
		p.say("INVITE", 1, "ft", "", "offer")
		s, _ := a.taken()
		s.Reject(488, "")
		if res := p.response("488 INVITE"); message.Value(res, "Warning") != want {
			t.Errorf("answer:\n%s", res)
		}
		p.id = "second@test"
		s, k, tag := p.established(a, 1)
		k.react(func(ev Event) {
			if o, ok := ev.(Offered); ok {
				o.Reply(488, nil)
			}
		})
		p.say("INVITE", 2, "ft", tag, "offer 2")
		if res := p.response("488 INVITE"); message.Value(res, "Warning") != want {
			t.Errorf("answer:\n%s", res)
		}
		s.Hangup(0, "")
		time.Sleep(time.Minute)
	})
}

// What another kind of dialog owns is given to it; what nobody owns is 481, and a fault there is 500.
func TestRequestsInsideOtherDialogs(t *testing.T) {
	world(t, func(w *wire) {
		a := w.node("A", addrA, func(c *Config) {
			c.Usage = func(tx *transaction.Server) bool {
				if message.CSeq(tx.Request) == 3 {
					panic("test")
				}
				if message.CSeq(tx.Request) == 1 {
					tx.Respond(tx.Response(202, "Accepted", nil))
				}
				return message.CSeq(tx.Request) == 1
			}
		})
		_ = a
		p := w.script("P", addrB)
		for seq, want := range []string{1: "202 SUBSCRIBE", 2: "481 SUBSCRIBE", 3: "500 SUBSCRIBE"} {
			if want != "" {
				p.say("SUBSCRIBE", seq, "ft", "tag", "")
				p.response(want)
			}
		}
	})
}
