package e2e

import (
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"hotline/call"
	"hotline/media/wav"
	"hotline/ticket"
)

// Bars of a call with a real phone.
const (
	wantSNR = 33.0 // dB, both ways
	wantPPM = 20.0 // drift between what was played and what was heard
)

// A real phone (baresip) registers with digest and takes hotline calls: the sound is clean both ways and does not drift, and
// a hang-up on either side is heard of at once on the other.
func TestRealPhone(t *testing.T) {
	t.Parallel()
	lasts := 15 * time.Second
	if *long {
		lasts = time.Minute
	}
	n := start(t, demo(t))
	real := n.realPhone("1001", lasts+2*time.Minute)
	n.awaitAgent("agent-1001", "ready")
	caller := n.carrier()

	calls := 1
	for ; !n.longCall(caller, real, calls, lasts); calls++ {
		n.awaitAgent("agent-1001", "ready")
	}

	// The other way round: the real phone hangs up.
	n.awaitAgent("agent-1001", "ready")
	talk := caller.dial(t, "4008001234", "13800138000")
	happens(t, talk, "answered", patience)
	talk.Press('1')
	real.told("CALL_ESTABLISHED", calls+1)
	hears(t, "the caller", talk, agentHz)
	asked := time.Now()
	real.command("hangup", "")
	happens(t, talk, "ended", patience)
	bounded(t, "the real phone's hang-up until the caller hears of it", asked, caller.wire.at(t, talk.Dialog(), false, "BYE "), hangupWithin)
	if r := n.record(talk); r.HungUp != "agent" || r.Cause != call.Normal {
		t.Errorf("hung up by %q, cause %q", r.HungUp, r.Cause)
	}
}

// tries is how often a call is made again when the machine stood still meanwhile: then the sound had gaps already where it was made.
const tries = 3

// longCall is one call of the synthetic customer to the real phone, the calls-th, which the customer ends. False: again.
func (n *node) longCall(caller *phone, real *baresip, calls int, lasts time.Duration) bool {
	t := n.t
	t.Helper()
	began := time.Now()
	talk := caller.dial(t, "4008001234", "13800138000")
	happens(t, talk, "answered", patience)
	talk.Press('1')
	real.told("CALL_ESTABLISHED", calls)
	hears(t, "the caller", talk, agentHz)
	pass(lasts)
	talk.Hangup()
	closed := real.told("CALL_CLOSED", calls)
	bounded(t, "the caller's hang-up until the real phone is free", caller.wire.at(t, talk.Dialog(), true, "BYE "), closed.at, hangupWithin)
	r := n.record(talk)
	if r.HungUp != "caller" || r.Cause != call.Normal || len(r.Agents) != 1 || r.Agents[0].Agent != "agent-1001" {
		t.Errorf("hung up by %q, cause %q, agents %+v", r.HungUp, r.Cause, r.Agents)
	}
	left, right := n.audio(n.sealed(r))
	sides(t, left, right)
	keep(t, "caller.wav", talk.Heard())
	keep(t, "left.wav", left)
	keep(t, "right.wav", right)
	stood := run.stalls.within(began, time.Now())
	good := clean(t, "the caller hears the real phone", talk.Heard(), agentHz, lasts)
	good = clean(t, "the real phone hears the caller", real.heard(), callerHz, lasts) && good
	good = clean(t, "the recording's left channel", left, callerHz, lasts) && good
	good = clean(t, "the recording's right channel", right, agentHz, lasts) && good
	switch {
	case good:
	case stood < 50*time.Millisecond:
		t.Errorf("the sound is not clean although the machine did not stand still: %.0f s, %.0f dB and %.0f ppm are wanted", lasts.Seconds()-1, wantSNR, wantPPM)
	case calls < tries:
		t.Logf("the machine stood still for %v: once more", stood)
		return false
	case stood > time.Second:
		t.Skipf("this machine is too busy to measure sound: it stood still for %v in the last of %d calls", stood, calls)
	default:
		t.Errorf("the sound is not clean: %.0f s, %.0f dB and %.0f ppm are wanted", lasts.Seconds()-1, wantSNR, wantPPM)
	}
	return true
}

// clean is true where a tone was heard long enough, pure and without drift.
func clean(t *testing.T, what string, pcm []int16, hz float64, lasts time.Duration) bool {
	t.Helper()
	s := measure(pcm, hz)
	t.Logf("%s: %.1f s without a flaw, SNR %.1f dB (worst 200 ms: %.1f), drift %+.2f ppm", what, s.seconds, s.snr, s.lowest, s.ppm)
	return s.seconds >= lasts.Seconds()-1 && s.snr >= wantSNR && math.Abs(s.ppm) <= wantPPM
}

// keep writes sound into the folder HOTLINE_KEEP, to be measured by other programs.
func keep(t *testing.T, name string, pcm []int16) {
	t.Helper()
	dir := os.Getenv("HOTLINE_KEEP")
	if dir == "" {
		return
	}
	f, err := os.Create(filepath.Join(dir, name))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := wav.Write(f, pcm); err != nil {
		t.Fatal(err)
	}
}

