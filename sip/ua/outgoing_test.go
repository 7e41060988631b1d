package ua

import (
	"context"
	"fmt"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emiago/sipgo/sip"

	"hotline/call"
	"hotline/internal/testkit"
	"hotline/ivr"
	"hotline/media/codec"
	"hotline/sip/dialog"
	"hotline/sip/transport"
	"hotline/sip/trunk"
)

// dial calls somebody from the node.
func (r *rig) dial(kind ivr.TargetKind, value string) (*Leg, *witness) {
	w := newWitness()
	return r.ua.Dial("leg2", Dialling{Target: ivr.Target{Kind: kind, Value: value}, From: "01066551234"}, w.hear), w
}

// answers rings and answers.
func answers(talk *testkit.Talk) {
	talk.Ring()
	talk.Answer()
}

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

// reject refuses each INVITE with a code.
func reject(code int) func(*dialog.Session) {
	return func(s *dialog.Session) {
		s.SetSink(func(dialog.Event) {})
		s.Reject(code, "")
	}
}

func TestFirstDeviceToAnswerWinsAndTheOthersStop(t *testing.T) {
	r := newRig(t, 0)
	stopped := make(chan *testkit.Talk, 2)
	var ringing sync.WaitGroup
	ringing.Add(2)
	for _, at := range []netip.Addr{phoneAddr, otherAddr} {
		r.registered("1001", at, func(talk *testkit.Talk) {
			talk.Ring()
			ringing.Done()
			ctx, stop := context.WithTimeout(context.Background(), patience)
			defer stop()
			if _, over := talk.Wait(ctx, "ended"); over {
				stopped <- talk
			}
		})
	}
	winner := make(chan *testkit.Talk, 1)
	r.registered("1001", secondAddr, func(talk *testkit.Talk) {
		ringing.Wait() // all three ring together
		answers(talk)
		winner <- talk
	})
	l, w := r.dial(ivr.ToPhone, "1001")
	await[call.LegAnswered](t, w, nil)
	for range 2 {
		select {
		case <-stopped:
		case <-time.After(patience):
			t.Fatal("a device rings on")
		}
	}
	if n := has[call.LegRinging](w); n != 1 {
		t.Errorf("got %d times ringing, want 1", n)
	}
	(<-winner).Hangup()
	e := await[call.LegEnded](t, w, nil)
	if !e.ByPeer || e.Cause != call.Normal || len(e.Dialogs) != 3 {
		t.Errorf("got %+v, want a normal end by the peer with three Call-IDs", e)
	}
	if l.Codec() == codec.None {
		t.Error("no codec")
	}
	r.idle()
}

// TestWhatSeveralDevicesSayBecomesOneWord: what each says, and the one end of the leg.
func TestWhatSeveralDevicesSayBecomesOneWord(t *testing.T) {
	for _, c := range []struct {
		says []int // 0: silent
		want call.Cause
		sip  int
	}{
		{[]int{486}, call.Busy, 486},
		{[]int{480, 486}, call.Busy, 486},
		{[]int{486, 0}, call.Busy, 486}, // a phone that is switched off does not keep the caller ringing
		{[]int{480, 0}, call.NotRegistered, 480},
		{[]int{603, 0}, call.Declined, 603}, // a person's no for all devices
		{[]int{404, 480}, call.NotFound, 404},
		{[]int{503}, call.Unavailable, 503},
		{[]int{0}, call.NotRegistered, 480}, // known at once: its port is closed
	} {
		t.Run(fmt.Sprint(c.says), func(t *testing.T) {
			t.Parallel()
			r := newRig(t, 0)
			for i, code := range c.says {
				talk := func(talk *testkit.Talk) { talk.Reject(code) }
				if code != 0 {
					r.registered("1001", []netip.Addr{phoneAddr, otherAddr}[i], talk)
					continue
				}
				r.deadPhone("1001")
			}
			_, w := r.dial(ivr.ToPhone, "1001")
			if e := await[call.LegEnded](t, w, nil); e.Cause != c.want || e.SIP != c.sip || e.Leg != "leg2" {
				t.Errorf("got %+v, want %s %d", e, c.want, c.sip)
			}
			r.idle()
		})
	}
}

