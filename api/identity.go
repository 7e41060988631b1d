package api

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
	"hotline/ticket"
)

// cookieName is the cookie that carries a browser's session.
const cookieName = "hotline_session"

// Identity is who asks.
type Identity struct {
	ID    string // person or token
	Name  string
	Agent string // "" for nobody in the queues
	Role  account.Role
}

// actor is the identity in a ticket's words.
func (w Identity) actor() ticket.Actor {
	id := w.Agent
	if id == "" {
		id = w.ID
	}
	return ticket.Actor{ID: id, Name: w.Name, Supervisor: !w.masks()}
}

// masks is true for those who may not see whole numbers.
func (w Identity) masks() bool { return !w.Role.Atleast(account.Supervisor) }

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

func asker(ctx context.Context) Identity { return requestOf(ctx).who }

func source(ctx context.Context) string { return requestOf(ctx).source }

// identify lets in who has the role, before anything of the request is read.
func (s *server) identify(need account.Role) func(huma.Context, func(huma.Context)) {
	return func(ctx huma.Context, next func(huma.Context)) {
		r, w := humago.Unwrap(ctx)
		if known, ok := s.admit(w, r, need); ok {
			next(huma.WithValue(ctx, requestKey{}, known))
		}
	}
}

// raw is identify for the routes that huma does not carry.
func (s *server) raw(need account.Role, f http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if known, ok := s.admit(w, r, need); ok {
			f(w, r.WithContext(context.WithValue(r.Context(), requestKey{}, known)))
		}
	}
}

// admit finds out who asks; it answers those who may not and returns false.
func (s *server) admit(w http.ResponseWriter, r *http.Request, need account.Role) (request, bool) {
	known := request{source: sourceOf(r), secure: secure(r)}
	if c, err := r.Cookie(cookieName); err == nil {
		known.cookie = c.Value
	}
	if need == "" {
		return known, true
	}
	var err error
	known.who, err = s.who(r)
	switch {
	case err != nil:
		code, sentence := s.answer(err)
		problem(w, code, sentence)
	case known.who.Role.Atleast(need):
		return known, true
	case !known.who.Role.Valid():
		w.Header().Set("WWW-Authenticate", `Bearer realm="hotline"`)
		problem(w, http.StatusUnauthorized, "Sign in first.")
	default:
		problem(w, http.StatusForbidden, "This takes the role "+string(need)+".")
	}
	return known, false
}

// who finds out who asks, by token or cookie. A bad credential is like none; an error means that we could not look.
func (s *server) who(r *http.Request) (Identity, error) {
	if secret, ok := bearer(r.Header.Get("Authorization")); ok {
		t, err := s.Accounts.Bearer(r.Context(), secret)
		return known(Identity{ID: t.ID, Name: t.Name, Role: t.Role}, err)
	}
	c, err := r.Cookie(cookieName)
	if err != nil {
		return Identity{}, nil //nolint:nilerr // no cookie is no mistake
	}
	p, err := s.Accounts.Enter(r.Context(), c.Value)
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

// local is true for a request made on this machine, not by a proxy for somebody else.
func local(r *http.Request) bool { return peer(r).IsLoopback() && !proxied(r) }

// sourceOf is the address a request came from. A proxy on this machine is believed about it: it adds the last word of
// X-Forwarded-For itself.
func sourceOf(r *http.Request) string {
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
