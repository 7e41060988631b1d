package session

import (
	"errors"
	"testing"
	"time"

	"github.com/emiago/sipgo/sip"

	"hotline/sip/message"
)

// takes is the Allow header of a peer that takes UPDATE.
const takes = "Allow: INVITE, ACK, BYE, CANCEL, UPDATE"

// timed makes a call from the script to A with the given headers; it returns A's 200.
func (p *script) timed(a *node, extra ...string) (s *Session, k *sink, res *sip.Response) {
	p.w.t.Helper()
	p.say("INVITE", 1, "ft", "", "offer", extra...)
	s, k = a.taken()
	s.Answer([]byte("answer"))
	res = p.response("200 INVITE")
	p.say("ACK", 1, "ft", message.ToTag(res), "")
	time.Sleep(2 * hop)
	p.w.forget()
	return s, k, res
}

// timedOut makes a call from A to the script, which answers with the given headers; it returns the INVITE.
func (p *script) timedOut(a *node, extra ...string) (s *Session, k *sink, invite *sip.Request) {
	p.w.t.Helper()
	s, k = a.dial(p.at, "offer", nil)
	invite = p.request("INVITE")
	p.id = message.CallID(invite)
	p.reply(invite, 200, "st", "answer", extra...)
	p.request("ACK")
	time.Sleep(2 * hop)
	p.w.forget()
	return s, k, invite
}

// after fails unless d has passed since from.
func after(t *testing.T, from time.Time, d time.Duration) {
	t.Helper()
	if got := time.Since(from); got < d-time.Second || got > d+time.Second {
		t.Errorf("after %v, want %v", got, d)
	}
}

// RFC 4028 9: what a caller's words make of our 200, as table 2 there and the rules around it.
func TestTimerOfTheCaller(t *testing.T) {
	tests := []struct {
		name, expires, require string
		extra                  []string
	}{
		{"knows nothing", "", "", nil},
		{"knows timers, names none", "1800;refresher=uas", "timer", []string{"Supported: 100rel, Timer"}},
		{"names one", "120;refresher=uac", "timer", []string{"Supported: timer", "Session-Expires: 120"}},
		{"short forms", "120;refresher=uac", "timer", []string{"k: timer", "x: 120"}},
		{"requires it", "120;refresher=uac", "timer", []string{"Require: timer", "Session-Expires: 120"}},
		{"wants to refresh", "120;refresher=uac", "timer", []string{"Supported: timer", "Session-Expires: 120 ; Refresher=UAC"}},
		{"wants us to", "120;refresher=uas", "timer", []string{"Supported: timer", "Session-Expires: 120;refresher=uas"}},
		{"long", "1800;refresher=uac", "timer", []string{"Supported: timer", "Session-Expires: 7200"}},
		{"long, by its Min-SE", "3600;refresher=uac", "timer", []string{"Supported: timer", "Session-Expires: 7200", "Min-SE: 3600"}},
		{"Min-SE above its own interval", "200;refresher=uac", "timer", []string{"Supported: timer", "Session-Expires: 200", "Min-SE: 3600"}},
		{"Min-SE alone", "3600;refresher=uas", "timer", []string{"Supported: timer", "Min-SE: 3600"}},
		{"a proxy's", "120;refresher=uas", "", []string{"Session-Expires: 120"}},
		{"a proxy's, too small", "", "", []string{"Session-Expires: 20"}},
		{"unreadable", "1800;refresher=uas", "timer", []string{"Supported: timer", "Session-Expires: soon"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			world(t, func(w *wire) {
				a, p := w.node("A", addrA, nil), w.script("P", addrB)
				s, _, res := p.timed(a, tt.extra...)
				if got := message.Value(res, "Session-Expires"); got != tt.expires {
					t.Errorf("Session-Expires %q, want %q", got, tt.expires)
				}
				if got := message.Value(res, "Require"); got != tt.require {
					t.Errorf("Require %q, want %q", got, tt.require)
				}
				if !message.Supports(res, "timer") {
					t.Error("we do not say that we support timers")
				}
				s.Hangup(0, "")
				time.Sleep(time.Minute)
			})
		})
	}
}

