package ua

import (
	"bytes"
	"context"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"hotline/call"
	"hotline/internal/testkit"
	"hotline/ivr"
	"hotline/media/sdp"
	"hotline/media/tone"
	"hotline/sip/session"
	"hotline/sip/transaction"
	"hotline/sip/transport"
	"hotline/sip/trunk"
)

// papers are the messages that a phone saw.
type papers struct {
	mu  sync.Mutex
	all []string
}

func (p *papers) observe(o transaction.Observation) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.all = append(p.all, string(o.Raw))
}

// with are the messages that begin so and hold that.
func (p *papers) with(start, text string) int {
	p.mu.Lock()
	defer p.mu.Unlock()
	n := 0
	for _, raw := range p.all {
		if strings.HasPrefix(raw, start) && strings.Contains(raw, text) {
			n++
		}
	}
	return n
}

func always(s sdp.Security, inClear bool) SRTP {
	return SRTP{Policy: func(string, string) sdp.Security { return s }, InClear: inClear}
}

// TestWhoMayCallHow: a phone that wants something calls a node that wants something.
func TestWhoMayCallHow(t *testing.T) {
	const off, optional, required = sdp.SecurityOff, sdp.SecurityOptional, sdp.SecurityRequired
	for _, row := range []struct {
		phone, node sdp.Security
		inClear     bool
		code        int
		srtp        bool
	}{
		{off, off, true, 200, false}, {off, optional, true, 200, false}, {off, required, true, 488, false},
		{optional, off, true, 200, false}, {optional, optional, true, 200, true}, {optional, required, true, 200, true},
		{required, off, true, 488, false}, {required, optional, true, 200, true}, {required, required, true, 200, true},
		// The test's phones speak SIP by UDP: without leave the keys of the node do not travel.
		{off, optional, false, 200, false}, {optional, optional, false, 200, false}, {required, optional, false, 488, false},
		{off, required, false, 488, false}, {optional, required, false, 488, false}, {required, required, false, 488, false},
	} {
		r := newKeyedRig(t, always(row.node, row.inClear), 1, t1, 0)
		seen := &papers{}
		talk := must(r.phone(testkit.Config{User: "1001", Password: "pw1001", SRTP: row.phone, Observe: seen.observe}).Call("1002", ""))(t)
		if row.code != 200 {
			until(t, talk, "ended")
			if talk.Code() != row.code {
				t.Errorf("%v to %v: %d, want %d", row.phone, row.node, talk.Code(), row.code)
			}
			r.idle()
			continue
		}
		a, w := r.arrival()
		a.Leg.Answer()
		until(t, talk, "answered")
		talk.Hangup()
		e := await[call.LegEnded](t, w, nil)
		if got := e.Quality != nil && e.Quality.SRTP != ""; got != row.srtp || (seen.with("SIP/2.0 200", "a=crypto") > 0) != row.srtp {
			t.Errorf("%v to %v: quality %+v, want SRTP %v", row.phone, row.node, e.Quality, row.srtp)
		}
		r.idle()
	}
}

// TestSoundUnderKeys: both ways, through hold and back, with the keys of the start.
func TestSoundUnderKeys(t *testing.T) {
	r := newKeyedRig(t, always(sdp.SecurityRequired, true), 1, t1, 0)
	seen := &papers{}
	talk := must(r.phone(testkit.Config{User: "1001", Password: "pw1001", SRTP: sdp.SecurityRequired, Observe: seen.observe}).Call("1002", ""))(t)
	a, w := r.arrival()
	a.Leg.Answer()
	a.Leg.Stream().Echo(true)
	until(t, talk, "answered")
	talk.Play(tone.Make(1000, -12, time.Second), true)
	hearsAlone(t, talk, 1000, 0)
	talk.Hold(true)
	await(t, w, func(e call.LegHeld) bool { return e.On })
	talk.Hold(false)
	await(t, w, func(e call.LegHeld) bool { return !e.On })
	hearsAlone(t, talk, 1000, len(talk.Heard()))
	talk.Hangup()
	e := await[call.LegEnded](t, w, nil)
	if e.Quality == nil || e.Quality.SRTP != "AEAD_AES_128_GCM" || e.Quality.Lost > 2 {
		t.Errorf("quality %+v, want GCM and nothing lost", e.Quality)
	}
	keys := map[string]bool{}
	seen.mu.Lock()
	for _, raw := range seen.all {
		if i := strings.Index(raw, "inline:"); i >= 0 && strings.HasPrefix(raw, "SIP/2.0 200") {
			keys[raw[i:strings.IndexByte(raw[i:], '\r')+i]] = true
		}
	}
	seen.mu.Unlock()
	if len(keys) != 1 {
		t.Errorf("the node answered with %d keys, want the same one each time", len(keys))
	}
	r.idle()
}

