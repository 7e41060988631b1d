package api

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"hotline/account"
	"hotline/api/gate"
	"hotline/api/records"
	"hotline/call"
	"hotline/cdr"
)

// TestProblems checks that every refusal is a problem of RFC 9457.
func TestProblems(t *testing.T) {
	h := open(t)
	post := func(body, mediaType string) reply {
		return h.ask(account.Admin, "POST", "/api/v1/tickets", body, header("Content-Type", mediaType))
	}
	h.get(account.Admin, "/nothing").want(404)
	h.ask("", "GET", "/", nil).want(404)
	h.ask("", "GET", "/api/v1", nil).want(404)
	h.get(account.Admin, "/calls/none").want(404)
	h.get(account.Admin, "/calls/none/facts").want(404)
	h.get(account.Admin, "/calls/none/trace").want(404)
	h.get(account.Admin, "/calls/none/ticket").want(404)
	h.get(account.Admin, "/tickets/none").want(404)
	h.get(account.Admin, "/trunks/none/test?number=1").want(404)
	if got := h.ask(account.Admin, "PUT", "/api/v1/calls", "{}").want(405).Header().Get("Allow"); got != "GET, HEAD" {
		t.Errorf("got Allow %q", got)
	}
	h.ask(account.Admin, "POST", "/healthz", "{}").want(405)
	h.ask(account.Admin, "BREW", "/api/v1/session", nil).want(405)
	post(`{"subject":`, "application/json").want(400)
	post(`{"subject":"x"}`, "text/plain").want(415)
	post(`subject=x`, "application/x-www-form-urlencoded").want(415)
	post(`{"subject":"x"}`, "application/json; charset=utf-8").want(201)
	post("", "application/json").want(400)
	post(`{"subject":"x","unknown":1}`, "application/json").want(422)
	post(`{"subject":7}`, "application/json").want(422)
	post(`null`, "application/json").want(422)
	post(`{}`, "application/json").want(422)
	post(`{"subject":"`+strings.Repeat("x", bodyMost)+`"}`, "application/json").want(413)
	post(`{"subject":"`+strings.Repeat("x", 300)+`"}`, "application/json").want(422)
	h.get(account.Admin, "/calls?limit=0").want(422)
	h.get(account.Admin, "/calls?limit=x").want(422)
	h.get(account.Admin, "/calls?form=2026-11-22T00:00:00Z").want(422) // a filter that does not exist must not find everything
	h.get(account.Admin, "/calls?before=nonsense").want(422)
	h.get(account.Admin, "/tickets?before=nonsense").want(422)
	h.get(account.Admin, "/audit?before=99999999999999999999").want(422)
	h.get(account.Admin, "/tickets?state=lost").want(422)
	h.get(account.Admin, "/recordings").want(422)
	if strings.Contains(h.log.String(), "level=ERROR") {
		t.Errorf("a mistake of the asker was logged as ours: %s", h.log)
	}
}

// TestTraversal checks that ids lead nowhere but to things of that id.
func TestTraversal(t *testing.T) {
	h := open(t)
	for _, id := range []string{
		"../../etc/passwd", "..%2f..%2fetc%2fpasswd", "%2e%2e/%2e%2e/hotline.db", "..", ".", "%00", "a%00.wav", "..%5c..%5cboot.ini", "%c0%ae%c0%ae%c0%af",
		"2026%2f11%2f22%2frec-c1.wav", strings.Repeat("..%2f", 200), "'%20OR%201=1--", "%22%3B%20DROP%20TABLE%20recordings;--",
	} {
		for _, path := range []string{"/recordings/" + id, "/recordings/" + id + "/audio", "/calls/" + id, "/tickets/" + id, "/calls/" + id + "/facts", "/trunks/" + id + "/test?number=1"} {
			if got := h.ask(account.Admin, "GET", "/api/v1"+path, nil); got.Code != 404 {
				t.Errorf("%s: got %d %.200s, want 404", path, got.Code, got.Body)
			}
		}
	}
	for _, q := range []string{"/calls?number=%27%20OR%201=1", "/calls?region=%27%3B--", "/tickets?text=%22%29%20OR%20%28%22", "/calls?topic=%25", "/tickets?number=_"} {
		if got := h.get(account.Admin, q).want(200).Body.String(); strings.Contains(got, `"id"`) || strings.Contains(got, `"call"`) {
			t.Errorf("%s found %s", q, got)
		}
	}
}

// TestHeaders checks what every answer carries, also those that huma and our routes do not make.
func TestHeaders(t *testing.T) {
	h := open(t)
	for _, path := range []string{"/api/v1/session", "/nothing", "/healthz", "/api/v1/openapi.json", "/metrics"} {
		got := h.ask(account.Agent, "GET", path, nil).Header()
		for name, want := range map[string]string{
			"X-Content-Type-Options": "nosniff", "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'", "Cache-Control": "no-store",
			"Referrer-Policy": "no-referrer", "Access-Control-Allow-Origin": "", "Server": "", "X-Powered-By": "",
		} {
			if got.Get(name) != want {
				t.Errorf("%s: %s is %q, want %q", path, name, got.Get(name), want)
			}
		}
	}
}

