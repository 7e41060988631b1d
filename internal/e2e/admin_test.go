package e2e

import (
	"os/exec"
	"strings"
	"testing"
)

type rung struct {
	Queue   string
	Ringing []string
}

// rings waits until a caller in the queue rings so many agents.
func (n *node) rings(queue string, agents int) rung {
	n.t.Helper()
	var is rung
	await(n.t, queue+" to ring its agents", patience, func() ([]rung, bool) {
		all := get[[]rung](n, "/queues/waiting")
		if len(all) != 1 || all[0].Queue != queue || len(all[0].Ringing) != agents {
			return all, false
		}
		is = all[0]
		return all, true
	})
	return is
}

// admin makes somebody who may do everything.
func (n *node) admin(login, password string) {
	n.t.Helper()
	cmd := exec.CommandContext(n.t.Context(), run.binary, "user", "add", login, "--role", "admin", "--data", n.data)
	cmd.Stdin = strings.NewReader(password + "\n")
	if text, err := cmd.CombinedOutput(); err != nil {
		n.t.Fatalf("add %s: %v\n%s", login, err, text)
	}
}

// An administrator changes a queue's strategy on its page: the next call rings all agents and not one of them. What is wrong is said at its field.
func TestAdminChangesAQueue(t *testing.T) {
	t.Parallel()
	n := start(t, demo(t))
	n.admin("chief", "correct horse")
	b := n.driven("admin.mjs")
	b.do("signIn", "chief", "correct horse")
	desks, caller := map[string]*phone{"agent-1001": n.desk("1001"), "agent-1002": n.desk("1002")}, n.carrier()
	for agent := range desks {
		n.awaitAgent(agent, "ready")
	}
	dial := func() interface{ Hangup() } {
		talk := caller.dial(t, "4008001234", "02812345678")
		happens(t, talk, "answered", patience)
		hearsSpeech(t, "the caller in the menu", talk)
		talk.Press('1')
		return talk
	}
	talk := dial()
	first := n.rings("nation", 1)
	desks[first.Ringing[0]].next(t)
	talk.Hangup()
	for agent := range desks {
		n.awaitAgent(agent, "ready")
	}
	for typed, want := range map[string]string{"soon": "30 秒", "25 小时": "不能是"} { // what the page refuses, and what the server does
		if got := b.do("mistake", "nation", typed).Title; !strings.Contains(got, want) {
			t.Errorf("%q as a length of time: the page says %q, want %q in it", typed, got, want)
		}
	}
	b.do("strategy", "nation", "同时振铃")
	dial()
	n.rings("nation", 2)
	other := desks["agent-1002"].take(t, 0)
	hears(t, "the agent", other, callerHz)
	other.Hangup()
	if e := b.do("errors").Errors; len(e) != 0 {
		t.Errorf("errors on the page: %v", e)
	}
}

// An administrator gives a key of the menu a way in the graph, walks it without a telephone, and publishes it: the next caller goes that way.
// A node that is taken away is missed at the nodes that led there, until it is undone.
func TestAdminEditsAFlow(t *testing.T) {
	t.Parallel()
	n := start(t, demo(t))
	n.admin("chief", "correct horse")
	b := n.driven("admin.mjs")
	b.do("signIn", "chief", "correct horse")
	b.do("openFlow", "hotline.yml")
	b.do("dropNode", "message")
	if got := b.do("wrongNodes").Title; !strings.Contains(got, "people") {
		t.Errorf("without its target: mistakes at %q, want people among them", got)
	}
	b.do("undo")
	b.do("leadKey", "menu", "5", "bye")
	if got := b.do("rehearse", []string{"on", "5"}).Title; !strings.Contains(got, "goodbye") || !strings.Contains(got, "welcome") {
		t.Errorf("rehearsed: the page says %q", got)
	}
	b.do("publishFlow")
	talk := n.carrier().dial(t, "4008001234", "02812345678")
	happens(t, talk, "answered", patience)
	hearsSpeech(t, "the caller in the menu", talk)
	talk.Press('5')
	happens(t, talk, "ended", patience)
	made := b.do("exportFlow").Title
	if !strings.Contains(made, "flow: hotline") {
		t.Errorf("the flow as a file: %.200s", made)
	}
	b.do("importFlow", strings.Replace(made, "people:", "folk:", 1)) // a name that others still lead to
	if got := b.do("wrongNodes").Title; got == "" {
		t.Error("no mistake in an imported flow that has one")
	}
	b.do("backTo", 1)
	if got := get[struct {
		Items []struct{ Item struct{ Source string } }
	}](n, "/config/flows?search=hotline").Items; len(got) == 0 || got[0].Item.Source == made {
		t.Error("the flow of version 1 is not back")
	}
	if e := b.do("errors").Errors; len(e) != 0 {
		t.Errorf("errors on the page: %v", e)
	}
}
