package registrar

import (
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/emiago/sipgo/sip"

	"hotline/sip/digest"
	"hotline/sip/transport"
)

// Case R01, and RFC 3665 2.1.
func TestRegister(t *testing.T) {
	for _, alg := range []digest.Algorithm{digest.SHA256, digest.MD5} {
		world(t, Config{}, func(d *desk) {
			p := d.phone("1001")
			p.alg = alg
			res := p.want(200)
			if got, want := listed(res), "<sip:1001@127.0.0.21:5062>;expires=300"; got != want {
				t.Errorf("listed %s, want %s", got, want)
			}
			if date := res.GetHeader("Date"); date == nil || !strings.HasSuffix(date.Value(), " GMT") {
				t.Errorf("Date %v", date)
			}
			c := d.Contacts("1001")
			if len(c) != 1 || c[0].Peer.Addr.String() != "127.0.0.21:5062" || c[0].Peer.Network != "udp" {
				t.Errorf("contacts %+v", c)
			}
			d.wantTold("1001 true")
		})
	}
}

// The flow is where the REGISTER came from, not what a phone behind NAT believes of itself.
func TestFlowIsTheSource(t *testing.T) {
	world(t, Config{}, func(d *desk) {
		p := d.phone("1001")
		p.contact, p.from = "<sip:1001@192.168.1.5:5060>", "127.0.0.88:31337"
		p.want(200)
		if c := d.Contacts("1001"); c[0].Peer.Addr.String() != "127.0.0.88:31337" || c[0].URI.Host != "192.168.1.5" {
			t.Errorf("contact %+v", c[0])
		}
	})
}

func TestChallengeOffersBothStrongestFirst(t *testing.T) {
	world(t, Config{}, func(d *desk) {
		hs := d.phone("1001").send("").GetHeaders("WWW-Authenticate")
		if len(hs) != 2 || !strings.Contains(hs[0].Value(), "SHA-256") || !strings.Contains(hs[1].Value(), "MD5") {
			t.Errorf("challenges %v", hs)
		}
	})
	world(t, Config{Algorithms: []digest.Algorithm{digest.MD5, digest.SHA256}}, func(d *desk) {
		if hs := d.phone("1001").send("").GetHeaders("WWW-Authenticate"); !strings.Contains(hs[0].Value(), "MD5") {
			t.Errorf("challenges %v", hs)
		}
	})
}

// Cases R02 and R09: a wrong password and an unknown user look the same (S1, S18).
func TestWrongPasswordAndUnknownUserLookTheSame(t *testing.T) {
	world(t, Config{}, func(d *desk) {
		var seen []string
		for _, user := range []string{"1001", "1077", "x"} {
			p := d.phone(user)
			p.pass = "wrong"
			res := p.register()
			text := res.StartLine()
			for _, h := range res.Headers() {
				switch h.Name() {
				case "From", "To", "Call-ID", "Via":
				case "WWW-Authenticate":
					c, err := digest.ParseChallenge(h.Value())
					if err != nil {
						t.Fatal(err)
					}
					c.Nonce = ""
					text += "|" + c.String()
				default:
					text += "|" + h.String()
				}
			}
			seen = append(seen, text)
		}
		if seen[0] != seen[1] || seen[0] != seen[2] || !strings.Contains(seen[0], "401") {
			t.Errorf("answers differ:\n%s", strings.Join(seen, "\n"))
		}
	})
}

// Case R03: an unknown nonce gets a fresh challenge, one of ours that is too old gets stale=true.
func TestNonces(t *testing.T) {
	world(t, Config{}, func(d *desk) {
		p := d.phone("1001")
		res := p.send(`Digest username="1001",realm="x",nonce="deadbeef",uri="sip:hotline",response="0123456789abcdef0123456789abcdef",algorithm=MD5`)
		if res.StatusCode != 401 {
			t.Fatalf("unknown nonce: %d", res.StatusCode)
		}
		auth := p.credentials(res)
		time.Sleep(6 * time.Minute)
		res = p.send(auth)
		if c, err := digest.ParseChallenge(res.GetHeaders("WWW-Authenticate")[0].Value()); err != nil || !c.Stale {
			t.Errorf("old nonce: %+v %v, want stale", c, err)
		}
		auth = p.credentials(res)
		if res = p.send(auth); res.StatusCode != 200 {
			t.Errorf("fresh nonce: %d", res.StatusCode)
		}
		if res = p.send(auth); res.StatusCode != 401 || !strings.Contains(res.GetHeader("WWW-Authenticate").Value(), "stale=true") {
			t.Errorf("the same count again (S2): %d", res.StatusCode)
		}
	})
}

