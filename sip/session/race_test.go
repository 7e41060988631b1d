package session

import (
	"testing"
	"time"

	"github.com/emiago/sipgo/sip"

	"hotline/sip/message"
)

// TestRaces is RFC 5407 sections 3.1 to 3.3, one case a row, named by its section.
func TestRaces(t *testing.T) {
	tests := []struct {
		name string
		run  func(t *testing.T, w *wire, a *node, p *script)
	}{
		{"3.1.1 INVITE again after the 200", func(_ *testing.T, _ *wire, a *node, p *script) {
			branch, s, k, tag := p.moratorium(a, "offer")
			p.sayBranch(branch, "INVITE", 1, "ft", "", "offer")
			p.say("ACK", 1, "ft", tag, "")
			time.Sleep(time.Second)
			k.want("established")
			if n := len(a.sessions); n != 0 {
				p.w.t.Errorf("it made %d more sessions", n)
			}
			p.over(s)
		}},
		{"3.1.2 CANCEL after the 200", func(_ *testing.T, _ *wire, a *node, p *script) {
			branch, s, k, tag := p.moratorium(a, "offer")
			p.sayBranch(branch, "CANCEL", 1, "ft", "", "")
			p.response("200 CANCEL")
			p.say("ACK", 1, "ft", tag, "")
			time.Sleep(time.Second)
			k.want("established")
			p.over(s)
		}},
		{"3.1.3 and 3.1.6 BYE before the ACK", func(_ *testing.T, _ *wire, a *node, p *script) {
			_, _, k, tag := p.moratorium(a, "offer")
			p.say("BYE", 2, "ft", tag, "")
			p.response("200 BYE")
			p.say("ACK", 1, "ft", tag, "")
			p.silent(time.Minute) // the 200 is not repeated either
			k.want("ended by peer")
		}},
		{"3.1.4 re-INVITE before the ACK", func(_ *testing.T, _ *wire, a *node, p *script) {
			_, s, k, tag := p.moratorium(a, "offer")
			k.react(accepting)
			p.say("INVITE", 2, "ft", tag, "offer 2")
			p.response("200 INVITE")
			p.say("ACK", 2, "ft", tag, "")
			p.say("ACK", 1, "ft", tag, "")
			time.Sleep(time.Second)
			k.want("offered offer 2", "established")
			p.over(s)
		}},
		{"3.1.5 re-INVITE before the ACK that answers", func(_ *testing.T, _ *wire, a *node, p *script) {
			_, s, k, tag := p.moratorium(a, "")
			second := p.say("INVITE", 2, "ft", tag, "offer 2")
			p.response("491 INVITE")
			p.sayBranch(second, "ACK", 2, "ft", tag, "")
			p.say("ACK", 1, "ft", tag, "their answer")
			time.Sleep(time.Second)
			k.want("established their answer")
			p.over(s)
		}},
		{"3.2.1 BYE meets BYE", func(_ *testing.T, _ *wire, a *node, p *script) {
			s, k, tag := p.established(a, 1)
			s.Hangup(0, "")
			bye := p.request("BYE")
			p.say("BYE", 2, "ft", tag, "")
			p.response("200 BYE")
			p.reply(bye, 200, "", "")
			k.want("established", "ended")
		}},
		{"3.2.2 re-INVITE meets BYE", func(_ *testing.T, _ *wire, a *node, p *script) {
			s, k, tag := p.established(a, 1)
			s.Hangup(0, "")
			bye := p.request("BYE")
			second := p.say("INVITE", 2, "ft", tag, "offer 2")
			p.response("481 INVITE")
			p.sayBranch(second, "ACK", 2, "ft", tag, "")
			p.reply(bye, 200, "", "")
			k.want("established", "ended")
		}},
		{"3.2.3 200 to a re-INVITE meets BYE", func(_ *testing.T, _ *wire, a *node, p *script) {
			s, k, _ := p.established(a, 1)
			s.Offer([]byte("our offer"))
			invite := p.request("INVITE")
			s.Hangup(0, "")
			bye := p.request("BYE")
			p.reply(invite, 200, "", "their answer")
			p.request("ACK")
			p.reply(bye, 200, "", "")
			k.want("established", "ended")
		}},
		{"3.2.4 ACK meets BYE", func(_ *testing.T, _ *wire, a *node, p *script) {
			_, s, k, tag := p.moratorium(a, "offer")
			s.Hangup(0, "") // it waits: a callee says no BYE before the ACK
			p.silent(200 * time.Millisecond)
			p.say("ACK", 1, "ft", tag, "")
			p.reply(p.request("BYE"), 200, "", "")
			k.want("ended")
		}},
		{"3.3.1 re-INVITE meets re-INVITE", func(_ *testing.T, _ *wire, a *node, p *script) {
			s, k, tag := p.established(a, 1)
			s.Offer([]byte("our offer"))
			ours := p.request("INVITE")
			second := p.say("INVITE", 2, "ft", tag, "offer 2")
			p.response("491 INVITE")
			p.sayBranch(second, "ACK", 2, "ft", tag, "")
			p.reply(ours, 491, "", "")
			p.request("ACK")
			again := p.request("INVITE") // after at most 2 s: the Call-ID is theirs
			p.reply(again, 200, "", "their answer")
			p.request("ACK")
			time.Sleep(time.Second)
			k.want("established", "accepted their answer")
			p.over(s)
		}},
		{"3.3.2 UPDATE meets re-INVITE", func(_ *testing.T, _ *wire, a *node, p *script) {
			s, k, tag := p.established(a, 1)
			s.Offer([]byte("our offer"))
			ours := p.request("INVITE")
			p.say("UPDATE", 2, "ft", tag, "offer 2")
			p.response("491 UPDATE")
			p.reply(ours, 200, "", "their answer")
			p.request("ACK")
			time.Sleep(time.Second)
			k.want("established", "accepted their answer")
			p.over(s)
		}},
		{"3.3.3 REFER meets BYE", func(_ *testing.T, _ *wire, a *node, p *script) {
			s, k, tag := p.established(a, 1)
			s.Hangup(0, "")
			bye := p.request("BYE")
			p.say("REFER", 2, "ft", tag, "", "Refer-To: <sip:1003@127.0.0.1>")
			p.response("481 REFER")
			p.reply(bye, 200, "", "")
			k.want("established", "ended")
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			world(t, func(w *wire) {
				a, p := w.node("A", addrA, func(c *Config) { c.Refer = true }), w.script("P", addrB)
				tt.run(t, w, a, p)
				time.Sleep(2 * time.Minute)
				if n := a.ss.Live(); n != 0 {
					t.Errorf("%d sessions are left", n)
				}
			})
		})
	}
}

