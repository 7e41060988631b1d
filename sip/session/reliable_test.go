package session

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/emiago/sipgo/sip"

	"hotline/sip/message"
)

// prack acknowledges a provisional of A's to the INVITE with CSeq 1.
func (p *script) prack(seq int, res *sip.Response, body string) {
	p.say("PRACK", seq, "ft", message.ToTag(res), body, "RAck: "+message.Value(res, "RSeq")+" 1 INVITE")
}

// fresh is the next response that is not a copy of one before: reliable provisionals are repeated.
func (p *script) fresh(want string, old ...*sip.Response) *sip.Response {
	p.w.t.Helper()
	for {
		res := (<-p.got).(*sip.Response)
		copied := res.StatusCode == 100
		for _, o := range old {
			copied = copied || message.Value(res, "RSeq") != "" && message.Value(res, "RSeq") == message.Value(o, "RSeq")
		}
		if copied {
			continue
		}
		if short(res) != want {
			p.w.t.Fatalf("got %s, want %s", short(res), want)
		}
		return res
	}
}

// RFC 3262 3: who asks for it gets reliable provisionals, and who merely could only where the configuration says so.
func TestWhenProvisionalsAreReliable(t *testing.T) {
	tests := []struct {
		extra    string
		reliable bool
		want     bool
	}{
		{"Require: 100rel", false, true},
		{"Require: timer, 100REL", false, true},
		{"Supported: 100rel", false, false},
		{"Supported: 100rel", true, true},
		{"k: timer,100rel", true, true},
		{"Supported: timer", true, false},
	}
	for _, tt := range tests {
		t.Run(tt.extra, func(t *testing.T) {
			world(t, func(w *wire) {
				a, p := w.node("A", addrA, func(c *Config) { c.Reliable = tt.reliable }), w.script("P", addrB)
				p.say("INVITE", 1, "ft", "", "offer", tt.extra)
				s, k := a.taken()
				s.Ring()
				res := p.response("180 INVITE")
				if got := message.Value(res, "RSeq") != "" && message.Value(res, "Require") == "100rel"; got != tt.want {
					t.Errorf("reliable %v, want %v:\n%s", got, tt.want, res)
				}
				s.Reject(486, "")
				time.Sleep(time.Minute)
				if n := w.count("A>P 180 INVITE"); n != 1 {
					t.Errorf("%d copies after the final answer", n)
				}
				k.want("ended 486")
			})
		})
	}
}

func TestReliableRingingAndAnswer(t *testing.T) {
	world(t, func(w *wire) {
		a, p := w.node("A", addrA, nil), w.script("P", addrB)
		p.say("INVITE", 1, "ft", "", "offer", "Require: 100rel")
		s, k := a.taken()
		s.Ring()
		ringing := p.response("180 INVITE")
		s.Progress(181, nil)
		s.Progress(183, []byte("answer")) // waits, and of those that wait the last is said
		time.Sleep(3 * time.Second)
		if n := w.count("A>P 180 INVITE"); n != 3 {
			t.Errorf("%d copies within 3 s, want 3: at 0, 0.5 and 1.5 s", n)
		}
		p.say("PRACK", 2, "ft", message.ToTag(ringing), "", "RAck: 1 1 INVITE")
		p.fresh("481 PRACK", ringing)
		p.prack(3, ringing, "")
		p.fresh("200 PRACK", ringing)
		early := p.response("183 INVITE")
		if rseq(early) != rseq(ringing)+1 || string(early.Body()) != "answer" {
			t.Errorf("second provisional:\n%s", early)
		}
		s.Answer([]byte("answer"))
		time.Sleep(200 * time.Millisecond)
		if n := w.count("A>P 200 INVITE"); n != 0 {
			t.Error("the answer did not wait for the PRACK of the description")
		}
		p.prack(4, early, "")
		p.response("200 PRACK")
		final := p.response("200 INVITE")
		if len(final.Body()) != 0 {
			t.Errorf("the description was exchanged already:\n%s", final)
		}
		p.say("ACK", 1, "ft", message.ToTag(final), "")
		time.Sleep(time.Second)
		k.want("established")
		p.prack(5, early, "")
		p.response("481 PRACK")
		s.Hangup(0, "")
		p.reply(p.request("BYE"), 200, "", "")
		time.Sleep(time.Minute)
		if a.ss.Live() != 0 {
			t.Error("session left")
		}
	})
}

