package codec

import (
	"bytes"
	"encoding/binary"
	"math"
	"os"
	"os/exec"
	"testing"
)

// wave is a second of the sum of sines, each of the amplitude given.
func wave(rate int, amplitude float64, hz ...float64) []int16 {
	pcm := make([]int16, rate)
	for i := range pcm {
		var x float64
		for k, f := range hz {
			x += amplitude * math.Sin(2*math.Pi*f*float64(i)/float64(rate)+float64(k))
		}
		pcm[i] = int16(math.Round(x))
	}
	return pcm
}

// snr compares got with want, delayed as fits best within 60 samples, after the first 1000.
func snr(want, got []int16) float64 {
	best := math.Inf(-1)
	for lag := range 60 {
		var signal, noise float64
		for i := 1000; i+lag < len(got) && i < len(want); i++ {
			x, e := float64(want[i]), float64(want[i])-float64(got[i+lag])
			signal += x * x
			noise += e * e
		}
		best = max(best, 10*math.Log10((signal+1)/(noise+1)))
	}
	return best
}

func throughNarrow(pcm []int16) []int16 {
	octets := make([]byte, len(pcm))
	NewG722Encoder().Narrow(octets, pcm)
	out := make([]int16, len(pcm))
	NewG722Decoder().Narrow(out, octets)
	return out
}

func throughWide(pcm []int16) []int16 {
	octets := make([]byte, len(pcm)/2)
	NewG722Encoder().Wide(octets, pcm)
	out := make([]int16, len(pcm))
	NewG722Decoder().Wide(out, octets)
	return out
}

func TestG722Quality(t *testing.T) {
	rows := []struct {
		name      string
		pcm       []int16
		narrow    bool
		threshold float64
	}{
		{"700 Hz narrow", wave(8000, 8000, 700), true, 38},
		{"1300 Hz narrow", wave(8000, 8000, 1300), true, 36},
		{"soft narrow", wave(8000, 200, 1300), true, 25},
		{"chord narrow", wave(8000, 5000, 300, 820, 1510, 2900), true, 28},
		{"loud narrow", wave(8000, 30000, 1000), true, 34},
		{"700 Hz wide", wave(16000, 8000, 700), false, 36},
		{"chord wide", wave(16000, 5000, 300, 1210, 2500), false, 25},
		{"upper band", wave(16000, 4000, 5200), false, 12},
	}
	for _, row := range rows {
		got := 0.0
		if row.narrow {
			got = snr(row.pcm, throughNarrow(row.pcm))
		} else {
			got = snr(row.pcm, throughWide(row.pcm))
		}
		if got < row.threshold {
			t.Errorf("%s: SNR %.1f dB, want %.1f", row.name, got, row.threshold)
		}
		t.Logf("%s: %.1f dB", row.name, got)
	}
}

// TestG722Bands: what is narrow to one end is the same tone to a wide one, and the other way.
func TestG722Bands(t *testing.T) {
	octets := make([]byte, 8000)
	NewG722Encoder().Narrow(octets, wave(8000, 8000, 700))
	wide := make([]int16, 16000)
	NewG722Decoder().Wide(wide, octets)
	if got := purity(wide[2000:], 700, 16000); got < 34 {
		t.Errorf("narrow to wide: tone stands %.1f dB above the rest, want 34", got)
	}
	NewG722Encoder().Wide(octets, wave(16000, 8000, 700))
	narrow := make([]int16, 8000)
	NewG722Decoder().Narrow(narrow, octets)
	if got := purity(narrow[1000:], 700, 8000); got < 34 {
		t.Errorf("wide to narrow: tone stands %.1f dB above the rest, want 34", got)
	}
	if got, want := peak(narrow[1000:]), 8000.0; math.Abs(got-want) > 400 {
		t.Errorf("wide to narrow: peak %v, want %v", got, want)
	}
}

func peak(pcm []int16) float64 {
	p := 0.0
	for _, x := range pcm {
		p = max(p, math.Abs(float64(x)))
	}
	return p
}

// purity is how far a tone stands above everything else, in dB.
func purity(pcm []int16, hz, rate float64) float64 {
	var c, s, all float64
	n := len(pcm) / int(rate/100) * int(rate/100) // whole periods of every multiple of 100 Hz
	for i, x := range pcm[:n] {
		phase := 2 * math.Pi * hz * float64(i) / rate
		c += float64(x) * math.Cos(phase)
		s += float64(x) * math.Sin(phase)
		all += float64(x) * float64(x)
	}
	tone := 2 * (c*c + s*s) / float64(n)
	return 10 * math.Log10(tone/max(1, all-tone))
}

// TestG722Nothing: a narrow encoder may say that the higher band is empty without working it out.
func TestG722Nothing(t *testing.T) {
	high := g722Band{scale: g722HighScale}
	for i := range 10_000 {
		if code := high.higher(0); code != g722Nothing>>6 {
			t.Fatalf("code %d for silence after %d samples, want %d", code, i, g722Nothing>>6)
		}
	}
}

