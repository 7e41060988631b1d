package cdr

import (
	"context"
	"fmt"
	"log/slog"
	"math"
	"slices"
	"sync"
	"time"

	"hotline/call"
)

const (
	batchMost  = 4096                    // facts in one transaction
	spareMost  = 1024                    // facts that an emptied batch keeps room for: 400 calls a second fill it
	collectFor = 100 * time.Millisecond  // each commit costs a sync to the disk whatever is in it, and pages that many calls share
	retryFirst = 50 * time.Millisecond   // after the first failure
	retryMost  = 2 * time.Second         // and never longer
	tryWithin  = 15 * time.Second        // one attempt at the store
	lastWithin = 20 * time.Second        // to write what is left when the process ends
	aliveEvery = 2500 * time.Millisecond // how often the process leaves word that it lives; see EndOrphans
)

// aliveCursor is the name under which the time of the last sign of life is kept, in Unix milliseconds.
const aliveCursor = "journal.alive"

// Journal is the one writer of facts: an actor that calls only send to. It commits facts in groups, makes the records of
// ended calls, and then shows the facts to the listeners. While the store fails it keeps everything in memory, in order.
// Set its exported fields before Run, if at all.
type Journal struct {
	Collect time.Duration               // how long a commit waits for company; 0 is 100 ms
	Limit   int                         // facts kept in memory while the store fails; 0 is 1,000,000
	Alarm   func(problem string, n int) // told of AlarmStore, AlarmLost and, when all is well again, AlarmNone; nil for nobody; must not wait
	Logger  *slog.Logger                // nil is slog.Default
	Now     func() time.Time            // nil is time.Now

	store Store
	feeds []*feed
	bell  chan struct{}

	mu      sync.Mutex
	waiting []call.Fact // guarded by mu
	spare   []call.Fact // an emptied batch, to wait in next; guarded by mu
	held    int         // facts taken by Run but not committed; guarded by mu
	lost    int         // facts refused for want of room; guarded by mu

	due     map[call.ID]bool // calls whose record is to be made from the store; Run's alone
	ledger  ledger           // Run's alone
	alarmed bool             // Run's alone
}

// The problems an alarm tells of.
const (
	AlarmNone  = ""      // all is well again
	AlarmStore = "store" // the store fails; n facts wait in memory
	AlarmLost  = "lost"  // n facts were lost: memory was full
)

// NewJournal makes a journal over a store; Run starts it. Listeners that are Named miss nothing over a restart.
func NewJournal(store Store, listeners ...Listener) *Journal {
	j := &Journal{store: store, bell: make(chan struct{}, 1), due: map[call.ID]bool{}, ledger: ledger{}}
	for _, l := range listeners {
		j.feeds = append(j.feeds, newFeed(j, l))
	}
	return j
}

// Append takes a fact and never waits. A fact that finds Limit others waiting is lost, and the alarm says so.
func (j *Journal) Append(f call.Fact) {
	f = j.clean(f)
	j.mu.Lock()
	if len(j.waiting)+j.held >= j.limit() {
		j.lost++
	} else {
		j.waiting = append(j.waiting, f)
	}
	j.mu.Unlock()
	ring(j.bell)
}

// Waiting is the number of facts that are not committed yet.
func (j *Journal) Waiting() int {
	j.mu.Lock()
	defer j.mu.Unlock()
	return len(j.waiting) + j.held
}

// clean mends what could never be written, so that one such fact cannot hold up all that follow.
func (j *Journal) clean(f call.Fact) call.Fact {
	if y := f.At.Year(); y <= 1 || y > 9999 {
		f.At = j.now()
	}
	if q := f.Quality; q != nil {
		mended := *q
		for _, v := range []*float64{&mended.LossPct, &mended.MOS} {
			if math.IsNaN(*v) || math.IsInf(*v, 0) {
				*v = 0
			}
		}
		f.Quality = &mended
	}
	return f
}

// Run writes until ctx ends and then writes what is left. It returns nil when nothing was left unwritten.
func (j *Journal) Run(ctx context.Context) error {
	work := context.WithoutCancel(ctx) // a commit that has begun is finished
	var feeds sync.WaitGroup
	feedsDone, stopFeeds := context.WithCancel(work)
	defer stopFeeds()
	for _, f := range j.feeds {
		feeds.Go(func() { f.run(feedsDone) })
	}
	j.live(work)
	alive := time.NewTicker(aliveEvery)
	defer alive.Stop()
	for ctx.Err() == nil {
		select {
		case <-ctx.Done():
		case <-alive.C:
			j.live(work)
		case <-j.bell:
			pause(ctx, cmpDuration(j.Collect, collectFor))
			j.round(ctx, work)
		}
	}
	last, cancel := context.WithTimeout(work, lastWithin)
	defer cancel()
	for j.Waiting() > 0 && last.Err() == nil {
		j.round(last, last)
	}
	stopFeeds()
	feeds.Wait()
	if n := j.Waiting(); n > 0 {
		return fmt.Errorf("write the last facts: %d left when the time was up", n)
	}
	return nil
}

