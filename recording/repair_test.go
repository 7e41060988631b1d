package recording

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"log/slog"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"testing/fstest"
	"time"

	"hotline/media/codec"
	"hotline/media/tone"
	"hotline/media/wav"
)

const day = "2000/01/01"

// openRow is the row of a segment that was running when the process died.
func openRow(id string) Row {
	return Row{ID: id, Call: "call-1", Kind: Conversation, Segment: 1, State: Open, File: day + "/" + id + ".wav",
		Started: time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)}
}

// ruin is a recorder on a folder with the given files, as after a crash.
func ruin(t *testing.T, rows *shelf, files map[string][]byte) *Recorder {
	t.Helper()
	dir := t.TempDir()
	for name, content := range files {
		name = filepath.Join(dir, filepath.FromSlash(name))
		if err := errors.Join(os.MkdirAll(filepath.Dir(name), 0o750), os.WriteFile(name, content, 0o600)); err != nil {
			t.Fatal(err)
		}
	}
	return New(Config{Dir: dir, Logger: slog.New(slog.DiscardHandler)}, rows)
}

// repair repairs without an error.
func repair(t *testing.T, r *Recorder) Report {
	t.Helper()
	report, err := r.Repair(t.Context())
	if err != nil {
		t.Fatalf("Repair: %v", err)
	}
	return report
}

// after replays operations on a file.
func after(ops []op) []byte {
	var b []byte
	for _, o := range ops {
		if grow := int(o.from) + len(o.data) - len(b); grow > 0 {
			b = append(b, make([]byte, grow)...)
		}
		copy(b[o.from:], o.data)
	}
	return b
}

// TestKill takes a recording of ten seconds and lets it end after each of its operations: by a kill, which keeps all that was
// written, and by a power cut, which keeps only what was synced. Each must be playable, of the right tones, and miss at most one second,
// or two and a half.
func TestKill(t *testing.T) {
	var ops []op
	record(t, func(t *testing.T, s *studio) {
		s.start("seg-1", "call-1").talk(0, 10*time.Second)
		ops = s.disk.done()
	})
	begun := ops[0].at.Add(-100 * time.Millisecond)
	synced := 0
	for i := range ops {
		end := 10 * time.Second
		if i+1 < len(ops) {
			end = ops[i+1].at.Sub(begun) // the crash comes just before the next operation
		}
		if ops[i].data == nil {
			synced = i
		}
		checkCrash(t, "kill", after(ops[:i+1]), end-time.Second)
		checkCrash(t, "power cut", after(ops[:synced]), end-2500*time.Millisecond)
	}
	if len(ops) < 20 || synced == 0 {
		t.Errorf("%d operations, the last sync is %d", len(ops), synced)
	}
}

// checkCrash repairs a file and wants at least so much sound in it.
func checkCrash(t *testing.T, how string, content []byte, least time.Duration) {
	t.Helper()
	rows := newShelf(openRow("seg-1"))
	r := ruin(t, rows, map[string][]byte{day + "/seg-1.wav": content})
	repair(t, r)
	row := rows.rows["seg-1"]
	if row.Duration < least {
		t.Errorf("%s after %d bytes: %v of sound, want %v", how, len(content), row.Duration, least)
	}
	if row.State == Lost && len(content) <= wav.HeaderSize {
		return
	}
	pcm := channel(t, r, "seg-1", wav.Left)
	if row.State != Repaired || codec.Duration(int64(len(pcm))) != row.Duration {
		t.Errorf("%s after %d bytes: row %+v, %d samples", how, len(content), row, len(pcm))
	}
	for at := 0; at+tone.Window <= len(pcm); at += tone.Window {
		if got := tone.Heard(pcm[at:at+tone.Window], 700, 1300); !slices.Equal(got, []float64{700}) {
			t.Fatalf("%s after %d bytes: heard %v at sample %d", how, len(content), got, at)
		}
	}
}

// soundOf is a good file of n frames.
func soundOf(n int) []byte {
	return append(wav.StereoHeader(int64(n)), slices.Repeat([]byte{0x34, 0x21}, n)...)
}

