package queue

import (
	"slices"
	"time"
)

// Hours says whether a queue is open by its hours; a queue nobody spoke of is. Where it closes, new callers whose queues
// are all closed give up with Closed, and so do those who wait if the queue is ClosingLeaves or they are Absent; offers and talks go on.
func (b *Board) Hours(now time.Time, queue string, open bool) []Effect {
	b.begin(now)
	if open {
		delete(b.closed, queue)
	} else {
		b.closed[queue] = true
	}
	l := b.lines[queue]
	if l == nil || l.closed == !open {
		return b.done()
	}
	l.closed = !open
	if l.closed {
		for _, c := range slices.Clone(l.waiting.items) {
			if (l.ClosingLeaves || c.Absent) && b.shut(c) {
				b.giveUp(c, Closed)
			}
		}
	}
	return b.done()
}

// shut reports whether every queue of the caller's steps is closed.
func (b *Board) shut(c *caller) bool {
	for _, step := range c.Steps {
		if l := b.lines[step.Queue]; l != nil && !l.closed {
			return false
		}
	}
	return true
}
