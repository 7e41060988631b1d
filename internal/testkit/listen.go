package testkit

import (
	"fmt"
	"time"

	"hotline/media/tone"
)

// Stretch is a part of what was heard that is all of one kind.
type Stretch struct {
	At, For time.Duration
	What    string  // "silence", "sound", or "tone 450 Hz"
	Level   float64 // dBFS
}

// Bounds of what Listen tells apart.
const (
	window    = 100 * time.Millisecond
	quiet     = -55.0 // dBFS below which it is silence
	pureTone  = 12.0  // dB that a tone stands above the rest
	perSecond = 8000
)

// telltales are the tones that Listen names: those of tests, and the 450 Hz of Chinese exchanges.
var telltales = []float64{450, 700, 1000, 1300, 2100}

// Listen divides sound into stretches of silence, of one tone, and of other sound.
func Listen(pcm []int16) []Stretch {
	step := int(window * perSecond / time.Second)
	var all []Stretch
	for i := 0; i+step <= len(pcm); i += step {
		what, level := name(pcm[i:i+step]), tone.Level(pcm[i:i+step])
		at := time.Duration(i) * time.Second / perSecond
		if n := len(all) - 1; n >= 0 && all[n].What == what {
			all[n].Level = max(all[n].Level, level)
			all[n].For += window
			continue
		}
		all = append(all, Stretch{At: at, For: window, What: what, Level: level})
	}
	return merged(all)
}

func name(pcm []int16) string {
	if tone.Level(pcm) < quiet {
		return "silence"
	}
	for _, hz := range telltales {
		if tone.SNR(pcm, hz) > pureTone {
			return fmt.Sprintf("tone %.0f Hz", hz)
		}
	}
	return "sound"
}

// merged drops stretches too short to mean anything between two of one kind: the pauses within speech.
func merged(all []Stretch) []Stretch {
	var out []Stretch
	for _, s := range all {
		n := len(out) - 1
		switch {
		case n >= 0 && out[n].What == s.What:
			out[n].For += s.For
		case n >= 0 && s.For < 4*window && out[n].What == "sound":
			out[n].For += s.For
		default:
			out = append(out, s)
		}
	}
	return out
}

// HeardTone is true where a tone was heard for half a second or more in all.
func HeardTone(pcm []int16, hz float64) bool {
	step := int(window * perSecond / time.Second)
	count := 0
	for i := 0; i+step <= len(pcm); i += step {
		if part := pcm[i : i+step]; tone.Level(part) > quiet && tone.SNR(part, hz) > pureTone {
			count++
		}
	}
	return count >= 5
}
