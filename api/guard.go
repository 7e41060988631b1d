package api

import (
	"net/http"
	"path"
	"runtime/debug"
	"slices"
	"strings"

	"hotline/api/gate"
	"hotline/prompt"
)

// bodyMost is the largest body of a request that uploads nothing, in bytes.
const bodyMost = 1 << 20

// most is the largest body that a request may have, in bytes.
func most(r *http.Request) int64 {
	if r.Method == http.MethodPut && strings.HasPrefix(r.URL.Path, "/api/v1/prompts/") {
		return prompt.MaxBytes
	}
	return bodyMost
}

// guard is what every request passes: foreign origins may not change anything, bodies are bounded, answers are not sniffed,
// panics are answered, and what no route knows is answered like everything else.
func (s *server) guard(mux *http.ServeMux) http.Handler {
	cross := http.NewCrossOriginProtection()
	for _, origin := range s.Origins {
		if err := cross.AddTrustedOrigin(origin); err != nil {
			s.Logger.Error("origin left out", "origin", origin, "err", err)
		}
	}
	cross.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		gate.Problem(w, http.StatusForbidden, "This page may not change anything here: its origin is not allowed (http.origins).")
	}))
	inner := cross.Handler(s.known(mux))
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		out := &answer{ResponseWriter: w}
		defer s.recovered(out, r)
		s.headers(out.Header(), r)
		if s.preflight(out, r) {
			return
		}
		r.Body = http.MaxBytesReader(out, r.Body, most(r))
		inner.ServeHTTP(out, r)
	})
}

// headers are those of every answer. Pages of the origins that the configuration names may read answers; there is no wildcard.
func (s *server) headers(h http.Header, r *http.Request) {
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Cache-Control", "no-store")
	h.Add("Vary", "Origin")
	if origin := r.Header.Get("Origin"); slices.Contains(s.Origins, origin) {
		h.Set("Access-Control-Allow-Origin", origin)
		h.Set("Access-Control-Allow-Credentials", "true")
		h.Set("Access-Control-Expose-Headers", "Retry-After, Content-Range, Content-Disposition")
		h.Set("Cross-Origin-Resource-Policy", "cross-origin")
	}
	s.visitorHeaders(h, r)
}

// preflight answers a browser that asks whether an allowed page may send what it is about to.
func (s *server) preflight(w http.ResponseWriter, r *http.Request) bool {
	if r.Method != http.MethodOptions || r.Header.Get("Access-Control-Request-Method") == "" || w.Header().Get("Access-Control-Allow-Origin") == "" {
		return false
	}
	w.Header().Set("Access-Control-Allow-Methods", "GET, HEAD, POST, PUT, PATCH, DELETE")
	w.Header().Set("Access-Control-Allow-Headers", "Authorization, Content-Type, Last-Event-ID, Range, If-Range")
	w.WriteHeader(http.StatusNoContent)
	return true
}

// known answers paths and methods that no route has, and paths that are not written plainly.
func (s *server) known(mux *http.ServeMux) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !plain(r.URL.EscapedPath()) {
			gate.Problem(w, http.StatusNotFound, "There is nothing at this address.")
			return
		}
		unknown, pattern := mux.Handler(r)
		if pattern != "" {
			mux.ServeHTTP(w, r)
			return
		}
		if s.Pages != nil && s.Pages.Serve(w, r) {
			return
		}
		seen := &refusal{header: http.Header{}}
		unknown.ServeHTTP(seen, r)
		if seen.status == http.StatusMethodNotAllowed {
			w.Header().Set("Allow", seen.header.Get("Allow"))
			gate.Problem(w, http.StatusMethodNotAllowed, "This address does not know the method "+short(r.Method)+".")
			return
		}
		gate.Problem(w, http.StatusNotFound, "There is nothing at this address.")
	})
}

// plain is true for a path that cleaning leaves as it is, but for a slash at its end.
func plain(p string) bool {
	return strings.HasPrefix(p, "/") && (path.Clean(p) == p || path.Clean(p)+"/" == p)
}

func short(s string) string { return s[:min(len(s), 20)] }

// refusal hears how a mux refuses.
type refusal struct {
	header http.Header
	status int
}

func (r *refusal) Header() http.Header         { return r.header }
func (r *refusal) WriteHeader(status int)      { r.status = status }
func (r *refusal) Write(b []byte) (int, error) { return len(b), nil }

// answer knows whether an answer has begun.
type answer struct {
	http.ResponseWriter
	begun bool
}

// WriteHeader begins the answer.
func (a *answer) WriteHeader(status int) {
	a.begun = a.begun || status >= http.StatusOK
	a.ResponseWriter.WriteHeader(status)
}

// Write begins the answer.
func (a *answer) Write(b []byte) (int, error) {
	a.begun = true
	return a.ResponseWriter.Write(b)
}

// Unwrap is for http.ResponseController.
func (a *answer) Unwrap() http.ResponseWriter { return a.ResponseWriter }

// recovered answers a panic with 500, or cuts an answer that has begun off.
func (s *server) recovered(w *answer, r *http.Request) {
	v := recover()
	if v == nil {
		return
	}
	if v == http.ErrAbortHandler { //nolint:errorlint,err113 // the value itself is the sign
		panic(v) //nolint:forbidigo // net/http's own sign to cut the connection
	}
	s.Logger.Error("request panicked", "method", r.Method, "route", r.Pattern, "panic", v, "stack", string(debug.Stack()))
	if w.begun {
		panic(http.ErrAbortHandler) //nolint:forbidigo // net/http's own sign to cut the connection
	}
	gate.Problem(w, http.StatusInternalServerError, "Something went wrong on our side; the log says what.")
}
