// Package tape carries what is heard to a recorder: a ring of frames with their places, from one thread that writes to another that reads.
// RTP timestamps of two sources become places that agree, whatever their clocks do. It writes no file.
package tape

import (
	"math"
	"sync/atomic"

	"hotline/media/codec"
)

// Side is the channel of a recording.
type Side uint8

// The two sides of a stereo recording.
const (
	Left  Side = iota // the caller
	Right             // the agent
)

// Frame is up to 20 ms of sound of one side. Frames of a side follow each other without gap or overlap unless packets were
// lost or reordered, sound paused, or a clock jumped.
type Frame struct {
	Side    Side
	At      int64  // position of the first sample since the tap began, at 8 kHz; the two sides agree about it
	Payload []byte // A-law; Read reuses its memory
}

const (
	frameSamples  = 160
	jumpSamples   = 200 * 8  // a position this far from the arrival is a jump when it stays
	wildSamples   = 5 * 8000 // and at once when this far
	jumpPackets   = 5        // how long it must stay
	settlePackets = 25       // after an anchor: the first packet may have been a late one
	driftPackets  = 512      // over which the clocks are compared
	driftSamples  = 160      // within 20 ms they are left alone
	driftEvery    = 32       // packets between two samples added or dropped: 200 ppm, more than any two clocks need
	slotBytes     = frameSamples + 1
)

// Tap is a ring between one shard, which writes, and one recorder, which reads. Neither ever waits. Positions begin at
// zero when the first stream is tapped.
type Tap struct {
	slots []slot
	lost  atomic.Uint64
	_     [64]byte
	head  atomic.Uint64 // written by the reader
	_     [64]byte
	tail  atomic.Uint64 // written by the shard
	_     [64]byte

	// The rest is the owner's.
	owner any   // a shard
	began int64 // ns
	sides [2]tapSide
}

type slot struct {
	at   int64
	n    uint8
	side Side
	data [slotBytes]byte
}

// tapSide turns RTP timestamps of one source into positions.
type tapSide struct {
	anchored bool
	ssrc     uint32
	stamp    uint32 // of the packet before
	at       int64  // its position
	off      int    // packets in a row that are a jump away
	packets  int    // since the anchor
	least    int64  // the least lateness (arrival minus position) in this window
	owed     int64  // samples still to be added (or, below zero, dropped)
}

// New returns a ring for at least that many frames (both sides of 20 ms packets: 100 a second).
func New(slots int) *Tap {
	size := 1
	for size < slots {
		size *= 2
	}
	return &Tap{slots: make([]slot, size)}
}

// Read takes the oldest frame; false means there is none now. One goroutine reads.
func (t *Tap) Read(f *Frame) bool {
	head := t.head.Load()
	if head == t.tail.Load() {
		return false
	}
	s := &t.slots[head&uint64(len(t.slots)-1)]
	f.Side, f.At = s.side, s.at
	f.Payload = append(f.Payload[:0], s.data[:s.n]...)
	t.head.Store(head + 1)
	return true
}

// Lost counts the frames that found the ring full and were dropped.
func (t *Tap) Lost() uint64 { return t.lost.Load() }

// Attach makes the tap its first owner's, from whose thread alone it is written, and forgets what the side heard before; now is in ns, as in
// Write. False when it is another's.
func (t *Tap) Attach(owner any, side Side, now int64) bool {
	if t.owner == nil {
		t.owner, t.began = owner, now
	}
	if t.owner != owner || side > Right {
		return false
	}
	t.sides[side] = tapSide{}
	return true
}

// Write stores a packet's sound in frames. It returns how many were lost.
func (t *Tap) Write(side Side, ssrc, stamp uint32, payload []byte, law codec.Kind, now int64) (lost uint64) {
	at, grow := t.sides[side].place(ssrc, stamp, len(payload), (now-t.began)/codec.NsPerSample)
	for len(payload) > 0 {
		n := min(frameSamples, len(payload))
		last := n == len(payload)
		if !t.put(side, at, payload[:n], law, last, grow) {
			lost++
		}
		at, payload = at+int64(n), payload[n:]
	}
	t.lost.Add(lost)
	return lost
}

// put fills one slot; the last one of a packet takes the sample that the clocks drifted apart.
func (t *Tap) put(side Side, at int64, payload []byte, law codec.Kind, last bool, grow int) bool {
	tail := t.tail.Load()
	if tail-t.head.Load() == uint64(len(t.slots)) {
		return false
	}
	s := &t.slots[tail&uint64(len(t.slots)-1)]
	s.at, s.side, s.n = at, side, uint8(len(payload))
	if law == codec.PCMU {
		for i, c := range payload {
			s.data[i] = codec.ULawToALaw[c]
		}
	} else {
		copy(s.data[:], payload)
	}
	if last && grow > 0 {
		s.data[s.n] = s.data[s.n-1]
		s.n++
	} else if last && grow < 0 && s.n > 1 {
		s.n--
	}
	t.tail.Store(tail + 1)
	return true
}

// place is the position of a packet, and by how many samples (-1, 0, 1) it must grow so that the next one follows
// where the arrival says. arrival is in samples since the tap began.
func (p *tapSide) place(ssrc, stamp uint32, samples int, arrival int64) (at int64, grow int) {
	if !p.anchored || p.ssrc != ssrc {
		p.anchor(ssrc, stamp, arrival)
		return p.at, 0
	}
	at = p.at + int64(int32(stamp-p.stamp))
	late := arrival - at
	if p.jumped(late) {
		p.anchor(ssrc, stamp, arrival)
		return p.at, 0
	}
	if int32(stamp-p.stamp) <= 0 || at < 0 {
		return max(0, at), 0 // reordered: it has its place, and says nothing about clocks
	}
	p.packets++
	if p.packets < settlePackets && late < -driftSamples { // within that a tick early is no reason for a click
		at += late
		late = 0
	}
	grow = p.drift(late)
	p.stamp, p.at = stamp, at+int64(grow)
	return max(0, at), grow
}

// drift follows the difference of two clocks. A packet can be late for many reasons but never early, so only the least
// lateness of a window speaks of the clocks: a busy machine or a jittery network must not put samples into a recording.
func (p *tapSide) drift(late int64) (grow int) {
	p.least = min(p.least, late)
	if p.packets%driftPackets == 0 {
		p.owed = 0
		if p.least > driftSamples || p.least < -driftSamples {
			p.owed = p.least
		}
		p.least = math.MaxInt64
	}
	if p.owed == 0 || p.packets%driftEvery != 0 {
		return 0
	}
	grow = 1
	if p.owed < 0 {
		grow = -1
	}
	p.owed -= int64(grow)
	return grow
}

func (p *tapSide) anchor(ssrc, stamp uint32, arrival int64) {
	*p = tapSide{anchored: true, ssrc: ssrc, stamp: stamp, at: max(0, arrival), least: math.MaxInt64}
}

func (p *tapSide) jumped(late int64) bool {
	if late > wildSamples || late < -wildSamples {
		return true
	}
	if late <= jumpSamples && late >= -jumpSamples {
		p.off = 0
		return false
	}
	p.off++
	return p.off >= jumpPackets
}
