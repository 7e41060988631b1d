//go:build cgo

package convert

import (
	"context"
	"math"
	"testing"
	"testing/synctest"
	"time"

	"hotline/media/codec"
	"hotline/media/opus"
	"hotline/media/rtp"
	"hotline/media/tone"
)

const ms = int64(time.Millisecond)

// talker makes packets of one codec from PCM; it is the far end of an Ear.
type talker struct {
	kind  codec.Kind
	mouth *Mouth
	h     rtp.Header
	out   [1300]byte
}

func newTalker(pool *opus.Pool, kind codec.Kind) *talker {
	t := &talker{kind: kind, mouth: NewMouth(pool), h: rtp.Header{SSRC: 5, Sequence: 65500, Timestamp: math.MaxUint32 - 5000}}
	t.mouth.Become(kind)
	return t
}

// packets turns pcm into packets of samples each, with time between them for the worker.
func (t *talker) packets(tb testing.TB, pcm []int16, samples int) (all [][]byte) {
	tb.Helper()
	for ; len(pcm) >= samples; pcm = pcm[samples:] {
		if !t.mouth.Wired() {
			all = append(all, append([]byte(nil), t.out[:t.mouth.Encode(t.out[:], pcm[:samples])]...))
			continue
		}
		if !t.mouth.Post(pcm[:samples], false) {
			tb.Fatal("the worker is behind")
		}
		for t.mouth.Waiting() {
			time.Sleep(time.Millisecond)
			if n, _, _, ok := t.mouth.Packet(t.out[:]); ok {
				all = append(all, append([]byte(nil), t.out[:n]...))
			}
		}
	}
	return all
}

// next is the header of the next packet.
func (t *talker) next(samples int) rtp.Header {
	h := t.h
	t.h.Sequence++
	t.h.Timestamp += uint32(samples * t.kind.ClockRate() / codec.SampleRate)
	return h
}

// listen plays packets of so many samples to an ear at their pace, without those that lost names, and returns what it heard.
func listen(e *Ear, t *talker, packets [][]byte, samples int, lost func(i int) bool) (heard []int16, silent int) {
	start := time.Now()
	clock := func() int64 { return int64(time.Since(start)) + int64(time.Hour) }
	sent, step := 0, int64(samples)*int64(time.Second)/codec.SampleRate
	from := clock()
	for sent < len(packets) {
		for sent < len(packets) && int64(sent)*step <= clock()-from {
			if h := t.next(samples); lost == nil || !lost(sent) {
				e.Put(&h, t.kind, packets[sent], clock())
			}
			sent++
		}
		pcm, sound := e.Frame(clock())
		if !sound {
			silent++
		}
		heard = append(heard, pcm...)
		time.Sleep(20 * time.Millisecond)
	}
	return heard, silent
}

// inPool runs f in a bubble of virtual time with a running pool.
func inPool(t *testing.T, f func(t *testing.T, pool *opus.Pool)) {
	synctest.Test(t, func(t *testing.T) {
		pool := opus.NewPool(1)
		ctx, cancel := context.WithCancel(t.Context())
		over := make(chan struct{})
		go func() { pool.Run(ctx); close(over) }()
		f(t, pool)
		cancel()
		<-over
	})
}

// TestThrough: a tone goes through mouth and ear of every codec in packets of 10 to 60 ms.
func TestThrough(t *testing.T) {
	inPool(t, func(t *testing.T, pool *opus.Pool) {
		pcm := tone.Make(700, -12, 4*time.Second)
		for _, row := range []struct {
			kind codec.Kind
			want float64
		}{{codec.PCMA, 36}, {codec.PCMU, 36}, {codec.G722, 40}, {codec.Opus, 20}} {
			for _, samples := range []int{80, 160, 240, 320, 480} {
				if row.kind == codec.Opus && samples == 240 {
					continue
				}
				e, from := NewEar(pool), newTalker(pool, row.kind)
				heard, silent := listen(e, from, from.packets(t, pcm, samples), samples, nil)
				if silent > 9 {
					t.Errorf("%v, %d samples: %d silent frames, want some at the beginning only", row.kind, samples, silent)
				}
				if got := tone.SNR(heard[8000:24000], 700); got < row.want {
					t.Errorf("%v, %d samples: SNR %.1f dB, want %.1f", row.kind, samples, got, row.want)
				}
				if e.Buffer().Lost > 0 || e.Behind > 0 {
					t.Errorf("%v, %d samples: %+v, behind %d", row.kind, samples, e.Buffer().Stats, e.Behind)
				}
				e.Close()
				from.mouth.Close()
			}
		}
	})
}

