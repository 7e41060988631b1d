package transport

import (
	"net/netip"
	"testing"
	"time"
)

// A route is asked for once in ten seconds and peer; a flood of peers does not fill the memory.
func TestRoutesAreRemembered(t *testing.T) {
	var r routes
	peer, ours, now := netip.MustParseAddr("127.0.0.77"), netip.MustParseAddr("127.0.0.1"), time.Now()
	if got := r.to(peer, now); got != ours {
		t.Fatalf("got %s, want %s", got, ours)
	}
	other := netip.MustParseAddr("192.0.2.1")
	r.of[peer] = route{other, r.of[peer].until}
	if got := r.to(peer, now.Add(routesFor-time.Millisecond)); got != other {
		t.Errorf("asked the kernel again: %s", got)
	}
	if got := r.to(peer, now.Add(routesFor)); got != ours {
		t.Errorf("an old route is still used: %s", got)
	}
	for i := range 2 * routesMost {
		r.to(netip.AddrFrom4([4]byte{127, 1, byte(i >> 8), byte(i)}), now)
	}
	if len(r.of) > routesMost {
		t.Errorf("%d routes are kept, at most %d are to be", len(r.of), routesMost)
	}
}
