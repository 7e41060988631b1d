package api

import (
	"testing"

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
	if all := as[[]callback.Entry](h.get(account.Supervisor, "/callbacks?open=true").want(200)); len(all) != 1 || all[0].Number != "+8613800138000" || all[0].By == "" {
		t.Errorf("open: %+v", all)
	}
	h.ask(account.Supervisor, "DELETE", "/api/v1/callbacks/"+string(e.ID), nil).want(204)
	h.ask(account.Supervisor, "DELETE", "/api/v1/callbacks/"+string(e.ID), nil).want(404)
	if all := as[[]callback.Entry](h.get(account.Supervisor, "/callbacks").want(200)); len(all) != 1 || all[0].State != callback.Cancelled {
		t.Errorf("all: %+v", all)
	}
	if open := as[[]callback.Entry](h.get(account.Supervisor, "/callbacks?open=true").want(200)); len(open) != 0 {
		t.Errorf("still open: %+v", open)
	}
}
