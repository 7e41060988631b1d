package node

import (
	"testing"
	"time"

	"hotline/configs"
	"hotline/hours"
	"hotline/queue"
	"hotline/route"
)

// Queues are closed when their calendar is; one without hours never is.
func TestClosedQueues(t *testing.T) {
	office := &hours.Calendar{Name: "office", Zone: time.UTC}
	for day := time.Monday; day <= time.Friday; day++ {
		office.Weekly = append(office.Weekly, hours.Span{Day: day, From: 9 * 60, To: 18 * 60})
	}
	b := &configs.Built{
		Routes: &route.Table{Calendars: map[string]*hours.Calendar{"office": office}},
		Rules:  map[string]configs.Queue{"day": {ID: "day", Hours: "office"}, "night": {ID: "night"}},
	}
	for at, want := range map[string]bool{"2026-03-02T08:59:59Z": true, "2026-03-02T09:00:00Z": false, "2026-03-02T18:00:00Z": true, "2026-03-07T12:00:00Z": true} {
		now, err := time.Parse(time.RFC3339, at)
		if err != nil {
			t.Fatal(err)
		}
		if got := closedQueues(b, now); (got["day"] == queue.DoorClosed) != want || got["night"] != queue.DoorOpen {
			t.Errorf("%s: got %v, want day closed: %v", at, got, want)
		}
	}
}

// Nothing that goes by the hours begins before they are known: a callback at night because the node just started.
func TestAllIsShutUntilTheHoursAreTold(t *testing.T) {
	n := &Node{}
	if !n.isShut("night") {
		t.Error("a queue is open before anybody looked at its hours")
	}
	n.doors = map[string]queue.Door{"day": queue.DoorKept}
	if n.isShut("night") || !n.isShut("day") {
		t.Error("what was told is not known")
	}
}
