package switchboard

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"syscall"
	"time"

	"hotline/call"
)

// maxLookup bounds the answer of a look-up, in bytes.
const maxLookup = 64 << 10

// LookupClient asks the URLs of flows. It connects to public addresses only, checked after the name is resolved and at
// every redirect, unless private is set: a flow must not reach what the node itself can reach.
func LookupClient(private bool) *http.Client {
	dialer := &net.Dialer{Timeout: lookupTimeout}
	if !private {
		dialer.Control = func(_, address string, _ syscall.RawConn) error {
			at, err := netip.ParseAddrPort(address)
			if err != nil {
				return err
			}
			if ip := at.Addr().Unmap(); !public(ip) {
				return fmt.Errorf("look-ups may not reach the private address %s (lookups.private allows it)", ip)
			}
			return nil
		}
	}
	return &http.Client{
		Transport: &http.Transport{DialContext: dialer.DialContext, MaxIdleConnsPerHost: 8, IdleConnTimeout: time.Minute, ResponseHeaderTimeout: 10 * time.Second},
	}
}

// reserved are the ranges that look like public addresses and lead inward, or nowhere (IANA's special-purpose registries).
var reserved = []netip.Prefix{
	netip.MustParsePrefix("0.0.0.0/8"), netip.MustParsePrefix("100.64.0.0/10"), netip.MustParsePrefix("192.0.0.0/24"), netip.MustParsePrefix("192.88.99.0/24"),
	netip.MustParsePrefix("198.18.0.0/15"), netip.MustParsePrefix("240.0.0.0/4"), netip.MustParsePrefix("64:ff9b::/96"), netip.MustParsePrefix("64:ff9b:1::/48"),
	netip.MustParsePrefix("2001::/23"), netip.MustParsePrefix("2002::/16"), netip.MustParsePrefix("fec0::/10"),
}

// public is true for an address that everybody may reach.
func public(ip netip.Addr) bool {
	return ip.IsGlobalUnicast() && !ip.IsPrivate() && !slices.ContainsFunc(reserved, func(p netip.Prefix) bool { return p.Contains(ip) })
}

// lookup asks and sends the answer to the call.
func (b *Switchboard) lookup(id call.ID, a call.Lookup) {
	values, err := b.ask(a)
	ev := call.LookedUp{Lookup: a.Lookup, Values: values}
	if err != nil {
		ev.Err = err.Error()
		b.Logger.Warn("look-up came to nothing", "call", id, "err", err)
	}
	b.exchange.Send(id, ev)
}

func (b *Switchboard) ask(a call.Lookup) (map[string]string, error) {
	timeout := a.Ask.Timeout
	if timeout <= 0 {
		timeout = lookupTimeout
	}
	ctx, cancel := context.WithTimeout(context.Background(), timeout)
	defer cancel()
	method := a.Ask.Method
	if method == "" {
		method = http.MethodGet
	}
	req, err := http.NewRequestWithContext(ctx, method, a.Ask.URL, strings.NewReader(a.Ask.Body))
	if err != nil {
		return nil, fmt.Errorf("make the look-up: %w", err)
	}
	for name, value := range a.Ask.Header {
		req.Header.Set(name, value)
	}
	res, err := b.HTTP.Do(req)
	if err != nil {
		return nil, fmt.Errorf("ask: %w", err)
	}
	defer res.Body.Close()
	if res.StatusCode/100 != 2 {
		return nil, fmt.Errorf("answered %s", res.Status)
	}
	body, err := io.ReadAll(io.LimitReader(res.Body, maxLookup+1))
	if err != nil {
		return nil, fmt.Errorf("read the answer: %w", err)
	}
	if len(body) > maxLookup {
		return nil, fmt.Errorf("the answer is larger than %d kB", maxLookup>>10)
	}
	return readValues(body)
}

// readValues takes the top-level values of a JSON object, or of a form, as texts.
func readValues(body []byte) (map[string]string, error) {
	values := map[string]string{}
	var object map[string]any
	if err := json.Unmarshal(body, &object); err == nil {
		for name, v := range object {
			switch v := v.(type) {
			case string:
				values[name] = v
			case nil:
			default:
				text, _ := json.Marshal(v)
				values[name] = string(text)
			}
		}
		return values, nil
	}
	form, err := url.ParseQuery(strings.TrimSpace(string(body)))
	if err != nil || strings.ContainsAny(string(body), "{<") {
		return nil, fmt.Errorf("the answer is neither a JSON object nor a form")
	}
	for name := range form {
		values[name] = form.Get(name)
	}
	return values, nil
}
