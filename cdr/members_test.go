package cdr

import (
	"fmt"
	"strings"
	"testing"
)

// Who is on a call is seen while it lasts: rung, consulted, in a conference, muted, on hold; and nobody after its end.
func TestMembersOfACall(t *testing.T) {
	steps := []struct{ facts, want string }{
		{"0 started leg=caller from=+8613800138000\n1 dialled leg=leg2 to=1001 agent=anna", "caller talking, leg2 anna ringing"},
		{"3 connected leg=leg2 agent=anna\n4 held leg=leg2\n4 dialled leg=leg3 to=1003 agent=chen", "caller talking, leg2 anna talking holds, leg3 chen ringing"},
		{"6 consulted leg=leg3 agent=chen", "caller talking, leg2 anna talking holds, leg3 chen consulted"},
		{"8 resumed leg=leg2\n8 connected leg=leg3 agent=chen\n9 muted leg=leg3", "caller talking, leg2 anna talking, leg3 chen talking muted"},
		{"10 unmuted leg=leg3\n11 transferred leg=leg2 to=1003\n12 leg-ended leg=leg2", "caller talking, leg3 chen talking"},
		{"13 joined leg=leg3 reason=left\n13 joined leg=leg4 agent=dong to=1004 reason=came", "caller talking, leg4 dong talking"},
		{"20 leg-ended leg=caller\n20 ended cause=normal\n21 leg-ended leg=leg4", ""},
	}
	text := ""
	for _, s := range steps {
		text += s.facts + "\n"
		var got []string
		for _, m := range Fold(scene(t, text)).Members {
			line := strings.TrimSpace(fmt.Sprint(m.Leg, " ", m.Agent))
			line += " " + m.State
			if m.Holds {
				line += " holds"
			}
			if m.Muted {
				line += " muted"
			}
			got = append(got, line)
		}
		if all := strings.Join(got, ", "); all != s.want {
			t.Errorf("after %q: %q, want %q", s.facts, all, s.want)
		}
	}
	r := Fold(scene(t, steps[0].facts+"\n2 dialled leg=leg3 to=02088887777")).Masked()
	if r.Members[0].Number == "+8613800138000" || r.Members[2].Number == "02088887777" || r.Members[1].Number != "1001" {
		t.Errorf("an agent sees %+v", r.Members)
	}
	if got := mask("agent:agent-1003"); got != "agent:agent-1003" {
		t.Errorf("the name of an agent is masked: %s", got)
	}
}
