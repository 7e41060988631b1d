package api

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"hotline/account"
	"hotline/centre"
	"hotline/store"
)

type peopleList struct {
	People []personView
	Total  int
}

// fresh asks as whom an answer signed in.
func (h *house) fresh(r reply) account.Role {
	h.Helper()
	cookies := (&http.Response{Header: r.Header()}).Cookies()
	if len(cookies) != 1 {
		h.Fatalf("nobody was signed in: %v", r.Header())
	}
	h.tokens["fresh"] = cookies[0].Value
	return "fresh"
}

func TestANewAgentIsMadeAndSignsIn(t *testing.T) {
	h := open(t)
	body := map[string]any{"login": "zoe", "name": "Zoe", "role": "agent", "phone": "1009", "newPhone": true, "queues": map[string]int{"sales": 2}}
	made := as[struct {
		Person  personView
		Secret  string
		Secrets []secretView
	}](h.ask(account.Admin, http.MethodPost, "/api/v1/people", body).want(201))
	if made.Person.State != "no-password" || made.Person.Agent != "zoe" || len(made.Secrets) != 1 || made.Secrets[0].User != "1009" || h.applied.Load() != 1 {
		t.Fatalf("got %+v, taken %d times", made, h.applied.Load())
	}
	h.ask(account.Admin, http.MethodPost, "/api/v1/people", body).want(409)
	list := as[peopleList](h.get(account.Admin, "/people?queue=sales&sort=-login").want(200))
	if list.Total != 2 || list.People[0].Login != "zoe" || list.People[0].Phone != "1009" || list.People[0].Queues["sales"] != 2 {
		t.Errorf("got %+v", list)
	}
	r := h.ask("", http.MethodPost, "/api/v1/password", map[string]any{"secret": strings.ToLower(made.Secret), "password": "a long new password"}).want(200)
	if got := as[me](h.get(h.fresh(r), "/session").want(200)); got.Agent != "zoe" || got.Role != account.Agent {
		t.Errorf("got %+v", got)
	}
	h.ask("", http.MethodPost, "/api/v1/password", map[string]any{"secret": made.Secret, "password": "a long new password"}).want(401)
	if lines := h.lines("person.create"); len(lines) != 1 || strings.Contains(lines[0].Detail, made.Secret) {
		t.Errorf("audit: got %+v", lines)
	}
}

type madePerson struct {
	Person   personView
	Secret   string
	Secrets  []secretView
	NotTaken string
}

var zoe = map[string]any{"login": "zoe", "name": "Zoe", "role": "agent", "phone": "1009", "newPhone": true}

// The node does not take the version in which the agent is: what was kept is told all the same, for it is told only once.
func TestWhatIsKeptIsToldThoughTheNodeDoesNotTakeIt(t *testing.T) {
	h := open(t)
	h.stubborn.Store(true)
	made := as[madePerson](h.ask(account.Admin, http.MethodPost, "/api/v1/people", zoe).want(201))
	if made.Secret == "" || made.Person.Phone != "1009" || len(made.Secrets) != 1 || !strings.Contains(made.NotTaken, "is kept") {
		t.Errorf("got %+v", made)
	}
	again := as[struct {
		Version  int64
		Secrets  []secretView
		NotTaken string
	}](h.publish(map[string]any{"kind": "phone", "item": map[string]any{"user": "1010", "password": "generate"}}).want(200))
	if again.Version == 0 || len(again.Secrets) != 1 || !strings.Contains(again.NotTaken, "is kept") {
		t.Errorf("got %+v", again)
	}
	h.ask("", http.MethodPost, "/api/v1/password", map[string]any{"secret": made.Secret, "password": "a long new password"}).want(200)
}

// overtaken is a store in which somebody else always publishes first.
type overtaken struct{ centre.Store }

func (overtaken) PublishSettings(context.Context, store.SettingVersion, ...store.Setting) (store.SettingVersion, []store.Setting, error) {
	return store.SettingVersion{}, nil, store.ErrConflict
}

