package queue

import (
	"container/heap"
	"time"
)

// alarm is the one moment its owner waits for. An owner with several deadlines sets the earliest and looks at all of
// them when it rings.
type alarm struct {
	at   time.Time
	seq  uint64 // equal times ring in the order they were set
	pos  int    // place in the heap, from 1; 0: not set
	ring func()
}

// alarms orders what is set by time.
type alarms struct {
	heap alarmHeap
	seq  uint64
}

func (s *alarms) set(a *alarm, at time.Time) {
	if a.pos > 0 && a.at.Equal(at) {
		return
	}
	s.seq++
	a.at, a.seq = at, s.seq
	if a.pos > 0 {
		heap.Fix(&s.heap, a.pos-1)
		return
	}
	heap.Push(&s.heap, a)
}

func (s *alarms) clear(a *alarm) {
	if a.pos > 0 {
		heap.Remove(&s.heap, a.pos-1)
	}
}

// next is the earliest moment anybody waits for.
func (s *alarms) next() (time.Time, bool) {
	if len(s.heap) == 0 {
		return time.Time{}, false
	}
	return s.heap[0].at, true
}

// due takes the earliest alarm that is not after now; nil: none. It is no longer set when its owner hears it, so an
// owner that fails cannot make the clock spin.
func (s *alarms) due(now time.Time) *alarm {
	if len(s.heap) == 0 || s.heap[0].at.After(now) {
		return nil
	}
	return heap.Pop(&s.heap).(*alarm)
}

type alarmHeap []*alarm

func (h alarmHeap) Len() int { return len(h) }

func (h alarmHeap) Less(i, j int) bool {
	if c := h[i].at.Compare(h[j].at); c != 0 {
		return c < 0
	}
	return h[i].seq < h[j].seq
}

func (h alarmHeap) Swap(i, j int) {
	h[i], h[j] = h[j], h[i]
	h[i].pos, h[j].pos = i+1, j+1
}

func (h *alarmHeap) Push(x any) {
	a := x.(*alarm)
	*h = append(*h, a)
	a.pos = len(*h)
}

func (h *alarmHeap) Pop() any {
	last := len(*h) - 1
	a := (*h)[last]
	(*h)[last] = nil
	*h = (*h)[:last]
	a.pos = 0
	return a
}
