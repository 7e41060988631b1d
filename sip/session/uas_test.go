package session

import (
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/emiago/sipgo/sip"

	"hotline/sip/message"
)

// Fault 7 of the reference: the 2xx was repeated at 0, 0.5, 4.5 s, and no BYE came when the ACK never did.
func TestSipgoFault07SuccessIsRepeatedDoublingAndEndsWithBye(t *testing.T) {
	world(t, func(w *wire) {
		a, p := w.node("A", addrA, nil), w.script("P", addrB)
		p.say("INVITE", 1, "ft", "", "offer")
		s, k := a.taken()
		s.Answer([]byte("answer"))
		synctest.Wait()
		start := time.Now()
		want := []time.Duration{0, 500 * time.Millisecond, 1500 * time.Millisecond, 3500 * time.Millisecond, 7500 * time.Millisecond, 11500 * time.Millisecond}
		for i, at := range want {
			res := p.response("200 INVITE")
			if got := time.Since(start) - hop; got != at {
				t.Errorf("copy %d after %v, want %v", i, got, at)
			}
			if string(res.Body()) != "answer" {
				t.Errorf("copy %d has body %q", i, res.Body())
			}
		}
		for {
			m := <-p.got
			if r, ok := m.(*sip.Request); ok {
				if got := time.Since(start) - hop; r.Method != sip.BYE || got != 32*time.Second {
					t.Errorf("%s after %v, want BYE after 32s", r.Method, got)
				}
				p.reply(r, 200, "", "")
				break
			}
		}
		k.want("ended error")
		if e := k.ended(); !errors.Is(e.Err, ErrNoAck) {
			t.Errorf("error %v, want %v", e.Err, ErrNoAck)
		}
		p.silent(time.Minute)
		if a.ss.Live() != 0 {
			t.Error("the session is still there")
		}
	})
}

func TestAckStopsTheRepetition(t *testing.T) {
	world(t, func(w *wire) {
		a, p := w.node("A", addrA, nil), w.script("P", addrB)
		_, k, tag := p.established(a, 1)
		p.say("ACK", 1, "ft", tag, "")
		p.silent(time.Minute)
		k.want("established")
		p.say("BYE", 2, "ft", tag, "")
		p.response("200 BYE")
		k.want("established", "ended by peer")
	})
}

func TestAckOfAnotherDialogOrNumberDoesNotCount(t *testing.T) {
	world(t, func(w *wire) {
		a, p := w.node("A", addrA, nil), w.script("P", addrB)
		p.say("INVITE", 5, "ft", "", "offer")
		s, k := a.taken()
		s.Answer([]byte("answer"))
		tag := message.ToTag(p.response("200 INVITE"))
		p.say("ACK", 5, "other", tag, "")
		p.say("ACK", 5, "ft", "other", "")
		p.say("ACK", 4, "ft", tag, "")
		time.Sleep(time.Second)
		k.want()
		p.say("ACK", 5, "ft", tag, "")
		time.Sleep(time.Second)
		k.want("established")
		s.Hangup(0, "")
		time.Sleep(time.Second)
	})
}

func TestResponsesCarryWhatADialogNeeds(t *testing.T) {
	world(t, func(w *wire) {
		a, p := w.node("A", addrA, func(c *Config) { c.Agent = "Hotline" }), w.script("P", addrB)
		p.say("INVITE", 1, "ft", "", "offer", "Record-Route: <sip:127.0.0.12:5060;lr>", "Record-Route: <sip:127.0.0.13;lr>", "Session-Expires: 1800")
		s, k := a.taken()
		s.Ring()
		ring := p.response("180 INVITE")
		s.Answer([]byte("answer"))
		ok := p.response("200 INVITE")
		for _, res := range []*sip.Response{ring, ok} {
			if res.Contact() == nil || res.Contact().Address.HostPort() != addrA.String() || len(message.RecordRoutes(res)) != 2 || message.ToTag(res) == "" ||
				message.Value(res, "Allow") == "" || message.Value(res, "Server") != "Hotline" {
				t.Errorf("response lacks something:\n%s", res)
			}
		}
		if message.ToTag(ring) != message.ToTag(ok) {
			t.Error("two To tags for one request")
		}
		p.say("ACK", 1, "ft", message.ToTag(ok), "")
		time.Sleep(time.Second)
		s.Hangup(31, `a "b"`)
		bye := p.request("BYE")
		if got := bye.Recipient.HostPort(); got != addrB.String() {
			t.Errorf("BYE to %s, want the Contact", got)
		}
		if rs := bye.GetHeaders("Route"); len(rs) != 2 || !strings.Contains(rs[0].Value(), "127.0.0.12") {
			t.Errorf("route set %v", rs)
		}
		if got, want := message.Value(bye, "Reason"), `Q.850;cause=31;text="a \"b\""`; got != want {
			t.Errorf("Reason %s, want %s", got, want)
		}
		if bye.From().Address.User != "1001" || message.FromTag(bye) != message.ToTag(ok) || message.ToTag(bye) != "ft" {
			t.Errorf("dialog of BYE:\n%s", bye)
		}
		p.reply(bye, 200, "", "")
		time.Sleep(time.Second)
		k.want("established", "ended q850=31")
	})
}