// TestOrigins checks every operation that changes something from a foreign page, from an allowed one and from our own.
func TestOrigins(t *testing.T) {
	h := open(t)
	doc := as[spec](h.get("", "/openapi.json"))
	tried := 0
	for path, item := range doc.Paths {
		for method := range item {
			method = strings.ToUpper(method)
			if method == "GET" {
				continue
			}
			tried++
			for name, headers := range map[string][2]string{"origin": {"Origin", "https://evil.example"}, "null": {"Origin", "null"}, "site": {"Sec-Fetch-Site", "cross-site"}, "subdomain": {"Sec-Fetch-Site", "same-site"}} {
				if got := h.ask(account.Admin, method, path, "{}", header(headers[0], headers[1])).want(403); !strings.Contains(got.Body.String(), "origin") {
					t.Errorf("%s %s, %s: got %s", method, path, name, got.Body)
				}
			}
		}
	}
	if tried < 8 {
		t.Errorf("%d operations change something", tried)
	}
	allowed := h.ask(account.Admin, "POST", "/api/v1/tickets", `{"subject":"x"}`, header("Origin", "https://board.example"), header("Sec-Fetch-Site", "cross-site")).want(201)
	if got := allowed.Header().Get("Access-Control-Allow-Origin"); got != "https://board.example" {
		t.Errorf("an allowed page may not read: %q", got)
	}
	h.ask(account.Admin, "POST", "/api/v1/tickets", `{"subject":"x"}`, header("Origin", "http://example.com"), header("Sec-Fetch-Site", "same-origin")).want(201)
	h.ask(account.Admin, "POST", "/api/v1/tickets", `{"subject":"x"}`).want(201) // a program
	foreign := h.get(account.Admin, "/session", header("Origin", "https://evil.example")).want(200)
	if got := foreign.Header().Get("Access-Control-Allow-Origin"); got != "" {
		t.Errorf("a foreign page may read: %q", got)
	}
	pre := h.ask("", "OPTIONS", "/api/v1/tickets", nil, header("Origin", "https://board.example"), header("Access-Control-Request-Method", "PATCH")).want(204)
	if !strings.Contains(pre.Header().Get("Access-Control-Allow-Methods"), "PATCH") {
		t.Errorf("an allowed page may not ask: %v", pre.Header())
	}
	h.ask("", "OPTIONS", "/api/v1/tickets", nil, header("Origin", "https://evil.example"), header("Access-Control-Request-Method", "PATCH")).want(405)
}

// faulty is a store at the edge that breaks.
type faulty struct {
	records.Calls
	err   error
	panic any
	pages int // of records that are still read; 0: no limit
}

func (f *faulty) Records(ctx context.Context, q cdr.Query) ([]cdr.Record, string, error) {
	if f.pages > 0 {
		if f.pages--; f.pages == 0 {
			f.err = errors.New("canary: disk")
		}
	}
	if f.panic != nil {
		panic(f.panic)
	}
	if f.err != nil {
		return nil, "", f.err
	}
	return f.Calls.Records(ctx, q)
}

func (f *faulty) FactsOf(ctx context.Context, id call.ID) ([]call.Fact, error) {
	if f.err != nil {
		return nil, f.err
	}
	return f.Calls.FactsOf(ctx, id)
}

// TestOurFaults checks that what breaks on our side is whole in the log, and no more than a sentence outside.
func TestOurFaults(t *testing.T) {
	broken := &faulty{}
	h := open(t, func(c *Config) { broken.Calls, c.Calls = c.Calls, broken })
	broken.err = errors.New("canary: table calls")
	for _, path := range []string{"/calls", "/calls/c1", "/calls/c1/facts", "/calls.csv", "/recordings?call=c1"} {
		if got := h.get(account.Admin, path).want(500).Body.String(); strings.Contains(got, "canary") {
			t.Errorf("%s tells %s", path, got)
		}
	}
	if !strings.Contains(h.log.String(), "canary: table calls") {
		t.Errorf("the log says nothing: %s", h.log)
	}
	broken.err, broken.panic = nil, "canary: panic"
	if got := h.get(account.Admin, "/calls").want(500).Body.String(); strings.Contains(got, "canary") {
		t.Errorf("a panic tells %s", got)
	}
	if !strings.Contains(h.log.String(), "canary: panic") || !strings.Contains(h.log.String(), "guard_test.go") {
		t.Errorf("the log does not say where: %s", h.log)
	}
	broken.panic = nil
	h.get(account.Admin, "/calls").want(200)
	h.must(h.db.Close())
	if got := h.get(account.Admin, "/session"); got.Code < 500 {
		t.Errorf("without a database: got %d, want no word about who is signed in", got.Code)
	}
	h.ask("", "GET", "/healthz", nil).want(200)
}

