package e2e

import (
	"os/exec"
	"strings"
	"testing"
	"time"
)

// comesToHear waits until the tab hears want and not other: the page and the switch need a moment after a click.
func (b *tab) comesToHear(want, other float64) {
	b.t.Helper()
	await(b.t, "the tab to hear the right tone alone", patience, func() ([]float64, bool) {
		l := b.do("levels", want, other).Levels
		return l, l[0] > -50 && l[1] < l[0]-30
	})
}

// An agent in a browser consults a colleague by the page alone: keys and buttons. They go back and forth, meet all three, and the agent
// leaves the two together.
func TestDeskConsults(t *testing.T) {
	t.Parallel()
	n := start(t, demo(t))
	n.person("desk", "agent-1001", "correct horse")
	b, caller := n.tab(), n.carrier()
	b.do("signIn", "desk", "correct horse")
	n.makeReady("agent-1001")
	n.awaitAgent("agent-1001", "ready")
	talk := n.taken(caller, b)
	third := n.desk("1003") // only now: the queue would have rung it too

	b.do("pick", "Control+Alt+KeyC", "1003")
	colleague := third.toThird(t)
	hears(t, "the colleague", colleague, agentHz)
	b.comesToHear(thirdHz, callerHz)
	b.do("press", "切回客户")
	hears(t, "the caller, swapped to", talk, agentHz)
	b.comesToHear(callerHz, thirdHz)
	b.do("press", "切到咨询方")
	hears(t, "the colleague again", colleague, agentHz)
	b.comesToHear(thirdHz, callerHz)
	b.do("press", "完成转接")
	b.do("sees", "话后")
	hears(t, "the caller at the end", talk, thirdHz)
	hears(t, "the colleague at the end", colleague, callerHz)
	pass(time.Second)
	talk.Hangup()
	happens(t, colleague, "ended", patience)
	if e := b.do("errors").Errors; len(e) != 0 {
		t.Errorf("errors on the page: %v", e)
	}
	r := n.record(talk)
	credited(t, r, "agent-1001", "agent-1003")
	if len(r.Transfers) != 1 || r.Transfers[0].How != "consult" {
		t.Errorf("transfers %+v", r.Transfers)
	}
}

// A supervisor in a browser listens to a talk, whispers, barges in and takes over by the buttons of the live calls; all three hear what they should.
func TestSupervisorTakesOverInABrowser(t *testing.T) {
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
	b := n.tabOf(thirdHz)
	b.do("signIn", "boss", "correct horse")
	b.do("goes", "实时通话")
	b.do("press", "监听")
	b.do("sees", "耳语")
	b.comesToHear(callerHz, thirdHz)
	hearsOnly(t, "the caller, listened to", talk, agentHz)
	b.do("choose", "耳语")
	hearsOnly(t, "the agent, whispered to", other, callerHz, thirdHz)
	hearsOnly(t, "the caller meanwhile", talk, agentHz)
	b.do("choose", "强插")
	hearsOnly(t, "the caller, barged in on", talk, agentHz, thirdHz)
	b.do("press", "接管")
	b.do("press", "确定")
	happens(t, other, "ended", patience)
	hearsOnly(t, "the caller, taken over", talk, thirdHz)
	talk.Hangup()
	if e := b.do("errors").Errors; len(e) != 0 {
		t.Errorf("errors on the page: %v", e)
	}
}
