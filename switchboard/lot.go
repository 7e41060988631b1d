package switchboard

import (
	"strconv"
	"sync"

	"hotline/call"
	"hotline/route"
)

// lot knows which of the slots in which callers are parked are taken, and by which call.
type lot struct {
	mu    sync.Mutex
	taken map[string]call.ID
}

// of is the call that has a slot; false: it is free.
func (l *lot) of(slot string) (call.ID, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	id, taken := l.taken[slot]
	return id, taken
}

// take gives a call a slot: the one that it wants, or for "" the lowest free one. "" when that is taken, or all are.
func (l *lot) take(id call.ID, slots route.Slots, want string) string {
	l.mu.Lock()
	defer l.mu.Unlock()
	for n := slots.First; n <= slots.Last; n++ {
		slot := strconv.Itoa(n)
		if _, taken := l.taken[slot]; taken || want != "" && want != slot {
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
		slot := b.lot.take(id, b.centre.Load().Routes.Codes.Slots, a.Slot)
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
