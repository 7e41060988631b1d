package media

import (
	"net/netip"

	"hotline/media/rtp"
)

const (
	trustedProof = 2  // packets in a row from the address that the SDP named
	learnedProof = 3  // from another one
	foreignProof = 20 // from another host although the SDP's could be reached
	candidates   = 4
	second       = int64(1_000_000_000)
	quickSpan    = second * 3 / 100 // a burst is no proof
	foreignSpan  = second
	settleAfter  = 10 * second // how long the SDP's own address may still take over from a learned one
)

// latch decides from where a stream takes packets, and where it sends.
//
// The SDP's address counts at once. With Learn, another address is taken after three packets in order that agree in
// source, SSRC and payload type. One on another host, although the SDP's address is not a private one behind NAT,
// must be alone for a second. What was learned becomes final after a while, when the socket is connected and
// the kernel drops strangers; until then the SDP's own address takes precedence when it does speak.
type latch struct {
	named  netip.AddrPort // by the SDP; may be invalid
	remote netip.AddrPort // where to send; invalid: nowhere
	learn  bool

	locked, connected bool
	lockedAt          int64
	heardNamed        int64 // when the SDP's host last sent anything; 0: never
	tries             [candidates]candidate
	next              int
}

type candidate struct {
	from  netip.AddrPort
	ssrc  uint32
	seq   uint16
	count int
	since int64
}

// name takes the SDP's address. It reports whether that changed anything.
func (l *latch) name(remote netip.AddrPort, learn bool) bool {
	if !remote.IsValid() || remote.Addr().IsUnspecified() || remote.Port() == 0 {
		remote = netip.AddrPort{}
	}
	remote = netip.AddrPortFrom(remote.Addr().Unmap(), remote.Port())
	l.learn = learn
	if remote == l.named {
		return false
	}
	*l = latch{named: remote, remote: remote, learn: learn}
	return true
}

// forget begins to learn anew, while what was known is still sent to.
func (l *latch) forget() {
	*l = latch{named: l.named, remote: l.remote, learn: l.learn}
}

// admit decides on a packet. deliver: it belongs to the stream; moved: remote, locked or connected changed.
func (l *latch) admit(from netip.AddrPort, h *rtp.Header, now int64) (deliver, moved bool) {
	trusted := from == l.named || (!l.locked && from == l.remote)
	if l.locked {
		return l.held(from, h, now)
	}
	if l.named.IsValid() && from.Addr() == l.named.Addr() {
		l.heardNamed = now
	}
	if !trusted && !l.learn {
		return false, false
	}
	c := l.candidate(from, h, now)
	if !l.proven(c, trusted, now) {
		return trusted, false
	}
	l.locked, l.lockedAt, l.remote = true, now, from
	l.connected = trusted
	return true, true
}

// proved is admit for a packet that its key has shown to be the peer's: it belongs to the stream wherever it comes from, and two
// in a row from one address show where the peer is now. A stranger can neither be heard nor be sent to.
func (l *latch) proved(from netip.AddrPort, h *rtp.Header, now int64) (moved bool) {
	if l.locked && from == l.remote {
		if l.connected || now-l.lockedAt <= settleAfter {
			return false
		}
		l.connected = true
		return true
	}
	if from != l.named && !l.learn {
		return false
	}
	if c := l.candidate(from, h, now); c.count < trustedProof {
		return false
	}
	l.locked, l.lockedAt, l.remote, l.connected = true, now, from, from == l.named
	return true
}

// held is admit once an address is locked.
func (l *latch) held(from netip.AddrPort, h *rtp.Header, now int64) (deliver, moved bool) {
	if from == l.remote {
		if !l.connected && now-l.lockedAt > settleAfter {
			l.connected = true
			return true, true
		}
		return true, false
	}
	if l.connected || from != l.named {
		return false, false
	}
	if c := l.candidate(from, h, now); c.count < trustedProof {
		return false, false
	}
	l.remote, l.lockedAt, l.connected = from, now, true
	return true, true
}

func (l *latch) proven(c *candidate, trusted bool, now int64) bool {
	switch {
	case trusted:
		return c.count >= trustedProof
	case l.plausible(c.from.Addr()):
		return c.count >= learnedProof && now-c.since >= quickSpan
	default:
		return c.count >= foreignProof && now-c.since >= foreignSpan && now-max(l.heardNamed, c.since) >= foreignSpan
	}
}

// plausible: NAT or a second port explain why the peer sends from another address than it said.
func (l *latch) plausible(from netip.Addr) bool {
	named := l.named.Addr()
	return !named.IsValid() || named == from || named.IsPrivate() || named.IsLinkLocalUnicast() || carrierNAT.Contains(named)
}

var carrierNAT = netip.MustParsePrefix("100.64.0.0/10") // RFC 6598

// candidate finds or makes the entry of a source and counts the packet when it follows the one before.
func (l *latch) candidate(from netip.AddrPort, h *rtp.Header, now int64) *candidate {
	var c *candidate
	for i := range l.tries {
		if l.tries[i].count > 0 && l.tries[i].from == from {
			c = &l.tries[i]
		}
	}
	if c == nil {
		c = &l.tries[l.next]
		l.next = (l.next + 1) % candidates
		*c = candidate{from: from, ssrc: h.SSRC, seq: h.Sequence, count: 1, since: now}
		return c
	}
	step := h.Sequence - c.seq
	switch {
	case h.SSRC == c.ssrc && step == 0:
	case h.SSRC == c.ssrc && step <= 3:
		c.count, c.seq = c.count+1, h.Sequence
	default:
		*c = candidate{from: from, ssrc: h.SSRC, seq: h.Sequence, count: 1, since: now}
	}
	return c
}
