package recording

import (
	"bytes"
	"log/slog"
	"slices"
	"testing"
	"time"

	"hotline/media/codec"
	"hotline/media/tape"
	"hotline/media/wav"
)

// FuzzTrack lets frames come in any order with flushes between and compares with a plain array: what put took is in the file,
// everything else is silence.
func FuzzTrack(f *testing.F) {
	f.Add([]byte{0, 1, 2, 250, 3, 1, 255, 0, 40, 41, 255, 2})
	f.Add(bytes.Repeat([]byte{9, 255, 200, 3}, 30))
	f.Fuzz(func(t *testing.T, steps []byte) {
		var tr track
		var want []byte // the sound as it should be
		file := &sheet{}
		out := wav.NewStereoWriter(file)
		flush := func() {
			sound, at := tr.pending()
			if err := out.WriteAt(sound, at); err != nil {
				t.Fatal(err)
			}
			tr.written()
		}
		at := int64(0)
		for i, step := range steps[:min(len(steps), 60)] {
			if step == 255 {
				flush()
				continue
			}
			at = max(0, at+(int64(step)-60)*100)
			side, octet := tape.Side(i%2), byte(i)|1
			if tr.far(at) {
				flush()
				tr.skip(at)
			}
			if !tr.put(side, at, bytes.Repeat([]byte{octet}, 160)) {
				continue
			}
			want = appendSilence(want, max(0, int(2*(at+160))-len(want)))
			for k := range int64(160) {
				want[2*(at+k)+int64(side)] = octet
			}
		}
		flush()
		if out.Frames() != int64(len(want)/2) {
			t.Fatalf("%d frames, want %d", out.Frames(), len(want)/2)
		}
		for i, octet := range want {
			if got := file.b[wav.HeaderSize+i]; got != octet {
				t.Fatalf("octet %d is %#x, want %#x", i, got, octet)
			}
		}
	})
}

// sheet is a file in memory.
type sheet struct{ b []byte }

func (s *sheet) WriteAt(p []byte, at int64) (int, error) {
	if grow := int(at) + len(p) - len(s.b); grow > 0 {
		s.b = slices.Grow(s.b, grow)[:len(s.b)+grow]
	}
	return copy(s.b[at:], p), nil
}

// TestTrackForgets: memory holds the window, not the call.
func TestTrackForgets(t *testing.T) {
	var tr track
	payload := make([]byte, 160)
	for at := int64(0); at < 60*codec.SampleRate; at += 160 {
		if !tr.put(tape.Left, at, payload) {
			t.Fatalf("frame at %d refused", at)
		}
		if at%4000 == 0 {
			tr.written()
		}
	}
	if tr.written(); len(tr.buf) != 2*window || cap(tr.buf) > 8*window {
		t.Errorf("%d bytes in memory of %d, want %d", len(tr.buf), cap(tr.buf), 2*window)
	}
	if tr.put(tape.Left, tr.base-1, payload) {
		t.Error("a frame before the window was taken")
	}
}

func TestSafeName(t *testing.T) {
	for id, want := range map[string]bool{
		"0190a1b2-7c3d-7e4f-8a5b-6c7d8e9f0a1b": true, "A_1.x": true, "": false, ".": false, "..": false, "a/b": false, `a\b`: false,
		"a b": false, "a\x00": false, "中": false, "@": false, "[": false,
	} {
		if got := safeName(id); got != want {
			t.Errorf("safeName(%q) = %v, want %v", id, got, want)
		}
	}
}

// seconds is a source with one second of both sides at a time.
type seconds struct {
	at      int64
	left    int
	payload []byte
}

func (s *seconds) Lost() uint64 { return 0 }

func (s *seconds) Read(f *tape.Frame) bool {
	if s.left == 0 {
		return false
	}
	s.left--
	*f = tape.Frame{Side: tape.Side(s.left % 2), At: s.at, Payload: s.payload}
	if s.left%2 == 0 {
		s.at += 160
	}
	return true
}

// BenchmarkCallSecond is what one recorded second of a call costs its writer: 100 frames, two flushes, half a header and half a hand-over to
// the sync.
func BenchmarkCallSecond(b *testing.B) {
	r := New(Config{Dir: b.TempDir(), Logger: slog.New(slog.DiscardHandler)}, newShelf())
	w := r.writers[0]
	s := &seconds{payload: make([]byte, 160)}
	t := newTake(Meta{ID: "seg-1", Call: "call-1"}, s, time.Now().Add(-1e6*time.Second))
	t.saved.Store(true)
	b.ReportAllocs()
	for b.Loop() {
		now := time.Now()
		for range 2 {
			s.left = 50
			w.drain(t, now)
			w.flush(t, now)
		}
		if s.at%16000 == 0 {
			w.sync(t, now)
			t.syncing.Store(false)
			r.syncs.mail.Take()
		}
		if s.at > 1<<28 { // do not fill the disk
			b.StopTimer()
			s.at = 0
			t = newTake(t.meta, s, t.begun)
			t.name = b.Name() + time.Now().Format(time.StampNano) + ".wav"
			t.saved.Store(true)
			b.StartTimer()
		}
	}
}
