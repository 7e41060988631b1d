package recording

import (
	"cmp"
	"context"
	"io"
	"log/slog"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"hotline/media/codec"
	"hotline/media/tape"
	"hotline/media/tone"
	"hotline/media/wav"
)

// shelf is a Store in memory.
type shelf struct {
	mu    sync.Mutex
	rows  map[string]Row
	fails error
	saves []Row // in order
}

func newShelf(rows ...Row) *shelf {
	s := &shelf{rows: map[string]Row{}}
	for _, row := range rows {
		s.rows[row.ID] = row
	}
	return s
}

func (s *shelf) fail(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fails = err
}

func (s *shelf) SaveRecording(_ context.Context, row Row) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.fails != nil {
		return s.fails
	}
	s.rows[row.ID] = row
	s.saves = append(s.saves, row)
	return nil
}

func (s *shelf) Recording(_ context.Context, id string) (Row, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	row, ok := s.rows[id]
	if !ok {
		return Row{}, ErrNotFound
	}
	return row, nil
}

func (s *shelf) RecordingsOf(_ context.Context, call string) ([]Row, error) {
	return s.matching(func(r Row) bool { return r.Call == call }), nil
}

func (s *shelf) OpenRecordings(context.Context) ([]Row, error) {
	return s.matching(func(r Row) bool { return r.State == Open }), nil
}

func (s *shelf) matching(match func(Row) bool) []Row {
	s.mu.Lock()
	defer s.mu.Unlock()
	var rows []Row
	for _, row := range s.rows {
		if match(row) {
			rows = append(rows, row)
		}
	}
	slices.SortFunc(rows, func(a, b Row) int { return cmp.Compare(a.Segment, b.Segment) })
	return rows
}

// line is a source: a bounded ring like tape.Tap, filled by hand.
type line struct {
	mu     sync.Mutex
	frames []tape.Frame
	lost   uint64
	total  int
}

func (l *line) Read(f *tape.Frame) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.frames) == 0 {
		return false
	}
	*f = l.frames[0]
	l.frames = l.frames[1:]
	return true
}

func (l *line) Lost() uint64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.lost
}

func (l *line) put(side tape.Side, at int64, payload []byte) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.total++
	if len(l.frames) == tapSlots {
		l.lost++
		return
	}
	l.frames = append(l.frames, tape.Frame{Side: side, At: at, Payload: payload})
}

// frame is how much sound, in samples, a packet holds.
const frame = 160

// talk puts d of sound in, in real time of the bubble: 700 Hz left and 1300 Hz right, beginning at sample at. It returns the next sample.
func (l *line) talk(at int64, d time.Duration) int64 {
	left, right := tone.NewSine(700, -12), tone.NewSine(1300, -12)
	for end := at + int64(codec.Samples(d)); at < end; at += frame {
		time.Sleep(20 * time.Millisecond)
		l.put(tape.Left, at, alaw(left))
		l.put(tape.Right, at, alaw(right))
	}
	return at
}

func alaw(s *tone.Sine) []byte {
	pcm, octets := make([]int16, frame), make([]byte, frame)
	s.Read(pcm)
	codec.EncodeALaw(octets, pcm)
	return octets
}

// studio is a running recorder in a bubble of its own time.
type studio struct {
	*Recorder
	t     *testing.T
	shelf *shelf
	disk  *shim
	stop  func() // ends Run and waits for it

	mu     sync.Mutex
	alarms []Alarm
}

// record runs f with a running recorder on dir.
func record(t *testing.T, f func(t *testing.T, s *studio)) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		s := &studio{t: t, shelf: newShelf()}
		s.Recorder = New(Config{Dir: dir, Alarm: s.hear, Logger: slog.New(slog.DiscardHandler)}, s.shelf)
		s.disk = &shim{disk: s.Recorder.disk, room: 1 << 40}
		s.Recorder.disk = s.disk
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error, 1)
		go func() { done <- s.Run(ctx) }()
		s.stop = sync.OnceFunc(func() {
			cancel()
			if err := <-done; err != nil {
				t.Errorf("Run: %v", err)
			}
		})
		f(t, s)
		s.stop()
	})
}

func (s *studio) hear(a Alarm) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.alarms = append(s.alarms, a)
}

// heard is the alarms so far, as "disk-full on", "disk-full off", ...
func (s *studio) heard() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var words []string
	for _, a := range s.alarms {
		words = append(words, string(a.Trouble)+map[bool]string{true: " on", false: " off"}[a.On])
	}
	return words
}

func (s *studio) start(id, call string) *line {
	s.t.Helper()
	l := &line{}
	if err := s.begin(Meta{ID: id, Call: call, From: "13800138000", Queue: "sales", Agent: "1001"}, l); err != nil {
		s.t.Fatal(err)
	}
	return l
}

// finish ends a segment and returns its row when it is not open any more.
func (s *studio) finish(id string) Row {
	s.t.Helper()
	s.End(id)
	time.Sleep(time.Second)
	synctest.Wait()
	row, err := s.shelf.Recording(s.t.Context(), id)
	if err != nil {
		s.t.Fatalf("the row of %s: %v", id, err)
	}
	return row
}

// channel is the samples of one channel of a segment.
func (s *studio) channel(id string, c wav.Channel) []int16 {
	s.t.Helper()
	return channel(s.t, s.Recorder, id, c)
}

func channel(t *testing.T, r *Recorder, id string, c wav.Channel) []int16 {
	t.Helper()
	audio, err := r.Open(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	defer audio.Close()
	pcm, err := audio.Export(c)
	if err != nil {
		t.Fatal(err)
	}
	clip, err := wav.Read(io.Reader(pcm))
	if err != nil {
		t.Fatal(err)
	}
	return clip.Samples
}

// checkTones wants 700 Hz alone on the left and 1300 Hz alone on the right between two times.
func (s *studio) checkTones(id string, from, to time.Duration) {
	s.t.Helper()
	for c, want := range map[wav.Channel]float64{wav.Left: 700, wav.Right: 1300} {
		pcm := s.channel(id, c)
		end := codec.Samples(to)
		if end > len(pcm) {
			s.t.Errorf("%s: %v of sound, want at least %v", id, codec.Duration(int64(len(pcm))), to)
			return
		}
		for at := codec.Samples(from); at+tone.Window <= end; at += tone.Window {
			piece := pcm[at : at+tone.Window]
			if got := tone.Heard(piece, 700, 1300); !slices.Equal(got, []float64{want}) {
				s.t.Errorf("%s: channel %d at %v: heard %v, want %v", id, c, codec.Duration(int64(at)), got, want)
				return
			}
			if snr := tone.SNR(piece, want); snr < 33 {
				s.t.Errorf("%s: channel %d at %v: %.1f dB above the noise", id, c, codec.Duration(int64(at)), snr)
				return
			}
		}
	}
}