// TestWhatIsOfferedToWhom: phones and trunks by their own policy; keys only where they may travel.
func TestWhatIsOfferedToWhom(t *testing.T) {
	r := newRig(t, 0)
	offers := make(chan []byte, 8)
	busy := func(s *session.Session) {
		offers <- bytes.Clone(s.Request.Body())
		reject(486)(s)
	}
	b, stranger := r.bare(carrierAddr, busy), r.bare(secondAddr, busy)
	secret, open := out(b), out(b)
	secret.ID, open.ID = "secret", "open"
	r.useTrunks(secret, open)
	policy := func(trunk, phone string) sdp.Security {
		if trunk == "secret" {
			return sdp.SecurityRequired
		}
		if trunk == "" && phone == "" {
			return sdp.SecurityOff
		}
		return sdp.SecurityOptional
	}
	for _, row := range []struct {
		target          ivr.Target
		inClear, strict bool
		profile         string
		keys            int
	}{
		{ivr.Target{Kind: ivr.ToNumber, Value: "13800138000", Trunk: "secret"}, true, false, "RTP/SAVP ", 4},
		{ivr.Target{Kind: ivr.ToNumber, Value: "13800138000", Trunk: "secret"}, false, false, "RTP/SAVP ", 0},
		{ivr.Target{Kind: ivr.ToNumber, Value: "13800138000", Trunk: "open"}, true, false, "RTP/AVP ", 4},
		{ivr.Target{Kind: ivr.ToNumber, Value: "13800138000", Trunk: "open"}, true, true, "RTP/SAVP ", 4},
		{ivr.Target{Kind: ivr.ToNumber, Value: "13800138000", Trunk: "open"}, false, true, "RTP/AVP ", 0},
		{ivr.Target{Kind: ivr.ToURI, Value: "sip:x@" + stranger.at.String()}, true, false, "RTP/AVP ", 0},
	} {
		r.ua.SRTP = SRTP{Policy: policy, InClear: row.inClear, Strict: row.strict}
		w := newWitness()
		r.ua.Dial("leg2", Dialling{Target: row.target, From: "1"}, w.hear)
		await[call.LegEnded](t, w, nil)
		offer := string(<-offers)
		if !strings.Contains(offer, row.profile) || strings.Count(offer, "a=crypto") != row.keys {
			t.Errorf("%+v: got\n%s", row, offer)
		}
	}
	r.idle()
}

// hearsAlone waits until the latest half second of what came after a position is nothing but the tone. What is heard counts from the
// moment of the answer, not from the first packet, and a busy machine may take a second until that comes.
func hearsAlone(t *testing.T, talk *testkit.Talk, hz float64, after int) {
	t.Helper()
	const half = 4000
	best := tone.Floor
	limit := time.After(patience)
	for tick := time.NewTicker(50 * time.Millisecond); ; {
		if pcm := talk.Heard(); len(pcm) >= after+half {
			if best = max(best, tone.SNR(pcm[len(pcm)-half:], hz)); best >= 30 {
				tick.Stop()
				return
			}
		}
		select {
		case <-tick.C:
		case <-limit:
			t.Fatalf("the tone stood %.1f dB above the rest at best, want 30", best)
		}
	}
}

