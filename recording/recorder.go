// Package recording keeps what was said: two-channel files of A-law, the caller left and the agent right, one file for each segment of
// a conversation, a row in a database and a manifest beside the audio for each. It takes frames from media's taps and knows nothing of
// packets, of calls' rules or of who may listen; it deletes nothing.
//
// # Who does what
//
// A few writers empty the taps, place frames by their sample position and write them to files in pieces of half a second. Nothing
// else waits on their road: one goroutine syncs files to disk, one (the archivist) seals, hashes and keeps manifests, one (the
// clerk) saves rows. A segment begins with its row and its manifest; only when the row is durable, or a second later if the database is
// stuck, is the file made. A kill loses at most half a second and a tick, a power cut SyncEvery more. When the disk is full or slow
// frames are dropped and counted, silence keeps the time line, an alarm goes off once, and writing goes on when it can.
package recording

import (
	"context"
	"fmt"
	"hash/fnv"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"hotline/internal/mailbox"
	"hotline/media/tape"
)

// Config is how to record. Zero values are replaced as said.
type Config struct {
	Dir        string        // the recordings folder, made when missing; all files are below it
	Writers    int           // goroutines that empty taps; 0 is 2
	SyncEvery  time.Duration // how much a power cut may cost; 0 is 2 s
	FlushEvery time.Duration // how much a kill may cost; 0 is 500 ms
	MinFree    uint64        // bytes left free on the disk: below it nothing is written; 0 is 256 MB
	Alarm      func(Alarm)   // hears of troubles as they begin and end, from any goroutine; nil: only the log does
	Logger     *slog.Logger  // nil is slog.Default()
}

func (c Config) withDefaults() Config {
	if c.Writers <= 0 {
		c.Writers = 2
	}
	if c.SyncEvery <= 0 {
		c.SyncEvery = 2 * time.Second
	}
	if c.FlushEvery <= 0 {
		c.FlushEvery = 500 * time.Millisecond
	}
	if c.MinFree == 0 {
		c.MinFree = 256 << 20
	}
	if c.Logger == nil {
		c.Logger = slog.Default()
	}
	return c
}

// Recorder records. Begin and End may be called from anywhere, also before Run and after it.
type Recorder struct {
	cfg     Config
	store   Store
	folder  *folder
	disk    disk // folder, unless a test stands in between
	alarms  *alarms
	writers []*writer
	syncs   *desk[*take]
	papers  *desk[paper]
	rows    *desk[savedRow]
	full    atomic.Bool // less than MinFree is left

	mu   sync.Mutex
	live map[string]*writer // by segment id, from Begin to End
}

// New prepares a recorder; Run makes it work. A folder that cannot be opened is an error of Run and Repair.
func New(cfg Config, store Store) *Recorder {
	cfg = cfg.withDefaults()
	dir := newFolder(cfg.Dir)
	r := &Recorder{
		cfg: cfg, store: store, folder: dir, disk: dir, alarms: &alarms{hear: cfg.Alarm, log: cfg.Logger},
		syncs: newDesk[*take](), papers: newDesk[paper](), rows: newDesk[savedRow](), live: map[string]*writer{},
	}
	for range cfg.Writers {
		r.writers = append(r.writers, &writer{recorder: r, mail: mailbox.New[letter](), takes: map[string]*take{}})
	}
	return r
}

// tapSlots is 1.28 s of both sides, 22 kB: how long a disk may stall before frames are dropped.
const tapSlots = 128

// Begin starts a segment and never waits. The tap is never nil: sound may be put in at once, and what cannot be recorded, because the
// id is unusable or taken or the recorder has stopped, is logged and lost.
func (r *Recorder) Begin(m Meta) *tape.Tap {
	tap := tape.New(tapSlots)
	if err := r.begin(m, tap); err != nil {
		r.cfg.Logger.Error("recording refused", "recording", m.ID, "call", m.Call, "error", err)
	}
	return tap
}

// source is what a writer needs of a tap.
type source interface {
	Read(*tape.Frame) bool
	Lost() uint64
}

func (r *Recorder) begin(m Meta, from source) error {
	if !safeName(m.ID) || !safeName(m.Call) {
		return fmt.Errorf("recording %q of call %q: an id must be 1 to 128 letters, digits, '-', '_' or '.'", m.ID, m.Call)
	}
	if m.Kind == "" {
		m.Kind = Conversation
	}
	hash := fnv.New32a()
	hash.Write([]byte(m.ID))
	w := r.writers[int(hash.Sum32())%len(r.writers)]
	t := newTake(m, from, time.Now())
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.live[m.ID] != nil {
		return fmt.Errorf("recording %q is running already", m.ID)
	}
	if !w.mail.Put(letter{begin: t}) {
		return fmt.Errorf("recording %q: the recorder has stopped", m.ID)
	}
	r.live[m.ID] = w
	return nil
}

// End stops a segment: what is in its tap is still written, then it is sealed. An unknown id is ignored, so End may be called twice.
func (r *Recorder) End(id string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if w := r.live[id]; w != nil {
		w.mail.Put(letter{end: id})
		delete(r.live, id)
	}
}

// Troubles are what keeps sound from being kept now; nil for nothing.
func (r *Recorder) Troubles() []Trouble { return r.alarms.now() }

// isLive says whether a segment is between Begin and End.
func (r *Recorder) isLive(id string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.live[id] != nil
}

// Run records until ctx is done, then seals every segment that is still live, saves what the store will take within ten
// seconds, and returns. It may be called once. The error is that of a recordings folder that cannot be used.
func (r *Recorder) Run(ctx context.Context) error {
	free, err := r.disk.free()
	if err != nil {
		return fmt.Errorf("use the recordings folder: %w", err)
	}
	r.full.Store(free < r.cfg.MinFree)
	var writers, helpers, clerks sync.WaitGroup
	for _, w := range r.writers {
		writers.Go(func() { w.run(ctx) })
	}
	helpers.Go(func() { r.syncs.run(r.sync) })
	helpers.Go(func() {
		a := &archivist{recorder: r, conversations: map[string]*conversation{}}
		r.papers.run(a.take)
	})
	clerks.Go(func() { (&clerk{recorder: r, unsaved: map[string]savedRow{}}).run(ctx) })
	clerks.Go(func() { r.watchDisk(ctx) })
	writers.Wait()
	r.syncs.close()
	r.papers.close()
	helpers.Wait()
	r.rows.close()
	clerks.Wait()
	return nil
}

// sync is the work of the goroutine that waits for the disk so that no writer has to.
func (r *Recorder) sync(t *take) {
	if err := t.file.Sync(); err != nil && !isClosed(err) {
		r.alarms.failed(DiskFailing, fmt.Errorf("sync %s: %w", t.name, err), time.Now())
	}
	t.syncing.Store(false)
}

// watchDisk looks once a second how much room there is, and lets troubles end that have not been seen for a while.
func (r *Recorder) watchDisk(ctx context.Context) {
	for tick := time.NewTicker(time.Second); ; {
		select {
		case <-ctx.Done():
			tick.Stop()
			return
		case now := <-tick.C:
			free, err := r.disk.free()
			full := err == nil && free < r.cfg.MinFree
			if full {
				r.alarms.failed(DiskFull, fmt.Errorf("%d MB are left, %d must stay free", free>>20, r.cfg.MinFree>>20), now)
			}
			r.full.Store(full)
			r.alarms.settle(now)
		}
	}
}
