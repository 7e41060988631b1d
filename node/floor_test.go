package node

import (
	"testing"
	"time"

	"hotline/call"
	"hotline/floor"
	"hotline/queue"
)

// What a supervisor orders reaches the queues at once, stands over the configuration when it is taken anew, and is there for the next process.
func TestOrdersOfSupervisors(t *testing.T) {
	n := runNode(t, smallData(t, smallCentre))
	wait := func(what string, done func(s *queue.Snapshot) bool) {
		t.Helper()
		eventually(t, what, func() bool { return done(n.dispatcher.Snapshot()) })
	}
	now := time.Now()
	if _, err := n.floor.Close(t.Context(), floor.Closing{Queue: "q", Waiting: floor.HangUp, By: "sue"}, now); err != nil {
		t.Fatal(err)
	}
	if _, err := n.floor.Change(t.Context(), "anna", "sue", floor.Difference{Queues: map[string]int{"q": 9}}, now); err != nil {
		t.Fatal(err)
	}
	wait("the queue is closed and the agent's level is another", func(s *queue.Snapshot) bool { return s.Queues[0].Closed && s.Agents[0].Queues["q"] == 9 })
	if err := n.reload(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := n.closingFor("q", true); got == nil || got.Then != call.ThenHangup || !n.isShut("q") {
		t.Errorf("got %+v, want that who waits is hung up on", got)
	}
	next := &Node{config: n.config, log: n.log, db: n.db, prompts: n.prompts}
	next.built.Store(n.built.Load())
	if err := next.openFloor(t.Context()); err != nil {
		t.Fatal(err)
	}
	if doors := next.doorsAt(time.Now()); doors["q"] != queue.DoorEmptied || next.floor.Staff(next.built.Load().Agents)[0].Queues["q"] != 9 {
		t.Errorf("the next process: %v, %+v", doors, next.floor.Staff(next.built.Load().Agents))
	}
	if err := n.floor.Open(t.Context(), "q", time.Now()); err != nil {
		t.Fatal(err)
	}
	wait("the queue is open, and the agent's level stays", func(s *queue.Snapshot) bool { return !s.Queues[0].Closed && s.Agents[0].Queues["q"] == 9 })
}

// A queue that was closed until a time opens by itself.
func TestAClosingEnds(t *testing.T) {
	n := runNode(t, smallData(t, smallCentre))
	now := time.Now()
	if _, err := n.floor.Close(t.Context(), floor.Closing{Until: now.Add(time.Minute)}, now); err != nil {
		t.Fatal(err)
	}
	for after, want := range map[time.Duration]queue.Door{0: queue.DoorKept, time.Minute: queue.DoorOpen} {
		if got := n.doorsAt(now.Add(after))["q"]; got != want {
			t.Errorf("after %s: got %v, want %v", after, got, want)
		}
	}
}
