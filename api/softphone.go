package api

import (
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"hotline/account"
)

// Softphones are the telephones in browsers. When the request's context ends, whoever it is may no longer telephone.
type Softphones interface {
	Serve(w http.ResponseWriter, r *http.Request, user string, masks bool)
}

// softphone is the WebSocket that docs/protocols/softphone.md describes.
func (s *server) softphone(mux routes) {
	if s.Softphones == nil {
		return
	}
	op := huma.Operation{
		Method: "GET", Path: "/api/v1/softphone", OperationID: "softphone", Summary: "The telephone in an agent's browser, a WebSocket", Tags: []string{"network"},
		Description: "JSON commands and events; the origin must be this one or one of http.origins. Only for agents who have a phone.",
		Responses:   map[string]*huma.Response{"101": {Description: "Switching Protocols"}},
	}
	answers(&op, 403)
	s.plainRoute(mux, account.Agent, op, func(w http.ResponseWriter, r *http.Request) {
		who := asker(r.Context())
		user := s.PhoneOf(who.Agent)
		if user == "" {
			problem(w, http.StatusForbidden, "You are no agent with a phone: ask for one in the data of the centre.")
			return
		}
		during, end := s.whileSignedIn(r, s.recheck, func(now Identity) bool {
			return now.Agent == who.Agent && s.PhoneOf(now.Agent) == user // neither the agent nor the phone is another's by now
		})
		defer end()
		s.Softphones.Serve(w, r.WithContext(during), user, who.masks())
	})
}