func TestStrictRouter(t *testing.T) {
	world(t, func(w *wire) {
		a, p := w.node("A", addrA, nil), w.script("P", addrB)
		p.say("INVITE", 1, "ft", "", "offer", "Record-Route: <sip:127.0.0.12:5060>", "Record-Route: <sip:127.0.0.13;lr>", "Contact: <sip:far@127.0.0.14>")
		s, _ := a.taken()
		s.Answer([]byte("answer"))
		p.say("ACK", 1, "ft", message.ToTag(p.response("200 INVITE")), "")
		time.Sleep(time.Second)
		s.Hangup(0, "")
		bye := p.request("BYE")
		if bye.Recipient.Host != "127.0.0.12" {
			t.Errorf("request URI %s, want the strict router (RFC 3261 12.2.1.1)", bye.Recipient.String())
		}
		if rs := bye.GetHeaders("Route"); len(rs) != 2 || !strings.Contains(rs[1].Value(), "far@127.0.0.14") {
			t.Errorf("routes %v", rs)
		}
		p.reply(bye, 200, "", "")
		time.Sleep(time.Second)
	})
}

// RFC 3261 15: BYE must wait for the ACK; the sink need not.
func TestHangupBeforeTheAckWaits(t *testing.T) {
	tests := []struct {
		name string
		ack  bool
		at   time.Duration
	}{{"until the ACK", true, 3 * time.Second}, {"at most 64*T1", false, 32 * time.Second}}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			world(t, func(w *wire) {
				a, p := w.node("A", addrA, nil), w.script("P", addrB)
				p.say("INVITE", 1, "ft", "", "offer")
				s, k := a.taken()
				s.Answer([]byte("answer"))
				tag := message.ToTag(p.response("200 INVITE"))
				start := time.Now()
				s.Hangup(16, "")
				k.want("ended q850=16")
				time.Sleep(3*time.Second - 2*hop)
				if tt.ack {
					p.say("ACK", 1, "ft", tag, "")
				}
				for {
					m := <-p.got
					if r, ok := m.(*sip.Request); ok {
						if got := time.Since(start); r.Method != sip.BYE || got < tt.at-time.Second || got > tt.at+time.Second {
							t.Errorf("%s after %v, want BYE after %v", r.Method, got, tt.at)
						}
						if message.Value(r, "Reason") == "" {
							t.Error("the reason was forgotten")
						}
						p.reply(r, 200, "", "")
						break
					}
				}
				p.silent(time.Minute)
				k.want("ended q850=16")
			})
		})
	}
}

// RFC 5407 3.1.2 and 3.2: the caller hangs up before its own ACK arrives; our BYE crosses theirs.
func TestByeBeforeAck(t *testing.T) {
	world(t, func(w *wire) {
		a, p := w.node("A", addrA, nil), w.script("P", addrB)
		p.say("INVITE", 1, "ft", "", "offer")
		s, k := a.taken()
		s.Answer([]byte("answer"))
		tag := message.ToTag(p.response("200 INVITE"))
		p.say("BYE", 2, "ft", tag, "")
		p.response("200 BYE")
		k.want("ended by peer")
		p.say("ACK", 1, "ft", tag, "")
		p.silent(time.Minute)
	})
}

func TestByeCrossesBye(t *testing.T) {
	world(t, func(w *wire) {
		a, p := w.node("A", addrA, nil), w.script("P", addrB)
		s, k, tag := p.established(a, 1)
		s.Hangup(16, "")
		p.say("BYE", 2, "ft", tag, "")
		bye := p.request("BYE")
		p.response("200 BYE")
		p.reply(bye, 200, "", "")
		time.Sleep(time.Second)
		k.want("established", "ended q850=16")
		if a.ss.Live() != 0 {
			t.Error("session left")
		}
	})
}

func TestCancelTellsTheReason(t *testing.T) {
	world(t, func(w *wire) {
		a, p := w.node("A", addrA, nil), w.script("P", addrB)
		branch := p.say("INVITE", 1, "ft", "", "offer")
		_, k := a.taken()
		p.sayBranch(branch, "CANCEL", 1, "ft", "", "", `Reason: SIP;cause=200;text="Call completed elsewhere"`)
		p.response("200 CANCEL")
		p.response("487 INVITE")
		p.sayBranch(branch, "ACK", 1, "ft", "", "")
		k.want("ended by peer 487")
		if e := k.ended(); e.Reason != "Call completed elsewhere" {
			t.Errorf("reason %q", e.Reason)
		}
		time.Sleep(time.Second)
	})
}

