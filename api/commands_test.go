package api

import (
	"strings"
	"testing"
	"time"

	"hotline/account"
	"hotline/call"
)

// Who may command whom on which call; what reaches the call is seen in its trace.
func TestCommands(t *testing.T) {
	h := open(t)
	h.live("c9")
	talk := func(agent string, after time.Duration) call.Fact {
		return call.Fact{Call: "c9", Seq: 900 + int(after/time.Second), At: time.Now().Add(after), Kind: call.Connected, Agent: agent, Leg: call.LegID("leg-" + agent), Queue: "sales"}
	}
	if _, err := h.db.AppendFacts(t.Context(), []call.Fact{talk("1001", 0), talk("1002", time.Second)}); err != nil {
		t.Fatal(err)
	}
	path := "/api/v1/calls/c9/commands"
	h.ask(account.Agent, "POST", path, map[string]any{"what": "hold"}).want(204)
	h.ask(account.Agent, "POST", path, map[string]any{"what": "hold", "agent": "1002"}).want(403)
	h.ask(account.Agent, "POST", path, map[string]any{"what": "sing"}).want(422)
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
