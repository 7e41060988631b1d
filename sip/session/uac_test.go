package session

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/emiago/sipgo/sip"

	"hotline/sip/digest"
	"hotline/sip/message"
)

// Fault 5 of the reference: more than 10 provisional responses ended the call.
func TestRegressionAnyNumberOfProvisionals(t *testing.T) {
	world(t, func(w *wire) {
		a, p := w.node("A", addrA, nil), w.script("P", addrB)
		s, k := a.dial(addrB, "offer", nil)
		m := p.request("INVITE")
		want := []string{}
		for range 40 {
			p.reply(m, 180, "st", "")
			want = append(want, "rang 180")
			time.Sleep(time.Second)
		}
		p.reply(m, 200, "st", "answer")
		p.request("ACK")
		k.want(append(want, "answered answer")...)
		s.Hangup(0, "")
		p.reply(p.request("BYE"), 200, "", "")
		time.Sleep(time.Second)
		k.ended()
	})
}

// Fault 6 of the reference: a 200 that crosses the CANCEL got neither ACK nor BYE.
func TestRegression200CrossesCancel(t *testing.T) {
	world(t, func(w *wire) {
		a, p := w.node("A", addrA, nil), w.script("P", addrB)
		s, k := a.dial(addrB, "offer", nil)
		m := p.request("INVITE")
		p.reply(m, 180, "st", "")
		time.Sleep(time.Second)
		s.Hangup(0, "")
		p.reply(m, 200, "st", "answer")
		cancel := p.request("CANCEL")
		p.reply(cancel, 200, "st", "")
		ack := p.request("ACK")
		bye := p.request("BYE")
		if message.ToTag(ack) != "st" || message.ToTag(bye) != "st" || message.CSeq(bye) != message.CSeq(ack)+1 || ack.Recipient.HostPort() != addrB.String() {
			t.Errorf("ACK and BYE:\n%s\n%s", ack, bye)
		}
		p.reply(m, 200, "st", "answer") // the ACK was lost: it must come again
		p.request("ACK")
		p.reply(bye, 200, "", "")
		p.silent(time.Minute)
		k.want("rang 180", "ended 487")
		if a.ss.Live() != 0 {
			t.Error("ghost session")
		}
	})
}

// RFC 3261 9.1: no CANCEL before the first provisional.
func TestHangupWaitsForTheFirstProvisional(t *testing.T) {
	world(t, func(w *wire) {
		a, p := w.node("A", addrA, nil), w.script("P", addrB)
		s, k := a.dial(addrB, "offer", nil)
		m := p.request("INVITE")
		s.Hangup(0, "")
		k.want("ended 487")
		p.silent(300 * time.Millisecond)
		p.reply(m, 100, "", "")
		cancel := p.request("CANCEL")
		p.reply(cancel, 200, "st", "")
		p.reply(m, 487, "st", "")
		p.request("ACK")
		p.silent(time.Minute)
		if a.ss.Live() != 0 {
			t.Error("session left")
		}
	})
}

// RFC 3326: why we give up is said in the CANCEL; "answered elsewhere" in the words that phones look for.
func TestCancelSaysWhy(t *testing.T) {
	tests := []struct {
		q850 int
		text string
		want []string
	}{
		{0, "bored", nil},
		{16, `no "reason"`, []string{`Q.850;cause=16;text="no \"reason\""`}},
		{26, "", []string{`SIP;cause=200;text="Call completed elsewhere"`, "Q.850;cause=26"}},
	}
	for _, tt := range tests {
		for _, early := range []bool{true, false} { // before and after the first provisional
			world(t, func(w *wire) {
				a, p := w.node("A", addrA, nil), w.script("P", addrB)
				s, k := a.dial(addrB, "offer", nil)
				m := p.request("INVITE")
				if early {
					s.Hangup(tt.q850, tt.text)
					time.Sleep(100 * time.Millisecond)
				}
				p.reply(m, 180, "st", "")
				if time.Sleep(100 * time.Millisecond); !early {
					s.Hangup(tt.q850, tt.text)
				}
				cancel := p.request("CANCEL")
				var got []string
				for _, h := range cancel.GetHeaders("Reason") {
					got = append(got, h.Value())
				}
				if !slices.Equal(got, tt.want) {
					t.Errorf("Reason %q, want %q", got, tt.want)
				}
				p.reply(cancel, 200, "st", "")
				p.reply(m, 487, "st", "")
				p.request("ACK")
				time.Sleep(time.Minute)
				if e := k.ended(); e.Q850 != tt.q850 {
					t.Errorf("ended with %+v", e)
				}
			})
		}
	}
}