// RFC 3262 3: the final answer need not wait for the PRACK of a provisional without a description; that is answered all the same.
func TestAnswerBeforeThePrackOfRinging(t *testing.T) {
	world(t, func(w *wire) {
		a, p := w.node("A", addrA, nil), w.script("P", addrB)
		p.say("INVITE", 1, "ft", "", "offer", "Require: 100rel")
		s, k := a.taken()
		s.Ring()
		ringing := p.response("180 INVITE")
		s.Answer([]byte("answer"))
		final := p.response("200 INVITE")
		if string(final.Body()) != "answer" {
			t.Errorf("answer:\n%s", final)
		}
		p.prack(2, ringing, "")
		p.response("200 PRACK")
		p.say("ACK", 1, "ft", message.ToTag(final), "")
		p.silent(10 * time.Second)
		k.want("established")
		s.Hangup(0, "")
		time.Sleep(time.Minute)
	})
}

// RFC 3262 3: "if a reliable provisional response is retransmitted for 64*T1 seconds without reception of a corresponding PRACK".
func TestNoPrackEver(t *testing.T) {
	world(t, func(w *wire) {
		a, p := w.node("A", addrA, nil), w.script("P", addrB)
		p.say("INVITE", 1, "ft", "", "offer", "Require: 100rel")
		s, k := a.taken()
		s.Progress(183, []byte("early"))
		s.Answer(nil)
		early := p.response("183 INVITE")
		from := time.Now()
		final := p.fresh("504 INVITE", early)
		after(t, from, 32*time.Second)
		p.say("ACK", 1, "ft", message.ToTag(final), "")
		if n := w.count("A>P 183 INVITE"); n != 7 {
			t.Errorf("%d copies, want 7: at 0, 0.5, 1.5, 3.5, 7.5, 15.5 and 31.5 s", n)
		}
		time.Sleep(time.Minute)
		k.want("ended 504 error")
		if e := k.ended(); !errors.Is(e.Err, ErrNoPrack) || a.ss.Live() != 0 {
			t.Errorf("ended with %v, %d sessions left", e.Err, a.ss.Live())
		}
	})
}

// The caller goes while a description waits for its PRACK, and the answer with it.
func TestCancelWhileTheAnswerWaits(t *testing.T) {
	world(t, func(w *wire) {
		a, p := w.node("A", addrA, nil), w.script("P", addrB)
		branch := p.say("INVITE", 1, "ft", "", "offer", "Require: 100rel")
		s, k := a.taken()
		s.Progress(183, []byte("early"))
		s.Answer(nil)
		s.Progress(180, nil) // too late to say
		early := p.response("183 INVITE")
		p.sayBranch(branch, "CANCEL", 1, "ft", "", "")
		p.fresh("200 CANCEL", early)
		final := p.response("487 INVITE")
		p.sayBranch(branch, "ACK", 1, "ft", message.ToTag(final), "")
		p.prack(2, early, "")
		p.response("481 PRACK")
		p.silent(time.Minute)
		k.want("ended by peer 487")
	})
}

// RFC 3262 5: a late offer goes out in the provisional, and its answer comes in the PRACK.
func TestLateOfferInAProvisional(t *testing.T) {
	tests := []struct {
		name, prack, final, ack string
		want                    []string
	}{
		{"answered in the PRACK", "their answer", "", "", []string{"accepted their answer", "established"}},
		{"answered in the ACK, against the rules", "", "our offer", "their answer", []string{"established their answer"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			world(t, func(w *wire) {
				a, p := w.node("A", addrA, nil), w.script("P", addrB)
				p.say("INVITE", 1, "ft", "", "", "Require: 100rel")
				s, k := a.taken()
				s.Ring() // cannot be said: the first reliable one must carry the offer
				p.silentBut100(t)
				s.Progress(183, []byte("our offer"))
				early := p.response("183 INVITE")
				if string(early.Body()) != "our offer" {
					t.Errorf("provisional:\n%s", early)
				}
				p.prack(2, early, tt.prack)
				p.response("200 PRACK")
				s.Answer([]byte("our offer"))
				final := p.response("200 INVITE")
				if string(final.Body()) != tt.final {
					t.Errorf("final answer with %q, want %q", final.Body(), tt.final)
				}
				p.say("ACK", 1, "ft", message.ToTag(final), tt.ack)
				time.Sleep(time.Second)
				k.want(tt.want...)
				s.Hangup(0, "")
				time.Sleep(time.Minute)
			})
		})
	}
}

