package api

import (
	"context"
	"net/http"
	"sync/atomic"
	"testing"
	"time"
)

// waiting is a telephone that lasts as long as it may.
type waiting struct {
	began chan string
	over  chan struct{}
}

func (w waiting) Serve(_ http.ResponseWriter, r *http.Request, user string, _ bool, _ Find, _ Watch) {
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

func TestAPhoneGivenAwayEndsTheTelephone(t *testing.T) {
	w := waiting{make(chan string, 1), make(chan struct{}, 1)}
	var phone atomic.Value
	phone.Store("8001")
	h := open(t, func(c *Config) {
		c.Softphones = w
		c.PhoneOf = func(string) string { return phone.Load().(string) }
	})
	h.server.recheck = time.Millisecond
	c := cookieOf(h.login("amy", password))
	for _, next := range []string{"8002", ""} {
		go h.get("", "/softphone", withCookie(c))
		if user := <-w.began; user != phone.Load() {
			t.Errorf("a telephone of %q, want %v", user, phone.Load())
		}
		select {
		case <-w.over:
			t.Error("over while the phone is the agent's")
		case <-time.After(50 * time.Millisecond):
		}
		phone.Store(next)
		w.ends(t, "the phone")
	}
}
