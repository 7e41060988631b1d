package resolve

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/net/dns/dnsmessage"

	"hotline/internal/testkit/dns"
)

// clock is a test's time.
type clock struct {
	mu sync.Mutex
	at time.Time
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *clock) pass(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}

func run(t *testing.T, c Config, servers ...*dns.Server) (*Resolver, *clock) {
	t.Helper()
	for _, d := range servers {
		c.Servers = append(c.Servers, d.Addr)
	}
	k := &clock{at: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)}
	c.Now = k.now
	if c.Hosts == "" {
		c.Hosts = filepath.Join(t.TempDir(), "none")
	}
	r := New(c)
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { defer close(done); _ = r.Run(ctx) }()
	t.Cleanup(func() { stop(); <-done })
	for begun := false; !begun; {
		r.mu.Lock()
		begun = r.spawn != nil
		r.mu.Unlock()
	}
	return r, k
}

// find waits for an answer. at once: it was there before Find returned.
func find(t *testing.T, r *Resolver, q Query) (servers []Server, atOnce bool, err error) {
	t.Helper()
	type answer struct {
		servers []Server
		err     error
	}
	got := make(chan answer, 1)
	r.Find(q, func(s []Server, err error) { got <- answer{s, err} })
	atOnce = len(got) > 0
	select {
	case a := <-got:
		return a.servers, atOnce, a.err
	case <-time.After(30 * time.Second):
		t.Fatalf("no answer for %+v", q)
		return nil, false, nil
	}
}

func text(all []Server) string {
	var words []string
	for _, s := range all {
		words = append(words, s.Network+":"+s.Addr.String())
	}
	return strings.Join(words, " ")
}

// carrier is a name with everything: three networks by NAPTR, each with its servers.
func carrier() dns.Zone {
	return dns.Zone{
		"carrier.test NAPTR": {
			dns.NAPTR(20, 10, "s", "SIP+D2U", "", "_sip._udp.carrier.test"),
			dns.NAPTR(10, 20, "s", "SIP+D2T", "", "_sip._tcp.carrier.test"),
			dns.NAPTR(10, 10, "S", "SIPS+D2T", "", "_sips._tcp.carrier.test"),
			dns.NAPTR(5, 1, "s", "SIP+D2W", "", "_sip._ws.carrier.test"),
			dns.NAPTR(6, 1, "u", "E2U+sip", "!^.*$!sip:x@y!", ""),
		},
		"_sips._tcp.carrier.test SRV": {dns.SRV(0, 1, 5061, "a.test")},
		"_sip._tcp.carrier.test SRV":  {dns.SRV(0, 1, 5060, "a.test")},
		"_sip._udp.carrier.test SRV":  {dns.SRV(20, 1, 5070, "b.test"), dns.SRV(10, 1, 5060, "a.test")},
		"a.test A":                    {dns.A("192.0.2.1"), dns.A("192.0.2.2")},
		"a.test AAAA":                 {dns.AAAA("2001:db8::1")},
		"b.test A":                    {dns.A("192.0.2.9")},
		"plain.test A":                {dns.A("192.0.2.3")},
		"srv.test A":                  {dns.A("192.0.2.66")},
		"_sip._tcp.srv.test SRV":      {dns.SRV(1, 0, 5080, "b.test")},
		"_sip._udp.srv.test SRV":      {dns.SRV(1, 0, 5090, "b.test")},
		"alias.test CNAME":            {dns.CNAME("plain.test")},
		"none.test A":                 {dns.A("192.0.2.4")},
		"_sip._udp.none.test SRV":     {dns.SRV(0, 0, 0, "")},
		"half.test A":                 {dns.A("192.0.2.5")},
		"_sip._udp.half.test SRV":     {dns.SRV(1, 0, 5060, "gone.test"), dns.SRV(2, 0, 5060, "b.test")},
	}
}

