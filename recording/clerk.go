package recording

import (
	"context"
	"fmt"
	"sync/atomic"
	"time"
)

// savedRow is a row to save and whom to tell; saved may be nil.
type savedRow struct {
	Row
	saved *atomic.Bool
}

// The clerk's tries.
const (
	retryEvery = time.Second
	lastTries  = 10 * time.Second // how long one try, and the end of Run, wait for the store
)

// clerk saves rows. One that is refused is tried again every second, in its latest form, until it is taken.
type clerk struct {
	recorder *Recorder
	unsaved  map[string]savedRow
}

// run saves until the desk is closed and all is saved, or the store had its last chance.
func (c *clerk) run(ctx context.Context) {
	desk := c.recorder.rows
	retry := time.NewTicker(retryEvery)
	defer retry.Stop()
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	for {
		for _, row := range desk.mail.Take() {
			c.unsaved[row.ID] = row
		}
		c.saveAll(ctx)
		select {
		case <-desk.mail.Bell():
		case <-retry.C:
		case <-desk.done:
			c.last(ctx)
			return
		}
	}
}

// last saves what is left while there is time.
func (c *clerk) last(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, lastTries)
	defer cancel()
	retry := time.NewTicker(retryEvery)
	defer retry.Stop()
	for {
		for _, row := range c.recorder.rows.mail.Take() {
			c.unsaved[row.ID] = row
		}
		if c.saveAll(ctx); len(c.unsaved) == 0 {
			return
		}
		select {
		case <-retry.C:
		case <-ctx.Done():
			c.recorder.cfg.Logger.Error("recording rows left to the manifests", "rows", len(c.unsaved))
			return
		}
	}
}

// saveAll tries every row once, and stops at the first that is refused.
func (c *clerk) saveAll(ctx context.Context) {
	for id, row := range c.unsaved {
		if err := c.save(ctx, row.Row); err != nil {
			c.recorder.alarms.failed(StoreFailing, fmt.Errorf("save recording %s: %w", id, err), time.Now())
			return
		}
		delete(c.unsaved, id)
		if row.saved != nil {
			row.saved.Store(true)
		}
		c.recorder.alarms.over(StoreFailing, time.Now())
	}
}

func (c *clerk) save(ctx context.Context, row Row) error {
	ctx, cancel := context.WithTimeout(ctx, lastTries)
	defer cancel()
	return c.recorder.store.SaveRecording(ctx, row)
}
