package e2e

import (
	"testing"
	"time"

	"hotline/internal/testkit"
)

// The first agent's phone rings and is not answered: the caller goes to the second one and keeps the place in time. After
// two misses the first agent is away (未应答) until somebody says otherwise.
func TestRONA(t *testing.T) {
	t.Parallel()
	n := start(t, taped())
	carrier := n.carrier()
	deaf := n.desk("1001")
	n.awaitAgent("one", "ready") // idle the longest: asked first
	desk := n.desk("1002")
	n.awaitAgent("two", "ready")

	miss := func(from string) *testkit.Talk {
		t.Helper()
		talk := carrier.dial(t, "700", from)
		ignored := deaf.next(t)
		since := n.waitingSince("one")
		if a := n.agent("one"); a.State != "offered" {
			t.Errorf("the first agent is %s while the phone rings", a.State)
		}
		other := desk.next(t)
		if got := n.waitingSince("two"); !got.Equal(since) {
			t.Errorf("offered to the second agent the caller waits since %v, before since %v", got, since)
		}
		happens(t, ignored, "ended", 5*time.Second)
		other.Answer()
		other.Play(hum(agentHz), true)
		hears(t, "the caller", talk, agentHz)
		talk.Hangup()
		happens(t, other, "ended", 5*time.Second)
		r := n.record(talk)
		if len(r.Queues) != 1 || len(r.Agents) != 2 || r.Agents[0].Agent != "one" || r.Agents[0].Refused != "no-answer" || r.Agents[1].Agent != "two" || r.Agents[1].Refused != "" {
			t.Errorf("queues %+v, agents %+v", r.Queues, r.Agents)
		}
		if r.WaitMS < 2000 || r.RingMS < 2000 || r.WaitMS > 6000 {
			t.Errorf("waited %d ms, of them ringing %d; the first phone alone rang 2 s", r.WaitMS, r.RingMS)
		}
		return talk
	}
	miss("13800138001")
	n.awaitAgent("one", "ready")
	n.awaitAgent("two", "ready")
	miss("13800138002")
	n.awaitAgent("one", "missed")

	// Away means away: the next caller goes to the second agent at once.
	n.awaitAgent("two", "ready")
	talk := carrier.dial(t, "700", "13800138003")
	desk.take(t, 0)
	hears(t, "the caller", talk, agentHz)
	talk.Hangup()
	if r := n.record(talk); len(r.Agents) != 1 || r.Agents[0].Agent != "two" {
		t.Errorf("agents of the third call: %+v", r.Agents)
	}
	n.setAgent("one", "ready", "")
}

// waitingSince is since when the one caller waits for whom an agent is rung.
func (n *node) waitingSince(agent string) time.Time {
	n.t.Helper()
	type waiting []struct {
		Since time.Time
		Agent string
	}
	return await(n.t, "the queue to show one caller", 5*time.Second, func() (waiting, bool) {
		w := get[waiting](n, "/queues/waiting")
		return w, len(w) == 1 && w[0].Agent == agent
	})[0].Since
}
