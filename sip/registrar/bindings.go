package registrar

import (
	"cmp"
	"container/heap"
	"slices"
	"time"
)

// bindings are the contacts of all users, and which of them ends first. It knows no lock.
type bindings struct {
	users map[string]*owner
	queue owners
	flows map[uint64]map[string]bool // connection -> users who came by it
}

// owner is one user with at least one contact.
type owner struct {
	user     string
	contacts []Contact
	soonest  time.Time
	index    int // in the queue
}

func newBindings() *bindings {
	return &bindings{users: map[string]*owner{}, flows: map[uint64]map[string]bool{}}
}

func (b *bindings) get(user string) []Contact {
	if o := b.users[user]; o != nil {
		return o.contacts
	}
	return nil
}

// set replaces the contacts of a user; before and after tell whether the user could and can be reached.
func (b *bindings) set(user string, contacts []Contact) (before, after bool) {
	o := b.users[user]
	if o != nil {
		b.flow(user, o.contacts, false)
	}
	b.flow(user, contacts, true)
	if o == nil {
		if len(contacts) == 0 {
			return false, false
		}
		o = &owner{user: user, contacts: contacts, soonest: soonest(contacts)}
		b.users[user] = o
		heap.Push(&b.queue, o)
		return false, true
	}
	if len(contacts) == 0 {
		heap.Remove(&b.queue, o.index)
		delete(b.users, user)
		return true, false
	}
	o.contacts, o.soonest = contacts, soonest(contacts)
	heap.Fix(&b.queue, o.index)
	return true, true
}

// due gives a user of whom a contact has expired.
func (b *bindings) due(now time.Time) (user string, ok bool) {
	if len(b.queue) == 0 || b.queue[0].soonest.After(now) {
		return "", false
	}
	return b.queue[0].user, true
}

// next is when the next contact expires.
func (b *bindings) next() (time.Time, bool) {
	if len(b.queue) == 0 {
		return time.Time{}, false
	}
	return b.queue[0].soonest, true
}

func soonest(contacts []Contact) time.Time {
	return slices.MinFunc(contacts, func(a, b Contact) int { return a.Expires.Compare(b.Expires) }).Expires
}

// live is the contacts that have not expired, a copy, the best first.
func live(contacts []Contact, now time.Time) []Contact {
	var out []Contact
	for _, c := range contacts {
		if c.Expires.After(now) {
			out = append(out, c)
		}
	}
	slices.SortStableFunc(out, func(a, b Contact) int {
		return cmp.Or(cmp.Compare(b.Q, a.Q), b.Refreshed.Compare(a.Refreshed))
	})
	return out
}

// owners is a heap by soonest.
type owners []*owner

// Len implements heap.Interface.
func (q owners) Len() int { return len(q) }

// Less implements heap.Interface.
func (q owners) Less(i, j int) bool { return q[i].soonest.Before(q[j].soonest) }

// Swap implements heap.Interface.
func (q owners) Swap(i, j int) {
	q[i], q[j] = q[j], q[i]
	q[i].index, q[j].index = i, j
}

// Push implements heap.Interface.
func (q *owners) Push(x any) {
	o := x.(*owner)
	o.index = len(*q)
	*q = append(*q, o)
}

// Pop implements heap.Interface.
func (q *owners) Pop() any {
	last := len(*q) - 1
	o := (*q)[last]
	(*q)[last] = nil
	*q = (*q)[:last]
	return o
}
