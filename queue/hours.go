package queue

import (
	"slices"
	"time"
)

// Door says whether a queue takes callers, and what becomes of those who wait when it does not.
type Door int

// The doors of a queue. Nobody spoke of it: open.
const (
	DoorOpen    Door = iota
	DoorClosed       // by its hours: Queue.ClosingLeaves says whether those who wait leave
	DoorKept         // out of turn: those who wait are still served
	DoorEmptied      // out of turn: those who wait leave
)

// Hours opens and closes a queue. Where it closes, new callers whose queues are all closed give up with Closed, and so do those who
// wait if they are to leave or are Absent; offers and talks go on.
func (b *Board) Hours(now time.Time, queue string, door Door) []Effect {
	b.begin(now)
	if door == DoorOpen {
		delete(b.doors, queue)
	} else {
		b.doors[queue] = door
	}
	l := b.lines[queue]
	if l == nil || !l.turn(door) || !l.closed {
		return b.done()
	}
	for _, c := range slices.Clone(l.waiting.items) {
		if (l.leaves || c.Absent) && b.shut(c) {
			b.giveUp(c, Closed)
		}
	}
	return b.done()
}

// turn reports whether that changes anything.
func (l *line) turn(door Door) bool {
	closed, leaves := door != DoorOpen, door == DoorEmptied || door == DoorClosed && l.ClosingLeaves
	if l.closed == closed && l.leaves == leaves {
		return false
	}
	l.closed, l.leaves = closed, leaves
	return true
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
