package call

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"hotline/ivr"
)

// What a flow says first is passed over for an agent who consults it, up to a bound: a flow that talks for ever has nobody to consult.
func TestConsultingPassesOverAnnouncements(t *testing.T) {
	for said, want := range map[int]string{1: "", mostSkipped - 1: "", mostSkipped: string(NotAcceptable), mostSkipped + 5: string(NotAcceptable)} {
		routes, flows := rulebook(t)
		flow := "flow: long\nstart: n0\nnodes:\n"
		for n := range said {
			flow += fmt.Sprintf("  n%d: {type: play, prompts: [welcome], next: n%d}\n", n, n+1)
		}
		flow += fmt.Sprintf("  n%d: {type: queue, queue: nation, next: bye}\n  bye: {type: hangup}\n", said)
		f, err := ivr.Read("long.yml", []byte(flow))
		if err != nil {
			t.Fatal(err)
		}
		flows.Flows[f.ID] = f
		c := New("c1", setupOf([]string{"from=13800138000", "flow=waiting"}, routes, flows))
		now := monday
		step := func(ev Event) (text string) {
			now = now.Add(time.Second)
			for _, a := range c.Step(now, ev) {
				text += Describe(a) + "\n"
			}
			return text
		}
		step(Arrived{})
		step(Offered{Offer: "o1", Agent: "anna", Queue: "nation", Phone: "1001", RingFor: 20 * time.Second})
		step(LegAnswered{Leg: "leg2"})
		got := step(Commanded{Agent: "anna", What: Consult, To: "flow:long"})
		if reached := strings.Contains(got, "join queue"); reached != (want == "") || want != "" && !strings.Contains(got, "cause="+want) {
			t.Errorf("consulting a flow that says %d things first did\n%s, want %q", said, got, want)
		}
	}
}
