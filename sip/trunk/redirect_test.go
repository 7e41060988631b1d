package trunk

import (
	"testing"
	"time"

	"github.com/emiago/sipgo/sip"

	"hotline/toll"
)

func contact(t testing.TB, text string) sip.Uri {
	t.Helper()
	var u sip.Uri
	if err := sip.ParseUri(text, &u); err != nil {
		t.Fatal(err)
	}
	return u
}

// Which contact of a 3xx is followed by a call to 13800138000 at the first of two targets; "" none.
func TestRedirection(t *testing.T) {
	now := time.Now()
	tls := target("127.0.0.63:5061", 2, 1)
	tls.Network = "tls"
	named := Target{URI: "sip:sbc.carrier.test", Network: "udp", Addr: addr("127.0.0.64:5080"), Priority: 3, Weight: 1}
	for _, c := range []struct {
		name     string
		contacts []string
		want, at string
	}{
		{"the other target", []string{"sip:13800138000@127.0.0.62:5060"}, "sip:13800138000@127.0.0.62:5060", "127.0.0.62:5060"},
		{"without a port", []string{"sip:13800138000@127.0.0.62"}, "sip:13800138000@127.0.0.62", "127.0.0.62:5060"},
		{"another number here", []string{"sip:13900139000@127.0.0.61"}, "sip:13900139000@127.0.0.61", "127.0.0.61:5060"},
		{"portability", []string{"sip:13800138000;npdi;rn=1234@127.0.0.61"}, "sip:13800138000;npdi;rn=1234@127.0.0.61", "127.0.0.61:5060"},
		{"by name", []string{"sip:13800138000@SBC.carrier.test"}, "sip:13800138000@SBC.carrier.test", "127.0.0.64:5080"},
		{"TLS", []string{"sips:13800138000@127.0.0.63"}, "sips:13800138000@127.0.0.63", "127.0.0.63:5061"},
		{"the first that is allowed", []string{"sip:1@192.0.2.1", "sip:13900139000@127.0.0.62;method=BYE"}, "sip:13900139000@127.0.0.62", "127.0.0.62:5060"},
		{"the same again", []string{"sip:13800138000@127.0.0.61:5060"}, "", ""},
		{"a stranger", []string{"sip:13800138000@192.0.2.1"}, "", ""},
		{"a stranger's name", []string{"sip:13800138000@elsewhere.test"}, "", ""},
		{"another port", []string{"sip:13800138000@127.0.0.62:5090"}, "", ""},
		{"by way of a stranger", []string{"sip:13800138000@127.0.0.62;maddr=192.0.2.1"}, "", ""},
		{"a transport that the target has not", []string{"sip:13800138000@127.0.0.62;transport=tcp"}, "", ""},
		{"keys in the clear for sips", []string{"sips:13800138000@127.0.0.62"}, "", ""},
		{"a country that is barred", []string{"sip:0014155552671@127.0.0.62"}, "", ""},
		{"a premium number", []string{"sip:16812345@127.0.0.62"}, "", ""},
		{"nobody", []string{"sip:127.0.0.62"}, "", ""},
		{"none", nil, "", ""},
	} {
		for _, follow := range []bool{true, false} {
			s := set(t, nil, Trunk{ID: "a", Follow: follow, MaxCalls: 1, Targets: []Target{target("127.0.0.61:5060", 0, 1), target("127.0.0.62:5060", 1, 1), tls, named}})
			s.Guard(toll.Policy{})
			a, err := s.TakeOut(by("a"), now)
			if err != nil {
				t.Fatal(err)
			}
			var contacts []sip.Uri
			for _, text := range c.contacts {
				contacts = append(contacts, contact(t, text))
			}
			uri, ok := a.Redirected(contacts, now)
			if want := follow && c.want != ""; ok != want || ok && (uri.String() != c.want || a.Target().Addr.String() != c.at) {
				t.Errorf("%s, follow %v: got %s at %s, %v; want %q at %s", c.name, follow, uri.String(), a.Target().Addr, ok, c.want, c.at)
			}
			a.Done()
			if _, ok := a.Redirected(contacts, now); ok {
				t.Errorf("%s: a call that is over was sent elsewhere", c.name)
			}
			if n := s.Snapshot()[0].Calls; n != 0 {
				t.Errorf("%s: %d calls left", c.name, n)
			}
		}
	}
}

// A carrier that sends calls in a circle is followed five times; one that is tried by a 3xx is not tried again by fail-over.
func TestRedirectionEnds(t *testing.T) {
	now := time.Now()
	s := set(t, nil, Trunk{ID: "a", Follow: true, Targets: []Target{target("127.0.0.61:5060", 0, 1), target("127.0.0.62:5060", 1, 1)}})
	a, err := s.TakeOut(by("a"), now)
	if err != nil {
		t.Fatal(err)
	}
	for i, user := range []string{"13800000001", "13800000002", "13800000003", "13800000004", "13800000005", "13800000006"} {
		if _, ok := a.Redirected([]sip.Uri{contact(t, "sip:"+user+"@127.0.0.62")}, now); ok != (i < 5) {
			t.Errorf("redirection %d: %v", i+1, ok)
		}
	}
	if a.Next(Outcome{Code: 503}, now) {
		t.Errorf("moved to %s, which was tried", a.Target().Addr)
	}
}
