package trunk

import (
	"time"

	"hotline/toll"
)

// Day is what phones and trunks have used of the day's limits, to be kept over a restart.
func (s *Set) Day(now time.Time) toll.Day {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.meter.Day(s.policy, now)
}

// Resume adds what was used before a restart, where that was today; after Guard, and once.
func (s *Set) Resume(d toll.Day, now time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.meter.Resume(d, s.policy, now)
}
