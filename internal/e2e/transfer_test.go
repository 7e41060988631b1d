package e2e

import (
	"testing"
	"time"

	"hotline/call"
	"hotline/internal/testkit"
)

// thirdHz is the tone of whom a caller is transferred to.
const thirdHz = 1900

// toThird lets the next call of a phone be answered with the third party's tone.
func (p *phone) toThird(t *testing.T) *testkit.Talk {
	t.Helper()
	talk := p.next(t)
	talk.Answer()
	talk.Play(hum(thirdHz), true)
	return talk
}

// A real phone (baresip) holds the caller, takes them back, and hands them over by its transfer key: the caller and the new phone hear each
// other, and the agent is free.
func TestRealPhoneTransfers(t *testing.T) {
	t.Parallel()
	n := start(t, demo(t))
	real := n.realPhone("1001", 3*time.Minute)
	talk := n.takenBy(real)
	third := n.desk("1003") // only now: the queue would have rung it too
	real.command("hold", "")
	hearsSpeech(t, "the caller on hold", talk)
	real.command("resume", "")
	hears(t, "the caller again", talk, agentHz)
	real.command("transfer", "sip:1003@"+n.sip.String())
	new := third.toThird(t)
	real.told("CALL_CLOSED", 1)
	hears(t, "the caller after the transfer", talk, thirdHz)
	hears(t, "the new phone", new, callerHz)
	talk.Hangup()
	happens(t, new, "ended", patience)
	r := n.record(talk)
	if len(r.Transfers) != 1 || r.Transfers[0].From != "agent-1001" || r.Transfers[0].To != "1003" || r.Transfers[0].How != "blind" || r.Cause != call.Normal {
		t.Errorf("transfers %+v, cause %s", r.Transfers, r.Cause)
	}
}

// A desk phone consults in a second call and joins the two: they hear each other, the caller's record and recording go on, the consultation's
// record ends as merged, and each names the other.
func TestAttendedTransferOfADeskPhone(t *testing.T) {
	t.Parallel()
	n := start(t, demo(t))
	agent := n.desk("1001")
	n.awaitAgent("agent-1001", "ready")
	caller := n.carrier()
	talk := caller.dial(t, "4008001234", "13800138000")
	happens(t, talk, "answered", patience)
	talk.Press('1')
	first := agent.take(t, 0)
	hears(t, "the caller", talk, agentHz)
	third := n.desk("1003") // only now: the queue would have rung it too
	first.Hold(true)
	hearsSpeech(t, "the caller on hold", talk)
	consult, err := agent.Call("1003", "1001")
	if err != nil {
		t.Fatal(err)
	}
	consult.Play(hum(agentHz), true)
	new := third.toThird(t)
	hears(t, "the consulted phone", new, agentHz)
	hears(t, "the agent", consult, thirdHz)
	if code := first.Transfer("1003", consult); code != 202 {
		t.Fatalf("REFER was answered %d", code)
	}
	happens(t, first, "ended", patience)
	happens(t, consult, "ended", patience)
	hears(t, "the caller after the transfer", talk, thirdHz)
	hears(t, "the new phone", new, callerHz)
	new.Hangup()
	happens(t, talk, "ended", patience)
	r, c := n.record(talk), n.record(consult)
	if len(r.Transfers) != 1 || r.Transfers[0].How != "attended" || r.Transfers[0].To != "1003" || r.Cause != call.Normal {
		t.Errorf("transfers %+v, cause %s", r.Transfers, r.Cause)
	}
	if c.Cause != call.Merged || len(r.Joined) != 1 || r.Joined[0] != c.Call || len(c.Joined) != 1 || c.Joined[0] != r.Call {
		t.Errorf("joined with %v and %v, the consultation ended as %s", r.Joined, c.Joined, c.Cause)
	}
	if len(r.Recordings) != 1 {
		t.Errorf("recordings %v", r.Recordings)
	}
}
