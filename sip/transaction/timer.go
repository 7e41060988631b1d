package transaction

import (
	"sync/atomic"
	"time"
)

// expirer is what a timer wakes: which tells a transaction's timers apart.
type expirer interface{ expire(which timerName) }

type timerName uint8

const (
	timerUser       timerName = iota
	timerRetransmit           // A, E, G
	timerGiveUp               // B, F, H, and the wait for the end of a cancelled INVITE
	timerLinger               // D, I, J, K, L, M
)

// alarm is a place in the heap of a lane. It belongs to its lane and is embedded in what it wakes, so that setting one allocates nothing.
type alarm struct {
	at    time.Time
	index int // position in the heap plus 1; 0: not set
	which timerName
	owner expirer
}

// alarms is a binary heap of alarms by time. It belongs to one lane.
type alarms []*alarm

func (h *alarms) set(a *alarm, at time.Time) {
	a.at = at
	if a.index == 0 {
		*h = append(*h, a)
		a.index = len(*h)
	}
	h.down(a.index - 1)
	h.up(a.index - 1)
}

func (h *alarms) stop(a *alarm) {
	if a.index == 0 {
		return
	}
	i, last := a.index-1, len(*h)-1
	h.swap(i, last)
	(*h)[last] = nil
	*h = (*h)[:last]
	a.index = 0
	if i < last {
		moved := (*h)[i]
		h.down(i)
		h.up(moved.index - 1)
	}
}

// due removes and returns the first alarm whose time has come, or nil.
func (h *alarms) due(now time.Time) *alarm {
	if len(*h) == 0 || (*h)[0].at.After(now) {
		return nil
	}
	a := (*h)[0]
	h.stop(a)
	return a
}

func (h alarms) swap(i, j int) {
	h[i], h[j] = h[j], h[i]
	h[i].index, h[j].index = i+1, j+1
}

func (h alarms) up(i int) {
	for i > 0 {
		parent := (i - 1) / 2
		if !h[i].at.Before(h[parent].at) {
			return
		}
		h.swap(i, parent)
		i = parent
	}
}

func (h alarms) down(i int) {
	for {
		least := i
		for _, child := range [2]int{2*i + 1, 2*i + 2} {
			if child < len(h) && h[child].at.Before(h[least].at) {
				least = child
			}
		}
		if least == i {
			return
		}
		h.swap(i, least)
		i = least
	}
}

// Timer is a function that waits for its time on a lane.
type Timer struct {
	alarm   alarm
	lane    *lane
	f       func()
	stopped atomic.Bool
}

// Stop keeps the function from running if it has not yet begun. It may be called from any goroutine, more than once, and on nil.
func (t *Timer) Stop() {
	if t == nil || t.stopped.Swap(true) {
		return
	}
	t.lane.post(letter{kind: letterTimer, timer: t})
}

func (t *Timer) expire(timerName) {
	if !t.stopped.Swap(true) {
		t.f()
	}
}
