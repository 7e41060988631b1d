package codec

// G.722 at 64 kbit/s (ITU-T G.722 mode 1): two bands of 4 kHz, split by a pair of quadrature mirror filters and coded by
// ADPCM with 6 and 2 bits a sample. One octet holds two samples at 16 kHz, or one at 8 kHz: those are the lower band as it
// is, without the filters, with silence above. The names of the blocks in comments are those of the recommendation's section 6.

// g722Band is the predictor and quantiser of one band.
type g722Band struct {
	estimate int32    // SL, SH: what the predictor expects
	zeros    int32    // SZL, SZH: the part of its six zeros
	recons   [2]int32 // the last two reconstructed samples, twice
	partial  [2]int32 // PLT, PH: without the part of the poles
	poles    [2]int32 // AL, AH
	taps     [6]int32 // BL, BH
	diffs    [6]int32 // DLT, DH: the last six quantised differences, twice
	log      int32    // NBL, NBH: the logarithmic scale factor
	scale    int32    // DETL, DETH
}

// Limits of the scale factors (LOGSCL, LOGSCH) and shifts of SCALEL and SCALEH.
const (
	g722LowLimit  = 18432
	g722HighLimit = 22528
	g722LowShift  = 8
	g722HighShift = 10
	g722LowScale  = 32 // at the start
	g722HighScale = 8
	g722Clip      = 16384 // LIMIT
)

// rescale is LOGSCL and SCALEL, or their twins of the higher band.
func (b *g722Band) rescale(weight, limit, shift int32) {
	b.log = min(max(b.log*127>>7+weight, 0), limit)
	mantissa := g722Inverse[b.log>>6&31]
	exponent := shift - b.log>>11
	if exponent < 0 {
		b.scale = mantissa << -exponent << 2
	} else {
		b.scale = mantissa >> exponent << 2
	}
}

// update adapts the predictor to the quantised difference and predicts the next sample (block 4).
func (b *g722Band) update(diff int32) {
	recons := saturate(b.estimate + diff)
	partial := saturate(b.zeros + diff)
	b.adaptPoles(partial)
	b.adaptZeros(diff)
	b.recons = [2]int32{saturate(2 * recons), b.recons[0]}
	b.partial = [2]int32{partial, b.partial[0]}
	sum := b.poles[0]*b.recons[0]>>15 + b.poles[1]*b.recons[1]>>15 // FILTEP
	b.estimate = saturate(saturate(sum) + b.zeros)
}

// adaptPoles is UPPOL2 and UPPOL1.
func (b *g722Band) adaptPoles(partial int32) {
	step := signed(-saturate(b.poles[0]<<2), partial^b.partial[0])
	second := min(step, 32767)>>7 + b.poles[1]*32512>>15 + signed(128, partial^b.partial[1])
	second = min(max(second, -12288), 12288)
	first := b.poles[0]*32640>>15 + signed(192, partial^b.partial[0])
	bound := 15360 - second
	b.poles = [2]int32{min(max(saturate(first), -bound), bound), second}
}

// adaptZeros is UPZERO, the shift of the differences, and FILTEZ. It is half of a sample's price: the six taps stay in registers and
// signs are arithmetic.
func (b *g722Band) adaptZeros(diff int32) {
	step := int32(128)
	if diff == 0 {
		step = 0
	}
	d, t := &b.diffs, &b.taps
	newest := saturate(2 * diff)
	t0 := t[0]*32640>>15 + signed(step, diff^d[0])
	t1 := t[1]*32640>>15 + signed(step, diff^d[1])
	t2 := t[2]*32640>>15 + signed(step, diff^d[2])
	t3 := t[3]*32640>>15 + signed(step, diff^d[3])
	t4 := t[4]*32640>>15 + signed(step, diff^d[4])
	t5 := t[5]*32640>>15 + signed(step, diff^d[5])
	sum := t0*newest>>15 + t1*d[0]>>15 + t2*d[1]>>15 + t3*d[2]>>15 + t4*d[3]>>15 + t5*d[4]>>15
	b.zeros = saturate(sum)
	*t = [6]int32{t0, t1, t2, t3, t4, t5}
	*d = [6]int32{newest, d[0], d[1], d[2], d[3], d[4]}
}

// signed is x with the sign of which.
func signed(x, which int32) int32 {
	sign := which >> 31
	return (x ^ sign) - sign
}

func saturate(x int32) int32 { return min(max(x, -32768), 32767) }

