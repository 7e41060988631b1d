package hours

import (
	"strings"
	"testing"
	"time"
)

func TestCheck(t *testing.T) {
	now := instant(t, "2026-03-11 10:00")
	tests := map[string]struct {
		change  func(*Calendar)
		want    string
		warning bool
	}{
		"overlap":            {func(c *Calendar) { c.Weekly = append(c.Weekly, Span{Day: time.Monday, From: 11 * 60, To: 13 * 60}) }, "weekly 11: Monday 11:00-13:00 overlaps weekly 1", false},
		"overlap over night": {func(c *Calendar) { c.Weekly = append(c.Weekly, Span{Day: time.Sunday, From: 22 * 60, To: 10 * 60}) }, "overlaps weekly 1", false},
		"overlap over weekend": {func(c *Calendar) {
			c.Weekly = append(c.Weekly, Span{Day: time.Saturday, From: 22 * 60, To: 120}, Span{Day: time.Sunday, From: 60, To: 180})
		}, "weekly 12: Sunday 01:00-03:00 overlaps weekly 11", false},
		"no such weekday":     {func(c *Calendar) { c.Weekly[0].Day = 7 }, "weekly 1: day 7", false},
		"empty span":          {func(c *Calendar) { c.Weekly[0].To = c.Weekly[0].From }, "weekly 1: 09:00-09:00 is empty", false},
		"after midnight":      {func(c *Calendar) { c.Weekly[0].To = 1441 }, "weekly 1: 09:00-24:01 lies outside", false},
		"no weekly":           {func(c *Calendar) { c.Weekly, c.Workdays = nil, nil }, "weekly: has no spans", true},
		"bad holiday":         {func(c *Calendar) { c.Holidays["2026-02-30"] = "x" }, "holidays 2026-02-30: ", false},
		"bad writing":         {func(c *Calendar) { c.Holidays["2026-2-3"] = "x" }, "holidays 2026-2-3: ", false},
		"bad make-up day":     {func(c *Calendar) { c.Workdays["tomorrow"] = "monday" }, "workdays tomorrow: ", false},
		"bad weekday":         {func(c *Calendar) { c.Workdays["2026-10-10"] = "noday" }, "\"noday\" is no day", false},
		"weekday without":     {func(c *Calendar) { c.Workdays["2026-10-10"] = "sunday" }, "hours of Sunday, which has none", true},
		"holiday and make-up": {func(c *Calendar) { c.Holidays["2026-10-10"] = "x" }, "is a holiday and a make-up", false},
		"bad exception":       {func(c *Calendar) { c.Exceptions = map[Date]Exception{"x": {}} }, "exceptions x: ", false},
		"exception's hours":   {func(c *Calendar) { c.Exceptions = map[Date]Exception{"2026-03-11": {Hours: []Hours{{9, 9}}}} }, "is empty", false},
		"exception's overlap": {func(c *Calendar) {
			c.Exceptions = map[Date]Exception{"2026-03-11": {Hours: []Hours{{9, 30}, {20, 40}}}}
		}, "overlaps 00:09-00:30", false},
		"endless emergency":  {func(c *Calendar) { c.Emergency = &Emergency{} }, "emergency: has no end", true},
		"backward emergency": {func(c *Calendar) { c.Emergency = &Emergency{Since: now, Until: now} }, "ends before", false},
		"old emergency":      {func(c *Calendar) { c.Emergency = &Emergency{Until: now} }, "ended at 2026-03-11 10:00", true},
		"another year":       {func(c *Calendar) { c.Holidays = map[Date]string{"2025-01-01": "元旦"} }, "none for 2026", true},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			c := office(t)
			if ps := c.Check(now); len(ps) > 0 {
				t.Fatalf("the office itself: %v", ps)
			}
			tt.change(c)
			ps := c.Check(now)
			if len(ps) != 1 || !strings.Contains(ps[0].String(), tt.want) || ps[0].Warning != tt.warning {
				t.Fatalf("got %v, want one about %q", ps, tt.want)
			}
			if (ps.Err() == nil) != tt.warning {
				t.Errorf("Err is %v", ps.Err())
			}
		})
	}
}

// From November the next year's holidays have been published, so a calendar without them is about to be wrong.
func TestCheckWarnsOfNextYear(t *testing.T) {
	c := office(t)
	if ps := c.Check(instant(t, "2026-10-31 12:00")); len(ps) != 0 {
		t.Errorf("in October: %v", ps)
	}
	ps := c.Check(instant(t, "2026-11-01 00:00"))
	if len(ps) != 1 || !ps[0].Warning || !strings.Contains(ps[0].Text, "2027") {
		t.Errorf("in November: %v", ps)
	}
	c.Add(Year{Holidays: map[Date]string{"2027-01-01": "元旦"}})
	if ps := c.Check(instant(t, "2026-11-01 00:00")); len(ps) != 0 {
		t.Errorf("with 2027: %v", ps)
	}
	c.Holidays = nil
	c.Workdays = nil
	if ps := c.Check(instant(t, "2026-11-01 00:00")); len(ps) != 0 {
		t.Errorf("a hotline that knows no holidays: %v", ps)
	}
}

func TestAddKeepsWhatIsThere(t *testing.T) {
	c := &Calendar{Holidays: map[Date]string{"2026-10-01": "ours"}, Workdays: map[Date]string{"2026-10-10": "monday"}}
	year, _ := China(2026)
	c.Add(year)
	if c.Holidays["2026-10-01"] != "ours" || c.Workdays["2026-10-10"] != "monday" || c.Holidays["2026-10-02"] != "国庆节" {
		t.Errorf("got %v", c.Holidays)
	}
	(&Calendar{}).Add(year)
}

func TestParse(t *testing.T) {
	for text, want := range map[string]Clock{"00:00": 0, "09:05": 545, "9:05": 545, "24:00": 1440} {
		if got, err := ParseClock(text); err != nil || got != want {
			t.Errorf("%q: got %d %v", text, got, err)
		}
	}
	for _, text := range []string{"", "9", "24:01", "12:60", "-1:00", "12:5", "012:00", "ab:cd", "+9:00"} {
		if got, err := ParseClock(text); err == nil {
			t.Errorf("%q: got %v", text, got)
		}
	}
	for text, want := range map[string]time.Weekday{"Monday": time.Monday, "周日": time.Sunday, " sat ": time.Saturday} {
		if got, err := ParseWeekday(text); err != nil || got != want {
			t.Errorf("%q: got %v %v", text, got, err)
		}
	}
	for value, want := range map[string]string{"": "Monday/", "friday 春节": "Friday/春节", "周三": "Wednesday/", "tue  a b": "Tuesday/a b"} {
		day, name, err := makeUp(value)
		if got := day.String() + "/" + name; err != nil || got != want {
			t.Errorf("%q: got %q %v", value, got, err)
		}
	}
}

func FuzzParseClock(f *testing.F) {
	f.Add("09:00")
	f.Fuzz(func(t *testing.T, s string) {
		c, err := ParseClock(s)
		if err != nil {
			return
		}
		if again, err := ParseClock(c.String()); err != nil || again != c {
			t.Fatalf("%q prints as %q", s, c)
		}
	})
}
