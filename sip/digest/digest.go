// Package digest is HTTP digest authentication as SIP uses it (RFC 7616, RFC 2617, RFC 8760), for both ends: reading
// and writing its headers, answering a challenge, and a server that issues nonces it need not remember. It knows no
// accounts and no transport, and reads no clock: time is an argument.
package digest

import (
	"crypto/md5"
	"crypto/sha256"
	"encoding/hex"
	"hash"
)

// Algorithm names a hash as digest headers spell it.
type Algorithm string

// Algorithms that are spoken. The session variants (-sess) are not.
const (
	MD5    Algorithm = "MD5"     // RFC 2617; what most desk phones know
	SHA256 Algorithm = "SHA-256" // RFC 7616
)

// Known tells whether the algorithm can be computed.
func (a Algorithm) Known() bool { return a == MD5 || a == SHA256 }

func (a Algorithm) sum(s string) string {
	var h hash.Hash
	if a == SHA256 {
		h = sha256.New()
	} else {
		h = md5.New()
	}
	h.Write([]byte(s))
	return hex.EncodeToString(h.Sum(nil))
}

// HA1 is the hash of user:realm:password in lower case hex (RFC 7616 3.4.2): what an account keeps instead of a password.
func HA1(a Algorithm, user, realm, password string) string {
	return a.sum(user + ":" + realm + ":" + password)
}

// response is RFC 7616 3.4.1; without qop it is that of RFC 2069. The body hash of auth-int is not spoken.
func response(a Algorithm, ha1, method string, c Credentials) string {
	ha2 := a.sum(method + ":" + c.URI)
	if c.QOP == "" {
		return a.sum(ha1 + ":" + c.Nonce + ":" + ha2)
	}
	return a.sum(ha1 + ":" + c.Nonce + ":" + c.NC + ":" + c.CNonce + ":" + c.QOP + ":" + ha2)
}
