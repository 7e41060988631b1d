package message

import (
	"errors"
	"fmt"
	"strings"
	"testing"
)

// RFC 3261 20.42 and 25.1. Fault 13 of sipgo: a Via without parameters before a comma was misread.
func TestParseVia(t *testing.T) {
	for _, row := range []struct{ in, want string }{
		{"SIP/2.0/UDP a.example", "SIP/2.0/UDP a.example"},
		{"SIP/2.0/UDP a.example:5070;branch=z9hG4bKx", "SIP/2.0/UDP a.example:5070;branch=z9hG4bKx"},
		{"SIP / 2.0 / UDP   first.example.com: 4000;ttl=16", "SIP/2.0/UDP first.example.com:4000;ttl=16"},
		{"SIP/2.0/TCP [2001:db8::9:1];received=[2001:db8::9:255];branch=z9hG4bKas3-111", "SIP/2.0/TCP [2001:db8::9:1];received=[2001:db8::9:255];branch=z9hG4bKas3-111"},
		{"SIP/2.0/UDP [2001:db8::1]:5061", "SIP/2.0/UDP [2001:db8::1]:5061"},
		{"SIP/2.0/UDP a;RPORT;Branch=z9hG4bKx", "SIP/2.0/UDP a;rport;branch=z9hG4bKx"},
		{`SIP/2.0/UDP a;odd="x;y,z";rport`, `SIP/2.0/UDP a;odd="x;y,z";rport`},
		{"SIP/2.0/UDP", ""}, {"SIP/2.0 a", ""}, {"", ""},
		{"SIP/2.0/UDP a:99999", ""}, {"SIP/2.0/UDP a:b", ""}, {"SIP/2.0/UDP [::1", ""}, {"SIP/2.0/UDP [::1]5060", ""},
		{"SIP/2.0/UDP :5060", ""}, {"SIP/2.0/UDP a@b", ""}, {"SIP/2.0/UDP ;branch=x", ""},
	} {
		got := ""
		if h, err := parseVia(row.in); err == nil {
			got = strings.TrimPrefix(h.String(), "Via: ")
		}
		if got != row.want {
			t.Errorf("%s:\n got %q\nwant %q", row.in, got, row.want)
		}
	}
}

// An empty parameter is a mistake, but the Via can still be answered by.
func TestViaWithEmptyParameter(t *testing.T) {
	h, err := parseVia("SIP/2.0/UDP 192.0.2.15;;,;,")
	if !errors.Is(err, errAddress) || h == nil || h.Host != "192.0.2.15" {
		t.Errorf("got %v, %v", h, err)
	}
}

// RFC 3261 20.10, 20.20, 20.39.
func TestParseAddress(t *testing.T) {
	for _, row := range []struct{ in, want string }{
		{"<sip:a@b>", "|a@b|"},
		{"sip:a@b;tag=1", "|a@b|;tag=1"}, // without brackets parameters are the header's
		{"<sip:a@b;user=phone>;tag=1", "|a@b|;tag=1"},
		{`"A, \"B\" <C>" <sip:a@b>;TAG=1`, `A, \"B\" <C>|a@b|;tag=1`},
		{"Watson, Thomas <sip:t@b>", "Watson, Thomas|t@b|"},
		{"A B<sip:a@b> ;expires=5;Q=0.5", "A B|a@b|;expires=5;q=0.5"},
		{"张三 <sip:a@b>", "张三|a@b|"},
		{"*", "|*|"},
		{"<tel:+8613800138000>", "|tel:+8613800138000|"},
		{`"A <sip:a@b>`, ""}, {`"A" sip:a@b`, ""}, {"<sip:a@b", ""}, {"<sip:a@b>x", ""}, {"sip:a@b?x=y", ""},
		{"<sip:a b@c>", ""}, {"<sip:a@b:70000>", ""}, {"<sip:>", ""}, {"<>", ""}, {"", ""},
	} {
		got := ""
		if a, err := parseAddress(row.in); err == nil {
			who := a.uri.User + "@" + a.uri.Host
			if a.uri.Wildcard {
				who = "*"
			}
			if a.uri.Scheme == "tel" { // kept whole: no user, no host
				who = a.uri.String()
			}
			got = a.display + "|" + who + "|"
			for _, p := range a.params {
				got += ";" + p.K + "=" + p.V
			}
		}
		if got != row.want {
			t.Errorf("%s: got %q, want %q", row.in, got, row.want)
		}
	}
}

// RFC 3261 8.1.1.5, 20.16.
func TestParseCSeq(t *testing.T) {
	for _, row := range []struct{ in, want string }{
		{"0 INVITE", "0 INVITE"}, {"0009\t INVITE", "9 INVITE"}, {"2147483647 BYE", "2147483647 BYE"}, {"1 invite", "1 invite"},
		{"2147483648 BYE", ""}, {"36893488147419103232 BYE", ""}, {"-1 BYE", ""}, {"+1 BYE", ""}, {"1", ""}, {"1 ", ""}, {"BYE 1", ""},
		{"1 BYE INVITE", ""}, {"", ""},
	} {
		got := ""
		if c, err := parseCSeq(row.in); err == nil {
			got = fmt.Sprint(c.SeqNo, " ", c.MethodName)
		}
		if got != row.want {
			t.Errorf("%q: got %q, want %q", row.in, got, row.want)
		}
	}
}

func TestToTag(t *testing.T) {
	for in, want := range map[string]string{
		"<sip:a@b>;tag=1": "1", "sip:a@b;tag=1": "1", "<sip:a@b;tag=no>": "", "<sip:a@b>; x=y ; TAG = 1 ": "1",
		`"a;tag=no" <sip:a@b>;tag=yes`: "yes", "<sip:a@b>": "", "": "", "<sip:a@b>;tag": "",
	} {
		if got := toTag(in); got != want {
			t.Errorf("%s: got %q, want %q", in, got, want)
		}
	}
}

// Separators in quotes and in angle brackets part nothing.
func TestEachPart(t *testing.T) {
	for in, want := range map[string]string{
		"a,b":                     "a|b",
		"a , b,":                  "a|b",
		`"a,b" <sip:x>,c`:         `"a,b" <sip:x>|c`,
		"<sip:a,b@c>;x=y,<sip:d>": "<sip:a,b@c>;x=y|<sip:d>",
		`"a\",b",c`:               `"a\",b"|c`,
		",,":                      "||",
		"":                        "",
	} {
		var got []string
		if err := eachPart(in, ',', func(s string) error { got = append(got, s); return nil }); err != nil {
			t.Errorf("%s: %v", in, err)
		}
		if strings.Join(got, "|") != strings.TrimSuffix(want, "|") {
			t.Errorf("%s: got %q, want %q", in, got, want)
		}
	}
	stop := errors.New("enough")
	n := 0
	if err := eachPart("a,b,c", ',', func(string) error { n++; return stop }); !errors.Is(err, stop) || n != 1 {
		t.Errorf("got %v after %d parts, want the first error at once", err, n)
	}
}
