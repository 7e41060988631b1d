package recording

import (
	"path"
	"sync/atomic"
	"time"

	"hotline/media/codec"
	"hotline/media/tape"
	"hotline/media/wav"
)

// take is a segment while it is recorded. It belongs to one writer, except for the two flags; at the end it goes to the archivist.
type take struct {
	meta    Meta
	from    source
	begun   time.Time // with the monotonic clock
	name    string    // of the file, below the folder
	track   track
	file    file              // nil until it is made
	out     *wav.StereoWriter // nil while file is
	frames  uint64            // that came out of the tap
	dropped uint64            // of these, not in the file
	waiting uint64            // of these, put into the track since the last flush
	lost    uint64            // by the tap, as far as seen
	flushAt time.Time
	syncAt  time.Time
	endAt   time.Time // when to stop; zero: not yet

	saved   atomic.Bool // the store has the row
	syncing atomic.Bool // the syncer has the file
}

func newTake(m Meta, from source, now time.Time) *take {
	return &take{meta: m, from: from, begun: now, name: path.Join(folderOf(now), m.ID+".wav")}
}

// folderOf is the folder of a day, in UTC so that no day is ever longer or shorter.
func folderOf(now time.Time) string { return now.UTC().Format("2006/01/02") }

// row is the row at the beginning; the archivist numbers it.
func (t *take) row() Row {
	return Row{
		ID: t.meta.ID, Call: t.meta.Call, Kind: t.meta.Kind, Queue: t.meta.Queue, Agent: t.meta.Agent, From: t.meta.From,
		Started: t.begun.UTC().Truncate(time.Millisecond), File: t.name, State: Open,
	}
}

// ahead is how far, in samples, a frame may lie beyond the clock before it is taken for nonsense: five seconds.
const ahead = 5 * codec.SampleRate

// place puts a frame into the track. False: it is out of any place, or its place needs the track flushed first (far).
func (t *take) place(f *tape.Frame, now time.Time) (ok, far bool) {
	clock := int64(now.Sub(t.begun) / (time.Second / codec.SampleRate))
	switch {
	case f.Side > tape.Right, f.At < 0, f.At > clock+ahead, len(f.Payload) > codec.SampleRate:
		return false, false
	case t.track.far(f.At):
		return false, true
	}
	return t.track.put(f.Side, f.At, f.Payload), false
}

// discard gives up what waits for the disk.
func (t *take) discard() {
	t.dropped += t.waiting
	t.waiting = 0
	t.track.written()
}