// TestPhoneIsCalledUnderKeys: our offer, its answer, sound, and an end that says which suite it was.
func TestPhoneIsCalledUnderKeys(t *testing.T) {
	r := newKeyedRig(t, always(sdp.SecurityOptional, true), 1, t1, 0)
	rung := make(chan *testkit.Talk, 1)
	p := r.phone(testkit.Config{User: "1001", Password: "pw1001", SRTP: sdp.SecurityOptional, Ring: func(talk *testkit.Talk) { answers(talk); rung <- talk }})
	ctx, stop := context.WithTimeout(context.Background(), patience)
	defer stop()
	if err := p.Register(ctx, time.Hour); err != nil {
		t.Fatal(err)
	}
	l, w := r.dial(ivr.ToPhone, "1001")
	await[call.LegAnswered](t, w, nil)
	l.Stream().Echo(true)
	talk := <-rung
	talk.Play(tone.Make(700, -12, time.Second), true)
	hearsAlone(t, talk, 700, 0)
	l.Hangup(call.Normal, 0)
	if e := await[call.LegEnded](t, w, nil); e.Quality == nil || e.Quality.SRTP != "AEAD_AES_128_GCM" {
		t.Errorf("quality %+v, want GCM", e.Quality)
	}
	r.idle()
}

// TestPeerChangesSuite: it returns to one that was used before, and gets another key of ours: none begins anew.
func TestPeerChangesSuite(t *testing.T) {
	l := &Leg{ua: &UA{}}
	l.ua.SRTP = always(sdp.SecurityOptional, true)
	l.secure(transport.Peer{Network: "udp"}, "", "")
	used := map[any]bool{}
	for _, i := range []int{0, 2, 2, 1, 3, 1, 0} {
		agreed := l.local.Keys[i]
		if i != 0 && used[agreed] {
			t.Errorf("key %d was used before", i)
		}
		used[agreed] = true
		l.settle(agreed)
		if l.local.Keys[0] != agreed || len(l.local.Keys) != 4 {
			t.Fatal("the agreed key is not the one that stays")
		}
	}
}

// TestReportsShareThePortByPolicy: a=rtcp-mux is offered and answered unless the node keeps reports apart.
func TestReportsShareThePortByPolicy(t *testing.T) {
	const asked = "a=rtcp-mux"
	for _, split := range []bool{false, true} {
		r := newRig(t, 0)
		r.ua.SplitRTCP = split
		offers := make(chan string, 1)
		b := r.bare(carrierAddr, func(s *session.Session) {
			offers <- string(s.Request.Body())
			reject(486)(s)
		})
		r.useTrunks(out(b), carrierAt(secondAddr))
		w := newWitness()
		r.ua.Dial("leg2", Dialling{Target: ivr.Target{Kind: ivr.ToNumber, Value: "13800138000", Trunk: "out"}, From: "1"}, w.hear)
		if e := await[call.LegEnded](t, w, nil); e.Cause != call.Busy {
			t.Fatalf("got %+v, want busy", e)
		}
		if offer := <-offers; strings.Contains(offer, asked) == split {
			t.Errorf("split %v: offered\n%s", split, offer)
		}
		c := r.bare(secondAddr, nil)
		for _, shares := range []bool{true, false} {
			offer := offerOf("", "8")
			if shares {
				offer = append(offer, asked+"\r\n"...)
			}
			s, got := c.dial("4001", "1", offer)
			a, w := r.arrival()
			a.Leg.Answer()
			answer := string(next[session.AnsweredBy](t, got).SDP)
			if strings.Contains(answer, asked) != (shares && !split) {
				t.Errorf("split %v, shares %v: answered\n%s", split, shares, answer)
			}
			s.Hangup(16, "")
			await[call.LegEnded](t, w, nil)
		}
		r.idle()
	}
}

// carrierAt is a trunk whose calls come from an address.
func carrierAt(addr netip.Addr) trunk.Trunk {
	return trunk.Trunk{ID: "in", Sources: []netip.Prefix{netip.PrefixFrom(addr, addr.BitLen())}}
}
