package session

import (
	"strings"
	"testing"
	"time"

	"github.com/emiago/sipgo/sip"
)

// RFC 3665 3.1: successful call, the caller hangs up.
func TestLadderCallAndCallerHangsUp(t *testing.T) {
	world(t, func(w *wire) {
		a, b := w.node("A", addrA, nil), w.node("B", addrB, nil)
		caller, ck := a.dial(addrB, "offer", nil)
		callee, dk := b.taken()
		callee.Ring()
		time.Sleep(time.Second)
		callee.Answer([]byte("answer"))
		time.Sleep(time.Second)
		caller.Hangup(16, "Normal call clearing")
		time.Sleep(time.Second)
		w.want("A>B INVITE", "B>A 180 INVITE", "B>A 200 INVITE", "A>B ACK", "A>B BYE", "B>A 200 BYE")
		ck.want("rang 180", "answered answer", "ended q850=16")
		dk.want("established", "ended by peer q850=16")
		if e := dk.ended(); e.Reason != "Normal call clearing" {
			t.Errorf("reason %q", e.Reason)
		}
		if a.ss.Live()+b.ss.Live() != 0 {
			t.Errorf("sessions left: %d and %d", a.ss.Live(), b.ss.Live())
		}
	})
}

// RFC 3665 3.1 the other way round, with early media (RFC 3960).
func TestLadderEarlyMediaAndCalleeHangsUp(t *testing.T) {
	world(t, func(w *wire) {
		a, b := w.node("A", addrA, nil), w.node("B", addrB, nil)
		_, ck := a.dial(addrB, "offer", nil)
		callee, dk := b.taken()
		if got := string(callee.SDP()); got != "offer" {
			t.Errorf("offer %q", got)
		}
		callee.Progress(183, []byte("early"))
		time.Sleep(time.Second)
		callee.Answer(nil) // the final answer repeats the early one
		time.Sleep(time.Second)
		callee.Hangup(0, "")
		time.Sleep(time.Second)
		w.want("A>B INVITE", "B>A 183 INVITE", "B>A 200 INVITE", "A>B ACK", "B>A BYE", "A>B 200 BYE")
		ck.want("early 183 early", "answered early", "ended by peer")
		dk.want("established", "ended")
	})
}

// RFC 3665 3.8: the caller gives up while it rings.
func TestLadderCancel(t *testing.T) {
	world(t, func(w *wire) {
		a, b := w.node("A", addrA, nil), w.node("B", addrB, nil)
		caller, ck := a.dial(addrB, "offer", nil)
		callee, dk := b.taken()
		callee.Ring()
		time.Sleep(time.Second)
		caller.Hangup(0, "")
		time.Sleep(time.Second)
		w.want("A>B INVITE", "B>A 180 INVITE", "A>B CANCEL", "B>A 200 CANCEL", "B>A 487 INVITE", "A>B ACK")
		ck.want("rang 180", "ended 487")
		dk.want("ended by peer 487")
		callee.Answer([]byte("too late"))
		time.Sleep(time.Minute)
		if a.ss.Live()+b.ss.Live() != 0 {
			t.Error("sessions left")
		}
	})
}

// RFC 3665 3.9 and its relatives: every refusal reaches the caller with its code.
func TestLadderRefusals(t *testing.T) {
	tests := []struct {
		code    int
		reason  string
		headers []sip.Header
		want    string
		said    string
	}{
		{486, "", nil, "ended by peer 486", "Busy Here"},
		{603, "", nil, "ended by peer 603", "Decline"},
		{302, "", []sip.Header{sip.NewHeader("Contact", "<sip:x@127.0.0.9>")}, "ended by peer 302", "Moved Temporarily"},
		{480, "Gone home", nil, "ended by peer 480", "Gone home"},
		{404, "", []sip.Header{sip.NewHeader("Reason", `Q.850;cause=1;text="Unallocated"`)}, "ended by peer 404 q850=1", "Unallocated"},
		{503, "a\r\nX: y", nil, "ended by peer 503", "aX: y"},
	}
	for _, tt := range tests {
		world(t, func(w *wire) {
			a, b := w.node("A", addrA, nil), w.node("B", addrB, nil)
			_, ck := a.dial(addrB, "offer", nil)
			callee, dk := b.taken()
			callee.Reject(tt.code, tt.reason, tt.headers...)
			callee.Reject(486, "")
			time.Sleep(time.Second)
			ck.want(tt.want)
			if got := ck.ended().Reason; got != tt.said {
				t.Errorf("%d: reason %q, want %q", tt.code, got, tt.said)
			}
			if e := dk.ended(); e.ByPeer || e.Code != tt.code {
				t.Errorf("%d: callee heard %+v", tt.code, e)
			}
		})
	}
}

