package machine

import (
	"cmp"
	"context"
	"net/netip"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"hotline/account"
	"hotline/api/gate"
)

type banView struct {
	Source  string    `json:"source" doc:"an IPv4 address, or an IPv6 network of /64"`
	Why     string    `json:"why" doc:"scanner, or wrong passwords"`
	Since   time.Time `json:"since"`
	Until   time.Time `json:"until"`
	Times   int       `json:"times" doc:"how often in a row; each time is twice as long"`
	Dropped uint64    `json:"dropped" doc:"messages and connections since then"`
}

type bansIn struct {
	gate.Paging
	Why  string `query:"why" enum:"scanner,wrong passwords"`
	Sort string `query:"sort" enum:"source,-source,since,-since,until,-until,times,-times,dropped,-dropped" default:"-since"`
}

type bansOut struct {
	Body struct {
		Bans  []banView `json:"bans"`
		Total int       `json:"total" doc:"on all pages"`
	}
}

type banIn struct {
	Source string `path:"source" maxLength:"60"`
}

func (s *Routes) banned() {
	tags := []string{"network"}
	gate.Add(s.Gate, account.Supervisor, huma.Operation{Method: "GET", Path: "/bans", Summary: "SIP sources that are not heard", Tags: tags}, s.listBans)
	gate.Add(s.Gate, account.Admin, huma.Operation{Method: "DELETE", Path: "/bans/{source}", Summary: "Hear a source again", Tags: tags, DefaultStatus: 204}, s.liftBan)
}

func (s *Routes) listBans(_ context.Context, _ gate.Identity, in *bansIn) (*bansOut, error) {
	var all []banView
	for _, b := range s.Bans.Bans() {
		source := b.Source.String()
		if b.Source.IsSingleIP() {
			source = b.Source.Addr().String()
		}
		all = append(all, banView{Source: source, Why: b.Why, Since: b.Since, Until: b.Until, Times: b.Times, Dropped: b.Dropped})
	}
	fits := func(b banView) bool { return (in.Why == "" || b.Why == in.Why) && in.Has(b.Source, b.Why) }
	out := &bansOut{}
	out.Body.Bans, out.Body.Total = gate.Paged(all, in.Paging, in.Sort, fits, banView.compare)
	return out, nil
}

func (b banView) compare(o banView, by string) int {
	switch by {
	case "source":
		return strings.Compare(b.Source, o.Source)
	case "until":
		return b.Until.Compare(o.Until)
	case "times":
		return cmp.Compare(b.Times, o.Times)
	case "dropped":
		return cmp.Compare(b.Dropped, o.Dropped)
	default:
		return b.Since.Compare(o.Since)
	}
}

func (s *Routes) liftBan(ctx context.Context, who gate.Identity, in *banIn) (*gate.Nothing, error) {
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
	s.Audit(ctx, who, "ban.lift", in.Source, "")
	return nil, nil
}