func TestTooBriefAnInterval(t *testing.T) {
	tests := []struct {
		name, want, min string
		least           time.Duration
		extra           []string
	}{
		{"below 90", "422 INVITE", "90", 0, []string{"Supported: timer", "Session-Expires: 89"}},
		{"below ours", "422 INVITE", "300", 5 * time.Minute, []string{"Supported: timer", "Session-Expires: 299"}},
		{"never below 90", "422 INVITE", "90", time.Second, []string{"Supported: timer", "Session-Expires: 20"}},
		{"enough", "200 INVITE", "", 5 * time.Minute, []string{"Supported: timer", "Session-Expires: 300"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			world(t, func(w *wire) {
				a, p := w.node("A", addrA, func(c *Config) { c.MinSE = tt.least; c.Invite = func(s *Session) { s.Answer([]byte("answer")) } }), w.script("P", addrB)
				p.say("INVITE", 1, "ft", "", "offer", tt.extra...)
				res := p.response(tt.want)
				if got := message.Value(res, "Min-SE"); got != tt.min {
					t.Errorf("Min-SE %q, want %q", got, tt.min)
				}
				p.say("ACK", 1, "ft", message.ToTag(res), "")
				time.Sleep(time.Second)
				if live := a.ss.Live(); (live == 0) != (tt.min != "") {
					t.Errorf("%d sessions", live)
				}
				a.ss.HangupAll(0, "")
			})
		})
	}
}

// RFC 4028 10: the caller promised to refresh and does not.
func TestNobodyRefreshes(t *testing.T) {
	tests := []struct {
		expires string
		after   time.Duration
	}{{"90", 60 * time.Second}, {"120", 88 * time.Second}, {"1800", 1768 * time.Second}}
	for _, tt := range tests {
		world(t, func(w *wire) {
			a, p := w.node("A", addrA, nil), w.script("P", addrB)
			_, k, _ := p.timed(a, "Supported: timer", "Session-Expires: "+tt.expires+";refresher=uac", takes)
			from := time.Now()
			bye := (<-p.got).(*sip.Request)
			after(t, from, tt.after)
			if bye.Method != "BYE" || message.CauseOf(bye).SIP != 408 {
				t.Errorf("got\n%s\nwant a BYE with 408", bye)
			}
			p.reply(bye, 200, "", "")
			time.Sleep(time.Minute)
			k.want("established", "ended error")
			if e := k.ended(); !errors.Is(e.Err, ErrExpired) {
				t.Errorf("ended with %v, want %v", e.Err, ErrExpired)
			}
			if a.ss.Live() != 0 {
				t.Error("session left")
			}
		})
	}
}

// Each refresh of the peer's starts the interval anew, with the words of the last one.
func TestPeerRefreshes(t *testing.T) {
	world(t, func(w *wire) {
		a, p := w.node("A", addrA, nil), w.script("P", addrB)
		_, k, res := p.timed(a, "Supported: timer", "Session-Expires: 120;refresher=uac", takes)
		k.react(func(ev Event) {
			if o, ok := ev.(Offered); ok {
				o.Reply(200, []byte("same"))
			}
		})
		tag := message.ToTag(res)
		for seq := 2; seq < 6; seq++ {
			time.Sleep(time.Minute)
			p.say("UPDATE", seq, "ft", tag, "", "Supported: timer", "Session-Expires: 120;refresher=uac")
			if got := message.Value(p.response("200 UPDATE"), "Session-Expires"); got != "120;refresher=uac" {
				t.Errorf("Session-Expires %q", got)
			}
		}
		time.Sleep(time.Minute)
		p.say("INVITE", 6, "ft", tag, "offer", "Supported: timer", "Session-Expires: 200;refresher=uac")
		if got := message.Value(p.response("200 INVITE"), "Session-Expires"); got != "200;refresher=uac" {
			t.Errorf("Session-Expires %q", got)
		}
		p.say("ACK", 6, "ft", tag, "")
		p.say("UPDATE", 7, "ft", tag, "", "Supported: timer", "Session-Expires: 10;refresher=uac")
		if got := message.Value(p.response("422 UPDATE"), "Min-SE"); got != "90" {
			t.Errorf("Min-SE %q", got)
		}
		from := time.Now()
		for (<-p.got).CSeq().MethodName != "BYE" {
		}
		after(t, from, 168*time.Second)
		time.Sleep(time.Minute)
		k.want("established", "offered offer", "ended error")
	})
}

