package registration

import (
	"context"
	"errors"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/emiago/sipgo/sip"

	"hotline/sip/transport"
)

var one, two = Target{"udp", netip.MustParseAddrPort("127.0.0.1:5060")}, Target{"tcp", netip.MustParseAddrPort("127.0.0.2:5060")}

// carrier answers as the test says, and notes when it was asked.
type carrier struct {
	mu    sync.Mutex
	says  func(req *sip.Request, to transport.Peer) (*sip.Response, error)
	asked []time.Time
	seqs  []uint32
	ids   map[string]bool
	last  map[Target]Status
}

func (c *carrier) send(ctx context.Context, req *sip.Request, to transport.Peer) (*sip.Response, error) {
	c.mu.Lock()
	c.asked = append(c.asked, time.Now())
	c.seqs = append(c.seqs, req.CSeq().SeqNo)
	c.ids[req.CallID().Value()] = true
	says := c.says
	c.mu.Unlock()
	res, err := says(req, to)
	if res == nil && err == nil {
		<-ctx.Done()
		return nil, ctx.Err()
	}
	return res, err
}

func (c *carrier) changed(_ string, t Target, s Status) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.last[t] = s
}

func (c *carrier) status(t Target) Status {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.last[t]
}

func (c *carrier) say(f func(req *sip.Request, to transport.Peer) (*sip.Response, error)) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.says, c.asked = f, nil
}

func (c *carrier) times() []time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return append([]time.Time(nil), c.asked...)
}

func says(code int, headers ...string) func(*sip.Request, transport.Peer) (*sip.Response, error) {
	return func(req *sip.Request, _ transport.Peer) (*sip.Response, error) {
		res := sip.NewResponseFromRequest(req, code, "", nil)
		for _, h := range headers {
			name, value, _ := strings.Cut(h, ": ")
			res.AppendHeader(sip.NewHeader(name, value))
		}
		return res, nil
	}
}

func silent(*sip.Request, transport.Peer) (*sip.Response, error) { return nil, nil }

// keeper runs a Keeper until stop is called.
func keeper(t *testing.T, c *carrier, accounts ...Account) (k *Keeper, stop func()) {
	t.Helper()
	c.last, c.ids = map[Target]Status{}, map[string]bool{}
	k = New(Config{Send: c.send, Changed: c.changed, Contact: func(to transport.Peer, user string) string {
		return "sip:" + user + "@127.0.0.9:5060;transport=" + to.Network
	}})
	k.dice = func() float64 { return 0.5 }
	k.Replace(accounts)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error)
	go func() { done <- k.Run(ctx) }()
	return k, func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("run: %v", err)
		}
	}
}

func account(targets ...Target) Account {
	return Account{ID: "a", Domain: "carrier.example", User: "u", Password: "p", Contact: "us", Expires: 10 * time.Minute, Targets: targets}
}

func TestRegistrationIsRefreshedBeforeItEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &carrier{says: says(200, "Contact: <sip:other@127.0.0.8>;expires=7, <sip:us@127.0.0.9:5060>;expires=100", "Expires: 3600", "Service-Route: <sip:x;lr>", "Path: <sip:y;lr>")}
		_, stop := keeper(t, c, account(one))
		synctest.Wait()
		begun := time.Now()
		if s := c.status(one); !s.Registered || s.Until.Sub(begun) != 100*time.Second {
			t.Errorf("got %+v, want the 100 s beside our contact", s)
		}
		time.Sleep(10 * time.Minute)
		asked := c.times()
		for i := 1; i < len(asked); i++ {
			if gap := asked[i].Sub(asked[i-1]); gap < 75*time.Second || gap > 90*time.Second {
				t.Errorf("refresh %d after %v, want 75 to 90 s", i, gap)
			}
		}
		if len(asked) < 6 || len(c.ids) != 1 || c.seqs[0] != 1 || c.seqs[len(c.seqs)-1] != uint32(len(c.seqs)) {
			t.Errorf("%d requests, %d Call-IDs, numbers %v", len(asked), len(c.ids), c.seqs)
		}
		if s := c.status(one); s.Since != begun {
			t.Errorf("registered since %v, want %v", s.Since, begun)
		}
		var expires string
		c.say(func(req *sip.Request, to transport.Peer) (*sip.Response, error) {
			expires = req.GetHeader("Expires").Value()
			return says(200)(req, to)
		})
		stop()
		if s := c.status(one); s.Registered || expires != "0" {
			t.Errorf("at the end: %+v, Expires %q", s, expires)
		}
	})
}

