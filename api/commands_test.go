package api

import (
	"context"
	"strings"
	"testing"
	"time"

	"hotline/account"
	"hotline/call"
	"hotline/ivr"
	"hotline/number"
	"hotline/route"
)

// Who may command whom on which call; what reaches the call is seen in its trace.
func TestCommands(t *testing.T) {
	h := open(t)
	h.talks("c9", "1001")
	path := "/api/v1/calls/c9/commands"
	h.ask(account.Agent, "POST", path, map[string]any{"what": "hold"}).want(204)
	h.ask(account.Agent, "POST", path, map[string]any{"what": "hold"}).want(204) // so already
	if got := h.ask(account.Agent, "POST", path, map[string]any{"what": "swap"}).want(409).Body.String(); !strings.Contains(got, "nobody") {
		t.Errorf("a swap with nobody is refused with %s", got)
	}
	h.ask(account.Agent, "POST", path, map[string]any{"what": "resume"}).want(204)
	h.ask(account.Agent, "POST", path, map[string]any{"what": "hold", "agent": "1002"}).want(403)
	h.ask(account.Agent, "POST", path, map[string]any{"what": "sing"}).want(422)
	h.ask(account.Agent, "POST", path, map[string]any{"what": "consult"}).want(422)
	h.ask(account.Agent, "POST", path, map[string]any{"what": "remove"}).want(422)
	h.ask(account.Agent, "POST", path, map[string]any{"what": "transfer"}).want(422)
	h.ask(account.Supervisor, "POST", path, map[string]any{"what": "hold"}).want(422)
	h.ask(account.Supervisor, "POST", path, map[string]any{"what": "transfer", "to": "1002", "agent": "1001"}).want(204)
	h.ask(account.Supervisor, "POST", path, map[string]any{"what": "hold", "agent": "1003"}).want(404)
	h.ask(account.Supervisor, "POST", "/api/v1/calls/none/commands", map[string]any{"what": "hold", "agent": "1001"}).want(404)
	h.eventually("both commands at the call", func() bool {
		trace := h.get(account.Supervisor, "/calls/c9/trace").Body.String()
		return strings.Contains(trace, "commanded agent=1001 what=hold") && strings.Contains(trace, "what=transfer to=1002")
	})
	if audit := h.get(account.Admin, "/audit").want(200).Body.String(); !strings.Contains(audit, "call.transfer") || strings.Contains(audit, "call.hold") {
		t.Errorf("the audit log has what agents do themselves, or not what a supervisor did: %s", audit)
	}
}

// A parked caller is shown to every agent by slot, and is fetched by one who has a phone; a call where nobody is parked is not.
func TestPickUp(t *testing.T) {
	h := open(t, func(c *Config) {
		c.PhoneOf = func(agent string) string { return map[string]string{"1001": "1001"}[agent] }
	})
	h.talks("c9", "1002")
	path := "/api/v1/calls/c9/commands"
	h.ask(account.Agent, "POST", path, map[string]any{"what": "pick-up"}).want(409)
	h.ask(account.Supervisor, "POST", path, map[string]any{"what": "park", "agent": "1002"}).want(204)
	h.eventually("the slot", func() bool { return strings.Contains(h.get(account.Agent, "/calls/parked").Body.String(), "701") })
	got := as[[]struct{ Slot, By, Call string }](h.get(account.Agent, "/calls/parked").want(200))
	if len(got) != 1 || got[0].Slot != "701" || got[0].By != "1002" || got[0].Call != "c9" {
		t.Errorf("parked are %+v", got)
	}
	h.ask(account.Agent, "POST", path, map[string]any{"what": "pick-up"}).want(204)
	h.ask(account.Agent, "POST", path, map[string]any{"what": "pick-up"}).want(409) // is rung already
	h.ask(account.Supervisor, "POST", path, map[string]any{"what": "pick-up", "agent": "1003"}).want(422)
	h.ask(account.Agent, "POST", "/api/v1/calls/none/commands", map[string]any{"what": "pick-up"}).want(404)
	h.eventually("the wish at the call", func() bool {
		return strings.Contains(h.get(account.Supervisor, "/calls/c9/trace").Body.String(), "what=pick-up")
	})
}

// An agent's own call out is theirs to see and to control like one that came in, while it lasts and with whom they consult.
func TestCommandsOnOnesOwnCall(t *testing.T) {
	h := open(t)
	flow, err := ivr.Read("ring", []byte("flow: ring\nstart: ring\nnodes:\n  ring: {type: dial, targets: [{number: \"${dialled}\"}], for: 60s}\n"))
	h.must(err)
	h.exchange.Start(context.WithoutCancel(h.Context()), call.New("o1", call.Setup{
		From: number.Parse("1001"), Dialled: caller, Origin: route.Origin{Kind: route.FromPhone, Phone: "1001"}, Plan: route.Plan{Flow: "ring"}, Outside: true,
		Routes: table(), Flows: &ivr.Library{Flows: map[string]*ivr.Flow{"ring": flow}}, Agents: map[string]string{"1001": "1001", "1002": "1002"},
	}))
	h.exchange.Send("o1", call.LegAnswered{Leg: "leg2"})
	h.eventually("their own call among those under way", func() bool { return strings.Contains(h.get(account.Agent, "/calls/live").Body.String(), `"o1"`) })
	path := "/api/v1/calls/o1/commands"
	for _, body := range []map[string]any{
		{"what": "hold"}, {"what": "resume"}, {"what": "consult", "to": "agent:1002"}, {"what": "cancel"}, {"what": "transfer", "to": "agent:1002"}, {"what": "cancel"},
		{"what": "add", "to": "agent:1002"}, {"what": "cancel"}, {"what": "park"},
	} {
		h.ask(account.Agent, "POST", path, body).want(204)
	}
	got := as[struct {
		Agents []struct {
			Agent, Leg string
			Connected  time.Time
		}
	}](h.get(account.Agent, "/calls/o1").want(200))
	if len(got.Agents) == 0 || got.Agents[0].Agent != "1001" || got.Agents[0].Leg != "caller" || got.Agents[0].Connected.IsZero() {
		t.Errorf("the agent who called has no part in it: %+v", got)
	}
	h.ask(bob, "POST", path, map[string]any{"what": "hold"}).want(404)
}
