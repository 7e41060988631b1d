package report

import (
	"math"
	"testing"
	"time"
)

func near(t *testing.T, what string, got, want, within float64) {
	t.Helper()
	if math.Abs(got-want) > within {
		t.Errorf("%s: got %v, want %v", what, got, want)
	}
}

// The published examples: 100 calls in 30 min of 3 min (R package ErlangC), 1000 in an hour of 2 min (call-center-tools).
func TestErlangC(t *testing.T) {
	l := Load{100, 30 * time.Minute, 3 * time.Minute}
	near(t, "erlangs", l.Erlangs(), 10, 1e-9)
	s := ErlangC(l, 14, 20*time.Second)
	near(t, "wait", s.Wait, 0.174132, 1e-6)
	near(t, "service level", s.ServiceLevel, 0.88835, 1e-5)
	near(t, "asa", s.ASA.Seconds(), 7.836, 1e-3)
	near(t, "occupancy", s.Occupancy, 0.7143, 1e-4)
	near(t, "one agent less", ErlangC(l, 13, 20*time.Second).ServiceLevel, 0.7956, 1e-4)

	l = Load{1000, time.Hour, 2 * time.Minute}
	s = ErlangC(l, 40, 20*time.Second)
	near(t, "wait", s.Wait, 0.190737, 1e-6)
	near(t, "service level", s.ServiceLevel, 0.93721, 1e-5)
	near(t, "asa", s.ASA.Seconds(), 3.433, 1e-3)

	if s := ErlangC(l, 33, 20*time.Second); s.ServiceLevel != 0 || s.Wait != 1 || s.ASA != math.MaxInt64 {
		t.Errorf("too few agents: got %+v", s)
	}
	if s := ErlangC(Load{}, 3, time.Second); s.ServiceLevel != 1 || s.Wait != 0 {
		t.Errorf("no load: got %+v", s)
	}
	if s, ok := AgentsFor(Load{100, 30 * time.Minute, 3 * time.Minute}, 0.8, 20*time.Second); !ok || s.Agents != 14 {
		t.Errorf("agents for 80/20: got %+v, want 14", s)
	}
	if _, ok := AgentsFor(Load{100, time.Minute, time.Hour}, 2, time.Second); ok {
		t.Error("a service level of 2 was reached")
	}
	if got := Scheduled(14, 0.3); got != 20 {
		t.Errorf("scheduled: got %d, want 20", got)
	}
}

func TestErlangA(t *testing.T) {
	l := Load{200, time.Hour, 3 * time.Minute} // A = 10
	s := ErlangA(l, 10, 2*time.Minute, 20*time.Second)
	near(t, "wait", s.Wait, 0.49685, 1e-5)
	near(t, "abandon", s.Abandon, 0.13746, 1e-5)
	near(t, "asa", s.ASA.Seconds(), 16.50, 1e-2)
	if s.ServiceLevel < 1-s.Wait || s.ServiceLevel > 1-s.Abandon {
		t.Errorf("service level %v is not between those who do not wait and those who do not give up", s.ServiceLevel)
	}
	patient := ErlangA(l, 14, 1e6*time.Second, 20*time.Second)
	exact := ErlangC(l, 14, 20*time.Second)
	near(t, "patient callers are Erlang C: wait", patient.Wait, exact.Wait, 1e-3)
	near(t, "service level", patient.ServiceLevel, exact.ServiceLevel, 2e-3)
	if s := ErlangA(l, 0, time.Minute, time.Second); s.Abandon != 1 {
		t.Errorf("nobody there: got %+v", s)
	}
	if s := ErlangA(Load{4000, time.Hour, 3 * time.Minute}, 100, 2*time.Minute, 20*time.Second); s.Abandon < 0.49 || s.Abandon > 0.51 {
		t.Errorf("twice the load: got %+v, want half to give up", s)
	}
}