// A refresh that says nothing of timers: the side that did not need the peer for them goes on, the other has none left.
func TestPeerForgetsTheTimer(t *testing.T) {
	tests := []struct{ refresher, expires, next string }{{"uac", "", ""}, {"uas", "120;refresher=uas", "UPDATE"}}
	for _, tt := range tests {
		world(t, func(w *wire) {
			a, p := w.node("A", addrA, nil), w.script("P", addrB)
			s, _, res := p.timed(a, "Supported: timer", "Session-Expires: 120;refresher="+tt.refresher, takes)
			p.say("UPDATE", 2, "ft", message.ToTag(res), "")
			if got := message.Value(p.response("200 UPDATE"), "Session-Expires"); got != tt.expires {
				t.Errorf("Session-Expires %q, want %q", got, tt.expires)
			}
			if tt.next == "" {
				p.silent(time.Hour)
			} else {
				p.request(tt.next)
			}
			s.Hangup(0, "")
			time.Sleep(time.Minute)
		})
	}
}

// As the callee we refresh where the caller wants that: by UPDATE, which it takes, for as long as the call lives.
func TestWeRefreshByUpdate(t *testing.T) {
	world(t, func(w *wire) {
		a, p := w.node("A", addrA, nil), w.script("P", addrB)
		s, k, _ := p.timed(a, "Supported: timer", "Session-Expires: 100;refresher=uas", takes)
		for range 5 {
			from := time.Now()
			m := p.request("UPDATE")
			after(t, from, 50*time.Second)
			if got := message.Value(m, "Session-Expires"); got != "100;refresher=uac" || len(m.Body()) > 0 || m.Contact() == nil || !message.Supports(m, "timer") {
				t.Errorf("refresh:\n%s", m)
			}
			p.reply(m, 200, "", "", "Session-Expires: 100;refresher=uac", "Require: timer")
		}
		s.Hangup(0, "")
		p.reply(p.request("BYE"), 200, "", "")
		p.silent(time.Hour)
		k.want("established", "ended")
	})
}

// A peer without UPDATE gets the re-INVITE with the description that holds.
func TestWeRefreshByReInvite(t *testing.T) {
	world(t, func(w *wire) {
		a, p := w.node("A", addrA, nil), w.script("P", addrB)
		s, k, invite := p.timedOut(a, "Supported: timer", "Session-Expires: 100;refresher=uac")
		if got := message.Value(invite, "Session-Expires"); got != "1800" || !message.Supports(invite, "timer") || message.Value(invite, "Min-SE") != "" {
			t.Errorf("INVITE:\n%s", invite)
		}
		for range 2 {
			m := p.request("INVITE")
			if string(m.Body()) != "offer" || message.Value(m, "Session-Expires") != "100;refresher=uac" {
				t.Errorf("refresh:\n%s", m)
			}
			p.reply(m, 200, "", "answer", "Session-Expires: 100;refresher=uac")
			p.request("ACK")
		}
		s.Offer([]byte("changed")) // any re-INVITE refreshes, and the next refresh has the new description
		m := p.request("INVITE")
		p.reply(m, 200, "", "answer 2", "Session-Expires: 100;refresher=uac")
		p.request("ACK")
		from := time.Now()
		m = p.request("INVITE")
		after(t, from, 50*time.Second)
		if string(m.Body()) != "changed" {
			t.Errorf("refresh with %q", m.Body())
		}
		p.reply(m, 200, "", "answer 2") // it has lost interest in timers
		p.request("ACK")
		p.silent(time.Hour)
		k.want("answered answer", "accepted answer", "accepted answer", "accepted answer 2", "accepted answer 2")
		s.Hangup(0, "")
		p.reply(p.request("BYE"), 200, "", "")
		time.Sleep(time.Minute)
	})
}

