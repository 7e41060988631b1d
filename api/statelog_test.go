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
	rows := as[[]busy](h.get(account.Supervisor, "/reports/occupancy"+span).want(200))
	if len(rows) != 2 || rows[0].Work != 1800 || rows[0].Talking != 300 || rows[1].Work != 1200 || rows[1].Talking != 300 || rows[1].Occupancy == nil || *rows[1].Occupancy != 0.25 {
		t.Errorf("got %+v", rows)
	}
	rows = as[[]busy](h.get(account.Supervisor, "/reports/occupancy"+span+"&agent=1001&step=0").want(200))
	if len(rows) != 1 || rows[0].Work != 1200 || *rows[0].Occupancy != 0.5 {
		t.Errorf("one agent: %+v", rows)
	}
	h.get(account.Supervisor, "/reports/occupancy?from=2026-01-01T00:00:00Z&to=2026-12-01T00:00:00Z").want(422)
}

// A report of today ends tonight: what is still to come is nobody's time in any state.
func TestWhatIsToComeIsNobodysTime(t *testing.T) {
	h := open(t)
	now := time.Now().UTC()
	h.must(h.db.AppendAgentChanges(t.Context(), []cdr.AgentChange{
		{Agent: "1001", From: "offline", To: "talking", Source: "queue", At: now.Add(-2 * time.Hour)},
		{Agent: "1001", From: "talking", To: "ready", Source: "queue", At: now.Add(-time.Hour)},
	}))
	span := "?from=" + now.Add(-3*time.Hour).Format(time.RFC3339) + "&to=" + now.Add(12*time.Hour).Format(time.RFC3339)
	hour := func(s float64) bool { return s > 3500 && s < 4000 } // the test takes its time
	type page struct{ Agents []figures }
	agents := as[page](h.get(account.Supervisor, "/reports/agents"+span).want(200)).Agents
	if len(agents) != 1 || !hour(agents[0].States["ready"]) || !hour(agents[0].States["talking"]) || agents[0].Occupancy == nil || *agents[0].Occupancy < 0.45 {
		t.Errorf("got %+v", agents)
	}
	if rows := as[[]busy](h.get(account.Supervisor, "/reports/occupancy"+span+"&step=0").want(200)); len(rows) != 1 || !hour(rows[0].Work-rows[0].Talking) {
		t.Errorf("got %+v", rows)
	}
	span = "?from=" + now.Add(time.Hour).Format(time.RFC3339) + "&to=" + now.Add(2*time.Hour).Format(time.RFC3339)
	if agents := as[page](h.get(account.Supervisor, "/reports/agents"+span).want(200)).Agents; len(agents) != 0 {
		t.Errorf("of a time to come: %+v", agents)
	}
}

// busy is a row of how busy agents were.
type busy struct {
	Work, Talking float64
	Occupancy     *float64
}
