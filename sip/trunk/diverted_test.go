package trunk

import (
	"slices"
	"strings"
	"testing"

	"github.com/emiago/sipgo/sip"
)

func diverted(values ...string) *sip.Request {
	req := sip.NewRequest(sip.INVITE, sip.Uri{Scheme: "sip", Host: "x"})
	for _, v := range values {
		req.AppendHeader(sip.NewHeader("Diversion", v))
	}
	return req
}

func TestDivertedBy(t *testing.T) {
	long := "<sip:" + strings.Repeat("1", 300) + "@c>"
	for _, c := range []struct{ in, want []string }{
		{nil, nil},
		{[]string{"<sip:1@c>;reason=no-answer"}, []string{"<sip:1@c>;reason=no-answer"}},
		{[]string{`"a, b" <sip:1@c>;counter=2 , <tel:+8610>;reason="x,y"`, "<sip:3@c>"}, []string{`"a, b" <sip:1@c>;counter=2`, `<tel:+8610>;reason="x,y"`, "<sip:3@c>"}},
		{[]string{"nonsense", ",,", long, "<sip:4@c>"}, []string{"<sip:4@c>"}},
		{[]string{"<sip:1@c>,<sip:2@c>,<sip:3@c>,<sip:4@c>,<sip:5@c>,<sip:6@c>"}, []string{"<sip:1@c>", "<sip:2@c>", "<sip:3@c>", "<sip:4@c>", "<sip:5@c>"}},
	} {
		if got := DivertedBy(diverted(c.in...)); !slices.Equal(got, c.want) {
			t.Errorf("%q: got %q, want %q", c.in, got, c.want)
		}
	}
}

// What came with a call is passed on behind our own entry, and only with a call that is sent on, to a carrier that reads Diversion.
func TestDiversionIsPassedOn(t *testing.T) {
	came := []string{"<sip:4008001234@carrier>;reason=unconditional", "<sip:01066550000@c>;reason=user-busy;counter=1", "<sip:02066550000@c>;privacy=full"}
	const ours = "<sip:4008001234@127.0.0.1>;reason=unconditional;counter=1"
	for name, c := range map[string]struct {
		form     Form
		forwards string
		want     []string
	}{
		"sent on":           {Form{}, "4008001234", []string{ours, came[1]}},
		"trusted":           {Form{Trusted: true}, "4008001234", []string{ours, came[1], came[2]}},
		"both":              {Form{Forwarded: ByBoth}, "4008001234", []string{ours, came[1]}},
		"history alone":     {Form{Forwarded: ByHistory}, "4008001234", nil},
		"nothing is told":   {Form{Forwarded: ByNothing}, "4008001234", nil},
		"a call of our own": {Form{}, "", nil},
	} {
		s := Trunk{ID: "a", Form: c.form}.Send(Calling{Number: "13800138000", Caller: "01066551234", Forwards: c.forwards, Diverted: came, Host: "127.0.0.1", To: "c"})
		var got []string
		for _, h := range s.Headers {
			if h.Name == Diversion {
				got = append(got, h.Value)
			}
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: got %q, want %q", name, got, c.want)
		}
	}
}

func FuzzDivertedBy(f *testing.F) {
	f.Add(`"a, b" <sip:1@c>;counter=2 , <tel:+8610>;reason="x,y"`)
	f.Add(`,"\",<`)
	f.Fuzz(func(t *testing.T, value string) {
		for _, entry := range DivertedBy(diverted(value)) {
			if _, _, ok := asserted(entry); !ok || strings.ContainsAny(entry, "\r\n") {
				t.Errorf("%q is passed on", entry)
			}
			guarded(entry)
		}
	})
}