// moratorium is a call of the script's that is answered and not acknowledged.
func (p *script) moratorium(a *node, offer string) (branch string, s *Session, k *sink, tag string) {
	p.w.t.Helper()
	branch = p.say("INVITE", 1, "ft", "", offer)
	s, k = a.taken()
	s.Answer([]byte("answer"))
	return branch, s, k, message.ToTag(p.response("200 INVITE"))
}

// over ends a call from our side.
func (p *script) over(s *Session) {
	p.w.t.Helper()
	s.Hangup(0, "")
	p.reply(p.request("BYE"), 200, "", "")
}

func accepting(ev Event) {
	if o, ok := ev.(Offered); ok {
		o.Reply(200, []byte("our answer"))
	}
}

// The other side was started anew: what it does not know ends the session, and its new call under an old Call-ID is a new one.
func TestRestartOfTheOtherSide(t *testing.T) {
	for _, method := range []string{"BYE", "INVITE"} {
		world(t, func(w *wire) {
			a, p := w.node("A", addrA, nil), w.script("P", addrB)
			s, k, _ := p.established(a, 1)
			want := []string{"established", "ended by peer 481"}
			switch method {
			case "BYE":
				s.Hangup(0, "")
				want[1] = "ended"
			default:
				s.Offer([]byte("our offer"))
			}
			var req *sip.Request
			if method == "BYE" {
				req = p.request("BYE")
			} else {
				req = p.request("INVITE")
			}
			p.reply(req, 481, "", "")
			if method != "BYE" {
				p.request("ACK")
				p.reply(p.request("BYE"), 481, "", "")
			}
			time.Sleep(time.Minute)
			k.want(want...)
			branch := p.say("INVITE", 1, "new", "", "offer")
			again, _ := a.taken()
			again.Reject(486, "")
			p.sayBranch(branch, "ACK", 1, "new", message.ToTag(p.response("486 INVITE")), "")
			time.Sleep(time.Minute)
		})
	}
}
