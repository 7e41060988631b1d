package e2e

import "testing"

// A call stays while its sound moves: to a second tab, back to the first when the second is closed, and to a second computer, which asks.
func TestTheSoundOfACallMoves(t *testing.T) {
	t.Parallel()
	n := start(t, demo(t))
	b, caller := n.tab(), n.carrier()
	n.attends(b)
	talk := n.taken(caller, b)

	b.do("newTab") // the sound stays where it is
	hears(t, "the caller with a second tab open", talk, agentHz)
	took := b.do("take")
	hears(t, "the caller from the second tab", talk, agentHz)
	b.hears(callerHz, agentHz)
	b.do("front", 0)
	b.do("gone", "tab")

	b.do("front", 1)
	b.do("close")
	b.do("front", 0)
	inherited := b.do("here")
	hears(t, "the caller from the first tab", talk, agentHz)
	b.hears(callerHz, agentHz)

	other := n.tabOf(thirdHz)
	other.do("signIn", "desk", "correct horse")
	hears(t, "the caller before the answer on the second computer", talk, agentHz)
	asked := other.do("asked")
	hears(t, "the caller from the second computer", talk, thirdHz)
	other.hears(callerHz, agentHz)
	b.do("gone", "computer")
	t.Logf("another tab took the sound in %d ms, the first had it back %d ms after that was closed, another computer took it in %d ms", took.MS, inherited.MS, asked.MS)
	other.do("hangUp")
	happens(t, talk, "ended", patience)
	r := n.record(talk)
	if len(r.Agents) != 1 || r.HungUp != "agent" {
		t.Errorf("record: agents %+v, hung up by %q", r.Agents, r.HungUp)
	}
}
