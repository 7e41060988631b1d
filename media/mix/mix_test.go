package mix

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"hotline/media/tone"
)

// hz of each party's tone: whole periods of none divide another's.
func hz(i int) float64 { return []float64{430, 610, 790, 970, 1150, 1330, 1510, 1690}[i] }

// session lets n parties speak tones for some turns and gathers what each hears.
func session(m *Mixer, n, turns, frame int, dBFS float64) [][]int16 {
	sines := make([]*tone.Sine, n)
	for i := range sines {
		sines[i] = tone.NewSine(hz(i), dBFS)
	}
	heard := make([][]int16, n)
	for range turns {
		m.Begin()
		for _, i := range order(n) {
			pcm := make([]int16, frame)
			sines[i].Read(pcm)
			m.Voice(i, pcm)
		}
		for i := range n {
			out := make([]int16, frame)
			m.Mix(i, out)
			heard[i] = append(heard[i], out...)
		}
	}
	return heard
}

func order(n int) []int {
	all := make([]int, n)
	for i := range all {
		all[i] = i
	}
	return all
}

// checkHears wants exactly the tones of a set in a sound.
func checkHears(t *testing.T, name string, pcm []int16, n int, want Set) {
	t.Helper()
	for i := range n {
		level := tone.Find(pcm, hz(i))
		if want.Has(i) && level < -30 {
			t.Errorf("%s: does not hear party %d: %.1f dBFS", name, i, level)
		}
		if !want.Has(i) && level > -75 {
			t.Errorf("%s: hears party %d: %.1f dBFS", name, i, level)
		}
	}
}

// TestEachHearsExactlyTheOthers: conferences of 3 to 8, at both rates.
func TestEachHearsExactlyTheOthers(t *testing.T) {
	for n := 3; n <= 8; n++ {
		for _, frame := range []int{160, 320} {
			var m Mixer
			for i := range n {
				m.Hear(i, Everybody)
			}
			heard := session(&m, n, 50, frame, -24)
			for i, pcm := range heard {
				checkHears(t, fmt.Sprintf("%d parties, %d samples, party %d", n, frame, i), pcm[frame:], n, (1<<n-1)&^Of(i))
			}
		}
	}
}

// TestSupervisor: place 0 is the caller, 1 the agent, 2 the supervisor.
func TestSupervisor(t *testing.T) {
	for _, row := range []struct {
		name                    string
		caller, agent, listener Set
	}{
		{"listens", Of(1), Of(0), Of(0, 1)},
		{"whispers", Of(1), Of(0, 2), Of(0, 1)},
		{"barges in", Of(1, 2), Of(0, 2), Of(0, 1)},
	} {
		var m Mixer
		m.Hear(0, row.caller)
		m.Hear(1, row.agent)
		m.Hear(2, row.listener)
		heard := session(&m, 3, 50, 160, -18)
		for i, want := range []Set{row.caller, row.agent, row.listener} {
			checkHears(t, fmt.Sprintf("%s, place %d", row.name, i), heard[i][160:], 3, want)
		}
	}
}

// TestNothingClicks: parties begin and cease to be heard in the middle of their tones; no step between samples is larger than the tones
// themselves make.
func TestNothingClicks(t *testing.T) {
	var m Mixer
	var heard []int16
	low := []float64{0, 203.7, 317.3} // slow tones: a step of their height stands out
	sines := [3]*tone.Sine{tone.NewSine(150, -12), tone.NewSine(low[1], -12), tone.NewSine(low[2], -12)}
	for turn := range 60 {
		m.Hear(0, []Set{Of(1), Of(1, 2), Of(2), 0, Everybody}[turn/5%5])
		m.Begin()
		for i, sine := range sines {
			pcm := make([]int16, 160)
			sine.Read(pcm)
			m.Voice(i, pcm)
		}
		out := make([]int16, 160)
		m.Mix(0, out)
		heard = append(heard, out...)
	}
	most := 0.0
	for i := 1; i < 3; i++ {
		most += tone.Amplitude(-12) * 2 * math.Pi * low[i] / 8000
	}
	for i := 1; i < len(heard); i++ {
		if step := math.Abs(float64(heard[i]) - float64(heard[i-1])); step > 1.05*most {
			t.Fatalf("a step of %.0f at sample %d (turn %d), the tones make %.0f at most", step, i, i/160, most)
		}
	}
	if tone.Level(heard) < -20 {
		t.Error("nothing was heard")
	}
}

