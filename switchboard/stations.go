package switchboard

import (
	"cmp"
	"slices"
	"sync"
	"time"

	"hotline/call"
)

// station is a leg of a phone on a call under way.
type station struct {
	call  call.ID
	leg   call.LegID
	phone string
	rings bool
	since time.Time // it rings, or talks
}

// stations know which phones are on which calls: what a code that is dialled on another line, or for another phone, is about. They learn it from
// facts.
type stations struct {
	mu  sync.Mutex
	all map[call.ID][]station
}

// take notes a leg that came in.
func (s *stations) take(one station) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.all == nil {
		s.all = map[call.ID][]station{}
	}
	s.all[one.call] = append(s.all[one.call], one)
}

// learn takes in a fact of a call.
func (s *stations) learn(f call.Fact) {
	switch {
	case f.Kind == call.Dialled:
		s.take(station{f.Call, f.Leg, f.To, true, f.At})
	case f.Kind == call.Joined && f.Reason == "came":
		s.take(station{f.Call, f.Leg, f.To, false, f.At})
	case f.Kind == call.Connected || f.Kind == call.Consulted:
		s.mu.Lock()
		defer s.mu.Unlock()
		for i := range s.all[f.Call] {
			if one := &s.all[f.Call][i]; one.leg == f.Leg {
				one.rings, one.since = false, f.At
			}
		}
	case f.Kind == call.LegGone || f.Kind == call.Parked || f.Kind == call.Joined:
		s.drop(f.Call, f.Leg)
	case f.Kind == call.Ended:
		s.mu.Lock()
		defer s.mu.Unlock()
		delete(s.all, f.Call)
	}
}

func (s *stations) drop(id call.ID, leg call.LegID) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if left := slices.DeleteFunc(s.all[id], func(one station) bool { return one.leg == leg }); len(left) > 0 {
		s.all[id] = left
	} else {
		delete(s.all, id)
	}
}

// find is every leg that is wanted, the oldest first.
func (s *stations) find(want func(station) bool) []station {
	s.mu.Lock()
	defer s.mu.Unlock()
	var found []station
	for _, legs := range s.all {
		for _, one := range legs {
			if want(one) {
				found = append(found, one)
			}
		}
	}
	slices.SortFunc(found, func(a, b station) int {
		return cmp.Or(a.since.Compare(b.since), cmp.Compare(a.call, b.call), cmp.Compare(a.leg, b.leg))
	})
	return found
}

// busy counts the calls outside the queues that a phone is on: it is busy until the last is over.
type busy struct {
	mu    sync.Mutex
	calls map[string]presence
}

// presence is how many calls a phone talks in, and in how many it listens to others.
type presence struct{ talks, listens int }

// count takes one call more or less, and says whether the phone is busy now, and whether it only listens.
func (b *busy) count(a call.PhoneBusy) (busy, listens bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.calls == nil {
		b.calls = map[string]presence{}
	}
	p, n := b.calls[a.Phone], -1
	if a.On {
		n = 1
	}
	if a.Listens {
		p.listens = max(0, p.listens+n)
	} else {
		p.talks = max(0, p.talks+n)
	}
	if b.calls[a.Phone] = p; p == (presence{}) {
		delete(b.calls, a.Phone)
	}
	return p != presence{}, p.listens > 0 && p.talks == 0
}