// round commits what waits, batch by batch, until a batch was not full or stop ends. A batch that fails is tried again,
// with what came since behind it.
func (j *Journal) round(stop, work context.Context) {
	delay := retryFirst
	var batch []call.Fact
	for {
		batch = j.take(batch)
		if len(batch) == 0 && len(j.due) == 0 {
			j.ok()
			return
		}
		err := j.write(work, batch)
		if err == nil {
			full := len(batch) == batchMost
			j.kept(batch)
			batch, delay = nil, retryFirst
			if !full && len(j.due) == 0 {
				j.ok()
				return
			}
			continue
		}
		j.failed(err, len(batch))
		if !pause(stop, delay) {
			j.putBack(batch)
			return
		}
		delay = min(2*delay, retryMost)
	}
}

// write commits a batch with the records of the calls that end in it, makes the records that need reading, and shows the facts
// to the listeners. An error means that the same batch must come again; what was committed already is recognised then.
func (j *Journal) write(ctx context.Context, batch []call.Fact) error {
	ctx, cancel := context.WithTimeout(ctx, tryWithin)
	defer cancel()
	numbered, err := j.commit(ctx, batch)
	if err != nil {
		return fmt.Errorf("append %d facts: %w", len(batch), err)
	}
	err = saveRecords(ctx, j.store, j.due)
	for _, f := range j.feeds {
		f.post(numbered)
	}
	if err != nil && len(batch) > 0 {
		j.logger().Warn("records not saved yet", "calls", len(j.due), "error", err)
		return nil // the facts are safe: the records are made with the next round
	}
	return err
}

// commit writes a batch. Records that cannot be written must not hold up facts: then these go alone, and the records are due.
func (j *Journal) commit(ctx context.Context, batch []call.Fact) (numbered []Numbered, err error) {
	if len(batch) == 0 {
		return nil, nil
	}
	records, read := j.ledger.records(batch)
	if numbered, err = j.store.AppendFacts(ctx, batch, records...); err != nil && len(records) > 0 {
		for _, r := range records {
			read = append(read, r.Call)
		}
		numbered, err = j.store.AppendFacts(ctx, batch)
	}
	if err != nil {
		return nil, err
	}
	j.ledger.took(batch)
	for _, id := range read {
		j.due[id] = true
	}
	return numbered, nil
}

// saveRecords folds and saves the calls that are due, and takes them off the list.
func saveRecords(ctx context.Context, store Store, due map[call.ID]bool) error {
	if len(due) == 0 {
		return nil
	}
	records := make([]Record, 0, len(due))
	for id := range due {
		facts, err := store.FactsOf(ctx, id)
		if err != nil {
			return fmt.Errorf("read the facts of call %s: %w", id, err)
		}
		records = append(records, Fold(facts))
	}
	if err := store.SaveRecords(ctx, records); err != nil {
		return fmt.Errorf("save %d records: %w", len(records), err)
	}
	clear(due)
	return nil
}

// take fills a batch up from what waits, keeping the order.
func (j *Journal) take(batch []call.Fact) []call.Fact {
	j.mu.Lock()
	defer j.mu.Unlock()
	n := min(batchMost-len(batch), len(j.waiting))
	switch {
	case len(batch) == 0 && n == len(j.waiting): // mostly: all that waits is the batch
		batch, j.waiting, j.spare = j.waiting, j.spare, nil
	default:
		batch = append(batch, j.waiting[:n]...)
		if j.waiting = j.waiting[n:]; len(j.waiting) == 0 {
			j.waiting = nil // give the memory back after a flood
		}
	}
	j.held = len(batch)
	return batch
}

// kept notes that a batch is in the store. Its memory is used again unless a flood made it large.
func (j *Journal) kept(batch []call.Fact) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.held = 0
	if cap(batch) <= spareMost {
		clear(batch)
		j.spare = batch[:0]
	}
}

// putBack returns a batch to the head of what waits.
func (j *Journal) putBack(batch []call.Fact) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.waiting, j.held = slices.Concat(batch, j.waiting), 0
}

func ring(bell chan struct{}) {
	select {
	case bell <- struct{}{}:
	default:
	}
}

// pause waits; false when ctx ended first.
func pause(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-t.C:
		return true
	}
}

func cmpDuration(d, otherwise time.Duration) time.Duration {
	if d <= 0 {
		return otherwise
	}
	return d
}