// TestLimiter: eight loud voices do not wrap or clip, soft ones pass exactly, and the curve never falls.
func TestLimiter(t *testing.T) {
	last := int16(math.MinInt16)
	for x := int32(-8 * 32768); x <= 8*32767; x += 7 {
		y := limit(x)
		if y < last || (x >= -knee && x <= knee && int32(y) != x) || y == math.MinInt16 {
			t.Fatalf("limit(%d) = %d after %d", x, y, last)
		}
		if last != math.MinInt16 && int32(y)-int32(last) > 8 {
			t.Fatalf("limit jumps by %d at %d", int32(y)-int32(last), x)
		}
		last = y
	}
	var m Mixer
	m.Hear(0, Everybody)
	heard := session(&m, 8, 50, 160, -3)[0]
	if peak := slices.Max(heard); peak < 25000 {
		t.Errorf("peak %d of seven loud voices", peak)
	}
	for i := 1; i < 8; i++ {
		if level := tone.Find(heard[160:], hz(i)); level < -20 {
			t.Errorf("party %d is at %.1f dBFS", i, level)
		}
	}
}

func TestSilenceAndClear(t *testing.T) {
	var m Mixer
	m.Hear(0, Everybody)
	out := make([]int16, 160)
	m.Begin()
	m.Voice(1, []int16{8, -8, 8})
	if m.Mix(0, out) {
		t.Error("A-law's silence is sound")
	}
	loud := tone.Make(700, -12, 20e6)
	turn := func() bool {
		m.Begin()
		m.Voice(1, loud)
		return m.Mix(0, out)
	}
	for range 2 {
		if !turn() {
			t.Error("nothing is heard")
		}
	}
	m.Clear(1)
	if m.Mix(0, out) {
		t.Error("a place that was cleared is heard")
	}
	m.Clear(0)
	if turn() {
		t.Error("a cleared place hears")
	}
	m.Hear(1, Everybody)
	m.Begin()
	m.Voice(1, loud)
	if m.Mix(1, out) {
		t.Error("somebody hears themselves")
	}
}

func TestNoAllocations(t *testing.T) {
	m, voices, out := conference(8)
	if got := testing.AllocsPerRun(100, func() { turn(m, voices, out) }); got != 0 {
		t.Errorf("%v allocations a turn", got)
	}
}

func conference(n int) (*Mixer, [][]int16, []int16) {
	m := &Mixer{}
	var voices [][]int16
	for i := range n {
		m.Hear(i, Everybody)
		voices = append(voices, tone.Make(hz(i%8), -20, 20e6))
	}
	return m, voices, make([]int16, 160)
}

func turn(m *Mixer, voices [][]int16, out []int16) {
	m.Begin()
	for i, v := range voices {
		m.Voice(i, v)
	}
	for i := range voices {
		m.Mix(i, out)
	}
}

// BenchmarkLeg is the mixing of one leg of a conference, without decoding and encoding.
func BenchmarkLeg(b *testing.B) {
	for _, n := range []int{3, 8} {
		b.Run(fmt.Sprint(n, " parties"), func(b *testing.B) {
			m, voices, out := conference(n)
			b.ReportAllocs()
			for b.Loop() {
				turn(m, voices, out)
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(n), "ns/leg")
		})
	}
}

func FuzzMixer(f *testing.F) {
	f.Add([]byte{1, 2, 3, 0xff, 0x80, 7})
	f.Fuzz(func(t *testing.T, b []byte) {
		var m Mixer
		out := make([]int16, 160)
		m.Begin()
		for i := 0; i+2 < len(b); i += 3 {
			place := int(b[i]) % Places
			switch b[i] >> 5 {
			case 0:
				m.Begin()
			case 1:
				m.Clear(place)
			case 2, 3:
				m.Hear(place, Set(b[i+1])<<8|Set(b[i+2]))
			case 4, 5:
				m.Voice(place, []int16{int16(b[i+1]) << 8, int16(b[i+2]) << 8, math.MinInt16, math.MaxInt16}[:1+b[i+1]%4])
			default:
				m.Mix(place, out[:int(b[i+2])%161])
			}
		}
	})
}

// TestFirstWordSwells: a voice that begins turns after it may be heard swells too: an ear that was just attached begins in the middle of a tone.
func TestFirstWordSwells(t *testing.T) {
	var m Mixer
	m.Hear(0, Everybody)
	out := make([]int16, 160)
	for range 3 {
		m.Begin()
		m.Mix(0, out)
	}
	m.Begin()
	m.Voice(1, slices.Repeat([]int16{16000}, 160))
	m.Mix(0, out)
	if out[0] > 200 || out[159] < 15000 {
		t.Errorf("the voice begins with %d and comes to %d", out[0], out[159])
	}
}
