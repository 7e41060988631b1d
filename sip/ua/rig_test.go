package ua

import (
	"context"
	"log/slog"
	"net/netip"
	"reflect"
	"sync"
	"testing"
	"time"

	"github.com/emiago/sipgo/sip"

	"hotline/call"
	"hotline/internal/testkit"
	"hotline/media"
	"hotline/sip/digest"
	"hotline/sip/registrar"
	"hotline/sip/session"
	"hotline/sip/transaction"
	"hotline/sip/transport"
	"hotline/sip/transport/guard"
	"hotline/sip/trunk"
)

// patience is how long a test waits for something that must happen.
const patience = 20 * time.Second

// t1 makes the time-outs of SIP quick: 64 of it, 16 s, is when a silent peer is given up. A busy machine may stand still for a second or two.
const t1 = 250 * time.Millisecond

// Addresses of the tests: the node, its carrier, phones.
var (
	nodeAddr    = netip.MustParseAddr("127.0.40.1")
	carrierAddr = netip.MustParseAddr("127.0.40.2")
	secondAddr  = netip.MustParseAddr("127.0.40.3")
	phoneAddr   = netip.MustParseAddr("127.0.40.4")
	otherAddr   = netip.MustParseAddr("127.0.40.5")
)

// rig is a node's SIP side with everything real but the rules.
type rig struct {
	t        *testing.T
	ua       *UA
	at       netip.AddrPort
	tx       *transaction.Layer
	engine   *media.Engine
	trunks   *trunk.Set
	reg      *registrar.Registrar
	arrivals chan Arrival

	stopMedia func() // ends the media engine alone
}

// accounts answers for every user of a map from user to password.
type accounts map[string]string

const realm = "test"

func (a accounts) Account(user string) (registrar.Account, bool) {
	password, ok := a[user]
	return registrar.Account{User: user, HA1MD5: digest.HA1(digest.MD5, user, realm, password)}, ok
}

var everyone = accounts{"1001": "pw1001", "1002": "pw1002", "1003": "pw1003"}

// newRig runs a node with the given trunks until the test ends; silence is what a leg may be silent, 0 for ever.
func newRig(t *testing.T, silence time.Duration, trunks ...trunk.Trunk) *rig {
	t.Helper()
	return newPacedRig(t, t1, silence, trunks...)
}

// newPacedRig is newRig with another T1.
func newPacedRig(t *testing.T, t1, silence time.Duration, trunks ...trunk.Trunk) *rig {
	t.Helper()
	return newShardedRig(t, 1, t1, silence, trunks...)
}

// newShardedRig is newPacedRig with several media shards.
func newShardedRig(t *testing.T, shards int, t1, silence time.Duration, trunks ...trunk.Trunk) *rig {
	t.Helper()
	return newKeyedRig(t, SRTP{}, shards, t1, silence, trunks...)
}

// newKeyedRig is newShardedRig with a policy for keys: its lanes read it as soon as they run.
func newKeyedRig(t *testing.T, keys SRTP, shards int, t1, silence time.Duration, trunks ...trunk.Trunk) *rig {
	t.Helper()
	r := &rig{t: t, arrivals: make(chan Arrival, 64)}
	log := slog.New(slog.DiscardHandler)
	if silence == 0 {
		silence = time.Hour
	}
	ctx, stop := context.WithCancel(context.Background())
	var wait sync.WaitGroup
	t.Cleanup(func() {
		stop()
		wait.Wait()
	})
	layer := must(transport.Open(transport.Config{
		UDP: []netip.AddrPort{netip.AddrPortFrom(nodeAddr, 0)}, Guard: guard.Config{Trusted: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}}, Logger: log,
		Failed: func(to transport.Peer, raw []byte, err error) { r.tx.Failed(to, raw, err) },
	}))(t)
	r.at = layer.Addrs("udp")[0]
	r.engine = must(media.New(media.Config{Addr: nodeAddr, PortMin: 20000, PortMax: 20999, Shards: shards, SilenceAfter: silence, Logger: log}))(t)
	r.trunks = must(trunk.NewSet(trunks, nil))(t)
	r.reg = must(registrar.New(registrar.Config{Realm: realm, Algorithms: []digest.Algorithm{digest.MD5}, Failures: 3, Logger: log}, everyone, nil))(t)
	sessions := session.New(session.Config{
		T1: t1, Logger: log, Contact: func(transport.Peer) string { return "sip:" + r.at.String() },
		Invite: func(s *session.Session) { r.ua.Invite(s) },
		Also:   []string{"REGISTER", "MESSAGE"},
		Other: func(s *transaction.Server) {
			if s.Request.Method == sip.MESSAGE {
				r.ua.Message(s)
				return
			}
			r.reg.Register(s)
		},
	}, nil)
	r.tx = transaction.New(transaction.Config{T1: t1, Allow: sessions.Methods(), Local: layer.LocalFor, Logger: log}, layer.Send, sessions)
	sessions.Bind(r.tx)
	r.ua = New(Config{
		Engine: r.engine, Tx: r.tx, Registrar: r.reg, Trunks: r.trunks, Local: layer.LocalFor, Silence: silence, Logger: log,
		Known:  func(user string) bool { _, ok := everyone[user]; return ok },
		Arrive: func(a Arrival) { r.arrivals <- a },
		SRTP:   keys,
	})
	r.ua.Bind(sessions)
	sound, stopMedia := context.WithCancel(ctx)
	ended := make(chan struct{})
	wait.Go(func() { defer close(ended); _ = r.engine.Run(sound) })
	wait.Go(func() { _ = r.tx.Run(ctx) })
	wait.Go(func() { _ = layer.Run(ctx, r.tx.Receive) })
	r.stopMedia = func() { stopMedia(); <-ended }
	return r
}

