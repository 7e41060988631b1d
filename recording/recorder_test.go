package recording

import (
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"hotline/media/codec"
	"hotline/media/tape"
	"hotline/media/wav"
)

// TestTwoChannels: ten seconds of two tones, from the row at the start to the sealed file.
func TestTwoChannels(t *testing.T) {
	record(t, func(t *testing.T, s *studio) {
		l := s.start("seg-1", "call-1")
		l.talk(0, 10*time.Second)
		row := s.finish("seg-1")
		if row.State != Sealed || row.Duration != 10*time.Second || row.Bytes != wav.HeaderSize+160000 || row.Frames != 1000 || row.Dropped != 0 {
			t.Errorf("row = %+v", row)
		}
		if row.Call != "call-1" || row.Kind != Conversation || row.Segment != 1 || row.Queue != "sales" || row.Agent != "1001" || row.From != "13800138000" {
			t.Errorf("row = %+v", row)
		}
		if row.File != "2000/01/01/seg-1.wav" {
			t.Errorf("file = %q", row.File)
		}
		s.checkTones("seg-1", 0, 10*time.Second)
		audio, err := s.Open(t.Context(), "seg-1")
		if err != nil {
			t.Fatal(err)
		}
		defer audio.Close()
		if err := audio.Verify(); err != nil || audio.Size() != row.Bytes {
			t.Errorf("Verify = %v, size %d, want %d", err, audio.Size(), row.Bytes)
		}
		if got := s.heard(); got != nil {
			t.Errorf("alarms %v, want none", got)
		}
	})
}

// TestOrder: the row is saved, as open, before the file is made; the header is there before any sound.
func TestOrder(t *testing.T) {
	record(t, func(t *testing.T, s *studio) {
		l := s.start("seg-1", "call-1")
		l.talk(0, 200*time.Millisecond)
		synctest.Wait()
		if rows := s.shelf.matching(func(r Row) bool { return r.State == Open }); len(rows) != 1 || len(s.disk.done()) != 0 {
			t.Errorf("%d open rows and %d operations on files, want 1 and 0", len(rows), len(s.disk.done()))
		}
		l.talk(1600, 2800*time.Millisecond)
		ops := s.disk.done()
		if len(ops) < 3 || len(ops[0].data) != 0 || len(ops[1].data) != wav.HeaderSize || ops[2].from != wav.HeaderSize {
			t.Errorf("operations begin with %v", ops[:min(3, len(ops))])
		}
		synced := slices.ContainsFunc(ops, func(o op) bool { return o.data == nil })
		if !synced {
			t.Error("no sync within three seconds")
		}
		var largest int
		for _, o := range ops {
			largest = max(largest, len(o.data))
		}
		if largest < 7000 {
			t.Errorf("the largest write has %d bytes, want half a second", largest)
		}
	})
}

// TestSegments: a conversation that is transferred has several, numbered, in one manifest.
func TestSegments(t *testing.T) {
	record(t, func(t *testing.T, s *studio) {
		for _, id := range []string{"a", "b"} {
			s.start(id, "call-1").talk(0, time.Second)
			s.finish(id)
		}
		overlapping := s.start("c", "call-1")
		other := s.start("d", "call-2")
		overlapping.talk(0, time.Second)
		other.talk(0, time.Second)
		s.finish("d")
		s.finish("c")
		rows, err := s.shelf.RecordingsOf(t.Context(), "call-1")
		if err != nil || len(rows) != 3 || rows[0].ID != "a" || rows[1].Segment != 2 || rows[2].ID != "c" {
			t.Errorf("rows = %+v, %v", rows, err)
		}
		content, err := os.ReadFile(filepath.Join(s.cfg.Dir, "2000/01/01/call-1.json"))
		var list manifest
		if err == nil {
			err = json.Unmarshal(content, &list)
		}
		if err != nil || list.Call != "call-1" || !slices.Equal(list.Segments, rows) {
			t.Errorf("manifest = %s, %v, want %+v", content, err, rows)
		}
	})
}

// TestShutdown: what is live when the process is asked to stop is sealed, and later wishes are refused.
func TestShutdown(t *testing.T) {
	record(t, func(t *testing.T, s *studio) {
		l := s.start("seg-1", "call-1")
		l.talk(0, 2*time.Second)
		s.stop()
		row := s.shelf.rows["seg-1"]
		if row.State != Sealed || row.Duration < 1900*time.Millisecond {
			t.Errorf("row = %+v", row)
		}
		if err := s.begin(Meta{ID: "late", Call: "call-2"}, &line{}); err == nil {
			t.Error("Begin after Run is no error")
		}
		s.End("seg-1")
	})
}

