package codec

import (
	"bufio"
	"fmt"
	"math"
	"os"
	"strconv"
	"strings"
	"testing"
)

// one is a law seen a sample at a time.
type one struct {
	kind Kind
	step int // samples that the encoder's table cannot tell apart
}

var laws = []one{{PCMA, 8}, {PCMU, 4}}

func (l one) encode(x int16) byte {
	var c [1]byte
	l.kind.Encode(c[:], []int16{x})
	return c[0]
}

func (l one) decode(c byte) int16 {
	var x [1]int16
	l.kind.Decode(x[:], []byte{c})
	return x[0]
}

// TestKnownValues are values that anyone can read off tables 1 and 2 of ITU-T G.711.
func TestKnownValues(t *testing.T) {
	rows := []struct {
		law   one
		octet byte
		want  int16
	}{
		{laws[0], 0xD5, 8}, {laws[0], 0x55, -8}, {laws[0], 0xAA, 32256}, {laws[0], 0x2A, -32256},
		{laws[0], 0xD4, 24}, {laws[0], 0xC5, 264}, {laws[0], 0xF5, 528}, {laws[0], 0x80, 5504},
		{laws[1], 0xFF, 0}, {laws[1], 0x7F, 0}, {laws[1], 0x80, 32124}, {laws[1], 0x00, -32124},
		{laws[1], 0xFE, 8}, {laws[1], 0xF0, 120}, {laws[1], 0xEF, 132}, {laws[1], 0x7E, -8},
	}
	for _, row := range rows {
		if got := row.law.decode(row.octet); got != row.want {
			t.Errorf("%v %#02x decodes to %d, want %d", row.law.kind, row.octet, got, row.want)
		}
	}
	encoded := []struct {
		law    one
		sample int16
		want   byte
	}{
		{laws[0], 0, 0xD5}, {laws[0], 8, 0xD5}, {laws[0], -1, 0x55}, {laws[0], 32767, 0xAA}, {laws[0], -32768, 0x2A},
		{laws[1], 0, 0xFF}, {laws[1], 3, 0xFF}, {laws[1], 4, 0xFE}, {laws[1], 32767, 0x80}, {laws[1], -32768, 0x00},
	}
	for _, row := range encoded {
		if got := row.law.encode(row.sample); got != row.want {
			t.Errorf("%v %d encodes to %#02x, want %#02x", row.law.kind, row.sample, got, row.want)
		}
	}
}

// TestDigitalMilliwatt decodes the 1 kHz sequences of G.711 tables 5 and 6, which define 0 dBm0: A-law
// overloads 3.14 dB above it and µ-law 3.17 dB, so both decode to a sine of known level.
func TestDigitalMilliwatt(t *testing.T) {
	rows := []struct {
		law    one
		octets []byte
		dB     float64 // below a sine that just overloads the law
	}{
		{laws[0], []byte{0x34, 0x21, 0x21, 0x34, 0xB4, 0xA1, 0xA1, 0xB4}, 3.14},
		{laws[1], []byte{0x1E, 0x0B, 0x0B, 0x1E, 0x9E, 0x8B, 0x8B, 0x9E}, 3.17},
	}
	overload := map[Kind]float64{PCMA: 32768, PCMU: 8159 * 4}
	for _, row := range rows {
		var power float64
		for _, c := range row.octets {
			x := float64(row.law.decode(c))
			power += x * x / 8
		}
		got := 10 * math.Log10(overload[row.law.kind]*overload[row.law.kind]/2/power)
		if math.Abs(got-row.dB) > 0.03 {
			t.Errorf("%v: 0 dBm0 is %.2f dB below overload, want %.2f", row.law.kind, got, row.dB)
		}
	}
}