// voice is something like speech: a gliding pitch with overtones.
func voice(d time.Duration) []int16 {
	pcm := make([]int16, codec.Samples(d))
	for i := range pcm {
		at := float64(i) / codec.SampleRate
		phase := 2 * math.Pi * (140*at - 30*math.Cos(2*math.Pi*1.3*at)/(2*math.Pi*1.3))
		var x float64
		for k := 1; k <= 12; k++ {
			x += math.Sin(float64(k)*phase+float64(k*k)) / float64(k)
		}
		pcm[i] = int16(4000 * x)
	}
	return pcm
}

// TestLossIsCovered: of a voice that loses every tenth packet hardly any frame is missing.
func TestLossIsCovered(t *testing.T) {
	inPool(t, func(t *testing.T, pool *opus.Pool) {
		pcm := voice(4 * time.Second)
		for _, kind := range []codec.Kind{codec.PCMA, codec.G722, codec.Opus} {
			e, from := NewEar(pool), newTalker(pool, kind)
			heard, _ := listen(e, from, from.packets(t, pcm, 160), 160, func(i int) bool { return i%10 == 7 })
			weak := 0
			for at := 8000; at+160 <= 28000; at += 160 {
				if tone.Level(heard[at:at+160]) < -24 {
					weak++
				}
			}
			if weak > 2 || e.Buffer().Lost < 15 {
				t.Errorf("%v: %d of 125 frames are weak, lost %d", kind, weak, e.Buffer().Lost)
			}
			e.Close()
			from.mouth.Close()
		}
	})
}

// TestHeardPlaces: what is told for recording lies where the sender put it, whatever the clock, across the wrap of timestamps.
func TestHeardPlaces(t *testing.T) {
	inPool(t, func(t *testing.T, pool *opus.Pool) {
		pcm := tone.Make(700, -12, 3*time.Second)
		for _, kind := range []codec.Kind{codec.PCMU, codec.G722, codec.Opus} {
			e, from := NewEar(pool), newTalker(pool, kind)
			var next uint32
			pieces := 0
			e.Heard = func(p Piece) {
				if pieces > 0 && p.Stamp != next {
					t.Errorf("%v: piece %d at %d, want %d", kind, pieces, p.Stamp, next)
				}
				if p.Kind != kind || p.SSRC != 5 || p.At == 0 {
					t.Errorf("%v: piece %+v", kind, p.Kind)
				}
				pieces++
				next = p.Stamp + uint32(len(p.PCM))
			}
			listen(e, from, from.packets(t, pcm, 160), 160, func(i int) bool { return i == 50 })
			if pieces < 140 {
				t.Errorf("%v: %d pieces, want 140 or more", kind, pieces)
			}
			e.Close()
			from.mouth.Close()
		}
	})
}

// TestChangesCodec: a stream that changes its codec in the middle is heard on.
func TestChangesCodec(t *testing.T) {
	inPool(t, func(t *testing.T, pool *opus.Pool) {
		pcm := tone.Make(700, -12, 2*time.Second)
		e := NewEar(pool)
		for i, kind := range []codec.Kind{codec.PCMA, codec.Opus, codec.G722, codec.PCMU, codec.Opus} {
			from := newTalker(pool, kind)
			from.h.Sequence += uint16(1000 * i)
			heard, _ := listen(e, from, from.packets(t, pcm, 160), 160, nil)
			if got := tone.Heard(heard[8000:14000], 700, 1300); len(got) != 1 {
				t.Errorf("%v: heard %v", kind, got)
			}
			from.mouth.Close()
		}
		e.Close()
	})
}

// TestPause: a pause is silence; comfort noise fills it at its level.
func TestPause(t *testing.T) {
	e := NewEar(nil)
	from := newTalker(nil, codec.PCMA)
	packets := from.packets(t, tone.Make(700, -12, time.Second), 160)
	now := ms
	frame := func() ([]int16, bool) { now += 20 * ms; return e.Frame(now) }
	for _, p := range packets {
		h := from.next(160)
		e.Put(&h, codec.PCMA, p, now)
		frame()
	}
	for range 15 {
		frame()
	}
	if pcm, sound := frame(); sound || tone.Level(pcm) > -100 {
		t.Errorf("in the pause: sound %v at %.0f dBFS", sound, tone.Level(pcm))
	}
	e.Noise([]byte{50})
	pcm, sound := frame()
	if level := tone.Level(pcm); !sound || math.Abs(level+47) > 3 { // dBov is 3 dB above dBFS of a sine
		t.Errorf("comfort noise of -50 dBov: sound %v at %.1f dBFS", sound, level)
	}
	e.Noise(nil)
	for range 20 {
		h := from.next(160)
		e.Put(&h, codec.PCMA, packets[0], now)
		pcm, _ = frame()
	}
	if level := tone.Level(pcm); level < -20 {
		t.Errorf("after the pause %.1f dBFS", level)
	}
}

