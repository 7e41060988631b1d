package recording

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
	"time"

	"hotline/media/wav"
)

// Report is what Repair or Rebuild did.
type Report struct {
	Repaired []string // ids of segments that were open: playable now
	Lost     []string // ids of segments that were open and have no audio
	Adopted  []string // ids of segments that only a manifest knew: the store has them now
	Orphans  []string // audio files that no row and no manifest knows; they are left alone
}

// recentDays is how many of the latest folders Repair looks through for what the store does not know.
const recentDays = 3

// Repair puts right what a crash left: segments that are open in the store or in a manifest get a true header, length and hash, segments of
// the last three days with sound that the store does not know are adopted from their manifests, and files that nothing knows are reported. Call it at
// start, before Run. One bad file does not stop it: the error joins all that went wrong.
func (r *Recorder) Repair(ctx context.Context) (Report, error) {
	open, err := r.store.OpenRecordings(ctx)
	if err != nil {
		return Report{}, fmt.Errorf("read the open recordings: %w", err)
	}
	days, err := r.days()
	if err != nil {
		return Report{}, err
	}
	wanted := days[max(0, len(days)-recentDays):]
	for _, row := range open {
		// A call that went past midnight has its manifest in the folder of the day before.
		wanted = append(wanted, folderOf(row.Started), folderOf(row.Started.Add(-24*time.Hour)))
	}
	slices.Sort(wanted)
	m := newMending(r)
	for _, day := range slices.Compact(wanted) {
		if slices.Contains(days, day) {
			m.day(ctx, day)
		}
	}
	for _, row := range open {
		if !m.seen[row.ID] && !r.isLive(row.ID) {
			m.settle(ctx, row, true)
		}
	}
	return m.result()
}

// Rebuild is Repair over all folders: it makes the rows of a lost database again from the manifests.
func (r *Recorder) Rebuild(ctx context.Context) (Report, error) {
	days, err := r.days()
	if err != nil {
		return Report{}, err
	}
	m := newMending(r)
	for _, day := range days {
		m.day(ctx, day)
	}
	return m.result()
}

// days is the folders that there are, the oldest first.
func (r *Recorder) days() ([]string, error) {
	tree, err := r.disk.tree()
	if err != nil {
		return nil, fmt.Errorf("use the recordings folder: %w", err)
	}
	days, err := fs.Glob(tree, "[0-9][0-9][0-9][0-9]/[0-9][0-9]/[0-9][0-9]")
	if err != nil {
		return nil, fmt.Errorf("look through the recordings folder: %w", err)
	}
	slices.Sort(days)
	return days, nil
}

// mending is one run of Repair or Rebuild.
type mending struct {
	recorder *Recorder
	report   Report
	errs     []error
	seen     map[string]bool // segment ids that a manifest has
}

func newMending(r *Recorder) *mending { return &mending{recorder: r, seen: map[string]bool{}} }

func (m *mending) result() (Report, error) { return m.report, errors.Join(m.errs...) }

func (m *mending) failed(err error) { m.errs = append(m.errs, err) }

// day goes through a folder: first its manifests, then the audio that they do not name.
func (m *mending) day(ctx context.Context, day string) {
	tree, err := m.recorder.disk.tree()
	if err != nil {
		m.failed(err)
		return
	}
	entries, err := fs.ReadDir(tree, day)
	if err != nil {
		m.failed(fmt.Errorf("look through %s: %w", day, err))
		return
	}
	for _, e := range entries {
		if path.Ext(e.Name()) == ".json" && ctx.Err() == nil {
			m.manifest(ctx, tree, path.Join(day, e.Name()))
		}
	}
	for _, e := range entries {
		id, isAudio := strings.CutSuffix(e.Name(), ".wav")
		if !isAudio || m.seen[id] || m.recorder.isLive(id) {
			continue
		}
		if _, err := m.recorder.store.Recording(ctx, id); errors.Is(err, ErrNotFound) {
			m.report.Orphans = append(m.report.Orphans, path.Join(day, e.Name()))
		} else if err != nil {
			m.failed(fmt.Errorf("look up recording %s: %w", id, err))
		}
	}
}

// maxManifest bounds a manifest: some 10,000 segments.
const maxManifest = 8 << 20

