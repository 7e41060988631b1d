package session

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"testing/synctest"
	"time"

	"github.com/emiago/sipgo/sip"

	"hotline/sip/message"
	"hotline/sip/transport"
)

// Whatever people do in whatever order over a network that loses a fifth of all messages: each session ends exactly once,
// nothing is told after that, and nothing is left behind.
func TestAnyOrderEndsOnce(t *testing.T) {
	for seed := range uint64(200) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) { world(t, func(w *wire) { chance(w, seed) }) })
	}
}

func chance(w *wire, seed uint64) {
	dice, weather := rand.New(rand.NewPCG(seed, 7)), rand.New(rand.NewPCG(seed, 8))
	w.lose = func(string, sip.Message) bool { return weather.IntN(5) == 0 }
	a, b := w.node("A", addrA, nil), w.node("B", addrB, nil)
	offer := "offer"
	if dice.IntN(4) == 0 {
		offer = ""
	}
	caller, ck := a.dial(addrB, offer, nil)
	var callee *Session
	dk := &sink{t: w.t}
	replying := func(ev Event) {
		if o, ok := ev.(Offered); ok && len(o.SDP) != 3 {
			o.Reply(200, []byte("ok"))
		}
	}
	ck.react(replying)
	dk.react(replying)
	deeds := allDeeds(a, caller, &callee)
	for range 20 {
		time.Sleep(time.Duration(dice.IntN(1500)) * time.Millisecond)
		select {
		case callee = <-b.sessions:
			callee.SetSink(dk.hear)
		default:
		}
		if callee != nil {
			deeds[dice.IntN(len(deeds))]()
		}
	}
	caller.Hangup(16, "")
	time.Sleep(5 * time.Second)
	select {
	case late := <-b.sessions:
		late.SetSink(dk.hear)
		callee = late
	default:
	}
	if callee != nil {
		callee.Hangup(16, "")
	}
	time.Sleep(10 * time.Minute)
	synctest.Wait()
	ck.ended()
	if callee != nil {
		dk.ended()
	}
	if x, y := a.ss.Live(), b.ss.Live(); x+y != 0 {
		w.t.Errorf("%d and %d sessions left", x, y)
	}
}

// allDeeds is what two people can do with a call.
func allDeeds(a *node, caller *Session, callee **Session) []func() {
	return []func(){
		func() { (*callee).Ring() },
		func() { (*callee).Progress(183, []byte("early")) },
		func() { (*callee).Answer([]byte("answer")) },
		func() { (*callee).Answer([]byte("answer")) },
		func() { (*callee).Reject(486, "") },
		func() { caller.Acknowledge([]byte("late")) },
		func() { caller.Offer([]byte("one")) },
		func() { (*callee).Offer([]byte("two")) },
		func() { caller.Offer([]byte("four")) },
		func() { (*callee).Offer([]byte("five!")) },
		func() { caller.Info("application/dtmf", []byte("1")) },
		func() { caller.Hangup(16, "") },
		func() { (*callee).Hangup(16, "") },
		func() { a.ss.HangupAll(16, "") },
	}
}