// TestSilentDeviceIsNotWaitedFor: SIP itself would wait a minute for the phone that is switched off. What its own CANCEL
// brings (487) is not taken for an answer of its owner.
func TestSilentDeviceIsNotWaitedFor(t *testing.T) {
	for code, want := range map[int]call.Cause{486: call.Busy, 480: call.NotRegistered} {
		t.Run(fmt.Sprint(code), func(t *testing.T) {
			t.Parallel()
			r := newPacedRig(t, time.Second, 0)
			r.registered("1001", phoneAddr, func(talk *testkit.Talk) { talk.Reject(code) })
			r.deadPhone("1001")
			_, w := r.dial(ivr.ToPhone, "1001")
			if e := await[call.LegEnded](t, w, nil); e.Cause != want || e.SIP != code {
				t.Errorf("got %+v, want %s", e, want)
			}
		})
	}
}

func TestNoOfAPersonStopsTheDevicesThatRing(t *testing.T) {
	r := newRig(t, 0)
	rings := make(chan struct{})
	r.registered("1001", otherAddr, func(talk *testkit.Talk) { talk.Ring(); close(rings) })
	r.registered("1001", phoneAddr, func(talk *testkit.Talk) { <-rings; talk.Reject(603) })
	_, w := r.dial(ivr.ToPhone, "1001")
	if e := await[call.LegEnded](t, w, nil); e.Cause != call.Declined || e.SIP != 603 {
		t.Errorf("got %+v, want declined", e)
	}
	r.idle()
}

// deadPhone registers a phone and switches it off.
func (r *rig) deadPhone(user string) {
	r.t.Helper()
	p := must(testkit.Open(testkit.Config{Bind: netip.AddrPortFrom(secondAddr, 0), Server: r.at, User: user, Password: everyone[user]}))(r.t)
	ctx, stop := context.WithTimeout(context.Background(), patience)
	defer stop()
	running, off := context.WithCancel(ctx)
	done := make(chan struct{})
	go func() { defer close(done); _ = p.Run(running) }()
	if err := p.Register(ctx, time.Hour); err != nil {
		r.t.Fatal(err)
	}
	off()
	<-done
}

func TestWhereNobodyCanBeRung(t *testing.T) {
	r := newRig(t, 0)
	r.useTrunks(carrier())
	for _, c := range []struct {
		kind  ivr.TargetKind
		value string
		want  call.Cause
	}{
		{ivr.ToPhone, "1003", call.NotRegistered}, {ivr.ToPhone, "nobody", call.NotFound},
		{ivr.ToNumber, "13800138000", call.Unavailable}, // no trunk has a target
		{ivr.ToURI, "nonsense", call.NotFound}, {ivr.ToURI, "sip:a@name.example", call.NotFound}, {"", "x", call.NotFound},
	} {
		l, w := r.dial(c.kind, c.value)
		if e := await[call.LegEnded](t, w, nil); e.Cause != c.want || e.SIP != c.want.SIP() || e.Quality != nil {
			t.Errorf("%s %s: got %+v, want %s", c.kind, c.value, e, c.want)
		}
		if l.Stream() != nil {
			t.Errorf("%s %s: sound was opened", c.kind, c.value)
		}
		l.Hangup(call.Normal, 0) // a leg that is gone
	}
	r.idle()
}

func TestSIPAddressIsDialledDirectly(t *testing.T) {
	r := newRig(t, 0)
	rung := make(chan string, 1)
	b := r.bare(carrierAddr, func(s *dialog.Session) {
		rung <- s.Request.Recipient.User + " from " + s.Request.From().Address.User
		reject(486)(s)
	})
	_, w := r.dial(ivr.ToURI, "sip:desk@"+b.at.String())
	await(t, w, func(e call.LegEnded) bool { return e.Cause == call.Busy })
	if got := <-rung; got != "desk from +861066551234" {
		t.Errorf("got %s", got)
	}
}

