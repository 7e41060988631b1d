package wav

import (
	"fmt"
	"math"

	"hotline/media/codec"
)

// zeroCrossings is the half width of the filter in samples of the lower rate: 24 put the edge of the pass band at 3.5 kHz
// with more than 60 dB beyond 4 kHz, which is under the noise of G.711.
const zeroCrossings = 24

// resampler changes the rate of a stream by a polyphase filter: one row of a windowed sinc for each of the positions that an
// output sample can have between two input samples. Output n is centred on input n*down/up, so there is no delay to cut off.
type resampler struct {
	up, down int         // output rate / input rate, reduced
	half     int         // taps on each side of the centre
	rows     [][]float32 // up rows of 2*half taps; nil when the rates are equal
	input    []float32   // what is still needed, beginning at sample first
	first    int
	next     int // number of the next output sample
	limit    int // of output samples
	out      []int16
}

// newResampler prepares for at most limit output samples. The rates must be positive.
func newResampler(from, to, limit int) *resampler {
	g := gcd(from, to)
	r := &resampler{up: to / g, down: from / g, limit: limit}
	if from == to {
		return r
	}
	r.half = zeroCrossings * max(from, to) / to
	cutoff := 0.92 * min(1, float64(to)/float64(from)) // of half the input rate
	r.rows = make([][]float32, r.up)
	for p := range r.rows {
		r.rows[p] = sincRow(r.half, float64(p)/float64(r.up), cutoff)
	}
	r.input = make([]float32, r.half-1, 4096)
	r.first = -(r.half - 1)
	return r
}

func gcd(a, b int) int {
	for b != 0 {
		a, b = b, a%b
	}
	return a
}

// sincRow is the low-pass filter sampled for an output that lies offset (0 to 1) after an input sample, with unit gain at 0 Hz.
func sincRow(half int, offset, cutoff float64) []float32 {
	taps := make([]float64, 2*half)
	sum := 0.0
	for k := range taps {
		x := float64(k-half+1) - offset
		taps[k] = sinc(cutoff*x) * kaiser(x/float64(half))
		sum += taps[k]
	}
	row := make([]float32, len(taps))
	for k, tap := range taps {
		row[k] = float32(tap / sum)
	}
	return row
}

func sinc(x float64) float64 {
	if x == 0 {
		return 1
	}
	return math.Sin(math.Pi*x) / (math.Pi * x)
}

// kaiser is the Kaiser window with beta 6.5 (about 67 dB of stop band) at x between -1 and 1.
func kaiser(x float64) float64 {
	const beta = 6.5
	return bessel0(beta*math.Sqrt(max(0, 1-x*x))) / bessel0(beta)
}

// bessel0 is the modified Bessel function of order 0, by its series.
func bessel0(x float64) float64 {
	sum, term := 1.0, 1.0
	for k := 1.0; term > 1e-12*sum; k++ {
		term *= x / 2 / k * x / 2 / k
		sum += term
	}
	return sum
}

// push takes input in and makes all the output that it allows. The error is ErrTooLong.
func (r *resampler) push(in []float32) error {
	if r.rows == nil {
		for _, x := range in {
			r.out = append(r.out, round(x))
		}
		return r.bounded()
	}
	r.input = append(r.input, in...)
	for {
		centre := r.next * r.down / r.up
		start := centre - r.half + 1 - r.first
		if start+2*r.half > len(r.input) {
			break
		}
		row := r.rows[r.next*r.down%r.up]
		var sum float32
		for k, x := range r.input[start : start+2*r.half] {
			sum += row[k] * x
		}
		r.out = append(r.out, round(sum))
		r.next++
	}
	r.forget()
	return r.bounded()
}

// forget drops input that no later output needs.
func (r *resampler) forget() {
	keep := min(r.next*r.down/r.up-r.half+1-r.first, len(r.input))
	if keep > 0 {
		r.input = r.input[:copy(r.input, r.input[keep:])]
		r.first += keep
	}
}

func (r *resampler) bounded() error {
	if len(r.out) > r.limit {
		return fmt.Errorf("%w: more than %v", ErrTooLong, codec.Duration(int64(r.limit)))
	}
	return nil
}

// finish lets the filter ring out and returns all output: as long as the input, rounded up to a sample.
func (r *resampler) finish() ([]int16, error) {
	if r.rows != nil {
		end := r.first + len(r.input)
		want := (end*r.up + r.down - 1) / r.down
		if err := r.push(make([]float32, r.half+1)); err != nil {
			return nil, err
		}
		r.out = r.out[:min(want, len(r.out))]
	}
	return r.out, nil
}

// round makes a sample of x, clipping it.
func round(x float32) int16 {
	return int16(max(math.MinInt16, min(math.MaxInt16, math.RoundToEven(float64(x)))))
}
