package api

import (
	"strings"
	"testing"
	"time"

	"hotline/account"
	"hotline/floor"
)

// A supervisor closes a queue and opens it again; who did it and how is on the audit log, and the queue says so.
func TestQueueClosedOutOfTurn(t *testing.T) {
	h := open(t)
	until := time.Now().Add(time.Hour).UTC().Truncate(time.Second)
	made := as[floor.Closing](h.ask(account.Supervisor, "POST", "/api/v1/closings", map[string]any{"queue": "sales", "prompt": "storm", "waiting": "queue", "to": "care", "until": until}).want(201))
	if made.By == "" || made.Waiting != floor.Elsewhere || !made.Until.Equal(until) {
		t.Errorf("got %+v", made)
	}
	for _, q := range as[[]queueView](h.get(account.Agent, "/queues").want(200)) {
		if closed := q.Closing != nil; closed != (q.ID == "sales") {
			t.Errorf("queue %s closed out of turn: %v", q.ID, closed)
		}
	}
	if all := as[[]floor.Closing](h.get(account.Agent, "/closings").want(200)); len(all) != 1 || all[0].Prompt != "storm" {
		t.Errorf("got %+v", all)
	}
	for _, bad := range []map[string]any{
		{"queue": "sales", "prompt": "none"}, {"queue": "sales", "text": "words that nobody can speak"}, {"queue": "sales", "waiting": "queue", "to": "sales"},
		{"waiting": "queue", "to": "care"}, {"queue": "sales", "until": time.Now().Add(-time.Hour)}, {"queue": "sales", "until": time.Now().AddDate(1, 0, 0)}, {"waiting": "sing"},
	} {
		h.ask(account.Supervisor, "POST", "/api/v1/closings", bad).want(422)
	}
	h.ask(account.Supervisor, "DELETE", "/api/v1/closings?queue=sales", nil).want(204)
	h.ask(account.Supervisor, "DELETE", "/api/v1/closings?queue=sales", nil).want(404)
	audit := h.get(account.Admin, "/audit").Body.String()
	if !strings.Contains(audit, "queue.close") || !strings.Contains(audit, "queue, care, storm, until") || !strings.Contains(audit, "queue.open") {
		t.Errorf("the audit log: %s", audit)
	}
}

// An agent's queues change live, and back.
func TestMembershipLive(t *testing.T) {
	h := open(t)
	of := func(id string) agentView {
		for _, a := range as[[]agentView](h.get(account.Agent, "/agents").want(200)) {
			if a.ID == id {
				return a
			}
		}
		return agentView{}
	}
	h.ask(account.Supervisor, "PATCH", "/api/v1/agents/1001/membership", map[string]any{"queues": map[string]int{"care": 3}, "without": []string{"sales"}, "skills": map[string]int{"english": 2}}).want(200)
	h.eventually("the queues know", func() bool {
		a := of("1001")
		return len(a.Queues) == 1 && a.Queues["care"] == 3 && a.Skills["english"] == 2
	})
	if body := h.get(account.Agent, "/agents").Body.String(); strings.Contains(body, `"skills":null`) {
		t.Errorf("an agent without skills: %s", body)
	}
	if a := of("1001"); a.Live == nil || a.Live.By == "" || of("1002").Live != nil {
		t.Errorf("the difference is not shown: %+v", a)
	}
	h.ask(account.Supervisor, "PATCH", "/api/v1/agents/none/membership", map[string]any{"queues": map[string]int{"care": 3}}).want(404)
	h.ask(account.Supervisor, "PATCH", "/api/v1/agents/1001/membership", map[string]any{}).want(422)
	h.ask(account.Supervisor, "DELETE", "/api/v1/agents/1001/membership", nil).want(204)
	h.eventually("as configured", func() bool {
		a := of("1001")
		return len(a.Queues) == 1 && a.Queues["sales"] == 1 && len(a.Skills) == 0 && a.Live == nil
	})
	if audit := h.get(account.Admin, "/audit").Body.String(); !strings.Contains(audit, "+care=3 -sales skills +english=2") {
		t.Errorf("the audit log: %s", audit)
	}
}

// A team is written to; each reads their own, and the supervisor sees who did.
func TestMessagesToAgents(t *testing.T) {
	h := open(t)
	h.ask(account.Supervisor, "POST", "/api/v1/messages", map[string]any{"to": "sales", "text": "早会改到九点半"}).want(201)
	h.ask(account.Supervisor, "POST", "/api/v1/messages", map[string]any{"agents": []string{"1001", "1002"}, "text": "second"}).want(201)
	mine := as[[]floor.Message](h.get(account.Agent, "/messages?unread=true").want(200))
	if len(mine) != 2 || mine[0].Text != "second" || mine[1].To != "sales" || mine[1].By == "" {
		t.Fatalf("got %+v", mine)
	}
	if theirs := as[[]floor.Message](h.get(bob, "/messages").want(200)); len(theirs) != 1 {
		t.Errorf("another agent sees %+v", theirs)
	}
	h.ask(bob, "POST", "/api/v1/messages/read", map[string]any{"ids": []string{mine[1].ID}}).want(204)
	h.ask(account.Agent, "POST", "/api/v1/messages/read", map[string]any{"ids": []string{mine[0].ID}}).want(204)
	if left := as[[]floor.Message](h.get(account.Agent, "/messages?unread=true").want(200)); len(left) != 1 || left[0].ID != mine[1].ID {
		t.Errorf("left: %+v", left)
	}
	read := 0
	for _, m := range as[struct{ Messages []floor.Message }](h.get(account.Supervisor, "/messages/sent?search=1001&sort=at").want(200)).Messages {
		if !m.Read.IsZero() {
			read++
		}
	}
	if read != 1 {
		t.Errorf("%d are shown as read, want 1", read)
	}
	for _, bad := range []map[string]any{{"text": "to nobody"}, {"to": "all", "text": " "}, {"agents": []string{"none"}, "text": "x"}} {
		h.ask(account.Supervisor, "POST", "/api/v1/messages", bad).want(422)
	}
	if audit := h.get(account.Admin, "/audit").Body.String(); !strings.Contains(audit, "message.send") || !strings.Contains(audit, "早会改到九点半") {
		t.Errorf("the audit log: %s", audit)
	}
}
