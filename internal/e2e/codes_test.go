package e2e

import (
	"strings"
	"testing"
	"time"

	"hotline/media/tone"
)

// A real phone (baresip) transfers the caller to the code for parking; another phone dials the slot and has the caller, parks them from a second
// line, which says the slot, and the real phone fetches them again. Each hears the other both ways. States are set by code too, and what makes no
// sense is refused.
func TestFeatureCodes(t *testing.T) {
	t.Parallel()
	n := start(t, demo(t))
	real := n.realPhone("1001", 3*time.Minute)
	talk := n.takenBy(real)
	third := n.desk("1003") // only now: the queue would have rung it too

	real.command("transfer", "sip:*70@"+n.sip.String())
	slot, _ := n.parked()
	real.told("CALL_CLOSED", 1)
	hearsSpeech(t, "the parked caller", talk)
	fetched, err := third.Call(slot, "1003")
	if err != nil {
		t.Fatal(err)
	}
	fetched.Play(hum(thirdHz), true)
	hears(t, "the caller, fetched", talk, thirdHz)
	hears(t, "who dialled the slot", fetched, callerHz)
	pass(time.Second)

	fetched.Hold(true)
	second, err := third.Call("*70", "1003")
	if err != nil {
		t.Fatal(err)
	}
	happens(t, fetched, "ended", patience)
	happens(t, second, "ended", patience)
	if words := second.Heard(); tone.Level(words) < silent {
		t.Errorf("the second line heard no slot: %d samples, %.0f dBFS", len(words), tone.Level(words))
	}
	slot, _ = n.parked()
	await(t, "the phone to be told the slot by a text", patience, func() (string, bool) { return slot, third.texted(slot) })
	hearsSpeech(t, "the caller, parked again", talk)
	real.command("dial", "sip:"+slot+"@"+n.sip.String())
	real.told("CALL_ESTABLISHED", 2)
	hears(t, "the caller, fetched again", talk, agentHz)
	pass(time.Second)
	talk.Hangup()
	real.told("CALL_CLOSED", 2)
	if l := loudest(real.heard(), callerHz); l < -30 {
		t.Errorf("the real phone heard the caller at %.0f dB", l)
	}
	r := n.record(talk)
	credited(t, r, "agent-1001", "agent-1003", "agent-1001")
	if len(r.Recordings) != 1 || r.Parked != nil {
		t.Errorf("recordings %v, parked %+v", r.Recordings, r.Parked)
	}
	_, right := n.audio(n.sealed(r))
	if a, b := loudest(right, agentHz), loudest(right, thirdHz); a < -30 || b < -30 {
		t.Errorf("the recording has the agents at %.0f and %.0f dB", a, b)
	}

	for code, want := range map[string]string{"*543": "meeting", "*54": "break"} {
		set, err := third.Call(code, "1003")
		if err != nil {
			t.Fatal(err)
		}
		happens(t, set, "answered", patience)
		happens(t, set, "ended", patience)
		await(t, "the state of "+code, patience, func() (agent, bool) {
			a := n.agent("agent-1003")
			return a, a.State == "not-ready" && a.Reason == want
		})
	}
	real.command("dial", "sip:*54@"+n.sip.String())
	n.awaitAgent("agent-1001", "not-ready")
	real.told("CALL_CLOSED", 3)
	real.command("dial", "sip:*53@"+n.sip.String())
	n.awaitAgent("agent-1001", "ready")
	for code, want := range map[string]int{"750": 404, "*70": 480, "*55": 480, "*81002": 404} {
		no, err := third.Call(code, "1003")
		if err != nil {
			t.Fatal(err)
		}
		happens(t, no, "ended", patience)
		if no.Code() != want {
			t.Errorf("%s was answered %d, want %d", code, no.Code(), want)
		}
	}
	if calls := n.records(10); len(calls) != 1 {
		t.Errorf("codes made calls of their own: %d records", len(calls))
	}
}

// texted says whether a phone got a MESSAGE from a number.
func (p *phone) texted(from string) bool {
	p.wire.mu.Lock()
	defer p.wire.mu.Unlock()
	for _, o := range p.wire.all {
		if raw := string(o.Raw); !o.Out && strings.HasPrefix(raw, "MESSAGE ") && strings.Contains(raw, "<sip:"+from+"@") {
			return true
		}
	}
	return false
}