// Case R10.
func TestOwnCredentialsCannotRegisterAnother(t *testing.T) {
	world(t, Config{}, func(d *desk) {
		p := d.phone("1002")
		p.login = "1001"
		p.want(403)
		if d.Reachable("1002") || d.Reachable("1001") {
			t.Error("somebody was registered")
		}
		d.wantTold()
	})
}

// Cases R04 to R07: refresh, query, unregister, star.
func TestLifeOfABinding(t *testing.T) {
	world(t, Config{}, func(d *desk) {
		p := d.phone("1001")
		p.want(200)
		time.Sleep(100 * time.Second)
		query := d.phone("1001")
		query.callID, query.contact, query.expires = "other", "", ""
		if got, want := listed(query.want(200)), "<sip:1001@127.0.0.21:5062>;expires=200"; got != want {
			t.Errorf("query: %s, want %s", got, want)
		}
		if got := listed(p.want(200)); strings.Count(got, "sip:") != 1 || !strings.Contains(got, "expires=300") {
			t.Errorf("refresh: %s", got)
		}
		if c := d.Contacts("1001")[0]; c.Refreshed.Sub(c.Since) < 90*time.Second {
			t.Errorf("since %v, refreshed %v", c.Since, c.Refreshed)
		}
		p.expires = "0"
		if got := listed(p.want(200)); got != "" {
			t.Errorf("unregister: %s", got)
		}
		d.wantTold("1001 true", "1001 false")
		p.expires = "300"
		p.want(200)
		star := d.phone("1001")
		star.callID, star.contact, star.expires = "other 2", "*", "0"
		if got := listed(star.want(200)); got != "" {
			t.Errorf("star: %s", got)
		}
		if d.Reachable("1001") {
			t.Error("still reachable")
		}
		d.wantTold("1001 true", "1001 false", "1001 true", "1001 false")
	})
}

func TestExpiryByItself(t *testing.T) {
	world(t, Config{}, func(d *desk) {
		a, b := d.phone("1001"), d.phone("1002")
		a.expires, b.contact, b.expires = "60", b.contact+";expires=120", "30"
		a.want(200)
		b.want(200)
		time.Sleep(61 * time.Second)
		d.wantTold("1001 true", "1002 true", "1001 false")
		time.Sleep(60 * time.Second)
		d.wantTold("1001 true", "1002 true", "1001 false", "1002 false")
		d.mu.Lock()
		defer d.mu.Unlock()
		if n := len(d.table.users); n != 0 {
			t.Errorf("%d users left", n)
		}
	})
}

// Case R08 and its neighbours.
func TestExpires(t *testing.T) {
	tests := []struct {
		name, contact, expires string
		code                   int
		want                   string // what is left, or Min-Expires
	}{
		{"too brief", "", "1", 423, "30"},
		{"too brief in the contact", ";expires=29", "300", 423, "30"},
		{"just enough", "", "30", 200, "30"},
		{"nothing said", "", "", 200, "300"},
		{"nonsense", "", "soon", 200, "300"},
		{"too long", "", "864000", 200, "3600"},
		{"contact wins", ";expires=90", "300", 200, "90"},
		{"capitals", ";Expires=90", "300", 200, "90"},
		{"beyond 32 bits", "", "99999999999", 200, "300"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			world(t, Config{}, func(d *desk) {
				p := d.phone("1001")
				p.contact += tt.contact
				p.expires = tt.expires
				res := p.want(tt.code)
				if tt.code == 423 {
					if h := res.GetHeader("Min-Expires"); h == nil || h.Value() != tt.want {
						t.Errorf("Min-Expires %v, want %s", h, tt.want)
					}
					return
				}
				if got := listed(res); !strings.HasSuffix(got, ";expires="+tt.want) {
					t.Errorf("listed %s, want expires=%s", got, tt.want)
				}
			})
		})
	}
}

