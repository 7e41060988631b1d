package rtp

import "time"

// Limits of RFC 3550 A.1: a step in sequence numbers beyond them is a restart, not loss or reordering.
const (
	maxDropout  = 3000
	maxMisorder = 100
)

// Verdict is what Stats.Receive thinks of a packet's place in the stream.
type Verdict uint8

// The verdicts. Only Next and Late packets are new.
const (
	Next      Verdict = iota // newer than all before it
	Late                     // reordered: older than the newest, not seen yet
	Duplicate                // seen already
	Restart                  // first packet, new SSRC, or a jump that no loss explains: the stream begins anew
)

// Stats follows the packets received from one source, after RFC 3550 A.1, A.3 and A.8, with one difference:
// duplicates are counted apart and do not hide losses. Sources that change their SSRC are summed. The zero value is ready.
type Stats struct {
	Received   uint64 // without duplicates
	Duplicates uint64
	Reorders   uint64
	Restarts   uint64 // changes of SSRC and jumps, without the first packet

	SSRC    uint32
	started bool
	base    uint64 // extended sequence number of the first packet since a restart
	highest uint64 // extended sequence number of the newest
	window  uint64 // bit i: highest-i was seen
	gaps    uint64 // runs of packets that never came, of those older than the window
	missed  bool   // the newest packet older than the window never came
	jumped  uint16 // the sequence number after an implausible one, see restart
	waiting bool   // jumped is set

	expectedBefore uint64 // of the time before the last restart
	receivedSince  uint64 // since the last restart
	transit        int64  // of the packet before, in timestamp units
	transitOK      bool
	jitter         float64 // timestamp units
	rate           int     // of timestamps; 0: ClockRate

	reportExpected, reportReceived uint64 // at the last report, for the fraction lost
}

// Receive takes a packet's header and its arrival in timestamp units of any origin. A wild jump in sequence
// numbers is believed when a second packet follows it in order (RFC 3550 A.1); until then it is a Duplicate, to be dropped.
func (s *Stats) Receive(h *Header, arrival int64) Verdict {
	v := s.Count(h)
	if v == Next || v == Restart {
		s.measure(h, arrival)
	}
	return v
}

// Count is Receive for packets whose timestamp does not tell when they were made (telephone-event): they leave the jitter alone.
func (s *Stats) Count(h *Header) Verdict {
	if !s.started || h.SSRC != s.SSRC {
		s.restart(h)
		return Restart
	}
	delta := h.Sequence - uint16(s.highest)
	switch {
	case delta == 0:
		s.Duplicates++
		return Duplicate
	case delta < maxDropout:
		s.advance(uint64(delta))
		return Next
	case -delta <= maxMisorder:
		return s.late(uint64(-delta))
	case s.waiting && h.Sequence == s.jumped:
		s.restart(h)
		return Restart
	default:
		s.jumped, s.waiting = h.Sequence+1, true
		return Duplicate
	}
}

func (s *Stats) restart(h *Header) {
	if s.started {
		s.Restarts++
		s.expectedBefore += s.highest - s.base + 1
	}
	s.started, s.waiting, s.transitOK = true, false, false
	s.SSRC = h.SSRC
	s.gaps = s.runs()
	s.missed = false
	s.base = 1<<16 | uint64(h.Sequence) // a cycle up, so that a late packet before the first has a number too
	s.highest = s.base
	s.window = 1
	s.Received++
	s.receivedSince = 1
}

func (s *Stats) advance(delta uint64) {
	s.waiting = false
	for n := delta; n > 0; n-- {
		if n > windowLen && s.window == 0 { // all between are missing
			s.gap()
			s.highest += n - windowLen
			n = windowLen
		}
		s.age()
	}
	s.window |= 1
	s.Received++
	s.receivedSince++
}

const windowLen = 64

