package e2e

import (
	"net/http"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"hotline/cdr"
	"hotline/internal/testkit"
	"hotline/media/tone"
)

// session signs a person in and gives the cookie.
func (n *node) session(login, password string) string {
	n.t.Helper()
	res, text := n.request(http.MethodPost, "/api/v1/session", map[string]string{"login": login, "password": password}, "Authorization", "")
	if len(res.Cookies()) == 0 {
		n.t.Fatalf("sign %s in: %s: %s", login, res.Status, text)
	}
	return res.Cookies()[0].Name + "=" + res.Cookies()[0].Value
}

// hearsOnly waits until a talk hears some of the tones and none of the others for 400 ms.
func hearsOnly(t *testing.T, who string, talk *testkit.Talk, want ...float64) {
	t.Helper()
	await(t, who+" to hear the right tones only", patience, func() (map[float64]float64, bool) {
		heard, levels, right := latest(talk, 400*time.Millisecond), map[float64]float64{}, true
		if len(heard) < 3200 {
			return nil, false
		}
		for _, hz := range []float64{callerHz, agentHz, thirdHz} {
			levels[hz] = tone.Find(heard, hz)
			wanted := slices.Contains(want, hz)
			right = right && (wanted && levels[hz] > -24 || !wanted && levels[hz] < -45)
		}
		return levels, right
	})
}

// supervisor makes boss, a supervisor who is an agent too.
func (n *node) supervisor(agent string) {
	n.t.Helper()
	cmd := exec.CommandContext(n.t.Context(), run.binary, "user", "add", "boss", "--role", "supervisor", "--agent", agent, "--data", n.data)
	cmd.Stdin = strings.NewReader("correct horse\n")
	if text, err := cmd.CombinedOutput(); err != nil {
		n.t.Fatalf("add a supervisor: %v\n%s", err, text)
	}
}

// asBoss asks the API as boss, whom supervisor made.
func (n *node) asBoss() func(method, path string, body any, status int) {
	cookie := n.session("boss", "correct horse")
	return func(method, path string, body any, status int) {
		n.t.Helper()
		if res, text := n.request(method, "/api/v1"+path, body, "Authorization", "", "Cookie", cookie); res.StatusCode != status {
			n.t.Fatalf("%s %s %v: %s: %s", method, path, body, res.Status, text)
		}
	}
}

// liveCall is the one call under way.
func (n *node) liveCall() string {
	n.t.Helper()
	live := get[[]struct{ Call string }](n, "/calls/live")
	if len(live) != 1 {
		n.t.Fatalf("%d live calls", len(live))
	}
	return live[0].Call
}

// A supervisor listens to a call on their desk phone, whispers, barges in and takes over; the sound is checked on all three phones, and the
// record has each agent's own seconds.
func TestSupervisorTakesOver(t *testing.T) {
	t.Parallel()
	n := start(t, demo(t))
	n.supervisor("agent-1003")
	caller, desk := n.carrier(), n.desk("1001")
	n.awaitAgent("agent-1001", "ready")
	talk, other := n.throughMenu(caller, desk, "13800138000")
	boss := n.desk("1003") // only now: the queue would have rung it too
	ask, path := n.asBoss(), "/calls/"+n.liveCall()+"/commands"
	command := func(what string, status int) {
		t.Helper()
		ask(http.MethodPost, path, map[string]string{"what": what}, status)
	}
	command("barge", http.StatusConflict)
	command("listen", http.StatusNoContent)
	third := boss.toThird(t)
	hearsOnly(t, "the supervisor", third, callerHz, agentHz)
	hearsOnly(t, "the caller", talk, agentHz)
	hearsOnly(t, "the agent", other, callerHz)
	command("whisper", http.StatusNoContent)
	hearsOnly(t, "the agent, whispered to", other, callerHz, thirdHz)
	hearsOnly(t, "the caller meanwhile", talk, agentHz)
	command("barge", http.StatusNoContent)
	hearsOnly(t, "the caller, barged in on", talk, agentHz, thirdHz)
	command("take-over", http.StatusNoContent)
	happens(t, other, "ended", patience)
	hearsOnly(t, "the caller, taken over", talk, thirdHz)
	hearsOnly(t, "the supervisor alone", third, callerHz)
	pass(time.Second)
	talk.Hangup()
	happens(t, third, "ended", patience)
	r := n.record(talk)
	if len(r.Transfers) != 1 || r.Transfers[0].From != "agent-1001" || r.Transfers[0].How != "take-over" {
		t.Errorf("transfers %+v", r.Transfers)
	}
	var sum int64
	for _, p := range r.Agents {
		sum += p.TalkMS
	}
	if last := r.Agents[len(r.Agents)-1]; last.Agent != "agent-1003" || last.TalkMS < 1000 || sum > r.TalkMS || sum < r.TalkMS-int64(len(r.Agents)) { // each is rounded down
		t.Errorf("talk of the agents %+v, of the call %d ms", r.Agents, r.TalkMS)
	}
}