// TestBegin: it never waits and never returns nil, whatever it is told.
func TestBegin(t *testing.T) {
	record(t, func(t *testing.T, s *studio) {
		for _, m := range []Meta{{}, {ID: "../x", Call: "c"}, {ID: "x", Call: "a/b"}, {ID: ".x", Call: "c"}, {ID: strings.Repeat("x", 129), Call: "c"}} {
			if s.Begin(m) == nil {
				t.Errorf("Begin(%+v) = nil", m)
			}
		}
		for range 2 {
			if s.Begin(Meta{ID: "twice", Call: "call-1", Kind: Voicemail}) == nil {
				t.Error("Begin = nil")
			}
		}
		row := s.finish("twice")
		s.End("twice")
		s.End("unknown")
		if row.State != Sealed || row.Duration != 0 || row.Kind != Voicemail {
			t.Errorf("a recording without sound: %+v", row)
		}
		if len(s.shelf.rows) != 1 {
			t.Errorf("%d rows, want 1", len(s.shelf.rows))
		}
	})
}

// TestStoreStuck: the database is away for half a minute; sound is kept, rows follow.
func TestStoreStuck(t *testing.T) {
	record(t, func(t *testing.T, s *studio) {
		s.shelf.fail(errors.New("database is locked"))
		l := s.start("seg-1", "call-1")
		at := l.talk(0, 800*time.Millisecond)
		if ops := s.disk.done(); len(ops) != 0 {
			t.Errorf("%d operations on the file while there is still hope for the row", len(ops))
		}
		at = l.talk(at, 4200*time.Millisecond)
		if ops := s.disk.done(); len(ops) == 0 {
			t.Error("no file after five seconds")
		}
		at = l.talk(at, 25*time.Second)
		s.shelf.fail(nil)
		l.talk(at, 3*time.Second)
		row := s.finish("seg-1")
		if row.State != Sealed || row.Duration != 33*time.Second || row.Dropped != 0 {
			t.Errorf("row = %+v", row)
		}
		if got, want := s.heard(), []string{"store-failing on", "store-failing off"}; !slices.Equal(got, want) {
			t.Errorf("alarms %v, want %v", got, want)
		}
	})
}

// TestDiskFull: sound goes on being taken, one alarm, and writing resumes with the time line kept.
func TestDiskFull(t *testing.T) {
	record(t, func(t *testing.T, s *studio) {
		s.start("before", "call-0").talk(0, time.Second)
		before := s.finish("before")
		l := s.start("seg-1", "call-1")
		at := l.talk(0, 5*time.Second)
		s.disk.set(func(d *shim) { d.fails = &os.PathError{Op: "write", Err: syscall.ENOSPC} })
		at = l.talk(at, 20*time.Second)
		if got, want := s.heard(), []string{"disk-full on"}; !slices.Equal(got, want) {
			t.Errorf("alarms %v, want %v", got, want)
		}
		s.disk.set(func(d *shim) { d.fails = nil })
		at = l.talk(at, 12*time.Second)
		row := s.finish("seg-1")
		if row.State != Sealed || row.Duration != codec.Duration(at) || row.Dropped < 1000 || row.Dropped > 2200 || row.Frames != 3700 {
			t.Errorf("row = %+v", row)
		}
		s.checkTones("seg-1", 0, 4400*time.Millisecond)
		pcm := s.channel("seg-1", wav.Left)
		for i, x := range pcm[codec.Samples(6*time.Second):codec.Samples(19*time.Second)] {
			if x != 8 {
				t.Fatalf("sample %d of the silence is %d", i, x)
			}
		}
		if got, want := s.heard(), []string{"disk-full on", "disk-full off"}; !slices.Equal(got, want) {
			t.Errorf("alarms %v, want %v", got, want)
		}
		audio, err := s.Open(t.Context(), before.ID)
		if err != nil {
			t.Fatal(err)
		}
		defer audio.Close()
		if err := audio.Verify(); err != nil {
			t.Errorf("a file that was finished before: %v", err)
		}
	})
}

// TestShortTrouble: five seconds of a refusing disk cost nothing.
func TestShortTrouble(t *testing.T) {
	record(t, func(t *testing.T, s *studio) {
		l := s.start("seg-1", "call-1")
		at := l.talk(0, 3*time.Second)
		s.disk.set(func(d *shim) { d.fails = syscall.EIO })
		at = l.talk(at, 4*time.Second)
		s.disk.set(func(d *shim) { d.fails = nil })
		l.talk(at, 12*time.Second)
		row := s.finish("seg-1")
		if row.State != Sealed || row.Duration != 19*time.Second || row.Dropped != 0 {
			t.Errorf("row = %+v", row)
		}
		if got, want := s.heard(), []string{"disk-failing on", "disk-failing off"}; !slices.Equal(got, want) {
			t.Errorf("alarms %v, want %v", got, want)
		}
	})
}