// manifest makes the store, the manifest and the files agree.
func (m *mending) manifest(ctx context.Context, tree fs.FS, name string) {
	list, err := readManifest(tree, name)
	if err != nil {
		m.failed(err)
		return
	}
	changed := false
	for i, row := range list.Segments {
		if !safeName(row.ID) || m.recorder.isLive(row.ID) {
			continue
		}
		m.seen[row.ID] = true
		kept, err := m.recorder.store.Recording(ctx, row.ID)
		unknown := errors.Is(err, ErrNotFound)
		if err != nil && !unknown {
			m.failed(fmt.Errorf("look up recording %s: %w", row.ID, err))
			continue
		}
		if unknown {
			m.report.Adopted = append(m.report.Adopted, row.ID)
		} else if kept.State != Open {
			row = kept
		}
		row = m.settle(ctx, row, unknown || kept.State != row.State)
		changed = changed || row != list.Segments[i]
		list.Segments[i] = row
	}
	if changed {
		if err := list.write(m.recorder.disk, name); err != nil {
			m.failed(err)
		}
	}
}

func readManifest(tree fs.FS, name string) (*manifest, error) {
	info, err := fs.Stat(tree, name)
	if err == nil && info.Size() > maxManifest {
		err = fmt.Errorf("%d bytes are too many", info.Size())
	}
	if err != nil {
		return nil, fmt.Errorf("read the manifest %s: %w", name, err)
	}
	content, err := fs.ReadFile(tree, name)
	if err != nil {
		return nil, fmt.Errorf("read the manifest %s: %w", name, err)
	}
	list := &manifest{}
	if err := json.Unmarshal(content, list); err != nil {
		return nil, fmt.Errorf("read the manifest %s: %w", name, err)
	}
	return list, nil
}

// settle repairs the file of an open row, saves the row if that or save asks for it, and returns what it is now.
func (m *mending) settle(ctx context.Context, row Row, save bool) Row {
	if row.State == Open {
		repaired, err := m.recorder.repairFile(row)
		if err != nil {
			m.failed(fmt.Errorf("repair recording %s: %w", row.ID, err))
			return row
		}
		row, save = repaired, true
		if row.State == Lost {
			m.report.Lost = append(m.report.Lost, row.ID)
		} else {
			m.report.Repaired = append(m.report.Repaired, row.ID)
		}
	}
	if save {
		if err := m.recorder.store.SaveRecording(ctx, row); err != nil {
			m.failed(fmt.Errorf("save recording %s: %w", row.ID, err))
		}
	}
	return row
}

// repairFile makes the file of an open row what a sealed one is, as far as it goes, and returns the row that says so.
func (r *Recorder) repairFile(row Row) (repaired Row, err error) {
	f, size, err := r.disk.open(row.File)
	if errors.Is(err, fs.ErrNotExist) {
		row.State = Lost
		return row, nil
	}
	if err != nil {
		return row, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	if size, err = withoutZeros(f, size); err != nil {
		return row, err
	}
	frames := wav.StereoFrames(size)
	if frames == 0 {
		row.State = Lost
		return row, nil
	}
	row.measure(wav.HeaderSize + 2*frames)
	if err := f.Truncate(row.Bytes); err != nil {
		return row, err
	}
	if err := wav.ResumeStereo(f, row.Bytes).Header(); err != nil {
		return row, err
	}
	if err := f.Sync(); err != nil {
		return row, err
	}
	if row.SHA256, err = hashOf(f, row.Bytes); err != nil {
		return row, err
	}
	row.State = Repaired
	return row, nil
}

// zerosMatter is how many bytes of zeros at the end are taken for space that a power cut left without content; in A-law zero is no
// silence but a loud constant that speech never holds.
const zerosMatter = 1600

// withoutZeros is the size of the file without such zeros.
func withoutZeros(f file, size int64) (int64, error) {
	buf := make([]byte, 64<<10)
	end := size
	for end > wav.HeaderSize {
		from := max(wav.HeaderSize, end-int64(len(buf)))
		piece := buf[:end-from]
		if _, err := f.ReadAt(piece, from); err != nil {
			return 0, err
		}
		kept := len(piece)
		for kept > 0 && piece[kept-1] == 0 {
			kept--
		}
		end = from + int64(kept)
		if kept > 0 {
			break
		}
	}
	if size-end < zerosMatter {
		return size, nil
	}
	return end, nil
}