func TestRFC3263(t *testing.T) {
	d := dns.Start(t, carrier())
	r, _ := run(t, Config{}, d)
	for _, c := range []struct {
		q    Query
		want string
	}{
		{Query{Host: "192.0.2.7"}, "udp:192.0.2.7:5060"}, // 4.1, 4.2: addresses need no DNS
		{Query{Host: "192.0.2.7", Port: 5080, Network: "tcp"}, "tcp:192.0.2.7:5080"},
		{Query{Host: "[2001:db8::7]", Secure: true}, "tls:[2001:db8::7]:5061"},
		{Query{Host: "Carrier.TEST."}, "tls:192.0.2.1:5061 tls:192.0.2.2:5061 tcp:192.0.2.1:5060 tcp:192.0.2.2:5060 " +
			"udp:192.0.2.1:5060 udp:192.0.2.2:5060 udp:192.0.2.9:5070"}, // NAPTR says which
		{Query{Host: "carrier.test", Network: "udp"}, "udp:192.0.2.1:5060 udp:192.0.2.2:5060 udp:192.0.2.9:5070"}, // the URI says
		{Query{Host: "carrier.test", Secure: true}, "tls:192.0.2.1:5061 tls:192.0.2.2:5061"},
		{Query{Host: "carrier.test", Port: 5062}, ""}, // a port: no SRV, and the name has no address
		{Query{Host: "a.test", Port: 5062}, "udp:192.0.2.1:5062 udp:192.0.2.2:5062"},
		{Query{Host: "srv.test"}, "udp:192.0.2.9:5090 tcp:192.0.2.9:5080"}, // no NAPTR: SRV of each
		{Query{Host: "plain.test"}, "udp:192.0.2.3:5060"},                  // no SRV: the address
		{Query{Host: "plain.test", Secure: true}, "tls:192.0.2.3:5061"},
		{Query{Host: "plain.test", Network: "tcp"}, "tcp:192.0.2.3:5060"},
		{Query{Host: "alias.test"}, "udp:192.0.2.3:5060"},
		{Query{Host: "half.test"}, "udp:192.0.2.9:5060"}, // one of its servers has no address
		{Query{Host: "nowhere.test"}, ""},
		{Query{Host: "df7jal23ls0d.invalid"}, ""},
		{Query{Host: "no_such..name"}, ""},
		{Query{Host: "with space.test"}, ""},
	} {
		got, _, err := find(t, r, c.q)
		if text(got) != c.want || (c.want == "") != errors.Is(err, ErrNotFound) {
			t.Errorf("%+v: got %q, %v, want %q", c.q, text(got), err, c.want)
		}
		for _, s := range got {
			if _, err := netip.ParseAddr(strings.Trim(c.q.Host, "[]")); (err != nil) != (s.Name != "") {
				t.Errorf("%+v: certificate for %q", c.q, s.Name)
			}
		}
	}
	for at, want := range map[string]string{"192.0.2.1:5061": "carrier.test", "192.0.2.3:5061": "plain.test", "192.0.2.1:5060": "", "192.0.2.99:5061": ""} {
		if got := r.NameFor(netip.MustParseAddrPort(at)); got != want {
			t.Errorf("%s is %q, want %q", at, got, want)
		}
	}
	for key := range d.Count() {
		if strings.Contains(key, "invalid") || strings.Contains(key, "space") {
			t.Errorf("asked for %s", key)
		}
	}
}

func TestIPv6WhereWanted(t *testing.T) {
	r, _ := run(t, Config{IPv6: true}, dns.Start(t, carrier()))
	got, _, err := find(t, r, Query{Host: "a.test", Port: 5060})
	if want := "udp:192.0.2.1:5060 udp:192.0.2.2:5060 udp:[2001:db8::1]:5060"; text(got) != want || err != nil {
		t.Errorf("got %s, %v", text(got), err)
	}
}

func TestAnswersAreKeptForTheirTime(t *testing.T) {
	d := dns.Start(t, carrier())
	r, k := run(t, Config{}, d)
	q := Query{Host: "plain.test", Port: 5060}
	for _, step := range []struct {
		pass   time.Duration
		atOnce bool
		asked  int
	}{
		{0, false, 1}, {0, true, 1}, {59 * time.Second, true, 1},
		{2 * time.Second, true, 2}, // just over: used once more, and asked anew beside
		{61 * time.Second, true, 3},
		{5 * time.Minute, false, 4}, // long over: asked first
	} {
		k.pass(step.pass)
		got, atOnce, err := find(t, r, q)
		if err != nil || text(got) != "udp:192.0.2.3:5060" || atOnce != step.atOnce {
			t.Errorf("%+v: got %s at once %v, %v", step, text(got), atOnce, err)
		}
		quiet(t, r)
		if n := d.Count()["plain.test A"]; n != step.asked {
			t.Errorf("%+v: asked %d times", step, n)
		}
	}
}

// quiet waits until nothing is looked up.
func quiet(t *testing.T, r *Resolver) {
	t.Helper()
	until := time.After(30 * time.Second)
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for busy := true; busy; {
		r.mu.Lock()
		busy = len(r.asking) > 0
		r.mu.Unlock()
		select {
		case <-tick.C:
		case <-until:
			t.Fatal("a look-up does not end")
		}
	}
}