func TestCalledSideAndTimers(t *testing.T) {
	tests := []struct {
		name   string
		extra  []string
		next   string
		within time.Duration
	}{
		{"knows nothing", nil, "", 0},
		{"refreshes, or is gone", []string{"Session-Expires: 120;refresher=uas", "Require: timer"}, "BYE", 88 * time.Second},
		{"forgets who refreshes", []string{"Session-Expires: 120", takes}, "UPDATE", 60 * time.Second},
		{"wants it absurdly often", []string{"Session-Expires: 2;refresher=uac", takes}, "UPDATE", 45 * time.Second},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			world(t, func(w *wire) {
				a, p := w.node("A", addrA, nil), w.script("P", addrB)
				s, _, _ := p.timedOut(a, tt.extra...)
				if tt.next == "" {
					p.silent(2 * time.Hour)
				} else {
					from := time.Now()
					if got := short(<-p.got); got != tt.next {
						t.Errorf("got %s, want %s", got, tt.next)
					}
					after(t, from, tt.within)
				}
				s.Hangup(0, "")
				time.Sleep(time.Minute)
			})
		})
	}
}

// RFC 4028 7.3: what becomes of answers to our refresh that do not renew the session.
func TestOurRefreshIsNotTaken(t *testing.T) {
	tests := []struct {
		name  string
		code  int
		extra []string
		next  string
		after time.Duration
		ended string
	}{
		{"not there", 481, nil, "BYE", 0, "ended by peer 481"},
		{"timed out there", 408, nil, "BYE", 0, "ended by peer 408"},
		{"timed out", 0, nil, "BYE", 32 * time.Second, "ended 408 error"},
		{"no UPDATE after all", 405, nil, "INVITE", 0, ""},
		{"no UPDATE at all", 501, nil, "INVITE", 0, ""},
		{"later", 500, []string{"Retry-After: 3"}, "UPDATE", 25 * time.Second, ""},
		{"too brief", 422, []string{"Min-SE: 400"}, "UPDATE", 0, ""},
		{"too brief, but it was not", 422, []string{"Min-SE: 10"}, "UPDATE", 25 * time.Second, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			world(t, func(w *wire) {
				a, p := w.node("A", addrA, nil), w.script("P", addrB)
				s, k, _ := p.timedOut(a, "Session-Expires: 200;refresher=uac", takes)
				m := p.request("UPDATE")
				from := time.Now()
				if tt.code != 0 {
					p.reply(m, tt.code, "", "", tt.extra...)
				}
				next := (<-p.got).(*sip.Request)
				if string(next.Method) != tt.next {
					t.Errorf("got %s, want %s", next.Method, tt.next)
				}
				after(t, from, tt.after)
				if tt.name == "too brief" && (message.Value(next, "Session-Expires") != "400;refresher=uac" || message.Value(next, "Min-SE") != "400") {
					t.Errorf("sent again:\n%s", next)
				}
				s.Hangup(0, "")
				time.Sleep(time.Minute)
				if tt.ended != "" {
					k.want("answered answer", tt.ended)
				}
			})
		})
	}
}