func TestEarlySoundThenAnAnswerWithoutSDP(t *testing.T) {
	r := newRig(t, 0)
	b := r.bare(carrierAddr, func(s *dialog.Session) {
		s.SetSink(func(dialog.Event) {})
		s.Progress(183, offerOf("", "0"))
		s.Ring()
		s.Answer([]byte{})
	})
	r.useTrunks(out(b))
	l, w := r.dial(ivr.ToNumber, "13800138000")
	await[call.LegAnswered](t, w, nil)
	got := names(w.all())
	if want := "leg ringing leg2,leg early leg2,leg answered leg2"; strings.Join(got, ",") != want {
		t.Errorf("got %v, want %s", got, want)
	}
	if l.Codec() != codec.PCMU {
		t.Errorf("got %v, want the codec of the 183", l.Codec())
	}
	l.Hangup(call.Normal, 0)
	await[call.LegEnded](t, w, nil)
	r.idle()
}

func TestAnswerThatCannotBeUsedEndsTheLeg(t *testing.T) {
	r := newRig(t, 0)
	for _, body := range []string{string(offerOf("", "18")), "nonsense"} {
		ended := make(chan struct{})
		b := r.bare(carrierAddr, func(s *dialog.Session) {
			s.SetSink(func(ev dialog.Event) {
				if _, over := ev.(dialog.Ended); over {
					close(ended)
				}
			})
			s.Answer([]byte(body))
		})
		r.useTrunks(out(b))
		_, w := r.dial(ivr.ToNumber, "13800138000")
		if e := await[call.LegEnded](t, w, nil); e.Cause != call.NotAcceptable || has[call.LegAnswered](w) != 0 {
			t.Errorf("got %v", names(w.all()))
		}
		select {
		case <-ended:
		case <-time.After(patience):
			t.Error("the other side was not told")
		}
	}
	r.idle()
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
			good := r.bare(secondAddr, func(s *dialog.Session) {
				s.SetSink(func(dialog.Event) {})
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
	first := make(chan *dialog.Session, 1)
	a := r.bare(carrierAddr, func(s *dialog.Session) {
		s.SetSink(func(dialog.Event) {})
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
	b := r.bare(carrierAddr, func(s *dialog.Session) { s.SetSink(func(dialog.Event) {}); s.Ring() })
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
	b := r.bare(carrierAddr, func(s *dialog.Session) {
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
		b := r.bare(carrierAddr, func(s *dialog.Session) {
			s.SetSink(func(dialog.Event) {})
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

func TestMediaFullRefusesTheLeg(t *testing.T) {
	r := newRig(t, 0)
	var all []interface{ Hangup(call.Cause, int) }
	b := r.bare(carrierAddr, func(s *dialog.Session) { s.SetSink(func(dialog.Event) {}); s.Ring() })
	r.useTrunks(out(b))
	for range 600 { // the range has room for 500
		l, w := r.dial(ivr.ToNumber, "13800138000")
		all = append(all, l)
		if l.Stream() == nil {
			if e := await[call.LegEnded](t, w, nil); e.Cause != call.Unavailable {
				t.Errorf("got %+v, want unavailable", e)
			}
			break
		}
	}
	if len(all) == 600 {
		t.Error("never full")
	}
	for _, l := range all {
		l.Hangup(call.Cancelled, 0)
	}
	r.idle()
}

func TestPhoneThatAnswersAfterTheHangUpIsStopped(t *testing.T) {
	r := newRig(t, 0)
	seen := make(chan *dialog.Session, 1)
	ended := make(chan struct{})
	b := r.bare(carrierAddr, func(s *dialog.Session) {
		s.SetSink(func(ev dialog.Event) {
			if _, over := ev.(dialog.Ended); over {
				close(ended)
			}
		})
		seen <- s
	})
	r.useTrunks(out(b))
	l, w := r.dial(ivr.ToNumber, "13800138000")
	s := <-seen
	l.Hangup(call.Cancelled, 0)
	await[call.LegEnded](t, w, nil)
	s.Answer(offerOf("", "8")) // crosses the CANCEL, which waits for a provisional
	select {
	case <-ended:
	case <-time.After(patience):
		t.Fatal("the phone was not stopped")
	}
	if has[call.LegAnswered](w) != 0 {
		t.Error("answered after its end")
	}
	r.idle()
}

// Behind one INVITE several may answer early: the newest with sound is heard, and it may change it; of several devices the first keeps the ear.
func TestNewestEarlySoundOfAForkIsHeard(t *testing.T) {
	r := newRig(t, 0)
	silent := func(s *dialog.Session) { s.SetSink(func(dialog.Event) {}) }
	r.useTrunks(out(r.bare(carrierAddr, silent)))
	l, w := r.dial(ivr.ToNumber, "13800138000")
	other := &fork{session: &dialog.Session{CallID: "other"}}
	codecAfter := func(f func() *fork, ev dialog.Event) codec.Kind {
		got := make(chan codec.Kind)
		l.onLane(func() {
			l.onFork(f(), ev)
			got <- l.chosen.Codec
		})
		return <-got
	}
	mine := func() *fork { return l.forks[0] }
	var replied []int
	offered := dialog.Offered{SDP: offerOf("", "8"), Reply: func(code int, _ []byte) { replied = append(replied, code) }}
	for _, step := range []struct {
		from func() *fork
		ev   dialog.Event
		want codec.Kind
	}{
		{mine, dialog.Early{Code: 183, SDP: offerOf("", "8")}, codec.PCMA},
		{mine, dialog.Early{Code: 183, SDP: offerOf("", "0")}, codec.PCMU},
		{func() *fork { return other }, dialog.Early{Code: 183, SDP: offerOf("", "8")}, codec.PCMU},
		{func() *fork { return other }, offered, codec.PCMU},
		{mine, offered, codec.PCMA},
		{mine, dialog.AnsweredBy{}, codec.PCMA}, // nothing newer was said
	} {
		if got := codecAfter(step.from, step.ev); got != step.want {
			t.Errorf("after %+v: codec %v, want %v", step.ev, got, step.want)
		}
	}
	if fmt.Sprint(replied) != "[488 200]" {
		t.Errorf("offers were answered %v", replied)
	}
	await[call.LegAnswered](t, w, nil)
	if n := has[call.LegEarly](w); n != 1 {
		t.Errorf("early sound was told %d times", n)
	}
	l.Hangup(call.Normal, 0)
	await[call.LegEnded](t, w, nil)
	r.idle()
}

// A phone's 302 is told with the numbers that it names; its other devices stop. A carrier's is a refusal like any other.
func TestRedirections(t *testing.T) {
	r := newRig(t, 0)
	moved := func(s *dialog.Session) {
		s.SetSink(func(dialog.Event) {})
		s.Reject(302, "", sip.NewHeader("Contact", "<sip:1003@192.0.2.1>;q=0.5"), sip.NewHeader("Contact", "<sip:02088887777@192.0.2.1>"))
	}
	stopped := make(chan struct{})
	b := r.bare(otherAddr, moved)
	b.registers("1002")
	other := r.bare(phoneAddr, func(s *dialog.Session) {
		s.SetSink(func(ev dialog.Event) {
			if _, over := ev.(dialog.Ended); over {
				close(stopped)
			}
		})
		s.Ring()
	})
	other.registers("1002")
	_, w := r.dial(ivr.ToPhone, "1002")
	e := await[call.LegEnded](t, w, nil)
	if e.SIP != 302 || strings.Join(e.Redirect, " ") != "02088887777 1003" {
		t.Errorf("got %+v", e)
	}
	<-stopped
	r.useTrunks(out(r.bare(carrierAddr, moved)))
	_, w = r.dial(ivr.ToNumber, "13800138000")
	if e := await[call.LegEnded](t, w, nil); len(e.Redirect) != 0 || e.SIP != 302 {
		t.Errorf("a carrier's: got %+v", e)
	}
	r.idle()
}

// A trunk that says so is followed to its other target, by the carrier's number, with the trunk's password and place; never anywhere else.
func TestRedirectionOfATrunkIsFollowed(t *testing.T) {
	r := newRig(t, 0)
	b := r.bare(secondAddr, accepts)
	there := b.at.String()
	a := r.bare(carrierAddr, func(s *dialog.Session) {
		s.SetSink(func(dialog.Event) {})
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
