package toll

import (
	"encoding/json"
	"reflect"
	"testing"
	"time"
)

// What was used today counts after a restart, calls under way as far as they were; what was used on another day does not.
func TestDayGoesOnAfterARestart(t *testing.T) {
	noon := time.Date(2026, 11, 27, 12, 0, 0, 0, china)
	p := Policy{PerPhone: Limit{Calls: 3}, PerTrunk: Limit{Minutes: 10}}
	var before Meter
	call := func(m *Meter, at time.Time) (*Use, error) {
		return m.Take(p, Request{Number: "13800138000", Phone: "1001", Trunk: "t"}, at)
	}
	over, _ := call(&before, noon)
	over.Answered(noon)
	over.Done(noon.Add(3 * time.Minute))
	live, _ := call(&before, noon)
	live.Answered(noon.Add(time.Minute))
	raw, err := json.Marshal(before.Day(p, noon.Add(5*time.Minute)))
	if err != nil {
		t.Fatal(err)
	}
	var kept Day
	if err := json.Unmarshal(raw, &kept); err != nil {
		t.Fatal(err)
	}
	want := Day{"2026-11-27", map[string]Spent{"1001": {2, 7 * time.Minute}}, map[string]Spent{"t": {2, 7 * time.Minute}}}
	if !reflect.DeepEqual(kept, want) {
		t.Errorf("kept %+v, want %+v", kept, want)
	}
	for _, c := range []struct {
		at    time.Time
		calls int
	}{{noon.Add(time.Hour), 1}, {noon.Add(24 * time.Hour), 3}} {
		var after Meter
		after.Resume(kept, p, c.at)
		made := 0
		for u, err := call(&after, c.at); err == nil; u, err = call(&after, c.at) {
			u.Done(c.at)
			made++
		}
		if made != c.calls {
			t.Errorf("at %s: %d calls more, want %d", c.at, made, c.calls)
		}
	}
	var bad Meter
	bad.Resume(Day{Date: "2026-11-27", Phones: map[string]Spent{"1001": {-5, -time.Hour}}}, p, noon)
	if got := bad.OfPhone("1001", p, noon); got != (Used{}) {
		t.Errorf("less than nothing counts as %+v", got)
	}
}
