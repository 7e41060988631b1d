package tone

import (
	"math"
	"slices"
	"testing"
	"time"

	"hotline/media/codec"
)

func near(got, want, by float64) bool { return math.Abs(got-want) <= by }

// mix adds tones sample by sample.
func mix(parts ...[]int16) []int16 {
	sum := slices.Clone(parts[0])
	for _, part := range parts[1:] {
		for i, x := range part {
			sum[i] = clip(int(sum[i]) + int(x))
		}
	}
	return sum
}

func TestLevel(t *testing.T) {
	rows := []struct {
		name string
		pcm  []int16
		want float64
	}{
		{"full scale", Make(1000, 0, time.Second), 0},
		{"louder than full scale is full scale", Make(1000, 6, time.Second), 0},
		{"-20 dB", Make(440, -20, time.Second), -20},
		{"two tones", Dual(697, 1209, -20, time.Second), -17},
		{"silence", make([]int16, 800), Floor},
		{"nothing", nil, Floor},
	}
	for _, row := range rows {
		if got := Level(row.pcm); !near(got, row.want, 0.1) {
			t.Errorf("%s: Level = %.2f, want %.2f", row.name, got, row.want)
		}
	}
}

// TestSineGoesOn: pieces fit together without a click.
func TestSineGoesOn(t *testing.T) {
	whole := Make(700, -6, time.Second)
	pieces := make([]int16, len(whole))
	sine := NewSine(700, -6)
	for at := 0; at < len(pieces); at += 160 {
		sine.Read(pieces[at : at+160])
	}
	if !slices.Equal(whole, pieces) {
		t.Error("a tone read in pieces differs from the whole")
	}
}

func TestFind(t *testing.T) {
	for _, hz := range []float64{300, 700, 1300, 2100, 3400} {
		pcm := Make(hz, -12, 200*time.Millisecond)
		if got := Find(pcm, hz); !near(got, -12, 0.1) {
			t.Errorf("Find %v in itself = %.2f, want -12", hz, got)
		}
		if got := Find(pcm, hz+100); got > -80 {
			t.Errorf("Find %v in %v = %.2f, want nothing", hz+100, hz, got)
		}
	}
	if got := Find([]int16{1}, 700); got != Floor {
		t.Errorf("Find in one sample = %v, want %v", got, Floor)
	}
}

func TestHeard(t *testing.T) {
	const d = 200 * time.Millisecond
	noise := make([]int16, Window)
	for i, seed := 0, uint32(1); i < len(noise); i++ {
		seed = seed*1664525 + 1013904223
		noise[i] = int16(seed>>16) / 4
	}
	rows := []struct {
		name string
		pcm  []int16
		want []float64
	}{
		{"one", Make(700, -12, d), []float64{700}},
		{"both, the louder first", mix(Make(700, -24, d), Make(1300, -12, d)), []float64{1300, 700}},
		{"leakage is not heard", mix(Make(700, -12, d), Make(1300, -40, d)), []float64{700}},
		{"too soft", Make(700, -50, d), nil},
		{"a tone that was not asked for", Make(1000, -12, d), nil},
		{"silence", make([]int16, Window), nil},
		{"noise", noise, nil},
		{"a tone in noise", mix(noise, Make(700, -9, d)), []float64{700}},
	}
	for _, row := range rows {
		if got := Heard(row.pcm, 700, 1300, 2100); !slices.Equal(got, row.want) {
			t.Errorf("%s: Heard = %v, want %v", row.name, got, row.want)
		}
	}
}

// TestSNR: a law alone gives 37 to 38 dB, and other things what they are.
func TestSNR(t *testing.T) {
	clean := Make(700, -12, time.Second)
	coded := make([]int16, len(clean))
	octets := make([]byte, len(clean))
	codec.EncodeALaw(octets, clean)
	codec.DecodeALaw(coded, octets)
	rows := []struct {
		name   string
		pcm    []int16
		lo, hi float64
	}{
		{"16 bits", clean, 75, 100},
		{"A-law", coded, 36, 39},
		{"another tone 20 dB down", mix(clean, Make(1300, -32, time.Second)), 19.9, 20.1},
		{"another tone alone", Make(1300, -12, time.Second), -120, -40},
		{"silence", make([]int16, 800), -1, 1},
		{"too short", clean[:7], 0, 0},
	}
	for _, row := range rows {
		if got := SNR(row.pcm, 700); got < row.lo || got > row.hi {
			t.Errorf("%s: SNR = %.1f, want %.1f to %.1f", row.name, got, row.lo, row.hi)
		}
	}
}

func BenchmarkFind200ms(b *testing.B) {
	pcm := Make(700, -12, 200*time.Millisecond)
	for b.Loop() {
		Find(pcm, 700)
	}
}
