package digest

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/emiago/sipgo/sip"
)

func TestResponseOfTheRFCs(t *testing.T) {
	tests := []struct {
		name, user, realm, password, method, want string
		alg                                       Algorithm
		c                                         Credentials
	}{
		{
			name: "RFC 2617 3.5", user: "Mufasa", realm: "testrealm@host.com", password: "Circle Of Life", method: "GET", alg: MD5,
			c:    Credentials{URI: "/dir/index.html", Nonce: "dcd98b7102dd2f0e8b11d0f600bfb0c093", NC: "00000001", CNonce: "0a4f113b", QOP: "auth"},
			want: "6629fae49393a05397450978507c4ef1",
		},
		{
			name: "RFC 2617 without qop", user: "Mufasa", realm: "testrealm@host.com", password: "Circle Of Life", method: "GET", alg: MD5,
			c:    Credentials{URI: "/dir/index.html", Nonce: "dcd98b7102dd2f0e8b11d0f600bfb0c093"},
			want: "670fd8c2df070c60b045671b8b24ff02",
		},
		{
			name: "RFC 7616 3.9.1", user: "Mufasa", realm: "http-auth@example.org", password: "Circle of Life", method: "GET", alg: SHA256,
			c: Credentials{
				URI: "/dir/index.html", Nonce: "7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", NC: "00000001",
				CNonce: "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ", QOP: "auth",
			},
			want: "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := response(tt.alg, HA1(tt.alg, tt.user, tt.realm, tt.password), tt.method, tt.c)
			if got != tt.want {
				t.Errorf("got %s, want %s", got, tt.want)
			}
		})
	}
}

