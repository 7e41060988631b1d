package tone

import (
	"math"
	"slices"

	"hotline/media/codec"
)

// Window is a good number of samples to look at, 200 ms: tones 20 Hz apart can be told from each other.
const Window = 1600

// Find is the level of the tone of hz within pcm, in dBFS (Goertzel's algorithm with a Hann window, so that a loud tone does not show at the
// frequency of another one). Floor when there is none. It needs some 400 samples (50 ms) to tell tones 100 Hz apart.
func Find(pcm []int16, hz float64) float64 {
	return decibels(tonePower(pcm, hz))
}

// tonePower is the mean square of the tone of hz.
func tonePower(pcm []int16, hz float64) float64 {
	n := float64(len(pcm))
	if n < 2 {
		return 0
	}
	turn := 2 * math.Pi * hz / codec.SampleRate
	coefficient := 2 * math.Cos(turn)
	var s1, s2, weights float64
	for i, x := range pcm {
		w := 0.5 - 0.5*math.Cos(2*math.Pi*(float64(i)+0.5)/n)
		weights += w
		s1, s2 = float64(x)*w+coefficient*s1-s2, s1
	}
	magnitude := s1*s1 + s2*s2 - coefficient*s1*s2
	return max(0, 2*magnitude/(weights*weights))
}

// SNR is how far the tone of hz stands above everything else in pcm, in decibels: a sine and a constant are fitted by least squares and what is
// left is noise. G.711 alone gives 37 to 38. 120 at most, -120 when there is no such tone; 0 for fewer than 8 samples.
func SNR(pcm []int16, hz float64) float64 {
	if len(pcm) < 8 {
		return 0
	}
	c, s, mean := fit(pcm, hz)
	step := 2 * math.Pi * hz / codec.SampleRate
	var noise float64
	for i, x := range pcm {
		e := float64(x) - mean - c*math.Cos(step*float64(i)) - s*math.Sin(step*float64(i))
		noise += e * e / float64(len(pcm))
	}
	signal := (c*c + s*s) / 2
	return max(Floor, min(-Floor, 10*math.Log10((signal+1e-9)/(noise+1e-9))))
}

// fit solves the normal equations of x = c cos + s sin + mean.
func fit(pcm []int16, hz float64) (c, s, mean float64) {
	step := 2 * math.Pi * hz / codec.SampleRate
	var m [3][4]float64
	for i, x := range pcm {
		basis := [3]float64{math.Cos(step * float64(i)), math.Sin(step * float64(i)), 1}
		for row := range m {
			for col := range basis {
				m[row][col] += basis[row] * basis[col]
			}
			m[row][3] += basis[row] * float64(x)
		}
	}
	solution := solve(m)
	return solution[0], solution[1], solution[2]
}

// solve is Gauss-Jordan elimination with pivoting; unknowns that the equations do not determine are 0.
func solve(m [3][4]float64) (x [3]float64) {
	for col := range m {
		pivot := col
		for row := col + 1; row < len(m); row++ {
			if math.Abs(m[row][col]) > math.Abs(m[pivot][col]) {
				pivot = row
			}
		}
		m[col], m[pivot] = m[pivot], m[col]
		if math.Abs(m[col][col]) < 1e-6 {
			m[col] = [4]float64{}
			m[col][col] = 1
		}
		for row := range m {
			if row == col {
				continue
			}
			factor := m[row][col] / m[col][col]
			for k := col; k < 4; k++ {
				m[row][k] -= factor * m[col][k]
			}
		}
	}
	for i := range x {
		x[i] = m[i][3] / m[i][i]
	}
	return x
}

// The bars of Heard: a tone counts when it is this loud and at most so far under the loudest of the tones.
const (
	audible  = -45.0 // dBFS
	dominant = 20.0  // dB
)

// Heard says which of the tones dominate in pcm, loudest first: each at -45 dBFS or more, within 20 dB of the loudest one, and all together at
// least a quarter of the power. Nil means noise, speech, silence or other tones.
func Heard(pcm []int16, hz ...float64) []float64 {
	type found struct{ hz, power float64 }
	var tones []found
	loudest, sum := 0.0, 0.0
	for _, f := range hz {
		p := tonePower(pcm, f)
		tones = append(tones, found{f, p})
		loudest = max(loudest, p)
		sum += p
	}
	if sum < power(pcm)/4 {
		return nil
	}
	slices.SortStableFunc(tones, func(a, b found) int { return int(math.Copysign(1, b.power-a.power)) })
	var heard []float64
	for _, t := range tones {
		level := decibels(t.power)
		if level >= audible && level >= decibels(loudest)-dominant {
			heard = append(heard, t.hz)
		}
	}
	return heard
}
