package e2e

import (
	"fmt"
	"testing"

	"hotline/internal/testkit"
)

// A key pressed in the very moment of the answer counts, and so does every key of many callers at once.
func TestKeyAtOnce(t *testing.T) {
	t.Parallel()
	const calls = 40
	n := start(t, taped())
	carrier := n.carrier()
	var talks []*testkit.Talk
	for i := range calls {
		talk := carrier.dial(t, "6730", fmt.Sprintf("1380013%04d", i))
		talks = append(talks, talk)
		happens(t, talk, "answered", patience)
		talk.Press("12"[i%2])
	}
	for i, talk := range talks {
		happens(t, talk, "ended", patience)
		if r, want := n.record(talk), []string{"one", "two"}[i%2]; r.Topic != want {
			t.Errorf("call %d: topic %q, want %q; the caller: %+v", i, r.Topic, want, talk.Moments())
		}
	}
}
