package access

import (
	"context"

	"github.com/danielgtaylor/huma/v2"

	"hotline/account"
	"hotline/api/gate"
)

type redeemIn struct {
	Body struct {
		Secret   string `json:"secret" maxLength:"200" doc:"the one-time password, in any letter case"`
		Password string `json:"password" maxLength:"1000" doc:"10 characters or more"`
	}
}

type ownPasswordIn struct {
	Body struct {
		Old string `json:"old" maxLength:"1000"`
		New string `json:"new" maxLength:"1000" doc:"10 characters or more"`
	}
}

// passwords adds how people set theirs.
func (s *Routes) passwords() {
	gate.Add(s.Gate, "", huma.Operation{Method: "POST", Path: "/password", Summary: "Set a password by a one-time password, and sign in", Tags: []string{"people"}}, s.redeem)
	gate.Add(s.Gate, account.Agent, huma.Operation{
		Method: "PUT", Path: "/session/password", Summary: "Change one's own password; one's other sessions end", Tags: []string{"people"},
	}, s.ownPassword)
}

func (s *Routes) redeem(ctx context.Context, _ gate.Identity, in *redeemIn) (*sessionOut, error) {
	p, err := s.Accounts.RedeemPassword(ctx, in.Body.Secret, in.Body.Password)
	if err != nil {
		return nil, err
	}
	s.Audit(ctx, gate.Identity{ID: string(p.ID), Name: p.Login}, "person.password", string(p.ID), "by a one-time password")
	return s.signIn(ctx, p.Login, in.Body.Password)
}

func (s *Routes) ownPassword(ctx context.Context, who gate.Identity, in *ownPasswordIn) (*gate.Nothing, error) {
	cookie := gate.Cookie(ctx)
	if cookie == "" {
		return nil, huma.Error403Forbidden("A token has no password.")
	}
	if err := s.Accounts.SetPassword(ctx, account.ID(who.ID), in.Body.Old, in.Body.New, gate.Source(ctx), cookie); err != nil {
		return nil, err
	}
	s.Audit(ctx, who, "person.password", who.ID, "their own")
	return &gate.Nothing{}, nil
}
