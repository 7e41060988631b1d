package e2e

import (
	"net/http"
	"testing"
	"time"

	"hotline/call"
	"hotline/cdr"
)

// tell tells the one live call what is wanted of it.
func (n *node) tell(body map[string]string) {
	n.t.Helper()
	live := get[[]struct{ Call call.ID }](n, "/calls/live")
	if len(live) != 1 {
		n.t.Fatalf("%d live calls", len(live))
	}
	if res, text := n.request(http.MethodPost, "/api/v1/calls/"+string(live[0].Call)+"/commands", body); res.StatusCode != http.StatusNoContent {
		n.t.Fatalf("%v: %s: %s", body, res.Status, text)
	}
}

// commands gives what tells the one live call what an agent wants.
func (n *node) commands() func(agent, what, to string) {
	return func(agent, what, to string) {
		n.t.Helper()
		body := map[string]string{"what": what, "agent": agent}
		if to != "" {
			body["to"] = to
		}
		n.tell(body)
	}
}

// credited checks that the agents' own seconds add up to those of the call; each is rounded down.
func credited(t *testing.T, r cdr.Record, agents ...string) {
	t.Helper()
	var sum int64
	var who []string
	for _, p := range r.Agents {
		sum += p.TalkMS + p.HoldMS
		if !p.Connected.IsZero() {
			who = append(who, p.Agent)
		}
	}
	if all := r.TalkMS + r.HoldMS; sum > all || sum < all-2*int64(len(r.Agents)+1) {
		t.Errorf("the agents' seconds are %d ms, the call's %d ms: %+v", sum, all, r.Agents)
	}
	if len(who) != len(agents) {
		t.Fatalf("%v talked, want %v", who, agents)
	}
	for i := range who {
		if who[i] != agents[i] {
			t.Errorf("%v talked, want %v", who, agents)
		}
	}
}

// An agent consults a colleague by command: the caller hears music and none of it, the two go back and forth, and at the end the caller talks
// to the colleague. A consultation that is declined leaves the agent with the caller, and the agent hears a word.
func TestConsult(t *testing.T) {
	t.Parallel()
	n := start(t, demo(t))
	caller, desk := n.carrier(), n.desk("1001")
	n.awaitAgent("agent-1001", "ready")
	talk, other := n.throughMenu(caller, desk, "13800138000")
	third := n.desk("1003") // only now: the queue would have rung it too
	command := n.commands()

	command("agent-1001", "consult", "1003")
	hearsSpeech(t, "the caller, while it rings", talk)
	rings, before := third.next(t), len(other.Heard())
	rings.Reject(486)
	hearsSpeechSince(t, "the agent, of the refusal", other, before)
	hears(t, "the caller after it", talk, agentHz)
	hears(t, "the agent after it", other, callerHz)

	command("agent-1001", "consult", "agent:agent-1003")
	colleague := third.toThird(t)
	hears(t, "the colleague", colleague, agentHz)
	hears(t, "the agent", other, thirdHz)
	hearsSpeech(t, "the caller meanwhile", talk)
	command("agent-1001", "swap", "")
	hears(t, "the caller, swapped to", talk, agentHz)
	hears(t, "the agent, back with the caller", other, callerHz)
	hearsSpeech(t, "the colleague meanwhile", colleague)
	command("agent-1001", "swap", "")
	hears(t, "the colleague again", colleague, agentHz)
	command("agent-1001", "complete", "")
	happens(t, other, "ended", patience)
	hears(t, "the caller at the end", talk, thirdHz)
	hears(t, "the colleague at the end", colleague, callerHz)
	pass(time.Second)
	talk.Hangup()
	happens(t, colleague, "ended", patience)
	r := n.record(talk)
	credited(t, r, "agent-1001", "agent-1003")
	if len(r.Transfers) != 1 || r.Transfers[0].How != "consult" || r.Transfers[0].From != "agent-1001" || r.Transfers[0].To != "agent:agent-1003" {
		t.Errorf("transfers %+v", r.Transfers)
	}
	if last := r.Agents[len(r.Agents)-1]; last.ConsultMS <= 0 || last.TalkMS < 1000 {
		t.Errorf("the colleague's part is %+v", last)
	}
	if len(r.Recordings) != 1 {
		t.Errorf("recordings %v", r.Recordings)
	}
}

// A consultation of a queue rings the next free agent, and goes back to the caller when it is called off; then the caller is given to that queue.
func TestConsultAQueue(t *testing.T) {
	t.Parallel()
	n := start(t, demo(t))
	caller, desk := n.carrier(), n.desk("1001")
	n.awaitAgent("agent-1001", "ready")
	talk, other := n.throughMenu(caller, desk, "13800138000")
	third := n.desk("1003")
	n.awaitAgent("agent-1003", "ready")
	command := n.commands()
	command("agent-1001", "consult", "queue:guangzhou")
	colleague := third.toThird(t)
	hears(t, "the agent", other, thirdHz)
	hearsSpeech(t, "the caller meanwhile", talk)
	command("agent-1001", "cancel", "")
	happens(t, colleague, "ended", patience)
	hears(t, "the caller again", talk, agentHz)
	n.awaitAgent("agent-1003", "ready")
	command("agent-1001", "transfer", "queue:guangzhou")
	happens(t, other, "ended", patience)
	last := third.toThird(t)
	hears(t, "the caller at the end", talk, thirdHz)
	hears(t, "the colleague at the end", last, callerHz)
	talk.Hangup()
	happens(t, last, "ended", patience)
	r := n.record(talk)
	credited(t, r, "agent-1001", "agent-1003")
	if len(r.Queues) != 2 || r.Queues[1].Queue != "guangzhou" {
		t.Errorf("the caller waited in %+v", r.Queues)
	}
}
