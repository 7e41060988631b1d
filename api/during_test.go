package api

import (
	"context"
	"net/http"
	"testing"
	"time"

	"hotline/api/live"
)

// waiting is a telephone that lasts as long as it may.
type waiting struct {
	began chan string
	over  chan struct{}
}

func (w waiting) Serve(_ http.ResponseWriter, r *http.Request, user string, _ bool, _ live.Find, _ live.Watch) {
	w.began <- user
	<-r.Context().Done()
	w.over <- struct{}{}
}

func phoning(w waiting) func(*Config) {
	return func(c *Config) {
		c.Softphones = w
		c.PhoneOf = func(agent string) string { return agent }
	}
}

func (w waiting) ends(t *testing.T, what string) {
	t.Helper()
	select {
	case <-w.over:
	case <-time.After(20 * time.Second):
		t.Fatalf("the telephone outlives %s", what)
	}
}

func TestSigningOutEndsTheTelephone(t *testing.T) {
	w := waiting{make(chan string, 1), make(chan struct{}, 1)}
	h := open(t, phoning(w))
	c, other := cookieOf(h.login("amy", password)), cookieOf(h.login("amy", password))
	ask := func(c *http.Cookie) context.CancelFunc {
		ctx, stop := context.WithCancel(t.Context())
		go h.get("", "/softphone", withCookie(c), func(r *http.Request) { *r = *r.WithContext(ctx) })
		if user := <-w.began; user != "1001" {
			t.Errorf("a telephone of %q", user)
		}
		return stop
	}
	ask(c)
	stop := ask(other)
	h.ask("", "DELETE", "/api/v1/session", nil, withCookie(c)).want(204)
	w.ends(t, "its session")
	select {
	case <-w.over:
		t.Error("another session's telephone ended too")
	default:
	}
	stop()
	w.ends(t, "its connection")
}
