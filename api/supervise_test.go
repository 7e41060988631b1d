package api

import (
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"hotline/account"
	"hotline/call"
	"hotline/switchboard"
)

// boss is a supervisor who is an agent with a phone too.
const boss account.Role = "boss"

// Who may supervise which call when; what reaches the call is seen in its trace, what was done in the audit log.
func TestSupervise(t *testing.T) {
	var away atomic.Bool
	h := open(t, func(c *Config) {
		c.PhoneOf = func(agent string) string { return map[string]string{"1001": "1001", "1003": "1003"}[agent] }
		c.Rings = func(user string) bool { return user == "1003" && !away.Load() }
	})
	_, err := h.accounts.Create(h.Context(), account.Person{Login: "eve", Name: "Eve", Role: account.Supervisor, AgentID: "1003"}, password)
	h.must(err)
	h.tokens[boss], _, err = h.accounts.Login(h.Context(), "eve", password, "127.0.0.5")
	h.must(err)
	h.live("c8")
	h.talks("c9", "1001")
	path := "/api/v1/calls/c9/commands"
	command := func(as account.Role, what, agent string, status int) {
		t.Helper()
		body := map[string]any{"what": what}
		if agent != "" {
			body["agent"] = agent
		}
		h.ask(as, "POST", path, body).want(status)
	}
	h.ask(boss, "POST", "/api/v1/calls/c8/commands", map[string]any{"what": "listen"}).want(404) // no agent is there
	command(account.Agent, "listen", "", 403)
	command(account.Supervisor, "listen", "", 422) // no phone
	command(boss, "listen", "1002", 404)           // not on it
	command(boss, "whisper", "", 409)              // the microphone is closed at first
	h.ask(boss, "POST", "/api/v1/calls/none/commands", map[string]any{"what": "listen"}).want(404)
	away.Store(true)
	command(boss, "listen", "", 409) // their phone is not there
	away.Store(false)
	command(boss, "listen", "", 204)
	command(boss, "barge", "", 409) // their phone still rings
	h.exchange.Send("c9", call.LegAnswered{Leg: "leg3"})
	live := func(as account.Role) string { return h.get(as, "/calls/live").want(200).Body.String() }
	h.eventually("the live call to say who listens", func() bool { return strings.Contains(live(boss), `"mode":"listen"`) })
	if got := live(boss); !strings.Contains(got, `"supervisor":{"agent":"1003","of":"1001","mode":"listen"}`) {
		t.Errorf("the live call does not say who listens: %s", got)
	}
	if got := live(account.Agent); !strings.Contains(got, "c9") || strings.Contains(got, "supervisor") {
		t.Errorf("an agent is shown who listens, or not the call: %s", got)
	}
	for _, what := range []string{"whisper", "barge", "listen", "leave", "leave"} {
		command(boss, what, "", 204)
	}
	command(boss, "listen", "1001", 204)
	h.exchange.Send("c9", call.LegAnswered{Leg: "leg4"})
	h.eventually("the supervisor in the agent's place", func() bool {
		return h.ask(boss, "POST", path, map[string]any{"what": "take-over"}).Code == 204
	})
	command(boss, "barge", "", 409)  // has left
	command(boss, "listen", "", 409) // and talks here in the place of 1001
	h.eventually("all commands at the call", func() bool {
		trace := h.get(boss, "/calls/c9/trace").Body.String()
		return strings.Contains(trace, "supervise asked agent=1003 phone=1003 what=listen of=1001 by=Eve") && strings.Contains(trace, "what=leave")
	})
	audit := h.get(account.Admin, "/audit").want(200).Body.String()
	if strings.Count(audit, `"what":"call.listen","object":"c9","detail":"1001"`) != 3 {
		t.Errorf("the audit log does not say whom was listened to: %s", audit)
	}
	wanted := []string{"call.listen", "call.whisper", "call.barge", "call.take-over", "call.leave"}
	if slices.ContainsFunc(wanted, func(line string) bool { return !strings.Contains(audit, line) }) {
		t.Errorf("the audit log has not all of %v: %s", wanted, audit)
	}
}

// lines are the switchboard's, of one supervisor who listens.
type lines struct{ told []string }