func TestTimesAreBounded(t *testing.T) {
	d := dns.Start(t, carrier())
	d.Set(func(d *dns.Server) { d.TTL = 0 })
	r, k := run(t, Config{}, d)
	q := Query{Host: "plain.test", Port: 5060}
	find(t, r, q)
	k.pass(4 * time.Second)
	if _, atOnce, _ := find(t, r, q); !atOnce || d.Count()["plain.test A"] != 1 {
		t.Error("TTL 0 is not kept at all")
	}
	d.Set(func(d *dns.Server) { d.TTL = 1 << 31 })
	k.pass(5 * time.Minute)
	find(t, r, q)
	k.pass(2 * time.Hour)
	find(t, r, q)
	if n := d.Count()["plain.test A"]; n != 3 {
		t.Errorf("a TTL of years is believed: asked %d times", n)
	}
}

func TestThatThereIsNoneIsKeptToo(t *testing.T) {
	d := dns.Start(t, carrier())
	r, k := run(t, Config{}, d)
	for range 3 {
		if _, _, err := find(t, r, Query{Host: "nowhere.test"}); !errors.Is(err, ErrNotFound) {
			t.Fatal(err)
		}
	}
	if n := d.Count()["nowhere.test A"]; n != 1 {
		t.Errorf("asked %d times", n)
	}
	k.pass(21 * time.Second) // the SOA says 20
	d.Set(func(d *dns.Server) { d.Zone["nowhere.test A"] = []dnsmessage.ResourceBody{dns.A("192.0.2.8")} })
	if got, _, err := find(t, r, Query{Host: "nowhere.test"}); text(got) != "udp:192.0.2.8:5060" {
		t.Errorf("got %s, %v", text(got), err)
	}
}

// TestDNSDead is F13: with DNS gone, the names known before go on, and no call waits for it.
func TestDNSDead(t *testing.T) {
	d := dns.Start(t, carrier())
	r, k := run(t, Config{Try: 20 * time.Millisecond, Deadline: 200 * time.Millisecond}, d)
	find(t, r, Query{Host: "carrier.test"})
	d.Set(func(d *dns.Server) { d.Dead = true })
	k.pass(10 * time.Minute)
	got, _, err := find(t, r, Query{Host: "carrier.test"})
	if err != nil || len(got) != 7 {
		t.Fatalf("got %s, %v", text(got), err)
	}
	for range 20 { // for hours
		quiet(t, r)
		k.pass(30 * time.Minute)
		if got, atOnce, err := find(t, r, Query{Host: "carrier.test"}); err != nil || len(got) != 7 || !atOnce {
			t.Fatalf("got %s at once %v, %v", text(got), atOnce, err)
		}
	}
	if _, _, err := find(t, r, Query{Host: "plain.test"}); !errors.Is(err, ErrDNS) {
		t.Errorf("never known: %v", err)
	}
	quiet(t, r)
	before := d.Count()["plain.test NAPTR"]
	if _, atOnce, err := find(t, r, Query{Host: "plain.test"}); !errors.Is(err, ErrDNS) || !atOnce || d.Count()["plain.test NAPTR"] != before {
		t.Errorf("asked again at once: %v", err)
	}
	d.Set(func(d *dns.Server) {
		d.Dead = false
		d.Zone["_sips._tcp.carrier.test SRV"] = []dnsmessage.ResourceBody{dns.SRV(0, 1, 5061, "b.test")}
	})
	k.pass(time.Minute)
	find(t, r, Query{Host: "carrier.test"})
	quiet(t, r)
	if got, _, _ := find(t, r, Query{Host: "carrier.test"}); got[0].Addr.String() != "192.0.2.9:5061" {
		t.Errorf("after it came back: %s", text(got))
	}
	d.Set(func(d *dns.Server) { d.Dead = true })
	k.pass(48 * time.Hour)
	if _, _, err := find(t, r, Query{Host: "carrier.test"}); !errors.Is(err, ErrDNS) {
		t.Errorf("after two days: %v", err)
	}
}

func TestNextDNSServer(t *testing.T) {
	dead, angry, good := dns.Start(t, carrier()), dns.Start(t, carrier()), dns.Start(t, carrier())
	dead.Set(func(d *dns.Server) { d.Dead = true })
	angry.Set(func(d *dns.Server) { d.RCode = dnsmessage.RCodeServerFailure })
	r, _ := run(t, Config{Try: 50 * time.Millisecond}, dead, angry, good)
	if got, _, err := find(t, r, Query{Host: "plain.test", Port: 5060}); text(got) != "udp:192.0.2.3:5060" {
		t.Errorf("got %s, %v", text(got), err)
	}
}

