package e2e

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"hotline/internal/testkit"
)

// TestFewFiles: with 256 open files at most the node takes what it can, refuses the rest with 503, goes on, and takes calls again within
// 5 s when some have ended (F20).
func TestFewFiles(t *testing.T) {
	t.Parallel()
	n := prepare(t, taped())
	n.files = 256
	n.run()
	carrier := n.carrier()
	var talks []*testkit.Talk
	for i := range 100 {
		talk, err := carrier.Call("600", fmt.Sprintf("1380013%04d", i))
		if err != nil {
			t.Fatal(err)
		}
		talks = append(talks, talk)
	}
	var up []*testkit.Talk
	refused := 0
	for i, talk := range talks {
		await(t, fmt.Sprint("call ", i, " to be answered or refused"), patience, func() (int, bool) {
			for _, m := range talk.Moments() {
				switch m.What {
				case "answered":
					up = append(up, talk)
					return 0, true
				case "ended":
					if refused++; talk.Code() != 503 {
						t.Errorf("call %d is refused with %d, want 503", i, talk.Code())
					}
					return 0, true
				}
			}
			return 0, false
		})
	}
	t.Logf("%d calls answered, %d refused", len(up), refused)
	if len(up) < 30 || refused < 20 {
		t.Errorf("%d calls answered and %d refused of 100", len(up), refused)
	}
	if res, _ := n.request(http.MethodGet, "/healthz", nil); res.StatusCode != http.StatusOK {
		t.Errorf("health: %s", res.Status)
	}
	for _, talk := range up {
		talk.Hangup()
	}
	for _, talk := range up {
		happens(t, talk, "ended", patience)
	}
	began := time.Now()
	again := carrier.dial(t, "600", "13800139999")
	happens(t, again, "answered", 5*time.Second)
	hears(t, "the caller", again, callerHz)
	if took := time.Since(began); took > 5*time.Second+run.stalls.within(began, time.Now()) {
		t.Errorf("calls are taken again after %v, want 5 s", took)
	}
	again.Hangup()
	n.record(again)
}