func (l *lines) Follow(w switchboard.Follow) {
	l.told = append(l.told, w.Supervisor+" by "+w.Phone+" follows "+w.Of)
}

func (l *lines) Unfollow(supervisor string) { l.told = append(l.told, supervisor+" follows nobody") }

func (l *lines) Follows() map[string]switchboard.Followed {
	return map[string]switchboard.Followed{"1003": {Follow: switchboard.Follow{Of: "1001"}, State: switchboard.FollowListening, Call: "c1"}}
}

// A supervisor with a phone follows an agent; a call is moved by a supervisor alone while its caller waits; and agents see who supervises them where
// the node tells them.
func TestFollowAndMove(t *testing.T) {
	lines := &lines{}
	h := open(t, func(c *Config) {
		c.PhoneOf = func(agent string) string { return map[string]string{"1003": "1003"}[agent] }
		c.Follows, c.Supervised = lines, true
	})
	_, err := h.accounts.Create(h.Context(), account.Person{Login: "eve", Name: "Eve", Role: account.Supervisor, AgentID: "1003"}, password)
	h.must(err)
	h.tokens[boss], _, err = h.accounts.Login(h.Context(), "eve", password, "127.0.0.5")
	h.must(err)
	h.ask(boss, "PUT", "/api/v1/agents/1001/follow", nil).want(409) // not signed in
	h.ask(account.Supervisor, "PUT", "/api/v1/agents/1001/state", map[string]any{"state": "ready"}).want(204)
	h.eventually("the agent to be signed in", func() bool { return h.ask(boss, "PUT", "/api/v1/agents/1001/follow", nil).Code == 204 })
	h.ask(boss, "PUT", "/api/v1/agents/nobody/follow", nil).want(404)
	h.ask(account.Supervisor, "PUT", "/api/v1/agents/1001/follow", nil).want(422) // no phone
	h.ask(account.Agent, "PUT", "/api/v1/agents/1002/follow", nil).want(403)
	follower := `"followers":[{"agent":"1003","name":"Eve","state":"listening","call":"c1",`
	for as, want := range map[account.Role]int{boss: 1, account.Agent: 1, bob: 0} { // the agent is 1001
		if got := strings.Count(h.get(as, "/agents").Body.String(), follower); got != want {
			t.Errorf("%s sees %d followers, want %d: %s", as, got, want, h.get(as, "/agents").Body)
		}
	}
	h.ask(boss, "DELETE", "/api/v1/agents/1002/follow", nil).want(404)
	h.ask(boss, "DELETE", "/api/v1/agents/1001/follow", nil).want(204)
	h.ask(boss, "DELETE", "/api/v1/agents/1001/follow", nil).want(404)
	if got := strings.Join(lines.told, ", "); got != "1003 by 1003 follows 1001, 1003 follows nobody" {
		t.Errorf("followed: %q", got)
	}
	h.talks("c9", "1001")
	path := "/api/v1/calls/c9/commands"
	h.ask(account.Agent, "POST", path, map[string]any{"what": "move", "to": "queue:care"}).want(403)
	h.ask(boss, "POST", path, map[string]any{"what": "move"}).want(422)
	h.ask(boss, "POST", path, map[string]any{"what": "move", "to": "agent:nobody"}).want(409)
	h.ask(boss, "POST", path, map[string]any{"what": "listen"}).want(204)
	h.exchange.Send("c9", call.LegAnswered{Leg: "leg3"})
	h.eventually("the agent to see who listens", func() bool {
		return strings.Contains(h.get(account.Agent, "/calls/live").Body.String(), `"mode":"listen"`)
	})
	h.ask(account.Supervisor, "POST", path, map[string]any{"what": "hangup", "agent": "1001"}).want(204)
	h.hall("c7")
	h.ask(account.Supervisor, "POST", "/api/v1/calls/c7/commands", map[string]any{"what": "move", "to": "queue:care"}).want(204)
	audit := h.get(account.Admin, "/audit").want(200).Body.String()
	for _, line := range []string{"agent.follow", "agent.unfollow", "call.move"} {
		if !strings.Contains(audit, line) {
			t.Errorf("the audit log has no %s: %s", line, audit)
		}
	}
}