// lower quantises the lower band (QUANTL, INVQAL).
func (b *g722Band) lower(sample int32) byte {
	diff := saturate(sample - b.estimate)
	size := diff
	if diff < 0 {
		size = ^diff
	}
	level, above := 1, len(g722Levels) // the first level that size does not reach
	for level < above {
		if middle := (level + above) / 2; size >= g722Levels[middle]*b.scale>>12 {
			level = middle + 1
		} else {
			above = middle
		}
	}
	code := byte(62 - level) // positive: 61 down to 32; negative: 63, 62, then 31 down to 4
	if diff < 0 {
		if code = byte(64 - level); level > 2 {
			code = byte(34 - level)
		}
	}
	b.takeLower(code)
	return code
}

// takeLower adapts the lower band to a code of six bits, of which the predictor sees four.
func (b *g722Band) takeLower(code byte) {
	diff := b.scale * g722Four[code>>2] >> 15
	b.rescale(g722LowWeight[code>>2], g722LowLimit, g722LowShift)
	b.update(diff)
}

// higher quantises the higher band (QUANTH, INVQAH).
func (b *g722Band) higher(sample int32) byte {
	diff := saturate(sample - b.estimate)
	size, code := diff, byte(3)
	if diff < 0 {
		size, code = ^diff, 1
	}
	if size >= 564*b.scale>>12 {
		code--
	}
	b.takeHigher(code)
	return code
}

func (b *g722Band) takeHigher(code byte) int32 {
	diff := b.scale * g722Two[code] >> 15
	sum := b.estimate + diff
	b.rescale(g722HighWeight[code], g722HighLimit, g722HighShift)
	b.update(diff)
	return min(max(sum, -g722Clip), g722Clip-1)
}

// g722Nothing is the higher band's code while there is nothing in it.
const g722Nothing = 3 << 6

// G722Encoder makes octets of samples, always by the same method. The zero value is not ready: use NewG722Encoder.
type G722Encoder struct {
	low, high g722Band
	delay     [24]int32
}

// NewG722Encoder returns an encoder in the initial state.
func NewG722Encoder() *G722Encoder {
	return &G722Encoder{low: g722Band{scale: g722LowScale}, high: g722Band{scale: g722HighScale}}
}

// Wide writes one octet for each pair of samples at 16 kHz and returns how many.
func (e *G722Encoder) Wide(dst []byte, pcm []int16) int {
	n := min(len(dst), len(pcm)/2)
	for i := range n {
		copy(e.delay[:], e.delay[2:])
		e.delay[22], e.delay[23] = int32(pcm[2*i]), int32(pcm[2*i+1])
		var even, odd int32
		for k, c := range &g722Mirror {
			even += e.delay[2*k] * c
			odd += e.delay[2*k+1] * g722Mirror[11-k]
		}
		dst[i] = e.low.lower((even+odd)>>14) | e.high.higher((even-odd)>>14)<<6
	}
	return n
}

// Narrow writes one octet for each sample at 8 kHz and returns how many.
func (e *G722Encoder) Narrow(dst []byte, pcm []int16) int {
	n := min(len(dst), len(pcm))
	for i, x := range pcm[:n] {
		dst[i] = e.low.lower(int32(x)>>1) | g722Nothing
	}
	return n
}

// G722Decoder makes samples of octets, always by the same method. The zero value is not ready: use NewG722Decoder.
type G722Decoder struct {
	low, high g722Band
	delay     [24]int32
}

// NewG722Decoder returns a decoder in the initial state.
func NewG722Decoder() *G722Decoder {
	return &G722Decoder{low: g722Band{scale: g722LowScale}, high: g722Band{scale: g722HighScale}}
}

// lower decodes the six bits of the lower band (INVQBL, RECONS, LIMIT).
func (d *G722Decoder) lower(c byte) int32 {
	code := c & 63
	sample := d.low.estimate + d.low.scale*g722Six[code]>>15
	d.low.takeLower(code)
	return min(max(sample, -g722Clip), g722Clip-1)
}

// Wide writes two samples at 16 kHz for each octet and returns how many.
func (d *G722Decoder) Wide(pcm []int16, src []byte) int {
	n := min(len(pcm)/2, len(src))
	for i, c := range src[:n] {
		low, high := d.lower(c), d.high.takeHigher(c>>6)
		copy(d.delay[:], d.delay[2:])
		d.delay[22], d.delay[23] = low+high, low-high
		var first, second int32
		for k, c := range &g722Mirror {
			first += d.delay[2*k+1] * g722Mirror[11-k]
			second += d.delay[2*k] * c
		}
		pcm[2*i], pcm[2*i+1] = int16(saturate(first>>11)), int16(saturate(second>>11))
	}
	return 2 * n
}

// Narrow writes one sample at 8 kHz for each octet, the lower band alone, and returns how many.
func (d *G722Decoder) Narrow(pcm []int16, src []byte) int {
	n := min(len(pcm), len(src))
	for i, c := range src[:n] {
		pcm[i] = int16(saturate(2 * d.lower(c)))
	}
	return n
}
