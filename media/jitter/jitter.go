// Package jitter puts the packets of one RTP source back into order and time for somebody who decodes them.
//
// A Buffer is fed as packets arrive and asked for the next piece whenever sound is due. It says what to play: a packet, a
// replacement for a lost one, or nothing because the sender pauses. The delay that it adds follows the jitter of RFC 3550
// section 6.4.1 between 20 and 200 ms: it grows by itself when packets come too late, and where more is held than the
// last seconds needed it asks the reader to shorten the sound.
//
// It is a value without clock, lock or goroutine; after New it allocates nothing. It decodes nothing and mixes nothing. Who
// passes packets through needs none: the ends have their own.
package jitter

import "time"

// Bounds of the delay that a Buffer adds.
const (
	MinDelay   = 20 * time.Millisecond
	MaxDelay   = 200 * time.Millisecond
	firstDelay = 40 * time.Millisecond // before the jitter is known
)

// MaxPayload is the longest payload that is taken, in octets: the longest Opus frame with its TOC (RFC 6716 section 3.4).
const MaxPayload = 1276

const (
	slots     = 32          // packets held: 320 ms of the shortest
	arenaLen  = 8 << 10     // octets held: 200 ms at 320 kbit/s
	restart   = 3000        // RFC 3550 A.1: a larger step of sequence numbers begins anew
	misorder  = 100         // likewise backwards
	wild      = int64(2e9)  // ns that a timestamp may be off its arrival before it is a new clock
	knownFrom = 16          // packets after which the jitter is believed
	window    = int64(1e9)  // ns over which what is held too much is measured
	holdOff   = int64(10e9) // ns without shortening after packets came too late
	drySteps  = 3           // replacements at the end of what was received before a pause is believed
)

// Op is what to play next.
type Op uint8

// The ops.
const (
	Silence Op = iota // nothing is due: before the first packet, or the sender pauses
	Play              // Piece is the packet
	Conceal           // a packet is missing: replace Piece.Length of sound
)

// Piece goes with an Op.
type Piece struct {
	Payload []byte // of the packet to play; with Conceal of the one after the missing one where it may hold its copy (Opus FEC), else nil. Valid until the next Put
	Type    uint8  // as given to Put
	Length  int    // clock units: of the packet, of the missing one, or of the silence
	Spurt   bool   // with Play: the first one after a pause
	Excess  int    // with Play: clock units held beyond need; the reader may leave out as much

	// Of the packet, or of the missing one: with Play, and with Conceal where Placed.
	SSRC, Stamp uint32
	At          int64 // arrival, ns; of a missing packet that of the next one
	Placed      bool
}

// Stats counts since New.
type Stats struct {
	Late      uint64 // packets that came after their time
	Lost      uint64 // packets replaced
	Dropped   uint64 // packets thrown away: more than MaxDelay was held
	Restarts  uint64 // new sources and clocks, without the first
	Underruns uint64 // times that nothing was held when sound was due
}

type slot struct {
	used, skip bool
	kind       uint8
	seq        uint16
	stamp      uint32
	length     int
	at         int64  // arrival, ns
	start      uint64 // in the arena, counted since New
	octets     int
}

// Buffer holds the packets of one source. Make it with New; one goroutine uses it.
type Buffer struct {
	Stats
	rate  int64
	slots [slots]slot
	count int
	arena [arenaLen]byte
	wrote uint64

	started bool
	ssrc    uint32
	next    uint16 // sequence number that is due
	newest  slot   // the newest packet, without its payload

	playing bool
	spurt   bool
	cursor  uint32 // timestamp that is due
	last    int    // length of the last packet
	dry     int    // replacements in a row with nothing held

	jitter   int64 // ns
	measured int

	windowEnd int64
	least     int64 // clock units: the smallest margin in the window
	margin    bool  // least is valid
	calmFrom  int64
	excess    int
}

// New returns an empty buffer for a payload clock of so many units a second (RFC 3551): 8000, or 48000 for Opus.
func New(rate int) *Buffer { return &Buffer{rate: int64(rate)} }

// Reset forgets what is held and the source, not the counts: the next packet begins anew with a clock of rate.
func (b *Buffer) Reset(rate int) {
	*b = Buffer{Stats: b.Stats, rate: int64(rate), arena: b.arena}
}

// Jitter is the estimate of RFC 3550 section 6.4.1.
func (b *Buffer) Jitter() time.Duration { return time.Duration(b.jitter) }

// Delay is how much sound is held now.
func (b *Buffer) Delay() time.Duration {
	if b.count == 0 {
		return 0
	}
	from := b.cursor
	if !b.playing {
		from = b.oldest().stamp
	}
	return time.Duration(b.ns(int64(int32(b.newest.stamp-from))) + b.ns(int64(b.newest.length)))
}

// Target is the delay at which a spurt begins.
func (b *Buffer) Target() time.Duration {
	if b.measured < knownFrom {
		return firstDelay
	}
	return min(MaxDelay, max(MinDelay, time.Duration(3*b.jitter)))
}

func (b *Buffer) ns(units int64) int64 { return units * 1_000_000_000 / b.rate }

func (b *Buffer) units(ns int64) int64 { return ns * b.rate / 1_000_000_000 }
