package trunk

import "time"

const (
	failuresToDown = 2                // failures in a row that take a target out
	holdState      = 30 * time.Second // least time between two changes of a target
)

// health is what is known of one target. A target begins as up.
type health struct {
	target  Target
	up      bool
	since   time.Time
	why     string    // of the last failure; "" where there is none
	changed time.Time // zero: never yet
	fails   int
	next    time.Time // of the next probe
	busy    bool      // a probe is on its way
}

// note takes one probe's result; true: the state changed. Two failures take a target out and one success brings it
// back, but a flapping target changes at most once in 30 s: what comes too early counts when the time is over.
func (h *health) note(now time.Time, err error) bool {
	if err == nil {
		h.fails, h.why = 0, ""
	} else {
		h.fails, h.why = h.fails+1, err.Error()
	}
	want := h.fails < failuresToDown
	if err != nil && !h.up {
		want = false
	}
	if want == h.up || !h.changed.IsZero() && now.Sub(h.changed) < holdState {
		return false
	}
	h.up, h.since, h.changed = want, now, now
	return true
}

// bucket is a token bucket for calls per second, with a burst of one second.
type bucket struct {
	tokens float64
	at     time.Time
}

// take takes one token; rate 0 is no limit.
func (b *bucket) take(rate int, now time.Time) bool {
	if rate <= 0 {
		return true
	}
	if b.at.IsZero() {
		b.tokens = float64(rate)
	} else if d := now.Sub(b.at); d > 0 {
		b.tokens = min(b.tokens+d.Seconds()*float64(rate), float64(rate))
	}
	b.at = now
	if b.tokens < 1 {
		return false
	}
	b.tokens--
	return true
}
