package trunk

import (
	"testing"

	"github.com/emiago/sipgo/sip"
)

func TestNumbersAreReadWhereTheTrunkSays(t *testing.T) {
	for name, row := range map[string]struct {
		callerFrom, calledFrom []string
		from                   string
		headers                []string // name, value, name, value
		caller, called         string
	}{
		"as ever":          {nil, nil, "13800138000", []string{"P-Asserted-Identity", "<sip:1@c>", "Diversion", "<sip:4008001234@c>"}, "13800138000", "01066551234"},
		"asserted":         {[]string{Asserted, From}, nil, "1000", []string{"P-Asserted-Identity", `"x, y" <sip:13800138000@c>, <tel:+86138>`}, "13800138000", "01066551234"},
		"a tel URI":        {[]string{Asserted}, nil, "1000", []string{"P-Asserted-Identity", "<tel:+86-138-0013-8000>"}, "+8613800138000", "01066551234"},
		"not there":        {[]string{Remote, From}, nil, "1000", nil, "1000", "01066551234"},
		"hidden":           {[]string{From, Remote}, nil, "anonymous", []string{"Remote-Party-ID", "<sip:13800138000@c>;party=calling"}, "13800138000", "01066551234"},
		"preferred":        {[]string{Preferred}, nil, "1000", []string{"P-Preferred-Identity", "<sip:2000@c>"}, "2000", "01066551234"},
		"400 by Diversion": {nil, []string{Diversion, RequestURI}, "1", []string{"Diversion", "<sip:4008001234@c>;reason=unconditional, <sip:9@c>"}, "1", "4008001234"},
		"400 by history":   {nil, []string{History}, "1", []string{"History-Info", "<sip:4008001234@c?Reason=SIP%3Bcause%3D302>;index=1, <sip:01066551234@c>;index=1.1"}, "1", "4008001234"},
		"to":               {nil, []string{CalledParty, To}, "1", nil, "1", "8888"},
		"nonsense":         {[]string{Asserted}, []string{Diversion}, "1", []string{"P-Asserted-Identity", `"<,`, "Diversion", ">"}, "1", "01066551234"},
	} {
		t.Run(name, func(t *testing.T) {
			req := sip.NewRequest(sip.INVITE, sip.Uri{Scheme: "sip", User: "01066551234", Host: "h"})
			req.AppendHeader(&sip.FromHeader{Address: sip.Uri{Scheme: "sip", User: row.from, Host: "c"}, Params: sip.NewParams()})
			req.AppendHeader(&sip.ToHeader{Address: sip.Uri{Scheme: "sip", User: "8888", Host: "c"}, Params: sip.NewParams()})
			for i := 0; i+1 < len(row.headers); i += 2 {
				req.AppendHeader(sip.NewHeader(row.headers[i], row.headers[i+1]))
			}
			got := Trunk{CallerFrom: row.callerFrom, CalledFrom: row.calledFrom}.Read(req)
			if got.Raw != row.caller || got.Called != row.called {
				t.Errorf("got %s to %s, want %s to %s", got.Raw, got.Called, row.caller, row.called)
			}
		})
	}
}

func FuzzFirstOf(f *testing.F) {
	f.Add(`"a\`)
	f.Add(`<a,b>,c`)
	f.Fuzz(func(t *testing.T, s string) {
		if got := firstOf(s); len(got) > len(s) || s[:len(got)] != got {
			t.Errorf("%q of %q", got, s)
		}
	})
}
