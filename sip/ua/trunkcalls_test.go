package ua

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"

	"github.com/emiago/sipgo/sip"

	"hotline/call"
	"hotline/ivr"
	"hotline/sip/session"
	"hotline/sip/transport"
	"hotline/sip/trunk"
)

// out is a trunk whose targets are the given peers, in this order.
func out(peers ...*bare) trunk.Trunk {
	t := trunk.Trunk{ID: "out"}
	for i, p := range peers {
		t.Targets = append(t.Targets, trunk.Target{Network: "udp", Addr: p.at, Priority: i})
	}
	return t
}

func (r *rig) useTrunks(trunks ...trunk.Trunk) {
	r.t.Helper()
	if err := r.trunks.Replace(trunks); err != nil {
		r.t.Fatal(err)
	}
}

// TestTrunkFailsOver: what the first target says, and whether the second is tried.
func TestTrunkFailsOver(t *testing.T) {
	for _, c := range []struct {
		first int // 0: silent
		next  bool
		want  call.Cause
	}{
		{503, true, ""}, {500, true, ""}, {0, true, ""}, {486, false, call.Busy}, {404, false, call.NotFound}, {603, false, call.Declined},
	} {
		t.Run(fmt.Sprint(c.first), func(t *testing.T) {
			r := newRig(t, 0)
			bad := r.bare(carrierAddr, reject(c.first))
			at := bad.at
			good := r.bare(secondAddr, func(s *session.Session) {
				s.SetSink(func(session.Event) {})
				s.Answer(offerOf("", "8"))
			})
			tr := out(bad, good)
			if c.first == 0 { // an address where nobody is
				tr.Targets[0].Addr = netip.AddrPortFrom(at.Addr(), 9)
			}
			r.useTrunks(tr)
			l, w := r.dial(ivr.ToNumber, "13800138000")
			if c.next {
				await[call.LegAnswered](t, w, nil)
				l.Hangup(call.Normal, 0)
				if e := await[call.LegEnded](t, w, nil); e.Cause != call.Normal || len(e.Dialogs) != 2 {
					t.Errorf("got %+v, want a normal end with both Call-IDs", e)
				}
			} else if e := await[call.LegEnded](t, w, nil); e.Cause != c.want {
				t.Errorf("got %+v, want %s", e, c.want)
			}
			if got := good.invitesSeen() == 1; got != c.next {
				t.Errorf("second target tried: %v, want %v", got, c.next)
			}
			r.idle()
		})
	}
}

func TestTrunkIsLeftWhenTheCallerGoesBetweenTwoTargets(t *testing.T) {
	r := newRig(t, 0)
	first := make(chan *session.Session, 1)
	a := r.bare(carrierAddr, func(s *session.Session) {
		s.SetSink(func(session.Event) {})
		s.Ring()
		first <- s
	})
	b := r.bare(secondAddr, reject(486))
	r.useTrunks(out(a, b))
	l, w := r.dial(ivr.ToNumber, "13800138000")
	await[call.LegRinging](t, w, nil)
	l.Hangup(call.Cancelled, 0)
	(<-first).Reject(503, "")
	if e := await[call.LegEnded](t, w, nil); e.Cause != call.Cancelled {
		t.Errorf("got %+v, want cancelled", e)
	}
	r.idle()
	if n := b.invitesSeen(); n != 0 {
		t.Errorf("the second target was tried %d times for a caller who left", n)
	}
}

func TestFullTrunkTakesNoCall(t *testing.T) {
	r := newRig(t, 0)
	b := r.bare(carrierAddr, func(s *session.Session) { s.SetSink(func(session.Event) {}); s.Ring() })
	tr := out(b)
	tr.MaxCalls = 1
	r.useTrunks(tr)
	l, w := r.dial(ivr.ToNumber, "13800138000")
	await[call.LegRinging](t, w, nil)
	_, full := r.dial(ivr.ToNumber, "13800138000")
	if e := await[call.LegEnded](t, full, nil); e.Cause != call.Unavailable || e.SIP != 503 {
		t.Errorf("got %+v, want unavailable", e)
	}
	l.Hangup(call.Cancelled, 0)
	await[call.LegEnded](t, w, nil)
	r.idle()
	_, again := r.dial(ivr.ToNumber, "13800138000")
	await[call.LegRinging](t, again, nil)
}