// TestEncodeUndoesDecode: every octet decodes to a value that encodes to it again. µ-law's minus zero
// alone becomes plus zero.
func TestEncodeUndoesDecode(t *testing.T) {
	for _, law := range laws {
		for c := range 256 {
			want := byte(c)
			if law.kind == PCMU && want == 0x7F {
				want = 0xFF
			}
			if got := law.encode(law.decode(byte(c))); got != want {
				t.Errorf("%v %#02x comes back as %#02x", law.kind, c, got)
			}
		}
	}
}

// TestQuantiser: over all samples the quantiser never steps back, is odd, and errs by at most half of
// the interval that G.711 gives a sample of that size.
func TestQuantiser(t *testing.T) {
	for _, law := range laws {
		last := int16(math.MinInt16)
		for x := math.MinInt16; x <= math.MaxInt16; x++ {
			y := law.decode(law.encode(int16(x)))
			if y < last {
				t.Fatalf("%v: %d decodes to %d, less than %d before it", law.kind, x, y, last)
			}
			last = y
			if mirror := law.decode(law.encode(int16(^x))); mirror != -y {
				t.Fatalf("%v: %d decodes to %d but %d to %d", law.kind, x, y, ^x, mirror)
			}
			if half := halfInterval(law.kind, x); abs(x-int(y)) > half && abs(x) < 32124 {
				t.Fatalf("%v: %d decodes to %d, off by more than %d", law.kind, x, y, half)
			}
		}
	}
}

// halfInterval is half the width, in 16-bit samples, of the interval that holds x: it doubles with each
// segment (G.711 tables 1 and 2).
func halfInterval(kind Kind, x int) int {
	first, bias := 512, 0
	if kind == PCMU {
		first, bias = 256, uLawBias
	}
	width := 16
	if kind == PCMU {
		width = 8
	}
	for border := first; abs(x)+bias >= border; border *= 2 {
		width *= 2
	}
	return width / 2
}

func abs(x int) int { return max(x, -x) }

// TestConversion: the direct tables equal decoding and encoding, and a second round trip is exact, so
// that a call through many exchanges degrades once (G.711 section 3.3 calls it synchronous coding).
func TestConversion(t *testing.T) {
	for c := range 256 {
		x := byte(c)
		if got, want := ALawToULaw[x], laws[1].encode(laws[0].decode(x)); got != want {
			t.Errorf("ALawToULaw[%#02x] = %#02x, want %#02x", x, got, want)
		}
		if got, want := ULawToALaw[x], laws[0].encode(laws[1].decode(x)); got != want {
			t.Errorf("ULawToALaw[%#02x] = %#02x, want %#02x", x, got, want)
		}
		once := ULawToALaw[ALawToULaw[x]]
		if twice := ULawToALaw[ALawToULaw[once]]; twice != once {
			t.Errorf("A-law %#02x: %#02x after one round trip, %#02x after two", x, once, twice)
		}
		once = ALawToULaw[ULawToALaw[x]]
		if twice := ALawToULaw[ULawToALaw[once]]; twice != once {
			t.Errorf("µ-law %#02x: %#02x after one round trip, %#02x after two", x, once, twice)
		}
	}
}

func TestTranscode(t *testing.T) {
	octets := []byte{0xD5, 0x55, 0xAA}
	Transcode(octets, PCMA, PCMU)
	if want := []byte{ALawToULaw[0xD5], ALawToULaw[0x55], ALawToULaw[0xAA]}; string(octets) != string(want) {
		t.Errorf("Transcode to PCMU = %x, want %x", octets, want)
	}
	before := string(octets)
	for _, pair := range [][2]Kind{{PCMU, PCMU}, {None, PCMA}, {PCMA, None}} {
		if Transcode(octets, pair[0], pair[1]); string(octets) != before {
			t.Errorf("Transcode from %v to %v changed the octets", pair[0], pair[1])
		}
	}
	Transcode(octets, PCMU, PCMA)
	if got := octets[2]; got != 0xAA {
		t.Errorf("full scale there and back = %#02x, want 0xAA", got)
	}
}