// TestG722Silence: silence stays it, and after anything at all the decoder comes back to rest.
func TestG722Silence(t *testing.T) {
	if got := peak(throughNarrow(make([]int16, 8000))); got > 8 {
		t.Errorf("silence decodes to a peak of %v", got)
	}
	d := NewG722Decoder()
	junk := make([]byte, 4000)
	for i := range junk {
		junk[i] = byte(i * i >> 3)
	}
	pcm := make([]int16, 8000)
	d.Narrow(pcm, junk)
	quiet := make([]byte, 8000)
	NewG722Encoder().Narrow(quiet, make([]int16, 8000))
	out := make([]int16, 8000)
	d.Narrow(out, quiet)
	if got := peak(out[6000:]); got > 8 {
		t.Errorf("0.75 s after junk silence has a peak of %v", got)
	}
}

func TestG722Lengths(t *testing.T) {
	e, d := NewG722Encoder(), NewG722Decoder()
	if n := e.Wide(make([]byte, 10), make([]int16, 7)); n != 3 {
		t.Errorf("Wide of 7 samples = %d octets, want 3", n)
	}
	if n := e.Narrow(make([]byte, 5), make([]int16, 7)); n != 5 {
		t.Errorf("Narrow into 5 = %d, want 5", n)
	}
	if n := d.Wide(make([]int16, 7), make([]byte, 5)); n != 6 {
		t.Errorf("Wide into 7 samples = %d, want 6", n)
	}
	if n := d.Narrow(make([]int16, 7), make([]byte, 5)); n != 5 {
		t.Errorf("Narrow of 5 = %d, want 5", n)
	}
}

// TestG722Tables: the logarithms are what they should be.
func TestG722Tables(t *testing.T) {
	for i, x := range g722Inverse {
		if want := 2048 * math.Pow(2, float64(i)/32); math.Abs(float64(x)-want) > 1 {
			t.Errorf("g722Inverse[%d] = %d, want %.1f", i, x, want)
		}
	}
	sum := int32(0)
	for _, c := range g722Mirror {
		sum += c
	}
	if sum != 4096 {
		t.Errorf("the mirror filter sums to %d, want 4096", sum)
	}
	for i := 1; i < len(g722Levels); i++ {
		if g722Levels[i] <= g722Levels[i-1] {
			t.Errorf("level %d is not above the one before", i)
		}
	}
}

// TestG722Second compares with ffmpeg's implementation, where there is one: its decoder makes the same samples of our octets, and
// our decoder as good sound of its octets as its own.
func TestG722Second(t *testing.T) {
	if _, err := exec.LookPath("ffmpeg"); err != nil {
		t.Skip("no ffmpeg")
	}
	pcm := wave(16000, 4000, 300, 1210, 2500, 5200)
	octets := make([]byte, len(pcm)/2)
	NewG722Encoder().Wide(octets, pcm)
	ours := make([]int16, len(pcm))
	NewG722Decoder().Wide(ours, octets)
	theirs := samples(t, ffmpeg(t, octets, "-f", "g722", "-i", "IN", "-f", "s16le", "OUT"))
	if len(theirs) != len(ours) {
		t.Fatalf("ffmpeg decoded %d samples, want %d", len(theirs), len(ours))
	}
	different := 0
	for i := range ours {
		if ours[i] != theirs[i] {
			different++
		}
	}
	if different > 0 {
		t.Errorf("%d of %d samples differ from ffmpeg's (SNR %.1f dB)", different, len(ours), snr(theirs, ours))
	}
	raw := make([]byte, 2*len(pcm))
	for i, x := range pcm {
		binary.LittleEndian.PutUint16(raw[2*i:], uint16(x))
	}
	foreign := ffmpeg(t, raw, "-f", "s16le", "-ar", "16000", "-ac", "1", "-i", "IN", "-f", "g722", "OUT")
	out := make([]int16, 2*len(foreign))
	NewG722Decoder().Wide(out, foreign)
	if got, want := snr(pcm, out), snr(pcm, ours); got < want-6 {
		t.Errorf("ffmpeg's octets decode at %.1f dB, ours at %.1f", got, want)
	}
}

// ffmpeg runs it on a file and returns what it wrote.
func ffmpeg(t *testing.T, input []byte, args ...string) []byte {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(dir+"/in", input, 0o600); err != nil {
		t.Fatal(err)
	}
	all := []string{"-v", "error", "-y"}
	for _, a := range args {
		switch a {
		case "IN":
			a = dir + "/in"
		case "OUT":
			a = dir + "/out"
		}
		all = append(all, a)
	}
	if said, err := exec.CommandContext(t.Context(), "ffmpeg", all...).CombinedOutput(); err != nil {
		t.Fatalf("ffmpeg %v: %v: %s", all, err, bytes.TrimSpace(said))
	}
	b, err := os.ReadFile(dir + "/out")
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func samples(t *testing.T, raw []byte) []int16 {
	t.Helper()
	pcm := make([]int16, len(raw)/2)
	if err := binary.Read(bytes.NewReader(raw[:2*len(pcm)]), binary.LittleEndian, pcm); err != nil {
		t.Fatal(err)
	}
	return pcm
}

func BenchmarkG722Encode20ms(b *testing.B) {
	e, pcm, out := NewG722Encoder(), wave(8000, 8000, 700, 1300)[:160], make([]byte, 160)
	b.ReportAllocs()
	for b.Loop() {
		e.Narrow(out, pcm)
	}
}

func BenchmarkG722Decode20ms(b *testing.B) {
	d, octets, pcm := NewG722Decoder(), make([]byte, 160), make([]int16, 160)
	NewG722Encoder().Narrow(octets, wave(8000, 8000, 700, 1300)[:160])
	b.ReportAllocs()
	for b.Loop() {
		d.Narrow(pcm, octets)
	}
}