// A supervisor follows an agent from call to call on their desk phone, which rings once: they hear both parties of two callers' calls and nobody
// hears them but the agent when they whisper, nor do the recordings. Between the two the node is killed and started: their phone rings by itself. Then
// they move the caller to another agent: who follows stays with theirs.
func TestSupervisorFollowsAndMoves(t *testing.T) {
	t.Parallel()
	n := start(t, demo(t))
	n.supervisor("agent-1003")
	caller, desk := n.carrier(), n.desk("1001")
	n.awaitAgent("agent-1001", "ready")
	talk, other := n.throughMenu(caller, desk, "13800138000")
	boss := n.desk("1003") // only now: the queue would have rung it too
	ask := n.asBoss()
	ask(http.MethodPut, "/agents/agent-1001/follow", nil, http.StatusNoContent)
	third := boss.toThird(t)
	hearsOnly(t, "the supervisor", third, callerHz, agentHz)
	hearsOnly(t, "the caller", talk, agentHz)
	hearsOnly(t, "the agent", other, callerHz)
	talk.Hangup()
	happens(t, other, "ended", patience)
	first := n.record(talk)
	n.sealed(first)
	hearsOnly(t, "the supervisor between two calls", third)

	n.kill()
	n.run()
	third = boss.toThird(t)
	n.awaitAgent("agent-1001", "ready")
	talk, other = n.throughMenu(caller, desk, "13900139000")
	hearsOnly(t, "the supervisor in the second call", third, callerHz, agentHz)
	hearsOnly(t, "the second caller", talk, agentHz)
	path := "/calls/" + n.liveCall() + "/commands"
	ask(http.MethodPost, path, map[string]string{"what": "whisper"}, http.StatusNoContent)
	hearsOnly(t, "the agent, whispered to", other, callerHz, thirdHz)
	hearsOnly(t, "the second caller meanwhile", talk, agentHz)
	ask(http.MethodPost, path, map[string]string{"what": "listen"}, http.StatusNoContent)
	hearsOnly(t, "the agent, no longer whispered to", other, callerHz)

	next := n.desk("1002")
	ask(http.MethodPost, path, map[string]string{"what": "move", "to": "agent:agent-1002"}, http.StatusNoContent)
	moved := next.take(t, 0)
	happens(t, other, "ended", patience)
	hearsOnly(t, "the caller who was moved", talk, agentHz)
	hearsOnly(t, "who has the caller now", moved, callerHz)
	hearsOnly(t, "the supervisor, whose agent is free", third)
	ask(http.MethodDelete, "/agents/agent-1001/follow", nil, http.StatusNoContent)
	happens(t, third, "ended", patience)
	talk.Hangup()
	happens(t, moved, "ended", patience)
	second := n.record(talk)
	credited(t, first, "agent-1001")
	credited(t, second, "agent-1001", "agent-1002")
	if len(second.Transfers) != 1 || second.Transfers[0].How != "move" {
		t.Errorf("transfers %+v", second.Transfers)
	}
	for _, r := range []cdr.Record{first, second} {
		left, right := n.audio(n.sealed(r))
		if l := max(loudest(left, thirdHz), loudest(right, thirdHz)); l > -45 {
			t.Errorf("the recording of %s has who follows at %.0f dB", r.Call, l)
		}
	}
}
