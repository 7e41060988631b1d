package gate

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/netip"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"hotline/account"
)

// CookieName is the cookie that carries a browser's session.
const CookieName = "hotline_session"

// Identity is who asks.
type Identity struct {
	ID    string // person or token
	Name  string
	Agent string // "" for nobody in the queues
	Role  account.Role
}

// Masks is true for those who may not see whole numbers.
func (w Identity) Masks() bool { return !w.Role.Atleast(account.Supervisor) }

// request is what a handler must know of the request beside its input.
type request struct {
	who    Identity
	source string // address it came from
	secure bool   // the browser spoke TLS
	cookie string // session token
}

type requestKey struct{}

func requestOf(ctx context.Context) request {
	r, _ := ctx.Value(requestKey{}).(request)
	return r
}

// Asker is who asks, of the context of a request that a gate let in.
func Asker(ctx context.Context) Identity { return requestOf(ctx).who }

// Source is the address that a request came from.
func Source(ctx context.Context) string { return requestOf(ctx).source }

// Cookie is the session's token of a browser; "" for a program with a token of its own, and for nobody.
func Cookie(ctx context.Context) string { return requestOf(ctx).cookie }

// Secure is true when the browser spoke TLS, with us or with a proxy on this machine.
func Secure(ctx context.Context) bool { return requestOf(ctx).secure }

// identify lets in who has the role, before anything of the request is read.
func (g *Gate) identify(need account.Role) func(huma.Context, func(huma.Context)) {
	return func(ctx huma.Context, next func(huma.Context)) {
		r, w := humago.Unwrap(ctx)
		if known, ok := g.admit(w, r, need); ok {
			next(huma.WithValue(ctx, requestKey{}, known))
		}
	}
}

// Only is a handler for those who have the role; "" lets everybody in.
func (g *Gate) Only(need account.Role, f http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if known, ok := g.admit(w, r, need); ok {
			f(w, r.WithContext(context.WithValue(r.Context(), requestKey{}, known)))
		}
	}
}

// admit finds out who asks; it answers those who may not and returns false.
func (g *Gate) admit(w http.ResponseWriter, r *http.Request, need account.Role) (request, bool) {
	known := request{source: SourceOf(r), secure: secure(r)}
	if c, err := r.Cookie(CookieName); err == nil {
		known.cookie = c.Value
	}
	if need == "" {
		return known, true
	}
	var err error
	known.who, err = g.Who(r)
	switch {
	case err != nil:
		code, sentence := g.Answer(err)
		Problem(w, code, sentence)
	case known.who.Role.Atleast(need):
		return known, true
	case !known.who.Role.Valid():
		w.Header().Set("WWW-Authenticate", `Bearer realm="hotline"`)
		Problem(w, http.StatusUnauthorized, "Sign in first.")
	default:
		Problem(w, http.StatusForbidden, "This takes the role "+string(need)+".")
	}
	return known, false
}

// Who finds out who asks, by token or cookie. A bad credential is like none; an error means that we could not look.
func (g *Gate) Who(r *http.Request) (Identity, error) {
	if secret, ok := bearer(r.Header.Get("Authorization")); ok {
		t, err := g.Accounts.Bearer(r.Context(), secret)
		return known(Identity{ID: t.ID, Name: t.Name, Role: t.Role}, err)
	}
	c, err := r.Cookie(CookieName)
	if err != nil {
		return Identity{}, nil //nolint:nilerr // no cookie is no mistake
	}
	p, err := g.Accounts.Enter(r.Context(), c.Value)
	return known(Identity{ID: string(p.ID), Name: p.Name, Role: p.Role, Agent: p.AgentID}, err)
}

func known(who Identity, err error) (Identity, error) {
	switch {
	case err == nil:
		return who, nil
	case errors.Is(err, account.ErrNoSession):
		return Identity{}, nil
	}
	return Identity{}, err
}

func bearer(header string) (string, bool) {
	kind, secret, _ := strings.Cut(header, " ")
	return strings.TrimSpace(secret), strings.EqualFold(kind, "Bearer")
}

// peer is the address at the other end of the connection.
func peer(r *http.Request) netip.Addr {
	at, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return netip.Addr{}
	}
	return at.Addr().Unmap().WithZone("")
}

// forwarded are the headers by which a proxy shows itself.
var forwarded = []string{"X-Forwarded-For", "X-Forwarded-Proto", "X-Forwarded-Host", "X-Real-Ip", "Forwarded", "Via"}

func proxied(r *http.Request) bool {
	for _, name := range forwarded {
		if r.Header.Get(name) != "" {
			return true
		}
	}
	return false
}

// Local is true for a request made on this machine, not by a proxy for somebody else.
func Local(r *http.Request) bool { return peer(r).IsLoopback() && !proxied(r) }

// SourceOf is the address a request came from. A proxy on this machine is believed about it: it adds the last word of
// X-Forwarded-For itself.
func SourceOf(r *http.Request) string {
	at := peer(r)
	if at.IsLoopback() {
		hops := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
		if a, err := netip.ParseAddr(strings.TrimSpace(hops[len(hops)-1])); err == nil {
			return a.Unmap().WithZone("").String()
		}
	}
	if at.IsValid() {
		return at.String()
	}
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	return host
}

// secure is true when the browser spoke TLS, with us or with a proxy on this machine.
func secure(r *http.Request) bool {
	return r.TLS != nil || peer(r).IsLoopback() && strings.EqualFold(r.Header.Get("X-Forwarded-Proto"), "https")
}
