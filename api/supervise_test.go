package api

import (
	"slices"
	"strings"
	"testing"
	"time"

	"hotline/account"
	"hotline/call"
)

// boss is a supervisor who is an agent with a phone too.
const boss account.Role = "boss"

// Who may supervise which call when; what reaches the call is seen in its trace, what was done in the audit log.
func TestSupervise(t *testing.T) {
	h := open(t, func(c *Config) {
		c.PhoneOf = func(agent string) string { return map[string]string{"1001": "1001", "1003": "1003"}[agent] }
	})
	_, err := h.accounts.Create(h.Context(), account.Person{Login: "eve", Name: "Eve", Role: account.Supervisor, AgentID: "1003"}, password)
	h.must(err)
	h.tokens[boss], _, err = h.accounts.Login(h.Context(), "eve", password, "127.0.0.5")
	h.must(err)
	h.live("c9")
	seq := 900
	note := func(f call.Fact) {
		t.Helper()
		seq++
		f.Call, f.Seq, f.At = "c9", seq, time.Now()
		_, err := h.db.AppendFacts(t.Context(), []call.Fact{f})
		h.must(err)
	}
	path := "/api/v1/calls/c9/commands"
	command := func(as account.Role, what, agent string, status int) {
		t.Helper()
		body := map[string]any{"what": what}
		if agent != "" {
			body["agent"] = agent
		}
		h.ask(as, "POST", path, body).want(status)
	}
	command(boss, "listen", "", 404) // nobody talks yet
	note(call.Fact{Kind: call.Connected, Agent: "1001", Leg: "leg2", Queue: "sales"})
	command(account.Agent, "listen", "", 403)
	command(account.Supervisor, "listen", "", 422) // no phone
	command(boss, "listen", "1002", 404)           // not on it
	command(boss, "whisper", "", 409)              // the microphone is closed at first
	h.ask(boss, "POST", "/api/v1/calls/none/commands", map[string]any{"what": "listen"}).want(404)
	command(boss, "listen", "", 204)
	note(call.Fact{Kind: call.Supervised, Agent: "1003", Leg: "leg3", To: "1001", Reason: "listen"})
	live := func(as account.Role) string { return h.get(as, "/calls/live").want(200).Body.String() }
	if got := live(boss); !strings.Contains(got, `"supervisor":{"agent":"1003","of":"1001","mode":"listen"}`) {
		t.Errorf("the live call does not say who listens: %s", got)
	}
	if got := live(account.Agent); !strings.Contains(got, "c9") || strings.Contains(got, "supervisor") {
		t.Errorf("an agent is shown who listens, or not the call: %s", got)
	}
	for _, what := range []string{"whisper", "barge", "listen", "take-over", "leave"} {
		command(boss, what, "", 204)
	}
	note(call.Fact{Kind: call.Supervised, Agent: "1003", Leg: "leg3", To: "1001", Reason: "left"})
	command(boss, "barge", "", 409)
	note(call.Fact{Kind: call.Supervised, Agent: "1009", Leg: "leg4", To: "1001", Reason: "listen"})
	command(boss, "listen", "", 409) // somebody else does
	h.eventually("all commands at the call", func() bool {
		trace := h.get(boss, "/calls/c9/trace").Body.String()
		return strings.Contains(trace, "supervise asked agent=1003 phone=1003 what=listen of=1001 by=Eve") && strings.Contains(trace, "what=leave")
	})
	audit := h.get(account.Admin, "/audit").want(200).Body.String()
	wanted := []string{"call.listen", "call.whisper", "call.barge", "call.take-over", "call.leave"}
	if slices.ContainsFunc(wanted, func(line string) bool { return !strings.Contains(audit, line) }) {
		t.Errorf("the audit log has not all of %v: %s", wanted, audit)
	}
}
