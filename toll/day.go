package toll

import "time"

// Day is what was used on a day, as it is kept over a restart.
type Day struct {
	Date   string           `json:"date"` // of the policy's zone, as in 2026-11-28; "": nothing was used
	Phones map[string]Spent `json:"phones,omitempty"`
	Trunks map[string]Spent `json:"trunks,omitempty"`
}

// Spent is what a phone or a trunk has used. Calls under way are in it as far as they are.
type Spent struct {
	Calls  int           `json:"calls"`
	Talked time.Duration `json:"talked"`
}

// Day is what was used until now.
func (m *Meter) Day(p Policy, now time.Time) Day {
	m.turn(p, now)
	d := Day{Date: m.day, Phones: map[string]Spent{}, Trunks: map[string]Spent{}}
	for o, a := range m.accounts {
		s := Spent{a.calls, a.talked}
		for u := range a.live {
			s.Talked += u.talked(now)
		}
		if s != (Spent{}) {
			d.of(o.kind)[o.id] = s
		}
	}
	return d
}

func (d Day) of(kind string) map[string]Spent {
	if kind == ofPhone {
		return d.Phones
	}
	return d.Trunks
}

// Resume adds what was used before the process began, where that was today. What is below zero, in a file that somebody changed, counts as nothing.
func (m *Meter) Resume(d Day, p Policy, now time.Time) {
	m.turn(p, now)
	if d.Date != m.day {
		return
	}
	for _, kind := range []string{ofPhone, ofTrunk} {
		for id, s := range d.of(kind) {
			a := m.account(owner{kind, id})
			a.calls += max(0, s.Calls)
			a.talked += max(0, s.Talked)
		}
	}
}
