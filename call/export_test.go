package call

import "testing"

// RandomFacts are the facts of one random call that lived to its end.
func RandomFacts(t *testing.T, seed uint64, steps int) []Fact {
	t.Helper()
	_, facts := liveOn(t, seed, steps)
	return facts
}
