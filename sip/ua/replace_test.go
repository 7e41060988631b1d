package ua

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/emiago/sipgo/sip"

	"hotline/call"
	"hotline/sip/dialog"
	"hotline/sip/session"
	"hotline/sip/trunk"
)

// tags names the dialog of a bare peer's session as that peer does in Replaces.
func tags(s *session.Session) string {
	name := make(chan dialog.Replaces, 1)
	s.Name(func(r dialog.Replaces) { name <- r })
	r := <-name
	return r.CallID + ";to-tag=" + r.FromTag + ";from-tag=" + r.ToTag
}

func TestAttendedTransferIsAskedOfTheCall(t *testing.T) {
	r := newRig(t, 0, carrier())
	b := r.bare(carrierAddr, nil)
	first, got1 := b.dial("4001", "01066551234", offerOf("", "8"))
	a, w := r.arrival()
	a.Leg.Of("c1")
	a.Leg.Answer()
	next[session.AnsweredBy](t, got1)
	second, got2 := b.dial("4002", "01066551234", offerOf("", "8"))
	c, w2 := r.arrival()
	c.Leg.Of("c2")

	refer := func(replaces string) *said {
		var heard said
		a.Leg.onLane(func() { a.Leg.onSession(heard.referred("1003", replaces)) })
		return &heard
	}
	h := refer(first.CallID + ";to-tag=x;from-tag=y")
	eventually(t, "no such dialog", func() bool { return h.has([]int{202}, []int{481}) })
	h = refer(tags(first))
	eventually(t, "the dialog of the REFER itself", func() bool { return h.has([]int{202}, []int{481}) })

	c.Leg.Ring()
	next[session.Rang](t, got2)
	h = refer(tags(second)) // it still rings: a blind transfer
	asked := await[call.TransferAsked](t, w, nil)
	if asked.To != "1003" {
		t.Errorf("got %+v", asked)
	}
	if e := await[call.LegEnded](t, w2, nil); e.Cause != call.Cancelled {
		t.Errorf("the consultation ended with %+v", e)
	}
	a.Leg.Transferred(180)
	a.Leg.Transferred(200)
	a.Leg.Transferred(486)
	eventually(t, "its progress", func() bool { return h.has([]int{202}, []int{180, 200}) })

	third, got3 := b.dial("4003", "01066551234", offerOf("", "8"))
	d, _ := r.arrival()
	d.Leg.Of("c3")
	d.Leg.Answer()
	next[session.AnsweredBy](t, got3)
	refer(tags(third))
	if asked := await[call.AttendedAsked](t, w, nil); asked != (call.AttendedAsked{Leg: call.CallerLeg, Call: "c3", With: call.CallerLeg}) {
		t.Errorf("got %+v", asked)
	}
	first.Hangup(0, "")
	third.Hangup(0, "")
	await[call.LegEnded](t, w, nil)
	r.idle()
}

