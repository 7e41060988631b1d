package e2e

import (
	"net/http"
	"testing"
)

// parked waits until one caller is parked, and gives slot and call.
func (n *node) parked() (slot, id string) {
	n.t.Helper()
	type waiting struct{ Slot, Call string }
	one := await(n.t, "somebody in a slot", patience, func() (waiting, bool) {
		all := get[[]waiting](n, "/calls/parked")
		if len(all) != 1 {
			return waiting{}, false
		}
		return all[0], true
	})
	return one.Slot, one.Call
}

// An agent parks the caller, who hears music; a colleague picks them up.
func TestPark(t *testing.T) {
	t.Parallel()
	n := start(t, demo(t))
	caller, desk := n.carrier(), n.desk("1001")
	n.awaitAgent("agent-1001", "ready")
	talk, other := n.throughMenu(caller, desk, "13800138000")
	third := n.desk("1003")
	n.commands()("agent-1001", "park", "")
	happens(t, other, "ended", patience)
	slot, id := n.parked()
	if slot != "701" || id == "" {
		t.Errorf("parked in %q, call %q", slot, id)
	}
	hearsSpeech(t, "the parked caller", talk)
	res, text := n.request(http.MethodPost, "/api/v1/calls/"+id+"/commands", map[string]string{"what": "pick-up", "agent": "agent-1003"})
	if res.StatusCode != http.StatusNoContent {
		t.Fatalf("pick up: %s: %s", res.Status, text)
	}
	fetched := third.toThird(t)
	hears(t, "the caller, picked up", talk, thirdHz)
	hears(t, "the colleague", fetched, callerHz)
	talk.Hangup()
	happens(t, fetched, "ended", patience)
	r := n.record(talk)
	credited(t, r, "agent-1001", "agent-1003")
	if left := get[[]struct{ Slot string }](n, "/calls/parked"); len(left) != 0 {
		t.Errorf("slots after the end: %+v", left)
	}
	if len(r.Recordings) != 1 {
		t.Errorf("recordings %v", r.Recordings)
	}
}

// Nobody fetches a parked caller: the agent who parked them is rung again and has them back.
func TestParkedComesBack(t *testing.T) {
	t.Parallel()
	n := start(t, demo(t), "calls: {drain: 20s}", "calls: {drain: 20s, park: 2s}")
	caller, desk := n.carrier(), n.desk("1001")
	n.awaitAgent("agent-1001", "ready")
	talk, other := n.throughMenu(caller, desk, "13800138000")
	n.commands()("agent-1001", "park", "")
	happens(t, other, "ended", patience)
	back := desk.take(t, 0)
	hears(t, "the caller, back with the agent", talk, agentHz)
	hears(t, "the agent", back, callerHz)
	talk.Hangup()
	happens(t, back, "ended", patience)
	credited(t, n.record(talk), "agent-1001", "agent-1001")
}

// A caller who is transferred into a queue that is not open to them any more comes back to the agent, who hears them again.
func TestTransferIntoAQueueComesBack(t *testing.T) {
	t.Parallel()
	n := start(t, demo(t).with(t, "id: shanghai, name: 上海组, ring: 15s, wrap_up: 1s, max_wait: 5m", "id: shanghai, name: 上海组, ring: 15s, wrap_up: 1s, max_wait: 2s"))
	caller, desk := n.carrier(), n.desk("1001")
	n.awaitAgent("agent-1001", "ready")
	talk, other := n.throughMenu(caller, desk, "13800138000")
	n.commands()("agent-1001", "transfer", "queue:shanghai")
	happens(t, other, "ended", patience)
	hearsSpeech(t, "the caller in the queue", talk)
	back := desk.take(t, 0)
	hears(t, "the caller, back with the agent", talk, agentHz)
	hears(t, "the agent", back, callerHz)
	talk.Hangup()
	happens(t, back, "ended", patience)
	credited(t, n.record(talk), "agent-1001", "agent-1001")
}
