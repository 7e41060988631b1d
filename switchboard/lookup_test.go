package switchboard

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
	"time"

	"hotline/call"
	"hotline/ivr"
)

// answering serves a fixed answer on loopback.
func answering(t *testing.T, f http.HandlerFunc) string {
	t.Helper()
	s := httptest.NewServer(f)
	t.Cleanup(s.Close)
	return s.URL
}

func ask(client *http.Client, l ivr.Lookup) (map[string]string, error) {
	b := &Switchboard{Config: Config{HTTP: client}}
	return b.ask(call.Lookup{Ask: l})
}

func TestAnswersOfLookups(t *testing.T) {
	for _, c := range []struct {
		status int
		body   string
		want   map[string]string // nil: an error
		err    string
	}{
		{200, `{"level":"gold","days":3,"vip":true,"none":null,"who":{"name":"x"},"all":[1]}`,
			map[string]string{"level": "gold", "days": "3", "vip": "true", "who": `{"name":"x"}`, "all": "[1]"}, ""},
		{200, "level=gold&days=3", map[string]string{"level": "gold", "days": "3"}, ""},
		{201, "{}", map[string]string{}, ""},
		{200, "", map[string]string{}, ""},
		{200, "<html>login</html>", nil, "neither a JSON object nor a form"},
		{200, `[1,2]`, map[string]string{"[1,2]": ""}, ""},
		{200, `{"broken":`, nil, "neither a JSON object nor a form"},
		{404, `{"level":"gold"}`, nil, "404"},
		{500, "", nil, "500"},
		{200, `{"x":"` + strings.Repeat("y", maxLookup) + `"}`, nil, "larger than 64 kB"},
	} {
		url := answering(t, func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(c.status)
			fmt.Fprint(w, c.body)
		})
		got, err := ask(LookupClient(true), ivr.Lookup{URL: url})
		if (err == nil) != (c.want != nil) || err != nil && !strings.Contains(err.Error(), c.err) || !maps.Equal(got, c.want) {
			t.Errorf("%d %.40s: got %v, %v; want %v", c.status, c.body, got, err, c.want)
		}
	}
}

func TestLookupSendsWhatTheFlowSays(t *testing.T) {
	seen := make(chan string, 1)
	url := answering(t, func(w http.ResponseWriter, req *http.Request) {
		body := make([]byte, 3)
		n, _ := req.Body.Read(body)
		seen <- req.Method + " " + req.URL.Query().Get("phone") + " " + req.Header.Get("X-Key") + " " + string(body[:n])
		fmt.Fprint(w, "{}")
	})
	if _, err := ask(LookupClient(true), ivr.Lookup{URL: url + "/?phone=138", Method: "POST", Body: "abc", Header: map[string]string{"X-Key": "k"}}); err != nil {
		t.Fatal(err)
	}
	if got := <-seen; got != "POST 138 k abc" {
		t.Errorf("got %s", got)
	}
}

// slow is a server that never answers; it notes how long it might have taken.
type slow chan time.Duration

func (s slow) RoundTrip(r *http.Request) (*http.Response, error) {
	end, ok := r.Context().Deadline()
	if !ok {
		end = time.Now().Add(time.Hour)
	}
	s <- time.Until(end)
	<-r.Context().Done()
	return nil, r.Context().Err()
}

func TestLookupTakesNoLongerThanItsTime(t *testing.T) {
	for asked, want := range map[time.Duration]time.Duration{100 * time.Millisecond: 100 * time.Millisecond, 0: lookupTimeout} {
		left := make(slow, 1)
		if _, err := ask(&http.Client{Transport: left}, ivr.Lookup{URL: "http://127.0.0.1/", Timeout: asked}); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("asked to take %v: %v, want a time-out", asked, err)
		}
		if d := <-left; d > want {
			t.Errorf("asked to take %v: it might have taken %v, want %v at most", asked, d, want)
		}
	}
}

func TestPrivateAddressesAreRefused(t *testing.T) {
	reached := false
	url := answering(t, func(w http.ResponseWriter, req *http.Request) {
		if req.URL.Path == "/away" {
			http.Redirect(w, req, "/secret", http.StatusFound)
			return
		}
		reached = true
	})
	for _, u := range []string{url, strings.Replace(url, "127.0.0.1", "localhost", 1), url + "/away", strings.Replace(url, "127.0.0.1", "[::ffff:127.0.0.1]", 1)} {
		if _, err := ask(LookupClient(false), ivr.Lookup{URL: u, Timeout: time.Second}); err == nil || reached {
			t.Errorf("%s was asked: %v", u, err)
		}
	}
}

// TestRedirectToAPrivateAddressIsRefused: the check stands at each connection, so a public host cannot send us inward.
func TestRedirectToAPrivateAddressIsRefused(t *testing.T) {
	inner := answering(t, func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, `{"secret":"1"}`) })
	client := LookupClient(false)
	guarded := client.Transport
	// The first hop is answered here, as a public host would; what follows goes by the real transport.
	client.Transport = hop(func(req *http.Request) (*http.Response, error) {
		if req.URL.Host == "crm.example" {
			return &http.Response{StatusCode: http.StatusFound, Header: http.Header{"Location": {inner}}, Body: http.NoBody, Request: req}, nil
		}
		return guarded.RoundTrip(req)
	})
	got, err := ask(client, ivr.Lookup{URL: "http://crm.example/"})
	if err == nil || !strings.Contains(err.Error(), "may not reach the private address 127.0.0.1") {
		t.Errorf("got %v, %v", got, err)
	}
}

type hop func(*http.Request) (*http.Response, error)

func (h hop) RoundTrip(req *http.Request) (*http.Response, error) { return h(req) }

func TestPublicAddresses(t *testing.T) {
	for addr, want := range map[string]bool{
		"8.8.8.8": true, "114.114.114.114": true, "2400:3200::1": true,
		"127.0.0.1": false, "10.1.2.3": false, "172.16.0.1": false, "192.168.1.1": false, "169.254.169.254": false, "0.0.0.0": false, "0.1.2.3": false,
		"100.64.0.1": false, "198.18.0.1": false, "224.0.0.1": false, "255.255.255.255": false, "240.0.0.1": false, "::1": false, "::": false, "fe80::1": false,
		"fd00::1": false, "64:ff9b::7f00:1": false, "2002:7f00:1::": false, "ff02::1": false,
	} {
		if got := public(netip.MustParseAddr(addr)); got != want {
			t.Errorf("%s: got %v", addr, got)
		}
	}
}

func TestLookupReachesTheFlow(t *testing.T) {
	url := answering(t, func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, `{"cause":"busy"}`) })
	flow := "flow: f\nstart: a\nnodes:\n  a: {type: lookup, url: \"" + url + "/\", values: {c: cause}, next: b, on: {fallback: n}}\n" +
		"  b: {type: branch, if: 'c == \"busy\"', then: y, else: n}\n  y: {type: hangup, cause: busy}\n  n: {type: hangup, cause: declined}\n"
	for private, want := range map[bool]string{true: "hangup busy", false: "hangup declined"} {
		r := newRig(t, func(c *Config) { c.HTTP = LookupClient(private) })
		r.b.Replace(centre(t, "4001", flow))
		l := r.arrive("13800138000", "4001")
		eventually(t, want, func() bool { return l.was(want) })
		r.over()
	}
}

func FuzzReadValues(f *testing.F) {
	for _, s := range []string{`{"a":1}`, "a=1&b=2", "<html>", "[]", "null", "%zz"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		if values, err := readValues(body); err == nil && values == nil {
			t.Errorf("%q gave nothing and no error", body)
		}
	})
}
