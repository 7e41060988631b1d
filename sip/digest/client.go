package digest

import (
	"crypto/rand"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/emiago/sipgo/sip"
)

// ErrCannot means that no challenge of a response can be answered: unknown algorithm or qop, or no secret for it.
var ErrCannot = errors.New("no challenge that can be answered")

// Secret gives the HA1 for a realm and "MD5" or "SHA-256"; "" means there is none.
type Secret func(realm, algorithm string) string

// Answer makes the credentials header for a request that drew a 401 or 407 (RFC 3261 22.2, 22.3). It takes the first
// challenge it can answer, as RFC 8760 2.4 asks. The digest URI is the request URI with all its parameters.
func Answer(res *sip.Response, method, uri, user string, secret Secret) (sip.Header, error) {
	from, to := "WWW-Authenticate", "Authorization"
	if res.StatusCode == sip.StatusProxyAuthRequired {
		from, to = "Proxy-Authenticate", "Proxy-Authorization"
	}
	for _, h := range res.GetHeaders(from) {
		for _, value := range Split(h.Value()) {
			c, err := ParseChallenge(value)
			if err != nil {
				continue
			}
			cr, err := c.Answer(method, uri, user, secret)
			if err == nil {
				return sip.NewHeader(to, cr.String()), nil
			}
		}
	}
	return nil, fmt.Errorf("answer %d: %w", res.StatusCode, ErrCannot)
}

// Answer makes credentials for one challenge, with a nonce count of 1: each challenge is answered once.
func (c Challenge) Answer(method, uri, user string, secret Secret) (Credentials, error) {
	a := c.Algorithm
	if a == "" {
		a = MD5
	}
	if !a.Known() || secret == nil || (len(c.QOP) > 0 && !slices.Contains(c.QOP, "auth")) {
		return Credentials{}, ErrCannot
	}
	ha1 := secret(c.Realm, string(a))
	if ha1 == "" {
		return Credentials{}, ErrCannot
	}
	cr := Credentials{Username: user, Realm: c.Realm, Nonce: c.Nonce, URI: uri, Algorithm: c.Algorithm, Opaque: c.Opaque}
	if len(c.QOP) > 0 {
		cr.QOP, cr.NC, cr.CNonce = "auth", "00000001", strings.ToLower(rand.Text())
	}
	cr.Response = response(a, ha1, method, cr)
	return cr, nil
}

// PasswordSecret answers for a password in clear, as carriers give it for a trunk.
func PasswordSecret(user, password string) Secret {
	return func(realm, algorithm string) string { return HA1(Algorithm(algorithm), user, realm, password) }
}
