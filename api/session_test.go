package api

import (
	"crypto/tls"
	"net/http"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"hotline/account"
	"hotline/api/gate"
	"hotline/store"
)

func (h *house) login(login, with string, options ...func(*http.Request)) reply {
	h.Helper()
	return h.ask("", "POST", "/api/v1/session", map[string]any{"login": login, "password": with}, options...)
}

// cookieOf is the one cookie of an answer.
func cookieOf(r reply) *http.Cookie {
	r.h.Helper()
	all := r.Result().Cookies()
	if len(all) != 1 || all[0].Name != gate.CookieName {
		r.h.Fatalf("got cookies %v", all)
	}
	return all[0]
}

func withCookie(c *http.Cookie) func(*http.Request) { return func(r *http.Request) { r.AddCookie(c) } }

func bearing(secret string) func(*http.Request) { return header("Authorization", "Bearer "+secret) }

func TestSignInAndOut(t *testing.T) {
	h := open(t)
	answer := h.login("AMY", password).want(200)
	if got, want := as[me](answer), (me{Name: "Amy", Role: account.Agent, Agent: "1001"}); got.Name != want.Name || got.Role != want.Role || got.Agent != want.Agent {
		t.Errorf("got %+v, want %+v", got, want)
	}
	c := cookieOf(answer)
	if !c.HttpOnly || c.SameSite != http.SameSiteStrictMode || c.Secure || c.Path != "/" || c.Domain != "" || len(c.Value) < 40 {
		t.Errorf("got %+v", c)
	}
	if strings.Contains(answer.Body.String(), c.Value) {
		t.Errorf("a script can read the token: %s", answer.Body)
	}
	h.get("", "/session", withCookie(c)).want(200)
	out := h.ask("", "DELETE", "/api/v1/session", nil, withCookie(c)).want(204)
	if got := cookieOf(out); got.Value != "" || got.MaxAge >= 0 {
		t.Errorf("the cookie stays: %+v", got)
	}
	h.get("", "/session", withCookie(c)).want(401)
	h.ask("", "DELETE", "/api/v1/session", nil, withCookie(c)).want(204)
	if in, out := h.lines("login"), h.lines("logout"); len(in) != 5 || len(out) != 1 || in[4].Name != "amy" || in[4].Source != "192.0.2.7" || out[0].Name != "amy" {
		t.Errorf("got audit lines %+v and %+v, want one of each", in, out)
	}
}

// TestSecureCookie checks where the browser must keep the cookie to TLS, and whose word is taken for it.
func TestSecureCookie(t *testing.T) {
	h := open(t)
	forwarded := header("X-Forwarded-Proto", "https")
	for i, c := range []struct {
		options []func(*http.Request)
		want    bool
	}{
		{nil, false},
		{[]func(*http.Request){func(r *http.Request) { r.TLS = &tls.ConnectionState{} }}, true},
		{[]func(*http.Request){from("127.0.0.1:9"), forwarded}, true},
		{[]func(*http.Request){from("[::1]:9"), forwarded}, true},
		{[]func(*http.Request){from("203.0.113.9:9"), forwarded}, false},
		{[]func(*http.Request){from("127.0.0.1:9"), header("X-Forwarded-Proto", "http")}, false},
	} {
		if got := cookieOf(h.login("amy", password, c.options...)).Secure; got != c.want {
			t.Errorf("%d: got secure %v, want %v", i, got, c.want)
		}
	}
}

func TestSessionsExpire(t *testing.T) {
	h := open(t)
	h.get(account.Agent, "/session").want(200)
	h.pass(13 * time.Hour)
	h.get(account.Agent, "/session").want(401)
}

// TestThrottle checks that guessing is answered with 429 and the time to wait, by source: also behind a proxy on this machine.
func TestThrottle(t *testing.T) {
	h := open(t)
	for _, via := range [][]func(*http.Request){
		{from("203.0.113.9:9")}, {from("127.0.0.1:9"), header("X-Forwarded-For", "127.0.0.1, 203.0.113.10")},
	} {
		for range 3 {
			h.login("amy", "wrong password", via...).want(401)
		}
		answer := h.login("amy", password, via...).want(429)
		if wait, err := strconv.Atoi(answer.Header().Get("Retry-After")); err != nil || wait < 1 || wait > 600 {
			t.Errorf("got Retry-After %q", answer.Header().Get("Retry-After"))
		}
	}
	h.login("amy", password, from("127.0.0.1:9"), header("X-Forwarded-For", "203.0.113.10, 203.0.113.11")).want(200)
	h.pass(time.Hour)
	h.login("amy", password, from("203.0.113.9:9")).want(200)
	if lines := h.lines("login.refused"); len(lines) != 6 || lines[0].Source != "203.0.113.9" || lines[5].Source != "203.0.113.10" {
		t.Errorf("got %+v", lines)
	}
	wrong, nobody := h.login("amy", "wrong password"), h.login("nobody", "wrong password")
	if wrong.Code != nobody.Code || wrong.Body.String() != nobody.Body.String() {
		t.Errorf("who exists can be told: %s, %s", wrong.Body, nobody.Body)
	}
}

