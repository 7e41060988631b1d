package e2e

import (
	"net/http"
	"slices"
	"testing"
	"time"

	"hotline/internal/testkit"
	"hotline/media/tone"
)

// An agent merges a consultation: three hear each other, each without itself, and the recording has the caller on the left and the others on the
// right. A muted agent is heard by nobody. When the agent leaves, the caller talks to the colleague; when that one leaves too, the flow goes on.
func TestConference(t *testing.T) {
	t.Parallel()
	n := start(t, demo(t))
	caller, desk := n.carrier(), n.desk("1001")
	n.awaitAgent("agent-1001", "ready")
	talk, other := n.throughMenu(caller, desk, "13800138000")
	third := n.desk("1003")
	command := n.commands()
	command("agent-1001", "consult", "agent:agent-1003")
	colleague := third.toThird(t)
	hears(t, "the agent", other, thirdHz)
	command("agent-1001", "merge", "")
	for who, one := range map[string]struct {
		talk *testkit.Talk
		want [2]float64
	}{"the caller": {talk, [2]float64{agentHz, thirdHz}}, "the agent": {other, [2]float64{callerHz, thirdHz}}, "the colleague": {colleague, [2]float64{callerHz, agentHz}}} {
		hearsOnly(t, who, one.talk, one.want[:]...)
	}
	pass(2 * time.Second)
	command("agent-1001", "mute", "")
	hearsOnly(t, "the caller, the agent muted", talk, thirdHz)
	hearsOnly(t, "the colleague, the agent muted", colleague, callerHz)
	hearsOnly(t, "the muted agent", other, callerHz, thirdHz)
	command("agent-1001", "unmute", "")
	hearsOnly(t, "the caller, the agent heard again", talk, agentHz, thirdHz)
	command("agent-1001", "hangup", "")
	happens(t, other, "ended", patience)
	hears(t, "the caller, with the colleague alone", talk, thirdHz)
	hears(t, "the colleague", colleague, callerHz)
	colleague.Hangup()
	happens(t, talk, "ended", patience) // the flow of the demo has nothing more to say
	r := n.record(talk)
	if len(r.Agents) != 2 || r.Agents[0].TalkMS+r.Agents[0].HoldMS <= 0 || r.Agents[1].TalkMS <= 0 || r.Agents[1].ConsultMS <= 0 {
		t.Errorf("the agents' parts are %+v", r.Agents)
	}
	for _, p := range r.Agents {
		if p.TalkMS+p.HoldMS >= r.TalkMS+r.HoldMS {
			t.Errorf("%s is credited %d ms of the call's %d", p.Agent, p.TalkMS+p.HoldMS, r.TalkMS+r.HoldMS)
		}
	}
	left, right := n.audio(n.sealed(r))
	mixed := false
	for i := 0; i+4000 <= min(len(left), len(right)) && !mixed; i += 800 {
		l, w := left[i:i+4000], right[i:i+4000]
		mixed = tone.Find(l, callerHz) > -24 && tone.Find(l, agentHz) < -45 && tone.Find(l, thirdHz) < -45 &&
			tone.Find(w, agentHz) > -24 && tone.Find(w, thirdHz) > -24 && tone.Find(w, callerHz) < -45
	}
	if !mixed {
		t.Error("nowhere does the recording have the caller on the left and both others on the right")
	}
}

