package form

import "testing"

func TestErrorsLeavesWarningsOut(t *testing.T) {
	got := Problems{{Text: "a", Warning: true}, {Text: "b", File: "f", Line: 2}}.Errors()
	if len(got) != 1 || got[0].Error() != "f:2: b" {
		t.Errorf("got %v, want b alone", got)
	}
}
