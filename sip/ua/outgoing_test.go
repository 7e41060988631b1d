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
	"hotline/sip/session"
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

// reject refuses each INVITE with a code.
func reject(code int) func(*session.Session) {
	return func(s *session.Session) {
		s.SetSink(func(session.Event) {})
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
	b := r.bare(carrierAddr, func(s *session.Session) {
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
	b := r.bare(carrierAddr, func(s *session.Session) {
		s.SetSink(func(session.Event) {})
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
		b := r.bare(carrierAddr, func(s *session.Session) {
			s.SetSink(func(ev session.Event) {
				if _, over := ev.(session.Ended); over {
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

func TestMediaFullRefusesTheLeg(t *testing.T) {
	r := newRig(t, 0)
	var all []interface{ Hangup(call.Cause, int) }
	b := r.bare(carrierAddr, func(s *session.Session) { s.SetSink(func(session.Event) {}); s.Ring() })
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
	seen := make(chan *session.Session, 1)
	ended := make(chan struct{})
	b := r.bare(carrierAddr, func(s *session.Session) {
		s.SetSink(func(ev session.Event) {
			if _, over := ev.(session.Ended); over {
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
	silent := func(s *session.Session) { s.SetSink(func(session.Event) {}) }
	r.useTrunks(out(r.bare(carrierAddr, silent)))
	l, w := r.dial(ivr.ToNumber, "13800138000")
	other := &fork{session: &session.Session{CallID: "other"}}
	codecAfter := func(f func() *fork, ev session.Event) codec.Kind {
		got := make(chan codec.Kind)
		l.onLane(func() {
			l.onFork(f(), ev)
			got <- l.chosen.Codec
		})
		return <-got
	}
	mine := func() *fork { return l.forks[0] }
	var replied []int
	offered := session.Offered{SDP: offerOf("", "8"), Reply: func(code int, _ []byte) { replied = append(replied, code) }}
	for _, step := range []struct {
		from func() *fork
		ev   session.Event
		want codec.Kind
	}{
		{mine, session.Early{Code: 183, SDP: offerOf("", "8")}, codec.PCMA},
		{mine, session.Early{Code: 183, SDP: offerOf("", "0")}, codec.PCMU},
		{func() *fork { return other }, session.Early{Code: 183, SDP: offerOf("", "8")}, codec.PCMU},
		{func() *fork { return other }, offered, codec.PCMU},
		{mine, offered, codec.PCMA},
		{mine, session.AnsweredBy{}, codec.PCMA}, // nothing newer was said
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
	moved := func(s *session.Session) {
		s.SetSink(func(session.Event) {})
		s.Reject(302, "", sip.NewHeader("Contact", "<sip:1003@192.0.2.1>;q=0.5"), sip.NewHeader("Contact", "<sip:02088887777@192.0.2.1>"))
	}
	stopped := make(chan struct{})
	b := r.bare(otherAddr, moved)
	b.registers("1002")
	other := r.bare(phoneAddr, func(s *session.Session) {
		s.SetSink(func(ev session.Event) {
			if _, over := ev.(session.Ended); over {
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
