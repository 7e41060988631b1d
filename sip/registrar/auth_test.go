package registrar

import (
	"net/netip"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/emiago/sipgo/sip"

	"hotline/sip/digest"
	"hotline/sip/transport"
)

// S1: at most 10 wrong passwords a minute from one source for one user, then ban, doubling; others are not touched.
func TestBruteForceIsBanned(t *testing.T) {
	world(t, Config{}, func(d *desk) {
		guess := func() int {
			p := d.phone("1001")
			p.pass, p.from = "guess", "127.0.0.66:5060"
			return p.register().StatusCode
		}
		until := func(code int) (n int) {
			for n < 100 && guess() != code {
				n++
			}
			return n
		}
		if n := until(403); n != 9 {
			t.Errorf("banned after %d guesses and one, want 9", n)
		}
		right := d.phone("1001")
		right.from = "127.0.0.66:7777"
		right.want(403) // even the right password, from there
		d.phone("1001").want(200)
		neighbour := d.phone("1002")
		neighbour.from = "127.0.0.66:5060"
		neighbour.want(200)
		time.Sleep(10*time.Minute + time.Second)
		until(403)
		time.Sleep(10*time.Minute + time.Second)
		if code := guess(); code != 403 {
			t.Errorf("the second ban must last 20 minutes: %d", code)
		}
		time.Sleep(10 * time.Minute)
		right.callID = "after"
		right.want(200)
	})
}

// S1: whoever forges a source address never sees the nonce that went there, and bans nobody.
func TestForgedSourceBansNobody(t *testing.T) {
	world(t, Config{}, func(d *desk) {
		evil := d.phone("1001")
		evil.from, evil.pass = "127.0.0.66:5060", "guess"
		auth := evil.credentials(evil.send(""))
		for range 50 {
			evil.from = "127.0.0.21:5062" // the victim's
			if res := evil.send(auth); res.StatusCode != 401 {
				t.Fatalf("forged: %d", res.StatusCode)
			}
			evil.send(`Digest username="1001",realm="hotline",nonce="x",uri="sip:hotline",response="00000000000000000000000000000000"`)
		}
		d.phone("1001").want(200)
	})
}

func TestFailuresAreBounded(t *testing.T) {
	f := newFailures(10, 10*time.Minute, 100)
	now := time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC)
	a := netip.MustParseAddr("2001:db8::1")
	for i := range 1000 {
		f.fail(a, strings.Repeat("x", i), now)
		a = a.Next()
	}
	if f.order.Len() > 100 || len(f.pairs) > 100 {
		t.Errorf("%d and %d pairs, want at most 100", f.order.Len(), len(f.pairs))
	}
}

func TestBansDouble(t *testing.T) {
	f := newFailures(2, 10*time.Minute, 100)
	now := time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC)
	a := netip.MustParseAddr("127.0.0.1")
	want := []time.Duration{10, 20, 40, 80, 160, 320, 640, 1280, 1440, 1440}
	for i, w := range want {
		f.fail(a, "u", now)
		if !f.fail(a, "u", now) {
			t.Fatalf("round %d: no ban", i)
		}
		w *= time.Minute
		if !f.banned(a, "u", now.Add(w-1)) || f.banned(a, "u", now.Add(w)) {
			t.Errorf("round %d: not banned for %v", i, w)
		}
		now = now.Add(w)
	}
	now = now.Add(25 * time.Hour)
	f.fail(a, "u", now)
	f.fail(a, "u", now)
	if f.banned(a, "u", now.Add(11*time.Minute)) {
		t.Error("after a quiet day the bans begin anew")
	}
}

func TestSlowFailuresAreNoAttack(t *testing.T) {
	f := newFailures(10, 10*time.Minute, 100)
	now := time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC)
	for range 100 {
		if f.fail(netip.MustParseAddr("127.0.0.1"), "u", now) {
			t.Fatal("banned for 9 a minute")
		}
		now = now.Add(7 * time.Second)
	}
}

func TestAuthenticateOthers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, err := New(Config{Realm: realm}, people{}, nil)
		if err != nil {
			t.Fatal(err)
		}
		req := sip.NewRequest(sip.INVITE, sip.Uri{Scheme: "sip", User: "9", Host: "hotline"})
		req.SetSource("127.0.0.21:5060")
		_, challenge, ok := r.Authenticate(req, true)
		if ok || len(challenge) != 2 || challenge[0].Name() != "Proxy-Authenticate" {
			t.Fatalf("challenge %v", challenge)
		}
		c, err := digest.ParseChallenge(challenge[0].Value())
		if err != nil {
			t.Fatal(err)
		}
		cr, err := c.Answer("INVITE", "sip:9@hotline", "1003", digest.PasswordSecret("1003", "pw1003"))
		if err != nil {
			t.Fatal(err)
		}
		req.AppendHeader(sip.NewHeader("Proxy-Authorization", `Digest username="x",realm="another server",nonce="n",uri="u",response="r"`))
		req.AppendHeader(sip.NewHeader("Proxy-Authorization", cr.String()))
		if user, _, ok := r.Authenticate(req, true); !ok || user != "1003" {
			t.Errorf("got %q %v", user, ok)
		}
		if _, _, ok := r.AuthenticateFrom(req, peerAt(netip.MustParseAddr("127.0.0.22")), true); ok {
			t.Error("credentials work from another source")
		}
	})
}

// S1: the time of an answer tells nothing of whether there is such a user. Medians, so that a busy machine does not matter.
func TestUnknownUserTakesAsLong(t *testing.T) {
	r, err := New(Config{Realm: realm, Failures: 1 << 30}, people{}, nil)
	if err != nil {
		t.Fatal(err)
	}
	source := netip.MustParseAddr("127.0.0.21")
	median := func(user string) time.Duration {
		var all []time.Duration
		for range 501 {
			c := r.digest.Challenges(time.Now(), sourceKey(source), false)[0]
			cr, err := c.Answer("REGISTER", "sip:hotline", user, digest.PasswordSecret(user, "guess"))
			if err != nil {
				t.Fatal(err)
			}
			req := sip.NewRequest(sip.REGISTER, sip.Uri{Scheme: "sip", Host: "hotline"})
			req.AppendHeader(sip.NewHeader("Authorization", cr.String()))
			begin := time.Now()
			r.AuthenticateFrom(req, peerAt(source), false)
			all = append(all, time.Since(begin))
		}
		slices.Sort(all)
		return all[len(all)/2]
	}
	known, unknown := median("1001"), median("1099")
	t.Logf("known user %v, unknown user %v", known, unknown)
	if d := (known - unknown).Abs(); d > 5*time.Millisecond {
		t.Errorf("differs by %v, want at most 5 ms", d)
	}
}

func peerAt(a netip.Addr) transport.Peer {
	return transport.Peer{Network: "udp", Addr: netip.AddrPortFrom(a, 5060)}
}
