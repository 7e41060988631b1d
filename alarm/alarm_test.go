package alarm

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"
)

var noon = time.Date(2026, 11, 18, 4, 0, 0, 0, time.UTC)

// brief is an alarm as the table writes it: "bad trunk-down t1".
func brief(all []Alarm) string {
	lines := make([]string, 0, len(all))
	for _, a := range all {
		line := fmt.Sprintf("%s %s", a.Level, a.Kind)
		if a.Object != "" {
			line += " " + a.Object
		}
		if a.Figure != 0 {
			line += fmt.Sprintf(" %d", a.Figure)
		}
		lines = append(lines, line)
	}
	return strings.Join(lines, ", ")
}

func TestCheck(t *testing.T) {
	up, down := Target{Name: "a", Up: true}, Target{Name: "b", Why: "408", Since: noon.Add(-time.Hour)}
	const gb = 1 << 30
	day := 24 * time.Hour
	for name, c := range map[string]struct {
		node Node
		want string
	}{
		"all is well": {Node{Trunks: []Trunk{{ID: "t", Targets: []Target{up}}, {ID: "in"}}, Agents: []Agent{{ID: "amy", Reachable: true}},
			Disk: Disk{Free: 50 * gb, Size: 100 * gb, PerDay: gb}, Certificates: []Cert{{"sip", noon.Add(90 * day)}}, Journal: 12}, ""},
		"stopping":                     {Node{Stopping: true}, "bad stopping"},
		"no database":                  {Node{Database: errors.New("disk I/O error")}, "bad database"},
		"the journal waits":            {Node{Journal: 1000}, "warn journal 1000"},
		"the journal waits for ever":   {Node{Journal: 100_000}, "bad journal 100000"},
		"one target down":              {Node{Trunks: []Trunk{{ID: "t", Targets: []Target{up, down}}}}, "warn target-down t"},
		"all targets down":             {Node{Trunks: []Trunk{{ID: "t", Targets: []Target{down, down}}}}, "bad trunk-down t"},
		"not registered":               {Node{Trunks: []Trunk{{ID: "t", Targets: []Target{{Name: "a", Up: true, Unregistered: true}}}}}, "bad trunk-unknown t"},
		"an agent without a telephone": {Node{Agents: []Agent{{ID: "amy"}}}, "warn agent-unreachable amy"},
		"little room":                  {Node{Disk: Disk{Free: 14 * gb, Size: 100 * gb}}, "warn disk-low 14"},
		"hardly any room":              {Node{Disk: Disk{Free: 4 * gb, Size: 100 * gb}}, "bad disk-low 4"},
		"the reserve is touched":       {Node{Disk: Disk{Free: 14 * gb, Size: 100 * gb, Reserve: 14 * gb}}, "bad disk-low 14"},
		"full in two weeks":            {Node{Disk: Disk{Free: 27 * gb, Size: 100 * gb, PerDay: 2 * gb}}, "warn disk-fills 13"},
		"full tomorrow":                {Node{Disk: Disk{Free: 22 * gb, Size: 100 * gb, Reserve: 2 * gb, PerDay: 20 * gb}}, "bad disk-fills 1"},
		"gaps":                         {Node{Recording: []string{"slow-disk"}}, "bad recording"},
		"a certificate of three weeks": {Node{Certificates: []Cert{{"sip", noon.Add(20 * day)}}}, "warn certificate sip 20"},
		"a certificate of a week":      {Node{Certificates: []Cert{{"sip", noon.Add(6 * day)}}}, "bad certificate sip 6"},
		"a certificate that has ended": {Node{Certificates: []Cert{{"sip", noon.Add(-time.Hour)}}}, "bad certificate sip -1"},
		"the worst comes first":        {Node{Agents: []Agent{{ID: "amy"}}, Journal: 2000, Trunks: []Trunk{{ID: "t", Targets: []Target{down}}}}, "bad trunk-down t, warn journal 2000, warn agent-unreachable amy"},
	} {
		got := Check(noon, c.node)
		if brief(got) != c.want {
			t.Errorf("%s: got %q, want %q", name, brief(got), c.want)
		}
		for _, a := range got {
			if a.Text == "" {
				t.Errorf("%s: %s says nothing", name, a.Kind)
			}
		}
	}
}

func TestDays(t *testing.T) {
	if _, ok := (Disk{Free: 1 << 40}).Days(); ok {
		t.Error("a pace that is not known: got a number of days")
	}
	if days, ok := (Disk{Free: 5, Reserve: 9, PerDay: 1}).Days(); !ok || days != 0 {
		t.Errorf("below the reserve: got %d, %v, want 0", days, ok)
	}
}
