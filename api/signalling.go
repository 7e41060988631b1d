package api

import (
	"github.com/danielgtaylor/huma/v2"

	"hotline/api/gate"
)

// signalling is SIP over WebSocket on the same port as everything else, so that one TLS proxy serves both. It knows its own passwords.
func (s *server) signalling() {
	op := huma.Operation{
		Method: "GET", Path: "/sip", Summary: "SIP over WebSocket (RFC 7118)", Tags: []string{"network"},
		Description: "Offer the subprotocol `sip`. Pages of other origins than this one and those of `http.origins` are refused. REGISTER asks for the phone's password.",
		Responses:   map[string]*huma.Response{"101": {Description: "Switching Protocols"}},
	}
	for status, why := range map[string]string{
		"400": "The subprotocol sip was not offered", "403": "The page's origin is not allowed", "426": "No WebSocket handshake", "429": "Too many from there",
	} {
		op.Responses[status] = gate.Says(why, "text/plain")
	}
	s.gate.Plain("", op, s.SIP.ServeHTTP)
}
