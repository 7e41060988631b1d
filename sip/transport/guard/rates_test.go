package guard

import (
	"encoding/binary"
	"net/netip"
	"testing"
	"time"
)

func TestGuard(t *testing.T) {
	trusted := netip.MustParsePrefix("10.0.0.0/8")
	g := newRates(Config{Rate: 10, Burst: 5, Total: 100, Sources: 1024, Trusted: []netip.Prefix{trusted}})
	a, b := netip.MustParseAddr("192.0.2.1"), netip.MustParseAddr("192.0.2.2")
	count := func(from netip.Addr, now time.Duration) (n int) {
		for range 20 {
			if v, _ := g.allow(from, now); v == admitted {
				n++
			}
		}
		return n
	}
	for _, row := range []struct {
		name string
		from netip.Addr
		now  time.Duration
		want int
	}{
		{"burst", a, 0, 5},
		{"other source", b, 0, 5},
		{"mapped address is the same source", netip.MustParseAddr("::ffff:192.0.2.2"), 0, 0},
		{"a second's worth at 10/s, capped by the burst", a, time.Second, 5},
		{"half", a, 1300 * time.Millisecond, 3},
		{"trusted", netip.MustParseAddr("10.1.2.3"), 0, 20},
		{"IPv6 host", netip.MustParseAddr("2001:db8::1"), 2 * time.Second, 5},
		{"its neighbour in the /64", netip.MustParseAddr("2001:db8::2"), 2 * time.Second, 0},
		{"another zone is the same link", netip.MustParseAddr("fe80::1%eth0"), 3 * time.Second, 5},
		{"of the same link", netip.MustParseAddr("fe80::1%eth1"), 3 * time.Second, 0},
	} {
		if got := count(row.from, row.now); got != row.want {
			t.Errorf("%s: got %d, want %d", row.name, got, row.want)
		}
	}
}

// Over the total, strangers are dropped and vouched sources are heard.
func TestGuardTotal(t *testing.T) {
	g := newRates(Config{Rate: 10, Burst: 5, Total: 50, Sources: 1 << 16})
	phone := netip.MustParseAddr("192.0.2.1")
	g.vouch(phone, time.Hour, 0)
	passed := 0
	for i := range 1000 {
		if v, known := g.allow(netip.AddrFrom4([4]byte{10, 1, byte(i >> 8), byte(i)}), time.Second); v == admitted && !known {
			passed++
		}
	}
	if passed > 50 {
		t.Errorf("%d strangers passed, want 50 at most", passed)
	}
	if got, known := g.allow(phone, time.Second); got != admitted || !known {
		t.Errorf("vouched source: got %d", got)
	}
	if got, _ := g.allow(netip.MustParseAddr("192.0.2.3"), time.Second); got != overTotal {
		t.Errorf("stranger: got %d, want overTotal", got)
	}
	if got, known := g.allow(phone, 2*time.Hour); got != admitted || known { // its word has run out, the total has recovered
		t.Errorf("once vouched, after the flood: got %d", got)
	}
}

// A full set forgets a stranger before a source that was vouched for, and the one silent longest before the others.
func TestGuardForgetsStrangersFirst(t *testing.T) {
	var set [ways]bucket
	key := func(n byte) (k [16]byte) { k[0] = n; return k }
	for n := range byte(ways) {
		touch(&set, key(n+1), time.Duration(n+1)*time.Second, 5).vouched = 0
	}
	touch(&set, key(1), 10*time.Second, 5).vouched = time.Hour // the oldest
	touch(&set, key(99), 11*time.Second, 5)
	held := map[byte]bool{}
	for _, b := range set {
		held[b.key[0]] = true
	}
	if !held[1] || held[2] || !held[99] {
		t.Errorf("got the sources %v, want 2, silent longest and vouched for by nobody, gone", held)
	}
}

// FuzzGuard: whatever the sources and the times between their messages, no stranger gets more than its burst and its rate allow, and
// all strangers together not more than the total.
func FuzzGuard(f *testing.F) {
	f.Add([]byte{1, 0, 0, 1, 0, 0, 2, 200, 1})
	f.Add(make([]byte, 900))
	f.Fuzz(func(t *testing.T, script []byte) {
		const rate, burst, total = 20, 8, 60
		g := newRates(Config{Rate: rate, Burst: burst, Total: total, Sources: 256})
		passed := map[netip.Addr]float64{}
		all, now := 0.0, time.Duration(0)
		for ; len(script) >= 3; script = script[3:] {
			now += time.Duration(binary.LittleEndian.Uint16(script[1:])) * 10 * time.Microsecond
			from := netip.AddrFrom4([4]byte{192, 0, 2, script[0] % 16}) // few enough never to be forgotten
			if v, _ := g.allow(from, now); v == admitted {
				passed[from]++
				all++
			}
			if most := burst + now.Seconds()*rate + 0.01; passed[from] > most {
				t.Fatalf("%s passed %v messages in %s, want %v at most", from, passed[from], now, most)
			}
			if most := total + now.Seconds()*total + 0.01; all > most {
				t.Fatalf("%v messages passed in %s, want %v at most", all, now, most)
			}
		}
	})
}
