package api

import (
	"testing"
	"time"

	"hotline/account"
	"hotline/callback"
)

func TestCallbacks(t *testing.T) {
	h := open(t)
	wish := func(number, queue string) map[string]string {
		return map[string]string{"number": number, "queue": queue}
	}
	h.ask(account.Supervisor, "POST", "/api/v1/callbacks", wish("abc", "sales")).want(422)
	h.ask(account.Supervisor, "POST", "/api/v1/callbacks", wish("13800138000", "none")).want(422)
	h.get(account.Agent, "/callbacks").want(403)
	e := as[callback.Entry](h.ask(account.Supervisor, "POST", "/api/v1/callbacks", wish("138 0013 8000", "sales")).want(201))
	h.ask(account.Supervisor, "POST", "/api/v1/callbacks", wish("13800138000", "sales")).want(409)
	list := func(query string) ([]callback.Entry, int) {
		t.Helper()
		got := as[struct {
			Callbacks []callback.Entry
			Total     int
		}](h.get(account.Supervisor, "/callbacks"+query).want(200))
		return got.Callbacks, got.Total
	}
	if all, total := list("?open=true&queue=sales&search=138001"); total != 1 || all[0].Number != "+8613800138000" || all[0].By == "" {
		t.Errorf("open: %+v", all)
	}
	if all, total := list("?state=done"); total != 0 || len(all) != 0 {
		t.Errorf("done: %+v", all)
	}
	h.get(account.Supervisor, "/callbacks?sort=luck").want(422)
	due := as[callback.Entry](h.ask(account.Supervisor, "POST", "/api/v1/callbacks", map[string]any{"number": "13800138001", "queue": "sales", "notBefore": time.Now().Add(time.Hour)}).want(201))
	now := as[callback.Entry](h.ask(account.Supervisor, "POST", "/api/v1/callbacks/"+string(due.ID)+"/now", nil).want(200))
	if !now.NotBefore.Before(due.NotBefore) {
		t.Errorf("the next try is at %s, was to be at %s", now.NotBefore, due.NotBefore)
	}
	h.ask(account.Supervisor, "DELETE", "/api/v1/callbacks/"+string(due.ID), nil).want(204)
	h.ask(account.Supervisor, "POST", "/api/v1/callbacks/"+string(due.ID)+"/now", nil).want(404)
	h.ask(account.Supervisor, "DELETE", "/api/v1/callbacks/"+string(e.ID), nil).want(204)
	h.ask(account.Supervisor, "DELETE", "/api/v1/callbacks/"+string(e.ID), nil).want(404)
	if all, total := list("?limit=1"); total != 2 || len(all) != 1 || all[0].State != callback.Cancelled {
		t.Errorf("all: %+v of %d", all, total)
	}
	if open, total := list("?open=true"); total != 0 || len(open) != 0 {
		t.Errorf("still open: %+v", open)
	}
}
