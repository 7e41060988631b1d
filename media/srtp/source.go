package srtp

// window is how many packets before the newest may still come (RFC 3711 section 3.3.2 wants 64 at least).
const window = 128

// history is which of the latest numbers came: of RTP packets the 48 bit index, of RTCP the 31 bit one.
type history struct {
	newest uint64
	seen   [2]uint64 // bit i of the pair: newest-i came
	any    bool
}

// fresh says that a number did not come before, as far as can be told.
func (h *history) fresh(n uint64) bool {
	if !h.any || n > h.newest {
		return true
	}
	back := h.newest - n
	return back < window && h.seen[back/64]>>(back%64)&1 == 0
}

// note takes a number in that was fresh.
func (h *history) note(n uint64) {
	switch {
	case !h.any:
		h.any, h.newest, h.seen = true, n, [2]uint64{1, 0}
	case n > h.newest:
		h.shift(n - h.newest)
		h.newest = n
		h.seen[0] |= 1
	default:
		back := h.newest - n
		h.seen[back/64] |= 1 << (back % 64)
	}
}

func (h *history) shift(n uint64) {
	switch {
	case n >= window:
		h.seen = [2]uint64{}
	case n >= 64:
		h.seen = [2]uint64{0, h.seen[0] << (n - 64)}
	default:
		h.seen = [2]uint64{h.seen[0] << n, h.seen[1]<<n | h.seen[0]>>(64-n)}
	}
}

// source is what is known of one SSRC under a key.
type source struct {
	ssrc   uint32
	report uint32 // SRTCP index of the last report sent
	sound  history
	told   history // reports
}

// index is the most likely index of a sequence number: the one nearest to the newest (RFC 3711 section 3.3.1). There are no rounds before the first.
func (s *source) index(seq uint16) uint64 {
	if !s.sound.any {
		return s.sound.newest&^0xffff | uint64(seq) // newest is where a source that is continued begins
	}
	step := int64(int16(seq - uint16(s.sound.newest)))
	if step < 0 && uint64(-step) > s.sound.newest {
		return uint64(seq)
	}
	return s.sound.newest + uint64(step)
}

// sources are all of a key; the newest that spoke is looked at first.
type sources struct {
	all  []source
	last int
}

// find is a source's place; -1: it is not known.
func (s *sources) find(ssrc uint32) int {
	if s.last < len(s.all) && s.all[s.last].ssrc == ssrc {
		return s.last
	}
	for i := range s.all {
		if s.all[i].ssrc == ssrc {
			return i
		}
	}
	return -1
}

// keep is a source's place, made where there is none.
func (s *sources) keep(ssrc uint32) *source {
	i := s.find(ssrc)
	if i < 0 {
		i = len(s.all)
		s.all = append(s.all, source{ssrc: ssrc})
	}
	s.last = i
	return &s.all[i]
}

// rounds is how often the source's sequence numbers have gone round.
func (s *source) rounds() uint32 { return uint32(s.sound.newest >> 16) }