// TestSlowWorker: without a worker an Opus ear invents little, waits for nobody, and keeps its pace.
func TestSlowWorker(t *testing.T) {
	pool := opus.NewPool(1) // not running
	e := NewEar(pool)
	h := rtp.Header{}
	for i := range 200 {
		e.Put(&h, codec.Opus, []byte{1 << 3, 1, 2, 3}, int64(i)*20*ms)
		h.Sequence, h.Timestamp = h.Sequence+1, h.Timestamp+960
		if pcm, _ := e.Frame(int64(i) * 20 * ms); len(pcm) != FrameLen {
			t.Fatalf("a frame of %d samples", len(pcm))
		}
	}
	m := NewMouth(pool)
	m.Become(codec.Opus)
	posted := 0
	for range 20 {
		if m.Post(make([]int16, 160), false) {
			posted++
		}
	}
	if posted == 20 || posted == 0 {
		t.Errorf("posted %d of 20 to nobody", posted)
	}
}

// TestLateWorker: a worker that looks every 60 ms only makes the ear ask further ahead; then hardly anything is missing, until it is
// in time again and asked less far ahead.
func TestLateWorker(t *testing.T) {
	pool := opus.NewPool(1)
	e := NewEar(pool)
	h := rtp.Header{}
	frame := func(i int) {
		e.Put(&h, codec.Opus, []byte{1 << 3, 1, 2, 3}, int64(i)*20*ms)
		h.Sequence, h.Timestamp = h.Sequence+1, h.Timestamp+960
		e.Frame(int64(i) * 20 * ms)
	}
	for i := range 450 {
		if frame(i); i%3 == 0 {
			pool.Work()
		}
		if i == 100 {
			e.Behind = 0
		}
	}
	if e.Behind > 5 || e.lead <= FrameLen {
		t.Errorf("%d frames behind after two seconds, %d samples asked ahead", e.Behind, e.lead)
	}
	e.Behind = 0
	for i := 450; i < 3000; i++ {
		frame(i)
		pool.Work()
	}
	if e.lead != FrameLen || e.Behind > 0 {
		t.Errorf("in time again: %d samples asked ahead, %d behind", e.lead, e.Behind)
	}
	if got := e.Buffer().Delay(); got > 100*time.Millisecond {
		t.Errorf("in time again: the buffer holds %v", got)
	}
}

func TestRefused(t *testing.T) {
	e := NewEar(opus.NewPool(1))
	h := rtp.Header{}
	if e.Put(&h, codec.Opus, []byte{1<<3 | 3, 0}, 0) || e.Put(&h, codec.PCMA, nil, 0) || e.Put(&h, codec.None, []byte{1}, 0) {
		t.Error("junk was taken")
	}
}

func TestAllocatesNothing(t *testing.T) {
	for _, kind := range []codec.Kind{codec.PCMA, codec.G722} {
		e, m := NewEar(nil), newTalker(nil, kind)
		packet := m.packets(t, tone.Make(700, -12, 20*time.Millisecond), 160)[0]
		now := int64(0)
		var out [160]byte
		step := func() {
			h := m.next(160)
			if h.Sequence%10 != 3 {
				e.Put(&h, kind, packet, now)
			}
			pcm, _ := e.Frame(now)
			m.mouth.Encode(out[:], pcm)
			now += 20 * ms
		}
		step()
		if got := testing.AllocsPerRun(500, step); got != 0 {
			t.Errorf("%v: %v allocations a frame", kind, got)
		}
	}
}

func benchmarkFrame(b *testing.B, kind codec.Kind) {
	e, m := NewEar(nil), newTalker(nil, kind)
	packet := m.packets(b, tone.Make(700, -12, 20*time.Millisecond), 160)[0]
	now := int64(0)
	var out [160]byte
	b.ReportAllocs()
	for b.Loop() {
		h := m.next(160)
		e.Put(&h, kind, packet, now)
		pcm, _ := e.Frame(now)
		m.mouth.Encode(out[:], pcm)
		now += 20 * ms
	}
}

// BenchmarkFramePCMA and BenchmarkFrameG722 are 20 ms of a leg both ways: buffer, decode, encode.
func BenchmarkFramePCMA(b *testing.B) { benchmarkFrame(b, codec.PCMA) }
func BenchmarkFrameG722(b *testing.B) { benchmarkFrame(b, codec.G722) }
