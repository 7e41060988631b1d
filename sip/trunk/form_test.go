package trunk

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/emiago/sipgo/sip"

	"hotline/number"
)

// places knows where three mobiles are from.
func places(n number.Number) number.Region {
	switch n.National() {
	case "13800138000":
		return number.Region{Country: "CN", Province: "北京", City: "北京"}
	case "13602212345":
		return number.Region{Country: "CN", Province: "广东", City: "广州"}
	case "13500000000":
		return number.Region{Country: "CN", Province: "湖南"}
	}
	return number.Region{}
}

func TestFormatsOfNumbers(t *testing.T) {
	e164, national := Form{Format: E164}, Form{Format: National}
	guangzhou, both := Form{Format: National, City: "广州"}, Form{Format: National, City: "广东/广州"}
	for _, row := range []struct {
		form         Form
		given        string
		called, mine string
	}{
		{Form{}, "+8613800138000", "+8613800138000", "+8613800138000"},
		{e164, "13800138000", "+8613800138000", "+8613800138000"},
		{e164, "010-66551234", "+861066551234", "+861066551234"},
		{e164, "4008001234", "+864008001234", "+864008001234"},
		{e164, "95588", "95588", "95588"},
		{e164, "1001", "1001", "1001"},
		{e164, "anonymous", "anonymous", "anonymous"},
		{national, "+8613800138000", "13800138000", "13800138000"},
		{national, "+861066551234", "01066551234", "01066551234"},
		{national, "+442079460000", "00442079460000", "00442079460000"},
		{national, "+864008001234", "4008001234", "4008001234"},
		{guangzhou, "13800138000", "013800138000", "13800138000"}, // another city's: 0 where it is dialled, not where it is shown
		{guangzhou, "+8613602212345", "13602212345", "13602212345"},
		{guangzhou, "13500000000", "13500000000", "13500000000"}, // of no known city
		{both, "13500000000", "013500000000", "13500000000"},     // but of another province
		{both, "013602212345", "13602212345", "13602212345"},
	} {
		tr := Trunk{Form: row.form, region: places}
		if called, mine := tr.Called(row.given).Result, tr.Shown(row.given).Result; called != row.called || mine != row.mine {
			t.Errorf("%+v: %s becomes %s dialled and %s shown, want %s and %s", row.form, row.given, called, mine, row.called, row.mine)
		}
	}
}

