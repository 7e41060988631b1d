package records

import (
	"slices"
	"testing"
)

func TestStretchesThatAreNone(t *testing.T) {
	if got := readStretches("0.0-3.0 x 4- 5.0-6.0"); !slices.Equal(got, []Stretch{{0, 3}, {5, 6}}) {
		t.Errorf("got %v", got)
	}
}
