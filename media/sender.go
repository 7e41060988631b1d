package media

import (
	"math/rand/v2"

	"hotline/media/codec"
	"hotline/media/rtp"
)

const (
	nsPerSample = codec.NsPerSample
	youngFor    = 100       // packets after a new mapping in which late ones from before it may still come
	maxStep     = 3000      // RFC 3550 A.1: a larger step of the source's sequence numbers is a new beginning
	maxBack     = -100      // likewise backwards
	maxTimeJump = 2         // s; a timestamp off by more from the arrival is a new beginning
	firstStamp  = 1<<31 - 1 // random timestamps begin below, which leaves captures readable
)

// sender is the one RTP stream that a peer hears, whoever makes the sound: one SSRC, sequence numbers without holes,
// timestamps that follow the clock. What is passed through keeps the source's own holes and jitter by constant shifts.
type sender struct {
	ssrc    uint32
	rate    int    // of timestamps, a second
	seq     uint16 // of the newest packet
	stamp   uint32 // of the newest audio packet
	at      int64  // when its timestamp is due, ns: up to a packet after it went out, see begin
	lead    int64  // how much sooner than due packets go out, ns
	length  uint32 // of it, timestamp units
	started bool

	packets, octets uint64

	mapped     bool // the shifts below hold
	from       uint32
	seqShift   uint16
	stampShift uint32
	inSeq      uint16 // of the newest packet passed
	inStamp    uint32 // of the newest audio packet passed
	inAt       int64
	floor      uint16 // sequence number of the first packet since the mapping
	young      int
}

func newSender() sender {
	return sender{ssrc: rand.Uint32(), rate: rtp.ClockRate, seq: uint16(rand.UintN(1 << 15)), stamp: rand.Uint32N(firstStamp)}
}

// anew makes a source of its own for a new key: with it the peer's count of rounds begins at nothing whether it keeps such counts
// over a change of keys or not, and no packet's number is used twice with one key.
func (o *sender) anew() {
	o.ssrc, o.seq, o.mapped = rand.Uint32(), uint16(rand.UintN(1<<15)), false
}

// resume is the timestamp at which sound goes on now: as much later as the clock says, and never before the end of what was sent.
func (o *sender) resume(now int64) uint32 {
	if !o.started {
		o.started, o.at, o.length = true, now, 0
	}
	return o.stamp + uint32(max(int64(o.length), o.units(now-o.at)))
}

// retime changes the clock (RFC 7160): the timestamps go on from where the old one stands now.
func (o *sender) retime(rate int, now int64) {
	if rate == o.rate {
		return
	}
	if o.started {
		o.stamp = o.resume(now)
		o.at, o.length, o.lead = now, 0, 0
	}
	o.rate, o.mapped = rate, false
}

func (o *sender) units(ns int64) int64 { return rtp.Units(ns, o.rate) }

func (o *sender) ns(units uint32) int64 { return int64(units) * 1_000_000_000 / int64(o.rate) }

// begin is resume for a talk spurt that begins now. What it is early, because the packet before lasts still, is kept in
// mind: a hundred changes must not carry the timestamps away from the clock.
func (o *sender) begin(now int64) uint32 {
	stamp := o.resume(now)
	o.lead = max(0, o.at+o.ns(o.length)-now)
	o.at, o.stamp, o.length = now+o.lead, stamp, 0
	return stamp
}

// own numbers an audio packet of our making, which lasts units of the clock. spurt begins a talk spurt; otherwise the packet follows the one before without a gap.
func (o *sender) own(h *rtp.Header, now int64, units int, spurt bool) {
	if spurt || !o.started {
		o.begin(now)
		h.Marker = true
	} else {
		o.stamp += o.length
		o.at += o.ns(o.length)
	}
	o.mapped = false
	o.seq++
	o.length = uint32(units)
	h.SSRC, h.Sequence, h.Timestamp = o.ssrc, o.seq, o.stamp
}

// event numbers a telephone-event packet of our making, whose timestamp is that of the event's start.
func (o *sender) event(h *rtp.Header, stamp uint32) {
	o.mapped = false
	o.seq++
	h.SSRC, h.Sequence, h.Timestamp = o.ssrc, o.seq, stamp
}

// pass renumbers a packet of another source; false when it is too old to be sent.
func (o *sender) pass(h *rtp.Header, now int64, units int, event bool) bool {
	if !o.mapped || h.SSRC != o.from || o.jumped(h, now, event) {
		o.remap(h, now)
	}
	seq := h.Sequence + o.seqShift
	if o.young > 0 {
		o.young--
		if int16(seq-o.floor) < 0 {
			return false
		}
	}
	stamp := h.Timestamp + o.stampShift
	if int16(seq-o.seq) > 0 {
		o.seq, o.inSeq = seq, h.Sequence
		if !event {
			o.inStamp, o.inAt = h.Timestamp, now
			o.stamp, o.at, o.length = stamp, now+o.lead, uint32(units)
		}
	}
	h.SSRC, h.Sequence, h.Timestamp = o.ssrc, seq, stamp
	return true
}

func (o *sender) remap(h *rtp.Header, now int64) {
	o.seqShift = o.seq + 1 - h.Sequence
	o.stampShift = o.begin(now) - h.Timestamp
	o.mapped, o.from = true, h.SSRC
	o.inSeq, o.inStamp, o.inAt = h.Sequence, h.Timestamp, now
	o.floor, o.young = o.seq+1, youngFor
	h.Marker = true
}

func (o *sender) jumped(h *rtp.Header, now int64, event bool) bool {
	step := int16(h.Sequence - o.inSeq)
	if step > maxStep || step < maxBack {
		return true
	}
	if event || step < 0 {
		return false
	}
	off := int64(int32(h.Timestamp-o.inStamp)) - o.units(now-o.inAt)
	jump := int64(maxTimeJump * o.rate)
	return off > jump || off < -jump
}

// skip leaves out a packet of the source on purpose: the peer must not see a hole.
func (o *sender) skip(h *rtp.Header) {
	if o.mapped && h.SSRC == o.from && int16(h.Sequence-o.inSeq) > 0 {
		o.seqShift--
	}
}

// clock is the RTP timestamp of now, for sender reports.
func (o *sender) clock(now int64) uint32 { return o.stamp + uint32(int32(o.units(now-o.at))) }
