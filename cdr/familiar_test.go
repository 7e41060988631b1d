package cdr

import (
	"fmt"
	"testing"
	"time"

	"hotline/call"
)

func TestFamiliarAgents(t *testing.T) {
	at := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	f := NewFamiliar()
	talk := func(id, from, agent, queue string, at time.Time) {
		f.Facts([]Numbered{
			{Fact: call.Fact{Call: call.ID(id), Kind: call.Started, From: from, At: at}},
			{Fact: call.Fact{Call: call.ID(id), Kind: call.Connected, Agent: agent, Queue: queue, At: at}},
			{Fact: call.Fact{Call: call.ID(id), Kind: call.Ended, At: at}},
		})
	}
	talk("c1", "+8613800138000", "801", "support", at)
	talk("c2", "+8613800138000", "802", "support", at.Add(-time.Hour)) // told late: the newer one counts
	talk("c3", "+8613800138000", "803", "", at.Add(time.Hour))         // not through a queue
	talk("c4", "1001", "804", "support", at)                           // an extension
	for number, want := range map[string]string{"+8613800138000": "801", "1001": "", "": "", "+8613900139000": ""} {
		if got, _ := f.Agent(number); got != want {
			t.Errorf("%s: got %q, want %q", number, got, want)
		}
	}
	if len(f.agents.callers) != 0 {
		t.Errorf("calls that ended are remembered: %v", f.agents.callers)
	}
	for i := range recallMost + 10 {
		f.agents.keep(fmt.Sprint(i), "805", at)
	}
	if got, _ := f.Agent("+8613800138000"); got != "801" || len(f.agents.now)+len(f.agents.past) > 2*recallMost {
		t.Errorf("got %q with %d and %d remembered", got, len(f.agents.now), len(f.agents.past))
	}
}