func TestFailuresAreTriedAgainMoreAndMoreSlowly(t *testing.T) {
	for name, row := range map[string]struct {
		says  func(*sip.Request, transport.Peer) (*sip.Response, error)
		waits []time.Duration // each besides the time that the registrar was given to answer
		why   string
	}{
		"silent":             {silent, []time.Duration{13 * time.Second, 18 * time.Second, 28 * time.Second, 48 * time.Second}, "does not answer"},
		"unreachable":        {func(*sip.Request, transport.Peer) (*sip.Response, error) { return nil, errors.New("no route") }, []time.Duration{5 * time.Second, 10 * time.Second}, "no route"},
		"forbidden":          {says(403), []time.Duration{time.Minute, 2 * time.Minute, 4 * time.Minute}, "403"},
		"busy":               {says(503, "Retry-After: 120"), []time.Duration{2 * time.Minute, 2 * time.Minute}, "503"},
		"forgets":            {says(200, "Expires: 0"), []time.Duration{5 * time.Second, 10 * time.Second}, "keeps no contact"},
		"too short for ever": {says(423, "Min-Expires: 1"), []time.Duration{time.Minute}, "423"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c := &carrier{says: row.says}
				_, stop := keeper(t, c, account(one))
				time.Sleep(30 * time.Minute)
				asked := c.times()
				for i, want := range row.waits {
					if got := asked[i+1].Sub(asked[i]); got != want {
						t.Errorf("try %d after %v, want %v", i+2, got, want)
					}
				}
				if s := c.status(one); s.Registered || !strings.Contains(s.Why, row.why) {
					t.Errorf("got %+v, want why %q", s, row.why)
				}
				if last := asked[len(asked)-1].Sub(asked[len(asked)-2]); last > longestNo+time.Minute {
					t.Errorf("the waits grow to %v", last)
				}
				stop()
			})
		})
	}
}

func TestChallengesAndTooShort(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var got []string
		steps := []func(*sip.Request, transport.Peer) (*sip.Response, error){
			says(407, `Proxy-Authenticate: Digest realm="p", nonce="n1", qop="auth"`),
			says(401, `WWW-Authenticate: Digest realm="r", nonce="n2", algorithm=SHA-256, qop="auth"`),
			says(401, `WWW-Authenticate: Digest realm="r", nonce="n3", algorithm=SHA-256, qop="auth", stale=true`),
			says(423, "Min-Expires: 1800"),
			says(200),
		}
		c := &carrier{}
		c.says = func(req *sip.Request, to transport.Peer) (*sip.Response, error) {
			line := req.GetHeader("Expires").Value()
			for _, name := range []string{"Proxy-Authorization", "Authorization"} {
				if h := req.GetHeader(name); h != nil {
					_, nonce, _ := strings.Cut(h.Value(), `nonce="`)
					line += " " + nonce[:2]
				}
			}
			got = append(got, line)
			return steps[min(len(got), len(steps))-1](req, to)
		}
		_, stop := keeper(t, c, account(one))
		synctest.Wait()
		want := "600,600 n1,600 n1 n2,600 n1 n3,1800 n1 n3"
		if s := strings.Join(got, ","); s != want {
			t.Errorf("got %s, want %s", s, want)
		}
		if s := c.status(one); !s.Registered || time.Until(s.Until) != 30*time.Minute {
			t.Errorf("got %+v", s)
		}
		stop()
	})
}

