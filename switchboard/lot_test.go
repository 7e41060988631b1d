package switchboard

import "testing"

// Slots are given lowest first, to one call each, and taken back from the call that has them alone.
func TestLot(t *testing.T) {
	var l lot
	if a, b := l.take("a"), l.take("b"); a != "701" || b != "702" {
		t.Errorf("slots %s and %s", a, b)
	}
	l.free("b", "701")
	if next := l.take("c"); next != "703" {
		t.Errorf("another call gave 701 back: %s", next)
	}
	l.free("a", "701")
	if next := l.take("d"); next != "701" {
		t.Errorf("701 is free and was not given, but %s", next)
	}
	for range lastSlot - firstSlot {
		l.take("many")
	}
	if next := l.take("late"); next != "" {
		t.Errorf("slot %s of none", next)
	}
}
