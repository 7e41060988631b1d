package jitter

// Take says what to play now; ask whenever the sound of the last answer is used up. step is how much sound is asked for, in
// clock units: silence, and what replaces packets that are late, last as long. A packet, and what replaces a lost one, has its own length.
func (b *Buffer) Take(now int64, step int) (Op, Piece) {
	if !b.playing && !b.starts(now) {
		return Silence, Piece{Length: step}
	}
	for b.count > 0 {
		s := b.oldest()
		ahead := int(int32(s.stamp - b.cursor))
		switch {
		case s.skip:
			b.remove(s)
		case s.seq != b.next && ahead > 0:
			return b.hole(s, ahead)
		case s.seq == b.next && ahead > 0 && ahead > b.last/2:
			n := min(ahead, step)
			b.cursor += uint32(n)
			b.spurt = true
			return Silence, Piece{Length: n}
		default:
			return b.play(s)
		}
	}
	return b.ranDry(now, step)
}

// starts begins to play once the oldest packet has waited for as long as the jitter asks.
func (b *Buffer) starts(now int64) bool {
	for b.count > 0 && b.oldest().skip {
		b.remove(b.oldest())
	}
	if b.count == 0 {
		return false
	}
	s := b.oldest()
	if now-s.at < int64(b.Target()) && b.Delay() < MaxDelay/2 {
		return false
	}
	b.playing, b.spurt = true, true
	b.next, b.cursor, b.dry = s.seq, s.stamp, 0
	b.windowEnd, b.margin = 0, false
	return true
}

// oldest is the first slot in use; count must not be 0.
func (b *Buffer) oldest() *slot {
	for seq := b.next; ; seq++ {
		if s := b.slot(seq); s.used && s.seq == seq {
			return s
		}
	}
}

func (b *Buffer) remove(s *slot) {
	b.next = s.seq + 1
	*s = slot{}
	b.count--
}

func (b *Buffer) play(s *slot) (Op, Piece) {
	p := Piece{Payload: b.payload(s), Type: s.kind, Length: s.length, Spurt: b.spurt, Excess: b.excess,
		SSRC: b.ssrc, Stamp: s.stamp, At: s.at, Placed: true}
	b.cursor = s.stamp + uint32(s.length)
	b.last, b.dry, b.spurt, b.excess = s.length, 0, false, 0
	b.remove(s)
	if p.Payload == nil {
		b.Dropped++
		return Conceal, Piece{Type: p.Type, Length: p.Length, SSRC: p.SSRC, Stamp: p.Stamp, At: p.At, Placed: true}
	}
	return Play, p
}

// hole replaces what is missing before s, a packet's length at a time.
func (b *Buffer) hole(s *slot, ahead int) (Op, Piece) {
	n := min(ahead, b.last)
	p := Piece{Type: s.kind, Length: n, SSRC: b.ssrc, Stamp: b.cursor, At: s.at, Placed: true}
	if s.seq-b.next == 1 && ahead == n {
		p.Payload = b.payload(s)
	}
	b.Lost++
	b.cursor += uint32(n)
	if b.next++; int32(s.stamp-b.cursor) <= 0 {
		b.next = s.seq
	} else if b.next == s.seq { // the numbers are used up before the time: a pause
		b.spurt = true
	}
	return Conceal, p
}

// ranDry: nothing is there. The time of the sound stands still, so that a packet that is only late is played after all, and
// the delay has grown by what was replaced meanwhile.
func (b *Buffer) ranDry(now int64, step int) (Op, Piece) {
	if b.dry == 0 {
		b.Underruns++
		b.calmFrom = now + holdOff
	}
	if b.dry++; b.dry > drySteps {
		b.playing = false
		return Silence, Piece{Length: step}
	}
	return Conceal, Piece{Length: step}
}
