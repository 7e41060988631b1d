package recording

import (
	"bytes"

	"hotline/media/codec"
	"hotline/media/tape"
)

// window is how long, in samples, a frame may come after later ones and still find its place: 500 ms.
const window = codec.SampleRate / 2

// maxPending is how much sound, in samples, waits in memory for a disk that does not take it: 5 s, 80 kB.
const maxPending = 5 * codec.SampleRate

// track is the end of a segment in memory: what is not in the file yet, and the window before that, where late frames go. Positions
// count stereo frames from the start of the segment.
type track struct {
	base  int64  // position of buf[0]
	buf   []byte // interleaved A-law
	dirty int64  // from here on the file does not have it, or has it otherwise
}

func (t *track) end() int64 { return t.base + int64(len(t.buf)/2) }

// put places a frame; silence fills what lies between it and the end. False: it comes too late.
func (t *track) put(side tape.Side, at int64, payload []byte) bool {
	if at < t.base {
		return false
	}
	if gap := at + int64(len(payload)) - t.end(); gap > 0 {
		t.buf = appendSilence(t.buf, 2*int(gap))
	}
	channel := t.buf[2*(at-t.base)+int64(side&1):]
	for i, octet := range payload {
		channel[2*i] = octet
	}
	t.dirty = min(t.dirty, at)
	return true
}

var silence = bytes.Repeat([]byte{codec.SilenceALaw}, 4096)

func appendSilence(b []byte, n int) []byte {
	for n > 0 {
		k := min(n, len(silence))
		b = append(b, silence[:k]...)
		n -= k
	}
	return b
}

// far says whether a frame lies so far beyond the end that the silence before it should not be made in memory.
func (t *track) far(at int64) bool { return at > t.end()+maxPending/2 }

// skip moves the window to just before a far frame. Whoever calls it has had pending written.
func (t *track) skip(at int64) {
	t.base = max(t.end(), at-window)
	t.dirty, t.buf = t.base, t.buf[:0]
}

// pending is what the file does not have, and where it begins.
func (t *track) pending() ([]byte, int64) { return t.buf[2*(t.dirty-t.base):], t.dirty }

// written says that the file has it all now, or never will: only the window stays.
func (t *track) written() {
	t.dirty = t.end()
	if drop := t.end() - window - t.base; drop > 0 {
		t.buf = t.buf[:copy(t.buf, t.buf[2*drop:])]
		t.base += drop
	}
}