func TestInviteWithReplaces(t *testing.T) {
	r := newRig(t, 0, carrier(), trunk.Trunk{ID: "second", Sources: []netip.Prefix{netip.PrefixFrom(secondAddr, 32)}})
	type taken struct {
		a   Arrival
		in  call.ID
		leg call.LegID
	}
	took := make(chan taken, 1)
	r.ua.Replace = func(a Arrival, in call.ID, leg call.LegID) {
		a.Leg.Hear("new", func(call.Event) {})
		took <- taken{a, in, leg}
	}
	b := r.bare(carrierAddr, nil)
	first, got := b.dial("4001", "01066551234", offerOf("", "8"))
	a, w := r.arrival()
	a.Leg.Of("c1")

	code := func(from *bare, replaces ...string) int {
		var headers []sip.Header
		for _, v := range replaces {
			headers = append(headers, sip.NewHeader("Replaces", v))
		}
		_, got := from.dial("4001", "01066551234", offerOf("", "8"), headers...)
		return next[session.Ended](t, got).Code
	}
	a.Leg.Ring()
	next[session.Rang](t, got)
	if got := code(b, tags(first)); got != 481 {
		t.Errorf("an early dialog that is not ours: got %d, want 481", got)
	}
	a.Leg.Answer()
	next[session.AnsweredBy](t, got)
	stranger := r.bare(secondAddr, nil)
	for _, c := range []struct {
		what string
		from *bare
		v    []string
		want int
	}{
		{"no such dialog", b, []string{"x;to-tag=1;from-tag=2"}, 481},
		{"unreadable", b, []string{"x"}, 400},
		{"two", b, []string{tags(first), tags(first)}, 400},
		{"early only", b, []string{tags(first) + ";early-only"}, 486},
		{"another trunk's", stranger, []string{tags(first)}, 403},
	} {
		if got := code(c.from, c.v...); got != c.want {
			t.Errorf("%s: got %d, want %d", c.what, got, c.want)
		}
	}
	second, got2 := b.dial("4001", "01066551234", offerOf("", "8"), sip.NewHeader("Replaces", tags(first)))
	n := <-took
	if n.in != "c1" || n.leg != call.CallerLeg || !n.a.Leg.Stream().Beside(a.Leg.Stream()) {
		t.Errorf("got %+v", n)
	}
	n.a.Leg.Answer()
	next[session.AnsweredBy](t, got2)
	second.Hangup(0, "")
	next[session.Ended](t, got2)
	first.Hangup(0, "")
	await[call.LegEnded](t, w, nil)
	if got := code(b, tags(first)); got != 603 {
		t.Errorf("one that is over: got %d, want 603", got)
	}
	r.idle()
}

// A leg that goes on in another call is known there by its new name, and its end is told there even where it was told before.
func TestLegMoves(t *testing.T) {
	r := newShardedRig(t, 2, t1, time.Hour, carrier())
	b := r.bare(carrierAddr, nil)
	up := func(number string) (*session.Session, heard, *Leg, *witness) {
		s, got := b.dial(number, "01066551234", offerOf("", "8"))
		a, w := r.arrival()
		a.Leg.Answer()
		next[session.AnsweredBy](t, got)
		return s, got, a.Leg, w
	}
	s, got, l, old := up("4001")
	s2, got2, near, _ := up("4002")
	if l.Stream().Beside(near.Stream()) {
		t.Fatal("both streams are on one shard: the test shows nothing")
	}
	was := l.Stream().Addr().Port()
	moved := newWitness()
	l.Move("leg7", near.Stream(), moved.hear)
	if !l.Stream().Beside(near.Stream()) {
		t.Error("the sound did not move")
	}
	offered := next[session.Offered](t, got)
	if port := l.Stream().Addr().Port(); port == was || !strings.Contains(string(offered.SDP), fmt.Sprintf("m=audio %d ", port)) {
		t.Errorf("moved from port %d to %d, offered\n%s", was, port, offered.SDP)
	}
	offered.Reply(200, offerOf("sendonly", "8"))
	if e := await[call.LegHeld](t, moved, nil); e.Leg != "leg7" || !e.On {
		t.Errorf("got %+v", e)
	}
	again := newWitness()
	l.Move("leg8", near.Stream(), again.hear) // beside each other by now: nothing to tell the peer
	if e := await[call.LegHeld](t, again, nil); e.Leg != "leg8" || !e.On {
		t.Errorf("got %+v", e)
	}
	s.Hangup(0, "")
	if e := await[call.LegEnded](t, again, nil); e.Leg != "leg8" || !e.ByPeer {
		t.Errorf("got %+v", e)
	}
	late := newWitness()
	l.Move("leg9", near.Stream(), late.hear)
	if e := await[call.LegEnded](t, late, nil); e.Leg != "leg9" || !e.ByPeer {
		t.Errorf("got %+v", e)
	}
	if n := has[call.LegEnded](old) + has[call.LegEnded](moved); n != 0 {
		t.Errorf("the end was told %d times under a name that the leg had before", n)
	}
	s2.Hangup(0, "")
	next[session.Ended](t, got2)
	r.idle()
}
