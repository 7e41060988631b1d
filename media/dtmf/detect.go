package dtmf

// How tones are judged. A tone of 40 ms holds two whole blocks wherever it begins, and so does a pause of 40 ms (ITU-T Q.24).
const (
	blockLen   = 102   // samples: 12.75 ms
	hitBlocks  = 2     // in a row make a key, if verify agrees
	missBlocks = 2     // in a row end it
	leastTone  = 260.0 // amplitude of the weaker tone: -42 dBFS
)

// The first look at a block is generous, see judge.
const (
	roughPurity    = 0.5 // share of the sound's power in the two tones
	roughStandsOut = 2.5 // how many times more power a tone has than each other of its group
)

// Detector finds keys in speech at 8 kHz: the tones of ITU-T Q.23, off by up to 1.5 %, from 40 ms of tone and 40 ms of pause
// (Q.24). Each press is told once, however long it lasts. Speech and music are no keys. The zero value is ready; it allocates nothing.
type Detector struct {
	kept [2 * blockLen]int16 // the block before, and the one that is being filled
	n    int                 // samples in the latter

	last byte // key of the block before; 0: none
	hits int  // blocks in a row with last
	down byte // the key being pressed; 0: none
	miss int  // blocks in a row without it
}

// Reset forgets what was heard, as after a pause.
func (d *Detector) Reset() { *d = Detector{} }

// Next listens to pcm up to the first key in it and returns what is left. pressed says that key was found; call it until rest is empty.
func (d *Detector) Next(pcm []int16) (rest []int16, key byte, pressed bool) {
	for len(pcm) > 0 {
		n := copy(d.kept[blockLen+d.n:], pcm)
		d.n, pcm = d.n+n, pcm[n:]
		if d.n < blockLen {
			break
		}
		key, pressed = d.block(judge(d.kept[blockLen:]))
		copy(d.kept[:], d.kept[blockLen:])
		d.n = 0
		if pressed {
			return pcm, key, true
		}
	}
	return pcm, 0, false
}

// judge names the key whose tones may fill the block; 0: none.
func judge(block []int16) byte {
	const least = leastTone * leastTone / 2 * blockLen / 2
	energy := energyOf(block)
	if energy < 2*least {
		return 0
	}
	row, low := loudest(bank(block, &lowFilters))
	col, high := loudest(bank(block, &highFilters))
	if row < 0 || col < 0 || low < least || high < least || low+high < roughPurity*energy {
		return 0
	}
	return keypad[row][col]
}

// loudest is the tone of a group that stands out, and its energy; -1: none does.
func loudest(group [4]float32) (at int, energy float32) {
	var second float32
	for i, e := range group {
		switch {
		case e > energy:
			at, energy, second = i, e, energy
		case e > second:
			second = e
		}
	}
	if energy < roughStandsOut*second {
		return -1, 0
	}
	return at, energy
}

// block follows presses from block to block.
func (d *Detector) block(found byte) (key byte, pressed bool) {
	if found == d.last {
		d.hits++
	} else {
		d.last, d.hits = found, 1
	}
	if found == d.down {
		d.miss = 0
		return 0, false
	}
	if d.down != 0 {
		if d.miss++; d.miss >= missBlocks {
			d.down, d.miss = 0, 0
		}
	}
	if found == 0 || d.hits < hitBlocks || !verify(d.kept[:], found) {
		return 0, false
	}
	d.down, d.miss = found, 0
	return found, true
}
