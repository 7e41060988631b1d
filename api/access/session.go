package access

import (
	"cmp"
	"context"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"hotline/account"
	"hotline/api/gate"
)

type loginIn struct {
	Body struct {
		Login    string `json:"login" maxLength:"100"`
		Password string `json:"password" maxLength:"1000"`
	}
}

type me struct {
	ID    string       `json:"id"`
	Name  string       `json:"name"`
	Role  account.Role `json:"role" enum:"admin,supervisor,agent"`
	Agent string       `json:"agent,omitempty" doc:"who this is in the queues"`
	Saves bool         `json:"savesRecordings" doc:"may download recordings as files"`
}

// me is somebody in the words of the session.
func (s *Routes) me(who gate.Identity) me {
	return me{ID: who.ID, Name: who.Name, Role: who.Role, Agent: who.Agent, Saves: who.Role.Atleast(s.Download)}
}

type meOut struct{ Body me }

type sessionOut struct {
	SetCookie string `header:"Set-Cookie"`
	Body      me
}

type clearedOut struct {
	SetCookie string `header:"Set-Cookie"`
}

type firstIn struct {
	Body struct {
		Link     string `json:"link" doc:"the secret of the one-time link that the first start printed" maxLength:"200"`
		Login    string `json:"login" maxLength:"100"`
		Name     string `json:"name" maxLength:"100"`
		Password string `json:"password" doc:"10 characters or more" maxLength:"1000"`
	}
}

func (s *Routes) sessions() {
	tags := []string{"session"}
	gate.Add(s.Gate, "", huma.Operation{Method: "POST", Path: "/session", Summary: "Sign in", Tags: tags},
		func(ctx context.Context, _ gate.Identity, in *loginIn) (*sessionOut, error) {
			return s.signIn(ctx, in.Body.Login, in.Body.Password)
		})
	gate.Add(s.Gate, "", huma.Operation{Method: "DELETE", Path: "/session", Summary: "Sign out; fine when nobody is signed in", Tags: tags}, s.signOut)
	gate.Add(s.Gate, account.Agent, huma.Operation{Method: "GET", Path: "/session", Summary: "Who am I", Tags: tags},
		func(_ context.Context, who gate.Identity, _ *gate.Nothing) (*meOut, error) {
			return &meOut{Body: s.me(who)}, nil
		})
	gate.Add(s.Gate, "", huma.Operation{Method: "POST", Path: "/first-admin", Summary: "Make the first administrator by the one-time link", Tags: tags},
		func(ctx context.Context, _ gate.Identity, in *firstIn) (*sessionOut, error) {
			p, err := s.Accounts.CreateFirst(ctx, in.Body.Link, in.Body.Login, in.Body.Name, in.Body.Password)
			if err != nil {
				return nil, err
			}
			s.Audit(ctx, gate.Identity{ID: string(p.ID), Name: p.Login}, "first-admin", string(p.ID), "")
			return s.signIn(ctx, in.Body.Login, in.Body.Password)
		})
}

// signIn opens a session; Login itself notes it in the audit log, and what it refuses.
func (s *Routes) signIn(ctx context.Context, login, password string) (*sessionOut, error) {
	token, p, err := s.Accounts.Login(ctx, login, password, gate.Source(ctx))
	if err != nil {
		return nil, err
	}
	out := &sessionOut{SetCookie: sessionCookie(ctx, token, 0)}
	out.Body = s.me(gate.Identity{ID: string(p.ID), Name: p.Name, Role: p.Role, Agent: p.AgentID})
	return out, nil
}

func (s *Routes) signOut(ctx context.Context, _ gate.Identity, _ *gate.Nothing) (*clearedOut, error) {
	out := &clearedOut{SetCookie: sessionCookie(ctx, "", -1)}
	token := gate.Cookie(ctx)
	if token == "" {
		return out, nil
	}
	p, err := s.Accounts.Enter(ctx, token)
	if err := s.Accounts.Logout(ctx, token); err != nil {
		return nil, err
	}
	s.SignedOut(token)
	if err == nil {
		s.Audit(ctx, gate.Identity{ID: string(p.ID), Name: p.Login}, "logout", "", "")
	}
	return out, nil
}

