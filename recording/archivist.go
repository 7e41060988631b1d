package recording

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"path"
	"time"

	"hotline/media/codec"
	"hotline/media/wav"
)

// paper is work for the archivist: a take that begins, or one to seal.
type paper struct {
	take *take
	seal bool
}

// manifest is the file beside the audio that lists the segments of a conversation. With all manifests the rows can be made again.
type manifest struct {
	Call     string `json:"call"`
	Segments []Row  `json:"segments"`
}

func (m *manifest) write(d disk, name string) error {
	content, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return fmt.Errorf("encode the manifest of call %s: %w", m.Call, err)
	}
	if err := d.replace(name, append(content, '\n')); err != nil {
		return fmt.Errorf("write the manifest %s: %w", name, err)
	}
	return nil
}

// conversation is a manifest while its call may still record.
type conversation struct {
	manifest
	name string         // of the manifest's file: in the folder of the first segment
	row  map[string]int // segment id -> index
	last time.Time      // of the latest change
}

// archivist numbers, seals and hashes segments and keeps the manifests. It alone changes rows while Recorder runs.
type archivist struct {
	recorder      *Recorder
	conversations map[string]*conversation
	swept         time.Time
}

// take does one paper.
func (a *archivist) take(p paper) {
	now := time.Now()
	a.forget(now)
	c := a.conversation(p.take)
	c.last = now
	row := &c.Segments[c.row[p.take.meta.ID]]
	if p.seal {
		a.seal(p.take, row, now)
	}
	// The clerk tells the take that its row is kept, by the time the manifest is too.
	if err := c.write(a.recorder.disk, c.name); err != nil {
		a.recorder.alarms.failed(DiskFailing, err, now)
	}
	a.recorder.rows.put(rowOf(*row, p))
}

func rowOf(row Row, p paper) savedRow {
	s := savedRow{Row: row}
	if !p.seal {
		s.saved = &p.take.saved
	}
	return s
}

// conversation finds the take's conversation and sees to it that the segment has a row in it.
func (a *archivist) conversation(t *take) *conversation {
	c := a.conversations[t.meta.Call]
	if c == nil {
		c = &conversation{name: path.Join(path.Dir(t.name), t.meta.Call+".json"), row: map[string]int{}}
		c.Call = t.meta.Call
		a.conversations[c.Call] = c
	}
	if _, known := c.row[t.meta.ID]; !known {
		row := t.row()
		row.Segment = len(c.Segments) + 1
		c.row[row.ID] = len(c.Segments)
		c.Segments = append(c.Segments, row)
	}
	return c
}

// remembered is how long a conversation may go on recording after its latest segment.
const remembered = time.Hour

// forget drops conversations without an open segment that were quiet for an hour.
func (a *archivist) forget(now time.Time) {
	if now.Sub(a.swept) < time.Minute {
		return
	}
	a.swept = now
	for call, c := range a.conversations {
		if now.Sub(c.last) > remembered && !c.open() {
			delete(a.conversations, call)
		}
	}
}

func (c *conversation) open() bool {
	for _, row := range c.Segments {
		if row.State == Open {
			return true
		}
	}
	return false
}

// seal makes the file final and the row true.
func (a *archivist) seal(t *take, row *Row, now time.Time) {
	row.Frames, row.Dropped, row.State = t.frames, t.dropped, Sealed
	if t.file == nil {
		row.State = Lost
		return
	}
	row.measure(wav.HeaderSize + 2*t.out.Frames())
	sum, err := hashOf(t.file, row.Bytes)
	if err == nil {
		err = t.file.Sync()
	}
	if closed := t.file.Close(); err == nil {
		err = closed
	}
	row.SHA256 = sum
	if err != nil {
		// The row stays open: Repair finishes what could not be done now.
		row.State, row.SHA256 = Open, ""
		a.recorder.alarms.failed(DiskFailing, fmt.Errorf("seal %s: %w", t.name, err), now)
	}
}

// measure sets what follows from the file's size.
func (r *Row) measure(size int64) {
	r.Bytes = size
	r.Duration = codec.Duration(wav.StereoFrames(size))
}

// hashOf is the SHA-256 of a file of size bytes, in hex.
func hashOf(f io.ReaderAt, size int64) (string, error) {
	h := sha256.New()
	n, err := io.CopyBuffer(h, io.NewSectionReader(f, 0, size), make([]byte, 256<<10))
	if err != nil {
		return "", fmt.Errorf("hash: %w", err)
	}
	if n != size {
		return "", fmt.Errorf("hash: %d of %d bytes: %w", n, size, io.ErrUnexpectedEOF)
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}