// RFC 3261 13.2.1: the INVITE has no offer, the 200 has it, the ACK has the answer.
func TestLadderLateOffer(t *testing.T) {
	world(t, func(w *wire) {
		a, b := w.node("A", addrA, nil), w.node("B", addrB, nil)
		caller, ck := a.dial(addrB, "", nil)
		callee, dk := b.taken()
		if callee.SDP() != nil {
			t.Error("INVITE without a body has an offer")
		}
		callee.Answer([]byte("late offer"))
		time.Sleep(2 * time.Second)
		ck.want("answered late offer")
		dk.want()
		caller.Acknowledge([]byte("late answer"))
		time.Sleep(time.Second)
		dk.want("established late answer")
		if n := w.count("A>B ACK"); n != 1 {
			t.Errorf("%d ACK, want 1", n)
		}
		caller.Hangup(16, "")
		time.Sleep(time.Second)
		ck.want("answered late offer", "ended q850=16")
	})
}

// A caller that never answers the late offer is cut off: the callee is not kept hanging.
func TestLateOfferWithoutAnswer(t *testing.T) {
	world(t, func(w *wire) {
		a, b := w.node("A", addrA, nil), w.node("B", addrB, nil)
		_, ck := a.dial(addrB, "", nil)
		callee, dk := b.taken()
		callee.Answer([]byte("late offer"))
		time.Sleep(40 * time.Second)
		ck.want("answered late offer", "ended error")
		dk.want("established", "ended by peer")
	})
}

// Hold and resume, from both sides (RFC 3264 8.4).
func TestLadderReInvite(t *testing.T) {
	world(t, func(w *wire) {
		a, b := w.node("A", addrA, nil), w.node("B", addrB, nil)
		caller, ck := a.dial(addrB, "offer", nil)
		callee, dk := b.taken()
		dk.react(func(ev Event) {
			if o, ok := ev.(Offered); ok {
				o.Reply(200, []byte("ok "+string(o.SDP)))
				o.Reply(488, nil)
			}
		})
		ck.react(func(ev Event) {
			if o, ok := ev.(Offered); ok {
				o.Reply(488, nil)
			}
		})
		callee.Answer([]byte("answer"))
		time.Sleep(time.Second)
		w.forget()
		caller.Offer([]byte("hold"))
		time.Sleep(time.Second)
		w.want("A>B INVITE", "B>A 200 INVITE", "A>B ACK")
		callee.Offer([]byte("hold"))
		time.Sleep(time.Second)
		ck.want("answered answer", "accepted ok hold", "offered hold")
		dk.want("established", "offered hold", "refused 488")
		caller.Hangup(0, "")
		time.Sleep(time.Second)
		ck.want("answered answer", "accepted ok hold", "offered hold", "ended")
	})
}

// Offers made while one is under way wait, and only the last of them is sent.
func TestOffersWaitForEachOther(t *testing.T) {
	world(t, func(w *wire) {
		a, b := w.node("A", addrA, nil), w.node("B", addrB, nil)
		caller, ck := a.dial(addrB, "offer", nil)
		caller.Offer([]byte("zero")) // before the answer
		callee, dk := b.taken()
		dk.react(func(ev Event) {
			if o, ok := ev.(Offered); ok {
				o.Reply(200, append([]byte("ok "), o.SDP...))
			}
		})
		callee.Answer([]byte("answer"))
		time.Sleep(time.Second)
		for _, o := range []string{"one", "two", "three"} {
			caller.Offer([]byte(o))
		}
		time.Sleep(time.Second)
		ck.want("answered answer", "accepted ok zero", "accepted ok one", "accepted ok three")
		callee.Hangup(0, "")
		time.Sleep(time.Second)
	})
}

func TestInfoBothWays(t *testing.T) {
	world(t, func(w *wire) {
		a, b := w.node("A", addrA, nil), w.node("B", addrB, nil)
		caller, ck := a.dial(addrB, "offer", nil)
		callee, dk := b.taken()
		callee.Answer([]byte("answer"))
		time.Sleep(time.Second)
		caller.Info("application/dtmf-relay", []byte("Signal=1"))
		callee.Info("application/dtmf", []byte("5"))
		time.Sleep(time.Second)
		ck.want("answered answer", "info 5")
		dk.want("established", "info Signal=1")
		a.ss.HangupAll(16, "shutdown")
		time.Sleep(time.Second)
		if !strings.HasSuffix(w.ladder(), "A>B BYE\nB>A 200 BYE") {
			t.Errorf("ladder:\n%s", w.ladder())
		}
	})
}

// The names that a caller chose cannot add headers or end a quotation.
func TestDialEscapesWhatPeopleChose(t *testing.T) {
	world(t, func(w *wire) {
		a, p := w.node("A", addrA, nil), w.script("P", addrB)
		s, _ := a.dial(addrB, "offer", func(d *Dialling) {
			d.FromHeader.DisplayName = "Eve\" <sip:x@y>\r\nX-Evil: 1"
			d.FromHeader.Address.User = "10 01@\r\nX-Evil: 1"
			d.To.User = "1002>\r\nX-Evil: 1"
		})
		m := p.request("INVITE")
		if h := m.GetHeader("X-Evil"); h != nil {
			t.Errorf("a header was added: %s", h)
		}
		if m.Recipient.Host != addrB.Addr().String() {
			t.Errorf("request URI %s", m.Recipient.String())
		}
		p.reply(m, 486, "x", "")
		p.request("ACK")
		_ = s
		time.Sleep(time.Second)
	})
}
