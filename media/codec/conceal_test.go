package codec

import (
	"math"
	"testing"
)

// voice is something like speech: a pitch that glides from 110 to 170 Hz with overtones, in syllables.
func voice(seconds int) []int16 {
	pcm := make([]int16, 8000*seconds)
	phase := 0.0
	for i := range pcm {
		at := float64(i) / 8000
		phase += 2 * math.Pi * (140 + 30*math.Sin(2*math.Pi*0.7*at)) / 8000
		var x float64
		for k := 1; k <= 12; k++ {
			x += math.Sin(float64(k)*phase+float64(k*k)) / float64(k)
		}
		pcm[i] = int16(5000 * x * (0.6 + 0.4*math.Sin(2*math.Pi*3*at)))
	}
	return pcm
}

// lossy plays pcm in frames of 20 ms of which every tenth is lost, and returns the SNR with what fill puts there.
func lossy(pcm []int16, good, lost func([]int16)) float64 {
	out := append([]int16(nil), pcm...)
	for at := 0; at+160 <= len(out); at += 160 {
		frame := out[at : at+160]
		if at/160%10 == 7 {
			lost(frame)
		} else {
			good(frame)
		}
	}
	var signal, noise float64
	for i := range pcm {
		e := float64(pcm[i]) - float64(out[i])
		signal += float64(pcm[i]) * float64(pcm[i])
		noise += e * e
	}
	return 10 * math.Log10(signal/noise)
}

// TestConcealBenefit: at 10 % loss the invented sound is much nearer to what was said than silence or the frame before.
func TestConcealBenefit(t *testing.T) {
	pcm := voice(10)
	silence := lossy(pcm, func([]int16) {}, func(f []int16) { clear(f) })
	var before [160]int16
	repeated := lossy(pcm, func(f []int16) { copy(before[:], f) }, func(f []int16) { copy(f, before[:]) })
	var c Concealer
	got := lossy(pcm, c.Good, c.Lost)
	t.Logf("silence %.1f dB, frame before %.1f dB, concealed %.1f dB", silence, repeated, got)
	if got < silence+5 || got < repeated+5 {
		t.Errorf("concealed %.1f dB, silence %.1f, the frame before %.1f: want 5 dB more than both", got, silence, repeated)
	}
}

// TestConcealFades: a long loss is silence after 60 ms, and what follows comes in without a step.
func TestConcealFades(t *testing.T) {
	var c Concealer
	pcm := voice(1)
	c.Good(pcm)
	lost := make([]int16, 960)
	c.Lost(lost)
	if p := peak(lost[:80]); p < 2000 {
		t.Errorf("peak %v at the beginning of a loss, want sound", p)
	}
	if p := peak(lost[concealOver:]); p != 0 {
		t.Errorf("peak %v after 60 ms, want silence", p)
	}
	again := []int16{20000, 20000, 20000, 20000}
	c.Good(again)
	if again[0] > 8000 || again[3] < again[0] {
		t.Errorf("after the loss %v: want it to fade in", again)
	}
	whole := []int16{1, 2, 3}
	c.Good(whole)
	if whole[0] != 1 || whole[2] != 3 {
		t.Errorf("good sound was changed to %v", whole)
	}
}

func TestPitch(t *testing.T) {
	for _, period := range []int{45, 60, 80, 115} {
		pcm := make([]int16, 400)
		for i := range pcm {
			pcm[i] = int16(5000 * (math.Sin(2*math.Pi*float64(i)/float64(period)) + math.Sin(6*math.Pi*float64(i)/float64(period))))
		}
		if got := Pitch(pcm); got%period != 0 {
			t.Errorf("Pitch = %d, want %d", got, period)
		}
	}
}

// TestShorten: a tone that loses a period is still that tone.
func TestShorten(t *testing.T) {
	pcm := wave(8000, 8000, 200)[:320]
	short := Shorten(append([]int16(nil), pcm...), 160)
	if len(short) >= 320 || len(short) < 200 {
		t.Fatalf("%d samples remain, want a period less than 320", len(short))
	}
	for i := 1; i < len(short); i++ {
		if step := math.Abs(float64(short[i]) - float64(short[i-1])); step > 1600 {
			t.Errorf("a step of %v at %d", step, i)
		}
	}
	if got := Shorten(pcm, 20); len(got) != 320 {
		t.Errorf("limit 20: %d samples, want all", len(got))
	}
	if got := Shorten(pcm[:200], 160); len(got) != 200 {
		t.Errorf("a short piece: %d samples, want all", len(got))
	}
}

func TestConcealAllocatesNothing(t *testing.T) {
	var c Concealer
	pcm := voice(1)[:160]
	if got := testing.AllocsPerRun(100, func() { c.Good(pcm); c.Lost(pcm) }); got != 0 {
		t.Errorf("%v allocations", got)
	}
}

func BenchmarkConceal20ms(b *testing.B) {
	var c Concealer
	pcm := voice(1)[:160]
	for b.Loop() {
		c.Good(pcm)
		c.Lost(pcm)
	}
}