func (p *script) silentBut100(t *testing.T) {
	t.Helper()
	time.Sleep(5 * time.Second)
	for len(p.got) > 0 {
		if m := <-p.got; short(m) != "100 INVITE" {
			t.Errorf("got %s, want silence", short(m))
		}
	}
}

// RFC 3262 5 and RFC 3311 5.1: once the first offer was answered reliably, PRACK and UPDATE may carry the next.
func TestSecondOfferBeforeTheFinalAnswer(t *testing.T) {
	tests := []struct {
		method string
		code   int
		want   string
	}{{"PRACK", 200, "200 PRACK"}, {"PRACK", 488, "488 PRACK"}, {"UPDATE", 200, "200 UPDATE"}, {"UPDATE", 488, "488 UPDATE"}}
	for _, tt := range tests {
		t.Run(tt.want, func(t *testing.T) {
			world(t, func(w *wire) {
				a, p := w.node("A", addrA, nil), w.script("P", addrB)
				p.say("INVITE", 1, "ft", "", "offer", "Require: 100rel", "Supported: timer")
				s, k := a.taken()
				s.Progress(183, []byte("answer"))
				early := p.response("183 INVITE")
				if tt.method == "UPDATE" {
					p.say("UPDATE", 2, "ft", message.ToTag(early), "second")
					p.response("500 UPDATE") // the first is not settled
					p.prack(3, early, "")
					p.response("200 PRACK")
					p.say("UPDATE", 4, "ft", message.ToTag(early), "second")
				} else {
					p.prack(2, early, "second")
				}
				time.Sleep(100 * time.Millisecond)
				s.Answer(nil) // waits for the offer to be decided
				time.Sleep(100 * time.Millisecond)
				if n := w.count("A>P 200 INVITE"); n != 0 {
					t.Error("the final answer overtook the second offer")
				}
				k.last().(Offered).Reply(tt.code, []byte("answer 2"))
				res := p.response(tt.want)
				if tt.code == 200 && string(res.Body()) != "answer 2" {
					t.Errorf("second answer:\n%s", res)
				}
				final := p.response("200 INVITE")
				if len(final.Body()) != 0 {
					t.Errorf("final answer with %q", final.Body())
				}
				p.say("ACK", 1, "ft", message.ToTag(final), "")
				time.Sleep(time.Second)
				k.want("offered second", "established")
				p.reply(p.refreshOf(t, tt.code), 200, "", "answer 3") // what holds now is what a refresh repeats
				s.Hangup(0, "")
				time.Sleep(time.Minute)
			})
		})
	}
}

// refreshOf is A's refresh, checked for the description that holds after a second offer was answered with code.
func (p *script) refreshOf(t *testing.T, code int) *sip.Request {
	t.Helper()
	for {
		m, ok := (<-p.got).(*sip.Request)
		if !ok {
			continue
		}
		want := "answer"
		if code == 200 {
			want = "answer 2"
		}
		if m.Method != "INVITE" || string(m.Body()) != want {
			t.Errorf("refresh with %q, want %q:\n%s", m.Body(), want, m)
		}
		return m
	}
}

// A long ringing is said again each minute, each time with the next number.
func TestReliableRingingForLong(t *testing.T) {
	world(t, func(w *wire) {
		a, p := w.node("A", addrA, nil), w.script("P", addrB)
		p.say("INVITE", 1, "ft", "", "offer", "Require: 100rel")
		s, _ := a.taken()
		s.Ring()
		last := p.response("180 INVITE")
		for seq := 2; seq < 6; seq++ {
			p.prack(seq, last, "")
			p.fresh("200 PRACK", last)
			next := p.response("180 INVITE")
			if rseq(next) != rseq(last)+1 {
				t.Errorf("RSeq %d after %d", rseq(next), rseq(last))
			}
			last = next
		}
		s.Hangup(0, "")
		time.Sleep(time.Minute)
	})
}

