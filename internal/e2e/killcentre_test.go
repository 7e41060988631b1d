package e2e

import (
	"context"
	"flag"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"hotline/call"
	"hotline/cdr"
	"hotline/internal/testkit"
)

var (
	killQueued  = flag.Int("kill-queued", 20, "callers who wait when TestKillCentre kills the node")
	killTalking = flag.Int("kill-talking", 3, "and who talk")
)

// restoredWithin is the bar for agents' states after a restart, measured from when the process is started.
const restoredWithin = 10 * time.Second

// floor is a centre with so many agents who take calls, one who has a break, and a queue for all callers.
func floor(agents int) centre {
	people := ""
	for i := range agents + 1 {
		people += fmt.Sprintf("  - {login: a%d, phone: \"%d\", queues: {desk: 1}, ready: true}\n", i, 1001+i)
	}
	return centre{
		"data.yml": `trunks:
  - {id: carrier, sources: [TRUNK]}
phones:
  - {user: 1001-1099, password: "pw${user}"}
people:
` + people + `queues:
  - {id: desk, ring: 60s, wrap_up: 0s, max_wait: 30m, max_waiting: 1000}
routes:
  - {id: all, steps: [{queue: desk}]}
numbers:
  - {number: "700", flow: people}
flows: [flows/*.yml]
`,
		"flows/people.yml": `flow: people
start: answer
nodes:
  answer: {type: answer, next: tape}
  tape: {type: record, next: wait}
  wait: {type: queue, on: {timeout: bye, full: bye, no-agents: bye, closed: bye}, next: bye}
  bye: {type: hangup}
`,
	}
}

// The process is killed while callers wait and talk. After the restart agents have their states, every call has an end, the recordings of the talks
// play; and who calls again within ten minutes is offered in the place that they had, before a stranger who called first.
func TestKillCentre(t *testing.T) {
	t.Parallel()
	n := start(t, floor(*killTalking), "silence: 20s", "silence: 1h") // who waits sends nothing
	carrier := n.carrier()
	var desks []*phone
	var agents []string
	for i := range *killTalking {
		desks = append(desks, n.desk(fmt.Sprint(1001+i)))
		agents = append(agents, fmt.Sprint("a", i))
		n.awaitAgent(agents[i], "ready")
	}
	resting := fmt.Sprint("a", *killTalking)
	n.desk(fmt.Sprint(1001 + *killTalking))
	n.setAgent(resting, "not-ready", "小休")

	for i := range *killTalking {
		talk := carrier.dial(t, "700", fmt.Sprintf("1390000%04d", i))
		happens(t, talk, "answered", patience)
		desk := n.ringsAny(desks)
		desk.Answer()
		desk.Play(hum(agentHz), true)
		hears(t, "a caller", talk, agentHz)
	}
	var numbers []string
	for i := range *killQueued {
		numbers = append(numbers, fmt.Sprintf("1380000%04d", i))
		n.waits(t, carrier, numbers[i], i+1)
	}
	pass(3 * time.Second) // of recorded talk
	killed := time.Now()
	n.kill()
	n.run()
	up := time.Since(killed)
	states := n.restored(resting, agents)
	took := time.Since(killed)
	t.Logf("%d waited and %d talked: the node takes calls %v after the kill, agents have their states after %v", *killQueued, *killTalking, up.Round(time.Millisecond), took.Round(time.Millisecond))
	if late := took - run.stalls.within(killed, time.Now()); late > restoredWithin {
		t.Errorf("agents have their states after %v, %v at most: %v", late, restoredWithin, states)
	}
	n.wholeAfter(t, killed)

	for _, a := range agents { // nobody is offered until all have called again
		n.setAgent(a, "not-ready", "later")
	}
	n.waits(t, carrier, "13811112222", 1)
	for i, number := range slices.Backward(numbers) {
		n.waits(t, carrier, number, len(numbers)-i+1)
	}
	n.offeredInOrder(t, desks[0], agents[0], append(numbers, "13811112222"))
}