// Case C05: CANCEL after the 200 changes nothing; the call is up and ends by BYE.
func TestCancelCrossesTheAnswer(t *testing.T) {
	world(t, func(w *wire) {
		a, p := w.node("A", addrA, nil), w.script("P", addrB)
		branch := p.say("INVITE", 1, "ft", "", "offer")
		s, k := a.taken()
		s.Answer([]byte("answer"))
		tag := message.ToTag(p.response("200 INVITE"))
		p.sayBranch(branch, "CANCEL", 1, "ft", "", "")
		if res := p.next("200 CANCEL"); res == nil {
			t.Fatal("no answer")
		}
		p.say("ACK", 1, "ft", tag, "")
		time.Sleep(time.Second)
		k.want("established")
		p.say("BYE", 2, "ft", tag, "")
		p.response("200 BYE")
		k.want("established", "ended by peer")
	})
}

func TestHangupBeforeTheAnswerIs487(t *testing.T) {
	world(t, func(w *wire) {
		a, p := w.node("A", addrA, nil), w.script("P", addrB)
		branch := p.say("INVITE", 1, "ft", "", "offer")
		s, k := a.taken()
		s.Hangup(18, "No answer")
		s.Hangup(16, "")
		res := p.response("487 INVITE")
		p.sayBranch(branch, "ACK", 1, "ft", message.ToTag(res), "")
		if message.Value(res, "Reason") == "" {
			t.Error("no Reason header")
		}
		k.want("ended 487 q850=18")
		time.Sleep(time.Second)
	})
}

func TestChallengeEndsTheFirstTry(t *testing.T) {
	world(t, func(w *wire) {
		a, p := w.node("A", addrA, nil), w.script("P", addrB)
		branch := p.say("INVITE", 1, "ft", "", "offer")
		s, k := a.taken()
		s.Challenge([]sip.Header{sip.NewHeader("Proxy-Authenticate", `Digest realm="r", nonce="n"`)})
		res := p.response("407 INVITE")
		p.sayBranch(branch, "ACK", 1, "ft", message.ToTag(res), "")
		k.want("ended 407")
		p.say("INVITE", 2, "ft", "", "offer")
		s2, _ := a.taken()
		if s2 == s || s2.CallID != s.CallID {
			t.Error("the second try must be a session of its own in the same Call-ID")
		}
		s2.Reject(486, "")
		p.response("486 INVITE")
		time.Sleep(time.Minute)
	})
}

// RFC 3261 13.3.1.1: a provisional every minute keeps proxies from giving up.
func TestLongRingingIsRepeated(t *testing.T) {
	world(t, func(w *wire) {
		a, p := w.node("A", addrA, nil), w.script("P", addrB)
		p.say("INVITE", 1, "ft", "", "offer")
		s, _ := a.taken()
		s.Ring()
		time.Sleep(150 * time.Second)
		s.Reject(480, "")
		time.Sleep(time.Minute)
		if n := w.count("A>P 180 INVITE"); n != 3 {
			t.Errorf("%d times 180 in 150 s, want 3", n)
		}
	})
}

func TestInviteWithoutContactIsRefused(t *testing.T) {
	world(t, func(w *wire) {
		w.node("A", addrA, nil)
		p := w.script("P", addrB)
		p.say("INVITE", 1, "ft", "", "offer", "Contact: <sip:a@127.0.0.1>", "Contact: <sip:b@127.0.0.1>")
		p.response("400 INVITE")
		time.Sleep(time.Minute)
	})
}

func TestEventsBeforeTheSinkAreKept(t *testing.T) {
	world(t, func(w *wire) {
		a, p := w.node("A", addrA, nil), w.script("P", addrB)
		branch := p.say("INVITE", 1, "ft", "", "offer")
		s := <-a.sessions
		p.sayBranch(branch, "CANCEL", 1, "ft", "", "")
		time.Sleep(time.Second)
		k := &sink{t: t}
		s.SetSink(k.hear)
		k.want("ended by peer 487")
	})
}

func TestSDPOutOfAMultipartBody(t *testing.T) {
	world(t, func(w *wire) {
		a, p := w.node("A", addrA, nil), w.script("P", addrB)
		body := "--x\r\nContent-Type: application/isup\r\n\r\nzzz\r\n--x\r\nContent-Type: application/sdp\r\n\r\nv=0\r\n--x--\r\n"
		p.say("INVITE", 1, "ft", "", body, `Content-Type: multipart/mixed;boundary="x"`)
		s, _ := a.taken()
		if got := string(s.SDP()); got != "v=0" {
			t.Errorf("got %q", got)
		}
		s.Reject(488, "")
		time.Sleep(time.Minute)
	})
}
