package cdr

import (
	"fmt"
	"testing"
)

// Work after the call is credited to the agent's last part that has ended and in which they talked or were consulted: not to a later ring that
// came to nothing, not to a part that goes on, and not to somebody else's.
func TestWrapUpGoesToThePartThatWorked(t *testing.T) {
	const begin = "0 started leg=caller from=+8613800138000\n1 offered agent=anna queue=q\n1 dialled leg=leg2 to=1001 agent=anna\n2 connected leg=leg2 agent=anna queue=q\n"
	for name, c := range map[string]struct{ facts, want string }{
		"talked": {begin + "10 leg-ended leg=leg2 agent=anna\n15 wrapped agent=anna", "[anna 5000]"},
		"rung again in vain": {begin + "10 leg-ended leg=leg2 agent=anna\n11 offered agent=anna queue=q\n11 dialled leg=leg3 to=1001 agent=anna\n" +
			"13 refused leg=leg3 agent=anna reason=no-answer\n15 wrapped agent=anna", "[anna 5000 anna 0]"},
		"consulted alone": {begin + "3 held leg=leg2\n3 dialled leg=leg3 to=1003 agent=chen\n4 consulted leg=leg3 agent=chen queue=q2\n8 leg-ended leg=leg3 agent=chen\n" +
			"8 resumed leg=leg2\n12 wrapped agent=chen", "[anna 0 chen 4000]"},
		"talks on":        {begin + "15 wrapped agent=anna", "[anna 0]"},
		"somebody else's": {begin + "10 leg-ended leg=leg2 agent=anna\n15 wrapped agent=chen", "[anna 0]"},
	} {
		var got []any
		for _, p := range Fold(scene(t, c.facts)).Agents {
			got = append(got, p.Agent, p.WrapMS)
		}
		if fmt.Sprint(got) != c.want {
			t.Errorf("%s: got %v, want %s", name, got, c.want)
		}
	}
}
