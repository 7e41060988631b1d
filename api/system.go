package api

import (
	"encoding/json"
	"net/http"

	"hotline/account"
)

// problem answers with RFC 9457 where huma does not.
func problem(w http.ResponseWriter, status int, sentence string) {
	w.Header().Set("Content-Type", "application/problem+json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(map[string]any{"status": status, "title": http.StatusText(status), "detail": sentence})
}

// system is health and metrics. Health is open; metrics are for those who may see figures, or for a scraper on loopback.
func (s *server) system(mux *http.ServeMux) {
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("ok\n")) })
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, _ *http.Request) {
		if err := s.Ready(); err != nil {
			problem(w, http.StatusServiceUnavailable, err.Error())
			return
		}
		_, _ = w.Write([]byte("ready\n"))
	})
	mux.HandleFunc("GET /metrics", func(w http.ResponseWriter, r *http.Request) {
		if !loopback(r.RemoteAddr) && !s.who(r).Role.Atleast(account.Supervisor) {
			problem(w, http.StatusForbidden, "Metrics take the role supervisor, or an address on this machine.")
			return
		}
		s.Metrics.ServeHTTP(w, r)
	})
}
