package jitter

import "hotline/media/rtp"

// Put takes a packet: length is what it lasts in clock units, kind comes back with it, now is its arrival in ns of any
// origin. It reports whether the packet was taken: not when it is too late, a duplicate, empty or too long.
func (b *Buffer) Put(h *rtp.Header, kind uint8, length int, payload []byte, now int64) bool {
	if len(payload) == 0 || len(payload) > MaxPayload || length <= 0 || int64(length) > b.rate {
		return false
	}
	if !b.started || h.SSRC != b.ssrc || b.jumped(h, now) {
		b.begin(h)
	}
	if !b.place(h) {
		return false
	}
	s := b.slot(h.Sequence)
	*s = slot{used: true, kind: kind, seq: h.Sequence, stamp: h.Timestamp, length: length, at: now, octets: len(payload)}
	s.start = b.store(payload)
	b.count++
	b.measure(h)
	b.keep(s, now)
	return true
}

// Skip says that a packet of the source carried no sound to play (RFC 4733 events): it is no hole.
func (b *Buffer) Skip(h *rtp.Header) {
	if !b.started || h.SSRC != b.ssrc || !b.place(h) {
		return
	}
	*b.slot(h.Sequence) = slot{used: true, skip: true, seq: h.Sequence, stamp: h.Timestamp}
	b.count++
}

// place decides whether a packet of the source still has one, and makes room.
func (b *Buffer) place(h *rtp.Header) bool {
	step := int16(h.Sequence - b.next)
	if step < 0 && b.fresh() && int16(b.newest.seq-h.Sequence) < slots {
		b.next, step = h.Sequence, 0 // reordered at the very beginning
	}
	if step < 0 {
		b.Late++
		return false
	}
	for step >= slots {
		b.drop()
		step = int16(h.Sequence - b.next)
	}
	s := b.slot(h.Sequence)
	return !s.used || s.seq != h.Sequence
}

// fresh: nothing of this source was played or dropped yet.
func (b *Buffer) fresh() bool { return !b.playing && b.last == 0 }

// jumped tells a new clock from loss and pauses: numbers that no loss explains, or a timestamp that is not where the time
// since the newest packet says.
func (b *Buffer) jumped(h *rtp.Header, now int64) bool {
	step := int16(h.Sequence - b.newest.seq)
	if step > restart || step < -misorder {
		return true
	}
	off := b.ns(int64(int32(h.Timestamp-b.newest.stamp))) - (now - b.newest.at)
	return off > wild || off < -wild
}

// begin takes a new source or a new clock of the old one.
func (b *Buffer) begin(h *rtp.Header) {
	if b.started {
		b.Restarts++
	}
	clear(b.slots[:])
	b.count, b.playing, b.last, b.dry, b.measured, b.jitter, b.excess = 0, false, 0, 0, 0, 0, 0
	b.started, b.ssrc, b.next = true, h.SSRC, h.Sequence
	b.newest = slot{seq: h.Sequence}
}

func (b *Buffer) slot(seq uint16) *slot { return &b.slots[seq%slots] }

// store copies a payload in one piece and returns where it begins.
func (b *Buffer) store(payload []byte) uint64 {
	at := b.wrote % arenaLen
	if at+uint64(len(payload)) > arenaLen {
		b.wrote += arenaLen - at
	}
	start := b.wrote
	copy(b.arena[start%arenaLen:], payload)
	b.wrote += uint64(len(payload))
	return start
}

// payload is nil when newer packets took the place.
func (b *Buffer) payload(s *slot) []byte {
	if b.wrote-s.start > arenaLen {
		return nil
	}
	at := s.start % arenaLen
	return b.arena[at : at+uint64(s.octets)]
}

// measure follows the jitter. A pause of the sender, and packets out of order, say nothing about it.
func (b *Buffer) measure(h *rtp.Header) {
	step := int16(h.Sequence - b.newest.seq)
	if step < 0 {
		return
	}
	s := b.slot(h.Sequence)
	gap := int64(int32(s.stamp - b.newest.stamp))
	if b.measured > 0 && gap <= int64(int(step)*max(s.length, b.newest.length)) {
		d := s.at - b.newest.at - b.ns(gap)
		if d < 0 {
			d = -d
		}
		b.jitter += (min(d, int64(MaxDelay)) - b.jitter) / 16
	}
	b.measured++
	b.newest = *s
}

// keep follows the margin with which packets arrive, and throws the oldest away where too much is held.
func (b *Buffer) keep(s *slot, now int64) {
	for b.count > 1 && b.Delay() > MaxDelay {
		b.drop()
	}
	if !b.playing {
		return
	}
	margin := int64(int32(s.stamp - b.cursor))
	if !b.margin || margin < b.least {
		b.least, b.margin = margin, true
	}
	if now < b.windowEnd {
		return
	}
	spare := b.least - b.units(int64(b.Target()))
	b.excess = 0
	if spare > int64(s.length) && now >= b.calmFrom && b.windowEnd > 0 {
		b.excess = int(spare)
	}
	b.windowEnd, b.margin = now+window, false
}

// drop gives up what is due.
func (b *Buffer) drop() {
	s := b.slot(b.next)
	if s.used && s.seq == b.next {
		if !s.skip {
			b.Dropped++
			b.last = s.length
		}
		b.cursor = s.stamp + uint32(s.length)
		*s = slot{}
		b.count--
	} else if b.playing {
		b.cursor += uint32(b.last)
	}
	b.next++
}
