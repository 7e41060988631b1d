package api

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"hotline/account"
)

type loginIn struct {
	Body struct {
		Login    string `json:"login" maxLength:"100"`
		Password string `json:"password" maxLength:"200"`
	}
}

type me struct {
	ID    string       `json:"id"`
	Name  string       `json:"name"`
	Role  account.Role `json:"role"`
	Agent string       `json:"agent,omitempty"`
}

type meOut struct{ Body me }

type sessionOut struct {
	SetCookie http.Cookie `header:"Set-Cookie"`
	Body      me
}

type nothing struct{}

type cookieIn struct {
	Session http.Cookie `cookie:"hotline_session"`
}

type clearedOut struct {
	SetCookie http.Cookie `header:"Set-Cookie"`
}

type firstIn struct {
	Body struct {
		Link     string `json:"link" doc:"the secret of the one-time link that the first start printed" maxLength:"200"`
		Login    string `json:"login" maxLength:"100"`
		Name     string `json:"name" maxLength:"100"`
		Password string `json:"password" doc:"10 characters or more" maxLength:"200"`
	}
}

func (s *server) sessions(api huma.API) {
	add(s, api, "", huma.Operation{Method: "POST", Path: "/session", Summary: "Sign in", Tags: []string{"session"}},
		func(ctx context.Context, _ Identity, in *loginIn) (*sessionOut, error) {
			return s.signIn(ctx, in.Body.Login, in.Body.Password)
		})
	add(s, api, "", huma.Operation{Method: "DELETE", Path: "/session", Summary: "Sign out", Tags: []string{"session"}},
		func(ctx context.Context, _ Identity, in *cookieIn) (*clearedOut, error) {
			out := &clearedOut{SetCookie: sessionCookie("", -1)}
			if in.Session.Value == "" {
				return out, nil
			}
			return out, s.Accounts.Logout(ctx, in.Session.Value)
		})
	add(s, api, account.Agent, huma.Operation{Method: "GET", Path: "/session", Summary: "Who am I", Tags: []string{"session"}},
		func(_ context.Context, who Identity, _ *nothing) (*meOut, error) {
			return &meOut{Body: me{ID: who.ID, Name: who.Name, Role: who.Role, Agent: who.Agent}}, nil
		})
	add(s, api, "", huma.Operation{Method: "POST", Path: "/first-admin", Summary: "Make the first administrator by the one-time link", Tags: []string{"session"}},
		func(ctx context.Context, _ Identity, in *firstIn) (*sessionOut, error) {
			if _, err := s.Accounts.CreateFirst(ctx, in.Body.Link, in.Body.Login, in.Body.Name, in.Body.Password); err != nil {
				return nil, err
			}
			return s.signIn(ctx, in.Body.Login, in.Body.Password)
		})
}

func (s *server) signIn(ctx context.Context, login, password string) (*sessionOut, error) {
	token, p, err := s.Accounts.Login(ctx, login, password, source(ctx))
	if err != nil {
		return nil, err
	}
	out := &sessionOut{SetCookie: sessionCookie(token, 0)}
	out.Body = me{ID: string(p.ID), Name: p.Name, Role: p.Role, Agent: p.AgentID}
	s.trail(ctx, Identity{ID: string(p.ID), Name: p.Name}, "login", login, "")
	return out, nil
}

// sessionCookie is a cookie that scripts cannot read and other sites do not send. It is marked secure by the proxy's word
// only where there is TLS: on plain loopback browsers would drop it otherwise.
func sessionCookie(token string, age int) http.Cookie {
	return http.Cookie{Name: cookieName, Value: token, Path: "/", MaxAge: age, HttpOnly: true, SameSite: http.SameSiteStrictMode}
}

type tokenIn struct {
	Body struct {
		Name    string       `json:"name" minLength:"1" maxLength:"100"`
		Role    account.Role `json:"role" enum:"admin,supervisor,agent"`
		Expires time.Time    `json:"expires,omitempty" doc:"never when absent"`
	}
}

type tokenOut struct {
	Body struct {
		Secret string        `json:"secret" doc:"shown this once"`
		Token  account.Token `json:"token"`
	}
}

type tokensOut struct{ Body []account.Token }

type idIn struct {
	ID string `path:"id" maxLength:"100"`
}

type trailIn struct {
	Who    string `query:"who" maxLength:"100"`
	What   string `query:"what" maxLength:"100"`
	Object string `query:"object" maxLength:"200"`
	Before int64  `query:"before"`
	Limit  int    `query:"limit" maximum:"1000"`
}

type trailOut struct{ Body []account.Entry }

func (s *server) admin(api huma.API) {
	add(s, api, account.Admin, huma.Operation{Method: "GET", Path: "/tokens", Summary: "API tokens", Tags: []string{"admin"}},
		func(ctx context.Context, _ Identity, _ *nothing) (*tokensOut, error) {
			all, err := s.Accounts.Tokens(ctx)
			return &tokensOut{Body: all}, err
		})
	add(s, api, account.Admin, huma.Operation{Method: "POST", Path: "/tokens", Summary: "Make an API token", Tags: []string{"admin"}},
		func(ctx context.Context, who Identity, in *tokenIn) (*tokenOut, error) {
			by := account.Person{ID: account.ID(who.ID), Name: who.Name, Role: who.Role}
			secret, t, err := s.Accounts.MintToken(ctx, by, in.Body.Name, in.Body.Role, in.Body.Expires)
			if err != nil {
				return nil, err
			}
			out := &tokenOut{}
			out.Body.Secret, out.Body.Token = secret, t
			return out, nil
		})
	add(s, api, account.Admin, huma.Operation{Method: "DELETE", Path: "/tokens/{id}", Summary: "Revoke an API token", Tags: []string{"admin"}},
		func(ctx context.Context, who Identity, in *idIn) (*nothing, error) {
			return &nothing{}, s.Accounts.RevokeToken(ctx, in.ID)
		})
	add(s, api, account.Admin, huma.Operation{Method: "GET", Path: "/audit", Summary: "Who did what", Tags: []string{"admin"}},
		func(ctx context.Context, _ Identity, in *trailIn) (*trailOut, error) {
			q := account.TrailQuery{Who: in.Who, What: in.What, Object: in.Object, Before: in.Before, Limit: in.Limit}
			lines, err := s.Trail.TrailOf(ctx, q)
			return &trailOut{Body: lines}, err
		})
}
