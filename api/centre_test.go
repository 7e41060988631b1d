package api

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"hotline/account"
	"hotline/centre"
)

type configured struct {
	Items []struct {
		ID       string
		Revision int64
		Item     map[string]any
	}
	Total int
}

type publishing struct {
	Version  int64
	Items    []struct{ Kind, ID string }
	Warnings []centre.Finding
	Secrets  []struct{ User, Password string }
}

// publish asks for one change.
func (h *house) publish(change map[string]any, options ...string) reply {
	h.Helper()
	body := map[string]any{"changes": []any{change}, "note": "why"}
	for _, name := range options {
		body[name] = true
	}
	return h.ask(account.Admin, http.MethodPost, "/api/v1/config/publish", body)
}

func TestConfigIsReadChangedAndTaken(t *testing.T) {
	h := open(t)
	queues := as[configured](h.get(account.Admin, "/config/queues?sort=id&limit=1").want(200))
	if queues.Total != 2 || len(queues.Items) != 1 || queues.Items[0].ID != "care" {
		t.Fatalf("got %+v", queues)
	}
	found := as[configured](h.get(account.Admin, "/config/queues?search=%E9%94%80").want(200))
	if found.Total != 1 || found.Items[0].Item["ring"] != "15s" {
		t.Fatalf("got %+v", found)
	}
	item := found.Items[0].Item
	item["ring"] = "25s"
	change := map[string]any{"kind": "queue", "id": "sales", "revision": found.Items[0].Revision, "item": item}
	if got := as[publishing](h.publish(change, "check").want(200)); got.Version != 0 || h.applied.Load() != 0 {
		t.Errorf("a check published: %+v", got)
	}
	got := as[publishing](h.publish(change).want(200))
	if got.Version != 2 || len(got.Items) != 1 || h.applied.Load() != 1 {
		t.Errorf("got %+v, taken %d times", got, h.applied.Load())
	}
	h.publish(change).want(409)
	lines := h.lines("config.publish")
	if len(lines) != 1 || lines[0].Object != "version 2" || lines[0].Name != "Ann" || lines[0].Detail != "1 items. why" {
		t.Errorf("audit: got %+v", lines)
	}
	diff := as[struct {
		Version struct{ By, Note string }
		Changes []centre.Difference
	}](h.get(account.Admin, "/config/versions/2").want(200))
	if diff.Version.By != "Ann" || diff.Version.Note != "why" || len(diff.Changes) != 1 || diff.Changes[0].Fields[0] != (centre.Altered{Field: "ring", Before: "15s", After: "25s"}) {
		t.Errorf("got %+v", diff)
	}
	h.ask(account.Admin, http.MethodPost, "/api/v1/config/versions/1/back", nil).want(200)
	if again := as[configured](h.get(account.Admin, "/config/queues?where=id%3Dsales")); again.Items[0].Item["ring"] != "15s" {
		t.Errorf("got %+v, want what was before", again)
	}
	if len(h.lines("config.back")) != 1 {
		t.Errorf("the way back is not in the audit log")
	}
}

func TestConfigRefusalsSayWhatAndWhere(t *testing.T) {
	h := open(t)
	r := h.publish(map[string]any{"kind": "queue", "item": map[string]any{"id": "x", "ring": "soon", "colour": "red"}}).want(422)
	var p struct {
		Detail string
		Errors []struct {
			Message, Location string
			Value             centre.Finding
		}
	}
	h.must(json.Unmarshal(r.Body.Bytes(), &p))
	if len(p.Errors) != 2 || p.Errors[0].Value.Field != "ring" || p.Errors[0].Location != "queue/x/ring" || !strings.Contains(p.Errors[0].Message, "write a time") {
		t.Errorf("got %+v", p)
	}
	if p.Errors[1].Value.Field != "colour" {
		t.Errorf("got %+v", p.Errors[1])
	}
	h.publish(map[string]any{"kind": "colour"}).want(422)
	h.ask(account.Admin, http.MethodPost, "/api/v1/config/publish", map[string]any{"changes": []any{}}).want(422)
	h.get(account.Admin, "/config/versions/77").want(404)
	if h.applied.Load() != 0 {
		t.Errorf("something wrong was taken")
	}
}

func TestConfigKeepsSecrets(t *testing.T) {
	h := open(t)
	text := h.get(account.Admin, "/config/phones").want(200).Body.String()
	if strings.Contains(text, "ha1") || strings.Contains(text, "secret-phone") || !strings.Contains(text, centre.Kept) {
		t.Errorf("got %s", text)
	}
	phone := as[configured](h.get(account.Admin, "/config/phones")).Items[0]
	phone.Item["password"] = "generate"
	got := as[publishing](h.publish(map[string]any{"kind": "phone", "id": phone.ID, "revision": phone.Revision, "item": phone.Item}).want(200))
	if len(got.Secrets) != 1 || got.Secrets[0].User != "1001" || got.Secrets[0].Password == "" {
		t.Errorf("got %+v", got)
	}
	if strings.Contains(h.get(account.Admin, "/audit").Body.String(), got.Secrets[0].Password) {
		t.Errorf("the password is in the audit log")
	}
}

func TestRulesAreTriedBeforeTheyArePublished(t *testing.T) {
	h := open(t)
	rule := map[string]any{"kind": "route", "item": map[string]any{"id": "new", "steps": []any{map[string]any{"queue": "care"}}}}
	ask := func(who account.Role, changes ...any) reply {
		return h.ask(who, http.MethodPost, "/api/v1/routes/dry-run", map[string]any{"calls": []any{map[string]any{"did": "4001"}}, "changes": changes})
	}
	now := as[[]dryRunLine](ask(account.Supervisor).want(200))
	then := as[[]dryRunLine](ask(account.Admin, rule).want(200))
	if now[0].Rule != "rest" || then[0].Rule != "new" || then[0].Steps[0].Queue != "care" {
		t.Errorf("got %+v and %+v", now, then)
	}
	ask(account.Supervisor, rule).want(403)
	ask(account.Admin, map[string]any{"kind": "route", "item": map[string]any{"id": "bad", "steps": []any{map[string]any{"queue": "none"}}}}).want(422)
	if h.applied.Load() != 0 {
		t.Errorf("a trial was published")
	}
}

func TestPublicHolidays(t *testing.T) {
	h := open(t)
	year := as[struct{ Holidays, Workdays map[string]string }](h.get(account.Admin, "/config/holidays/CN/2026").want(200))
	if year.Holidays["2026-10-01"] != "国庆节" || len(year.Workdays) == 0 {
		t.Errorf("got %+v", year)
	}
	h.get(account.Admin, "/config/holidays/CN/2050").want(404)
	h.get(account.Admin, "/config/holidays/XX/2026").want(422)
}
