package queue

import (
	"math"
	"time"
)

const (
	estimateFrom  = 5 // talks a queue must have had before it says how long a wait will be
	estimateLeast = 10 * time.Second
	estimateMost  = time.Hour
	estimateDoubt = 1.5  // a deviation of more than so many means says that the mean says nothing
	forget        = 0.05 // the share of the latest talk in the mean
)

// load is how long a queue's callers keep its agents, talk and wrap-up, as moving mean and variance.
type load struct {
	talks          int
	mean, variance float64 // seconds, seconds²
}

// take counts one talk. Until there are 1/forget of them each counts alike.
func (l *load) take(d time.Duration) {
	l.talks++
	share := max(forget, 1/float64(l.talks))
	off := d.Seconds() - l.mean
	l.mean += share * off
	l.variance = (1 - share) * (l.variance + share*off*off)
}

// doubtful is true while too little is known, or what is known varies too much.
func (l *load) doubtful() bool {
	return l == nil || l.talks < estimateFrom || math.Sqrt(l.variance) > estimateDoubt*l.mean
}

// estimate is how long a caller at a place will wait: place x mean handling time / agents who serve, within bounds; 0 when
// nobody serves, or nobody can say.
func (b *Board) estimate(l *line, place int) time.Duration {
	known := b.loads[l.ID]
	agents := l.present()
	if known.doubtful() || agents <= 0 {
		return 0
	}
	wait := time.Duration(float64(place) * known.mean / float64(agents) * float64(time.Second)).Round(time.Second)
	return max(estimateLeast, min(wait, estimateMost))
}

// handled learns from a talk that is over.
func (b *Board) handled(h *booking) {
	known := b.loads[h.Queue]
	if known == nil {
		known = &load{}
		b.loads[h.Queue] = known
	}
	known.take(b.now.Sub(h.answered) + h.line.WrapUp)
}
