package switchboard

import (
	"strconv"
	"sync"

	"hotline/call"
)

// The slots in which callers are parked.
const (
	firstSlot = 701
	lastSlot  = 799
)

// lot knows which slots are taken, and by which call.
type lot struct {
	mu    sync.Mutex
	taken map[string]call.ID
}

// take gives the lowest free slot to a call; "" when all are taken.
func (l *lot) take(id call.ID) string {
	l.mu.Lock()
	defer l.mu.Unlock()
	for n := firstSlot; n <= lastSlot; n++ {
		slot := strconv.Itoa(n)
		if _, taken := l.taken[slot]; taken {
			continue
		}
		if l.taken == nil {
			l.taken = map[string]call.ID{}
		}
		l.taken[slot] = id
		return slot
	}
	return ""
}

// free takes a slot back from the call that has it.
func (l *lot) free(id call.ID, slot string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.taken[slot] == id {
		delete(l.taken, slot)
	}
}

// park carries out what concerns slots; false: it is nothing of that kind.
func (b *Switchboard) park(id call.ID, a call.Action) bool {
	switch a := a.(type) {
	case call.TakeSlot:
		slot := b.lot.take(id)
		if !b.exchange.Send(id, call.SlotGiven{Slot: slot}) {
			b.lot.free(id, slot)
		}
	case call.FreeSlot:
		b.lot.free(id, a.Slot)
	default:
		return false
	}
	return true
}
