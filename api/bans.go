package api

import (
	"context"
	"net/netip"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"hotline/account"
)

type banView struct {
	Source  string    `json:"source" doc:"an IPv4 address, or an IPv6 network of /64"`
	Why     string    `json:"why" doc:"scanner, or wrong passwords"`
	Since   time.Time `json:"since"`
	Until   time.Time `json:"until"`
	Times   int       `json:"times" doc:"how often in a row; each time is twice as long"`
	Dropped uint64    `json:"dropped" doc:"messages and connections since then"`
}

type bansOut struct{ Body []banView }

type banIn struct {
	Source string `path:"source" maxLength:"60"`
}

func (s *server) banned(api huma.API) {
	tags := []string{"network"}
	add(s, api, account.Supervisor, huma.Operation{Method: "GET", Path: "/bans", Summary: "SIP sources that are not heard, the latest first", Tags: tags}, s.listBans)
	add(s, api, account.Admin, huma.Operation{Method: "DELETE", Path: "/bans/{source}", Summary: "Hear a source again", Tags: tags, DefaultStatus: 204}, s.liftBan)
}

func (s *server) listBans(context.Context, Identity, *nothing) (*bansOut, error) {
	out := &bansOut{Body: []banView{}}
	for _, b := range s.Bans.Bans() {
		source := b.Source.String()
		if b.Source.IsSingleIP() {
			source = b.Source.Addr().String()
		}
		out.Body = append(out.Body, banView{Source: source, Why: b.Why, Since: b.Since, Until: b.Until, Times: b.Times, Dropped: b.Dropped})
	}
	return out, nil
}

func (s *server) liftBan(ctx context.Context, who Identity, in *banIn) (*nothing, error) {
	a, err := netip.ParseAddr(in.Source)
	if p, e := netip.ParsePrefix(in.Source); e == nil {
		a, err = p.Addr(), nil
	}
	if err != nil {
		return nil, huma.Error422UnprocessableEntity("Give an IP address.")
	}
	if !s.Bans.Lift(a) {
		return nil, huma.Error404NotFound("That source is not banned.")
	}
	s.trail(ctx, who, "ban.lift", in.Source, "")
	return nil, nil
}
