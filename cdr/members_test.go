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

// A consultation is shown from the asking to its end, whichever way it ends.
func TestConsultations(t *testing.T) {
	talk := "0 started leg=caller from=+8613800138000\n1 dialled leg=leg2 to=1001 agent=anna\n2 connected leg=leg2 agent=anna\n"
	asked := "3 asked leg=leg2 agent=anna reason=consult to=1002\n4 dialled leg=leg3 to=1002 agent=bo\n"
	answered := asked + "6 consulted leg=leg3 agent=bo\n"
	for name, c := range map[string]struct{ facts, want string }{
		"nothing":      {"", ""},
		"it rings":     {asked, "1002 rings"},
		"it talks":     {answered, "1002 talks"},
		"swapped":      {answered + "7 asked leg=leg2 agent=anna reason=swap", "1002 talks"},
		"unreached":    {asked + "7 unreached leg=leg2 agent=anna", ""},
		"cancelled":    {answered + "7 asked leg=leg2 agent=anna reason=cancel", ""},
		"merged":       {answered + "7 connected leg=leg3 agent=bo", ""},
		"handed over":  {answered + "7 transferred leg=leg2 agent=anna", ""},
		"they hung up": {answered + "7 leg-ended leg=leg3 agent=bo", ""},
		"another's":    {"3 asked leg=leg9 agent=chen reason=consult to=1002", ""},
		"another leg":  {answered + "7 leg-ended leg=leg9", "1002 talks"},
		"once again":   {answered + "7 asked leg=leg2 agent=anna reason=cancel\n8 asked leg=leg2 agent=anna reason=consult to=queue:care", "queue:care rings"},
	} {
		got := ""
		if m, _ := Fold(scene(t, talk+c.facts)).Member("anna"); m.Consults != nil {
			got = m.Consults.To + map[bool]string{true: " talks", false: " rings"}[m.Consults.Leg != ""]
		}
		if got != c.want {
			t.Errorf("%s: got %q, want %q", name, got, c.want)
		}
	}
}

// A callback has nobody on the line until it dials; the agent who is rung first is there before the customer.
func TestMembersOfACallback(t *testing.T) {
	text := ""
	for _, s := range []struct{ facts, want string }{
		{"0 started from=+8613800138000 direction=out reason=callback\n0 queued queue=east", ""},
		{"1 dialled leg=leg2 to=1001 agent=anna", "leg2 ringing"},
		{"3 left-queue queue=east reason=answered agent=anna\n3 dialled leg=caller to=+8613800138000", "leg2 talking, caller ringing"},
		{"9 answered leg=caller\n9 connected leg=leg2 agent=anna", "leg2 talking, caller talking"},
	} {
		text += s.facts + "\n"
		var got []string
		for _, m := range Fold(scene(t, text)).Members {
			got = append(got, fmt.Sprint(m.Leg, " ", m.State))
		}
		if all := strings.Join(got, ", "); all != s.want {
			t.Errorf("after %q: %q, want %q", s.facts, all, s.want)
		}
	}
}
