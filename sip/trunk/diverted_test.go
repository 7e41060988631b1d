package trunk

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/emiago/sipgo/sip"
)

// sentOn is a request with a header of this name for each value.
func sentOn(name string, values ...string) *sip.Request {
	req := sip.NewRequest(sip.INVITE, sip.Uri{Scheme: "sip", Host: "x"})
	for _, v := range values {
		req.AppendHeader(sip.NewHeader(name, v))
	}
	return req
}

func TestEarlierDiversion(t *testing.T) {
	long := "<sip:" + strings.Repeat("1", 300) + "@c>"
	for _, c := range []struct{ in, want []string }{
		{nil, nil},
		{[]string{"<sip:1@c>;reason=no-answer"}, []string{"<sip:1@c>;reason=no-answer"}},
		{[]string{`"a, b" <sip:1@c>;counter=2 , <tel:+8610>;reason="x,y"`, "<sip:3@c>"}, []string{`"a, b" <sip:1@c>;counter=2`, `<tel:+8610>;reason="x,y"`, "<sip:3@c>"}},
		{[]string{"nonsense", ",,", long, "<sip:4@c>"}, []string{"<sip:4@c>"}},
		{[]string{"<sip:1@c>,<sip:2@c>,<sip:3@c>,<sip:4@c>,<sip:5@c>,<sip:6@c>"}, []string{"<sip:1@c>", "<sip:2@c>", "<sip:3@c>", "<sip:4@c>", "<sip:5@c>"}},
	} {
		if got := EarlierOf(sentOn(Diversion, c.in...)).Diversion; !slices.Equal(got, c.want) {
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
		s := Trunk{ID: "a", Form: c.form}.Send(Calling{Number: "13800138000", Caller: "01066551234", Forwards: c.forwards, Earlier: Earlier{Diversion: came}, Host: "127.0.0.1", To: "c"})
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

func TestEarlierHistory(t *testing.T) {
	entry := func(i int) string { return fmt.Sprintf("<sip:%d@c>;index=%d", i, i) }
	long, loop := "<sip:"+strings.Repeat("1", 300)+"@c>;index=1", make([]string, 0, 11)
	for i := range cap(loop) {
		loop = append(loop, entry(i+1))
	}
	for name, c := range map[string]struct{ in, want []string }{
		"none":          {nil, nil},
		"one":           {[]string{entry(1)}, []string{entry(1)}},
		"a list":        {[]string{"<sip:1@c>;index=1, <sip:2@c;cause=302>;index=1.1;mp=1", "<tel:+863>; Index = 1.1.1"}, []string{"<sip:1@c>;index=1", "<sip:2@c;cause=302>;index=1.1;mp=1", "<tel:+863>; Index = 1.1.1"}},
		"no index":      {[]string{entry(1), "<sip:2@c>"}, nil},
		"a wrong index": {[]string{"<sip:2@c>;index=1..1"}, nil},
		"nonsense":      {[]string{entry(1), "nonsense;index=2"}, nil},
		"too long":      {[]string{long}, nil},
		"ten":           {loop[:10], loop[:10]},
		"a loop":        {loop, nil},
	} {
		if got := EarlierOf(sentOn(History, c.in...)).History; !slices.Equal(got, c.want) {
			t.Errorf("%s: got %q, want %q", name, got, c.want)
		}
	}
	private := sentOn(History, "<sip:1@c>;index=1")
	private.AppendHeader(sip.NewHeader("Privacy", "id; history"))
	if got := EarlierOf(private).History; !slices.Equal(got, []string{"<sip:anonymous@anonymous.invalid>;index=1"}) {
		t.Errorf("a private way: got %q", got)
	}
}

// The way goes on from where it came to us: we name the number that sends the call on unless it is the last of the way, then the target.
func TestHistoryGoesOn(t *testing.T) {
	const ours, target = "<sip:4008001234@127.0.0.1>", "<sip:13800138000@c;cause=302>"
	first, secret := "<sip:01066550000@x>;index=1", "<sip:02066550000@x?Privacy=history>;index=1.1;mp=1"
	for name, c := range map[string]struct {
		trusted bool
		came    []string
		want    string
	}{
		"nothing came":      {false, nil, ours + ";index=1, " + target + ";index=1.1;mp=1"},
		"from elsewhere":    {false, []string{first}, first + ", " + ours + ";index=1.1, " + target + ";index=1.1.1;mp=1.1"},
		"its end is ours":   {false, []string{first, "<sip:4008001234@x>;index=1.2;mp=1"}, first + ", <sip:4008001234@x>;index=1.2;mp=1, " + target + ";index=1.2.1;mp=1.2"},
		"private":           {false, []string{first, secret}, first + ", <sip:anonymous@anonymous.invalid>;index=1.1, " + ours + ";index=1.1.1, " + target + ";index=1.1.1.1;mp=1.1.1"},
		"private, they may": {true, []string{first, secret}, first + ", " + secret + ", " + ours + ";index=1.1.1, " + target + ";index=1.1.1.1;mp=1.1.1"},
		"privacy is none":   {false, []string{"<sip:1@x?Privacy=none>;index=1"}, "<sip:1@x?Privacy=none>;index=1, " + ours + ";index=1.1, " + target + ";index=1.1.1;mp=1.1"},
	} {
		s := Trunk{ID: "a", Form: Form{Forwarded: ByHistory, Trusted: c.trusted}}.Send(Calling{
			Number: "13800138000", Caller: "01066551234", Forwards: "4008001234", Earlier: Earlier{History: c.came}, Host: "127.0.0.1", To: "c",
		})
		if i := slices.IndexFunc(s.Headers, func(h Header) bool { return h.Name == History }); i < 0 || s.Headers[i].Value != c.want {
			t.Errorf("%s: got %v, want %q", name, s.Headers, c.want)
		}
	}
}

func FuzzEarlierOf(f *testing.F) {
	f.Add(`"a, b" <sip:1@c>;counter=2 , <tel:+8610>;reason="x,y"`, "<sip:1@c?Privacy=history>;index=1, <sip:2@c>;index=1.1;mp=1")
	f.Add(`,"\",<`, `,"\",<;index=1`)
	f.Fuzz(func(t *testing.T, diversion, history string) {
		req := sentOn(Diversion, diversion)
		req.AppendHeader(sip.NewHeader(History, history))
		e := EarlierOf(req)
		for _, entry := range slices.Concat(e.Diversion, e.History) {
			if _, _, ok := asserted(entry); !ok || strings.ContainsAny(entry, "\r\n") {
				t.Errorf("%q is passed on", entry)
			}
			guarded(entry)
			secretive(entry)
		}
		for _, entry := range e.History {
			if indexOf(entry) == "" || indexOf(unnamed(entry)) != indexOf(entry) {
				t.Errorf("%q has no index", entry)
			}
		}
	})
}
