package agentphone

import (
	"sync"
	"time"
)

// pace bounds how often each address may call: a bucket that fills at the rate of Button, and holds a minute's worth.
type pace struct {
	mu      sync.Mutex
	buckets map[string]bucket
}

type bucket struct {
	left float64
	at   time.Time
}

const mostBuckets = 100_000

// take is true when a call more is within the rate, in calls a minute.
func (p *pace) take(source string, rate int, now time.Time) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.buckets == nil {
		p.buckets = map[string]bucket{}
	}
	b, known := p.buckets[source]
	if !known {
		if len(p.buckets) >= mostBuckets {
			p.forget(rate, now)
		}
		b = bucket{left: float64(rate), at: now}
	}
	b.left, b.at = b.filled(rate, now), now
	ok := b.left >= 1
	if ok {
		b.left--
	}
	p.buckets[source] = b
	return ok
}

func (b bucket) filled(rate int, now time.Time) float64 {
	return min(float64(rate), b.left+now.Sub(b.at).Minutes()*float64(rate))
}

// forget drops the full ones, which say nothing; where all are in use, any.
func (p *pace) forget(rate int, now time.Time) {
	for source, b := range p.buckets {
		if b.filled(rate, now) >= float64(rate) {
			delete(p.buckets, source)
		}
	}
	for source := range p.buckets {
		if len(p.buckets) < mostBuckets {
			return
		}
		delete(p.buckets, source)
	}
}