func TestRouterThatDropsNAPTR(t *testing.T) {
	d := dns.Start(t, carrier())
	d.Set(func(d *dns.Server) { d.Mute = typeNAPTR })
	r, _ := run(t, Config{Try: 30 * time.Millisecond}, d)
	if got, _, err := find(t, r, Query{Host: "carrier.test"}); err != nil || !strings.HasPrefix(text(got), "udp:192.0.2.1:5060 ") {
		t.Errorf("got %s, %v", text(got), err)
	}
	d.Set(func(d *dns.Server) { d.Mute = dnsmessage.TypeSRV })
	if got, _, err := find(t, r, Query{Host: "srv.test", Network: "udp"}); !errors.Is(err, ErrDNS) {
		t.Errorf("without SRV's answer the address may be another host's: %s, %v", text(got), err)
	}
}

func TestLongAnswersComeByTCP(t *testing.T) {
	z := carrier()
	for i := range 60 {
		z["many.test A"] = append(z["many.test A"], dns.A(fmt.Sprintf("192.0.2.%d", i+1)))
	}
	d := dns.Start(t, z)
	d.Set(func(d *dns.Server) { d.Long = true })
	r, _ := run(t, Config{}, d)
	if got, _, err := find(t, r, Query{Host: "many.test", Port: 5060}); len(got) != 60 {
		t.Errorf("got %d, %v", len(got), err)
	}
}

func TestForgedAnswersArePassedOver(t *testing.T) {
	d := dns.Start(t, carrier())
	d.Set(func(d *dns.Server) { d.Lie = true })
	r, _ := run(t, Config{}, d)
	if got, _, err := find(t, r, Query{Host: "plain.test", Port: 5060}); text(got) != "udp:192.0.2.3:5060" {
		t.Errorf("got %s, %v", text(got), err)
	}
}

func TestOneLookUpForAll(t *testing.T) {
	d := dns.Start(t, carrier())
	d.Set(func(d *dns.Server) { d.Dead = true })
	r, _ := run(t, Config{Try: 100 * time.Millisecond, Most: 2}, d)
	var wg sync.WaitGroup
	for range 100 {
		wg.Add(1)
		r.Find(Query{Host: "plain.test", Port: 5060}, func([]Server, error) { wg.Done() })
	}
	r.Find(Query{Host: "b.test", Port: 5060}, func([]Server, error) {})
	busy := make(chan error, 1)
	r.Find(Query{Host: "a.test", Port: 5060}, func(_ []Server, err error) { busy <- err })
	if err := <-busy; !errors.Is(err, ErrBusy) {
		t.Errorf("a third look-up: %v", err)
	}
	wg.Wait()
	if n := d.Count()["plain.test A"]; n != rounds {
		t.Errorf("asked %d times", n)
	}
}

func TestEntriesAreBounded(t *testing.T) {
	d := dns.Start(t, dns.Zone{})
	r, k := run(t, Config{Entries: 8}, d)
	for i := range 30 {
		find(t, r, Query{Host: fmt.Sprintf("n%d.test", i), Port: 5060})
		k.pass(time.Second)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.entries) > 8 {
		t.Errorf("%d entries", len(r.entries))
	}
}

func TestNotBegunOrOver(t *testing.T) {
	r := New(Config{})
	var err error
	r.Find(Query{Host: "plain.test"}, func(_ []Server, e error) { err = e })
	if !errors.Is(err, ErrStopped) {
		t.Errorf("got %v", err)
	}
}

