package report

import (
	"math/rand/v2"
	"reflect"
	"testing"
	"time"

	"hotline/cdr"
	"hotline/queue"
)

// One agent talks across the end of an interval, another comes late and has a break; the intervals add up to what Agents says of the whole
// time, and the log in another order gives the same.
func TestBusyTable(t *testing.T) {
	at := func(minute int) time.Time { return nine.Add(time.Duration(minute) * time.Minute) }
	changes := []cdr.AgentChange{
		{Agent: "anna", From: "ready", To: "talking", At: at(10)}, {Agent: "anna", From: "talking", To: "wrap-up", At: at(20)},
		{Agent: "anna", From: "wrap-up", To: "ready", At: at(25)},
		{Agent: "bo", From: "offline", To: "ready", At: at(30)}, {Agent: "bo", From: "ready", To: "not-ready", At: at(40)},
	}
	table := BusyTable(Spans(changes, at(0), at(60)), at(0), at(60), 15*time.Minute)
	want := []Busy{
		{at(0), 15 * time.Minute, 5 * time.Minute, 0}, {at(15), 15 * time.Minute, 5 * time.Minute, 5 * time.Minute},
		{at(30), 25 * time.Minute, 0, 0}, {at(45), 15 * time.Minute, 0, 0},
	}
	if !reflect.DeepEqual(table, want) {
		t.Errorf("got %v\nwant %v", table, want)
	}
	if got, ok := table[1].Occupancy(); !ok || got != 10.0/15 {
		t.Errorf("occupancy of the second quarter: %v, %v", got, ok)
	}
	var work, busy time.Duration
	for _, b := range table {
		work, busy = work+b.Work, busy+b.Talking+b.WrapUp
	}
	var whole, talks time.Duration
	for _, a := range Agents(changes, nil, at(0), at(60), time.Second) {
		for state, d := range a.States {
			if working(state) {
				whole += d
			}
		}
		talks += a.States["talking"] + a.States["wrap-up"]
	}
	if work != whole || busy != talks {
		t.Errorf("intervals add up to %v of %v, agents to %v of %v", busy, work, talks, whole)
	}
	random := rand.New(rand.NewPCG(3, 3))
	for range 10 {
		random.Shuffle(len(changes), func(i, j int) { changes[i], changes[j] = changes[j], changes[i] })
		if got := BusyTable(Spans(changes, at(0), at(60)), at(0), at(60), 15*time.Minute); !reflect.DeepEqual(got, want) {
			t.Fatalf("rebuilt: got %v", got)
		}
	}
	if got := BusyTable(nil, at(0), at(60), 0); len(got) != 1 {
		t.Errorf("one interval of nothing: got %v", got)
	} else if _, ok := got[0].Occupancy(); ok {
		t.Error("an occupancy of no time")
	}
}

// A supervisor who listens to others does not talk, nor is at work for the queues; what they say to a caller whom they take over is a talk.
func TestListeningIsNoTalk(t *testing.T) {
	at := func(minute int) time.Time { return nine.Add(time.Duration(minute) * time.Minute) }
	changes := []cdr.AgentChange{
		{Agent: "boss", From: "offline", To: "ready", At: at(0)},
		{Agent: "boss", From: "ready", To: "talking", Reason: queue.Listening, At: at(10)},
		{Agent: "boss", From: "talking", To: "talking", Reason: "outside the queues", At: at(50)},
		{Agent: "boss", From: "talking", To: "ready", At: at(60)},
	}
	spans := Spans(changes, at(0), at(70))
	boss := Agents(changes, nil, at(0), at(70), time.Second)[0]
	if boss.States["talking"] != 10*time.Minute || boss.States[Listening] != 40*time.Minute {
		t.Errorf("states %v", boss.States)
	}
	if got, ok := boss.Occupancy(); !ok || got != 10.0/30 {
		t.Errorf("occupancy %v, %v", got, ok)
	}
	if got := BusyTable(spans, at(0), at(70), 0)[0]; got.Work != 30*time.Minute || got.Talking != 10*time.Minute {
		t.Errorf("of all: %+v", got)
	}
}
