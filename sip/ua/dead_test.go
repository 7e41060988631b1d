package ua

import (
	"net"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/emiago/sipgo/sip"

	"hotline/call"
	"hotline/ivr"
	"hotline/sip/session"
	"hotline/sip/trunk"
	"hotline/toll"
)

// mute is a UDP socket that takes everything and says nothing by itself: no ICMP, no 100.
type mute struct {
	t    *testing.T
	conn *net.UDPConn
	at   netip.AddrPort
	got  chan string
	from netip.AddrPort // set before the first message is in got
}

func newMute(t *testing.T, at netip.Addr) *mute {
	t.Helper()
	m := &mute{t: t, conn: must(net.ListenUDP("udp4", net.UDPAddrFromAddrPort(netip.AddrPortFrom(at, 0))))(t), got: make(chan string, 256)}
	m.at = m.conn.LocalAddr().(*net.UDPAddr).AddrPort()
	t.Cleanup(func() { m.conn.Close() })
	go func() {
		b := make([]byte, 65536)
		for {
			n, from, err := m.conn.ReadFromUDPAddrPort(b)
			if err != nil {
				return
			}
			if !m.from.IsValid() {
				m.from = from
			}
			m.got <- string(b[:n])
		}
	}()
	return m
}

// await gives the next message of a method.
func (m *mute) await(method string) string {
	m.t.Helper()
	limit := time.After(patience)
	for {
		select {
		case s := <-m.got:
			if strings.HasPrefix(s, method+" ") {
				return s
			}
		case <-limit:
			m.t.Fatalf("no %s came", method)
		}
	}
}

// was tells whether a message that begins so came and was not awaited.
func (m *mute) was(begin string) bool {
	for {
		select {
		case s := <-m.got:
			if strings.HasPrefix(s, begin) {
				return true
			}
		default:
			return false
		}
	}
}

// accept answers an INVITE with 200.
func (m *mute) accept(invite string) {
	m.t.Helper()
	msg, err := sip.NewParser().ParseSIP([]byte(invite))
	if err != nil {
		m.t.Fatal(err)
	}
	res := sip.NewResponseFromRequest(msg.(*sip.Request), 200, "OK", offerOf("", "8"))
	res.To().Params.Add("tag", "late")
	res.AppendHeader(sip.NewHeader("Contact", "<sip:"+m.at.String()+">"))
	res.AppendHeader(sip.NewHeader("Content-Type", "application/sdp"))
	if _, err := m.conn.WriteToUDPAddrPort([]byte(res.String()), m.from); err != nil {
		m.t.Fatal(err)
	}
}

// within is a short answer_within that a living target keeps on a busy machine too.
const within = time.Second

// impatient is a trunk over targets that have to say something within that time.
func impatient(id string, targets ...netip.AddrPort) trunk.Trunk {
	t := trunk.Trunk{ID: id, AnswerWithin: within}
	for i, at := range targets {
		t.Targets = append(t.Targets, trunk.Target{Network: "udp", Addr: at, Priority: i})
	}
	return t
}

func accepts(s *session.Session) {
	s.SetSink(func(session.Event) {})
	s.Answer(offerOf("", "8"))
}

// TestSilentTargetIsLeftAndItsLateAnswerEnded: there are never two calls for one.
func TestSilentTargetIsLeftAndItsLateAnswerEnded(t *testing.T) {
	r := newPacedRig(t, 500*time.Millisecond, 0)
	dead := newMute(t, carrierAddr)
	good := r.bare(secondAddr, accepts)
	r.useTrunks(impatient("out", dead.at, good.at))
	begun := time.Now()
	l, w := r.dial(ivr.ToNumber, "13800138000")
	invite := dead.await("INVITE")
	await[call.LegAnswered](t, w, nil)
	if took := time.Since(begun); took < within || took > 15*time.Second {
		t.Errorf("the second target answered after %v", took)
	}
	dead.accept(invite)
	dead.await("ACK")
	dead.await("BYE")
	if has[call.LegEnded](w) != 0 {
		t.Errorf("the late answer ended the call: %v", names(w.all()))
	}
	l.Hangup(call.Normal, 0)
	await[call.LegEnded](t, w, nil)
	r.idle()
}

// TestLateRingingOfALeftTargetIsCancelled: what comes back to life while another rings gets CANCEL as soon as it may (RFC 3261 9.1).
func TestLateRingingOfALeftTargetIsCancelled(t *testing.T) {
	r := newPacedRig(t, 500*time.Millisecond, 0)
	dead := newMute(t, carrierAddr)
	good := r.bare(secondAddr, func(s *session.Session) {
		s.SetSink(func(session.Event) {})
		s.Ring()
	})
	r.useTrunks(impatient("out", dead.at, good.at))
	l, w := r.dial(ivr.ToNumber, "13800138000")
	invite := dead.await("INVITE")
	await[call.LegRinging](t, w, nil)
	msg, err := sip.NewParser().ParseSIP([]byte(invite))
	if err != nil {
		t.Fatal(err)
	}
	ringing := sip.NewResponseFromRequest(msg.(*sip.Request), 180, "Ringing", nil)
	if _, err := dead.conn.WriteToUDPAddrPort([]byte(ringing.String()), dead.from); err != nil {
		t.Fatal(err)
	}
	dead.await("CANCEL")
	l.Hangup(call.Cancelled, 0)
	await[call.LegEnded](t, w, nil)
	r.idle()
}