// age moves the window on by one packet. Only what leaves it is believed lost: a reordered packet is no gap.
func (s *Stats) age() {
	if s.highest-s.base >= windowLen-1 {
		if s.window>>(windowLen-1) == 0 {
			s.gap()
		} else {
			s.missed = false
		}
	}
	s.highest++
	s.window <<= 1
}

// gap notes a missing packet, which may go on a run.
func (s *Stats) gap() {
	if !s.missed {
		s.gaps++
	}
	s.missed = true
}

// runs is how many times packets were missing, one or more in a row.
func (s *Stats) runs() uint64 {
	n, missed := s.gaps, s.missed
	for i := min(windowLen-1, s.highest-s.base); i > 0; i-- {
		missing := s.window>>i&1 == 0
		if missing && !missed {
			n++
		}
		missed = missing
	}
	return n
}

func (s *Stats) late(back uint64) Verdict {
	if back < 64 {
		if s.window&(1<<back) != 0 {
			s.Duplicates++
			return Duplicate
		}
		s.window |= 1 << back
	}
	if s.highest-back < s.base {
		s.base = s.highest - back
	}
	s.Received++
	s.receivedSince++
	s.Reorders++
	return Late
}

// measure is the jitter of RFC 3550 A.8. Late packets do not enter: their age says nothing about the path.
func (s *Stats) measure(h *Header, arrival int64) {
	transit := int64(int32(uint32(arrival) - h.Timestamp))
	if s.transitOK {
		d := int64(int32(transit - s.transit))
		if d < 0 {
			d = -d
		}
		if d < 10*int64(s.clock()) { // a timestamp that jumped by ten seconds is not jitter
			s.jitter += (float64(d) - s.jitter) / 16
		}
	}
	s.transit, s.transitOK = transit, true
}

// Expected is how many packets the sender sent as far as sequence numbers tell.
func (s *Stats) Expected() uint64 {
	if !s.started {
		return 0
	}
	return s.expectedBefore + s.highest - s.base + 1
}

// Lost is the packets expected and not received.
func (s *Stats) Lost() uint64 {
	if e := s.Expected(); e > s.Received {
		return e - s.Received
	}
	return 0
}

// LossPct is Lost in percent of Expected: 0..100.
func (s *Stats) LossPct() float64 {
	if e := s.Expected(); e > 0 {
		return 100 * float64(s.Lost()) / float64(e)
	}
	return 0
}

// Retime sets the rate of the timestamps that follow; ClockRate at the beginning.
func (s *Stats) Retime(rate int) {
	if rate == s.clock() {
		return
	}
	s.jitter *= float64(rate) / float64(s.clock())
	s.rate, s.transitOK = rate, false
}

func (s *Stats) clock() int {
	if s.rate == 0 {
		return ClockRate
	}
	return s.rate
}

// Jitter is the interarrival jitter (RFC 3550 section 6.4.1).
func (s *Stats) Jitter() time.Duration {
	return time.Duration(s.jitter * float64(time.Second) / float64(s.clock()))
}

// BurstRatio is the mean length of a loss burst against that of random loss at the same rate (ITU-T G.107): 1 or more.
func (s *Stats) BurstRatio() float64 {
	lost, runs := s.Lost(), s.runs()
	if lost == 0 || runs == 0 {
		return 1
	}
	mean := float64(lost) / float64(runs)
	return max(1, mean*(1-s.LossPct()/100))
}

// Report fills a report block about this source and begins the next interval of its fraction lost (RFC 3550 A.3).
func (s *Stats) Report() Block {
	expected, received := s.Expected(), s.Received
	e, r := expected-s.reportExpected, received-s.reportReceived
	s.reportExpected, s.reportReceived = expected, received
	b := Block{SSRC: s.SSRC, Highest: uint32(s.highest - 1<<16), Jitter: uint32(s.jitter)}
	if e > r && e > 0 && e < 1<<31 {
		b.Fraction = uint8(min(255, (e-r)<<8/e))
	}
	b.Lost = int32(min(s.Lost(), 0x7fffff))
	return b
}
