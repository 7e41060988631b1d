package api

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"hotline/account"
)

type versionOut struct {
	Body struct {
		Version string `json:"version" doc:"of the program"`
		Ready   bool   `json:"ready" doc:"new calls are taken"`
		Live    int    `json:"live" doc:"calls under way"`
	}
}

// system is health and metrics. Health is open; metrics are for those who may see figures, or for a scraper on this machine.
func (s *server) system(mux routes) {
	tags := []string{"system"}
	s.plainRoute(mux, "", huma.Operation{
		Method: "GET", Path: "/healthz", Summary: "The program runs; calls never make this fail", Tags: tags,
		Responses: map[string]*huma.Response{"200": says("ok", "text/plain")},
	}, func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("ok\n")) })
	ready := huma.Operation{
		Method: "GET", Path: "/readyz", Summary: "New calls are taken", Tags: tags,
		Responses: map[string]*huma.Response{"200": says("ready", "text/plain")},
	}
	answers(&ready, 503)
	s.plainRoute(mux, "", ready, s.ready)
	metrics := huma.Operation{
		Method: "GET", Path: "/metrics", Summary: "Figures for Prometheus", Tags: tags,
		Description: "For the role supervisor, and for a scraper on the same machine without a proxy between.",
		Responses:   map[string]*huma.Response{"200": says("Prometheus text", "text/plain")},
	}
	answers(&metrics, 401, 403)
	s.plainRoute(mux, "", metrics, func(w http.ResponseWriter, r *http.Request) {
		if local(r) {
			s.Metrics.ServeHTTP(w, r)
			return
		}
		if _, ok := s.admit(w, r, account.Supervisor); ok {
			s.Metrics.ServeHTTP(w, r)
		}
	})
	add(s, s.api, account.Agent, huma.Operation{Method: "GET", Path: "/version", Summary: "What runs here, and whether it takes calls", Tags: tags},
		func(context.Context, Identity, *nothing) (*versionOut, error) {
			out := &versionOut{}
			out.Body.Version, out.Body.Ready, out.Body.Live = s.Version, s.Ready() == nil, s.Live.Live()
			return out, nil
		})
}

func (s *server) ready(w http.ResponseWriter, _ *http.Request) {
	if err := s.Ready(); err != nil {
		w.Header().Set("Retry-After", "5")
		problem(w, http.StatusServiceUnavailable, err.Error())
		return
	}
	_, _ = w.Write([]byte("ready\n"))
}