func TestOrder(t *testing.T) {
	addr := func(n int) netip.AddrPort { return netip.MustParseAddrPort(fmt.Sprintf("192.0.2.%d:5060", n)) }
	all := []candidate{
		{Server: Server{Addr: addr(1)}, srv: 1, prio: 10, weight: 60}, {Server: Server{Addr: addr(2)}, srv: 1, prio: 10, weight: 60},
		{Server: Server{Addr: addr(3)}, srv: 2, prio: 10, weight: 20}, {Server: Server{Addr: addr(4)}, srv: 3, prio: 10, weight: 20},
		{Server: Server{Addr: addr(5)}, srv: 4, prio: 5, weight: 0}, {Server: Server{Addr: addr(6)}, rank: 1, srv: 5, prio: 0, weight: 0},
	}
	first := map[string]int{}
	for i := range 1000 {
		calls := 0
		got := ordered(all, func(n int) int {
			if calls++; calls == 2 { // the draw among the three of priority 10
				return i * n / 1000
			}
			return 0
		})
		if got[0].Addr != addr(5) || got[5].Addr != addr(6) || len(got) != 6 {
			t.Fatalf("got %s", text(got))
		}
		if one := slices.IndexFunc(got, func(s Server) bool { return s.Addr == addr(1) }); got[one+1].Addr != addr(2) {
			t.Fatalf("the addresses of one host are torn apart: %s", text(got))
		}
		first[got[1].Addr.String()]++
		for _, s := range got {
			want := map[netip.AddrPort]Server{
				addr(1): {Order: 1, Weight: 3000}, addr(2): {Order: 1, Weight: 3000}, addr(3): {Order: 1, Weight: 2000}, addr(4): {Order: 1, Weight: 2000},
				addr(5): {Order: 0, Weight: 1}, addr(6): {Order: 2, Weight: 1},
			}[s.Addr]
			if s.Order != want.Order || s.Weight != want.Weight {
				t.Fatalf("%s: order %d, weight %d", s.Addr, s.Order, s.Weight)
			}
		}
	}
	if n := first[addr(1).String()]; n < 580 || n > 620 {
		t.Errorf("weight 60 of 100 came first %d times of 1000", n)
	}
	zero := []candidate{{Server: Server{Addr: addr(1)}, srv: 1}, {Server: Server{Addr: addr(2)}, srv: 2, weight: 1}}
	if got := ordered(zero, func(int) int { return 0 }); got[0].Addr != addr(1) {
		t.Error("weight 0 has no chance at all")
	}
}

func TestFiles(t *testing.T) {
	dir := t.TempDir()
	hosts, conf := filepath.Join(dir, "hosts"), filepath.Join(dir, "resolv.conf")
	for name, text := range map[string]string{
		hosts: "# nothing\n127.0.0.1 localhost\n192.0.2.5\tsbc.test  SBC # the carrier\n192.0.2.6 sbc.test\n2001:db8::5 sbc.test\nnonsense sbc.test\n",
		conf:  "# by hand\nsearch test\nnameserver 192.0.2.1\nnameserver nonsense\nnameserver 2001:db8::1\nnameserver 192.0.2.2\nnameserver 192.0.2.3\n",
	} {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if got := fmt.Sprint(fromResolvConf(conf)); got != "[192.0.2.1:53 [2001:db8::1]:53 192.0.2.2:53]" {
		t.Errorf("got %s", got)
	}
	if got := fmt.Sprint(fromResolvConf(filepath.Join(dir, "none"))); got != "[127.0.0.1:53]" {
		t.Errorf("without a file: %s", got)
	}
	d := dns.Start(t, dns.Zone{})
	r, _ := run(t, Config{Hosts: hosts}, d)
	if got, _, err := find(t, r, Query{Host: "SBC.test"}); text(got) != "udp:192.0.2.5:5060 udp:192.0.2.6:5060" {
		t.Errorf("got %s, %v", text(got), err)
	}
	if n := d.Count()["sbc.test A"]; n != 0 {
		t.Error("DNS was asked for what the file says")
	}
}

// TestNeverWaits holds Find to its word with a server that swallows everything.
func TestNeverWaits(t *testing.T) {
	hole, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	defer hole.Close()
	r, _ := run(t, Config{Servers: []netip.AddrPort{hole.LocalAddr().(*net.UDPAddr).AddrPort()}, Deadline: 300 * time.Millisecond})
	answered := make(chan error, 1)
	r.Find(Query{Host: "plain.test"}, func(_ []Server, err error) { answered <- err })
	if len(answered) > 0 {
		t.Error("answered what cannot be known")
	}
	if err := <-answered; !errors.Is(err, ErrDNS) {
		t.Errorf("got %v", err)
	}
}

func FuzzReadAnswer(f *testing.F) {
	kinds := []dnsmessage.Type{dnsmessage.TypeA, dnsmessage.TypeAAAA, dnsmessage.TypeSRV, typeNAPTR}
	for _, body := range [][]dnsmessage.ResourceBody{{dns.A("192.0.2.1")}, {dns.SRV(1, 2, 3, "a.test")}, {dns.NAPTR(1, 2, "s", "SIP+D2U", "", "_sip._udp.a.test")}, nil} {
		d := dns.Server{Zone: dns.Zone{"x.test A": body, "x.test SRV": body, "x.test NAPTR": body}}
		for _, t := range kinds {
			if q, err := question(7, "x.test", t); err == nil {
				for _, raw := range d.Answers(q, true) {
					f.Add(raw)
				}
			}
		}
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		for _, kind := range kinds {
			got, err := readAnswer(raw, 7, "x.test", kind)
			if err == nil && len(got.records) > mostRecords {
				t.Errorf("%d records", len(got.records))
			}
		}
	})
}
