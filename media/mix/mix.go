// Package mix adds voices: three and more people hear each other, each without their own voice, and by a matrix of who hears whom, so
// that a supervisor can listen, whisper to one side, or speak to both.
//
// It is one value without clock, socket or allocation. Frames are PCM of 16 bits and one length, which the caller chooses: 20 ms at 8 or
// 16 kHz. Where the voices come from and where the sums go is for others: see media.Room.
package mix

// Places is the most parties of a mixer, those who only listen included; MaxFrame the longest frame: 20 ms at 16 kHz.
const (
	Places   = 16
	MaxFrame = 320
)

// Set is a set of places: bit i is place i.
type Set uint16

// Of is the set of some places.
func Of(places ...int) (s Set) {
	for _, p := range places {
		s |= 1 << p
	}
	return s
}

// Has says whether place i is in the set.
func (s Set) Has(i int) bool { return s>>i&1 != 0 }

// Everybody is the set of all places.
const Everybody = ^Set(0)

// quiet is the largest sample of a frame that is taken for silence: A-law has nothing smaller than 8.
const quiet = 8

// Mixer is the voices of one moment and who hears whom. The zero value is ready; nobody hears anybody.
type Mixer struct {
	voices [Places][]int16 // of this turn
	loud   Set             // places with a voice in this turn
	hears  [Places]Set     // what was asked for
	heard  [Places]Set     // who has been heard since
	total  [MaxFrame]int32 // of all loud voices
	summed bool
}

// Hear sets whom a place hears from the next turn on. Itself it never hears. Who is new swells and who is no longer heard fades within a
// frame, so that nothing clicks.
func (m *Mixer) Hear(place int, whom Set) { m.hears[place] = whom &^ Of(place) }

// Clear forgets a place: what it heard, and its voice at once.
func (m *Mixer) Clear(place int) {
	m.hears[place], m.heard[place] = 0, 0
	for i := range m.heard {
		m.heard[i] &^= Of(place)
		m.hears[i] &^= Of(place)
	}
	m.voices[place] = nil
	m.loud &^= Of(place)
}

// Begin begins a turn in which nobody has spoken yet.
func (m *Mixer) Begin() { m.loud, m.summed = 0, false }

// Voice gives a place's frame of this turn, which must stay as it is until the turn is over. Silence costs nothing more.
func (m *Mixer) Voice(place int, pcm []int16) {
	m.voices[place] = pcm[:min(len(pcm), MaxFrame)]
	for _, x := range pcm {
		if x > quiet || x < -quiet {
			m.loud |= Of(place)
			return
		}
	}
}

// Mix writes what a place hears in this turn to out. It reports whether there is anything but silence. All frames of a turn must be as long as
// out, which is at most MaxFrame.
func (m *Mixer) Mix(place int, out []int16) (sound bool) {
	want, before := m.hears[place], m.heard[place]
	m.heard[place] = want & (before | m.loud) // who is heard for the first time may begin in the middle of a word, whenever that is
	steady := want & before & m.loud
	swell, fade := want&^before&m.loud, before&^want&m.loud
	if steady|swell|fade == 0 {
		clear(out)
		return false
	}
	var sum [MaxFrame]int32
	n := len(out)
	m.add(&sum, n, steady)
	for i, voice := range m.voices {
		switch {
		case swell.Has(i):
			ramp(sum[:n], voice, 0)
		case fade.Has(i):
			ramp(sum[:n], voice, n)
		}
	}
	for i := range out {
		out[i] = limit(sum[i])
	}
	return true
}

// add sums voices: those of the set one by one, or all of them less the others, whichever is less work.
func (m *Mixer) add(sum *[MaxFrame]int32, n int, set Set) {
	others := m.loud &^ set
	if others.count()+1 >= set.count() {
		for i, voice := range m.voices {
			if set.Has(i) {
				plus(sum[:n], voice)
			}
		}
		return
	}
	if !m.summed {
		m.summed = true
		clear(m.total[:n])
		for i, voice := range m.voices {
			if m.loud.Has(i) {
				plus(m.total[:n], voice)
			}
		}
	}
	copy(sum[:n], m.total[:n])
	for i, voice := range m.voices {
		if others.Has(i) {
			minus(sum[:n], voice)
		}
	}
}

func (s Set) count() (n int) {
	for ; s != 0; s &= s - 1 {
		n++
	}
	return n
}

func plus(sum []int32, voice []int16) {
	voice = voice[:min(len(voice), len(sum))]
	for i, x := range voice {
		sum[i] += int32(x)
	}
}

func minus(sum []int32, voice []int16) {
	voice = voice[:min(len(voice), len(sum))]
	for i, x := range voice {
		sum[i] -= int32(x)
	}
}

// ramp adds a voice that swells over the frame, or fades when it begins at its length.
func ramp(sum []int32, voice []int16, from int) {
	n := int32(len(sum))
	for i, x := range voice[:min(len(voice), len(sum))] {
		gain := int32(i)
		if from > 0 {
			gain = n - 1 - int32(i)
		}
		sum[i] += int32(x) * gain / n
	}
}

// The limiter: samples up to the knee pass as they are, louder ones approach the largest that there is.
const (
	knee = 20000
	room = 32767 - knee
)

// limit makes a sample of a sum. Its curve has no corner and no memory: two loud voices are softened, never cut off.
func limit(x int32) int16 {
	switch {
	case x > knee:
		over := int64(x - knee)
		return int16(knee + over*room/(over+room))
	case x < -knee:
		over := int64(-knee - x)
		return int16(-knee - over*room/(over+room))
	}
	return int16(x)
}
