package session

import (
	"testing"
	"time"

	"github.com/emiago/sipgo/sip"

	"hotline/sip/message"
)

func TestOfferOfThePeer(t *testing.T) {
	tests := []struct {
		method, offer string
		code          int
		sdp           string
		want          string
		ackSDP        string
		events        []string
	}{
		{"INVITE", "hold", 200, "held", "200 INVITE", "", []string{"offered hold"}},
		{"INVITE", "hold", 488, "", "488 INVITE", "", []string{"offered hold"}},
		{"INVITE", "hold", 200, "", "488 INVITE", "", []string{"offered hold"}},
		{"INVITE", "", 200, "our offer", "200 INVITE", "their answer", []string{"offered", "accepted their answer"}},
		{"UPDATE", "hold", 200, "held", "200 UPDATE", "", []string{"offered hold"}},
		{"UPDATE", "hold", 488, "", "488 UPDATE", "", []string{"offered hold"}},
	}
	for _, tt := range tests {
		t.Run(tt.method+" "+tt.want, func(t *testing.T) {
			world(t, func(w *wire) {
				a, p := w.node("A", addrA, nil), w.script("P", addrB)
				_, k, tag := p.established(a, 1)
				k.react(func(ev Event) {
					if o, ok := ev.(Offered); ok {
						var sdp []byte
						if tt.sdp != "" {
							sdp = []byte(tt.sdp)
						}
						o.Reply(tt.code, sdp)
					}
				})
				p.say(tt.method, 2, "ft", tag, tt.offer)
				res := p.response(tt.want)
				if res.IsSuccess() && (string(res.Body()) != tt.sdp || res.Contact() == nil) {
					t.Errorf("answer lacks something:\n%s", res)
				}
				if tt.method == "INVITE" && res.IsSuccess() {
					p.say("ACK", 2, "ft", tag, tt.ackSDP)
				}
				time.Sleep(40 * time.Second)
				k.want(append([]string{"established"}, tt.events...)...)
				p.say("BYE", 3, "ft", tag, "")
				for short(<-p.got) != "200 BYE" { // past the copies of an unacknowledged 488
				}
				k.ended()
			})
		})
	}
}

func TestReInviteWithoutAckEndsTheCall(t *testing.T) {
	world(t, func(w *wire) {
		a, p := w.node("A", addrA, nil), w.script("P", addrB)
		_, k, tag := p.established(a, 1)
		k.react(func(ev Event) {
			if o, ok := ev.(Offered); ok {
				o.Reply(200, []byte("ok"))
			}
		})
		p.say("INVITE", 2, "ft", tag, "hold")
		time.Sleep(33 * time.Second)
		k.want("established", "offered hold", "ended error")
		if n := w.count("A>P 200 INVITE"); n != 11 {
			t.Errorf("%d copies of the 200 in 32 s, want 11", n)
		}
	})
}

func TestCancelOfAReInvite(t *testing.T) {
	world(t, func(w *wire) {
		a, p := w.node("A", addrA, nil), w.script("P", addrB)
		_, k, tag := p.established(a, 1)
		branch := p.say("INVITE", 2, "ft", tag, "hold")
		time.Sleep(time.Second)
		p.sayBranch(branch, "CANCEL", 2, "ft", tag, "")
		p.response("200 CANCEL")
		p.response("487 INVITE")
		p.sayBranch(branch, "ACK", 2, "ft", tag, "")
		time.Sleep(time.Second)
		k.want("established", "offered hold")
		k.last().(Offered).Reply(200, []byte("too late"))
		p.silent(time.Second)
		p.say("BYE", 3, "ft", tag, "")
		p.response("200 BYE")
		k.want("established", "offered hold", "ended by peer")
	})
}

// RFC 3261 15.1.2: a BYE while a re-INVITE waits for its answer.
func TestByeWhileAnOfferIsOpen(t *testing.T) {
	world(t, func(w *wire) {
		a, p := w.node("A", addrA, nil), w.script("P", addrB)
		_, k, tag := p.established(a, 1)
		p.say("INVITE", 2, "ft", tag, "hold")
		time.Sleep(time.Second)
		p.say("BYE", 3, "ft", tag, "")
		p.response("200 BYE")
		p.response("487 INVITE")
		k.want("established", "offered hold", "ended by peer")
		k.nth(1).(Offered).Reply(200, []byte("too late"))
		time.Sleep(time.Minute)
	})
}