// TestPanicAfterTheBeginning checks that an answer which broke in the middle is cut off, not ended as if it were whole.
func TestPanicAfterTheBeginning(t *testing.T) {
	h := open(t)
	s := h.server
	mux := http.NewServeMux()
	mux.HandleFunc("GET /half", func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, "half")
		panic("canary")
	})
	srv := httptest.NewServer(s.guard(mux))
	defer srv.Close()
	res, err := srv.Client().Get(srv.URL + "/half")
	if err != nil {
		return // cut before the headers
	}
	defer res.Body.Close()
	if body, err := io.ReadAll(res.Body); err == nil {
		t.Errorf("got %q as if it were whole", body)
	}
}

// TestBrokenExport checks that a file which could not be read to its end does not look whole.
func TestBrokenExport(t *testing.T) {
	broken := &faulty{}
	h := open(t, func(c *Config) { broken.Calls, c.Calls = c.Calls, broken })
	var all [][]call.Fact
	for i := range exported + 1 {
		all = append(all, started(fmt.Sprintf("c%04d", i), noon.Add(time.Duration(i)*time.Second)).over())
	}
	h.journalled(all...)
	srv := httptest.NewServer(h.handler)
	defer srv.Close()
	broken.pages = 2
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, srv.URL+"/api/v1/calls.csv", nil)
	h.must(err)
	r.AddCookie(&http.Cookie{Name: gate.CookieName, Value: h.tokens[account.Supervisor]})
	res, err := srv.Client().Do(r)
	if err == nil {
		defer res.Body.Close()
		if body, err := io.ReadAll(res.Body); err == nil {
			t.Errorf("got %d, %d bytes as if they were all", res.StatusCode, len(body))
		}
	}
	if !strings.Contains(h.log.String(), "canary: disk") {
		t.Errorf("the log says nothing")
	}
}

func TestHealth(t *testing.T) {
	h := open(t)
	h.ask("", "GET", "/healthz", nil).want(200)
	h.ask("", "GET", "/readyz", nil).want(200)
	h.draining.Store(true)
	h.ask("", "GET", "/healthz", nil).want(200)
	if got := h.ask("", "GET", "/readyz", nil).want(503).Header().Get("Retry-After"); got == "" {
		t.Errorf("no Retry-After")
	}
	if got := as[struct{ Ready bool }](h.get(account.Agent, "/version")); got.Ready {
		t.Errorf("ready while draining")
	}
}

// TestMetrics checks who may read figures: supervisors, and a scraper on this machine but not what a proxy passes on.
func TestMetrics(t *testing.T) {
	h := open(t)
	for _, c := range []struct {
		as      account.Role
		want    int
		options []func(*http.Request)
	}{
		{"", 401, nil}, {account.Agent, 403, nil}, {account.Supervisor, 200, nil},
		{"", 200, []func(*http.Request){from("127.0.0.1:9")}}, {"", 200, []func(*http.Request){from("[::1]:9")}}, {"", 200, []func(*http.Request){from("[::ffff:127.0.0.1]:9")}},
		{"", 401, []func(*http.Request){from("127.0.0.1:9"), header("X-Forwarded-For", "203.0.113.9")}},
		{"", 401, []func(*http.Request){from("127.0.0.1:9"), header("Forwarded", "for=203.0.113.9")}},
		{"", 401, []func(*http.Request){from("203.0.113.9:9"), header("X-Forwarded-For", "127.0.0.1")}},
	} {
		h.ask(c.as, "GET", "/metrics", nil, c.options...).want(c.want)
	}
}

// FuzzQuery throws query strings at every list: whatever they say, it is not our fault.
func FuzzQuery(f *testing.F) {
	h := open(f)
	h.journalled(started("c1", noon).talks("1001", "sales").over())
	for _, seed := range []string{"limit=5&before=1.c1", "from=2026-11-22T12:00:00Z&to=x", "region=广东&number=%00", "state=pending,closed&text=退款", "text=%22*&number=-1",
		"before=9223372036854775808", "channel=left&download=1", "since=-1", "call=c1&limit=1e9", "inspection=true&numbers=whole", ";;&&==%zz"} {
		for i := range uint8(8) {
			f.Add(i, seed)
		}
	}
	paths := []string{"/calls", "/calls.csv", "/tickets", "/recordings", "/audit", "/trunks/t1/test", "/recordings/rec-c1/audio", "/calls/live"}
	f.Fuzz(func(t *testing.T, which uint8, query string) {
		r := httptest.NewRequest(http.MethodGet, "/api/v1"+paths[int(which)%len(paths)], nil)
		r.URL.RawQuery = query
		r.AddCookie(&http.Cookie{Name: gate.CookieName, Value: h.tokens[account.Admin]})
		w := httptest.NewRecorder()
		h.handler.ServeHTTP(w, r)
		if w.Code >= 500 {
			t.Errorf("%s: got %d %s", r.URL, w.Code, w.Body)
		}
	})
}
