package dtmf

import "math"

// The coefficients of Goertzel's algorithm for both groups.
var (
	lowFilters  = filterTable(lowGroup)
	highFilters = filterTable(highGroup)
)

func filterTable(group [4]float64) (c [4]float32) {
	for i, hz := range group {
		c[i] = float32(2 * math.Cos(2*math.Pi*hz/rate))
	}
	return c
}

func energyOf(pcm []int16) (energy float32) {
	for _, x := range pcm {
		energy += float32(x) * float32(x)
	}
	return energy
}

// bank is the energy of four tones in pcm, in the unit of energyOf. Four filters at once fit the processor's registers.
func bank(pcm []int16, c *[4]float32) (energy [4]float32) {
	c0, c1, c2, c3 := c[0], c[1], c[2], c[3]
	var a0, a1, a2, a3, b0, b1, b2, b3 float32
	for _, sample := range pcm {
		x := float32(sample)
		a0, b0 = x+c0*a0-b0, a0
		a1, b1 = x+c1*a1-b1, a1
		a2, b2 = x+c2*a2-b2, a2
		a3, b3 = x+c3*a3-b3, a3
	}
	scale := 2 / float32(len(pcm))
	return [4]float32{
		scale * (a0*a0 + b0*b0 - c0*a0*b0), scale * (a1*a1 + b1*b1 - c1*a1*b1),
		scale * (a2*a2 + b2*b2 - c2*a2*b2), scale * (a3*a3 + b3*b3 - c3*a3*b3),
	}
}

// What verify demands of two blocks in which a key seems to be.
const (
	gridStep  = 0.004 // how finely the true frequency is looked for
	gridSize  = 6     // steps to each side: 2.4 %
	gridTaken = 5     // steps off that still are the key: 2 %
	purity    = 0.88  // share of the power that both tones have: 8.7 dB over all else
	twistHigh = 6.5   // the high tone may have this many times the power of the low one: 8 dB ...
	twistLow  = 3.5   // ... and the low one that of the high one: 5 dB
	swell     = 4     // a tone's power in both halves differs by less than this: 6 dB
)

// verify looks at the candidate closely: both tones at their true frequencies must be all that there is, steady, and
// neither much louder than the other. That is what speech and music are not.
func verify(pcm []int16, key byte) bool {
	low, high := Frequencies(key)
	low, okLow := trueFrequency(pcm, low)
	high, okHigh := trueFrequency(pcm, high)
	if !okLow || !okHigh {
		return false
	}
	var rest [2 * blockLen]float64
	for i, x := range pcm {
		rest[i] = float64(x)
	}
	var l, h wave
	for range 2 { // each is estimated again without the other
		l.add(takeOut(rest[:], low))
		h.add(takeOut(rest[:], high))
	}
	all, left := float64(energyOf(pcm)), 0.0
	for _, x := range rest {
		left += x * x
	}
	return left < (1-purity)*all && h.power() < twistHigh*l.power() && l.power() < twistLow*h.power() &&
		steady(pcm, low) && steady(pcm, high)
}

// trueFrequency is the one near hz at which pcm has most; false when it lies too far off.
func trueFrequency(pcm []int16, hz float64) (float64, bool) {
	best, at := float32(-1), 0
	for i := -gridSize; i <= gridSize; i++ {
		if e := toneEnergy(pcm, hz*(1+gridStep*float64(i))); e > best {
			best, at = e, i
		}
	}
	return hz * (1 + gridStep*float64(at)), at >= -gridTaken && at <= gridTaken
}

func toneEnergy(pcm []int16, hz float64) float32 {
	c := float32(2 * math.Cos(2*math.Pi*hz/rate))
	var a, b float32
	for _, x := range pcm {
		a, b = float32(x)+c*a-b, a
	}
	return (a*a + b*b - c*a*b) * 2 / float32(len(pcm))
}

func steady(pcm []int16, hz float64) bool {
	a, b := toneEnergy(pcm[:len(pcm)/2], hz), toneEnergy(pcm[len(pcm)/2:], hz)
	return a < swell*b && b < swell*a
}

// wave is a tone's part in cosine and sine.
type wave struct{ c, s float64 }

func (w *wave) add(v wave) { w.c, w.s = w.c+v.c, w.s+v.s }

func (w *wave) power() float64 { return w.c*w.c + w.s*w.s }

// takeOut finds the tone of hz in x and subtracts it.
func takeOut(x []float64, hz float64) (w wave) {
	sin, cos := math.Sincos(2 * math.Pi * hz / rate)
	c, s := 1.0, 0.0
	for _, v := range x {
		w.c, w.s = w.c+v*c, w.s+v*s
		c, s = c*cos-s*sin, s*cos+c*sin
	}
	w.c, w.s = w.c*2/float64(len(x)), w.s*2/float64(len(x))
	c, s = 1.0, 0.0
	for i := range x {
		x[i] -= w.c*c + w.s*s
		c, s = c*cos-s*sin, s*cos+c*sin
	}
	return w
}