// The centre changes between the check and the publishing: the person is there and their password is told, that of a phone which is not
// there is not.
func TestWhatIsNotKeptIsNotTold(t *testing.T) {
	h := open(t, func(c *Config) { c.Editor = centre.NewEditor(overtaken{c.Calls.(*store.DB)}, "hotline", nil) })
	made := as[madePerson](h.ask(account.Admin, http.MethodPost, "/api/v1/people", zoe).want(201))
	if made.Secret == "" || made.Person.Phone != "" || len(made.Secrets) != 0 || made.NotTaken == "" {
		t.Errorf("got %+v", made)
	}
	h.publish(map[string]any{"kind": "phone", "item": map[string]any{"user": "1010", "password": "generate"}}).want(409)
}

func TestAnAgentNeedsAPhone(t *testing.T) {
	h := open(t)
	for _, body := range []map[string]any{
		{"login": "zoe", "role": "agent", "name": "", "queues": map[string]int{"sales": 1}},
		{"login": "zoe", "role": "agent", "name": "", "phone": "77"},
		{"login": "zoe", "role": "agent", "name": "", "phone": "1001"},
		{"login": "zoe", "role": "agent", "name": "", "phone": "78", "newPhone": true, "queues": map[string]int{"none": 1}},
		{"login": "z", "role": "agent", "name": ""},
		{"login": "zoe", "role": "king", "name": ""},
	} {
		h.ask(account.Admin, http.MethodPost, "/api/v1/people", body).want(422)
	}
	if all := as[peopleList](h.get(account.Admin, "/people?search=zoe")); all.Total != 0 || h.applied.Load() != 0 {
		t.Errorf("got %+v: nobody is made half", all)
	}
}

func TestPeopleAreChangedDisabledAndReset(t *testing.T) {
	h := open(t)
	one := as[peopleList](h.get(account.Admin, "/people?search=bob").want(200)).People[0]
	path := "/api/v1/people/" + one.ID
	changed := as[personView](h.ask(account.Admin, http.MethodPatch, path, map[string]any{"revision": one.Revision, "role": "supervisor", "name": "Robert"}).want(200))
	if changed.Role != account.Supervisor || changed.Name != "Robert" {
		t.Errorf("got %+v", changed)
	}
	h.ask(account.Admin, http.MethodPatch, path, map[string]any{"revision": one.Revision, "name": "Late"}).want(409)
	h.get(bob, "/session").want(401) // another role: signed out
	secret := as[struct{ Secret string }](h.ask(account.Admin, http.MethodPost, path+"/one-time-password", nil).want(200)).Secret
	disabled := as[personView](h.ask(account.Admin, http.MethodPatch, path, map[string]any{"revision": changed.Revision, "disabled": true}).want(200))
	if disabled.State != "disabled" || as[peopleList](h.get(account.Admin, "/people?state=disabled")).Total != 1 {
		t.Errorf("got %+v", disabled)
	}
	h.ask("", http.MethodPost, "/api/v1/session", map[string]any{"login": "bob", "password": password}, from("192.0.2.9:1")).want(401)
	if r := h.ask("", http.MethodPost, "/api/v1/password", map[string]any{"secret": secret, "password": "a long new password"}); r.Code < 400 {
		t.Errorf("who is disabled came in by a one-time password")
	}
	admin := as[peopleList](h.get(account.Admin, "/people?role=admin")).People[0]
	h.ask(account.Admin, http.MethodPatch, "/api/v1/people/"+admin.ID, map[string]any{"revision": admin.Revision, "disabled": true}).want(422)
	if lines := h.lines("person.change"); len(lines) != 2 || lines[0].Detail != "bob: name Robert, role supervisor" {
		t.Errorf("audit: got %+v", lines)
	}
}

func TestOnesOwnPassword(t *testing.T) {
	h := open(t)
	put := func(old, fresh string) reply {
		return h.ask(account.Agent, http.MethodPut, "/api/v1/session/password", map[string]any{"old": old, "new": fresh})
	}
	put("wrong", "another long one").want(401)
	put(password, "short").want(422)
	put(password, "another long one").want(204)
	h.get(account.Agent, "/session").want(200)
	h.ask("", http.MethodPost, "/api/v1/session", map[string]any{"login": "amy", "password": "another long one"}).want(200)
}
