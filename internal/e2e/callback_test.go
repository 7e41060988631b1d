package e2e

import (
	"net/http"
	"net/netip"
	"slices"
	"testing"
	"time"

	"hotline/callback"
	"hotline/cdr"
	"hotline/internal/testkit"
	"hotline/report"
)

// backed is taped with a queue that calls back: the caller presses 1 while waiting.
func backed(t *testing.T, first string) centre {
	t.Helper()
	c := taped().with(t, "sources: [TRUNK]}", `sources: [TRUNK], targets: [{address: "TRUNK:5070"}]}`,
		"misses: 2}", "misses: 2, callback: {first: "+first+", record: true, retry: 1s}}",
		"type: queue, on: {timeout: bye, no-agents: bye}", "type: queue, keys: {1: back}, on: {timeout: back}",
		"start: tape\nnodes:\n  tape: {type: record, next: people}", "start: people\nnodes:\n  back: {type: callback, next: bye}")
	return c
}

// wants calls, presses the key while waiting, confirms the own number and hangs up.
func (n *node) wants(carrier *phone, from string) *testkit.Talk {
	t := n.t
	t.Helper()
	talk := carrier.dial(t, "700", from)
	happens(t, talk, "answered", patience)
	await(t, "the caller to wait", patience, func() (bool, bool) { return true, len(get[[]any](n, "/queues/waiting")) > 0 })
	talk.Press('1')
	hearsSpeech(t, "the caller who is told the number", talk)
	talk.Press('1')
	n.awaitCallback("+86"+from, func(callback.Entry) bool { return true })
	talk.Hangup()
	if r := n.record(talk); !r.Callback || r.Result() != cdr.ResultCallback || r.AbandonedIn != "" || r.Queues[0].Why != "callback" {
		t.Errorf("the record of who is to be called back: %+v", r)
	}
	return talk
}

func (n *node) awaitCallback(number string, is func(callback.Entry) bool) callback.Entry {
	n.t.Helper()
	return await(n.t, "the callback of "+number, 2*patience, func() (callback.Entry, bool) {
		all := get[struct{ Callbacks []callback.Entry }](n, "/callbacks").Callbacks
		i := slices.IndexFunc(all, func(e callback.Entry) bool { return e.Number == number && is(e) })
		if i < 0 {
			return callback.Entry{}, false
		}
		return all[i], true
	})
}

// A caller asks to be called back while nobody is there; the node is killed and starts again. Then an agent comes: the agent's phone rings first,
// then the customer's, and both hear each other. A customer who is dialled first stands at the head of the queue.
func TestCallback(t *testing.T) {
	t.Parallel()
	for _, first := range []string{"agent", "customer"} {
		t.Run(first, func(t *testing.T) {
			t.Parallel()
			n := start(t, backed(t, first))
			carrier := n.open(trunkHost, "caller", "", func(c *testkit.Config) { c.Bind = netip.AddrPortFrom(c.Bind.Addr(), 5070) })
			n.setAgent("one", "offline", "")
			n.setAgent("two", "offline", "")
			n.wants(carrier, "13800138001")
			n.kill()
			n.run()
			kept := n.awaitCallback("+8613800138001", func(e callback.Entry) bool { return e.State.Open() })

			desk := n.desk("1001")
			// Who signed out before the crash is signed out after it. The phone may ring before anybody sees the agent ready.
			ask[any](n, http.MethodPut, "/agents/one/state", map[string]string{"state": "ready"})
			var customer, agent *testkit.Talk
			if first == "agent" {
				agent = desk.next(t)
				agent.Answer()
				agent.Play(hum(agentHz), true)
				customer = carrier.next(t)
			} else {
				customer = carrier.next(t)
			}
			customer.Answer()
			customer.Play(hum(callerHz), true)
			if first == "customer" {
				agent = desk.take(t, 0)
			}
			hears(t, "the customer", customer, agentHz)
			hears(t, "the agent", agent, callerHz)
			done := n.awaitCallback("+8613800138001", func(e callback.Entry) bool { return e.State == callback.Done })
			if !done.Since.Equal(kept.Since) || done.Tries != 0 {
				t.Errorf("the callback was %+v, came to %+v", kept, done)
			}
			agent.Hangup()
			happens(t, customer, "ended", patience)
			r := n.recordOf(customer.Dialog())
			if !r.CalledBack || r.CallbackOf != done.ID || r.Caller.E164 != "+8613800138001" || !r.Talked || len(r.Recordings) != 1 || len(r.Agents) != 1 || r.Agents[0].TalkMS <= 0 {
				t.Errorf("the record of the callback: %+v", r)
			}
			cases := report.Cases(r)
			if got := report.Sum(cases, 20*time.Second); got.N["callbacks_reached"] != 1 || got.N["offered"] != 0 || got.N["abandoned"] != 0 {
				t.Errorf("figures of the callback: %+v", got.N)
			}
		})
	}
}
