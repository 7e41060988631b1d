package switchboard

import (
	"testing"

	"hotline/route"
)

// Slots are given lowest first, to one call each, and taken back from the call that has them alone.
func TestLot(t *testing.T) {
	var l lot
	slots := route.Slots{First: 701, Last: 799}
	if a, b := l.take("a", slots, ""), l.take("b", slots, ""); a != "701" || b != "702" {
		t.Errorf("slots %s and %s", a, b)
	}
	l.free("b", "701")
	if next := l.take("c", slots, ""); next != "703" {
		t.Errorf("another call gave 701 back: %s", next)
	}
	l.free("a", "701")
	if next := l.take("d", slots, ""); next != "701" {
		t.Errorf("701 is free and was not given, but %s", next)
	}
	if id, taken := l.of("702"); id != "b" || !taken {
		t.Errorf("slot 702 is that of %q, %v", id, taken)
	}
	for want, got := range map[string]string{"702": "", "750": "750", "800": "", "x": ""} {
		if next := l.take("e", slots, want); next != got {
			t.Errorf("who wanted %s got %q, want %q", want, next, got)
		}
	}
	for range slots.Last - slots.First {
		l.take("many", slots, "")
	}
	if next := l.take("late", slots, ""); next != "" {
		t.Errorf("slot %s of none", next)
	}
}
