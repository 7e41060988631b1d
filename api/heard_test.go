package api

import (
	"slices"
	"testing"
	"time"

	"hotline/account"
	"hotline/recording"
)

type stretch struct {
	From float64 `json:"from"`
	To   float64 `json:"to"`
}

type heardBy struct {
	Name   string
	Ranges []stretch
}

// What somebody listened to is in the audit log, and shown to supervisors beside the recording.
func TestHeardRangesAreKept(t *testing.T) {
	h := open(t)
	h.journalled(started("c1", noon).talks("1001", "sales").over())
	h.record("rec-c1", "c1", 2*time.Second, recording.Sealed)
	path := "/api/v1/recordings/rec-c1/heard"
	say := func(as account.Role, status int, ranges ...stretch) {
		t.Helper()
		h.ask(as, "POST", path, map[string]any{"ranges": ranges}).want(status)
	}
	say(account.Agent, 204, stretch{5, 7.25}, stretch{0, 2}, stretch{1, 3})
	say(account.Supervisor, 204, stretch{1, 2})
	say(bob, 404, stretch{1, 2}) // was not on that call
	say(account.Supervisor, 422, stretch{2, 2})
	say(account.Supervisor, 422)
	say("", 401, stretch{1, 2})
	h.ask(account.Supervisor, "POST", "/api/v1/recordings/none/heard", map[string]any{"ranges": []stretch{{1, 2}}}).want(404)
	h.get(account.Agent, "/recordings/rec-c1/heard").want(403)
	got := as[[]heardBy](h.get(account.Supervisor, "/recordings/rec-c1/heard").want(200))
	if len(got) != 2 || got[0].Name != "Sue" || got[1].Name != "Amy" || !slices.Equal(got[1].Ranges, []stretch{{0, 3}, {5, 7.2}}) {
		t.Errorf("got %+v", got)
	}
	if lines := h.lines("recording.heard"); len(lines) != 2 || lines[0].Object != "rec-c1" || lines[0].Detail != "0.0-3.0 5.0-7.2" {
		t.Errorf("the audit log has %+v", lines)
	}
}
