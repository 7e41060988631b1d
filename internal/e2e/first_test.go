package e2e

import (
	"context"
	"net/http"
	"regexp"
	"testing"
	"time"
)

// From the one-time link of an empty centre to the first call: the administrator names company and number, makes the first agent with
// a password and a phone, the phone registers with the password that the page shows, and a customer's call reaches it.
func TestFirstRun(t *testing.T) {
	t.Parallel()
	n := start(t, centre{"data.yml": "trunks:\n  - {id: carrier, sources: [TRUNK]}\n"})
	link := regexp.MustCompile(`http://\S+/first-admin#\S+`).FindString(n.out.String())
	if link == "" {
		t.Fatalf("no link:\n%s", n.out)
	}
	b := n.driven("admin.mjs")
	b.do("firstAdmin", link, "Chief", "correct horse")
	b.do("firstNumber", "Example", "4008001234")
	secret := b.do("firstAgent", "Amy", "amy", "correct battery", "1001").Title
	res, body := n.request(http.MethodPost, "/api/v1/session", map[string]string{"login": "amy", "password": "correct battery"})
	if res.StatusCode != http.StatusOK {
		t.Errorf("the agent signs in: got %s %s", res.Status, body)
	}
	phone := n.open(phoneHost, "1001", secret, nil)
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	if err := phone.Register(ctx, 10*time.Minute); err != nil {
		t.Fatal(err)
	}
	if res, body := n.request(http.MethodPut, "/api/v1/agents/amy/state", map[string]string{"state": "ready"}); res.StatusCode != http.StatusNoContent {
		t.Errorf("the agent becomes ready: got %s %s", res.Status, body)
	}
	n.awaitAgent("amy", "ready")
	talk := n.carrier().dial(t, "4008001234", "02812345678")
	happens(t, talk, "answered", patience)
	other := phone.take(t, 0)
	hears(t, "the agent", other, callerHz)
	other.Hangup()
	b.do("firstCall")
	if e := b.do("errors").Errors; len(e) != 0 {
		t.Errorf("errors on the page: %v", e)
	}
}