func TestFormatComesBeforeTheRules(t *testing.T) {
	tr := Trunk{
		Form: Form{Format: National, City: "广州"}, region: places,
		CallerOut: []Rule{{Prefix: "0", Strip: 1}}, CalledOut: []Rule{{Prefix: "1", Add: "x"}, {Prefix: "01", Add: "9"}},
	}
	if got, want := tr.Called("+8613800138000"), (Change{"+8613800138000", "013800138000", 1, "9013800138000"}); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
	if got, want := tr.Shown("+861066551234"), (Change{"+861066551234", "01066551234", 0, "1066551234"}); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

const (
	invite    = "INVITE sip:13800138000@127.0.0.72:5060 SIP/2.0"
	to        = "To: <sip:13800138000@127.0.0.72:5060>"
	from      = "From: <sip:01066551234@127.0.0.1>"
	hiddenBy  = `From: "Anonymous" <sip:anonymous@anonymous.invalid>`
	privacyID = "Privacy: id"
)

func TestLinesOfACallOut(t *testing.T) {
	ours := Calling{Number: "13800138000", Caller: "01066551234"}
	secret := Calling{Number: "13800138000", Caller: "Anonymous"}
	sentOn := Calling{Number: "13800138000", Caller: "01066551234", Forwards: "4008001234"}
	byHand := sentOn
	byHand.Deflected = true
	for name, row := range map[string]struct {
		trunk Trunk
		call  Calling
		want  []string
	}{
		"as ever":     {Trunk{}, ours, []string{invite, from, to}},
		"no number":   {Trunk{}, Calling{Number: "13800138000"}, []string{invite, "From: <sip:anonymous@anonymous.invalid>", to}},
		"the trunk's": {Trunk{CallerID: "4001"}, Calling{Number: "13800138000"}, []string{invite, "From: <sip:4001@127.0.0.1>", to}},
		"our domain":  {Trunk{Form: Form{Domain: "pbx.test"}}, ours, []string{invite, "From: <sip:01066551234@pbx.test>", to}},
		"its domain":  {Trunk{Register: &Register{Domain: "ims.test", User: "u"}}, ours, []string{invite, "From: <sip:01066551234@ims.test>", to}},
		"asserted":    {Trunk{Form: Form{Show: []string{From, Asserted}}}, ours, []string{invite, from, to, "P-Asserted-Identity: <sip:01066551234@127.0.0.1>"}},
		"the account": {Trunk{User: "auth", Form: Form{Show: []string{Preferred}}}, ours, []string{
			invite, "From: <sip:auth@127.0.0.1>", to, "P-Preferred-Identity: <sip:01066551234@127.0.0.1>"}},
		"registers": {Trunk{User: "auth", Register: &Register{Domain: "d", User: "u"}, Form: Form{Show: []string{Asserted}}}, ours, []string{
			invite, "From: <sip:u@d>", to, "P-Asserted-Identity: <sip:01066551234@d>"}},
		"remote party": {Trunk{Form: Form{Show: []string{From, Remote}}}, ours, []string{
			invite, from, to, "Remote-Party-ID: <sip:01066551234@127.0.0.1>;party=calling;screen=yes;privacy=off"}},
		"telephones": {Trunk{Form: Form{UserPhone: true, Show: []string{From, Asserted}}}, ours, []string{
			"INVITE sip:13800138000@127.0.0.72:5060;user=phone SIP/2.0", "From: <sip:01066551234@127.0.0.1;user=phone>",
			"To: <sip:13800138000@127.0.0.72:5060;user=phone>", "P-Asserted-Identity: <sip:01066551234@127.0.0.1;user=phone>"}},
		"always hidden": {Trunk{Form: Form{Hide: true, Show: []string{From, Asserted, Remote}}}, ours, []string{invite, hiddenBy, to, privacyID}},
		"told in trust": {Trunk{Form: Form{Hide: true, Trusted: true}}, ours, []string{invite, hiddenBy, to, "P-Asserted-Identity: <sip:01066551234@127.0.0.1>", privacyID}},
		"told otherwise": {Trunk{Form: Form{Hide: true, Trusted: true, Show: []string{Remote}}}, ours, []string{
			invite, hiddenBy, to, "Remote-Party-ID: <sip:01066551234@127.0.0.1>;party=calling;screen=yes;privacy=full", privacyID}},
		"a caller hides": {Trunk{Form: Form{Show: []string{From, Asserted}}, CallerID: "4001"}, secret, []string{invite, hiddenBy, to, privacyID}},
		"ours in trust":  {Trunk{Form: Form{Trusted: true}, CallerID: "4001"}, secret, []string{invite, hiddenBy, to, "P-Asserted-Identity: <sip:4001@127.0.0.1>", privacyID}},
		"nobody's":       {Trunk{Form: Form{Trusted: true}}, secret, []string{invite, hiddenBy, to, privacyID}},
		"forwarded":      {Trunk{}, sentOn, []string{invite, from, to, "Diversion: <sip:4008001234@127.0.0.1>;reason=unconditional;counter=1"}},
		"by hand":        {Trunk{}, byHand, []string{invite, from, to, "Diversion: <sip:4008001234@127.0.0.1>;reason=deflection;counter=1"}},
		"not told":       {Trunk{Form: Form{Forwarded: ByNothing}}, sentOn, []string{invite, from, to}},
		"history": {Trunk{Form: Form{Forwarded: ByHistory}}, sentOn, []string{invite, from, to,
			"History-Info: <sip:4008001234@127.0.0.1>;index=1, <sip:13800138000@127.0.0.72:5060;cause=302>;index=1.1;mp=1"}},
		"both": {Trunk{Form: Form{Forwarded: ByBoth, Format: E164}}, byHand, []string{
			"INVITE sip:+8613800138000@127.0.0.72:5060 SIP/2.0", "From: <sip:+861066551234@127.0.0.1>", "To: <sip:+8613800138000@127.0.0.72:5060>",
			"Diversion: <sip:+864008001234@127.0.0.1>;reason=deflection;counter=1",
			"History-Info: <sip:+864008001234@127.0.0.1>;index=1, <sip:+8613800138000@127.0.0.72:5060;cause=480>;index=1.1;mp=1"}},
		"nothing gets in": {Trunk{Form: Form{Show: []string{From, Asserted}}}, Calling{Number: "13800138000", Caller: "1>\r\nX: <y"}, []string{
			invite, "From: <sip:1%3E%0D%0AX%3A%20%3Cy@127.0.0.1>", to, "P-Asserted-Identity: <sip:1%3E%0D%0AX%3A%20%3Cy@127.0.0.1>"}},
	} {
		t.Run(name, func(t *testing.T) {
			row.call.Host, row.call.To = "127.0.0.1", "127.0.0.72:5060"
			if got := row.trunk.Send(row.call).Lines(); !slices.Equal(got, row.want) {
				t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(row.want, "\n"))
			}
		})
	}
}

// TestForwardedCallsAreUnderstoodByTheNext: what one sends, another reads.
func TestForwardedCallsAreUnderstoodByTheNext(t *testing.T) {
	s := Trunk{Form: Form{Forwarded: ByBoth, Show: []string{From, Asserted, Remote}}}.Send(
		Calling{Number: "13800138000", Caller: "01066551234", Forwards: "4008001234", Host: "2001:db8::1", To: "[2001:db8::2]:5060"})
	headers := s.Lines()[1:]
	for _, where := range []string{Diversion, History} {
		for _, caller := range []string{From, Asserted, Remote} {
			a, err := Trunk{CalledFrom: []string{where}, CallerFrom: []string{caller}}.Ask(Question{Number: "1", Headers: headers})
			if err != nil || a.Heard.Called != "4008001234" || a.Heard.CalledAt != where || a.Heard.Raw != "01066551234" || a.Heard.CallerAt != caller {
				t.Errorf("got %+v, %v", a.Heard, err)
			}
		}
	}
}

