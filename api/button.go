package api

import (
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"hotline/api/gate"

	"github.com/danielgtaylor/huma/v2"
)

// Button is the call button on customers' pages.
type Button interface {
	Visit(w http.ResponseWriter, r *http.Request, source string)
}

const buttonPath = "/api/v1/button"

// button are the two routes of the call button, which docs/protocols/button.md describes. Whoever visits an allowed page may use them.
func (s *server) button() {
	if s.Button == nil {
		return
	}
	asked := huma.Operation{
		Method: "GET", Path: buttonPath, OperationID: "button", Summary: "Whether the page that asks may have the call button", Tags: []string{"button"},
		Description: "The origin must be this one or one of button.origins.",
		Responses:   map[string]*huma.Response{"200": gate.Says("It may", "application/json")},
	}
	gate.Answers(&asked, 403)
	s.gate.Plain("", asked, func(w http.ResponseWriter, r *http.Request) {
		if !s.mayVisit(r) {
			refuseVisit(w)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(map[string]bool{"allowed": true})
	})
	call := huma.Operation{
		Method: "GET", Path: buttonPath + "/call", OperationID: "button-call", Summary: "The telephone of a visitor, a WebSocket", Tags: []string{"button"},
		Description: "JSON commands and events; it calls button.number and nothing else.",
		Responses:   map[string]*huma.Response{"101": {Description: "Switching Protocols"}},
	}
	gate.Answers(&call, 403)
	s.gate.Plain("", call, func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Origin") == "" || !s.mayVisit(r) {
			refuseVisit(w)
			return
		}
		s.Button.Visit(w, r, gate.SourceOf(r))
	})
}

func refuseVisit(w http.ResponseWriter) {
	gate.Problem(w, http.StatusForbidden, "This page may not have the call button: its origin is not allowed (button.origins).")
}

// mayVisit is true for our own pages, for those of the allowed origins, and for what is no page at all.
func (s *server) mayVisit(r *http.Request) bool {
	origin := r.Header.Get("Origin")
	if origin == "" {
		site := r.Header.Get("Sec-Fetch-Site")
		return site == "" || site == "same-origin" || site == "none"
	}
	if slices.Contains(s.Visitors, origin) {
		return true
	}
	at, err := url.Parse(origin)
	return err == nil && at.Host != "" && strings.EqualFold(at.Host, r.Host)
}

// visitorHeaders lets pages that may have the button read what it asks for, without any credentials.
func (s *server) visitorHeaders(h http.Header, r *http.Request) {
	if s.Button == nil || r.URL.Path != buttonPath {
		return
	}
	if origin := r.Header.Get("Origin"); slices.Contains(s.Visitors, origin) {
		h.Set("Access-Control-Allow-Origin", origin)
		h.Del("Access-Control-Allow-Credentials")
		h.Set("Cross-Origin-Resource-Policy", "cross-origin")
	}
}
