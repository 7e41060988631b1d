package toll

import (
	"fmt"
	"time"
)

// china is where the day begins for a policy without a zone. China has one, without summer time.
var china = time.FixedZone("CST", 8*60*60) //nolint:gochecknoglobals // a constant of a type that has none

// account is what one phone or trunk has used today.
type account struct {
	calls  int
	talked time.Duration
	live   map[*Use]bool
}

type owner struct{ kind, id string }

const (
	ofPhone = "phone"
	ofTrunk = "trunk"
)

// Meter counts calls out by day. It is not safe for several goroutines: whoever owns it has the lock. It lives in memory;
// Day and Resume carry it over a restart.
type Meter struct {
	day      string
	accounts map[owner]*account
}

// Use is one call out that counts. Its methods are called under the Meter's lock; each counts once.
type Use struct {
	meter    *Meter
	owners   []owner
	day      string
	answered time.Time
	over     bool
}

// Used is what somebody has used today.
type Used struct {
	Calls   int
	Minutes int // begun
}

// Take asks Policy.Check and the day's limits, and counts the call where both allow it.
func (m *Meter) Take(p Policy, r Request, now time.Time) (*Use, error) {
	if err := p.Check(r); err != nil {
		return nil, err
	}
	m.turn(p, now)
	owners := []owner{{ofTrunk, r.Trunk}}
	if r.Phone != "" {
		owners = append(owners, owner{ofPhone, r.Phone})
	}
	for _, o := range owners {
		if err := m.room(p, o, now); err != nil && !p.Emergency(r) {
			return nil, err
		}
	}
	u := &Use{meter: m, owners: owners, day: m.day}
	for _, o := range owners {
		a := m.account(o)
		a.calls++
		a.live[u] = true
	}
	return u, nil
}

// turn begins a new day. What goes on over midnight counts for both days, each its part.
func (m *Meter) turn(p Policy, now time.Time) {
	zone := p.Zone
	if zone == nil {
		zone = china
	}
	day := now.In(zone).Format(time.DateOnly)
	if day == m.day {
		return
	}
	m.day = day
	old := m.accounts
	m.accounts = map[owner]*account{}
	for o, a := range old {
		for u := range a.live {
			m.account(o).live[u] = true
			if !u.answered.IsZero() {
				u.answered = now
			}
		}
	}
}

func (m *Meter) account(o owner) *account {
	if m.accounts == nil {
		m.accounts = map[owner]*account{}
	}
	a := m.accounts[o]
	if a == nil {
		a = &account{live: map[*Use]bool{}}
		m.accounts[o] = a
	}
	return a
}

func (m *Meter) room(p Policy, o owner, now time.Time) error {
	limit, own := p.PerTrunk, p.Trunks
	if o.kind == ofPhone {
		limit, own = p.PerPhone, p.Phones
	}
	if l, has := own[o.id]; has {
		limit = l
	}
	if limit.Calls <= 0 && limit.Minutes <= 0 {
		return nil // what goes on need not be counted
	}
	used := m.used(o, now)
	switch {
	case limit.Calls > 0 && used.Calls >= limit.Calls:
		return fmt.Errorf("%w: %s %s has made %d calls", ErrDay, o.kind, o.id, used.Calls)
	case limit.Minutes > 0 && used.Minutes >= limit.Minutes:
		return fmt.Errorf("%w: %s %s has talked for %d minutes", ErrDay, o.kind, o.id, used.Minutes)
	}
	return nil
}

func (m *Meter) used(o owner, now time.Time) Used {
	a := m.accounts[o]
	if a == nil {
		return Used{}
	}
	talked := a.talked
	for u := range a.live {
		talked += u.talked(now)
	}
	return Used{Calls: a.calls, Minutes: int((talked + time.Minute - 1) / time.Minute)}
}

// OfTrunk and OfPhone are what they used today.
func (m *Meter) OfTrunk(id string, p Policy, now time.Time) Used {
	m.turn(p, now)
	return m.used(owner{ofTrunk, id}, now)
}

// OfPhone is what a phone used today.
func (m *Meter) OfPhone(id string, p Policy, now time.Time) Used {
	m.turn(p, now)
	return m.used(owner{ofPhone, id}, now)
}

// Answered begins to count the time.
func (u *Use) Answered(now time.Time) {
	if u.answered.IsZero() && !u.over {
		u.answered = now
	}
}

// Done ends the call.
func (u *Use) Done(now time.Time) {
	if u.over {
		return
	}
	for _, o := range u.owners {
		a := u.meter.account(o)
		a.talked += u.talked(now)
		delete(a.live, u)
	}
	u.over = true
}

// Undo takes a call back that was not tried after all, or goes another way.
func (u *Use) Undo() {
	if u.over {
		return
	}
	for _, o := range u.owners {
		a := u.meter.account(o)
		delete(a.live, u)
		if u.day == u.meter.day {
			a.calls--
		}
	}
	u.over = true
}

func (u *Use) talked(now time.Time) time.Duration {
	if u.answered.IsZero() {
		return 0
	}
	return max(0, now.Sub(u.answered))
}
