// Package tone makes tones and finds them again, at 8 kHz: sines, their level, and which of some given frequencies are heard. Tests and
// the synthetic caller use it to prove who hears whom. It is no DTMF receiver (see media/dtmf) and no measure of speech quality.
package tone

import (
	"math"
	"time"

	"hotline/media/codec"
)

// FullScale is the amplitude of the loudest sine.
const FullScale = 32767

// Sine is a tone without end: each call of Read goes on where the last one stopped. For one goroutine.
type Sine struct {
	step, phase, amplitude float64
}

// NewSine returns a tone of hz at a level in dBFS, where 0 is the loudest sine and -9 or so is common for test tones.
func NewSine(hz, dBFS float64) *Sine {
	return &Sine{step: 2 * math.Pi * hz / codec.SampleRate, amplitude: Amplitude(dBFS)}
}

// Read fills pcm with the tone.
func (s *Sine) Read(pcm []int16) {
	for i := range pcm {
		pcm[i] = int16(math.Round(s.amplitude * math.Sin(s.phase)))
		s.phase = math.Mod(s.phase+s.step, 2*math.Pi)
	}
}

// Make is a tone of hz for d at a level in dBFS.
func Make(hz, dBFS float64, d time.Duration) []int16 {
	pcm := make([]int16, codec.Samples(d))
	NewSine(hz, dBFS).Read(pcm)
	return pcm
}

// Dual is two tones at once, each at a level in dBFS; they clip where together they pass full scale. With the frequencies of ITU-T Q.23 it
// is a telephone key.
func Dual(low, high, dBFS float64, d time.Duration) []int16 {
	pcm, other := Make(low, dBFS, d), Make(high, dBFS, d)
	for i, x := range other {
		pcm[i] = clip(int(pcm[i]) + int(x))
	}
	return pcm
}

func clip(x int) int16 { return int16(max(math.MinInt16, min(math.MaxInt16, x))) }

// Amplitude is the peak of a sine at a level in dBFS; never more than FullScale.
func Amplitude(dBFS float64) float64 { return FullScale * math.Pow(10, min(dBFS, 0)/20) }

// Floor is the level of digital silence, in dBFS: there is no less.
const Floor = -120.0

// Level is the level of pcm in dBFS: 0 is a full-scale sine, Floor is silence or nothing at all.
func Level(pcm []int16) float64 { return decibels(power(pcm)) }

// power is the mean square.
func power(pcm []int16) float64 {
	if len(pcm) == 0 {
		return 0
	}
	var sum float64
	for _, x := range pcm {
		sum += float64(x) * float64(x)
	}
	return sum / float64(len(pcm))
}

// decibels is a mean square in dBFS.
func decibels(power float64) float64 {
	return max(Floor, 10*math.Log10(power/(FullScale*FullScale/2)+1e-12))
}