// TestCutAnywhere: files cut at random points, with a header that lies, are repaired to the last whole frame.
func TestCutAnywhere(t *testing.T) {
	whole := soundOf(8000)
	copy(whole, wav.StereoHeader(77))
	seed := rand.Uint64()
	random := rand.New(rand.NewPCG(seed, 0))
	for range 50 {
		size := wav.HeaderSize + 2 + random.IntN(len(whole)-wav.HeaderSize-1)
		rows := newShelf(openRow("seg-1"))
		r := ruin(t, rows, map[string][]byte{day + "/seg-1.wav": whole[:size]})
		report := repair(t, r)
		frames := (size - wav.HeaderSize) / 2
		got, err := os.ReadFile(filepath.Join(r.cfg.Dir, day, "seg-1.wav"))
		if err != nil || !bytes.Equal(got, soundOf(frames)) {
			t.Fatalf("seed %d, cut at %d: not the first %d frames, %v", seed, size, frames, err)
		}
		if row := rows.rows["seg-1"]; row.State != Repaired || row.Bytes != int64(len(got)) || !slices.Equal(report.Repaired, []string{"seg-1"}) {
			t.Fatalf("seed %d, cut at %d: row %+v, report %+v", seed, size, row, report)
		}
		audio, err := r.Open(t.Context(), "seg-1")
		if err != nil {
			t.Fatal(err)
		}
		if err := errors.Join(audio.Verify(), audio.Close()); err != nil {
			t.Fatal(err)
		}
	}
}

// TestRepair: rows, manifests and files that disagree in every way.
func TestRepair(t *testing.T) {
	kept, unknown, gone, done, empty := openRow("kept"), openRow("unknown"), openRow("gone"), openRow("done"), openRow("empty")
	sealedRow := openRow("sealed")
	sealedRow.State, sealedRow.Duration = Sealed, time.Second
	stuck := openRow("stuck") // the store missed the seal that the manifest has
	stuckSealed := stuck
	stuckSealed.State, stuckSealed.SHA256 = Sealed, "abc"
	done.State = Sealed
	d := newFolder(t.TempDir())
	for name, list := range map[string]manifest{
		day + "/call-1.json": {Call: "call-1", Segments: []Row{unknown, openRow("done"), stuckSealed, sealedRow}},
	} {
		if err := list.write(d, name); err != nil {
			t.Fatal(err)
		}
	}
	content, err := os.ReadFile(filepath.Join(d.dir, day, "call-1.json"))
	if err != nil {
		t.Fatal(err)
	}
	rows := newShelf(kept, gone, done, stuck, empty)
	r := ruin(t, rows, map[string][]byte{
		day + "/call-1.json": content, day + "/kept.wav": soundOf(800), day + "/unknown.wav": soundOf(800), day + "/done.wav": soundOf(80),
		day + "/orphan.wav": soundOf(8), day + "/stuck.wav": soundOf(8), day + "/empty.wav": soundOf(0), day + "/notes.txt": {1},
	})
	report := repair(t, r)
	for name, pair := range map[string][2][]string{
		"repaired": {report.Repaired, {"kept", "unknown"}}, "lost": {report.Lost, {"empty", "gone"}},
		"adopted": {report.Adopted, {"unknown", "sealed"}}, "orphans": {report.Orphans, {day + "/orphan.wav"}},
	} {
		slices.Sort(pair[0])
		if slices.Sort(pair[1]); !slices.Equal(pair[0], pair[1]) {
			t.Errorf("%s = %v, want %v", name, pair[0], pair[1])
		}
	}
	for id, want := range map[string]State{"kept": Repaired, "unknown": Repaired, "gone": Lost, "empty": Lost, "done": Sealed, "stuck": Sealed, "sealed": Sealed} {
		if got := rows.rows[id].State; got != want {
			t.Errorf("%s is %s, want %s", id, got, want)
		}
	}
	again := repair(t, r)
	if len(again.Repaired)+len(again.Lost)+len(again.Adopted) != 0 || len(again.Orphans) != 1 {
		t.Errorf("a second repair did %+v", again)
	}
}

