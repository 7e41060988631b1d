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
	for name, tt := range map[string]struct {
		trunks   []Trunk
		want     string
		insecure bool
		found    bool
	}{
		"none":         {},
		"other":        {trunks: []Trunk{{ID: "a", Targets: target("tcp", "a.test", true)}}},
		"one":          {trunks: []Trunk{{ID: "a", Targets: target("tls", "a.test", true)}}, want: "a.test", insecure: true, found: true},
		"strict last":  {trunks: []Trunk{{ID: "a", Targets: target("tls", "a.test", true)}, {ID: "b", Targets: target("tls", "b.test", false)}}, want: "b.test", found: true},
		"strict first": {trunks: []Trunk{{ID: "a", Targets: target("tls", "a.test", false)}, {ID: "b", Targets: target("tls", "b.test", true)}}, want: "a.test", found: true},
		"by id":        {trunks: []Trunk{{ID: "b", Targets: target("tls", "b.test", false)}, {ID: "a", Targets: target("tls", "a.test", false)}}, want: "a.test", found: true},
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
