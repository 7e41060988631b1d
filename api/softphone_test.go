package api

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"hotline/account"
	"hotline/api/live"
	"hotline/call"
)

// dials is a telephone that hands out what finds the number to dial.
type dials chan live.Find

func (d dials) Serve(_ http.ResponseWriter, _ *http.Request, _ string, _ bool, find live.Find, _ live.Watch) {
	d <- find
}

// Agents dial whom they talked to without seeing the number, and nobody that they have nothing to do with. Calls that they made are theirs.
func TestAgentsDialByCallOrTicket(t *testing.T) {
	d := make(dials, 1)
	h := open(t, func(c *Config) {
		c.Softphones = d
		c.PhoneOf = func(agent string) string { return agent }
	})
	own := &facts{id: "out", at: noon.Add(2 * time.Hour)}
	own.add(0, call.Fact{Kind: call.Started, Leg: call.CallerLeg, From: "1001", To: "+8613900139000", Direction: "out", Agent: "1001"})
	h.journalled(started("c1", noon).talks("1001", "sales").over(), started("c2", noon.Add(time.Hour)).talks("1002", "sales").over(), own.over())
	h.eventually("tickets", func() bool {
		all, err := h.db.OpenTicketsOf(t.Context(), caller, 5)
		return err == nil && len(all) == 2
	})
	listed := h.get(account.Agent, "/calls").want(200)
	if got := as[struct{ Calls []struct{ Call, By string } }](listed).Calls; len(got) != 2 || got[0].Call != "out" || got[0].By != "1001" {
		t.Errorf("the agent's calls are %+v", got)
	}
	if strings.Contains(listed.Body.String(), "3900139") {
		t.Errorf("an agent sees whom they called: %s", listed.Body)
	}
	h.get(bob, "/calls/out").want(404)
	tickets, err := h.db.OpenTicketsOf(t.Context(), caller, 1)
	h.must(err)
	h.get(account.Agent, "/softphone")
	find := <-d
	for _, tt := range []struct{ record, ticket, want string }{
		{"c1", "", caller}, {"out", "", "+8613900139000"}, {"", string(tickets[0].ID), caller}, {"c2", "", ""}, {"none", "", ""}, {"", "none", ""},
	} {
		if got, err := find(t.Context(), tt.record, tt.ticket); got != tt.want || (err != nil) != (tt.want == "") {
			t.Errorf("call %q, ticket %q: %q, %v; want %q", tt.record, tt.ticket, got, err, tt.want)
		}
	}
}
