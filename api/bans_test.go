package api

import (
	"net/netip"
	"slices"
	"testing"
	"time"

	"hotline/account"
	"hotline/sip/transport/guard"
)

// banned stands for the guard of SIP.
type banned map[netip.Addr]guard.Ban

func (b banned) Bans() (all []guard.Ban) {
	for _, x := range b {
		all = append(all, x)
	}
	slices.SortFunc(all, func(x, y guard.Ban) int { return x.Source.Addr().Compare(y.Source.Addr()) })
	return all
}

func (b banned) Lift(a netip.Addr) bool {
	_, ok := b[a]
	delete(b, a)
	return ok
}

func TestBans(t *testing.T) {
	h := open(t)
	for _, p := range []string{"203.0.113.5/32", "2001:db8::/64"} {
		source := netip.MustParsePrefix(p)
		h.bans[source.Addr()] = guard.Ban{Source: source, Why: guard.Scanner, Since: noon, Until: noon.Add(10 * time.Minute), Times: 1, Dropped: 7}
	}
	bans := func(query string) []banView {
		got := as[struct {
			Bans  []banView
			Total int
		}](h.get(account.Supervisor, "/bans?"+query).want(200))
		if got.Total != len(got.Bans) {
			t.Errorf("%s: %d of %d bans", query, len(got.Bans), got.Total)
		}
		return got.Bans
	}
	got := bans("sort=source")
	slices.Reverse(got)
	want := banView{Source: "203.0.113.5", Why: "scanner", Since: noon, Until: noon.Add(10 * time.Minute), Times: 1, Dropped: 7}
	if len(got) != 2 || got[0] != want || got[1].Source != "2001:db8::/64" {
		t.Errorf("got %+v", got)
	}
	for query, n := range map[string]int{"search=203.0": 1, "search=SCAN": 2, "why=scanner": 2, "why=wrong%20passwords": 0} {
		if got := bans(query); len(got) != n {
			t.Errorf("%s: got %+v, want %d", query, got, n)
		}
	}
	h.ask(account.Admin, "DELETE", "/api/v1/bans/nobody", nil).want(422)
	h.ask(account.Admin, "DELETE", "/api/v1/bans/203.0.113.5", nil).want(204)
	h.ask(account.Admin, "DELETE", "/api/v1/bans/2001:db8::%2F64", nil).want(204)
	h.ask(account.Admin, "DELETE", "/api/v1/bans/203.0.113.5", nil).want(404)
	if got := bans(""); len(got) != 0 {
		t.Errorf("got %+v", got)
	}
}