// ringsAny is the next call that rings at one of some phones.
func (n *node) ringsAny(desks []*phone) *testkit.Talk {
	n.t.Helper()
	return await(n.t, "a phone to ring", patience, func() (*testkit.Talk, bool) {
		for _, d := range desks {
			select {
			case talk := <-d.rang:
				return talk, true
			default:
			}
		}
		return nil, false
	})
}

// waits lets a caller call, until so many wait.
func (n *node) waits(t *testing.T, carrier *phone, number string, so int) {
	t.Helper()
	if _, err := carrier.Call("700", number); err != nil {
		t.Fatal(err)
	}
	await(t, fmt.Sprint(so, " to wait"), patience, func() (int, bool) {
		for _, q := range get[[]struct {
			ID      string
			Waiting int
		}](n, "/queues") {
			if q.ID == "desk" {
				return q.Waiting, q.Waiting == so
			}
		}
		return 0, false
	})
}

// restored waits until the agent who rests does so again for their reason, and the others take calls.
func (n *node) restored(resting string, agents []string) map[string]string {
	n.t.Helper()
	return await(n.t, "the states before the kill", patience, func() (map[string]string, bool) {
		states := map[string]string{}
		for _, a := range get[[]struct{ ID, State, Reason string }](n, "/agents") {
			states[a.ID] = strings.TrimSpace(a.State + " " + a.Reason)
		}
		ok := states[resting] == "not-ready 小休"
		for _, a := range agents {
			ok = ok && strings.HasPrefix(states[a], "ready")
		}
		return states, ok
	})
}

// wholeAfter holds the records of the calls that the kill cut off against what they were.
func (n *node) wholeAfter(t *testing.T, killed time.Time) {
	t.Helper()
	talks, waits := 0, 0
	worst := time.Duration(0)
	for _, r := range n.records(1000) {
		if r.Open() || r.Cause != call.Crashed || r.Started.After(killed) {
			t.Errorf("call %s: began %v, ended %v, cause %q", r.Call, r.Started, r.Ended, r.Cause)
			continue
		}
		if !r.Talked {
			waits++
			continue
		}
		talks++
		missing := n.survived(r, killed)
		worst = max(worst, missing)
		if most := 3*time.Second + run.stalls.within(killed.Add(-3*time.Second), killed); missing > most {
			t.Errorf("call %s: %v of sound missing at the kill, %v at most", r.Call, missing, most)
		}
	}
	if talks != *killTalking || waits != *killQueued {
		t.Errorf("records of %d who talked and %d who waited, want %d and %d", talks, waits, *killTalking, *killQueued)
	}
	t.Logf("%d records of talks with their recordings, at most %v of sound missing; %d of who waited", talks, worst.Round(time.Millisecond), waits)
}

// offeredInOrder lets one agent take calls, each for a moment, and wants who waits to be offered in an order.
func (n *node) offeredInOrder(t *testing.T, desk *phone, agent string, want []string) {
	t.Helper()
	again := time.Now()
	ask[any](n, "PUT", "/agents/"+agent+"/state", map[string]string{"state": "ready"})
	for range want {
		talk := desk.next(t)
		talk.Answer()
		ctx, cancel := context.WithTimeout(t.Context(), patience)
		if _, ok := talk.Wait(ctx, "answered"); !ok {
			t.Fatalf("an agent's phone is not connected: %+v", talk.Moments())
		}
		cancel()
		talk.Hangup()
	}
	served := await(t, "the records of all who called again", patience, func() (all []cdr.Record, ok bool) {
		for _, r := range n.records(1000) {
			if len(r.Agents) > 0 && r.Agents[0].Offered.After(again) {
				all = append(all, r)
			}
		}
		return all, len(all) == len(want)
	})
	slices.SortFunc(served, func(a, b cdr.Record) int { return a.Agents[0].Offered.Compare(b.Agents[0].Offered) })
	for i, r := range served {
		if got := strings.TrimPrefix(r.Caller.E164, "+86"); got != want[i] {
			t.Fatalf("place %d of those who called again was offered to %s, not %s", i+1, got, want[i])
		}
	}
	t.Logf("%d who called again were offered in the places that they had, the stranger last, within %v", len(want)-1, time.Since(again).Round(time.Second))
}
