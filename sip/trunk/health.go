package trunk

import "time"

const (
	failuresToDown = 2                // failures in a row that take a target out
	holdState      = 30 * time.Second // least time between two changes of a target
	restFor        = 30 * time.Second // how long a target that was silent to an INVITE is the last choice
	busyMost       = 10 * time.Minute // the longest Retry-After that is believed
)

// health is what is known of one target. A target begins as up.
type health struct {
	target  Target
	place   int // among the addresses of one name: lower first
	up      bool
	since   time.Time
	why     string    // of the last failure; "" where there is none
	changed time.Time // zero: never yet
	fails   int
	next    time.Time // of the next probe
	busy    bool      // a probe is on its way

	registration *Registration // nil: this target was not registered with yet
	restUntil    time.Time     // silent to an INVITE: the last choice until then
	busyUntil    time.Time     // asked to be left alone until then (RFC 3261 21.5.4)
}

// ready says whether calls should go to it.
func (h *health) ready(now time.Time) bool {
	r := h.registration
	return h.up && !now.Before(h.restUntil) && (r == nil || r.Registered && now.Before(r.Until))
}

// failed notes how a call fared here. true: it was silent and is probed, so ask it at once whether it lives.
func (h *health) failed(o Outcome, now time.Time, probed bool) bool {
	if o.Code == 503 && o.RetryAfter > 0 && !o.Silent {
		h.busyUntil = now.Add(min(o.RetryAfter, busyMost))
	}
	if !o.Silent && o.Code != 0 {
		return false
	}
	h.restUntil = now.Add(restFor)
	if probed {
		h.next = now
	}
	return probed
}

// note takes one probe's result; true: the state changed. Two failures take a target out and one success brings it
// back, but a flapping target changes at most once in 30 s: what comes too early counts when the time is over.
func (h *health) note(now time.Time, err error) bool {
	if err == nil {
		h.fails, h.why, h.restUntil = 0, "", time.Time{}
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
