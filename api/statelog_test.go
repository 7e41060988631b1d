package api

import (
	"testing"
	"time"

	"hotline/account"
	"hotline/cdr"
)

func TestStateLogAndOccupancy(t *testing.T) {
	h := open(t)
	day := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	h.must(h.db.AppendAgentChanges(t.Context(), []cdr.AgentChange{
		{Agent: "1002", From: "offline", To: "ready", Source: "agent", At: day.Add(-time.Hour)},
		{Agent: "1001", From: "offline", To: "ready", Source: "agent", At: day},
		{Agent: "1001", From: "ready", To: "talking", Reason: "call c1", Source: "queue", At: day.Add(10 * time.Minute)},
		{Agent: "1001", From: "talking", To: "offline", Source: "agent", At: day.Add(20 * time.Minute)},
		{Agent: "1002", From: "ready", To: "offline", Source: "agent", At: day.Add(2 * time.Hour)}, // after the time that is asked about
	}))
	span := "?from=2026-03-02T09:00:00Z&to=2026-03-02T09:30:00Z"
	log := as[[]cdr.AgentChange](h.get(account.Agent, "/agents/1001/log"+span).want(200))
	if len(log) != 3 || log[1].To != "talking" || log[1].Reason != "call c1" || log[1].Source != "queue" {
		t.Errorf("log %+v", log)
	}
	h.get(account.Agent, "/agents/1002/log"+span).want(403)
	if log := as[[]cdr.AgentChange](h.get(account.Supervisor, "/agents/1002/log"+span).want(200)); len(log) != 1 || log[0].To != "ready" || !log[0].At.Equal(day) {
		t.Errorf("the log of who was ready all the time: %+v", log)
	}
	h.get(account.Supervisor, "/agents/1002/log?from=2026-03-02T09:00:00Z&to=2026-03-02T08:00:00Z").want(422)
	if log := as[[]cdr.AgentChange](h.get(account.Supervisor, "/agents/nobody/log"+span).want(200)); log == nil || len(log) != 0 {
		t.Errorf("the log of nobody: %+v", log)
	}
	// 1002 is ready all the time without a change within it.
	rows := as[[]occupancyRow](h.get(account.Supervisor, "/reports/occupancy"+span).want(200))
	if len(rows) != 2 || rows[0].Work != 1800 || rows[0].Talking != 300 || rows[1].Work != 1200 || rows[1].Talking != 300 || rows[1].Occupancy == nil || *rows[1].Occupancy != 0.25 {
		t.Errorf("got %+v", rows)
	}
	rows = as[[]occupancyRow](h.get(account.Supervisor, "/reports/occupancy"+span+"&agent=1001&step=0").want(200))
	if len(rows) != 1 || rows[0].Work != 1200 || *rows[0].Occupancy != 0.5 {
		t.Errorf("one agent: %+v", rows)
	}
	h.get(account.Supervisor, "/reports/occupancy?from=2026-01-01T00:00:00Z&to=2026-12-01T00:00:00Z").want(422)
}