func TestPrivacyOfCallers(t *testing.T) {
	for header, want := range map[string]bool{
		"Privacy: id": true, "privacy: ID;critical": true, "Privacy: user; id": true, "Privacy: none": false, "Privacy: session": false, "X: id": false,
		"Remote-Party-ID: <sip:1@c>;party=calling;privacy=full": true, "Remote-Party-ID: <sip:1@c>;Privacy=URI": true, "Remote-Party-ID: <sip:1@c>;privacy=off": false,
	} {
		a, err := Trunk{}.Ask(Question{Number: "13800138000", Headers: []string{header}})
		if err != nil || a.Heard.Private != want || a.Heard.Raw != "13800138000" {
			t.Errorf("%s: got %+v, %v", header, a.Heard, err)
		}
	}
}

func TestTheBoxAnswersAsCallsGo(t *testing.T) {
	tr := Trunk{
		CallerIn: []Rule{{Prefix: "x"}, {Prefix: "0138", Strip: 1, Add: "+86"}}, CallerFrom: []string{Asserted, From}, CalledFrom: []string{Diversion, RequestURI},
		Targets: []Target{target("127.0.0.72:5060", 0, 0)}, CallerID: "01066551234",
	}
	a, err := tr.Ask(Question{Number: "13800138000", Dialled: "02066551234", Host: "127.0.0.1", Headers: []string{
		"p-asserted-identity: <sip:013800138000@c>", "Diversion: <sip:4008001234@c>"}})
	want := Heard{Raw: "013800138000", CallerAt: Asserted, Caller: "+8613800138000", Rule: 1, Called: "4008001234", CalledAt: Diversion}
	if err != nil || a.Heard != want {
		t.Errorf("got %+v, %v, want %+v", a.Heard, err, want)
	}
	if a.Sent == nil || !slices.Equal(a.Sent.Lines(), []string{invite, from, to}) {
		t.Errorf("got %+v", a.Sent)
	}
	if a, err := (Trunk{}).Ask(Question{Number: "1"}); err != nil || a.Sent != nil || a.Heard.Called != "1" {
		t.Errorf("without targets: got %+v, %v", a, err)
	}
	for _, bad := range []string{"", "Diversion", ": x", "X: a\r\nY: b", "From: \"", "To:"} {
		if _, err := tr.Ask(Question{Number: "1", Headers: []string{bad}}); err == nil {
			t.Errorf("%q is taken for a header", bad)
		}
	}
}

func TestFormsAreChecked(t *testing.T) {
	for _, f := range []Form{{Format: "x"}, {Forwarded: "x"}, {Show: []string{"To"}}} {
		if err := (Trunk{ID: "a", Form: f}).Check(); err == nil {
			t.Errorf("%+v is taken", f)
		}
	}
	if err := (Trunk{ID: "a", Form: Form{Format: National, Forwarded: ByBoth, Show: CallerPlaces()}}).Check(); err != nil {
		t.Error(err)
	}
}

// TestTheSetKnowsRegions: an attempt's number has the 0 that Form.City asks for, and so has what the guard is asked about.
func TestTheSetKnowsRegions(t *testing.T) {
	s := set(t, nil, Trunk{ID: "a", Form: Form{Format: National, City: "广州"}, Targets: []Target{target("127.0.0.1:5060", 0, 0)}})
	s.Region = places
	a, err := s.TakeOut(by("a"), time.Now())
	if err != nil {
		t.Fatal(err)
	}
	defer a.Done()
	tr, _ := s.Trunk("a")
	if got, direct := a.Trunk().Called("13800138000").Result, tr.Called("13800138000").Result; got != "013800138000" || direct != got {
		t.Errorf("got %s and %s", got, direct)
	}
}

func FuzzSend(f *testing.F) {
	f.Add("13800138000", "anonymous", "<sip:1@c>", "1001")
	f.Fuzz(func(t *testing.T, number, caller, domain, forwards string) {
		tr := Trunk{Form: Form{Show: CallerPlaces(), Forwarded: ByBoth, UserPhone: true, Format: National}, CallerID: "4001"}
		for _, line := range tr.Send(Calling{Number: number, Caller: caller, Forwards: forwards, Host: "h", To: "h"}).Lines() {
			if strings.ContainsAny(line, "\r\n\x00") {
				t.Errorf("%q", line)
			}
		}
		req := sip.NewRequest(sip.INVITE, sip.Uri{Scheme: "sip", User: number, Host: "h"})
		for _, name := range append(CallerPlaces()[1:], CalledPlaces()[2:]...) {
			req.AppendHeader(sip.NewHeader(name, domain))
		}
		tr.CallerFrom, tr.CalledFrom = CallerPlaces(), CalledPlaces()
		_ = tr.Read(req)
	})
}
