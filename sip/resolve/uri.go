package resolve

import (
	"strings"

	"github.com/emiago/sipgo/sip"
)

// QueryOf is what a URI says about where its requests go (RFC 3263 section 4): host, port and transport. A transport that is none of ours is
// none.
func QueryOf(uri sip.Uri) Query {
	q := Query{Host: uri.Host, Secure: uri.IsEncrypted()}
	if uri.Port > 0 && uri.Port < 1<<16 {
		q.Port = uint16(uri.Port)
	}
	v, _ := uri.UriParams.Get("transport")
	switch v = strings.ToLower(v); v {
	case "udp", "tcp", "tls":
		q.Network = v
	}
	return q
}

// Literal is the server of a query that names an address, for which nothing need be looked up; false: it names none.
func (q Query) Literal() (Server, bool) { return q.plain().literal() }
