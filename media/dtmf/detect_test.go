package dtmf

import (
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"hotline/media/codec"
)

// listen tells all keys in pcm, taken in packets of 20 ms.
func listen(d *Detector, pcm []int16) (keys string) {
	for len(pcm) > 0 {
		packet := pcm[:min(160, len(pcm))]
		pcm = pcm[len(packet):]
		for len(packet) > 0 {
			rest, key, pressed := d.Next(packet)
			if packet = rest; pressed {
				keys += string(key)
			}
		}
	}
	return keys
}

// dial is how keys are played.
type dial struct {
	tone, pause     time.Duration
	low, high       float64 // level of each tone, dBFS
	offLow, offHigh float64 // frequencies off by so much: 0.015 is 1.5 %
	noise           float64 // level of white noise, dBFS; 0: none
	kind            codec.Kind
	edge            int // samples in which it swells and fades
}

func level(dBFS float64) float64 { return 32767 * math.Pow(10, dBFS/20) }

// play makes the sound of keys, beginning with a pause of the phase given in samples.
func (d dial) play(keys string, phase int, rnd *rand.Rand) []int16 {
	pcm := make([]float64, phase)
	for i := range keys {
		low, high := Frequencies(keys[i])
		low, high = low*(1+d.offLow), high*(1+d.offHigh)
		n := codec.Samples(d.tone)
		p, q := rnd.Float64()*2*math.Pi, rnd.Float64()*2*math.Pi
		for k := range n {
			t := 2 * math.Pi * float64(k) / rate
			gain := 1.0
			if d.edge > 0 {
				gain = min(1, float64(k+1)/float64(d.edge), float64(n-k)/float64(d.edge))
			}
			pcm = append(pcm, gain*(level(d.low)*math.Sin(low*t+p)+level(d.high)*math.Sin(high*t+q)))
		}
		pcm = append(pcm, make([]float64, codec.Samples(d.pause))...)
	}
	pcm = append(pcm, make([]float64, 400)...)
	out := make([]int16, len(pcm))
	for i, x := range pcm {
		if d.noise != 0 {
			x += rnd.NormFloat64() * level(d.noise)
		}
		out[i] = int16(max(-32768, min(32767, x)))
	}
	if d.kind != codec.None {
		octets := make([]byte, len(out))
		d.kind.Encode(octets, out)
		d.kind.Decode(out, octets)
	}
	return out
}

const allKeys = "1234567890*#ABCD11223399##"

// TestToneKeys plays all keys at the limits of ITU-T Q.24 (40 ms of tone, 40 ms of pause, 1.5 % off, twist, levels, noise).
func TestToneKeys(t *testing.T) {
	usual := dial{tone: 40 * time.Millisecond, pause: 40 * time.Millisecond, low: -12, high: -10, kind: codec.PCMA}
	rows := []struct {
		name string
		edit func(*dial)
	}{
		{"as usual", func(*dial) {}},
		{"µ-law", func(d *dial) { d.kind = codec.PCMU }},
		{"PCM", func(d *dial) { d.kind = codec.None }},
		{"100 ms", func(d *dial) { d.tone, d.pause = 100*time.Millisecond, 60*time.Millisecond }},
		{"half a second", func(d *dial) { d.tone = 500 * time.Millisecond }},
		{"1.5 % high", func(d *dial) { d.offLow, d.offHigh = 0.015, 0.015 }},
		{"1.5 % low", func(d *dial) { d.offLow, d.offHigh = -0.015, -0.015 }},
		{"1.5 % apart", func(d *dial) { d.offLow, d.offHigh = -0.015, 0.015 }},
		{"1.5 % together", func(d *dial) { d.offLow, d.offHigh = 0.015, -0.015 }},
		{"loud", func(d *dial) { d.low, d.high = -6.5, -6.5 }},
		{"soft", func(d *dial) { d.low, d.high = -36, -34 }},
		{"high tone 7 dB louder", func(d *dial) { d.low, d.high = -19, -12 }},
		{"low tone 4 dB louder", func(d *dial) { d.low, d.high = -12, -16 }},
		{"noise 18 dB under the tones", func(d *dial) { d.low, d.high, d.noise = -15, -15, -33 }},
		{"soft edges", func(d *dial) { d.tone, d.edge = 50*time.Millisecond, 40 }},
	}
	for _, row := range rows {
		d := usual
		row.edit(&d)
		rnd := rand.New(rand.NewPCG(1, 24))
		for phase := 0; phase < 104; phase += 7 {
			var det Detector
			if got := listen(&det, d.play(allKeys, phase, rnd)); got != allKeys {
				t.Errorf("%s, phase %d: heard %q, want %q", row.name, phase, got, allKeys)
				break
			}
		}
	}
}