// Without an offer in our INVITE we do not offer 100rel: the PRACK would have to answer theirs.
func TestLateOfferOfOursIsNotReliable(t *testing.T) {
	world(t, func(w *wire) {
		a, p := w.node("A", addrA, nil), w.script("P", addrB)
		_, k := a.dial(addrB, "", nil)
		m := p.request("INVITE")
		if message.Supports(m, "100rel") || !message.Supports(m, "timer") {
			t.Errorf("INVITE:\n%s", m)
		}
		p.reply(m, 486, "x", "")
		p.request("ACK")
		time.Sleep(time.Minute)
		k.want("ended by peer 486")
	})
}

// Two of us: with reliable provisionals a lost one is made good.
func TestReliableProvisionalBetweenOurselves(t *testing.T) {
	world(t, func(w *wire) {
		a, b := w.node("A", addrA, nil), w.node("B", addrB, func(c *Config) { c.Reliable = true })
		lost := false
		w.lose = func(line string, _ sip.Message) bool {
			if !lost && strings.HasPrefix(line, "B>A 183") {
				lost = true
				return true
			}
			return false
		}
		caller, ck := a.dial(addrB, "offer", nil)
		callee, dk := b.taken()
		callee.Progress(183, []byte("early"))
		time.Sleep(2 * time.Second)
		callee.Answer(nil)
		time.Sleep(time.Second)
		caller.Hangup(16, "")
		time.Sleep(time.Second)
		w.want("A>B INVITE", "B>A 183 INVITE", "B>A 183 INVITE", "A>B PRACK", "B>A 200 PRACK", "B>A 200 INVITE", "A>B ACK", "A>B BYE", "B>A 200 BYE")
		ck.want("early 183 early", "answered early", "ended q850=16")
		dk.want("established", "ended by peer q850=16")
	})
}

// Two forks answer our INVITE reliably, each gets its own PRACK; one changes the session by UPDATE before it answers (RFC 3311 5.1), the other
// one may not: it has not answered the offer.
func TestForksChangeTheSessionEarly(t *testing.T) {
	world(t, func(w *wire) {
		a, p := w.node("A", addrA, nil), w.script("P", addrB)
		s, k := a.dial(addrB, "offer", nil)
		m := p.request("INVITE")
		p.id = message.CallID(m)
		for i, tag := range []string{"one", "two"} {
			sdp := []string{"", "answer two"}[i]
			p.reply(m, 183, tag, sdp, "Require: 100rel", fmt.Sprintf("RSeq: %d", 10*(i+1)), "Contact: <sip:"+tag+"@127.0.0.12:5060>")
			prack := p.request("PRACK")
			if message.ToTag(prack) != tag || prack.Recipient.User != tag || message.Value(prack, "RAck") != fmt.Sprintf("%d 1 INVITE", 10*(i+1)) {
				t.Errorf("PRACK:\n%s", prack)
			}
			p.reply(prack, 200, "", "")
		}
		k.react(func(ev Event) {
			if o, ok := ev.(Offered); ok {
				o.Reply(200, []byte("our answer"))
			}
		})
		p.say("UPDATE", 5, "one", message.FromTag(m), "offer one")
		p.response("491 UPDATE")
		p.say("UPDATE", 5, "two", message.FromTag(m), "offer two", "Contact: <sip:moved@127.0.0.12:5060>")
		if res := p.response("200 UPDATE"); string(res.Body()) != "our answer" {
			t.Errorf("answer:\n%s", res)
		}
		p.say("UPDATE", 4, "two", message.FromTag(m), "")
		p.response("500 UPDATE") // out of order
		p.reply(m, 200, "two", "", "Contact: <sip:moved@127.0.0.12:5060>")
		if ack := p.request("ACK"); ack.Recipient.User != "moved" {
			t.Errorf("ACK:\n%s", ack)
		}
		time.Sleep(time.Second)
		k.want("rang 183", "early 183 answer two", "offered offer two", "answered ")
		p.say("INFO", 3, "two", message.FromTag(m), "")
		p.response("500 INFO") // the early dialog has counted on
		s.Hangup(0, "")
		p.request("BYE")
		time.Sleep(time.Minute)
	})
}
