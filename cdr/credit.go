package cdr

import (
	"context"
	"fmt"
	"sync"
	"time"
)

const (
	creditWithin = 10 * time.Minute // after the node is back, for those who call again
	creditOpen   = 6 * time.Hour    // calls are looked for that began so long ago
	creditMost   = 20_000           // records looked at
)

// Credits are the waits of callers whom the end of the process cut off, by number. Who calls again in time goes on waiting from
// where they were.
type Credits struct {
	mu    sync.Mutex
	since map[string]time.Time
	until time.Time
}

// LoadCredits finds the callers who waited in a queue when the process ended, within the 10 minutes before now. Call it after
// EndOrphans.
func LoadCredits(ctx context.Context, store RecordStore, now time.Time) (*Credits, error) {
	c := &Credits{since: map[string]time.Time{}, until: now.Add(creditWithin)}
	q := Query{From: now.Add(-creditOpen), Limit: 1000}
	for n := 0; n < creditMost; {
		page, next, err := store.Records(ctx, q)
		if err != nil {
			return nil, fmt.Errorf("read whom the stop cut off: %w", err)
		}
		for _, r := range page {
			c.take(r, now)
		}
		if n += len(page); next == "" {
			break
		}
		q.Before = next
	}
	return c, nil
}

// take keeps the wait of a call that ended while it waited, by no wish of its caller.
func (c *Credits) take(r Record, now time.Time) {
	last := len(r.Queues) - 1
	if last < 0 || r.Talked || r.Open() || r.HungUp != "system" || r.AbandonedIn != "" || r.Ended.Before(now.Add(-creditWithin)) {
		return
	}
	if why := r.Queues[last].Why; why != "" && why != "abandoned" { // the queue gave it up, and the flow went on
		return
	}
	if old, ok := c.since[r.Caller.E164]; r.Caller.E164 != "" && (!ok || r.Queued.Before(old)) {
		c.since[r.Caller.E164] = r.Queued
	}
}

// Len is how many callers have credit.
func (c *Credits) Len() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.since)
}

// Take gives the wait of a number back, once and in time; zero: none.
func (c *Credits) Take(number string, now time.Time) time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	if now.After(c.until) {
		clear(c.since)
		return time.Time{}
	}
	since := c.since[number]
	delete(c.since, number)
	return since
}
