package api

import (
	"slices"
	"strings"
	"testing"

	"hotline/account"
	"hotline/cdr"
	"hotline/queue"
)

// An agent whose queue wants a disposition writes it up: too late, lengthened once, and free only with a word the queue knows.
func TestWrapUpAndDisposition(t *testing.T) {
	h := open(t)
	h.journalled(started("c1", noon).talks("1002", "care").over())
	h.dispatcher.Reach("1002", true)
	h.dispatcher.Set("1002", queue.Ready, "", "test")
	h.dispatcher.Join(queue.Request{ID: "c1", Steps: []queue.Step{{Queue: "care"}}})
	h.ask(bob, "POST", "/api/v1/agents/1002/wrap-up/lengthen", nil).want(409)
	h.dispatcher.Accept("offer-1")
	h.dispatcher.Free("1002")
	now := func() queue.AgentView {
		all := h.dispatcher.Snapshot().Agents
		return all[slices.IndexFunc(all, func(a queue.AgentView) bool { return a.ID == "1002" })]
	}
	h.eventually("wrap-up", func() bool { return now().State == queue.WrapUp })
	before := now().WrapUntil
	h.ask(account.Agent, "POST", "/api/v1/agents/1002/wrap-up/lengthen", nil).want(403)
	h.ask(bob, "POST", "/api/v1/agents/nobody/wrap-up/lengthen", nil).want(403)
	h.ask(account.Supervisor, "POST", "/api/v1/agents/nobody/wrap-up/lengthen", nil).want(404)
	h.ask(bob, "POST", "/api/v1/agents/1002/wrap-up/lengthen", nil).want(204)
	h.eventually("a longer wrap-up", func() bool { return now().WrapUntil.After(before) })
	h.ask(bob, "POST", "/api/v1/agents/1002/wrap-up/lengthen", nil).want(409)
	h.ask(bob, "PUT", "/api/v1/agents/1002/state", map[string]any{"state": "ready"}).want(204)
	h.eventually("the disposition to be all that is missing", func() bool { return now().WrapUntil.IsZero() && now().NeedsDisposition })
	if body := h.get(bob, "/agents").want(200).Body.String(); !strings.Contains(body, `"needsDisposition":true`) {
		t.Errorf("got %s, want the agent to need a disposition", body)
	}

	h.ask(bob, "PUT", "/api/v1/calls/c1/disposition", map[string]any{"code": "天气"}).want(422)
	h.ask(bob, "PUT", "/api/v1/calls/none/disposition", map[string]any{"code": "退款"}).want(404)
	h.ask(account.Supervisor, "PUT", "/api/v1/calls/c1/disposition", map[string]any{"code": "退款"}).want(422)
	h.ask(bob, "PUT", "/api/v1/calls/c1/disposition", map[string]any{"code": "咨询"}).want(204)
	h.eventually("ready", func() bool { return now().State == queue.Ready })
	h.ask(account.Supervisor, "PUT", "/api/v1/calls/c1/disposition", map[string]any{"code": "退款", "agent": "1002"}).want(204)
	h.eventually("the word in the record", func() bool {
		r := as[cdr.Record](h.get(account.Admin, "/calls/c1"))
		return len(r.Disposed) == 1 && r.Disposed[0].Code == "退款" && r.Disposed[0].Agent == "1002"
	})
}