func TestSecondOfferWhileTheFirstIsOpen(t *testing.T) {
	world(t, func(w *wire) {
		a, p := w.node("A", addrA, nil), w.script("P", addrB)
		s, k, tag := p.established(a, 1)
		p.say("INVITE", 2, "ft", tag, "one")
		time.Sleep(time.Second)
		p.say("UPDATE", 3, "ft", tag, "two")
		res := p.response("500 UPDATE")
		if message.Value(res, "Retry-After") == "" {
			t.Error("500 without Retry-After (RFC 3261 14.2)")
		}
		k.want("established", "offered one")
		s.Hangup(0, "")
		time.Sleep(time.Minute)
	})
}

// RFC 3261 14.1 and 14.2: two re-INVITEs cross. Both get 491, both wait, ours by who owns the Call-ID; both get through.
func TestGlare(t *testing.T) {
	tests := []struct {
		name     string
		caller   bool
		min, max time.Duration
	}{
		{"we own the Call-ID", true, 2100 * time.Millisecond, 4 * time.Second},
		{"they own it", false, 0, 2 * time.Second},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			world(t, func(w *wire) {
				a, p := w.node("A", addrA, nil), w.script("P", addrB)
				var s *Session
				var k *sink
				mine, theirs := "st", ""
				if tt.caller {
					var m *sip.Request
					s, k, m = p.answered(a, nil)
					theirs = message.FromTag(m)
				} else {
					mine = "ft"
					s, k, theirs = p.established(a, 1)
				}
				s.Offer([]byte("ours"))
				m := p.request("INVITE")
				p.say("INVITE", 10, mine, theirs, "theirs")
				res := p.response("491 INVITE")
				p.say("ACK", 10, mine, message.ToTag(res), "")
				p.reply(m, 491, "", "")
				p.request("ACK")
				from := time.Now()
				for {
					next := <-p.got
					if short(next) == "491 INVITE" {
						continue
					}
					m = next.(*sip.Request)
					break
				}
				if got := time.Since(from); m.Method != "INVITE" || got < tt.min-hop || got > tt.max+2*hop {
					t.Errorf("%s after %v, want INVITE between %v and %v", m.Method, got, tt.min, tt.max)
				}
				p.reply(m, 200, "", "answer 2")
				time.Sleep(time.Second)
				if got := name(k.last()); got != "accepted answer 2" {
					t.Errorf("last event %s", got)
				}
				s.Hangup(0, "")
				time.Sleep(time.Minute)
			})
		})
	}
}

// While we wait after a glare the peer's offer goes first.
func TestPeersOfferDuringOurPause(t *testing.T) {
	world(t, func(w *wire) {
		a, p := w.node("A", addrA, nil), w.script("P", addrB)
		s, k, m := p.answered(a, nil)
		k.react(func(ev Event) {
			if o, ok := ev.(Offered); ok {
				o.Reply(200, []byte("ok"))
			}
		})
		s.Offer([]byte("ours"))
		p.reply(p.request("INVITE"), 491, "", "")
		p.request("ACK")
		p.say("INVITE", 10, "st", message.FromTag(m), "theirs")
		p.response("200 INVITE")
		p.say("ACK", 10, "st", message.FromTag(m), "")
		p.reply(p.request("INVITE"), 200, "", "answer 2")
		p.request("ACK")
		time.Sleep(time.Second)
		k.want("answered answer", "offered theirs", "accepted answer 2")
		s.Hangup(0, "")
		time.Sleep(time.Minute)
	})
}

