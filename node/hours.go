package node

import (
	"context"
	"time"

	"hotline/configs"
	"hotline/queue"
)

// hoursEvery is how often calendars are looked at for the queues: a queue closes at most so late.
const hoursEvery = 2 * time.Second

// keepHours tells the queues when they open and close.
func (n *Node) keepHours(ctx context.Context) error {
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
func (n *Node) tellHours(now time.Time) {
	n.hours.Lock()
	defer n.hours.Unlock()
	doors := n.doorsAt(now)
	for id, door := range doors {
		if n.doors[id] != door {
			n.dispatcher.Hours(id, door)
		}
	}
	for id := range n.doors {
		if doors[id] == queue.DoorOpen {
			n.dispatcher.Hours(id, queue.DoorOpen)
		}
	}
	n.doors = doors
}

// doorsAt are the queues that are not open: by an order of a supervisor, or else by their hours.
func (n *Node) doorsAt(now time.Time) map[string]queue.Door {
	b := n.built.Load()
	doors := closedQueues(b, now)
	for id := range b.Rules {
		if c, ok := n.floor.Closing(id, now); ok {
			doors[id] = c.Door()
		}
	}
	return doors
}

// isShut reports whether a queue is closed, as the queues were told; before they were told anything all are.
func (n *Node) isShut(queue string) bool {
	n.hours.Lock()
	defer n.hours.Unlock()
	_, shut := n.doors[queue]
	return n.doors == nil || shut
}

// closedQueues are those whose calendar is closed at a time.
func closedQueues(b *configs.Built, now time.Time) map[string]queue.Door {
	closed := map[string]queue.Door{}
	for id, q := range b.Rules {
		if cal := b.Routes.Calendars[q.Hours]; cal != nil && !cal.Open(now).Open {
			closed[id] = queue.DoorClosed
		}
	}
	return closed
}