func TestBadRequests(t *testing.T) {
	tests := []struct {
		name, contact, expires, extra string
		code                          int
	}{
		{"star without Expires", "*", "", "", 400},
		{"star with time", "*", "300", "", 400},
		{"star and another", "*", "0", "Contact: <sip:a@127.0.0.1>", 400},
		{"telephone", "<tel:+8613800138000>", "300", "", 400},
		{"endless", "<sip:" + strings.Repeat("a", 600) + "@127.0.0.1>", "300", "", 400},
		{"too many", "<sip:a@h1>,<sip:a@h2>,<sip:a@h3>,<sip:a@h4>,<sip:a@h5>,<sip:a@h6>", "300", "", 403},
		{"one of two too brief: neither is taken", "<sip:a@h1>,<sip:a@h2>;expires=2", "300", "", 423},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			world(t, Config{}, func(d *desk) {
				p := d.phone("1001")
				p.contact, p.expires, p.extra = tt.contact, tt.expires, tt.extra
				p.want(tt.code)
				if d.Reachable("1001") {
					t.Error("registered all the same")
				}
			})
		})
	}
}

func TestSeveralDevices(t *testing.T) {
	world(t, Config{MaxContacts: 2}, func(d *desk) {
		for i, host := range []string{"h1", "h2"} {
			p := d.phone("1001")
			p.callID, p.contact = host, "<sip:1001@"+host+">"
			if i == 0 {
				p.contact += ";q=0.5"
			}
			p.want(200)
			time.Sleep(time.Second)
		}
		if got, want := d.uris("1001"), "sip:1001@h2 sip:1001@h1"; got != want {
			t.Errorf("by preference: %s, want %s", got, want)
		}
		p := d.phone("1001")
		p.callID, p.contact = "h3", "<sip:1001@h3>"
		if got := listed(p.want(200)); strings.Contains(got, "h1") || strings.Count(got, "sip:") != 2 {
			t.Errorf("the third drives out the oldest: %s", got)
		}
		d.wantTold("1001 true")
	})
}

// RFC 5626: a phone that restarted with another port replaces its own binding.
func TestSameInstanceReplaces(t *testing.T) {
	world(t, Config{}, func(d *desk) {
		for i, port := range []string{"5060", "61234"} {
			p := d.phone("1001")
			p.callID = "boot " + port
			p.contact = "<sip:1001@127.0.0.21:" + port + `>;+sip.instance="<urn:uuid:4711>";reg-id=1`
			res := p.want(200)
			got := listed(res)
			if strings.Count(got, "sip:1001") != 1 || !strings.Contains(got, ":"+port) || !strings.Contains(got, `+sip.instance="<urn:uuid:4711>";reg-id=1`) {
				t.Errorf("boot %d: %s", i, got)
			}
		}
	})
}

// RFC 3261 10.3 step 7.
func TestOrderWithinACallID(t *testing.T) {
	world(t, Config{}, func(d *desk) {
		p := d.phone("1001")
		p.seq = 10
		p.want(200)
		old := d.phone("1001")
		old.seq, old.expires = 1, "0"
		old.want(500)
		star := d.phone("1001")
		star.seq, star.contact, star.expires = 3, "*", "0"
		star.want(500)
		if !d.Reachable("1001") {
			t.Error("an old request removed a newer binding")
		}
		other := d.phone("1001")
		other.callID, other.expires = "other", "0"
		other.want(200)
		if d.Reachable("1001") {
			t.Error("another Call-ID may remove it")
		}
	})
}

func TestUsersAreBounded(t *testing.T) {
	world(t, Config{MaxUsers: 2}, func(d *desk) {
		d.phone("1001").want(200)
		d.phone("1002").want(200)
		d.phone("1003").want(503)
		d.phone("1001").callID = "x"
		d.Forget("1001")
		d.phone("1003").want(200)
		d.wantTold("1001 true", "1002 true", "1001 false", "1003 true")
	})
}

