package recording

import (
	"context"
	"errors"
	"fmt"
	"syscall"
	"time"

	"hotline/internal/mailbox"
	"hotline/media/tape"
	"hotline/media/wav"
)

// The rhythm of a writer.
const (
	drainEvery = 40 * time.Millisecond // how often taps are emptied
	patience   = time.Second           // how long the file waits for its row
	linger     = 60 * time.Millisecond // how long after End frames are still taken: the streams let go of the tap a little later
)

// letter is what a writer is told: one of the two.
type letter struct {
	begin *take
	end   string
}

// writer empties the taps of its takes into their files.
type writer struct {
	recorder *Recorder
	mail     *mailbox.Mailbox[letter]
	takes    map[string]*take
	frame    tape.Frame // reused by every Read
}

// run works until ctx is done, then ends all takes.
func (w *writer) run(ctx context.Context) {
	tick := time.NewTicker(drainEvery)
	defer tick.Stop()
	for {
		var bell <-chan struct{} // while there are takes, letters can wait for the tick
		if len(w.takes) == 0 {
			tick.Stop() // four writers that wake up for nothing cost 9 ms of CPU a second
			bell = w.mail.Bell()
		}
		select {
		case <-ctx.Done():
			w.read(w.mail.Close(), time.Now())
			for _, t := range w.takes {
				w.drain(t, time.Now())
				w.finish(t)
			}
			return
		case <-tick.C:
			now := time.Now()
			w.read(w.mail.Take(), now)
			for _, t := range w.takes {
				w.guarded(t, now)
			}
		case <-bell:
			w.read(w.mail.Take(), time.Now())
			tick.Reset(drainEvery)
		}
	}
}

// read takes in letters.
func (w *writer) read(letters []letter, now time.Time) {
	for _, l := range letters {
		if t := l.begin; t != nil {
			t.flushAt, t.syncAt = now.Add(w.recorder.cfg.FlushEvery), now.Add(w.recorder.cfg.SyncEvery)
			w.takes[t.meta.ID] = t
			w.recorder.papers.put(paper{take: t})
		} else if t := w.takes[l.end]; t != nil {
			t.endAt = now.Add(linger)
		}
	}
}

// guarded tends a take; a fault of ours ends that take, sealed as it is, and no other.
func (w *writer) guarded(t *take, now time.Time) {
	defer func() {
		if fault := recover(); fault != nil {
			w.recorder.cfg.Logger.Error("recording ended by a fault", "recording", t.meta.ID, "call", t.meta.Call, "fault", fault)
			delete(w.takes, t.meta.ID)
			w.recorder.papers.put(paper{take: t, seal: true})
		}
	}()
	w.tend(t, now)
}

// tend does for a take what is due.
func (w *writer) tend(t *take, now time.Time) {
	w.drain(t, now)
	if !t.endAt.IsZero() && !now.Before(t.endAt) {
		w.finish(t)
		return
	}
	if !now.Before(t.flushAt) {
		t.flushAt = now.Add(w.recorder.cfg.FlushEvery)
		w.flush(t, now)
	}
	if !now.Before(t.syncAt) {
		t.syncAt = now.Add(w.recorder.cfg.SyncEvery)
		w.sync(t, now)
	}
}

// drain empties the tap into the track.
func (w *writer) drain(t *take, now time.Time) {
	for t.from.Read(&w.frame) {
		t.frames++
		ok, far := t.place(&w.frame, now)
		if far {
			if !w.flush(t, now) {
				t.discard()
			}
			t.track.skip(w.frame.At)
			ok, _ = t.place(&w.frame, now)
		}
		if ok {
			t.waiting++
		} else {
			t.dropped++
		}
	}
	if lost := t.from.Lost(); lost != t.lost {
		t.lost = lost
		w.recorder.alarms.failed(SlowDisk, fmt.Errorf("%d frames of %s found the tap full", lost, t.name), now)
	}
}

// flush writes what is pending. When that cannot be, it stays for a while and is then given up. True: the file has it all.
func (w *writer) flush(t *take, now time.Time) bool {
	if w.ready(t, now) {
		sound, at := t.track.pending()
		if len(sound) == 0 {
			return true
		}
		err := t.out.WriteAt(sound, at)
		if err == nil {
			t.waiting = 0
			t.track.written()
			return true
		}
		w.failed(fmt.Errorf("%s: %w", t.name, err), now)
	}
	if sound, _ := t.track.pending(); len(sound)/2 > maxPending {
		t.discard()
	}
	return false
}

// ready says whether the take can be written now; it makes the file as soon as the row is kept.
func (w *writer) ready(t *take, now time.Time) bool {
	if w.recorder.full.Load() {
		return false
	}
	if t.file != nil {
		return true
	}
	if !t.saved.Load() && now.Sub(t.begun) < patience && t.endAt.IsZero() {
		return false
	}
	f, err := w.recorder.disk.create(t.name)
	if err != nil {
		w.failed(fmt.Errorf("make %s: %w", t.name, err), now)
		return false
	}
	t.file, t.out = f, wav.NewStereoWriter(f)
	if err := t.out.Header(); err != nil {
		w.failed(fmt.Errorf("%s: %w", t.name, err), now)
	}
	return true
}

// failed tells of a disk that does not take what it should.
func (w *writer) failed(err error, now time.Time) {
	trouble := DiskFailing
	if errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) || errors.Is(err, syscall.EFBIG) {
		trouble = DiskFull
	}
	w.recorder.alarms.failed(trouble, err, now)
}

// sync makes the header true and has the file put to disk by somebody who may wait.
func (w *writer) sync(t *take, now time.Time) {
	if t.file == nil || w.recorder.full.Load() || t.syncing.Load() {
		return
	}
	if err := t.out.Header(); err != nil {
		w.failed(fmt.Errorf("%s: %w", t.name, err), now)
		return
	}
	t.syncing.Store(true)
	w.recorder.syncs.put(t)
}

// finish writes what is left and hands the take to the archivist.
func (w *writer) finish(t *take) {
	delete(w.takes, t.meta.ID)
	t.endAt = time.Now()
	if !w.flush(t, t.endAt) {
		t.discard()
	}
	if t.out != nil {
		if err := t.out.Header(); err != nil {
			w.failed(fmt.Errorf("%s: %w", t.name, err), t.endAt)
		}
	}
	t.frames += t.from.Lost()
	t.dropped += t.from.Lost()
	w.recorder.papers.put(paper{take: t, seal: true})
}