// TestMinFree: the watermark stops writing before the disk is full, for the sake of the database on it.
func TestMinFree(t *testing.T) {
	record(t, func(t *testing.T, s *studio) {
		s.disk.set(func(d *shim) { d.room = 1 << 20 })
		time.Sleep(2 * time.Second)
		l := s.start("seg-1", "call-1")
		at := l.talk(0, 10*time.Second)
		if n := len(s.disk.done()); n != 0 {
			t.Errorf("%d operations on files below the watermark", n)
		}
		lost := s.start("seg-2", "call-2")
		lost.talk(0, time.Second)
		if row := s.finish("seg-2"); row.State != Lost || row.Dropped != 100 || row.Frames != 100 {
			t.Errorf("row without a file = %+v", row)
		}
		s.disk.set(func(d *shim) { d.room = 1 << 40 })
		at = l.talk(at+codec.SampleRate*2, 5*time.Second)
		if row := s.finish("seg-1"); row.State != Sealed || row.Duration != codec.Duration(at) || row.Dropped == 0 {
			t.Errorf("row = %+v", row)
		}
	})
}

// TestSlowDisk: a write that hangs holds up the writer, not who begins, ends or speaks; what runs over is counted.
func TestSlowDisk(t *testing.T) {
	record(t, func(t *testing.T, s *studio) {
		l := s.start("seg-1", "call-1")
		at := l.talk(0, 3*time.Second)
		s.disk.set(func(d *shim) { d.stalls = 4 * time.Second })
		at = l.talk(at, 8*time.Second)
		s.disk.set(func(d *shim) { d.stalls = 0 })
		begun := time.Now()
		s.Begin(Meta{ID: "other", Call: "call-2"})
		s.End("other")
		if took := time.Since(begun); took != 0 {
			t.Errorf("Begin and End took %v", took)
		}
		at = l.talk(at, 14*time.Second)
		row := s.finish("seg-1")
		if row.State != Sealed || row.Dropped == 0 || row.Dropped != l.Lost() || row.Frames != uint64(l.total) || row.Duration != codec.Duration(at) {
			t.Errorf("row = %+v, the tap lost %d of %d", row, l.Lost(), l.total)
		}
		if got, want := s.heard(), []string{"slow-disk on", "slow-disk off"}; !slices.Equal(got, want) {
			t.Errorf("alarms %v, want %v", got, want)
		}
	})
}

// TestPlacing: frames out of order find their place within half a second; later ones, and nonsense, are counted.
func TestPlacing(t *testing.T) {
	record(t, func(t *testing.T, s *studio) {
		l := s.start("seg-1", "call-1")
		sound := func(octet byte) []byte { return []byte(strings.Repeat(string(rune(octet)), frame)) }
		put := func(side tape.Side, at int64, octet byte, wait time.Duration) {
			l.put(side, at, sound(octet))
			time.Sleep(wait)
		}
		put(tape.Left, 0, 'a', 600*time.Millisecond)
		put(tape.Left, 8000, 'c', 600*time.Millisecond)  // a second later: silence between
		put(tape.Left, 4800, 'b', 600*time.Millisecond)  // 400 ms late, after its place was written
		put(tape.Right, 3000, 'x', 600*time.Millisecond) // more than 500 ms late
		put(tape.Left, -1, 'x', 0)
		put(tape.Left, 1<<40, 'x', 0)
		put(9, 8000, 'x', 0)
		put(tape.Right, 8000, 'd', 0)
		row := s.finish("seg-1")
		if row.Frames != 8 || row.Dropped != 4 || row.Duration != codec.Duration(8160) {
			t.Errorf("row = %+v", row)
		}
		want := slices.Repeat([]byte{codec.SilenceALaw}, 2*8160)
		for i := range 2 * frame {
			if i%2 == 0 {
				want[i], want[2*4800+i], want[2*8000+i] = 'a', 'b', 'c'
			} else {
				want[2*8000+i] = 'd'
			}
		}
		audio, err := s.Open(t.Context(), "seg-1")
		if err != nil {
			t.Fatal(err)
		}
		defer audio.Close()
		got, err := io.ReadAll(audio)
		if err != nil || string(got[wav.HeaderSize:]) != string(want) {
			t.Errorf("the sound is not where it belongs, %v", err)
		}
	})
}