// RFC 3261 13.2.2.4: of two forks that answer the first wins, the other gets ACK and BYE.
func TestSipgoFault15Forks(t *testing.T) {
	world(t, func(w *wire) {
		a, p := w.node("A", addrA, nil), w.script("P", addrB)
		s, k := a.dial(addrB, "offer", nil)
		m := p.request("INVITE")
		p.id = message.CallID(m)
		p.reply(m, 180, "one", "")
		p.reply(m, 183, "two", "early")
		time.Sleep(time.Second)
		p.say("OPTIONS", 7, "two", message.FromTag(m), "") // inside an early dialog
		p.response("200 OPTIONS")
		p.say("OPTIONS", 7, "three", message.FromTag(m), "")
		p.response("481 OPTIONS")
		p.reply(m, 200, "two", "answer two", "Contact: <sip:two@127.0.0.12:5060>")
		ack := p.request("ACK")
		p.reply(m, 200, "one", "answer one", "Contact: <sip:one@127.0.0.12:5060>")
		ack1, bye := p.request("ACK"), p.request("BYE")
		if message.ToTag(ack) != "two" || ack.Recipient.User != "two" {
			t.Errorf("winner's ACK:\n%s", ack)
		}
		if message.ToTag(ack1) != "one" || message.ToTag(bye) != "one" || bye.Recipient.User != "one" {
			t.Errorf("loser's ACK and BYE:\n%s\n%s", ack1, bye)
		}
		p.reply(bye, 200, "", "")
		p.reply(m, 200, "one", "answer one") // both repeat: both get their ACK again
		p.reply(m, 200, "two", "answer two")
		if x, y := message.ToTag(p.request("ACK")), message.ToTag(p.request("ACK")); x != "one" || y != "two" {
			t.Errorf("ACKs repeated to %s and %s", x, y)
		}
		time.Sleep(time.Second)
		k.want("rang 180", "early 183 early", "answered answer two")
		p.say("BYE", 8, "one", message.FromTag(m), "")
		p.response("481 BYE")
		s.Hangup(16, "")
		last := p.request("BYE")
		if message.ToTag(last) != "two" {
			t.Errorf("BYE to %s", message.ToTag(last))
		}
		p.reply(last, 200, "", "")
		time.Sleep(time.Minute)
		k.want("rang 180", "early 183 early", "answered answer two", "ended q850=16")
	})
}

func TestRepeated2xxLongAfterGetsItsAck(t *testing.T) {
	world(t, func(w *wire) {
		a, p := w.node("A", addrA, nil), w.script("P", addrB)
		s, k, m := p.answered(a, nil)
		time.Sleep(2 * time.Minute) // the transaction is gone: a stray response
		p.reply(m, 200, "st", "answer")
		p.request("ACK")
		p.reply(m, 200, "unknown", "answer")
		p.silent(time.Second)
		s.Hangup(0, "")
		p.reply(p.request("BYE"), 200, "", "")
		time.Sleep(time.Minute)
		p.reply(m, 200, "st", "answer")
		p.silent(time.Second) // a stranger's response makes us send nothing
		k.want("answered answer", "ended")
	})
}

func withPassword(d *Dialling) {
	d.User, d.HA1 = "1001", digest.PasswordSecret("1001", "secret")
}

