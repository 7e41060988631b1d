package trunk

import (
	"net/netip"
	"testing"
)

func TestStrictestTLSTargetCounts(t *testing.T) {
	at := netip.MustParseAddrPort("127.0.0.60:5061")
	target := func(network, name string, insecure bool) []Target {
		return []Target{{Network: network, Addr: at, ServerName: name, Insecure: insecure}}
	}
	a, b := func(insecure bool) Trunk { return Trunk{ID: "a", Targets: target("tls", "a.test", insecure)} },
		func(insecure bool) Trunk { return Trunk{ID: "b", Targets: target("tls", "b.test", insecure)} }
	for name, tt := range map[string]struct {
		trunks   []Trunk
		want     string
		insecure bool
		found    bool
	}{
		"none":         {},
		"other":        {trunks: []Trunk{{ID: "a", Targets: target("tcp", "a.test", true)}}},
		"one":          {trunks: []Trunk{a(true)}, want: "a.test", insecure: true, found: true},
		"strict last":  {trunks: []Trunk{a(true), b(false)}, want: "b.test", found: true},
		"strict first": {trunks: []Trunk{a(false), b(true)}, want: "a.test", found: true},
		"by id":        {trunks: []Trunk{b(false), a(false)}, want: "a.test", found: true},
	} {
		t.Run(name, func(t *testing.T) {
			for range 10 { // the order of a map must not matter
				s, err := NewSet(tt.trunks, nil)
				if err != nil {
					t.Fatal(err)
				}
				got, found := s.TLSTarget(at)
				if got.ServerName != tt.want || got.Insecure != tt.insecure || found != tt.found {
					t.Fatalf("got %+v %v, want %s", got, found, tt.want)
				}
			}
		})
	}
}