func TestParseCredentials(t *testing.T) {
	full := `Digest username="1001", realm="hotline", nonce="n", uri="sip:a;transport=udp", response="00", algorithm=md5, qop=auth, nc=00000001, cnonce="c"`
	tests := []struct {
		name, in string
		ok       bool
		check    func(Credentials) bool
	}{
		{"all", full, true, func(c Credentials) bool {
			return c.Username == "1001" && c.Algorithm == MD5 && c.QOP == "auth" && c.URI == "sip:a;transport=udp"
		}},
		{"scheme in capitals, no spaces", `DIGEST username="a",realm="r",nonce="n",uri="u",response="x"`, true, func(c Credentials) bool { return c.Realm == "r" }},
		{"quoted pair", `Digest username="a\"b\\c",nonce="n",uri="u",response="x"`, true, func(c Credentials) bool { return c.Username == `a"b\c` }},
		{"comma inside quotes", `Digest username="a, b",nonce="n",uri="u",response="x"`, true, func(c Credentials) bool { return c.Username == "a, b" }},
		{"unknown parameter", `Digest x=1,username="a",nonce="n",uri="u",response="x"`, true, nil},
		{"space round equals", `Digest username = "a" , nonce="n",uri="u",response="x"`, true, func(c Credentials) bool { return c.Username == "a" }},
		{"parameter twice", `Digest username="a",username="b",nonce="n",uri="u",response="x"`, false, nil},
		{"open quotation", `Digest username="a,nonce=n`, false, nil},
		{"open quoted pair", `Digest username="a\`, false, nil},
		{"no comma", `Digest username="a" nonce="n",uri="u",response="x"`, false, nil},
		{"no response", `Digest username="a",nonce="n",uri="u"`, false, nil},
		{"basic", `Basic YTpi`, false, nil},
		{"empty", ``, false, nil},
		{"name only", `Digest username`, false, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c, err := ParseCredentials(tt.in)
			if (err == nil) != tt.ok {
				t.Fatalf("error %v, want ok=%v", err, tt.ok)
			}
			if tt.check != nil && !tt.check(c) {
				t.Errorf("read as %+v", c)
			}
		})
	}
}

func TestHeadersComeBackAsWritten(t *testing.T) {
	ch := Challenge{Realm: `a"b`, Nonce: "n", Opaque: "o", Algorithm: SHA256, QOP: []string{"auth"}, Stale: true}
	got, err := ParseChallenge(ch.String())
	if err != nil || fmt.Sprint(got) != fmt.Sprint(ch) {
		t.Errorf("challenge: got %+v %v, want %+v", got, err, ch)
	}
	cr := Credentials{Username: `u\`, Realm: "r", Nonce: "n", URI: "sip:x", Response: "ab", Algorithm: MD5, CNonce: "c", QOP: "auth", NC: "00000002"}
	back, err := ParseCredentials(cr.String())
	if err != nil || back != cr {
		t.Errorf("credentials: got %+v %v, want %+v", back, err, cr)
	}
}

func TestSplitJoinedChallenges(t *testing.T) {
	got := Split(`Digest realm="a, Digest b", nonce="1", Digest realm="c",nonce="2"`)
	if len(got) != 2 || !strings.HasPrefix(got[1], `Digest realm="c"`) {
		t.Errorf("got %q", got)
	}
}

func response401(values ...string) *sip.Response {
	res := sip.NewResponse(401, "Unauthorized")
	for _, v := range values {
		res.AppendHeader(sip.NewHeader("WWW-Authenticate", v))
	}
	return res
}

func TestAnswerTakesTheFirstChallengeItKnows(t *testing.T) {
	md5 := `Digest realm="r", nonce="n5", algorithm=MD5, qop="auth"`
	sha := `Digest realm="r", nonce="n2", algorithm=SHA-256, qop="auth,auth-int"`
	tests := []struct {
		name   string
		values []string
		nonce  string // "" no answer
	}{
		{"sha first", []string{sha, md5}, "n2"},
		{"md5 first", []string{md5, sha}, "n5"},
		{"unknown first", []string{`Digest realm="r", nonce="x", algorithm=SHA-512-256`, md5}, "n5"},
		{"joined", []string{sha + ", " + md5}, "n2"},
		{"auth-int only", []string{`Digest realm="r", nonce="x", qop="auth-int"`}, ""},
		{"no qop", []string{`Digest realm="r", nonce="old"`}, "old"},
		{"basic", []string{`Basic realm="r"`}, ""},
		{"none", nil, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			h, err := Answer(response401(tt.values...), "INVITE", "sip:1@h;transport=tcp", "u", PasswordSecret("u", "p"))
			if tt.nonce == "" {
				if !errors.Is(err, ErrCannot) {
					t.Fatalf("got %v, want %v", err, ErrCannot)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			c, err := ParseCredentials(h.Value())
			if err != nil || c.Nonce != tt.nonce || h.Name() != "Authorization" {
				t.Errorf("%s: %+v %v, want nonce %s", h.Name(), c, err, tt.nonce)
			}
		})
	}
}

// Fault 15 of the reference: the digest URI lost its parameters.
func TestSipgoFault15DigestURIKeepsItsParameters(t *testing.T) {
	h, err := Answer(response401(`Digest realm="r", nonce="n"`), "INVITE", "sip:1@h:5070;transport=tcp;user=phone", "u", PasswordSecret("u", "p"))
	if err != nil || !strings.Contains(h.Value(), `uri="sip:1@h:5070;transport=tcp;user=phone"`) {
		t.Errorf("got %v %v", h, err)
	}
}

func TestAnswerToAProxy(t *testing.T) {
	res := sip.NewResponse(407, "x")
	res.AppendHeader(sip.NewHeader("Proxy-Authenticate", `Digest realm="r", nonce="n"`))
	h, err := Answer(res, "INVITE", "sip:a", "u", PasswordSecret("u", "p"))
	if err != nil || h.Name() != "Proxy-Authorization" {
		t.Errorf("got %v %v", h, err)
	}
	if _, err := Answer(res, "INVITE", "sip:a", "u", nil); !errors.Is(err, ErrCannot) {
		t.Errorf("without a secret: %v", err)
	}
}

func FuzzParseCredentials(f *testing.F) {
	f.Add(`Digest username="a\"b", realm="r", nonce="n", uri="sip:x", response="00", qop=auth, nc=00000001, cnonce="c"`)
	f.Add(`Digest username=`)
	f.Add(`digest ,,, a=b,"`)
	f.Fuzz(func(t *testing.T, in string) {
		c, err := ParseCredentials(in)
		if err != nil {
			return
		}
		if c.QOP == "" || strings.ContainsAny(string(c.Algorithm)+c.QOP+c.NC+c.Response, "\", \t\\=") {
			return // such values have no written form of their own
		}
		back, err := ParseCredentials(c.String())
		if err != nil || back.Username != c.Username || back.Nonce != c.Nonce || back.URI != c.URI {
			t.Errorf("%q: read %+v, written and read again %+v %v", in, c, back, err)
		}
	})
}

func FuzzParseChallenge(f *testing.F) {
	f.Add(`Digest realm="a, b", nonce="n", qop="auth,auth-int", stale=TRUE, Digest realm="x", nonce="y"`)
	f.Fuzz(func(t *testing.T, in string) {
		for _, part := range Split(in) {
			if c, err := ParseChallenge(part); err == nil && c.Nonce == "" {
				t.Errorf("%q: challenge without a nonce", in)
			}
		}
	})
}

var start = time.Date(2026, 11, 22, 8, 0, 0, 0, time.UTC)

func ask(s *Server, now time.Time, source string) Challenge {
	return s.Challenges(now, source, false)[0]
}

func good(t *testing.T, c Challenge, password string, nc int) Credentials {
	t.Helper()
	cr, err := c.Answer("REGISTER", "sip:hotline", "1001", PasswordSecret("1001", password))
	if err != nil {
		t.Fatal(err)
	}
	cr.NC = fmt.Sprintf("%08x", nc)
	a := c.Algorithm
	cr.Response = response(a, HA1(a, "1001", c.Realm, password), "REGISTER", cr)
	return cr
}

func account(realm string) func(Algorithm) string {
	return func(a Algorithm) string { return HA1(a, "1001", realm, "secret") }
}

func nobody(Algorithm) string { return "" }

func TestServerVerdicts(t *testing.T) {
	s := NewServer(Config{Realm: "hotline"})
	c := ask(s, start, "127.0.0.2")
	both := s.Challenges(start, "127.0.0.2", true)
	if len(both) != 2 || both[0].Algorithm != SHA256 || both[1].Algorithm != MD5 || !both[0].Stale {
		t.Fatalf("challenges: %+v", both)
	}
	edit := func(f func(*Credentials)) Credentials {
		cr := good(t, ask(s, start, "127.0.0.2"), "secret", 1)
		f(&cr)
		return cr
	}
	tests := []struct {
		name   string
		cr     Credentials
		after  time.Duration
		source string
		ha1    func(Algorithm) string
		want   Verdict
	}{
		{"right", good(t, c, "secret", 1), time.Second, "127.0.0.2", account("hotline"), Good},
		{"right by MD5", good(t, both[1], "secret", 1), time.Second, "127.0.0.2", account("hotline"), Good},
		{"next count", good(t, c, "secret", 2), time.Second, "127.0.0.2", account("hotline"), Good},
		{"count again", good(t, c, "secret", 2), time.Second, "127.0.0.2", account("hotline"), Stale},
		{"wrong password", good(t, c, "guess", 3), time.Second, "127.0.0.2", account("hotline"), Wrong},
		{"unknown user", good(t, c, "secret", 3), time.Second, "127.0.0.2", nobody, Wrong},
		{"too late", good(t, c, "secret", 3), 5 * time.Minute, "127.0.0.2", account("hotline"), Stale},
		{"too late and wrong: nothing is learnt", good(t, c, "guess", 3), 5 * time.Minute, "127.0.0.2", account("hotline"), Stale},
		{"from another source", good(t, c, "secret", 3), time.Second, "127.0.0.3", account("hotline"), Stale},
		{"invented nonce", edit(func(c *Credentials) { c.Nonce = "deadbeef" }), 0, "127.0.0.2", account("hotline"), Stale},
		{"altered nonce", edit(func(c *Credentials) { c.Nonce = "A" + c.Nonce[1:] }), 0, "127.0.0.2", account("hotline"), Stale},
		{"other realm", edit(func(c *Credentials) { c.Realm = "x" }), 0, "127.0.0.2", account("hotline"), Broken},
		{"other algorithm", edit(func(c *Credentials) { c.Algorithm = "SHA-512-256" }), 0, "127.0.0.2", account("hotline"), Broken},
		{"auth-int", edit(func(c *Credentials) { c.QOP = "auth-int" }), 0, "127.0.0.2", account("hotline"), Broken},
		{"count not hex", edit(func(c *Credentials) { c.NC = "zzzzzzzz" }), 0, "127.0.0.2", account("hotline"), Broken},
		{"count too short", edit(func(c *Credentials) { c.NC = "1" }), 0, "127.0.0.2", account("hotline"), Broken},
		{"no cnonce", edit(func(c *Credentials) { c.CNonce = "" }), 0, "127.0.0.2", account("hotline"), Broken},
		{"empty HA1 never matches", Credentials{
			Username: "1001", Realm: "hotline", Nonce: c.Nonce, URI: "sip:x", Algorithm: MD5,
			Response: response(MD5, "", "REGISTER", Credentials{Nonce: c.Nonce, URI: "sip:x"}),
		}, 0, "127.0.0.2", nobody, Wrong},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := s.Check(start.Add(tt.after), tt.source, "REGISTER", tt.cr, tt.ha1); got != tt.want {
				t.Errorf("got %d, want %d", got, tt.want)
			}
		})
	}
}

func TestMethodIsPartOfTheProof(t *testing.T) {
	s := NewServer(Config{Realm: "hotline"})
	cr := good(t, ask(s, start, "a"), "secret", 1)
	if got := s.Check(start, "a", "INVITE", cr, account("hotline")); got != Wrong {
		t.Errorf("credentials of a REGISTER on an INVITE: got %d, want %d", got, Wrong)
	}
}

func TestCountWindow(t *testing.T) {
	tests := []struct {
		name  string
		count []uint64
		want  []bool
	}{
		{"in order", []uint64{1, 2, 3}, []bool{true, true, true}},
		{"overtaken once", []uint64{1, 3, 2, 2}, []bool{true, true, true, false}},
		{"zero", []uint64{0}, []bool{false}},
		{"far jump forgets", []uint64{1, 100, 99, 36, 37}, []bool{true, true, true, false, true}},
		{"huge", []uint64{0xffffffff, 1}, []bool{true, false}},
		{"jump of 64", []uint64{1, 65, 1, 2}, []bool{true, true, false, true}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var n count
			for i, c := range tt.count {
				if got := n.take(c); got != tt.want[i] {
					t.Errorf("step %d, count %d: got %v", i, c, got)
				}
			}
		})
	}
}