// callerScenario is a customer in SIPp's words: dials, presses 1 by INFO when the menu speaks, and waits for the other side to
// hang up. It sends no sound.
const callerScenario = `<?xml version="1.0" encoding="UTF-8" ?>
<scenario name="a customer">
  <send retrans="500"><![CDATA[
INVITE sip:[service]@[remote_ip]:[remote_port] SIP/2.0
Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]
From: <sip:01062345678@[local_ip]:[local_port]>;tag=[call_number]t
To: <sip:[service]@[remote_ip]:[remote_port]>
Call-ID: [call_id]
CSeq: 1 INVITE
Contact: <sip:01062345678@[local_ip]:[local_port]>
Max-Forwards: 70
Content-Type: application/sdp
Content-Length: [len]

v=0
o=- 1 1 IN IP4 [local_ip]
s=-
c=IN IP4 [local_ip]
t=0 0
m=audio 25000 RTP/AVP 8
a=rtpmap:8 PCMA/8000
]]></send>
  <recv response="100" optional="true"/>
  <recv response="180" optional="true"/>
  <recv response="200" rrs="true"/>
  <send><![CDATA[
ACK [next_url] SIP/2.0
Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]
From: <sip:01062345678@[local_ip]:[local_port]>;tag=[call_number]t
[last_To:]
Call-ID: [call_id]
CSeq: 1 ACK
Max-Forwards: 70
Content-Length: 0

]]></send>
  <pause milliseconds="1500"/>
  <send retrans="500"><![CDATA[
INFO [next_url] SIP/2.0
Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]
From: <sip:01062345678@[local_ip]:[local_port]>;tag=[call_number]t
[last_To:]
Call-ID: [call_id]
CSeq: 2 INFO
Max-Forwards: 70
Content-Type: application/dtmf-relay
Content-Length: [len]

Signal=1
Duration=160
]]></send>
  <recv response="200"/>
  <recv request="BYE" timeout="40000"/>
  <send><![CDATA[
SIP/2.0 200 OK
[last_Via:]
[last_From:]
[last_To:]
[last_Call-ID:]
[last_CSeq:]
Content-Length: 0

]]></send>
</scenario>
`

// A call that SIPp makes reaches a real phone, which hangs up.
func TestSIPpCallsRealPhone(t *testing.T) {
	t.Parallel()
	sipp := tool(t, "sipp", "sip-tester")
	n := start(t, demo(t))
	real := n.realPhone("1001", time.Minute)
	n.awaitAgent("agent-1001", "ready")
	dir := t.TempDir()
	scenario := filepath.Join(dir, "customer.xml")
	if err := os.WriteFile(scenario, []byte(callerScenario), 0o644); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(sipp, "-sf", scenario, "-s", "4008001234", "-i", n.block.addr(trunkHost).String(), "-p", "5060", "-m", "1", "-r", "1",
		"-cid_str", "customer-%u@e2e", "-timeout", "60s", "-timeout_error", "-nostdin", "-trace_err", n.sip.String())
	cmd.Dir = dir
	out := &output{}
	cmd.Stdout, cmd.Stderr = out, out
	if err := cmd.Start(); err != nil {
		t.Fatalf("start sipp: %v", err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	t.Cleanup(func() { _ = cmd.Process.Kill() })
	real.told("CALL_ESTABLISHED", 1)
	pass(2 * time.Second)
	asked := time.Now()
	real.command("hangup", "")
	real.told("CALL_CLOSED", 1)
	select {
	case err := <-ended:
		if err != nil {
			errors, _ := filepath.Glob(filepath.Join(dir, "*errors.log"))
			for _, f := range errors {
				text, _ := os.ReadFile(f)
				t.Logf("%s", tail(string(text), 3000))
			}
			t.Fatalf("sipp: %v\n%s", err, tail(out.String(), 3000))
		}
	case <-time.After(patience):
		t.Fatal("sipp does not end")
	}
	r := n.recordOf("customer-")
	legs := map[call.LegID]time.Time{}
	for _, l := range r.Legs {
		legs[l.Leg] = l.At
	}
	if r.HungUp != "agent" || r.Topic != "退款" || r.Rule != "beijing" || r.Caller.E164 != "+861062345678" || !r.Talked {
		t.Errorf("record: hung up by %q, topic %q, rule %q, caller %q, talked %v", r.HungUp, r.Topic, r.Rule, r.Caller.E164, r.Talked)
	}
	bounded(t, "the real phone's hang-up until SIPp confirmed its own", asked, legs[call.CallerLeg], hangupWithin)
	if made := n.ticket(r); made.State != ticket.Working || made.Topic != "退款" {
		t.Errorf("ticket %s", fmt.Sprint(made))
	}
}
