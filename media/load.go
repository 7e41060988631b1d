package media

import (
	"sync/atomic"
	"time"
)

// Load is a snapshot of how busy the engine is. Counts are since New.
type Load struct {
	Streams    int // open now
	PortsUsed  int // port pairs taken now
	PortsTotal int // port pairs in the range
	MaxStreams int // what the range and the limit of open files allow together

	Decoding  int    // streams whose sound is decoded now
	OpusPorts int    // Opus decoders and encoders open now
	Behind    uint64 // frames that an Opus worker brought too late, or did not take

	Ticks   uint64        // of all shards
	Late    []Bucket      // how late ticks began
	LateP99 time.Duration // upper bound of the bucket that holds the 99th percentile; an hour: it is the open one

	PacketsIn  uint64 // RTP packets accepted
	PacketsOut uint64 // RTP packets sent
	Strangers  uint64 // dropped: they came from a third address
	Forged     uint64 // dropped: not protected with the peer's SRTP key, or replayed
	Junk       uint64 // dropped: no RTP of the stream
	TapLost    uint64 // frames that found a full Tap
	Recovered  uint64 // panics survived
}

// Bucket counts the ticks that began later than planned by less than Below, and not less than the bucket before it.
type Bucket struct {
	Below time.Duration // zero in the last bucket: no bound
	Count uint64
}

const lateBuckets = 9

var lateBounds = [lateBuckets]time.Duration{
	200 * time.Microsecond, 500 * time.Microsecond, time.Millisecond, 2 * time.Millisecond,
	5 * time.Millisecond, 10 * time.Millisecond, 20 * time.Millisecond, 100 * time.Millisecond, 0,
}

// counters are written by the shard alone and read by anyone. Those of packets are plain numbers that the shard
// publishes once a tick.
type counters struct {
	in, out, strangers, forged, junk, tapLost uint64 // the shard's
	decoding, behind                          uint64 // likewise

	streams, ticks, recovered   atomic.Uint64
	shownIn, shownOut, shownTap atomic.Uint64
	shownStrangers, shownJunk   atomic.Uint64
	shownForged                 atomic.Uint64
	shownDecoding, shownBehind  atomic.Uint64
	lateness                    [lateBuckets]atomic.Uint64
}

func (c *counters) late(ns int64) {
	for i, bound := range lateBounds {
		if ns < int64(bound) || bound == 0 {
			c.lateness[i].Add(1)
			return
		}
	}
}

func (c *counters) ticked(open int) {
	c.ticks.Add(1)
	c.streams.Store(uint64(open))
	c.shownIn.Store(c.in)
	c.shownOut.Store(c.out)
	c.shownTap.Store(c.tapLost)
	c.shownStrangers.Store(c.strangers)
	c.shownForged.Store(c.forged)
	c.shownJunk.Store(c.junk)
	c.shownDecoding.Store(c.decoding)
	c.shownBehind.Store(c.behind)
}

func (l *Load) add(c *counters) {
	l.Streams += int(c.streams.Load())
	l.Ticks += c.ticks.Load()
	l.PacketsIn += c.shownIn.Load()
	l.PacketsOut += c.shownOut.Load()
	l.Strangers += c.shownStrangers.Load()
	l.Forged += c.shownForged.Load()
	l.Junk += c.shownJunk.Load()
	l.Decoding += int(c.shownDecoding.Load())
	l.Behind += c.shownBehind.Load()
	l.TapLost += c.shownTap.Load()
	l.Recovered += c.recovered.Load()
	for i := range l.Late {
		l.Late[i].Count += c.lateness[i].Load()
	}
}

// LaterThan counts the ticks that began at least d late; d must be the bound of a bucket.
func (l Load) LaterThan(d time.Duration) (n uint64) {
	for i, b := range l.Late {
		if i > 0 && l.Late[i-1].Below >= d {
			n += b.Count
		}
	}
	return n
}

// percentile is the bound of the bucket that holds the p-th part of all ticks.
func (l *Load) percentile(p float64) time.Duration {
	var all, sum uint64
	for _, b := range l.Late {
		all += b.Count
	}
	for _, b := range l.Late {
		if sum += b.Count; all > 0 && float64(sum) >= p*float64(all) {
			if b.Below == 0 {
				return time.Hour
			}
			return b.Below
		}
	}
	return 0
}