// TestWrongPasswordIsNotTriedTwice: a carrier that is asked again and again with a wrong one locks the line.
func TestWrongPasswordIsNotTriedTwice(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &carrier{says: says(401, `WWW-Authenticate: Digest realm="r", nonce="n", qop="auth"`)}
		_, stop := keeper(t, c, account(one))
		time.Sleep(30 * time.Second)
		if n := len(c.times()); n != 2 {
			t.Errorf("%d requests, want 2", n)
		}
		if s := c.status(one); !strings.Contains(s.Why, "password") {
			t.Errorf("why: %q", s.Why)
		}
		stop()
	})
}

func TestTargetsInTurn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &carrier{}
		c.says = func(req *sip.Request, to transport.Peer) (*sip.Response, error) {
			if to.Addr == one.Addr {
				return nil, nil
			}
			return says(200, "Expires: 60")(req, to)
		}
		_, stop := keeper(t, c, account(one, two))
		time.Sleep(answerWithin + time.Second)
		if a, b := c.status(one), c.status(two); a.Registered || !b.Registered {
			t.Errorf("the first is silent: %+v %+v", a, b)
		}
		c.say(func(req *sip.Request, to transport.Peer) (*sip.Response, error) {
			if to.Addr == two.Addr {
				return nil, nil
			}
			return says(200, "Expires: 60")(req, to)
		})
		time.Sleep(2 * time.Minute)
		if a, b := c.status(one), c.status(two); !a.Registered || b.Registered {
			t.Errorf("the second is silent: %+v %+v", a, b)
		}
		stop()
	})
}

func TestEachTargetAndReplace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &carrier{says: says(200)}
		a := account(one, two)
		a.Each = true
		k, stop := keeper(t, c, a)
		synctest.Wait()
		if n := len(c.ids); n != 2 || !c.status(one).Registered || !c.status(two).Registered {
			t.Errorf("%d registrations", n)
		}
		b := a
		b.Targets = []Target{two}
		k.Replace([]Account{b})
		synctest.Wait()
		if c.status(one).Registered || !c.status(two).Registered || len(c.times()) != 3 {
			t.Errorf("one target less: %+v %+v, %d requests", c.status(one), c.status(two), len(c.times()))
		}
		stop()
	})
}

// TestChangedAccountIsTakenBackFirst: the old registration and the new one have one Contact, and the last word about it must be the new one's.
func TestChangedAccountIsTakenBackFirst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &carrier{says: says(200)}
		k, stop := keeper(t, c, account(one))
		synctest.Wait()
		c.say(func(req *sip.Request, to transport.Peer) (*sip.Response, error) {
			time.Sleep(time.Second)
			return says(200)(req, to)
		})
		k.Replace([]Account{account(one, two)})
		time.Sleep(1500 * time.Millisecond)
		if n := len(c.times()); n != 2 {
			t.Fatalf("%d requests", n)
		}
		if begun := c.times(); begun[1].Sub(begun[0]) < time.Second {
			t.Errorf("registered anew %v after the old one began to be taken back", begun[1].Sub(begun[0]))
		}
		time.Sleep(time.Second)
		if !c.status(one).Registered {
			t.Errorf("got %+v", c.status(one))
		}
		stop()
	})
}

// TestRefreshThatFailsDoesNotEndTheRegistration before the registrar has forgotten it.
func TestRefreshThatFailsDoesNotEndTheRegistration(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &carrier{says: says(200, "Expires: 600")}
		_, stop := keeper(t, c, account(one))
		synctest.Wait()
		c.say(silent)
		time.Sleep(9*time.Minute + 30*time.Second)
		if s := c.status(one); !s.Registered || s.Why == "" {
			t.Errorf("before its end: %+v", s)
		}
		time.Sleep(6 * time.Minute)
		if s := c.status(one); s.Registered {
			t.Errorf("after its end: %+v", s)
		}
		stop()
	})
}
