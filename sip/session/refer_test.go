package session

import (
	"fmt"
	"testing"
	"time"

	"github.com/emiago/sipgo/sip"

	"hotline/sip/message"
)

// transferable is an end whose sink takes transfers, with a call from the script.
func transferable(w *wire) (p *script, s *Session, k *sink, tag string) {
	a := w.node("A", addrA, func(c *Config) { c.Refer = true })
	p = w.script("P", addrB)
	s, k, tag = p.established(a, 1)
	return p, s, k, tag
}

// refer asks for a transfer and gives the event.
func (p *script) refer(seq int, tag string, k *sink, extra ...string) Referred {
	p.w.t.Helper()
	p.say("REFER", seq, "ft", tag, "", append(extra, "Refer-To: <sip:1003@127.0.0.1>")...)
	time.Sleep(2 * hop)
	r, ok := k.last().(Referred)
	if !ok {
		p.w.t.Fatalf("last event is %v, want Referred", k.last())
	}
	return r
}

// notified is the next NOTIFY, checked for its body and state, and answered with code.
func (p *script) notified(body, state string, code int) *sip.Request {
	p.w.t.Helper()
	m := p.request("NOTIFY")
	if got := string(m.Body()); got != "SIP/2.0 "+body+"\r\n" || message.MediaType(m) != "message/sipfrag" {
		p.w.t.Errorf("NOTIFY of %q, want %q", got, body)
	}
	if got := message.Value(m, "Subscription-State"); got != state {
		p.w.t.Errorf("state %q, want %q", got, state)
	}
	p.reply(m, code, "", "")
	return m
}

// RFC 3515 4.1: accepted, tried, rings, done; then another one.
func TestTransferIsReported(t *testing.T) {
	world(t, func(w *wire) {
		p, s, k, tag := transferable(w)
		r := p.refer(2, tag, k)
		r.Notify(180) // nothing is said before the answer
		r.Reply(202)
		r.Reply(603)
		if res := p.response("202 REFER"); res.Contact() == nil || message.Value(res, "Refer-Sub") != "" {
			t.Errorf("answer:\n%s", res)
		}
		m := p.notified("100 Trying", "active;expires=180", 200)
		if message.Value(m, "Event") != "refer" || m.Contact() == nil {
			t.Errorf("NOTIFY:\n%s", m)
		}
		p.say("REFER", 3, "ft", tag, "", "Refer-To: <sip:1004@127.0.0.1>")
		p.response("491 REFER") // one at a time
		time.Sleep(time.Minute)
		r.Notify(180)
		p.notified("180 Ringing", "active;expires=119", 200)
		r.Notify(99)
		r.Notify(200)
		r.Notify(486)
		p.notified("200 OK", "terminated;reason=noresource", 200)
		p.silent(time.Hour / 4)
		r = p.refer(10, tag, k)
		r.Reply(202)
		p.response("202 REFER")
		if m := p.notified("100 Trying", "active;expires=180", 200); message.Value(m, "Event") != "refer;id=10" {
			t.Errorf("NOTIFY of the second REFER:\n%s", m)
		}
		s.Hangup(0, "")
		p.request("BYE")
		time.Sleep(time.Minute)
		k.want("established", "referred sip:1003@127.0.0.1", "referred sip:1003@127.0.0.1", "ended")
	})
}

func TestTransferIsRefusedOrNotListenedTo(t *testing.T) {
	tests := []struct {
		name  string
		code  int
		want  string
		sub   string // Refer-Sub of the answer
		extra []string
	}{
		{"refused", 603, "603 REFER", "", nil},
		{"no such code", 1000, "699 REFER", "", nil},
		{"nobody listens", 202, "202 REFER", "false", []string{"Refer-Sub: FALSE"}},
		{"nobody listens, required", 200, "200 REFER", "false", []string{"Refer-Sub: false", "Require: norefersub"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			world(t, func(w *wire) {
				p, s, k, tag := transferable(w)
				r := p.refer(2, tag, k, tt.extra...)
				r.Reply(tt.code)
				if res := p.response(tt.want); message.Value(res, "Refer-Sub") != tt.sub {
					t.Errorf("answer:\n%s", res)
				}
				r.Notify(200)
				p.silent(time.Minute)
				p.refer(3, tag, k).Reply(603) // the way is free for the next
				p.response("603 REFER")
				s.Hangup(0, "")
				time.Sleep(time.Minute)
			})
		})
	}
}

// NOTIFYs do not overtake each other: while one is not answered the later ones wait, and only the last of them is sent.
func TestProgressWaitsForTheNotifyBefore(t *testing.T) {
	world(t, func(w *wire) {
		p, s, k, tag := transferable(w)
		r := p.refer(2, tag, k)
		r.Reply(202)
		p.response("202 REFER")
		first := p.request("NOTIFY")
		for code := 180; code < 184; code++ {
			r.Notify(code)
		}
		p.silent(time.Second)
		p.reply(first, 200, "", "")
		p.notified("183 Session Progress", "active;expires=178", 200)
		s.Hangup(0, "")
		time.Sleep(time.Minute)
	})
}

// RFC 6665 4.1.3: a NOTIFY that is refused, or not answered, ends the subscription and not the call.
func TestNobodyTakesTheNotify(t *testing.T) {
	for _, code := range []int{481, 405, 0} {
		t.Run(fmt.Sprint(code), func(t *testing.T) {
			world(t, func(w *wire) {
				p, s, k, tag := transferable(w)
				r := p.refer(2, tag, k)
				r.Reply(202)
				p.response("202 REFER")
				m := p.request("NOTIFY")
				if code != 0 {
					p.reply(m, code, "", "")
				}
				time.Sleep(40 * time.Second)
				r.Notify(200)
				p.silent(time.Hour / 4)
				k.want("established", "referred sip:1003@127.0.0.1")
				s.Hangup(0, "")
				time.Sleep(time.Minute)
			})
		})
	}
}

func TestTransferWithoutAnEnd(t *testing.T) {
	world(t, func(w *wire) {
		p, s, k, tag := transferable(w)
		p.refer(2, tag, k).Reply(202)
		p.response("202 REFER")
		p.notified("100 Trying", "active;expires=180", 200)
		from := time.Now()
		p.notified("504 Server Time-out", "terminated;reason=timeout", 200)
		after(t, from, referLimit)
		s.Hangup(0, "")
		time.Sleep(time.Minute)
	})
}

// A transfer and the end of its call meet: the result goes out before our BYE, and a REFER is answered before theirs ends all.
func TestCallEndsDuringATransfer(t *testing.T) {
	t.Run("ours", func(t *testing.T) {
		world(t, func(w *wire) {
			p, s, k, tag := transferable(w)
			r := p.refer(2, tag, k)
			r.Reply(202)
			p.response("202 REFER")
			p.request("NOTIFY") // not answered
			r.Notify(200)
			s.Hangup(16, "")
			p.notified("200 OK", "terminated;reason=noresource", 200)
			p.reply(p.request("BYE"), 200, "", "")
			p.silent(time.Hour / 4)
		})
	})
	t.Run("theirs", func(t *testing.T) {
		world(t, func(w *wire) {
			p, _, k, tag := transferable(w)
			r := p.refer(2, tag, k)
			p.say("BYE", 3, "ft", tag, "")
			p.response("200 BYE")
			p.response("487 REFER")
			r.Reply(202)
			r.Notify(200)
			p.silent(time.Hour / 4)
			k.want("established", "referred sip:1003@127.0.0.1", "ended by peer")
		})
	})
}