func TestKeeperBringsContactsBack(t *testing.T) {
	k := &drawer{kept: map[string][]Contact{}}
	world(t, Config{Keeper: k}, func(d *desk) {
		k.mu.Lock()
		k.fails = 2
		k.mu.Unlock()
		d.phone("1001").want(200)
		p := d.phone("1002")
		p.expires = "60"
		p.want(200)
		time.Sleep(20 * time.Second)
		k.mu.Lock()
		if len(k.kept) != 2 {
			t.Errorf("kept %v after the disk recovered", k.kept)
		}
		k.mu.Unlock()
		p.expires = "0"
		p.want(200)
		p.expires = "60"
		p.want(200) // kept at the latest when Run ends
	})
	if len(k.kept) != 2 || k.kept["1001"][0].Peer.Addr != netip.MustParseAddrPort("127.0.0.21:5062") {
		t.Fatalf("kept %+v", k.kept)
	}
	c := k.kept["1001"][0]
	c.Peer = transport.Peer{Network: "tcp", Addr: c.Peer.Addr, Conn: 7}
	k.kept["1001"] = []Contact{c}
	world(t, Config{Keeper: k}, func(d *desk) {
		d.wantTold("1001 true", "1002 true")
		if c := d.Contacts("1001"); len(c) != 1 || c[0].Peer.Conn != 0 {
			t.Errorf("contacts after the restart: %+v", c)
		}
		time.Sleep(2 * time.Minute)
		if d.Reachable("1002") || !d.Reachable("1001") {
			t.Error("expiry does not go on after a restart")
		}
	})
}

func TestBrokenKeeperIsAnErrorAtTheStart(t *testing.T) {
	if _, err := New(Config{Realm: realm, Keeper: &drawer{fails: 1}}, people{}, nil); err == nil {
		t.Error("no error")
	}
}

func TestSameURI(t *testing.T) {
	tests := []struct {
		a, b string
		want bool
	}{
		{"sip:1@H", "sip:1@h", true}, {"sip:1@h", "sip:2@h", false}, {"sip:1@h", "sip:1@h:5060", false},
		{"sip:1@h;transport=udp", "sip:1@h;transport=UDP", true}, {"sip:1@h;transport=udp", "sip:1@h", false},
		{"sip:1@h;line=a", "sip:1@h;line=b", false}, {"sip:1@h;line=a", "sip:1@h", true}, {"sips:1@h", "sip:1@h", false},
	}
	for _, tt := range tests {
		var a, b sip.Uri
		if sip.ParseUri(tt.a, &a) != nil || sip.ParseUri(tt.b, &b) != nil {
			t.Fatalf("%s, %s", tt.a, tt.b)
		}
		if got := sameURI(a, b); got != tt.want || sameURI(b, a) != tt.want {
			t.Errorf("%s and %s: got %v, want %v", tt.a, tt.b, got, tt.want)
		}
	}
}

func FuzzContacts(f *testing.F) {
	f.Add("<sip:1001@127.0.0.1:5060;transport=tcp>;expires=60;q=0.7", "300")
	f.Add("*", "0")
	f.Add("sip:a@b;expires=x, \"a, b\" <sips:c>;+sip.instance=\"<urn:x>\";reg-id=2", "-1")
	f.Fuzz(func(t *testing.T, contact, expires string) {
		raw := "REGISTER sip:h SIP/2.0\r\nContact: " + contact + "\r\nExpires: " + expires + "\r\nContent-Length: 0\r\n\r\n"
		m, err := sip.NewParser().ParseSIP([]byte(raw))
		if err != nil {
			return
		}
		req, ok := m.(*sip.Request)
		if !ok {
			return
		}
		list, star, no := wishes(req, 5)
		if no != nil && (star || list != nil) || len(list) > 5 {
			t.Errorf("%q: %v %v %v", contact, list, star, no)
		}
		for _, w := range list {
			if w.expires < -1 || w.q < 0 || w.q > 1 || !sameURI(w.uri, w.uri) {
				t.Errorf("%q: %+v", contact, w)
			}
			c := Contact{URI: w.uri, Expires: time.Unix(100, 1), Q: w.q, Instance: w.instance}
			if v := c.header(time.Unix(0, 0)).Value(); strings.ContainsAny(v, "\r\n") || !strings.Contains(v, ";expires=101") {
				t.Errorf("%q: written as %q", contact, v)
			}
		}
	})
}
