// Package impair is a bad network for tests: it loses, delays, reorders and doubles packets the way a Profile says, and the
// same way again for the same seed. A Path decides the fate of packets in any clock, so that ten minutes of a call can be tested
// in a second; a Relay does it to real UDP. It is no part of a running switch and knows nothing of RTP.
package impair

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"time"
)

// Profile says how bad a network is, each way. Shares are 0..1; the zero Profile is a perfect network.
type Profile struct {
	Seed      uint64
	Loss      float64       // share of packets lost on average
	Burst     float64       // mean length of a loss burst in packets; 1 or less: every packet is lost on its own
	InBurst   float64       // share of packets lost while a burst lasts; 0: all of them
	Delay     time.Duration // one way, of every packet
	Jitter    time.Duration // uniform, up to so much more or less than Delay, never less than nothing
	InOrder   bool          // jitter makes no packet overtake another
	Reorder   float64       // share of packets held back by HeldBack, so that later ones overtake them
	HeldBack  time.Duration // 0: 30 ms
	Duplicate float64       // share of packets that come twice
}

// String is the profile in one line, for the log of a test that failed.
func (p Profile) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "seed %d: loss %.1f %%", p.Seed, 100*p.Loss)
	if p.Burst > 1 {
		fmt.Fprintf(&b, " in bursts of %.1f", p.Burst)
	}
	fmt.Fprintf(&b, ", delay %v ± %v", p.Delay, p.Jitter)
	if p.InOrder {
		b.WriteString(" in order")
	}
	fmt.Fprintf(&b, ", %.1f %% reordered, %.1f %% doubled", 100*p.Reorder, 100*p.Duplicate)
	return b.String()
}

const (
	usualHold  = 30 * time.Millisecond
	doubleLate = 5 * time.Millisecond // a double comes up to so much after the first
)

// Path is one direction through the network. For one goroutine.
type Path struct {
	Sent, Lost, Doubled int // packets so far

	profile     Profile
	rnd         *rand.Rand
	bad         bool
	enter, exit float64       // the Gilbert-Elliott chain
	newest      time.Duration // latest arrival so far, for InOrder
}

// NewPath returns a direction of the network. Directions with different numbers behave alike and independently.
func NewPath(p Profile, number uint64) *Path {
	if p.HeldBack == 0 {
		p.HeldBack = usualHold
	}
	if p.InBurst == 0 {
		p.InBurst = 1
	}
	path := &Path{profile: p, rnd: rand.New(rand.NewPCG(p.Seed, number))}
	if p.Burst > 1 && p.Loss > 0 {
		// Bursts end with 1/Burst; the share of time spent in them times what they lose is the loss.
		share := min(0.99, p.Loss/p.InBurst)
		path.exit = 1 / p.Burst
		path.enter = min(1, path.exit*share/(1-share))
	}
	return path
}

// Fate is when a packet sent at a time arrives: never, once or twice.
func (p *Path) Fate(sent time.Duration) (arrivals []time.Duration) {
	p.Sent++
	if p.loses() {
		p.Lost++
		return nil
	}
	at := p.arrival(sent)
	arrivals = append(arrivals, at)
	if p.rnd.Float64() < p.profile.Duplicate {
		p.Doubled++
		arrivals = append(arrivals, at+time.Duration(p.rnd.Int64N(int64(doubleLate))))
	}
	return arrivals
}

func (p *Path) loses() bool {
	if p.exit == 0 {
		return p.rnd.Float64() < p.profile.Loss
	}
	if p.bad {
		p.bad = p.rnd.Float64() >= p.exit
	} else {
		p.bad = p.rnd.Float64() < p.enter
	}
	return p.bad && p.rnd.Float64() < p.profile.InBurst
}

func (p *Path) arrival(sent time.Duration) time.Duration {
	at := sent + p.profile.Delay
	if j := int64(p.profile.Jitter); j > 0 {
		at += time.Duration(p.rnd.Int64N(2*j+1) - j)
	}
	at = max(at, sent)
	if p.profile.InOrder {
		at = max(at, p.newest)
	}
	if p.rnd.Float64() < p.profile.Reorder {
		return at + p.profile.HeldBack
	}
	p.newest = max(p.newest, at)
	return at
}
