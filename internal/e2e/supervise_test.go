package e2e

import (
	"net/http"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"hotline/call"
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

// A supervisor listens to a call on their desk phone, whispers, barges in and takes over; the sound is checked on all three phones, and the
// record has each agent's own seconds.
func TestSupervisorTakesOver(t *testing.T) {
	t.Parallel()
	n := start(t, demo(t))
	cmd := exec.CommandContext(t.Context(), run.binary, "user", "add", "boss", "--role", "supervisor", "--agent", "agent-1003", "--data", n.data)
	cmd.Stdin = strings.NewReader("correct horse\n")
	if text, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("add a supervisor: %v\n%s", err, text)
	}
	caller, desk := n.carrier(), n.desk("1001")
	n.awaitAgent("agent-1001", "ready")
	talk, other := n.throughMenu(caller, desk, "13800138000")
	boss := n.desk("1003") // only now: the queue would have rung it too
	cookie := n.session("boss", "correct horse")
	live := get[[]struct{ Call call.ID }](n, "/calls/live")
	if len(live) != 1 {
		t.Fatalf("%d live calls", len(live))
	}
	command := func(what string, status int) {
		t.Helper()
		res, text := n.request(http.MethodPost, "/api/v1/calls/"+string(live[0].Call)+"/commands", map[string]string{"what": what}, "Authorization", "", "Cookie", cookie)
		if res.StatusCode != status {
			t.Fatalf("%s: %s: %s", what, res.Status, text)
		}
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
