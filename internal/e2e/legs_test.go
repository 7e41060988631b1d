package e2e

import (
	"context"
	"testing"
	"time"

	"hotline/call"
	"hotline/internal/testkit"
	"hotline/media/tone"
)

// A leg that sends no sound is dropped, one that does stays.
func TestSilentLegIsDropped(t *testing.T) {
	t.Parallel()
	n := start(t, taped(), "silence: 20s", "silence: 3s")
	carrier := n.carrier()
	loud := carrier.dial(t, "6720", "13800138001")
	began := time.Now()
	mute, err := carrier.Call("6720", "13800138002")
	if err != nil {
		t.Fatal(err)
	}
	at := happens(t, mute, "answered", patience).At
	end := happens(t, mute, "ended", patience).At
	if got := end - at; got < 2500*time.Millisecond || got > 6*time.Second+run.stalls.within(began, time.Now()) {
		t.Errorf("a silent leg is dropped after %v; the setting is 3 s", got)
	}
	if r := n.record(mute); r.Cause != call.MediaLost || r.HungUp != "system" {
		t.Errorf("cause %q, hung up by %q", r.Cause, r.HungUp)
	}
	if _, over := carrier.wire.first(loud.Dialog(), false, "BYE "); over {
		t.Error("the leg that sends sound was dropped too")
	}
	loud.Hangup()
	if r := n.record(loud); r.Cause != call.Normal {
		t.Errorf("the other call ends with %q", r.Cause)
	}
}

// Phones refuse each other, and the caller is told why.
func TestBusyDeclinedNoAnswer(t *testing.T) {
	t.Parallel()
	n := start(t, taped())
	caller := n.desk("1005")
	callee := n.desk("1006")
	for _, c := range []struct {
		name, number string
		answer       func(*testkit.Talk)
		code         int
		cause        call.Cause
		q850         int
	}{
		{"busy", "1006", func(t *testkit.Talk) { t.Reject(486) }, 486, call.Busy, 17},
		{"declined", "1006", func(t *testkit.Talk) { t.Reject(603) }, 603, call.Declined, 21},
		{"no answer", "1006", func(*testkit.Talk) {}, 480, call.NoAnswer, 19},
		{"not registered", "1007", nil, 480, call.NotRegistered, 20},
		{"no such number", "1999", nil, 404, call.NotFound, 1},
	} {
		talk, err := caller.Call(c.number, "")
		if err != nil {
			t.Fatal(err)
		}
		if c.answer != nil {
			other := callee.next(t)
			happens(t, talk, "ringing", patience)
			c.answer(other)
			happens(t, other, "ended", patience)
		}
		happens(t, talk, "ended", patience)
		if talk.Code() != c.code {
			t.Errorf("%s: the caller gets %d, want %d", c.name, talk.Code(), c.code)
		}
		if c.cause == call.NotFound {
			continue // a number that does not exist makes no call
		}
		if r := n.record(talk); r.Cause != c.cause || r.Q850 != c.q850 || r.Direction != "internal" || r.Talked || len(r.Recordings) != 0 {
			t.Errorf("%s: cause %q, Q.850 %d, direction %q, talked %v, recordings %v", c.name, r.Cause, r.Q850, r.Direction, r.Talked, r.Recordings)
		}
	}

	// The caller thinks better of it: the phone stops ringing.
	talk, err := caller.Call("1006", "")
	if err != nil {
		t.Fatal(err)
	}
	other := callee.next(t)
	happens(t, talk, "ringing", patience)
	talk.Hangup()
	happens(t, other, "ended", patience)
	bounded(t, "CANCEL until the other phone stops ringing",
		caller.wire.at(t, talk.Dialog(), true, "CANCEL "), callee.wire.at(t, other.Dialog(), false, "CANCEL "), hangupWithin)
	if r := n.record(talk); r.Cause != call.Cancelled || r.HungUp != "caller" {
		t.Errorf("cancelled: cause %q, hung up by %q", r.Cause, r.HungUp)
	}

	// And one that is answered: both hear each other.
	talk = caller.dial(t, "1006", "")
	other = callee.take(t, 100*time.Millisecond)
	hears(t, "the caller", talk, agentHz)
	hears(t, "the callee", other, callerHz)
	caller.hangsUp(t, talk, callee, other)
}

// An announcement is heard before any answer.
func TestEarlyMedia(t *testing.T) {
	t.Parallel()
	n := start(t, taped())
	carrier := n.carrier()
	talk := carrier.dial(t, "6710", "13800138001")
	if m := happens(t, talk, "early", patience); m.Word != "183" {
		t.Errorf("early sound by %s, want 183", m.Word)
	}
	hearsSpeech(t, "the caller", talk)
	happens(t, talk, "ended", patience)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, answered := talk.Wait(ctx, "answered"); answered || talk.Code() != 486 {
		t.Errorf("answered %v, ended by %d; want no answer and 486", answered, talk.Code())
	}
	if r := n.record(talk); !r.Answered.IsZero() || r.Cause != call.Busy || r.SIP != 486 {
		t.Errorf("answered %v, cause %q, SIP %d", r.Answered, r.Cause, r.SIP)
	}
	if heard := talk.Heard(); tone.Level(heard) < silent {
		t.Errorf("%d samples heard, %.0f dBFS", len(heard), tone.Level(heard))
	}
}
