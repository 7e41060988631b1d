package api

import (
	"net/http"
	"strings"
	"testing"

	"hotline/account"
)

const askingFlow = `flow: asking
start: ask
nodes:
  ask:
    type: menu
    prompts: [goodbye]
    keys: {1: people}
    on: {timeout: bye}
  people: {type: queue, on: {timeout: bye, no-agents: bye}, next: bye}
  bye: {type: hangup, prompts: [goodbye]}
`

// A flow that is not published yet is led through by keys and time; the routes of the draft choose the queue.
func TestRehearsal(t *testing.T) {
	h := open(t)
	changes := []any{
		map[string]any{"kind": "flow", "item": map[string]any{"file": "asking.yml", "source": askingFlow}},
		map[string]any{"kind": "route", "item": map[string]any{"id": "south", "regions": []any{"广东"}, "steps": []any{map[string]any{"queue": "care"}}}},
		map[string]any{"kind": "route", "item": map[string]any{"id": "rest", "steps": []any{map[string]any{"queue": "sales"}}}},
	}
	rehearse := func(region string, happens ...any) rehearsedBody {
		return as[rehearsedBody](h.ask(account.Admin, "POST", "/api/v1/config/rehearsal", map[string]any{
			"flow": "asking", "changes": changes, "caller": "13800138000", "region": region, "happens": happens,
		}).want(http.StatusOK))
	}
	key := map[string]any{"what": "key", "key": "1"}
	on := map[string]any{"what": "on"}

	begun := rehearse("广东/广州")
	if begun.Waits != "sound" || begun.Node != "ask" || !said(begun, "play", "goodbye") {
		t.Errorf("at the beginning: got %+v", begun)
	}
	if silent := rehearse("广东/广州", on, on); silent.Waits != "sound" || silent.AtMS != 6000 {
		t.Errorf("after a second of sound and five of silence: got %+v", silent)
	}
	south := rehearse("广东/广州", key)
	if south.Waits != "queue" || !said(south, "queue", "care") || strings.Join(south.Leaves, " ") != "timeout full closed no-agents" {
		t.Errorf("the south: got %+v", south)
	}
	if north := rehearse("北京", key); !said(north, "queue", "sales") {
		t.Errorf("the north: got %+v", north)
	}
	if over := rehearse("", key, map[string]any{"what": "left", "why": "no-agents"}, on); over.Waits != "" || !said(over, "hangup", "normal") {
		t.Errorf("nobody at work: got %+v", over)
	}
	if refused := rehearse("", map[string]any{"what": "answered"}, key); refused.Refused == "" || refused.Waits != "sound" {
		t.Errorf("an agent in a menu: got %+v", refused)
	}
}

type rehearsedBody struct {
	Lines []struct {
		What, Text, Reason string
		Prompts            []struct{ File, Text string }
	}
	Node, Waits, Refused string
	Leaves               []string
	AtMS                 int64
}

func said(r rehearsedBody, what, text string) bool {
	for _, l := range r.Lines {
		for _, p := range l.Prompts {
			if l.What == what && p.File == text {
				return true
			}
		}
		if l.What == what && l.Text == text {
			return true
		}
	}
	return false
}

// A draft that is wrong says so as publishing does.
func TestRehearsalOfAWrongFlow(t *testing.T) {
	h := open(t)
	wrong := strings.Replace(askingFlow, "1: people", "1: peple", 1)
	got := h.ask(account.Admin, "POST", "/api/v1/config/rehearsal", map[string]any{
		"flow": "asking", "changes": []any{map[string]any{"kind": "flow", "item": map[string]any{"file": "asking.yml", "source": wrong}}},
	}).want(http.StatusUnprocessableEntity)
	if !strings.Contains(got.Body.String(), "did you mean people") {
		t.Errorf("got %s", got.Body)
	}
}

func TestFlowNodes(t *testing.T) {
	h := open(t)
	got := as[struct {
		Kinds []struct {
			Name string
			Keys []struct{ As string }
		}
	}](h.get(account.Admin, "/config/flow-nodes").want(http.StatusOK))
	if len(got.Kinds) < 20 || got.Kinds[0].Name != "answer" || got.Kinds[0].Keys[0].As != "way" {
		t.Errorf("got %+v", got.Kinds)
	}
}