func must[T any](v T, err error) func(*testing.T) T {
	return func(t *testing.T) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

// witness hears a leg's events.
type witness struct {
	mu      sync.Mutex
	events  []call.Event
	changed chan struct{}
}

func newWitness() *witness { return &witness{changed: make(chan struct{})} }

func (w *witness) hear(ev call.Event) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.events = append(w.events, ev)
	close(w.changed)
	w.changed = make(chan struct{})
}

// all is what was heard so far.
func (w *witness) all() []call.Event {
	w.mu.Lock()
	defer w.mu.Unlock()
	return append([]call.Event(nil), w.events...)
}

// await waits for the first event of E that fits.
func await[E call.Event](t *testing.T, w *witness, fits func(E) bool) E {
	t.Helper()
	limit := time.After(patience)
	for {
		w.mu.Lock()
		changed := w.changed
		for _, ev := range w.events {
			if e, ok := ev.(E); ok && (fits == nil || fits(e)) {
				w.mu.Unlock()
				return e
			}
		}
		w.mu.Unlock()
		select {
		case <-changed:
		case <-limit:
			var zero E
			t.Fatalf("%s never came; heard %v", reflect.TypeOf(zero), names(w.all()))
			return zero
		}
	}
}

func names(events []call.Event) []string {
	var all []string
	for _, ev := range events {
		all = append(all, call.Describe(ev))
	}
	return all
}

// has counts the events of E.
func has[E call.Event](w *witness) int {
	n := 0
	for _, ev := range w.all() {
		if _, ok := ev.(E); ok {
			n++
		}
	}
	return n
}

// arrival takes the next incoming leg and gives it a witness.
func (r *rig) arrival() (Arrival, *witness) {
	r.t.Helper()
	select {
	case a := <-r.arrivals:
		w := newWitness()
		a.Leg.Hear(call.CallerLeg, w.hear)
		return a, w
	case <-time.After(patience):
		r.t.Fatal("no call arrived")
		return Arrival{}, nil
	}
}

// idle waits until no port and no trunk place is taken.
func (r *rig) idle() {
	r.t.Helper()
	eventually(r.t, "ports and trunk places to be given back", func() bool {
		for _, s := range r.trunks.Snapshot() {
			if s.Calls != 0 {
				return false
			}
		}
		return r.engine.Load().Streams == 0
	})
}

func eventually(t *testing.T, what string, true func() bool) {
	t.Helper()
	limit := time.After(patience)
	tick := time.NewTicker(2 * time.Millisecond)
	defer tick.Stop()
	for !true() {
		select {
		case <-tick.C:
		case <-limit:
			t.Fatalf("waited in vain for %s", what)
		}
	}
}

// phone opens a testkit phone that runs until the test ends.
func (r *rig) phone(c testkit.Config) *testkit.Phone {
	r.t.Helper()
	c.Server = r.at
	if !c.Bind.IsValid() {
		c.Bind = netip.AddrPortFrom(phoneAddr, 0)
	}
	p := must(testkit.Open(c))(r.t)
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { defer close(done); _ = p.Run(ctx) }()
	r.t.Cleanup(func() { stop(); <-done })
	return p
}

// registered is a phone that is registered.
func (r *rig) registered(user string, from netip.Addr, ring func(*testkit.Talk)) *testkit.Phone {
	r.t.Helper()
	p := r.phone(testkit.Config{Bind: netip.AddrPortFrom(from, 0), User: user, Password: everyone[user], Ring: ring})
	ctx, stop := context.WithTimeout(context.Background(), patience)
	defer stop()
	if err := p.Register(ctx, time.Hour); err != nil {
		r.t.Fatal(err)
	}
	return p
}

