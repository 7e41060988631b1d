package recording

import (
	"log/slog"
	"maps"
	"slices"
	"sync"
	"time"
)

// Trouble is something that keeps sound from being kept.
type Trouble string

// The troubles.
const (
	DiskFull     Trouble = "disk-full"     // no space, no quota, or less than MinFree
	DiskFailing  Trouble = "disk-failing"  // the disk refuses for any other reason
	SlowDisk     Trouble = "slow-disk"     // a writer was held up so long that taps ran over
	StoreFailing Trouble = "store-failing" // rows wait in manifests and memory
)

// Alarm tells that a trouble began (On) or is over. It comes once for each change.
type Alarm struct {
	Trouble Trouble
	On      bool
	At      time.Time
	Err     error // an example of what went wrong; nil when it is over
}

// calm is how long a trouble must not be seen to count as over; longer than a writer that is held up takes to look again.
const calm = 10 * time.Second

// alarms keeps which troubles there are.
type alarms struct {
	hear func(Alarm)
	log  *slog.Logger

	mu   sync.Mutex
	seen map[Trouble]time.Time // when a trouble that is on was last seen
}

// failed says that a trouble was seen.
func (a *alarms) failed(t Trouble, err error, now time.Time) {
	a.mu.Lock()
	_, on := a.seen[t]
	if a.seen == nil {
		a.seen = map[Trouble]time.Time{}
	}
	a.seen[t] = now
	a.mu.Unlock()
	if !on {
		a.log.Error("recording in trouble", "trouble", string(t), "error", err)
		a.tell(Alarm{Trouble: t, On: true, At: now, Err: err})
	}
}

// now are the troubles that are on, in no order.
func (a *alarms) now() []Trouble {
	a.mu.Lock()
	defer a.mu.Unlock()
	return slices.Collect(maps.Keys(a.seen))
}

// settle ends the troubles that were not seen for a while. StoreFailing ends only by over: its tries may be far apart.
func (a *alarms) settle(now time.Time) {
	for _, t := range []Trouble{DiskFull, DiskFailing, SlowDisk} {
		a.mu.Lock()
		last, on := a.seen[t]
		a.mu.Unlock()
		if on && now.Sub(last) >= calm {
			a.over(t, now)
		}
	}
}

// over ends a trouble, if it is on.
func (a *alarms) over(t Trouble, now time.Time) {
	a.mu.Lock()
	_, on := a.seen[t]
	delete(a.seen, t)
	a.mu.Unlock()
	if on {
		a.log.Info("recording out of trouble", "trouble", string(t))
		a.tell(Alarm{Trouble: t, At: now})
	}
}

func (a *alarms) tell(alarm Alarm) {
	if a.hear != nil {
		a.hear(alarm)
	}
}