// sessionCookie is a cookie that scripts cannot read and other sites do not send. It is marked secure where the browser spoke
// TLS: on plain HTTP browsers would drop it.
func sessionCookie(ctx context.Context, token string, age int) string {
	c := http.Cookie{
		Name: gate.CookieName, Value: token, Path: "/", MaxAge: age, HttpOnly: true, SameSite: http.SameSiteStrictMode, Secure: gate.Secure(ctx),
	}
	return c.String()
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

type tokensIn struct {
	gate.Paging
	Role string `query:"role" enum:"admin,supervisor,agent"`
	Sort string `query:"sort" enum:"name,-name,role,-role,createdAt,-createdAt,lastUsed,-lastUsed,expires,-expires" default:"createdAt"`
}

type tokensOut struct {
	Body struct {
		Tokens []account.Token `json:"tokens"`
		Total  int             `json:"total" doc:"on all pages"`
	}
}

type trailIn struct {
	Who    string    `query:"who" doc:"id of a person or token, system or unknown" maxLength:"100"`
	What   string    `query:"what" doc:"such as login, recording.listen, calls.export; config. for all that begin so" maxLength:"100"`
	Object string    `query:"object" maxLength:"200"`
	Search string    `query:"search" maxLength:"100" doc:"part of name, object, detail or source"`
	From   time.Time `query:"from" doc:"at or after"`
	To     time.Time `query:"to" doc:"before"`
	Sort   string    `query:"sort" enum:"at,-at,who,-who,what,-what" default:"-at"`
	Before string    `query:"before" doc:"cursor: the next of the page before, in the same order" maxLength:"20" pattern:"^[0-9]*$"`
	Limit  int       `query:"limit" minimum:"1" maximum:"1000" default:"100"`
}

type trailOut struct {
	Body struct {
		Lines []account.Entry `json:"lines"`
		Next  string          `json:"next,omitempty" doc:"cursor of the next page; absent at the end"`
	}
}

func (s *Routes) admin() {
	tags := []string{"admin"}
	gate.Add(s.Gate, account.Admin, huma.Operation{Method: "GET", Path: "/tokens", Summary: "API tokens", Tags: tags}, s.listTokens)
	gate.Add(s.Gate, account.Admin, huma.Operation{Method: "POST", Path: "/tokens", Summary: "Make an API token", Tags: tags, DefaultStatus: 201}, s.makeToken)
	gate.Add(s.Gate, account.Admin, huma.Operation{Method: "DELETE", Path: "/tokens/{id}", Summary: "Revoke an API token, at once", Tags: tags},
		func(ctx context.Context, who gate.Identity, in *gate.ByID) (*gate.Nothing, error) {
			return &gate.Nothing{}, s.revokeToken(ctx, who, in.ID)
		})
	gate.Add(s.Gate, account.Admin, huma.Operation{Method: "GET", Path: "/audit", Summary: "Who did what", Tags: tags}, s.readTrail)
}

func (s *Routes) listTokens(ctx context.Context, _ gate.Identity, in *tokensIn) (*tokensOut, error) {
	all, err := s.Accounts.Tokens(ctx)
	fits := func(t account.Token) bool { return (in.Role == "" || string(t.Role) == in.Role) && in.Has(t.Name) }
	out := &tokensOut{}
	out.Body.Tokens, out.Body.Total = gate.Paged(all, in.Paging, in.Sort, fits, compareTokens)
	return out, err
}

func compareTokens(t, o account.Token, by string) int {
	switch by {
	case "name":
		return gate.Folded(t.Name, o.Name)
	case "role":
		return cmp.Compare(t.Role, o.Role)
	case "lastUsed":
		return t.LastUsed.Compare(o.LastUsed)
	case "expires":
		return t.Expires.Compare(o.Expires)
	default:
		return t.CreatedAt.Compare(o.CreatedAt)
	}
}

func (s *Routes) makeToken(ctx context.Context, who gate.Identity, in *tokenIn) (*tokenOut, error) {
	by := account.Person{ID: account.ID(who.ID), Name: who.Name, Role: who.Role}
	secret, t, err := s.Accounts.MintToken(ctx, by, in.Body.Name, in.Body.Role, in.Body.Expires)
	if err != nil {
		return nil, err
	}
	s.Audit(ctx, who, "token.create", t.ID, aboutToken(t))
	out := &tokenOut{}
	out.Body.Secret, out.Body.Token = secret, t
	return out, nil
}

// revokeToken notes the name of what it revokes: nobody can look it up afterwards.
func (s *Routes) revokeToken(ctx context.Context, who gate.Identity, id string) error {
	all, err := s.Accounts.Tokens(ctx)
	if err != nil {
		return err
	}
	if err := s.Accounts.RevokeToken(ctx, id); err != nil {
		return err
	}
	about := ""
	if i := slices.IndexFunc(all, func(t account.Token) bool { return t.ID == id }); i >= 0 {
		about = aboutToken(all[i])
	}
	s.Audit(ctx, who, "token.revoke", id, about)
	return nil
}

// aboutToken is the role and the name of a token, as the audit log has them.
func aboutToken(t account.Token) string { return string(t.Role) + " " + t.Name }

func (s *Routes) readTrail(ctx context.Context, _ gate.Identity, in *trailIn) (*trailOut, error) {
	q := account.TrailQuery{Who: in.Who, What: in.What, Object: in.Object, Search: in.Search, From: in.From, To: in.To, Sort: in.Sort, Limit: in.Limit + 1}
	if in.Before != "" {
		n, err := strconv.ParseInt(in.Before, 10, 64)
		if err != nil || n <= 0 {
			return nil, huma.Error422UnprocessableEntity("This page cannot be found: search again.")
		}
		q.Before = n
	}
	lines, err := s.Trail.TrailOf(ctx, q)
	out := &trailOut{}
	if len(lines) > in.Limit {
		lines = lines[:in.Limit]
		out.Body.Next = strconv.FormatInt(lines[in.Limit-1].Number, 10)
	}
	out.Body.Lines = gate.List(lines)
	return out, err
}