// TestRebuild: a lost database is made again from the manifests, row for row.
func TestRebuild(t *testing.T) {
	record(t, func(t *testing.T, s *studio) {
		for _, id := range []string{"a", "b", "c"} {
			s.start(id, "call-"+id).talk(0, time.Second)
			s.finish(id)
		}
		s.start("d", "call-a").talk(0, time.Second)
		s.finish("d")
		before := s.shelf.rows
		s.shelf.rows = map[string]Row{}
		report, err := s.Rebuild(t.Context())
		if err != nil || len(report.Adopted) != 4 || len(report.Repaired)+len(report.Lost)+len(report.Orphans) != 0 {
			t.Errorf("report = %+v, %v", report, err)
		}
		for id, want := range before {
			if got := s.shelf.rows[id]; got != want {
				t.Errorf("%s = %+v, want %+v", id, got, want)
			}
		}
	})
}

// TestRepairLeavesTheLive: a segment that is being recorded is nobody's business.
func TestRepairLeavesTheLive(t *testing.T) {
	record(t, func(t *testing.T, s *studio) {
		l := s.start("a", "call-a")
		at := l.talk(0, 3*time.Second)
		report, err := s.Repair(t.Context())
		if err != nil || len(report.Repaired)+len(report.Lost)+len(report.Adopted)+len(report.Orphans) != 0 {
			t.Errorf("report = %+v, %v", report, err)
		}
		l.talk(at, time.Second)
		if row := s.finish("a"); row.State != Sealed || row.Duration != 4*time.Second {
			t.Errorf("row = %+v", row)
		}
	})
}

// TestZerosAtTheEnd: what a power cut leaves as zeros is not sound; a few zeros may be.
func TestZerosAtTheEnd(t *testing.T) {
	for _, row := range []struct{ zeros, want int }{{0, 800}, {600, 1100}, {1600, 800}, {200_000, 800}} {
		rows := newShelf(openRow("seg-1"))
		r := ruin(t, rows, map[string][]byte{day + "/seg-1.wav": append(soundOf(800), make([]byte, row.zeros)...)})
		repair(t, r)
		if got := rows.rows["seg-1"].Duration; got != codec.Duration(int64(row.want)) {
			t.Errorf("%d zeros: %v, want %d frames", row.zeros, got, row.want)
		}
	}
}

// TestRepairGoesOn: what cannot be read is said, and the rest is repaired.
func TestRepairGoesOn(t *testing.T) {
	outside := openRow("outside")
	outside.File = "../outside.wav"
	rows := newShelf(openRow("good"), outside)
	r := ruin(t, rows, map[string][]byte{day + "/good.wav": soundOf(800), day + "/bad.json": []byte("{"), day + "/huge.json": make([]byte, maxManifest+1)})
	if err := os.WriteFile(filepath.Join(filepath.Dir(r.cfg.Dir), "outside.wav"), soundOf(8), 0o600); err != nil {
		t.Fatal(err)
	}
	report, err := r.Repair(t.Context())
	if err == nil || !slices.Equal(report.Repaired, []string{"good"}) || rows.rows["outside"].State != Open {
		t.Errorf("report = %+v, %v; outside is %s", report, err, rows.rows["outside"].State)
	}
	rows.fail(errors.New("the database is away"))
	if _, err := r.Rebuild(t.Context()); err == nil {
		t.Error("Rebuild over a broken manifest is no error")
	}
}

func TestFolderThatCannotBe(t *testing.T) {
	name := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(name, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	r := New(Config{Dir: filepath.Join(name, "below")}, newShelf())
	if err := r.Run(context.Background()); err == nil {
		t.Error("Run is no error")
	}
	if _, err := r.Repair(t.Context()); err == nil {
		t.Error("Repair is no error")
	}
}

func FuzzManifest(f *testing.F) {
	f.Add([]byte(`{"call":"c","segments":[{"id":"a","state":"open","file":"2000/01/01/a.wav"}]}`))
	f.Add([]byte(`{"segments":[{"id":"../a","started":"2000-01-01T00:00:00Z"}]}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		tree := fstest.MapFS{"m.json": {Data: b, Mode: fs.ModePerm}}
		if list, err := readManifest(tree, "m.json"); (list == nil) == (err == nil) {
			t.Fatalf("%v, %v", list, err)
		}
	})
}