func TestEarlyDialogs(t *testing.T) {
	t.Run("the caller says BYE while it rings", func(t *testing.T) { // RFC 3261 15 allows it
		world(t, func(w *wire) {
			a, p := w.node("A", addrA, nil), w.script("P", addrB)
			branch := p.say("INVITE", 1, "ft", "", "offer")
			s, k := a.taken()
			s.Ring()
			tag := message.ToTag(p.response("180 INVITE"))
			p.say("UPDATE", 2, "ft", tag, "offer 2")
			p.response("500 UPDATE") // the first offer has no answer yet
			p.say("BYE", 3, "ft", tag, "", "Reason: Q.850;cause=31")
			p.response("200 BYE")
			p.response("487 INVITE")
			p.sayBranch(branch, "ACK", 1, "ft", tag, "")
			k.want("ended by peer q850=31")
			time.Sleep(time.Minute)
		})
	})
	t.Run("requests of the called side", func(t *testing.T) {
		world(t, func(w *wire) {
			a, p := w.node("A", addrA, nil), w.script("P", addrB)
			s, k := a.dial(addrB, "offer", nil)
			m := p.request("INVITE")
			p.id = message.CallID(m)
			p.reply(m, 180, "st", "")
			time.Sleep(time.Second)
			for i, step := range []struct{ method, body, want string }{
				{"UPDATE", "", "200 UPDATE"}, {"UPDATE", "offer", "491 UPDATE"}, {"BYE", "", "481 BYE"}, {"INVITE", "x", "491 INVITE"},
				{"MESSAGE", "", "405 MESSAGE"}, {"INFO", "", "200 INFO"}, {"PRACK", "", "481 PRACK"},
			} {
				p.say(step.method, i+1, "st", message.FromTag(m), step.body)
				res := p.response(step.want)
				if step.method == "INVITE" {
					p.say("ACK", i+1, "st", message.FromTag(res), "")
				}
			}
			k.want("rang 180")
			s.Hangup(0, "")
			time.Sleep(2 * time.Minute)
			k.ended()
		})
	})
	t.Run("BYE instead of our late answer", func(t *testing.T) {
		world(t, func(w *wire) {
			a, p := w.node("A", addrA, nil), w.script("P", addrB)
			s, k := a.dial(addrB, "", nil)
			m := p.request("INVITE")
			p.id = message.CallID(m)
			p.reply(m, 200, "st", "late offer")
			time.Sleep(time.Second)
			p.say("INVITE", 1, "st", message.FromTag(m), "another offer")
			p.response("491 INVITE")
			p.say("BYE", 2, "st", message.FromTag(m), "")
			p.response("200 BYE")
			p.request("ACK")
			s.Acknowledge([]byte("too late"))
			k.want("answered late offer", "ended by peer")
			time.Sleep(2 * time.Minute)
		})
	})
}

// The next hop inside a dialog: the flow it came by, unless Resolve knows better.
func TestResolve(t *testing.T) {
	world(t, func(w *wire) {
		var asked string
		a, p := w.node("A", addrA, func(c *Config) {
			c.Resolve = func(next sip.Uri, last transport.Peer) (transport.Peer, bool) {
				asked = next.HostPort() + " " + last.Addr.String()
				return last, next.Host == "nowhere"
			}
		}), w.script("P", addrB)
		p.say("INVITE", 1, "ft", "", "offer", "Contact: <sip:x@127.0.0.77:5099>")
		s, _ := a.taken()
		s.Answer([]byte("answer"))
		p.say("ACK", 1, "ft", message.ToTag(p.response("200 INVITE")), "")
		time.Sleep(time.Second)
		s.Hangup(0, "")
		p.reply(p.request("BYE"), 200, "", "")
		if want := "127.0.0.77:5099 " + addrB.String(); asked != want {
			t.Errorf("asked for %q, want %q", asked, want)
		}
		time.Sleep(time.Second)
	})
}

func TestDiallingIsCarriedOut(t *testing.T) {
	world(t, func(w *wire) {
		a, p := w.node("A", addrA, func(c *Config) { c.Agent = "Hotline" }), w.script("P", addrB)
		s, _ := a.dial(addrB, "offer", func(d *Dialling) {
			d.CallID = "chosen@id"
			d.Contact = "sip:me@127.0.0.11:5060;x=1"
			d.Headers = []sip.Header{sip.NewHeader("P-Asserted-Identity", "<sip:1@x>")}
			d.Route = []sip.Uri{{Scheme: "sip", Host: "127.0.0.12", Port: 5060, UriParams: sip.HeaderParams{{K: "lr"}}}}
			d.FromHeader = sip.FromHeader{}
		})
		m := p.request("INVITE")
		if s.CallID != "chosen@id" || message.CallID(m) != "chosen@id" || message.Value(m, "P-Asserted-Identity") == "" || len(m.GetHeaders("Route")) != 1 ||
			m.Contact().Address.User != "me" || m.From().Address.Host != "anonymous.invalid" || message.Value(m, "User-Agent") != "Hotline" ||
			message.Value(m, "Allow") == "" || m.MaxForwards() == nil || message.MediaType(m) != "application/sdp" || message.FromTag(m) == "" || message.ToTag(m) != "" {
			t.Errorf("INVITE lacks something:\n%s", m)
		}
		if s.SDP() != nil {
			t.Error("a caller's session has an offer of the peer")
		}
		p.reply(m, 603, "x", "")
		time.Sleep(time.Minute)
	})
}

func TestConfigMistakesPanicAtTheStart(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("no panic")
		}
	}()
	New(Config{}, nil)
}