// until waits for a moment of a talk.
func until(t *testing.T, talk *testkit.Talk, what string) {
	t.Helper()
	ctx, stop := context.WithTimeout(context.Background(), patience)
	defer stop()
	if _, ok := talk.Wait(ctx, what); !ok {
		t.Fatalf("%q never happened: %v", what, talk.Moments())
	}
}

// bare is a SIP peer without sound, whose session descriptions are the test's.
type bare struct {
	t        *testing.T
	at       netip.AddrPort
	sessions *session.Sessions
	tx       *transaction.Layer
	node     transport.Peer

	mu      sync.Mutex
	seen    []transaction.Observation
	invites []*session.Session
}

// bare opens one at an address; invited is told of each INVITE (nil: it stays silent).
func (r *rig) bare(at netip.Addr, invited func(*session.Session)) *bare {
	r.t.Helper()
	return r.bareTaking(at, invited, nil)
}

// bareTaking opens one that also takes other requests.
func (r *rig) bareTaking(at netip.Addr, invited func(*session.Session), other func(*transaction.Server)) *bare {
	r.t.Helper()
	b := &bare{t: r.t, node: transport.Peer{Network: "udp", Addr: r.at}}
	log := slog.New(slog.DiscardHandler)
	layer := must(transport.Open(transport.Config{
		UDP: []netip.AddrPort{netip.AddrPortFrom(at, 0)}, Guard: guard.Config{Trusted: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}}, Logger: log,
		Failed: func(to transport.Peer, raw []byte, err error) { b.tx.Failed(to, raw, err) },
	}))(r.t)
	b.at = layer.Addrs("udp")[0]
	b.sessions = session.New(session.Config{
		T1: t1, Logger: log, Contact: func(transport.Peer) string { return "sip:" + b.at.String() },
		Invite: func(s *session.Session) {
			b.mu.Lock()
			b.invites = append(b.invites, s)
			b.mu.Unlock()
			if invited != nil {
				invited(s)
			}
		},
		Other: other, Also: []string{"MESSAGE"},
	}, nil)
	b.tx = transaction.New(transaction.Config{T1: t1, Allow: b.sessions.Methods(), Logger: log, Local: layer.LocalFor, Observe: func(o transaction.Observation) {
		b.mu.Lock()
		defer b.mu.Unlock()
		b.seen = append(b.seen, o)
	}}, layer.Send, b.sessions)
	b.sessions.Bind(b.tx)
	ctx, stop := context.WithCancel(context.Background())
	var wait sync.WaitGroup
	wait.Go(func() { _ = b.tx.Run(ctx) })
	wait.Go(func() { _ = layer.Run(ctx, b.tx.Receive) })
	r.t.Cleanup(func() { stop(); wait.Wait() })
	return b
}

// heard is every dialog event of one call of a bare peer, in order.
type heard chan session.Event

// dial calls the node with a session description of the test's own; nil: a late offer.
func (b *bare) dial(number, from string, body []byte, headers ...sip.Header) (*session.Session, heard) {
	got := make(heard, 64)
	s := b.sessions.Dial(session.Dialling{
		To: sip.Uri{Scheme: "sip", User: number, Host: b.node.Addr.Addr().String(), Port: int(b.node.Addr.Port())}, Peer: b.node, SDP: body, Headers: headers,
		FromHeader: sip.FromHeader{Address: sip.Uri{Scheme: "sip", User: from, Host: b.at.Addr().String()}, Params: sip.NewParams()},
	}, func(ev session.Event) { got <- ev })
	return s, got
}

// next waits for an event of D among what a bare peer hears.
func next[D session.Event](t *testing.T, got heard) D {
	t.Helper()
	limit := time.After(patience)
	var before []string
	for {
		select {
		case ev := <-got:
			if d, ok := ev.(D); ok {
				return d
			}
			before = append(before, reflect.TypeOf(ev).Name())
		case <-limit:
			var zero D
			t.Fatalf("%T never came, only %v", zero, before)
			return zero
		}
	}
}

// received is the last message of the node that begins with a text; "" for none.
func (b *bare) received(start string) string {
	b.mu.Lock()
	defer b.mu.Unlock()
	for i := len(b.seen) - 1; i >= 0; i-- {
		if raw := string(b.seen[i].Raw); !b.seen[i].Out && len(raw) >= len(start) && raw[:len(start)] == start {
			return raw
		}
	}
	return ""
}

// invitesSeen is how many INVITEs came.
func (b *bare) invitesSeen() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return len(b.invites)
}
