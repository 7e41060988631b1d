package convert

import "math"

// noise is comfort noise of a level that the peer gave (RFC 3389 section 3.1): white, for the spectrum that may follow the
// level is seldom sent.
type noise struct {
	on   bool
	peak int32
	seed uint32
}

const loudestNoise = 30 // -dBov: what is louder is no background

func (n *noise) set(payload []byte) {
	if len(payload) == 0 {
		return
	}
	level := max(loudestNoise, int(payload[0]&0x7f))
	n.peak = int32(math.Sqrt(3) * 32768 * math.Pow(10, -float64(level)/20)) // evenly spread: the peak is the root of 3 above the effective value
	n.on = true
}

func (n *noise) fill(pcm []int16) {
	for i := range pcm {
		n.seed = n.seed*1664525 + 1013904223
		pcm[i] = int16(int32(int16(n.seed>>16)) * n.peak >> 15)
	}
}