// A caller, a real phone (baresip) and a real browser (Chromium) meet: each hears both others and not itself, and when the phone leaves the two left
// talk on. The phone then is the supervisor's of the agent in the browser, who listens unheard, whispers to the agent alone, barges in and leaves.
// At last the browser parks the caller and fetches them by dialling the slot.
func TestConferenceOfARealPhoneAndABrowser(t *testing.T) {
	t.Parallel()
	n := start(t, demo(t))
	n.person("desk", "agent-1003", "correct horse")
	n.supervisor("agent-1001")
	real := n.realPhone("1001", 10*time.Minute)
	talk := n.takenBy(real)
	b := n.tabOf(thirdHz) // only now: the queue would have rung it too
	b.do("signIn", "desk", "correct horse")
	n.awaitAgent("agent-1003", "ready")

	n.commands()("agent-1001", "add", "agent:agent-1003")
	b.do("answer")
	hearsOnly(t, "the caller", talk, agentHz, thirdHz)
	b.hearsOnly("the browser", callerHz, agentHz)
	pass(time.Second)
	real.command("hangup", "")
	real.told("CALL_CLOSED", 1)
	hearsOnly(t, "the caller, after the phone left", talk, thirdHz)
	b.hearsOnly("the browser, after the phone left", callerHz)
	real.heardTogether("in the conference", callerHz, thirdHz)

	ask, path := n.asBoss(), "/calls/"+n.liveCall()+"/commands"
	command := func(what string) {
		t.Helper()
		ask(http.MethodPost, path, map[string]string{"what": what}, http.StatusNoContent)
	}
	command("listen")
	real.told("CALL_ESTABLISHED", 2)
	hearsOnly(t, "the caller, listened to", talk, thirdHz)
	b.hearsOnly("the browser, listened to", callerHz)
	command("whisper")
	b.hearsOnly("the browser, whispered to", callerHz, agentHz)
	hearsOnly(t, "the caller meanwhile", talk, thirdHz)
	command("barge")
	hearsOnly(t, "the caller, barged in on", talk, agentHz, thirdHz)
	b.hearsOnly("the browser, barged in on", callerHz, agentHz)
	command("leave")
	real.told("CALL_CLOSED", 2)
	hearsOnly(t, "the caller, alone with the browser", talk, thirdHz)
	real.heardTogether("as a supervisor", callerHz, thirdHz)

	n.commands()("agent-1003", "park", "")
	hearsSpeech(t, "the parked caller", talk)
	slot, _ := n.parked()
	b.do("dial", slot)
	hearsOnly(t, "the caller, fetched by the browser", talk, thirdHz)
	b.hearsOnly("the browser that dialled the slot", callerHz)
	talk.Hangup()
	r := n.record(talk)
	if len(r.Agents) != 3 || r.Agents[0].Agent != "agent-1001" || r.Agents[1].Agent != "agent-1003" || r.Agents[2].Agent != "agent-1003" {
		t.Fatalf("the agents are %+v", r.Agents)
	}
	for _, p := range r.Agents {
		if p.TalkMS <= 0 || p.TalkMS+p.HoldMS >= r.TalkMS+r.HoldMS {
			t.Errorf("%s is credited %d ms of the call's %d", p.Agent, p.TalkMS+p.HoldMS, r.TalkMS+r.HoldMS)
		}
	}
}

// hearsOnly waits until the agent in the tab hears some of the tones and none of the others.
func (b *tab) hearsOnly(who string, want ...float64) {
	b.t.Helper()
	all := []float64{callerHz, agentHz, thirdHz}
	await(b.t, who+" to hear the right tones only", patience, func() ([]float64, bool) {
		levels, right := b.do("levels", all[0], all[1], all[2]).Levels, true
		for i, hz := range all {
			wanted := slices.Contains(want, hz)
			right = right && (wanted && levels[i] > -50 || !wanted && levels[i] < slices.Max(levels)-30)
		}
		return levels, right
	})
}

// heardTogether fails unless the real phone heard tones at the same time in its latest call, and its own never.
func (b *baresip) heardTogether(when string, want ...float64) {
	b.t.Helper()
	heard, together := b.heard(), false
	for i := 0; i+tone.Window <= len(heard) && !together; i += tone.Window {
		part := heard[i : i+tone.Window]
		together = !slices.ContainsFunc(want, func(hz float64) bool { return tone.Find(part, hz) < -24 })
	}
	if own := loudest(heard, agentHz); !together || own > -40 {
		b.t.Errorf("%s the real phone heard %v together: %v; and itself at %.0f dB", when, want, together, own)
	}
}

// Participants are added one by one, agents and an outside number, up to eight; each hears all others. One is removed, and one does not answer.
func TestConferenceOfEight(t *testing.T) {
	t.Parallel()
	n := start(t, demo(t).with(t, "phones:\n", "phones:\n  - {user: 1004-1009, password: \"pw${user}\"}\n"))
	caller, desk := n.carrier(), n.desk("1001")
	n.awaitAgent("agent-1001", "ready")
	talk, other := n.throughMenu(caller, desk, "13800138000")
	command := n.commands()
	var more []*testkit.Talk
	for _, user := range []string{"1004", "1005", "1006", "1007", "1008", "1009"} {
		p := n.desk(user)
		command("agent-1001", "add", user)
		in := p.next(t)
		in.Answer()
		hearsOnly(t, "who comes in as "+user, in, callerHz, agentHz)
		more = append(more, in)
	}
	ninth := n.desk("1003")
	before := len(other.Heard())
	command("agent-1001", "add", "1003")
	hearsSpeechSince(t, "the agent, of the refusal", other, before)
	select {
	case <-ninth.rang:
		t.Error("a ninth is rung")
	default:
	}
	more[0].Play(hum(thirdHz), true)
	for i, in := range more[1:] {
		hearsOnly(t, "participant "+string(rune('5'+i)), in, callerHz, agentHz, thirdHz)
	}
	hearsOnly(t, "the caller", talk, agentHz, thirdHz)
	n.tell(map[string]string{"what": "remove", "agent": "agent-1001", "leg": "leg3"})
	happens(t, more[0], "ended", patience)
	hearsOnly(t, "the caller, after one was removed", talk, agentHz)
	talk.Hangup()
	for _, in := range more[1:] {
		happens(t, in, "ended", patience)
	}
	happens(t, other, "ended", patience)
	if r := n.record(talk); len(r.Agents) != 1 || r.TalkMS-r.Agents[0].TalkMS > 2 {
		t.Errorf("the agent is credited %+v of the call's %d ms", r.Agents, r.TalkMS)
	}
}
