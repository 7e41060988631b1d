package api

import (
	"encoding/csv"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"hotline/account"
	"hotline/call"
	"hotline/cdr"
	"hotline/report"
)

// figures are a row of a report of queues, or of agents.
type figures struct {
	Queue, Agent    string
	Counts          map[string]int
	Figures, States map[string]float64
	Occupancy       *float64
}

func TestReports(t *testing.T) {
	h := open(t)
	h.journalled(started("c1", noon).talks("1001", "sales").over())
	h.journalled(started("c2", noon.Add(time.Hour)).talks("1002", "care").over())
	h.must(h.db.AppendAgentChanges(t.Context(), []cdr.AgentChange{
		{Agent: "1001", From: "offline", To: "ready", At: noon}, {Agent: "1001", From: "ready", To: "talking", At: noon.Add(30 * time.Minute)},
	}))
	span := "?from=" + noon.Add(-time.Hour).UTC().Format(time.RFC3339) + "&to=" + noon.Add(2*time.Hour).UTC().Format(time.RFC3339)
	type page struct {
		Rows   []figures
		Agents []figures
		Calls  []call.ID
		Total  int
	}
	rows := as[page](h.get(account.Supervisor, "/reports/queues"+span)).Rows
	if len(rows) != 2 || rows[0].Queue != "sales" || rows[1].Queue != "care" || rows[0].Counts["answered"] != 1 || rows[0].Figures["service_level"] != 1 {
		t.Errorf("got %+v", rows)
	}
	if got := as[page](h.get(account.Supervisor, "/reports/calls"+span+"&figure=answered&queue=care")).Calls; !slices.Equal(got, []call.ID{"c2"}) {
		t.Errorf("the calls of a figure: got %v, want c2", got)
	}
	if got := as[page](h.get(account.Supervisor, "/reports/calls"+span+"&figure=answered&agent=1001")).Calls; !slices.Equal(got, []call.ID{"c1"}) {
		t.Errorf("the calls of an agent: got %v, want c1", got)
	}
	if got := as[page](h.get(account.Supervisor, "/reports/calls"+span+"&figure=answered&limit=1&offset=1")); len(got.Calls) != 1 || got.Total != 2 {
		t.Errorf("the second page of a figure's calls: got %+v, want one of two", got)
	}
	for what, want := range map[string]string{"sort=queue&limit=1": "care", "sort=-queue&limit=1": "sales", "search=AR": "care", "sort=queue&offset=1": "sales"} {
		if got := as[page](h.get(account.Supervisor, "/reports/queues"+span+"&step=0&"+what)).Rows; len(got) != 1 || got[0].Queue != want {
			t.Errorf("queues with %s: got %+v, want %s alone", what, got, want)
		}
	}
	for what, want := range map[string]string{"sort=-state.talking&limit=1": "1001", "sort=occupancy&limit=1": "1002", "search=002": "1002", "sort=-agent&limit=1": "1002", "sort=-answered&offset=1": "1002"} {
		if got := as[page](h.get(account.Supervisor, "/reports/agents"+span+"&"+what)); len(got.Agents) != 1 || got.Agents[0].Agent != want {
			t.Errorf("agents with %s: got %+v, want %s alone", what, got.Agents, want)
		}
	}
	h.get(account.Supervisor, "/reports/agents"+span+"&sort=luck").want(422)
	h.get(account.Supervisor, "/reports/queues"+span+"&sort=-state.ready").want(422)
	agents := as[page](h.get(account.Supervisor, "/reports/agents"+span)).Agents
	if len(agents) != 2 || agents[0].States["talking"] != 5400 || agents[0].Occupancy == nil || *agents[0].Occupancy != 0.75 {
		t.Errorf("got %+v", agents)
	}
	table, err := csv.NewReader(strings.NewReader(h.get(account.Supervisor, "/reports/queues.csv"+span+"&step=0").want(200).Body.String())).ReadAll()
	h.must(err)
	if len(table) != 3 || len(table[0]) != 2+len(report.Counts)+len(report.Ratios) || table[1][1] != "care" || table[1][2] != "1" {
		t.Errorf("got %v", table)
	}
	table, err = csv.NewReader(strings.NewReader(h.get(account.Supervisor, "/reports/agents.csv"+span).want(200).Body.String())).ReadAll()
	h.must(err)
	if len(table) != 3 || len(table[0]) != 10+len(report.Counts)+len(report.Ratios) || table[1][0] != "1001" || table[1][3] != "5400" || table[1][9] != "0.7500" || table[1][11] != "1" {
		t.Errorf("got %v", table)
	}
	if got := as[[]struct{ Text string }](h.get(account.Supervisor, "/reports/formulas")); len(got) != len(report.Counts)+len(report.Ratios)+1 || got[0].Text == "" {
		t.Errorf("got %+v", got)
	}
	for _, path := range []string{
		"/reports/calls" + span + "&figure=luck", "/reports/queues", "/reports/queues?from=2026-01-01T00:00:00Z&to=2025-01-01T00:00:00Z",
		"/reports/agents?from=2026-01-01T00:00:00Z&to=2026-12-01T00:00:00Z", "/reports/staffing?calls=1000000&aht=14400",
	} {
		h.get(account.Supervisor, path).want(422)
	}
}

// Whoever looks at the day so far may have the calls under way counted too: one who waits has come, one who talks is answered.
func TestReportsOfCallsUnderWay(t *testing.T) {
	h := open(t)
	h.journalled(started("c1", time.Now()).talks("1002", "sales").over())
	h.hall("l1")
	h.talks("l2", "1001")
	h.eventually("the caller to wait", func() bool {
		facts, err := h.db.FactsOf(h.Context(), "l1")
		return err == nil && slices.ContainsFunc(facts, func(f call.Fact) bool { return f.Kind == call.Queued })
	})
	span := "?step=0&from=" + time.Now().Add(-time.Hour).UTC().Format(time.RFC3339) + "&to=" + time.Now().Add(time.Hour).UTC().Format(time.RFC3339)
	type page struct{ Rows []figures }
	for what, want := range map[string][2]int{"": {1, 1}, "&open=true": {3, 2}, "&open=true&queue=care": {}} {
		rows := as[page](h.get(account.Supervisor, "/reports/queues"+span+what)).Rows
		var got [2]int
		for _, r := range rows {
			got[0], got[1] = got[0]+r.Counts["offered"], got[1]+r.Counts["answered"]
		}
		if got != want {
			t.Errorf("offered and answered with %q: %v, want %v", what, got, want)
		}
	}
}

type staffed struct {
	Agents                int
	ServiceLevel, Abandon float64
	ASA                   *float64
}

func TestStaffing(t *testing.T) {
	h := open(t)
	type answer struct {
		Erlangs   float64
		Scheduled int
		C         staffed
		A         *staffed
	}
	got := as[answer](h.get(account.Supervisor, "/reports/staffing?calls=100&aht=180&shrinkage=0.3&patience=120"))
	if got.Erlangs != 10 || got.C.Agents != 14 || got.Scheduled != 20 || math.Abs(got.C.ServiceLevel-0.88835) > 1e-5 || got.A == nil || got.A.Abandon <= 0 {
		t.Errorf("got %+v", got)
	}
	if got := as[answer](h.get(account.Supervisor, "/reports/staffing?calls=100&aht=180&agents=9")); got.C.ASA != nil || got.C.ServiceLevel != 0 || got.A != nil {
		t.Errorf("too few: got %+v", got)
	}
}
