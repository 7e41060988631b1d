package main

import (
	"context"
	"time"

	"hotline/configs"
)

// hoursEvery is how often calendars are looked at for the queues: a queue closes at most so late.
const hoursEvery = 2 * time.Second

// keepHours tells the queues when they open and close.
func (n *node) keepHours(ctx context.Context) error {
	tick := time.NewTicker(hoursEvery)
	defer tick.Stop()
	for {
		n.tellHours(time.Now())
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}

// tellHours tells the queues what has changed since it was called last.
func (n *node) tellHours(now time.Time) {
	n.hours.Lock()
	defer n.hours.Unlock()
	closed := closedQueues(n.built.Load(), now)
	for id := range closed {
		if !n.shut[id] {
			n.dispatcher.Hours(id, false)
		}
	}
	for id := range n.shut {
		if !closed[id] {
			n.dispatcher.Hours(id, true)
		}
	}
	n.shut = closed
}

// isShut reports whether a queue is closed, as the queues were told; before they were told anything all are.
func (n *node) isShut(queue string) bool {
	n.hours.Lock()
	defer n.hours.Unlock()
	return n.shut == nil || n.shut[queue]
}

// closedQueues are those whose calendar is closed at a time.
func closedQueues(b *configs.Built, now time.Time) map[string]bool {
	closed := map[string]bool{}
	for id, q := range b.Rules {
		if cal := b.Routes.Calendars[q.Hours]; cal != nil && !cal.Open(now).Open {
			closed[id] = true
		}
	}
	return closed
}