// TestTenMinutes: with loss, reordering and a pause of a minute both sides still stand where their positions say.
func TestTenMinutes(t *testing.T) {
	record(t, func(t *testing.T, s *studio) {
		l := s.start("seg-1", "call-1")
		mark := slices.Repeat([]byte{0xAA}, frame) // full scale
		at := int64(0)
		for second := range 600 {
			if second > 300 && second < 360 {
				time.Sleep(time.Second) // held: nobody sends
				at += codec.SampleRate
				continue
			}
			l.put(tape.Right, at+frame, mark)
			l.put(tape.Left, at+frame, mark) // a mark each second, at the same place on both sides
			if second%7 != 0 {               // and now and then loss
				l.put(tape.Left, at, slices.Repeat([]byte{codec.SilenceALaw}, frame))
			}
			time.Sleep(time.Second)
			at += codec.SampleRate
		}
		row := s.finish("seg-1")
		if row.Dropped != 0 || row.Duration < 599*time.Second {
			t.Fatalf("row = %+v", row)
		}
		left, right := s.channel("seg-1", wav.Left), s.channel("seg-1", wav.Right)
		for second := range 600 {
			at := second*codec.SampleRate + frame
			want := int16(32256)
			if second > 300 && second < 360 {
				want = 8
			}
			if left[at] != want || right[at] != want || left[at-1] != 8 || right[at-1] != 8 {
				t.Fatalf("second %d: left %v, right %v, want %d", second, left[at-1:at+1], right[at-1:at+1], want)
			}
		}
	})
}

// TestSealFails: a segment that cannot be sealed stays open, and Repair finishes it.
func TestSealFails(t *testing.T) {
	record(t, func(t *testing.T, s *studio) {
		s.start("seg-1", "call-1").talk(0, 5*time.Second)
		s.disk.set(func(d *shim) { d.syncFails = syscall.EIO })
		if row := s.finish("seg-1"); row.State != Open || row.SHA256 != "" {
			t.Errorf("row = %+v", row)
		}
		if got, want := s.heard(), []string{"disk-failing on"}; !slices.Equal(got, want) {
			t.Errorf("alarms %v, want %v", got, want)
		}
		report, err := s.Repair(t.Context())
		if row := s.shelf.rows["seg-1"]; err != nil || row.State != Repaired || row.Duration != 5*time.Second || len(report.Repaired) != 1 {
			t.Errorf("row = %+v, report %+v, %v", row, report, err)
		}
		s.checkTones("seg-1", 0, 5*time.Second)
	})
}

// broken is a tap that panics after a while.
type broken struct {
	line
	left int
}

func (b *broken) Lost() uint64 {
	if b.left--; b.left < 0 {
		panic("broken")
	}
	return 0
}

// TestFault: a fault in one recording ends that one and no other.
func TestFault(t *testing.T) {
	record(t, func(t *testing.T, s *studio) {
		bad := &broken{left: 50}
		if err := s.begin(Meta{ID: "bad", Call: "call-1"}, bad); err != nil {
			t.Fatal(err)
		}
		var lines []*line
		for _, id := range []string{"a", "b", "c"} { // some with the same writer
			lines = append(lines, s.start(id, "call-2"))
		}
		bad.talk(0, 3*time.Second)
		for _, l := range lines {
			l.talk(24000, time.Second)
		}
		if row := s.shelf.rows["bad"]; row.State != Sealed || row.Duration < time.Second {
			t.Errorf("row = %+v", row)
		}
		for _, id := range []string{"a", "b", "c"} {
			if row := s.finish(id); row.State != Sealed || row.Duration != 4*time.Second {
				t.Errorf("row = %+v", row)
			}
		}
	})
}

// TestTroubleOf: what counts as full.
func TestTroubleOf(t *testing.T) {
	rows := []struct {
		err  error
		want string
	}{{syscall.ENOSPC, "disk-full on"}, {syscall.EDQUOT, "disk-full on"}, {syscall.EFBIG, "disk-full on"}, {syscall.EIO, "disk-failing on"}}
	for _, row := range rows {
		record(t, func(t *testing.T, s *studio) {
			s.disk.set(func(d *shim) { d.fails = row.err })
			s.start("seg-1", "call-1").talk(0, 2*time.Second)
			if got := s.heard(); !slices.Contains(got, row.want) {
				t.Errorf("%v: alarms %v, want %q", row.err, got, row.want)
			}
		})
	}
}