func TestNumbersShownAndDialled(t *testing.T) {
	r := newRig(t, 0)
	seen := make(chan *sip.Request, 4)
	b := r.bare(carrierAddr, func(s *session.Session) {
		seen <- s.Request
		reject(486)(s)
	})
	for _, c := range []struct {
		change      func(*trunk.Trunk)
		from, to    string
		shown, user string
	}{
		{func(*trunk.Trunk) {}, "01066551234", "13800138000", "01066551234", "13800138000"},
		{func(t *trunk.Trunk) { t.CallerID = "4008001234" }, "", "13800138000", "4008001234", "13800138000"},
		{func(*trunk.Trunk) {}, "", "10086", "anonymous", "10086"},
		{func(t *trunk.Trunk) { t.CallerOut = []trunk.Rule{{Prefix: "0", Strip: 1, Add: "+86"}} }, "01066551234", "10086", "+861066551234", "10086"},
		{func(t *trunk.Trunk) { t.CalledOut = []trunk.Rule{{Prefix: "1", Add: "0"}} }, "1", "13800138000", "1", "013800138000"},
	} {
		tr := out(b)
		c.change(&tr)
		r.useTrunks(tr)
		w := newWitness()
		r.ua.Dial("leg2", Dialling{Target: ivr.Target{Kind: ivr.ToNumber, Value: c.to}, From: c.from}, w.hear)
		await[call.LegEnded](t, w, nil)
		req := <-seen
		if from := req.From().Address.User; from != c.shown || req.Recipient.User != c.user {
			t.Errorf("%s to %s: got %s to %s, want %s to %s", c.from, c.to, from, req.Recipient.User, c.shown, c.user)
		}
	}
}

// TestTrunkThatAsksForAPassword: the credentials are the trunk's, and a wrong one ends the leg.
func TestTrunkThatAsksForAPassword(t *testing.T) {
	for password, want := range map[string]call.Cause{"pw1001": call.Busy, "wrong": call.Forbidden} {
		r := newRig(t, 0)
		check := r.reg
		b := r.bare(carrierAddr, func(s *session.Session) {
			s.SetSink(func(session.Event) {})
			if _, challenge, ok := check.AuthenticateFrom(s.Request, transport.Peer{Addr: netip.AddrPortFrom(otherAddr, 5060)}, true); !ok {
				if challenge == nil {
					s.Reject(403, "")
					return
				}
				s.Challenge(challenge)
				return
			}
			s.Reject(486, "")
		})
		tr := out(b)
		tr.User, tr.Password = "1001", trunk.Secret(password)
		r.useTrunks(tr)
		_, w := r.dial(ivr.ToNumber, "13800138000")
		if e := await[call.LegEnded](t, w, nil); e.Cause != want {
			t.Errorf("%s: got %+v, want %s", password, e, want)
		}
		r.idle()
	}
}

// A trunk that says so is followed to its other target, by the carrier's number, with the trunk's password and place; never anywhere else.
func TestRedirectionOfATrunkIsFollowed(t *testing.T) {
	r := newRig(t, 0)
	b := r.bare(secondAddr, accepts)
	there := b.at.String()
	a := r.bare(carrierAddr, func(s *session.Session) {
		s.SetSink(func(session.Event) {})
		s.Reject(302, "", sip.NewHeader("Contact", "<sip:thief@192.0.2.1>;q=1"), sip.NewHeader("Contact", "<sip:13900139000@"+there+">;q=0.5"))
	})
	tr := out(a, b)
	for _, follow := range []bool{false, true} {
		tr.Follow = follow
		r.useTrunks(tr)
		l, w := r.dial(ivr.ToNumber, "13800138000")
		if !follow {
			if e := await[call.LegEnded](t, w, nil); e.SIP != 302 {
				t.Errorf("got %+v, want a refusal", e)
			}
			continue
		}
		await[call.LegAnswered](t, w, nil)
		if invite := b.received("INVITE"); !strings.HasPrefix(invite, "INVITE sip:13900139000@"+there+" SIP/2.0\r\n") {
			t.Errorf("got %s", invite)
		}
		if n := r.trunks.Snapshot()[0].Calls; n != 1 {
			t.Errorf("the trunk counts %d calls", n)
		}
		l.Hangup(call.Normal, 0)
		await[call.LegEnded](t, w, nil)
		if n := a.invitesSeen(); n != 2 {
			t.Errorf("the first target was asked %d times", n)
		}
	}
	r.idle()
}
