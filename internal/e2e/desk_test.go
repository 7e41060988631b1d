package e2e

import (
	"net/url"
	"testing"
	"time"

	"hotline/cdr"
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
	n := start(t, demo(t).with(t, "wrap_up: 1s", "wrap_up: 60s")) // long enough to be seen, however busy the machine
	b, caller := n.tab(), n.carrier()
	n.attends(b)
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

// A supervisor in a browser listens to a talk, whispers, and barges in by the buttons of the live calls, and listens again as soon as a
// page that was reloaded shows the call, before its telephone is there; moves the caller to another agent by the dialog there; then
// follows that agent, which begins with that talk, and takes over by the strip that says so. All hear what they should, and the reports
// have no transfer of either agent.
func TestSupervisorTakesOverInABrowser(t *testing.T) {
	t.Parallel()
	n := start(t, demo(t))
	n.supervisor("agent-1003")
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
	b.do("press", "退出")
	hearsOnly(t, "the caller, left alone with the agent", talk, agentHz)
	b.do("listenAnew")
	hearsOnly(t, "the caller, listened to again", talk, agentHz)
	b.do("press", "退出")
	hearsOnly(t, "the caller, left alone once more", talk, agentHz)

	next := n.desk("1002") // only now: the queue would have rung it too
	b.do("move", "上海坐席 1002")
	moved := next.take(t, 0)
	happens(t, other, "ended", patience)
	hearsOnly(t, "the caller who was moved", talk, agentHz)
	hearsOnly(t, "who has the caller now", moved, callerHz)

	b.do("goes", "坐席")
	b.do("follow", "上海坐席 1002")
	b.comesToHear(callerHz, thirdHz)
	hearsOnly(t, "the caller of whom is followed", talk, agentHz)
	b.do("press", "接管")
	b.do("press", "确定")
	happens(t, moved, "ended", patience)
	hearsOnly(t, "the caller, taken over", talk, thirdHz)
	talk.Hangup()
	n.took(n.record(talk), "agent-1001", "agent-1002")
	b.do("sees", "等待坐席通话")
	b.do("spoils", "reports")
	b.do("goes", "报表")
	b.do("sees", "页面打不开") // and what is around it goes on
	b.do("goes", "坐席")
	b.do("press", "结束跟听")
	b.do("sees", "拨号")
	if e := b.do("errors").Errors; len(e) != 0 {
		t.Errorf("errors on the page: %v", e)
	}
}

// An agent in a browser does with a caller what the page offers, one after the other: merges a consultation, sees the colleague leave, invites
// them again and removes them, parks the caller and fetches them back, and hands them over to the survey.
func TestDeskInACall(t *testing.T) {
	t.Parallel()
	surveyed := "next: asked\n    on: {timeout: message, full: message, no-agents: message, closed: message}\n  asked: {type: survey, when: invited, next: bye}\n  message:"
	n := start(t, demo(t).with(t, "on: {timeout: message, full: message, no-agents: message, closed: message}\n  message:", surveyed))
	b, caller := n.tab(), n.carrier()
	n.attends(b)
	talk := n.taken(caller, b)
	third := n.desk("1003") // only now: the queue would have rung it too

	b.do("pick", "Control+Alt+KeyC", "1003")
	colleague := third.toThird(t)
	hears(t, "the colleague", colleague, agentHz)
	b.do("press", "三方通话")
	b.do("sees", "会议 · 3 方")
	hearsOnly(t, "the caller in the conference", talk, agentHz, thirdHz)
	hearsOnly(t, "the colleague in the conference", colleague, callerHz, agentHz)
	colleague.Hangup()
	hearsOnly(t, "the caller, after the colleague left", talk, agentHz)
	b.comesToHear(callerHz, thirdHz)

	b.do("pick", "Control+Alt+KeyI", "1003")
	colleague = third.toThird(t)
	hearsOnly(t, "the caller, after the colleague came", talk, agentHz, thirdHz)
	b.do("press", "会议 · 3 方")
	b.do("press", "移出会议 广州坐席 1003")
	happens(t, colleague, "ended", patience)
	hearsOnly(t, "the caller, after the colleague was removed", talk, agentHz)

	b.do("press", "驻留")
	n.parked()
	heard := len(talk.Heard())
	hearsSpeechSince(t, "the parked caller", talk, heard)
	b.do("fetch")
	b.do("answer")
	hearsOnly(t, "the caller, fetched back", talk, agentHz)
	b.comesToHear(callerHz, thirdHz)

	b.do("press", "转评价")
	b.do("press", "确定")
	heard = len(talk.Heard())
	hearsSpeechSince(t, "the caller who is asked", talk, heard)
	talk.Press('5')
	happens(t, talk, "ended", patience)
	if e := b.do("errors").Errors; len(e) != 0 {
		t.Errorf("errors on the page: %v", e)
	}
	r := n.record(talk)
	if len(r.Ratings) != 1 || r.Ratings[0].Score != 5 || r.Ratings[0].Agent != "agent-1001" {
		t.Errorf("the caller's answers are %+v", r.Ratings)
	}
	if last := r.Agents[len(r.Agents)-1]; last.Agent != "agent-1001" || last.TalkMS == 0 || len(r.Recordings) != 1 {
		t.Errorf("agents %+v, recordings %v", r.Agents, r.Recordings)
	}
}

// took wants a supervisor to have taken a call from one agent and then from another; it is a transfer of neither.
func (n *node) took(r cdr.Record, first, second string) {
	n.t.Helper()
	if len(r.Transfers) != 2 || r.Transfers[0].From != first || r.Transfers[0].How != "move" || r.Transfers[1].From != second || r.Transfers[1].How != "take-over" {
		n.t.Errorf("transfers %+v", r.Transfers)
	}
	span := url.Values{"from": {r.Started.Add(-time.Minute).Format(time.RFC3339)}, "to": {r.Ended.Add(time.Minute).Format(time.RFC3339)}}
	type row struct {
		Agent  string
		Counts map[string]int
	}
	for _, row := range get[struct{ Agents []row }](n, "/reports/agents?"+span.Encode()).Agents {
		if row.Counts["transferred"] != 0 || row.Agent == first && (row.Counts["answered"] != 1 || row.Counts["taken"] != 1) {
			n.t.Errorf("the report has of %s: %v", row.Agent, row.Counts)
		}
	}
}