// TestOnlyTargetIsWaitedFor: with nothing else to try, a slow one is better than none.
func TestOnlyTargetIsWaitedFor(t *testing.T) {
	r := newPacedRig(t, 500*time.Millisecond, 0)
	slow := newMute(t, carrierAddr)
	tr := impatient("out", slow.at)
	tr.AnswerWithin = 200 * time.Millisecond
	r.useTrunks(tr)
	l, w := r.dial(ivr.ToNumber, "13800138000")
	slow.await("INVITE")
	invite := slow.await("INVITE") // the retransmission after 500 ms, longer than answer_within
	slow.accept(invite)
	await[call.LegAnswered](t, w, nil)
	l.Hangup(call.Normal, 0)
	slow.await("BYE")
}

func TestNextTrunkTakesOver(t *testing.T) {
	r := newPacedRig(t, 500*time.Millisecond, 0)
	dead := newMute(t, carrierAddr)
	good := r.bare(secondAddr, accepts)
	first, second := impatient("a", dead.at), impatient("b", good.at)
	second.CalledOut = []trunk.Rule{{Prefix: "1", Add: "0"}}
	r.useTrunks(first, second)
	for _, list := range []string{"a,b", ""} {
		w := newWitness()
		l := r.ua.Dial("leg2", Dialling{Target: ivr.Target{Kind: ivr.ToNumber, Value: "13800138000", Trunk: list}, From: "01066551234"}, w.hear)
		await[call.LegAnswered](t, w, nil)
		if invite := good.received("INVITE"); !strings.HasPrefix(invite, "INVITE sip:013800138000@") {
			t.Errorf("list %q: the number does not go by the rules of the second trunk: %.60s", list, invite)
		}
		for _, s := range r.trunks.Snapshot() {
			if want := map[string]int{"a": 0, "b": 1}[s.ID]; s.Calls != want {
				t.Errorf("trunk %s counts %d calls, want %d", s.ID, s.Calls, want)
			}
		}
		l.Hangup(call.Normal, 0)
		if e := await[call.LegEnded](t, w, nil); e.Trunk != "b" {
			t.Errorf("the end names trunk %q, not the one that took the call", e.Trunk)
		}
		r.idle()
	}
}

// TestSilentConnectionIsLeft: a TCP connection behind which nobody reads.
func TestSilentConnectionIsLeft(t *testing.T) {
	r := newPacedRig(t, 500*time.Millisecond, 0)
	good := r.bare(secondAddr, accepts)
	listener := must(net.Listen("tcp4", carrierAddr.String()+":0"))(t)
	defer listener.Close()
	tr := impatient("out", listener.Addr().(*net.TCPAddr).AddrPort(), good.at)
	tr.Targets[0].Network = "tcp"
	r.useTrunks(tr)
	l, w := r.dial(ivr.ToNumber, "13800138000")
	await[call.LegAnswered](t, w, nil)
	l.Hangup(call.Normal, 0)
	await[call.LegEnded](t, w, nil)
	r.idle()
}

func TestRetryAfterIsRespected(t *testing.T) {
	r := newPacedRig(t, 500*time.Millisecond, 0)
	busy := r.bare(carrierAddr, func(s *session.Session) {
		s.SetSink(func(session.Event) {})
		s.Reject(503, "", sip.NewHeader("Retry-After", "60 (overload)"))
	})
	good := r.bare(secondAddr, accepts)
	r.useTrunks(impatient("out", busy.at, good.at))
	for range 2 {
		l, w := r.dial(ivr.ToNumber, "13800138000")
		await[call.LegAnswered](t, w, nil)
		l.Hangup(call.Normal, 0)
		await[call.LegEnded](t, w, nil)
	}
	if n := busy.invitesSeen(); n != 1 {
		t.Errorf("the target that asked for a minute was asked %d times", n)
	}
	r.idle()
}

func TestBarredNumberMakesNoCall(t *testing.T) {
	r := newRig(t, 0)
	b := r.bare(carrierAddr, accepts)
	r.useTrunks(out(b))
	r.trunks.Guard(toll.Policy{PerPhone: toll.Limit{Calls: 1}})
	for _, d := range []Dialling{
		{Target: ivr.Target{Kind: ivr.ToNumber, Value: "0014155552671"}},
		{Target: ivr.Target{Kind: ivr.ToURI, Value: "sip:0014155552671@" + b.at.String()}}, // around the guard
	} {
		w := newWitness()
		r.ua.Dial("leg2", d, w.hear)
		if e := await[call.LegEnded](t, w, nil); e.Cause != call.Forbidden || e.SIP != 403 {
			t.Errorf("%+v: got %+v, want forbidden", d.Target, e)
		}
	}
	for i, want := range []call.Cause{call.Normal, call.Forbidden} {
		w := newWitness()
		l := r.ua.Dial("leg2", Dialling{Target: ivr.Target{Kind: ivr.ToNumber, Value: "13800138000"}, By: "1001"}, w.hear)
		if want == call.Normal {
			await[call.LegAnswered](t, w, nil)
			l.Hangup(call.Normal, 0)
		}
		if e := await[call.LegEnded](t, w, nil); e.Cause != want {
			t.Errorf("call %d of the phone: got %+v, want %s", i+1, e, want)
		}
	}
	if n := b.invitesSeen(); n != 1 {
		t.Errorf("%d calls went out, want 1", n)
	}
	r.idle()
}