// TestNoToneKeys: what Q.24 wants to be ignored.
func TestNoToneKeys(t *testing.T) {
	usual := dial{tone: 60 * time.Millisecond, pause: 60 * time.Millisecond, low: -12, high: -10, kind: codec.PCMA}
	rows := []struct {
		name string
		edit func(*dial)
	}{
		{"20 ms", func(d *dial) { d.tone = 20 * time.Millisecond }},
		{"4 % off", func(d *dial) { d.offLow = 0.04 }},
		{"the high tone 4 % off", func(d *dial) { d.offHigh = -0.04 }},
		{"twist of 14 dB", func(d *dial) { d.low, d.high = -26, -12 }},
		{"twist of 10 dB the other way", func(d *dial) { d.low, d.high = -12, -22 }},
		{"too soft", func(d *dial) { d.low, d.high = -50, -48 }},
		{"drowned in noise", func(d *dial) { d.noise = -13 }},
		{"one tone alone", func(d *dial) { d.high = -80 }},
	}
	for _, row := range rows {
		d := usual
		row.edit(&d)
		rnd := rand.New(rand.NewPCG(2, 24))
		for phase := 0; phase < 104; phase += 7 {
			var det Detector
			if got := listen(&det, d.play("1234567890*#ABCD", phase, rnd)); got != "" {
				t.Errorf("%s, phase %d: heard %q", row.name, phase, got)
				break
			}
		}
	}
}

// TestShortDropOutIsOnePress: a packet lost in the middle of a press (its sound missing, or silence instead) is no second press.
func TestShortDropOutIsOnePress(t *testing.T) {
	d := dial{tone: 200 * time.Millisecond, pause: 100 * time.Millisecond, low: -12, high: -10, kind: codec.PCMA}
	pcm := d.play("7", 30, rand.New(rand.NewPCG(3, 3)))
	var det Detector
	if got := listen(&det, append(append([]int16(nil), pcm[:800]...), pcm[960:]...)); got != "7" {
		t.Errorf("a packet is missing: heard %q", got)
	}
	clear(pcm[800:900])
	det.Reset()
	if got := listen(&det, pcm); got != "7" {
		t.Errorf("a hole of 12 ms: heard %q", got)
	}
}

// voice makes speech-like sound: a glottal pulse through three wandering formants, with pauses, hisses and drawn vowels.
func voice(rnd *rand.Rand, n int) []int16 {
	out := make([]int16, 0, n)
	var state [3][2]float64
	for len(out) < n {
		length := 400 + rnd.IntN(2400)
		pitch, glide := 75+rnd.Float64()*325, 1+(rnd.Float64()-0.5)*1e-4
		formants := [3]float64{250 + rnd.Float64()*650, 800 + rnd.Float64()*1000, 1900 + rnd.Float64()*1400}
		voiced, gain, phase := rnd.Float64() < 0.75, rnd.Float64(), 0.0
		for k := range length {
			source := rnd.NormFloat64() * 0.1
			if voiced {
				pitch *= glide
				if phase += pitch / rate; phase >= 1 {
					phase--
					source = 1
				} else {
					source *= 0.02
				}
			}
			x := 0.0
			for i, f := range formants {
				r := math.Exp(-math.Pi * (40 + 40*float64(i)) / rate)
				y := source + 2*r*math.Cos(2*math.Pi*f/rate)*state[i][0] - r*r*state[i][1]
				state[i][0], state[i][1] = y, state[i][0]
				x += y / float64(i+1)
			}
			swell := min(1, float64(k)/200, float64(length-k)/200)
			out = append(out, int16(max(-32768, min(32767, x*gain*swell*6000))))
		}
		if rnd.Float64() < 0.3 {
			out = append(out, make([]int16, rnd.IntN(3000))...)
		}
	}
	return out
}

// TestTalkOff: a quarter of an hour of speech-like sound holds no key.
func TestTalkOff(t *testing.T) {
	for seed := range uint64(15) {
		rnd := rand.New(rand.NewPCG(seed, 99))
		var det Detector
		pcm := voice(rnd, 60*rate)
		if got := listen(&det, pcm); got != "" {
			t.Errorf("seed %d: speech holds %q", seed, got)
		}
	}
}

func BenchmarkDetect20ms(b *testing.B) {
	pcm := voice(rand.New(rand.NewPCG(1, 1)), rate)
	for _, row := range []struct {
		name string
		pcm  []int16
	}{{"speech", pcm}, {"silence", make([]int16, rate)}} {
		b.Run(row.name, func(b *testing.B) {
			var d Detector
			b.ReportAllocs()
			for i := 0; b.Loop(); i = (i + 160) % (rate - 160) {
				d.Next(row.pcm[i : i+160])
			}
		})
	}
}

func TestDetectorAllocatesNothing(t *testing.T) {
	var d Detector
	pcm := Tone('5', 160)
	if got := testing.AllocsPerRun(100, func() {
		for rest := pcm; len(rest) > 0; {
			rest, _, _ = d.Next(rest)
		}
	}); got != 0 {
		t.Errorf("%v allocations a packet", got)
	}
}
