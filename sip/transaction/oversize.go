package transaction

import (
	"errors"
	"net/netip"
	"sync"
	"time"

	"github.com/emiago/sipgo/sip"

	"hotline/sip/transport"
)

// oversize is the size above which a request for UDP goes by TCP (RFC 3261 18.1.1): it may otherwise arrive in fragments, which many
// routers and phones drop.
const oversize = 1300

// udpOnly remembers where TCP was refused, so that not each large request tries again.
type udpOnly struct {
	mu sync.Mutex
	at map[netip.AddrPort]time.Time
}

const (
	udpOnlyFor  = 10 * time.Minute
	udpOnlyMost = 1024
)

func (u *udpOnly) has(a netip.AddrPort, now time.Time) bool {
	u.mu.Lock()
	defer u.mu.Unlock()
	since, ok := u.at[a]
	if ok && now.Sub(since) >= udpOnlyFor {
		delete(u.at, a)
		return false
	}
	return ok
}

func (u *udpOnly) add(a netip.AddrPort, now time.Time) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.at == nil || len(u.at) >= udpOnlyMost {
		u.at = map[netip.AddrPort]time.Time{} // to try again costs a moment, no more
	}
	u.at[a] = now
}

// enlarge moves a request that is too large for UDP to TCP. Where the peer came to us by UDP (a registered phone, a dialog under way:
// its Local says so) it stays there, because that flow is the only way known to work.
func (t *clientTx) enlarge() {
	if len(t.raw) <= oversize || t.to.Network != "udp" || t.to.Local.IsValid() {
		return
	}
	l := t.lane.l
	tcp := transport.Peer{Network: "tcp", Addr: t.to.Addr}
	if l.c.Local(tcp).Port() == 0 || l.udpOnly.has(t.to.Addr, t.lane.now) { // without a listener the peer could not call back
		return
	}
	t.small = t.to
	t.readdress(tcp)
}

// readdress sends the same request another way: only its Via changes.
func (t *clientTx) readdress(to transport.Peer) {
	t.to = to
	t.lane.l.setVia(t.req, to, t.branch)
	t.raw = t.lane.serialise(t.req)
}

// shrink goes back to UDP when no TCP connection could be had (RFC 3261 18.1.1); false: that is not what failed.
func (t *clientTx) shrink(err error) bool {
	if t.small.Network == "" || t.req == nil || !errors.Is(err, transport.ErrConnect) {
		return false
	}
	to := t.small
	t.small = transport.Peer{}
	t.lane.l.udpOnly.add(to.Addr, t.lane.now)
	t.readdress(to)
	if t.method != sip.INVITE {
		t.req = nil
	}
	t.interval = t.lane.l.t.t1
	t.after(&t.resend, timerRetransmit, t.interval)
	t.after(&t.limit, timerGiveUp, t.lane.l.t.giveUp)
	return t.transmit() == nil
}
