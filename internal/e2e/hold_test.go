package e2e

import (
	"testing"
	"time"

	"hotline/media/tone"
)

// An agent puts the caller on hold: music, then the talk again.
func TestHoldAndMusic(t *testing.T) {
	t.Parallel()
	n := start(t, taped())
	caller, desk := n.carrier(), n.desk("1001")
	n.awaitAgent("one", "ready")
	talk := caller.dial(t, "700", "13800138000")
	other := desk.take(t, 300*time.Millisecond)
	hears(t, "the caller", talk, agentHz)
	hears(t, "the agent", other, callerHz)

	other.Hold(true)
	began := time.Now()
	hearsSpeech(t, "the caller on hold", talk, 8*time.Second)
	if part := latest(talk, 400*time.Millisecond); tone.Level(part) < silent || tone.Find(part, agentHz) > silent {
		t.Errorf("on hold the caller hears %.0f dBFS, of the agent %.0f", tone.Level(part), tone.Find(part, agentHz))
	}
	before := len(other.Heard())
	pass(500 * time.Millisecond)
	if heard := other.Heard()[before:]; len(heard) > 1600 && tone.Find(heard, callerHz) > silent {
		t.Errorf("the agent hears the caller on hold: %.0f dBFS in %d samples", tone.Find(heard, callerHz), len(heard))
	}

	held := time.Since(began)
	other.Hold(false)
	hears(t, "the caller after the hold", talk, agentHz)
	hears(t, "the agent after the hold", other, callerHz)
	talk.Hangup()
	r := n.record(talk)
	if got := time.Duration(r.HoldMS) * time.Millisecond; got < held-500*time.Millisecond || got > held+500*time.Millisecond+run.stalls.within(began, time.Now()) {
		t.Errorf("the record says %v on hold, it was %v", got, held)
	}
	if r.TalkMS <= 0 || len(r.Agents) != 1 || r.Agents[0].HoldMS != r.HoldMS {
		t.Errorf("talk %d ms, hold %d ms, agents %+v", r.TalkMS, r.HoldMS, r.Agents)
	}
	left, right := n.audio(n.sealed(r))
	sides(t, left, right)
}
