package api

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"

	"hotline/account"
	"hotline/api/gate"
)

// reply is an answer that was read whole.
type reply struct {
	*httptest.ResponseRecorder
	h *house
}

// ask asks as somebody; body nil for none. Options change the request.
func (h *house) ask(as account.Role, method, path string, body any, options ...func(*http.Request)) reply {
	h.Helper()
	var in io.Reader
	switch b := body.(type) {
	case nil:
	case string:
		in = strings.NewReader(b)
	default:
		text, err := json.Marshal(b)
		h.must(err)
		in = bytes.NewReader(text)
	}
	r := httptest.NewRequest(method, path, in)
	r.RemoteAddr = "192.0.2.7:4711"
	if in != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	if token := h.tokens[as]; token != "" {
		r.AddCookie(&http.Cookie{Name: gate.CookieName, Value: token})
	}
	for _, change := range options {
		change(r)
	}
	w := httptest.NewRecorder()
	h.handler.ServeHTTP(w, r)
	return reply{w, h}
}

func (h *house) get(as account.Role, path string, options ...func(*http.Request)) reply {
	h.Helper()
	return h.ask(as, http.MethodGet, "/api/v1"+path, nil, options...)
}

func header(name, value string) func(*http.Request) {
	return func(r *http.Request) { r.Header.Set(name, value) }
}

func from(addr string) func(*http.Request) { return func(r *http.Request) { r.RemoteAddr = addr } }

// want checks the status, and that an error is a problem of RFC 9457.
func (r reply) want(status int) reply {
	r.h.Helper()
	if r.Code != status {
		r.h.Errorf("got %d %s, want %d", r.Code, r.Body, status)
	}
	if r.Code < 400 || r.Body.Len() == 0 {
		return r
	}
	var p struct {
		Status        int
		Title, Detail string
	}
	if got := r.Header().Get("Content-Type"); got != "application/problem+json" {
		r.h.Errorf("%d: got content type %q", r.Code, got)
	}
	if err := json.Unmarshal(r.Body.Bytes(), &p); err != nil || p.Status != r.Code || p.Title == "" || p.Detail == "" {
		r.h.Errorf("%d: no problem: %v, %s", r.Code, err, r.Body)
	}
	return r
}

// as reads the answer's JSON.
func as[T any](r reply) T {
	r.h.Helper()
	var v T
	if err := json.Unmarshal(r.Body.Bytes(), &v); err != nil {
		r.h.Fatalf("read %d %s: %v", r.Code, r.Body, err)
	}
	return v
}