func TestChallengesAreAnsweredOnce(t *testing.T) {
	challenge := `Digest realm="r", nonce="n", qop="auth", algorithm=SHA-256`
	staleOne := `Digest realm="r", nonce="n2", qop="auth", algorithm=SHA-256, stale=true`
	tests := []struct {
		name  string
		steps []string // status and challenge; the last is final
		edit  func(*Dialling)
		want  string
	}{
		{"401 then answered", []string{"401 " + challenge, "200"}, withPassword, "answered answer"},
		{"407 then answered", []string{"407 " + challenge, "200"}, withPassword, "answered answer"},
		{"proxy and far end", []string{"407 " + challenge, "401 " + challenge, "200"}, withPassword, "answered answer"},
		{"stale once more", []string{"401 " + challenge, "401 " + staleOne, "200"}, withPassword, "answered answer"},
		{"wrong password", []string{"401 " + challenge, "401 " + challenge}, withPassword, "ended by peer 401"},
		{"stale for ever", []string{"401 " + challenge, "401 " + staleOne, "401 " + staleOne}, withPassword, "ended by peer 401"},
		{"no password", []string{"401 " + challenge}, nil, "ended by peer 401"},
		{"cannot answer", []string{`401 Digest realm="r", nonce="n", algorithm=SHA-512-256`}, withPassword, "ended by peer 401"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			world(t, func(w *wire) {
				a, p := w.node("A", addrA, nil), w.script("P", addrB)
				s, k := a.dial(addrB, "offer", tt.edit)
				var numbers []uint32
				for i, step := range tt.steps {
					m := p.request("INVITE")
					numbers = append(numbers, message.CSeq(m))
					if got := len(m.GetHeaders("Authorization")) + len(m.GetHeaders("Proxy-Authorization")); i > 0 && got == 0 {
						t.Errorf("try %d has no credentials", i)
					}
					code, value, _ := strings.Cut(step, " ")
					switch code {
					case "401":
						p.reply(m, 401, "x", "", "WWW-Authenticate: "+value)
					case "407":
						p.reply(m, 407, "x", "", "Proxy-Authenticate: "+value)
					default:
						p.reply(m, 200, "st", "answer")
					}
					ack := p.request("ACK")
					if message.CSeq(ack) != message.CSeq(m) {
						t.Errorf("ACK %d for INVITE %d", message.CSeq(ack), message.CSeq(m))
					}
					if code == "200" && i > 0 && len(ack.GetHeaders("Authorization"))+len(ack.GetHeaders("Proxy-Authorization")) == 0 {
						t.Error("the ACK lacks the credentials (RFC 3261 22.1)")
					}
				}
				time.Sleep(time.Second)
				k.want(tt.want)
				for i := 1; i < len(numbers); i++ {
					if numbers[i] != numbers[i-1]+1 {
						t.Errorf("CSeq %v", numbers)
					}
				}
				s.Hangup(0, "")
				time.Sleep(time.Minute)
				k.ended()
			})
		})
	}
}

func TestHangupDuringTheChallenge(t *testing.T) {
	world(t, func(w *wire) {
		a, p := w.node("A", addrA, nil), w.script("P", addrB)
		s, k := a.dial(addrB, "offer", withPassword)
		m := p.request("INVITE")
		s.Hangup(0, "")
		p.reply(m, 401, "x", "", `WWW-Authenticate: Digest realm="r", nonce="n"`)
		p.request("ACK")
		p.silent(time.Minute)
		k.want("ended 487")
		if a.ss.Live() != 0 {
			t.Error("session left")
		}
	})
}

func TestTimersBoundAnUnansweredInvite(t *testing.T) {
	t.Run("Timer B", func(t *testing.T) {
		world(t, func(w *wire) {
			a := w.node("A", addrA, nil)
			w.script("P", addrB)
			_, k := a.dial(addrB, "offer", nil)
			time.Sleep(31 * time.Second)
			k.want()
			time.Sleep(2 * time.Second)
			k.want("ended 408 error")
			if e := k.ended(); !errors.Is(e.Err, ErrNoAnswer) {
				t.Errorf("error %v", e.Err)
			}
		})
	})
	t.Run("Timer C", func(t *testing.T) {
		world(t, func(w *wire) {
			a, p := w.node("A", addrA, nil), w.script("P", addrB)
			_, k := a.dial(addrB, "offer", nil)
			m := p.request("INVITE")
			p.reply(m, 180, "st", "")
			time.Sleep(3 * time.Minute)
			p.reply(m, 180, "st", "") // begins Timer C anew
			time.Sleep(3 * time.Minute)
			k.want("rang 180", "rang 180")
			time.Sleep(2 * time.Second)
			k.want("rang 180", "rang 180", "ended 408 error")
			p.reply(p.request("CANCEL"), 200, "st", "")
			p.reply(m, 487, "st", "")
			p.request("ACK")
			time.Sleep(time.Minute)
			if a.ss.Live() != 0 {
				t.Error("session left")
			}
		})
	})
}

