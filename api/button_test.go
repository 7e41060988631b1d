package api

import (
	"net/http"
	"testing"
)

type visits struct{ sources chan string }

func (v visits) Visit(w http.ResponseWriter, _ *http.Request, source string) {
	v.sources <- source
	w.WriteHeader(http.StatusNoContent)
}

func TestTheButtonIsForAllowedPages(t *testing.T) {
	v := visits{make(chan string, 1)}
	h := open(t, func(c *Config) { c.Button, c.Visitors = v, []string{"https://shop.example"} })
	for _, tt := range []struct {
		origin, site, cors string
		asked, called      int
	}{
		{"https://shop.example", "", "https://shop.example", 200, 204},
		{"http://example.com", "", "", 200, 204}, // this node's own: the host of the request
		{"", "same-origin", "", 200, 403},        // a browser always says where a WebSocket comes from
		{"", "cross-site", "", 403, 403},
		{"https://evil.example", "", "", 403, 403},
		{"http://shop.example", "", "", 403, 403},
		{"https://shop.example.evil.example", "", "", 403, 403},
		{"null", "", "", 403, 403},
		{"https://board.example", "", "https://board.example", 403, 403}, // may use the API, and has no button
	} {
		options := []func(*http.Request){header("Sec-Fetch-Site", tt.site)}
		if tt.origin != "" {
			options = append(options, header("Origin", tt.origin))
		}
		answer := h.get("", "/button", options...).want(tt.asked)
		if got := answer.Header().Get("Access-Control-Allow-Origin"); got != tt.cors {
			t.Errorf("%q may be read by %q, want %q", tt.origin, got, tt.cors)
		}
		if got := answer.Header().Get("Access-Control-Allow-Credentials"); tt.asked == 200 && got != "" {
			t.Errorf("%q with credentials", tt.origin)
		}
		h.get("", "/button/call", options...).want(tt.called)
		if tt.called == 204 {
			if got := <-v.sources; got != "192.0.2.7" {
				t.Errorf("from %s", got)
			}
		}
	}
}

func TestNoButton(t *testing.T) {
	h := open(t)
	h.get("", "/button").want(404)
	h.get("", "/button/call").want(404)
}