// TestLengths: the shorter side decides, and nothing beyond it is touched.
func TestLengths(t *testing.T) {
	samples := []int16{1, 2, 3}
	if got := DecodeALaw(samples[:1], []byte{0xD5, 0xD5}); got != 1 || samples[1] != 2 {
		t.Errorf("DecodeALaw into 1 = %d, %v", got, samples)
	}
	octets := []byte{1, 2, 3}
	if got := EncodeULaw(octets, []int16{0}); got != 1 || octets[1] != 2 {
		t.Errorf("EncodeULaw of 1 = %d, %v", got, octets)
	}
	if got := DecodeULaw(nil, octets); got != 0 {
		t.Errorf("DecodeULaw into nil = %d, want 0", got)
	}
	if got := EncodeALaw(octets, nil); got != 0 {
		t.Errorf("EncodeALaw of nil = %d, want 0", got)
	}
}

// TestAgainstSox compares with a second implementation (testdata/sox.txt). Decoding is equal. Encoders may
// part where they round 16 bits to the law's 13 or 14, so a border may lie one such step elsewhere.
func TestAgainstSox(t *testing.T) {
	f, err := os.Open("testdata/sox.txt")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	n := 0
	for lines := bufio.NewScanner(f); lines.Scan(); {
		if strings.HasPrefix(lines.Text(), "#") {
			continue
		}
		n++
		var name, lowest, highest string
		var octet byte
		var decoded int16
		if _, err := fmt.Sscanf(lines.Text(), "%s %x %d %s %s", &name, &octet, &decoded, &lowest, &highest); err != nil {
			t.Fatalf("read %q: %v", lines.Text(), err)
		}
		law := laws[0]
		if name == "PCMU" {
			law = laws[1]
		}
		if got := law.decode(octet); got != decoded {
			t.Errorf("%s %#02x decodes to %d, sox says %d", name, octet, got, decoded)
		}
		compareBorder(t, law, octet, lowest, law.step)
		compareBorder(t, law, octet, highest, -law.step)
	}
	if n != 512 {
		t.Errorf("compared %d octets, want 512", n)
	}
}

// compareBorder checks that the sample that sox puts at an end of octet's interval, moved inwards by one
// step of rounding, is in our interval too. "-" is no sample: sox never makes minus zero.
func compareBorder(t *testing.T, law one, octet byte, border string, inwards int) {
	t.Helper()
	if border == "-" {
		return
	}
	x, err := strconv.Atoi(border)
	if err != nil {
		t.Fatalf("read border: %v", err)
	}
	got, at := law.encode(int16(x)), law.encode(int16(min(max(x+inwards, math.MinInt16), math.MaxInt16)))
	if got != octet && at != octet && law.decode(got) != law.decode(octet) {
		t.Errorf("%v: %d is %#02x, sox says %#02x", law.kind, x, got, octet)
	}
}

func TestNoAllocation(t *testing.T) {
	samples, octets := make([]int16, 160), make([]byte, 160)
	got := testing.AllocsPerRun(100, func() {
		DecodeALaw(samples, octets)
		EncodeULaw(octets, samples)
		Transcode(octets, PCMU, PCMA)
	})
	if got != 0 {
		t.Errorf("allocations = %v, want 0", got)
	}
}

func BenchmarkDecode20ms(b *testing.B) {
	samples, octets := make([]int16, 160), make([]byte, 160)
	for b.Loop() {
		DecodeALaw(samples, octets)
	}
}

func BenchmarkEncode20ms(b *testing.B) {
	samples, octets := make([]int16, 160), make([]byte, 160)
	for i := range samples {
		samples[i] = int16(i * 200)
	}
	for b.Loop() {
		EncodeALaw(octets, samples)
	}
}

func BenchmarkTranscode20ms(b *testing.B) {
	octets := make([]byte, 160)
	for b.Loop() {
		Transcode(octets, PCMA, PCMU)
	}
}
