package api

import (
	"strings"
	"testing"
	"time"

	"hotline/account"
	"hotline/call"
	"hotline/route"
	"hotline/ticket"
)

type besideView struct {
	Contacts []struct {
		Call, Queue, Agent, Result string
		Dispositions               []string
		Opens                      bool
	}
	Tickets         []ticket.Ticket
	Dispositions    []string
	Disposition     string
	Script          string
	Held, Recording bool
	Consults        *struct {
		To       string
		Answered bool
	}
}

// An agent sees who calls: what came before, masked, also calls that others took, which do not open for them.
func TestDeskLooksBack(t *testing.T) {
	h := open(t)
	stranger := started("c3", noon.Add(2*time.Hour))
	stranger.facts[0].From, stranger.facts[0].FromRaw = "+8613800138001", "013800138001"
	h.journalled(started("c1", noon).talks("1002", "sales").over(), started("c2", noon.Add(time.Hour)).talks("1001", "sales").over(), stranger.talks("1001", "sales").over())
	now := started("c4", noon.Add(3*time.Hour)).talks("1001", "care")
	h.journalled(now.facts)
	h.eventually("tickets", func() bool {
		all, err := h.db.OpenTicketsOf(t.Context(), caller, 5)
		return err == nil && len(all) == 3
	})
	body := h.get(account.Agent, "/calls/c4/desk").want(200)
	if strings.Contains(body.Body.String(), "138001380") {
		t.Errorf("an agent sees a whole number: %s", body.Body)
	}
	got := as[besideView](body)
	if len(got.Contacts) != 2 || got.Contacts[0].Call != "c2" || !got.Contacts[0].Opens || got.Contacts[1].Agent != "1002" || got.Contacts[1].Opens || got.Contacts[1].Result != "answered" {
		t.Errorf("got contacts %+v", got.Contacts)
	}
	if got.Script != "您好,这里是客服。" {
		t.Errorf("got the script %q", got.Script)
	}
	if len(got.Tickets) != 3 || strings.Join(got.Dispositions, " ") != "退款 咨询" || !got.Recording || got.Held {
		t.Errorf("got %+v", got)
	}
	h.get(bob, "/calls/c4/desk").want(404)
	h.get(account.Supervisor, "/calls/none/desk").want(404)
}

// Hold is the agent's own, and ends with taking back or with the leg.
func TestDeskFollowsTheCall(t *testing.T) {
	h := open(t)
	c := started("c5", noon).talks("1001", "care")
	see := func() besideView {
		t.Helper()
		h.journalled(c.facts)
		return as[besideView](h.get(account.Agent, "/calls/c5/desk").want(200))
	}
	if c.add(time.Second, call.Fact{Kind: call.Held, Leg: call.CallerLeg}); see().Held {
		t.Error("the caller's hold is shown as the agent's")
	}
	if c.add(time.Second, call.Fact{Kind: call.Held, Leg: "leg2"}); !see().Held {
		t.Error("the agent's hold is not shown")
	}
	if c.add(time.Second, call.Fact{Kind: call.Resumed, Leg: "leg2"}); see().Held {
		t.Error("the hold is shown after it ended")
	}
	if c.add(time.Second, call.Fact{Kind: call.RecordingStopped, Recording: "rec-c5"}); see().Recording {
		t.Error("the recording is shown after it stopped")
	}
	h.ask(account.Agent, "PUT", "/api/v1/calls/c5/disposition", map[string]any{"code": "咨询"}).want(204)
	h.eventually("the disposition", func() bool { return see().Disposition == "咨询" })
}

// Callers without a number are not taken for each other.
func TestDeskKnowsNobodyWithoutANumber(t *testing.T) {
	h := open(t)
	for _, id := range []string{"c1", "c2"} {
		f := started(id, noon)
		f.facts[0].From, f.facts[0].FromRaw = "anonymous", "anonymous"
		h.journalled(f.talks("1001", "sales").over())
	}
	if got := as[besideView](h.get(account.Agent, "/calls/c2/desk").want(200)); len(got.Contacts) != 0 || len(got.Tickets) != 0 {
		t.Errorf("got %+v of an anonymous caller", got)
	}
}

func TestDirectory(t *testing.T) {
	h := open(t, func(c *Config) {
		c.Routes = func() *route.Table {
			return &route.Table{Numbers: []route.Number{{Pattern: "10XX", Flow: "extension"}, {Pattern: "4001", Origin: "trunk", Flow: "main"}, {Pattern: "600", Origin: "phone", Flow: "echo"}, {Pattern: "9.", Flow: "out"}}}
		}
	})
	if got := as[[]struct{ Number, Flow, Topic string }](h.get(account.Agent, "/directory").want(200)); len(got) != 1 || got[0].Number != "600" || got[0].Flow != "echo" || got[0].Topic != "" {
		t.Errorf("got %+v", got)
	}
	h.get("", "/directory").want(401)
}
