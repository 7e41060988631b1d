package machine

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"hotline/account"
	"hotline/api/gate"
)

type versionOut struct {
	Body struct {
		Version string `json:"version" doc:"of the program"`
		Ready   bool   `json:"ready" doc:"new calls are taken"`
		Live    int    `json:"live" doc:"calls under way"`
	}
}

// system is health and metrics. Health is open; metrics are for those who may see figures, or for a scraper on this machine.
func (s *Routes) system() {
	tags := []string{"system"}
	s.Plain("", huma.Operation{
		Method: "GET", Path: "/healthz", Summary: "The program runs; calls never make this fail", Tags: tags,
		Responses: map[string]*huma.Response{"200": gate.Says("ok", "text/plain")},
	}, func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("ok\n")) })
	ready := huma.Operation{
		Method: "GET", Path: "/readyz", Summary: "New calls are taken", Tags: tags,
		Responses: map[string]*huma.Response{"200": gate.Says("ready", "text/plain")},
	}
	gate.Answers(&ready, 503)
	s.Plain("", ready, s.ready)
	metrics := huma.Operation{
		Method: "GET", Path: "/metrics", Summary: "Figures for Prometheus", Tags: tags,
		Description: "For the role supervisor, and for a scraper on the same machine without a proxy between.",
		Responses:   map[string]*huma.Response{"200": gate.Says("Prometheus text", "text/plain")},
	}
	gate.Answers(&metrics, 401, 403)
	forSupervisors := s.Only(account.Supervisor, s.Metrics.ServeHTTP)
	s.Plain("", metrics, func(w http.ResponseWriter, r *http.Request) {
		if gate.Local(r) {
			s.Metrics.ServeHTTP(w, r)
			return
		}
		forSupervisors(w, r)
	})
	gate.Add(s.Gate, account.Agent, huma.Operation{Method: "GET", Path: "/version", Summary: "What runs here, and whether it takes calls", Tags: tags},
		func(context.Context, gate.Identity, *gate.Nothing) (*versionOut, error) {
			out := &versionOut{}
			out.Body.Version, out.Body.Ready, out.Body.Live = s.Version, s.Ready() == nil, s.Live()
			return out, nil
		})
}

func (s *Routes) ready(w http.ResponseWriter, _ *http.Request) {
	if err := s.Ready(); err != nil {
		w.Header().Set("Retry-After", "5")
		gate.Problem(w, http.StatusServiceUnavailable, err.Error())
		return
	}
	_, _ = w.Write([]byte("ready\n"))
}