// TestFirstAdmin checks that the one-time link works once.
func TestFirstAdmin(t *testing.T) {
	var fresh *account.Accounts
	h := open(t, func(c *Config) {
		db, err := store.Open(t.Context(), filepath.Join(t.TempDir(), "empty.db"))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = db.Close() })
		if fresh, err = account.New(account.Config{Cost: account.Cost{Time: 1, Memory: 8, Threads: 1}}, db); err != nil {
			t.Fatal(err)
		}
		c.Accounts, c.Trail = fresh, db
	})
	link, needed, err := fresh.FirstLink(t.Context())
	if err != nil || !needed {
		t.Fatalf("got %v, %v", needed, err)
	}
	first := func(link, login, with string) reply {
		return h.ask("", "POST", "/api/v1/first-admin", map[string]any{"link": link, "login": login, "name": "Root", "password": with})
	}
	first("forged", "root", password).want(401)
	first(link, "root", "short").want(422)
	made := first(link, "root", password).want(200)
	if got := as[me](made); got.Role != account.Admin {
		t.Errorf("got %+v", got)
	}
	h.get("", "/tokens", withCookie(cookieOf(made))).want(200)
	first(link, "root2", password).want(401)
	lines := as[struct{ Lines []account.Entry }](h.get("", "/audit", withCookie(cookieOf(made)))).Lines
	if len(lines) != 2 || lines[0].What != "login" || lines[1].What != "first-admin" {
		t.Errorf("got audit lines %+v", lines)
	}
}

func TestTokens(t *testing.T) {
	h := open(t)
	made := h.ask(account.Admin, "POST", "/api/v1/tokens", map[string]any{"name": "wallboard", "role": "supervisor"}).want(201)
	answer := as[struct {
		Secret string
		Token  struct{ ID, Name string }
	}](made)
	if answer.Secret == "" || answer.Token.Name != "wallboard" {
		t.Fatalf("got %s", made.Body)
	}
	h.get("", "/trunks", bearing(answer.Secret)).want(200)
	h.get("", "/tokens", bearing(answer.Secret)).want(403)
	h.get("", "/trunks", bearing(answer.Secret+"x")).want(401)
	h.get(account.Admin, "/trunks", bearing("none")).want(401) // a bad token is not made good by a cookie
	h.get("", "/trunks", header("Authorization", "Basic "+answer.Secret)).want(401)
	if listed := h.get(account.Admin, "/tokens").want(200).Body.String(); strings.Contains(listed, answer.Secret) || !strings.Contains(listed, answer.Token.ID) {
		t.Errorf("got %s", listed)
	}
	for query, n := range map[string]int{"search=WALL": 1, "search=desk": 0, "role=supervisor": 1, "role=admin": 0, "sort=-expires": 1, "offset=1": 0} {
		got := as[struct{ Tokens []struct{ Name string } }](h.get(account.Admin, "/tokens?"+query).want(200))
		if len(got.Tokens) != n {
			t.Errorf("%s: got %+v, want %d", query, got, n)
		}
	}
	h.ask(account.Admin, "DELETE", "/api/v1/tokens/"+answer.Token.ID, nil).want(204)
	h.get("", "/trunks", bearing(answer.Secret)).want(401)
	h.ask(account.Admin, "DELETE", "/api/v1/tokens/"+answer.Token.ID, nil).want(404)
	create, revoke := h.lines("token.create"), h.lines("token.revoke")
	if len(create) != 1 || len(revoke) != 1 ||
		create[0].Object != answer.Token.ID || create[0].Detail != "supervisor wallboard" ||
		revoke[0].Object != answer.Token.ID || revoke[0].Detail != "supervisor wallboard" || revoke[0].Name != "Ann" {
		t.Errorf("got audit lines %+v and %+v", create, revoke)
	}
	short := as[struct{ Secret string }](h.ask(account.Admin, "POST", "/api/v1/tokens", map[string]any{"name": "x", "role": "agent", "expires": h.clock().Add(time.Hour)}))
	h.get("", "/session", bearing(short.Secret)).want(200)
	h.pass(2 * time.Hour)
	h.get("", "/session", bearing(short.Secret)).want(401)
	if strings.Contains(h.log.String(), answer.Secret) {
		t.Errorf("the log has the secret")
	}
}

// TestTrail reads the audit log by pages and filters.
func TestTrail(t *testing.T) {
	h := open(t)
	for range 7 {
		h.ask(account.Admin, "POST", "/api/v1/tokens", map[string]any{"name": "x", "role": "agent"}).want(201)
	}
	type page struct {
		Lines []account.Entry
		Next  string
	}
	var numbers []int64
	next := ""
	for range 10 {
		p := as[page](h.get(account.Admin, "/audit?what=token.create&limit=3&before="+next).want(200))
		for _, l := range p.Lines {
			numbers = append(numbers, l.Number)
		}
		if next = p.Next; next == "" {
			break
		}
	}
	if len(numbers) != 7 || next != "" {
		t.Errorf("got lines %v", numbers)
	}
	for i := 1; i < len(numbers); i++ {
		if numbers[i] != numbers[i-1]-1 {
			t.Errorf("got lines %v, want the newest first without a gap", numbers)
		}
	}
	ann := as[page](h.get(account.Admin, "/audit?what=token.create&limit=1")).Lines[0].Who
	for query, want := range map[string]int{"who=" + ann + "&what=token.create": 7, "who=nobody": 0, "what=login": 4, "object=none": 0,
		"from=2999-01-01T00:00:00Z": 0, "to=2001-01-01T00:00:00Z": 0, "what=token.create&from=2001-01-01T00:00:00Z": 7} {
		if got := len(as[page](h.get(account.Admin, "/audit?"+query)).Lines); got != want {
			t.Errorf("%s: got %d lines, want %d", query, got, want)
		}
	}
	all, err := h.db.TrailOf(t.Context(), account.TrailQuery{})
	h.must(err)
	for i, j := 0, len(all)-1; i < j; i, j = i+1, j-1 {
		all[i], all[j] = all[j], all[i]
	}
	if wrong := account.VerifyTrail("", all); wrong != 0 {
		t.Errorf("line %d breaks the chain", wrong)
	}
}
