package codec

import "math"

// Numbers of a Concealer, in samples at 8 kHz.
const (
	minPitch    = 40 // voices from 66 to 200 Hz; higher ones at a multiple
	maxPitch    = 120
	concealPast = 3*maxPitch + concealFade
	pitchSpan   = 160 // over which two stretches are compared
	concealFade = 32  // 4 ms, where the invented and the real sound overlap
	concealFull = 80  // 10 ms at full loudness
	concealOver = 480 // 60 ms until silence
)

// Concealer invents sound for lost packets at 8 kHz, after the idea of ITU-T G.711 appendix I: it repeats the last pitch
// period, more of them the longer it lasts, fades to silence within 60 ms, and lets the invented sound overlap the real one that
// follows. It adds no delay. The zero value is ready; it allocates nothing.
type Concealer struct {
	past    [concealPast]int16 // what was heard last, newest at the end
	frozen  [concealPast]int16 // past when the loss began
	period  [3 * maxPitch]int16
	pitch   int // 0: nothing is being invented
	span    int // samples of period in use, a multiple of pitch
	at      int // in period
	done    int // samples invented since the loss began
	pending int // periods in use
}

// Good takes samples that arrived, after which a loss may come. Right after a loss it changes the beginning of pcm.
func (c *Concealer) Good(pcm []int16) {
	if c.done > 0 {
		var bridge [concealFade]int16
		n := min(concealFade, len(pcm))
		c.invent(bridge[:n])
		for i := range n {
			pcm[i] = crossed(bridge[i], pcm[i], i+1, n+1)
		}
		c.done, c.pitch = 0, 0
	}
	c.remember(pcm)
}

// Lost fills pcm with sound in place of what was lost.
func (c *Concealer) Lost(pcm []int16) {
	c.invent(pcm)
	c.remember(pcm)
}

// Reset forgets what was heard.
func (c *Concealer) Reset() { *c = Concealer{} }

func (c *Concealer) remember(pcm []int16) {
	if len(pcm) >= len(c.past) {
		copy(c.past[:], pcm[len(pcm)-len(c.past):])
		return
	}
	copy(c.past[:], c.past[len(pcm):])
	copy(c.past[len(c.past)-len(pcm):], pcm)
}

func (c *Concealer) invent(pcm []int16) {
	if c.pitch == 0 {
		c.frozen = c.past
		c.pitch, c.done, c.at, c.pending = Pitch(c.past[:]), 0, 0, 0
	}
	for i := range pcm {
		if c.done >= concealOver {
			pcm[i] = 0
			continue
		}
		if c.done == c.pending*concealFull && c.pending < 3 {
			c.widen()
		}
		x := int(c.period[c.at])
		if c.done > concealFull {
			x = x * (concealOver - c.done) / (concealOver - concealFull)
		}
		pcm[i] = int16(x)
		c.at = (c.at + 1) % c.span
		c.done++
	}
}

// widen takes one more pitch period into use: a single one that is repeated for long sounds like a machine. Where the
// end of the stretch meets its beginning the two overlap.
func (c *Concealer) widen() {
	c.pending++
	c.span = c.pitch * c.pending
	from := len(c.frozen) - c.span
	copy(c.period[:c.span], c.frozen[from:])
	fade := min(concealFade, c.pitch/4)
	for i := range fade { // the end of the stretch turns into what came before its beginning
		k := c.span - fade + i
		c.period[k] = crossed(c.period[k], c.frozen[from-fade+i], i+1, fade+1)
	}
}

// crossed goes from x to y as i goes from 0 to n.
func crossed(x, y int16, i, n int) int16 { return int16((int(x)*(n-i) + int(y)*i) / n) }

// Pitch is the lag, 5 to 15 ms at 8 kHz, at which the end of pcm resembles what came before it most. pcm has 280 samples or more.
func Pitch(pcm []int16) int {
	best, lag := math.Inf(-1), maxPitch
	end := pcm[len(pcm)-pitchSpan:]
	for l := minPitch; l <= maxPitch; l++ {
		from := len(pcm) - pitchSpan - l
		var product, energy int64
		for i, x := range end {
			y := int64(pcm[from+i])
			product += int64(x) * y
			energy += y * y
		}
		if score := float64(product) / math.Sqrt(float64(energy)+1); score > best {
			best, lag = score, l
		}
	}
	return lag
}

// Shorten leaves out one pitch period of at most limit samples from pcm, where two of them resemble each other, with an overlap; it
// returns what remains, in pcm's memory. pcm stays whole when it is shorter than 280 samples or the period is longer than limit.
func Shorten(pcm []int16, limit int) []int16 {
	if len(pcm) < pitchSpan+maxPitch {
		return pcm
	}
	lag := Pitch(pcm)
	if lag > limit {
		return pcm
	}
	// From one period to the next: what is kept begins as the earlier one and ends as the later one.
	from := len(pcm) - 2*lag
	for i := range lag {
		pcm[from+i] = crossed(pcm[from+i], pcm[from+lag+i], i+1, lag+1)
	}
	return pcm[:len(pcm)-lag]
}
