package dtmf

import "math"

// The frequencies of ITU-T Q.23 in Hz and a level within Q.24: -9 dBm0 low group, 2 dB more for the high group.
var (
	lowGroup  = [4]float64{697, 770, 852, 941}
	highGroup = [4]float64{1209, 1336, 1477, 1633}
	keypad    = [4]string{"123A", "456B", "789C", "*0#D"}
)

const (
	lowAmplitude  = 5000
	highAmplitude = 6300
	rampSamples   = 40 // 5 ms, so that the tone does not click
	rate          = 8000
)

// Frequencies are the two tones of a key in Hz; zeros when it is no key.
func Frequencies(key byte) (low, high float64) {
	if key >= 'a' && key <= 'd' {
		key -= 'a' - 'A'
	}
	for row, line := range keypad {
		for col := range line {
			if line[col] == key {
				return lowGroup[row], highGroup[col]
			}
		}
	}
	return 0, 0
}

// Tone is n samples of the key's tone at 8 kHz, with soft edges; nil when it is no key.
func Tone(key byte, n int) []int16 {
	low, high := Frequencies(key)
	if low == 0 {
		return nil
	}
	pcm := make([]int16, n)
	for i := range pcm {
		t := 2 * math.Pi * float64(i) / rate
		edge := min(1, float64(i)/rampSamples, float64(n-1-i)/rampSamples)
		pcm[i] = int16(edge * (lowAmplitude*math.Sin(low*t) + highAmplitude*math.Sin(high*t)))
	}
	return pcm
}
