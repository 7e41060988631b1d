package digest

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Errors of the parsers.
var (
	ErrScheme = errors.New("not a digest header")
	ErrSyntax = errors.New("digest header cannot be read")
)

// maxParams bounds what a header may carry; RFC 7616 names twelve.
const maxParams = 32

// Challenge is the value of a WWW-Authenticate or Proxy-Authenticate header.
type Challenge struct {
	Realm, Nonce, Opaque string
	Algorithm            Algorithm // "" was not said: MD5
	QOP                  []string  // empty: RFC 2069 style
	Stale                bool
}

// Credentials is the value of an Authorization or Proxy-Authorization header.
type Credentials struct {
	Username, Realm, Nonce, URI, Response string
	Algorithm                             Algorithm // "" was not said: MD5
	CNonce, Opaque, QOP, NC               string
}

// ParseChallenge reads the value of a challenge header; unknown parameters are passed over.
func ParseChallenge(value string) (Challenge, error) {
	p, err := params(value)
	if err != nil {
		return Challenge{}, err
	}
	c := Challenge{Realm: p["realm"], Nonce: p["nonce"], Opaque: p["opaque"], Algorithm: algorithm(p["algorithm"])}
	c.Stale = strings.EqualFold(p["stale"], "true")
	for q := range strings.SplitSeq(p["qop"], ",") {
		if q = strings.ToLower(strings.TrimSpace(q)); q != "" {
			c.QOP = append(c.QOP, q)
		}
	}
	if c.Nonce == "" {
		return Challenge{}, fmt.Errorf("%w: no nonce", ErrSyntax)
	}
	return c, nil
}

// ParseCredentials reads the value of a credentials header; username, nonce, uri and response must be there.
func ParseCredentials(value string) (Credentials, error) {
	p, err := params(value)
	if err != nil {
		return Credentials{}, err
	}
	c := Credentials{
		Username: p["username"], Realm: p["realm"], Nonce: p["nonce"], URI: p["uri"], Response: p["response"],
		Algorithm: algorithm(p["algorithm"]), CNonce: p["cnonce"], Opaque: p["opaque"],
		QOP: strings.ToLower(p["qop"]), NC: p["nc"],
	}
	for name, v := range map[string]string{"username": c.Username, "nonce": c.Nonce, "uri": c.URI, "response": c.Response} {
		if v == "" {
			return Credentials{}, fmt.Errorf("%w: no %s", ErrSyntax, name)
		}
	}
	return c, nil
}

// algorithm spells a known algorithm our way and leaves others as they are.
func algorithm(s string) Algorithm {
	for _, a := range []Algorithm{MD5, SHA256} {
		if strings.EqualFold(s, string(a)) {
			return a
		}
	}
	return Algorithm(s)
}

// String is the header value; algorithm and qop are written as RFC 7616 3.3 and 3.4 quote them.
func (c Challenge) String() string {
	var b strings.Builder
	b.WriteString(`Digest realm=` + quote(c.Realm) + `, nonce=` + quote(c.Nonce))
	if c.Opaque != "" {
		b.WriteString(`, opaque=` + quote(c.Opaque))
	}
	if c.Stale {
		b.WriteString(`, stale=true`)
	}
	if c.Algorithm != "" {
		b.WriteString(`, algorithm=` + string(c.Algorithm))
	}
	if len(c.QOP) > 0 {
		b.WriteString(`, qop="` + strings.Join(c.QOP, ",") + `"`)
	}
	return b.String()
}

// String is the header value.
func (c Credentials) String() string {
	var b strings.Builder
	b.WriteString(`Digest username=` + quote(c.Username) + `, realm=` + quote(c.Realm) + `, nonce=` + quote(c.Nonce) +
		`, uri=` + quote(c.URI) + `, response="` + c.Response + `"`)
	if c.Algorithm != "" {
		b.WriteString(`, algorithm=` + string(c.Algorithm))
	}
	if c.Opaque != "" {
		b.WriteString(`, opaque=` + quote(c.Opaque))
	}
	if c.QOP != "" {
		b.WriteString(`, qop=` + c.QOP + `, nc=` + c.NC + `, cnonce=` + quote(c.CNonce))
	}
	return b.String()
}

func quote(s string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(s) + `"`
}

// params reads `Digest name=value, name="value"` into lower-case names. A name that comes twice is an error, so that
// two readers of one header can never see different values.
func params(value string) (map[string]string, error) {
	scheme, rest, _ := strings.Cut(strings.TrimSpace(value), " ")
	if !strings.EqualFold(scheme, "digest") {
		return nil, ErrScheme
	}
	p := map[string]string{}
	for {
		rest = strings.TrimLeft(rest, " \t,")
		if rest == "" {
			return p, nil
		}
		name, v, left, err := param(rest)
		if err != nil {
			return nil, err
		}
		if _, twice := p[name]; twice || len(p) == maxParams {
			return nil, fmt.Errorf("%w: parameter %q again, or too many", ErrSyntax, name)
		}
		p[name], rest = v, left
	}
}

// param reads one name=value from the front of s.
func param(s string) (name, value, rest string, err error) {
	name, s, found := strings.Cut(s, "=")
	name = strings.ToLower(strings.TrimSpace(name))
	if !found || name == "" || strings.ContainsAny(name, " \t\",") {
		return "", "", "", fmt.Errorf("%w: parameter without a value", ErrSyntax)
	}
	s = strings.TrimLeft(s, " \t")
	if strings.HasPrefix(s, `"`) {
		value, rest, err = quoted(s[1:])
	} else if i := strings.IndexAny(s, ",\t "); i >= 0 {
		value, rest = s[:i], s[i:]
	} else {
		value = s
	}
	rest = strings.TrimLeft(rest, " \t")
	if err == nil && rest != "" && rest[0] != ',' {
		err = fmt.Errorf("%w: no comma after %q", ErrSyntax, name)
	}
	return name, value, rest, err
}

// quoted reads up to the closing quotation mark and resolves quoted pairs (RFC 3261 25.1).
func quoted(s string) (value, rest string, err error) {
	if i := strings.IndexAny(s, `"\`); i >= 0 && s[i] == '"' {
		return s[:i], s[i+1:], nil
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case '"':
			return b.String(), s[i+1:], nil
		case '\\':
			i++
			if i < len(s) {
				b.WriteByte(s[i])
			}
		default:
			b.WriteByte(s[i])
		}
	}
	return "", "", fmt.Errorf("%w: quotation mark not closed", ErrSyntax)
}

// Split parts the value of a header in which several challenges were joined by commas, as some proxies do.
func Split(value string) []string {
	var parts []string
	start, inQuotes := 0, false
	for i := 0; i < len(value); i++ {
		switch c := value[i]; {
		case c == '\\' && inQuotes:
			i++
		case c == '"':
			inQuotes = !inQuotes
		case c == ',' && !inQuotes:
			next := strings.TrimLeft(value[i+1:], " \t")
			if len(next) >= 7 && strings.EqualFold(next[:7], "digest ") {
				parts = append(parts, strings.TrimSpace(value[start:i]))
				start = i + 1
			}
		}
	}
	return slices.DeleteFunc(append(parts, strings.TrimSpace(value[start:])), func(s string) bool { return s == "" })
}
