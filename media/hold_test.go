package media

import (
	"net/netip"
	"runtime"
	"testing"
	"time"

	"hotline/media/codec"
)

// listeners are streams that hear one piece of music, over sockets that cost nothing.
func listeners(tb testing.TB, n int, kind codec.Kind, music *Sound) *shard {
	sh, a, _, _ := pair(tb, codec.PCMA, codec.PCMA)
	a.part()
	for range n {
		s := another(tb, sh)
		s.set(Params{Remote: netip.MustParseAddrPort(callerAt), Codec: kind, PayloadType: kind.PayloadType(), Send: true, Receive: true})
		s.startPlay(Playback{Sounds: []*Sound{music}, Loop: true})
		sh.engine.encoding.Wait() // the first of them has it encoded for all others
	}
	return sh
}

func settled() uint64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// TestHoldMusicIsShared: a listener to five minutes of music costs what its stream costs, and nothing of the music.
func TestHoldMusicIsShared(t *testing.T) {
	music := NewSound(make([]int16, 5*60*codec.SampleRate))
	before := settled()
	const n = 500
	sh := listeners(t, n, codec.PCMA, music)
	for range 100 {
		sh.now += int64(2 * time.Millisecond)
		sh.wheel.advance(sh.now, sh.fire)
	}
	each := (int64(settled()) - int64(before)) / n
	t.Logf("%d bytes a listener; the music has %d", each, len(music.ALaw)+len(music.ULaw))
	if each > 8<<10 {
		t.Errorf("%d bytes a listener, want 8 kB at most", each)
	}
	runtime.KeepAlive(sh)
}

// BenchmarkHoldMusic is 20 ms of one listener, without the kernel: all copy what was encoded once.
func BenchmarkHoldMusic(b *testing.B) {
	music := toneSound(440, 30*time.Second)
	for _, kind := range []codec.Kind{codec.PCMA, codec.PCMU, codec.G722, codec.Opus} {
		b.Run(kind.String(), func(b *testing.B) {
			const n = 50
			sh := listeners(b, n, kind, music)
			b.ReportAllocs()
			for b.Loop() {
				for range 10 {
					sh.now += int64(2 * time.Millisecond)
					sh.wheel.advance(sh.now, sh.fire)
					sh.engine.opus.Work()
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/n, "ns/listener")
		})
	}
}
