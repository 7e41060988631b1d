package registration

import (
	"context"
	"log/slog"
	"net/netip"
	"sync"
	"testing"
	"time"

	"github.com/emiago/sipgo/sip"

	"hotline/sip/digest"
	"hotline/sip/registrar"
	"hotline/sip/transaction"
	"hotline/sip/transport"
	"hotline/sip/transport/guard"
)

// end is one side of the loopback: a transport with transactions, and what takes requests.
type end struct {
	layer *transport.Layer
	tx    *transaction.Layer
}

// core takes REGISTER alone.
type core struct{ take func(*transaction.Server) }

func (c core) Request(s *transaction.Server)             { c.take(s) }
func (core) Ack(*sip.Request, transport.Peer)            {}
func (core) StrayResponse(*sip.Response, transport.Peer) {}

func open(t *testing.T, at string, take func(*transaction.Server)) *end {
	t.Helper()
	e := &end{}
	addr := []netip.AddrPort{netip.AddrPortFrom(netip.MustParseAddr(at), 0)}
	log := slog.New(slog.DiscardHandler)
	var err error
	e.layer, err = transport.Open(transport.Config{
		UDP: addr, TCP: addr, Guard: guard.Config{Trusted: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}}, Logger: log,
		Failed: func(to transport.Peer, raw []byte, err error) { e.tx.Failed(to, raw, err) },
	})
	if err != nil {
		t.Fatal(err)
	}
	e.tx = transaction.New(transaction.Config{Local: e.layer.LocalFor, Logger: log}, e.layer.Send, core{take})
	ctx, stop := context.WithCancel(context.Background())
	var wait sync.WaitGroup
	wait.Go(func() { _ = e.tx.Run(ctx) })
	wait.Go(func() { _ = e.layer.Run(ctx, e.tx.Receive) })
	t.Cleanup(func() { stop(); wait.Wait() })
	return e
}

type people map[string]string

func (p people) Account(user string) (registrar.Account, bool) {
	password, ok := p[user]
	return registrar.Account{
		User: user, HA1MD5: digest.HA1(digest.MD5, user, "carrier", password), HA1SHA256: digest.HA1(digest.SHA256, user, "carrier", password),
	}, ok
}

// TestWithARegistrar registers with our own registrar, by both algorithms and both networks, and takes it back.
func TestWithARegistrar(t *testing.T) {
	for _, algorithm := range []digest.Algorithm{digest.MD5, digest.SHA256} {
		for _, network := range []string{"udp", "tcp"} {
			t.Run(string(algorithm)+" "+network, func(t *testing.T) {
				reg, err := registrar.New(registrar.Config{
					Realm: "carrier", Algorithms: []digest.Algorithm{algorithm}, MinExpires: 20 * time.Minute, MaxExpires: time.Hour, Logger: slog.New(slog.DiscardHandler),
				}, people{"01066551234": "secret"}, nil)
				if err != nil {
					t.Fatal(err)
				}
				carrier := open(t, "127.0.60.1", reg.Register)
				us := open(t, "127.0.60.2", func(*transaction.Server) {})
				told := make(chan Status, 16)
				k := New(Config{
					Send: Over(us.tx), Changed: func(_ string, _ Target, s Status) { told <- s },
					Contact: func(to transport.Peer, user string) string {
						return "sip:" + user + "@" + us.layer.LocalFor(to).String() + ";transport=" + to.Network
					},
				})
				k.Replace([]Account{{
					ID: "a", Domain: "127.0.60.1", User: "01066551234", Password: "secret", Contact: "hotline-a", Expires: time.Minute,
					Targets: []Target{{network, carrier.layer.Addrs(network)[0]}},
				}})
				ctx, stop := context.WithCancel(context.Background())
				done := make(chan error, 1)
				go func() { done <- k.Run(ctx) }()
				s := next(t, told)
				if left := time.Until(s.Until); !s.Registered || left < 19*time.Minute {
					t.Errorf("got %+v, want registered for the registrar's least", s)
				}
				contacts := reg.Contacts("01066551234")
				if len(contacts) != 1 || contacts[0].URI.User != "hotline-a" || contacts[0].Peer.Network != network {
					t.Errorf("the registrar has %+v", contacts)
				}
				stop()
				if s := next(t, told); s.Registered {
					t.Errorf("at the end: %+v", s)
				}
				if err := <-done; err != nil {
					t.Error(err)
				}
				if n := len(reg.Contacts("01066551234")); n != 0 {
					t.Errorf("%d contacts are left", n)
				}
			})
		}
	}
}

func next(t *testing.T, told <-chan Status) Status {
	t.Helper()
	select {
	case s := <-told:
		return s
	case <-time.After(20 * time.Second):
		t.Fatal("nothing was told")
		return Status{}
	}
}
