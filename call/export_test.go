package call

import "testing"

// Random lives one random call through to its end: what was wrong with it, its facts, and how many events it had.
func Random(t *testing.T, seed uint64, steps int) (problems []string, facts []Fact, events int) {
	t.Helper()
	return liveOn(t, seed, steps)
}
