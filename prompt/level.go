package prompt

import "math"

// The loudness of prompts: that of the shipped ones.
const (
	targetRMS = -18.0 // dBFS of the parts that are not silent, where a full-scale square is 0
	ceiling   = -1.0  // dBFS that no sample passes: then the prompt stays softer
	maxGain   = 20.0  // dB; more would only raise noise
	silence   = -50.0 // dBFS; windows below are pauses
	window    = 160   // samples: 20 ms
)

// Level brings sound to -18 dBFS RMS over the parts that are not silent, or as near as a peak of -1 dBFS and 20 dB of gain allow. Silence
// stays silent.
func Level(pcm []int16) {
	var power float64
	windows, peak := 0, 1.0
	for at := 0; at < len(pcm); at += window {
		part := pcm[at:min(at+window, len(pcm))]
		var sum float64
		for _, x := range part {
			v := float64(x) / 32768
			sum += v * v
			peak = max(peak, math.Abs(float64(x)))
		}
		if p := sum / float64(len(part)); 10*math.Log10(p+1e-20) > silence {
			power += p
			windows++
		}
	}
	if windows == 0 {
		return
	}
	gain := min(targetRMS-10*math.Log10(power/float64(windows)), ceiling-20*math.Log10(peak/32768), maxGain)
	factor := math.Pow(10, gain/20)
	for i, x := range pcm {
		pcm[i] = int16(math.Round(float64(x) * factor))
	}
}