func TestEndlessGlareIsGivenUp(t *testing.T) {
	world(t, func(w *wire) {
		a, p := w.node("A", addrA, nil), w.script("P", addrB)
		s, k, _ := p.answered(a, nil)
		s.Offer([]byte("ours"))
		for range maxGlares {
			p.reply(p.request("INVITE"), 491, "", "")
			p.request("ACK")
		}
		p.silent(10 * time.Second)
		k.want("answered answer", "refused 491")
		s.Hangup(0, "")
		time.Sleep(time.Minute)
	})
}

func TestOurOfferIsRefused(t *testing.T) {
	tests := []struct {
		code int
		want []string
	}{
		{488, []string{"refused 488"}},
		{500, []string{"refused 500"}},
		{606, []string{"refused 606"}},
		{481, []string{"ended by peer 481"}},
		{408, []string{"ended by peer 408"}},
		{0, []string{"ended 408 error"}},
	}
	for _, tt := range tests {
		world(t, func(w *wire) {
			a, p := w.node("A", addrA, nil), w.script("P", addrB)
			s, k, _ := p.answered(a, nil)
			s.Offer([]byte("ours"))
			m := p.request("INVITE")
			if tt.code != 0 {
				p.reply(m, tt.code, "", "")
			}
			time.Sleep(time.Minute)
			k.want(append([]string{"answered answer"}, tt.want...)...)
			s.Hangup(0, "")
			time.Sleep(time.Minute)
			k.ended()
			if a.ss.Live() != 0 {
				t.Errorf("%d: session left", tt.code)
			}
		})
	}
}

// A re-INVITE that rings for ever is cancelled after Timer C.
func TestOurOfferIsNeverDecided(t *testing.T) {
	world(t, func(w *wire) {
		a, p := w.node("A", addrA, nil), w.script("P", addrB)
		s, k, _ := p.answered(a, nil)
		s.Offer([]byte("ours"))
		m := p.request("INVITE")
		p.reply(m, 180, "", "")
		time.Sleep(182 * time.Second)
		p.reply(p.request("CANCEL"), 200, "", "")
		p.reply(m, 487, "", "")
		p.request("ACK")
		k.want("answered answer", "refused 487")
		s.Hangup(0, "")
		time.Sleep(time.Minute)
	})
}

// RFC 5407 3.1.4: the 2xx to our re-INVITE crosses our BYE; it still gets its ACK.
func TestByeCrossesTheAnswerToOurOffer(t *testing.T) {
	world(t, func(w *wire) {
		a, p := w.node("A", addrA, nil), w.script("P", addrB)
		s, k, _ := p.answered(a, nil)
		s.Offer([]byte("ours"))
		m := p.request("INVITE")
		s.Hangup(16, "")
		bye := p.request("BYE")
		p.reply(m, 200, "", "answer 2")
		p.request("ACK")
		p.reply(bye, 200, "", "")
		time.Sleep(time.Minute)
		k.want("answered answer", "ended q850=16")
	})
}

// RFC 5407 3.1.5: a re-INVITE arrives before the ACK of the first INVITE (which was lost).
func TestReInviteBeforeTheAck(t *testing.T) {
	tests := []struct{ first, want string }{{"offer", "200 INVITE"}, {"", "491 INVITE"}}
	for _, tt := range tests {
		world(t, func(w *wire) {
			a, p := w.node("A", addrA, nil), w.script("P", addrB)
			p.say("INVITE", 1, "ft", "", tt.first)
			s, k := a.taken()
			k.react(func(ev Event) {
				if o, ok := ev.(Offered); ok {
					o.Reply(200, []byte("ok"))
				}
			})
			s.Answer([]byte("answer"))
			tag := message.ToTag(p.response("200 INVITE"))
			p.say("INVITE", 2, "ft", tag, "second")
			for {
				res := (<-p.got).(*sip.Response)
				if message.CSeq(res) == 2 && res.StatusCode > 100 {
					if short(res) != tt.want {
						t.Errorf("got %s, want %s", short(res), tt.want)
					}
					break
				}
			}
			p.say("ACK", 2, "ft", tag, "")
			p.say("ACK", 1, "ft", tag, "")
			time.Sleep(time.Second)
			p.say("BYE", 3, "ft", tag, "")
			time.Sleep(time.Second)
			k.ended()
		})
	}
}