// A peer that always says no to refreshes is left before the interval is over; the sink never hears of offers it did not make.
func TestRefreshesRefusedForEver(t *testing.T) {
	for _, extra := range [][]string{nil, {takes}} {
		world(t, func(w *wire) {
			a, p := w.node("A", addrA, nil), w.script("P", addrB)
			_, k, _ := p.timedOut(a, append(extra, "Session-Expires: 800;refresher=uac")...)
			from := time.Now()
			n := 0
			for {
				m := (<-p.got).(*sip.Request)
				if m.Method == "ACK" {
					continue
				}
				if m.Method == "BYE" {
					p.reply(m, 200, "", "")
					break
				}
				n++
				p.reply(m, 500, "", "")
			}
			after(t, from, 768*time.Second)
			if n != 4 {
				t.Errorf("tried %d times, want 4", n)
			}
			time.Sleep(time.Minute)
			k.want("answered answer", "ended error")
		})
	}
}

// RFC 4028 7.3: our INVITE again with the Min-SE of the 422, and no endless bargaining.
func TestInviteAgainAfter422(t *testing.T) {
	tests := []struct {
		name  string
		min   []string // of each 422
		asked []string // Session-Expires of each INVITE
	}{
		{"once", []string{"3600"}, []string{"1800", "3600"}},
		{"two proxies", []string{"3600", "4000"}, []string{"1800", "3600", "4000"}},
		{"without Min-SE", []string{""}, []string{"1800"}},
		{"no larger", []string{"3600", "3600"}, []string{"1800", "3600"}},
		{"absurd", []string{"4294967295"}, []string{"1800"}},
		{"for ever", []string{"3600", "3700", "3800", "3900"}, []string{"1800", "3600", "3700", "3800"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			world(t, func(w *wire) {
				a, p := w.node("A", addrA, nil), w.script("P", addrB)
				s, k := a.dial(addrB, "offer", withPassword)
				var first *sip.Request
				for i, asked := range tt.asked {
					m := p.request("INVITE")
					if first == nil {
						first = m
					}
					if got := message.Value(m, "Session-Expires"); got != asked || message.CSeq(m) != message.CSeq(first)+uint32(i) || message.CallID(m) != message.CallID(first) {
						t.Errorf("INVITE %d:\n%s", i, m)
					}
					if i == len(tt.min) {
						p.reply(m, 200, "st", "answer")
						p.request("ACK")
						k.want("answered answer")
						s.Hangup(0, "")
						p.reply(p.request("BYE"), 200, "", "")
						break
					}
					p.reply(m, 422, "x", "", "Min-SE: "+tt.min[i])
					p.request("ACK")
				}
				time.Sleep(time.Minute)
				if len(tt.min) >= len(tt.asked) {
					k.want("ended by peer 422")
				}
				if a.ss.Live() != 0 {
					t.Error("session left")
				}
			})
		})
	}
}

// Two of us keep a call alive for a day, by the caller's refreshes.
func TestTimerBetweenOurselves(t *testing.T) {
	world(t, func(w *wire) {
		a, b := w.node("A", addrA, nil), w.node("B", addrB, nil)
		caller, ck := a.dial(addrB, "offer", nil)
		callee, dk := b.taken()
		callee.Answer([]byte("answer"))
		time.Sleep(24*time.Hour - time.Minute)
		if got := w.count("A>B UPDATE"); got != 95 {
			t.Errorf("%d refreshes in a day, want 95", got)
		}
		ck.want("answered answer")
		dk.want("established")
		w.mu.Lock()
		w.lose = func(string, sip.Message) bool { return true }
		w.mu.Unlock()
		time.Sleep(31 * time.Minute) // the wire is cut: both sides find out
		if e := ck.ended(); e.Err == nil {
			t.Errorf("caller: %+v", e)
		}
		if e := dk.ended(); !errors.Is(e.Err, ErrExpired) {
			t.Errorf("callee: %+v", e)
		}
		caller.Hangup(0, "")
		if a.ss.Live()+b.ss.Live() != 0 {
			t.Error("sessions left")
		}
	})
}