// Fault 15 of the reference: BYE went to the first Contact after a target refresh.
func TestSipgoFault15TargetRefresh(t *testing.T) {
	refreshes := []struct {
		name string
		do   func(*script, *Session, *sip.Request)
	}{
		{"by re-INVITE", func(p *script, _ *Session, m *sip.Request) {
			p.say("INVITE", 10, "st", message.FromTag(m), "new offer", "Contact: <sip:moved@127.0.0.12:5060>")
			p.response("200 INVITE")
			p.say("ACK", 10, "st", message.FromTag(m), "")
		}},
		{"by UPDATE", func(p *script, _ *Session, m *sip.Request) {
			p.say("UPDATE", 10, "st", message.FromTag(m), "", "Contact: <sip:moved@127.0.0.12:5060>")
			p.response("200 UPDATE")
		}},
		{"by 2xx", func(p *script, s *Session, _ *sip.Request) {
			s.Offer([]byte("offer 2"))
			p.reply(p.request("INVITE"), 200, "", "answer 2", "Contact: <sip:moved@127.0.0.12:5060>")
			if got := p.request("ACK").Recipient.User; got != "moved" {
				p.w.t.Errorf("ACK to %q, want moved", got)
			}
		}},
	}
	for _, tt := range refreshes {
		t.Run(tt.name, func(t *testing.T) {
			world(t, func(w *wire) {
				a, p := w.node("A", addrA, nil), w.script("P", addrB)
				s, k, m := p.answered(a, nil)
				k.react(func(ev Event) {
					if o, ok := ev.(Offered); ok {
						o.Reply(200, []byte("new answer"))
					}
				})
				tt.do(p, s, m)
				time.Sleep(time.Second)
				s.Hangup(0, "")
				bye := p.request("BYE")
				if bye.Recipient.User != "moved" {
					t.Errorf("BYE to %s, want moved", bye.Recipient.String())
				}
				p.reply(bye, 200, "", "")
				time.Sleep(time.Second)
			})
		})
	}
}

func TestRouteSetOfACaller(t *testing.T) {
	world(t, func(w *wire) {
		a, p := w.node("A", addrA, nil), w.script("P", addrB)
		s, _ := a.dial(addrB, "offer", nil)
		m := p.request("INVITE")
		p.reply(m, 200, "st", "answer", "Record-Route: <sip:last.invalid;lr>", "Record-Route: <sip:first.invalid;lr>")
		p.request("ACK")
		s.Hangup(0, "")
		bye := p.request("BYE")
		if rs := bye.GetHeaders("Route"); len(rs) != 2 || !strings.Contains(rs[0].Value(), "first") {
			t.Errorf("route set %v, want it reversed (RFC 3261 12.1.2)", rs)
		}
		p.reply(bye, 200, "", "")
		time.Sleep(time.Second)
	})
}

// A peer that hangs up between its 200 and our ACK (RFC 5407 3.1.3).
func TestByeRightAfterTheAnswer(t *testing.T) {
	world(t, func(w *wire) {
		a, p := w.node("A", addrA, nil), w.script("P", addrB)
		_, k := a.dial(addrB, "offer", nil)
		m := p.request("INVITE")
		p.id = message.CallID(m)
		p.reply(m, 200, "st", "answer")
		p.say("BYE", 1, "st", message.FromTag(m), "", "Reason: Q.850;cause=16")
		p.request("ACK")
		p.response("200 BYE")
		k.want("answered answer", "ended by peer q850=16")
		time.Sleep(time.Minute)
		if a.ss.Live() != 0 {
			t.Error("session left")
		}
	})
}

func TestSilentPeerAfterBye(t *testing.T) {
	world(t, func(w *wire) {
		a, p := w.node("A", addrA, nil), w.script("P", addrB)
		s, k, _ := p.answered(a, nil)
		s.Hangup(16, "")
		time.Sleep(time.Minute)
		k.want("answered answer", "ended q850=16")
		if a.ss.Live() != 0 {
			t.Error("session left after Timer F")
		}
	})
}

// RFC 3261 8.1.3.4: the contacts of a 3xx by their q; those of other refusals mean something else.
func TestContactsOfARedirection(t *testing.T) {
	world(t, func(w *wire) {
		a, p := w.node("A", addrA, nil), w.script("P", addrB)
		for _, tt := range []struct {
			code    int
			contact string
			want    string
		}{
			{302, "<sip:one@h>;q=0.2, <sip:two@h>, <sip:three@h>;q=1.0, <sip:four@h>;q=0.7", "two three four one"},
			{301, "<sip:one@h>", "one"},
			{486, "<sip:one@h>", ""},
		} {
			_, k := a.dial(addrB, "offer", nil)
			m := p.request("INVITE")
			p.reply(m, tt.code, "st", "", "Contact: "+tt.contact)
			p.request("ACK")
			time.Sleep(time.Second)
			var users []string
			for _, u := range k.ended().Contacts {
				users = append(users, u.User)
			}
			if got := strings.Join(users, " "); got != tt.want {
				t.Errorf("%d %s: got %q", tt.code, tt.contact, got)
			}
		}
	})
}