func TestNonceTableIsBoundedAndForgetsNothingDangerous(t *testing.T) {
	s := NewServer(Config{Realm: "hotline", MaxNonces: 4})
	first := good(t, ask(s, start, "a"), "secret", 1)
	check := func(now time.Time, cr Credentials) Verdict {
		return s.Check(now, "a", "REGISTER", cr, account("hotline"))
	}
	if got := check(start, first); got != Good {
		t.Fatalf("first use: %d", got)
	}
	for i := range 20 {
		now := start.Add(time.Duration(i+1) * time.Millisecond)
		if got := check(now, good(t, ask(s, now, "a"), "secret", 1)); got != Good {
			t.Fatalf("nonce %d: %d", i, got)
		}
	}
	if len(s.used) > 4 || len(s.line) > 4 {
		t.Errorf("table holds %d and %d, want at most 4", len(s.used), len(s.line))
	}
	if got := check(start.Add(time.Second), first); got != Stale {
		t.Errorf("replay after the table forgot the nonce: got %d, want stale", got)
	}
}

func TestClientOfRFC2069MayUseANonceOnce(t *testing.T) {
	s := NewServer(Config{Realm: "hotline"})
	c := ask(s, start, "a")
	cr := Credentials{Username: "1001", Realm: "hotline", Nonce: c.Nonce, URI: "sip:x", Algorithm: MD5}
	cr.Response = response(MD5, HA1(MD5, "1001", "hotline", "secret"), "REGISTER", cr)
	for i, want := range []Verdict{Good, Stale} {
		if got := s.Check(start, "a", "REGISTER", cr, account("hotline")); got != want {
			t.Errorf("use %d: got %d, want %d", i, got, want)
		}
	}
}

func TestSameSecretOpensNoncesAfterARestart(t *testing.T) {
	key := []byte("0123456789abcdef")
	cr := good(t, ask(NewServer(Config{Realm: "hotline", Secret: key}), start, "a"), "secret", 1)
	if got := NewServer(Config{Realm: "hotline", Secret: key}).Check(start, "a", "REGISTER", cr, account("hotline")); got != Good {
		t.Errorf("same key: %d", got)
	}
	if got := NewServer(Config{Realm: "hotline"}).Check(start, "a", "REGISTER", cr, account("hotline")); got != Stale {
		t.Errorf("other key: %d", got)
	}
}

func BenchmarkCheck(b *testing.B) {
	s := NewServer(Config{Realm: "hotline"})
	c := ask(s, start, "a")
	cr, _ := c.Answer("REGISTER", "sip:hotline", "1001", PasswordSecret("1001", "guess"))
	for b.Loop() {
		s.Check(start, "a", "REGISTER", cr, account("hotline"))
	}
}
