package hours

import (
	"strings"
	"testing"
	"time"
)

// clock reads a time of day in a table of tests.
func clock(t testing.TB, s string) Clock {
	t.Helper()
	c, err := ParseClock(s)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// weekly gives the same hours to several weekdays.
func weekly(t testing.TB, days, from, to string) []Span {
	t.Helper()
	var out []Span
	for _, name := range strings.Fields(days) {
		day, err := ParseWeekday(name)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, Span{Day: day, From: clock(t, from), To: clock(t, to)})
	}
	return out
}

const workdays = "mon tue wed thu fri"

// office is open on working days from nine to twelve and from one to six, with the holidays of 2026.
func office(t testing.TB) *Calendar {
	t.Helper()
	c := &Calendar{Name: "office", Weekly: append(weekly(t, workdays, "09:00", "12:00"), weekly(t, workdays, "13:00", "18:00")...)}
	year, ok := China(2026)
	if !ok {
		t.Fatal("no holidays of 2026")
	}
	c.Add(year)
	return c
}

// instant reads "2026-10-01 09:00" in Shanghai.
func instant(t testing.TB, s string) time.Time {
	t.Helper()
	at, err := time.ParseInLocation("2006-01-02 15:04", s, shanghai)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

// check compares a state with what a row of a table wants; until "" is never.
func check(t *testing.T, at string, got State, open bool, until, why string) {
	t.Helper()
	when := ""
	if !got.Until.IsZero() {
		when = got.Until.In(shanghai).Format("2006-01-02 15:04")
	}
	if got.Open != open || when != until || !strings.Contains(got.Why, why) {
		t.Errorf("%s: got open %v until %q, %q; want %v until %q, %q", at, got.Open, when, got.Why, open, until, why)
	}
	if got.Why == "" || got.WhyZH == "" {
		t.Errorf("%s: no reason in %+v", at, got)
	}
}

func TestOffice(t *testing.T) {
	c := office(t)
	tests := []struct {
		at    string
		open  bool
		until string
		why   string
	}{
		{"2026-03-11 08:59", false, "2026-03-11 09:00", "outside opening hours"},
		{"2026-03-11 09:00", true, "2026-03-11 12:00", "open"},
		{"2026-03-11 11:59", true, "2026-03-11 12:00", "open"},
		{"2026-03-11 12:00", false, "2026-03-11 13:00", "outside opening hours"},
		{"2026-03-11 18:00", false, "2026-03-12 09:00", "outside opening hours"},
		{"2026-03-13 18:00", false, "2026-03-16 09:00", "outside opening hours"},
		{"2026-03-14 10:00", false, "2026-03-16 09:00", "outside opening hours"},
		// The National Day of 2026: the Sunday before it and the Saturday after it are worked.
		{"2026-09-20 10:00", true, "2026-09-20 12:00", "hours of Tuesday (国庆节调休)"},
		{"2026-09-30 18:00", false, "2026-10-08 09:00", "outside opening hours"},
		{"2026-10-01 10:00", false, "2026-10-08 09:00", "holiday 国庆节"},
		{"2026-10-07 23:59", false, "2026-10-08 09:00", "holiday 国庆节"},
		{"2026-10-09 18:00", false, "2026-10-10 09:00", "outside opening hours"},
		{"2026-10-10 10:00", true, "2026-10-10 12:00", "hours of Wednesday (国庆节调休)"},
		{"2026-10-11 10:00", false, "2026-10-12 09:00", "outside opening hours"},
	}
	for _, tt := range tests {
		check(t, tt.at, c.Open(instant(t, tt.at)), tt.open, tt.until, tt.why)
	}
}

// Every make-up day of 2026 is worked, and every holiday is not.
func TestChina2026(t *testing.T) {
	c := office(t)
	for _, day := range []string{"2026-01-04", "2026-02-14", "2026-02-28", "2026-05-09", "2026-09-20", "2026-10-10"} {
		at := instant(t, day+" 10:00")
		if wd := at.Weekday(); wd != time.Saturday && wd != time.Sunday {
			t.Errorf("%s is a %s", day, wd)
		}
		if !c.Open(at).Open {
			t.Errorf("%s is closed", day)
		}
	}
	year, _ := China(2026)
	if len(year.Holidays) != 3+9+3+5+3+3+7 || len(year.Workdays) != 6 {
		t.Errorf("got %d holidays and %d make-up days", len(year.Holidays), len(year.Workdays))
	}
	for date, name := range year.Holidays {
		if got := c.Open(instant(t, string(date)+" 10:00")); got.Open || !strings.Contains(got.WhyZH, name) {
			t.Errorf("%s: got %+v", date, got)
		}
	}
	year.Holidays["2026-03-11"] = "mine"
	if again, _ := China(2026); len(again.Holidays) != 33 {
		t.Error("the table belongs to whoever asked last")
	}
	if _, ok := China(2040); ok {
		t.Error("knows the holidays of 2040")
	}
}

func TestNightShift(t *testing.T) {
	c := &Calendar{Weekly: append(weekly(t, "mon tue wed thu fri sat sun", "20:00", "02:00"), weekly(t, "mon", "02:00", "04:00")...)}
	c.Holidays = map[Date]string{"2026-10-01": "国庆节"}
	tests := []struct {
		at    string
		open  bool
		until string
		why   string
	}{
		{"2026-03-11 01:59", true, "2026-03-11 02:00", "open"},
		{"2026-03-11 02:00", false, "2026-03-11 20:00", "outside"},
		{"2026-03-11 20:00", true, "2026-03-12 02:00", "open"},
		{"2026-03-15 23:00", true, "2026-03-16 04:00", "open"}, // Sunday's night touches Monday's early span
		{"2026-10-01 01:00", true, "2026-10-01 02:00", "open"}, // the eve's shift runs to its end
		{"2026-10-01 20:00", false, "2026-10-02 20:00", "holiday"},
		{"2026-10-02 01:00", false, "2026-10-02 20:00", "outside"},
	}
	for _, tt := range tests {
		check(t, tt.at, c.Open(instant(t, tt.at)), tt.open, tt.until, tt.why)
	}
}

func TestAlwaysAndNever(t *testing.T) {
	always := &Calendar{Weekly: weekly(t, "mon tue wed thu fri sat sun", "00:00", "24:00")}
	check(t, "always", always.Open(instant(t, "2026-03-11 10:00")), true, "", "open")
	check(t, "never", (&Calendar{}).Open(instant(t, "2026-03-11 10:00")), false, "", "closed")
	var none *Calendar
	check(t, "nil", none.Open(instant(t, "2026-03-11 10:00")), true, "", "all hours")
	always.Holidays = map[Date]string{"2026-03-13": "x"}
	check(t, "until a holiday", always.Open(instant(t, "2026-03-11 10:00")), true, "2026-03-13 00:00", "open")
}

func TestExceptions(t *testing.T) {
	c := office(t)
	c.Exceptions = map[Date]Exception{
		"2026-03-11": {Name: "stocktaking"},
		"2026-10-02": {Hours: []Hours{{From: 14 * 60, To: 16 * 60}, {From: 10 * 60, To: 11 * 60}}},
		"2026-10-10": {Name: "系统升级"},
	}
	check(t, "closed day", c.Open(instant(t, "2026-03-11 10:00")), false, "2026-03-12 09:00", "exception stocktaking")
	check(t, "holiday open", c.Open(instant(t, "2026-10-02 10:30")), true, "2026-10-02 11:00", "exception 2026-10-02")
	check(t, "holiday between", c.Open(instant(t, "2026-10-02 12:00")), false, "2026-10-02 14:00", "exception")
	check(t, "make-up day closed", c.Open(instant(t, "2026-10-10 10:00")), false, "2026-10-12 09:00", "系统升级")
}

func TestEmergency(t *testing.T) {
	c := office(t)
	c.Emergency = &Emergency{Why: "fire", Since: instant(t, "2026-03-11 10:00"), Until: instant(t, "2026-03-11 14:00")}
	check(t, "before", c.Open(instant(t, "2026-03-11 09:30")), true, "2026-03-11 10:00", "open")
	check(t, "inside", c.Open(instant(t, "2026-03-11 10:00")), false, "2026-03-11 14:00", "emergency: fire")
	check(t, "after", c.Open(instant(t, "2026-03-11 14:00")), true, "2026-03-11 18:00", "open")
	c.Emergency.Until = instant(t, "2026-03-11 19:00")
	check(t, "ends at night", c.Open(instant(t, "2026-03-11 10:00")), false, "2026-03-12 09:00", "fire")
	c.Emergency.Since = instant(t, "2026-03-11 08:00")
	check(t, "covers the opening", c.Open(instant(t, "2026-03-11 07:00")), false, "2026-03-12 09:00", "outside")
	c.Emergency.Until = time.Time{}
	check(t, "no end", c.Open(instant(t, "2026-03-11 10:00")), false, "", "fire")
	check(t, "no end, before", c.Open(instant(t, "2026-03-11 07:00")), false, "", "outside")
	c.Emergency = &Emergency{}
	check(t, "always", c.Open(instant(t, "2026-03-11 10:00")), false, "", "closed for an emergency")
}

func TestZones(t *testing.T) {
	c := office(t)
	utc := time.Date(2026, 3, 11, 1, 30, 0, 0, time.UTC) // half past nine in Shanghai
	if got := c.Open(utc); !got.Open || got.Until.Location() != shanghai {
		t.Errorf("got %+v", got)
	}
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	// On 2026-03-29 the clocks go from two to three: nine o'clock stays nine o'clock.
	c = &Calendar{Zone: berlin, Weekly: weekly(t, "sun", "09:00", "17:00")}
	got := c.Open(time.Date(2026, 3, 29, 0, 30, 0, 0, berlin))
	if want := time.Date(2026, 3, 29, 7, 0, 0, 0, time.UTC); !got.Until.Equal(want) {
		t.Errorf("got %v, want %v", got.Until, want)
	}
}

// Until is exactly the next instant at which Open changes: walk from one to the next and look on both sides.
func TestUntilIsTheNextChange(t *testing.T) {
	c := office(t)
	c.Weekly = append(c.Weekly, weekly(t, "sat", "22:00", "06:00")...)
	c.Exceptions = map[Date]Exception{"2026-05-20": {Hours: []Hours{{From: 0, To: 24 * 60}}}}
	c.Emergency = &Emergency{Since: instant(t, "2026-06-03 10:00"), Until: instant(t, "2026-06-04 10:30")}
	at := instant(t, "2026-01-01 00:00")
	end := instant(t, "2026-12-01 00:00")
	for changes := 0; at.Before(end); changes++ {
		s := c.Open(at)
		if s.Until.IsZero() || !s.Until.After(at) {
			t.Fatalf("%v: until %v", at, s.Until)
		}
		if before := c.Open(s.Until.Add(-time.Nanosecond)); before.Open != s.Open {
			t.Fatalf("%v: open is %v and changes before %v", at, s.Open, s.Until)
		}
		if after := c.Open(s.Until); after.Open == s.Open {
			t.Fatalf("%v: open is %v and does not change at %v", at, s.Open, s.Until)
		}
		at = s.Until
		if changes > 2000 {
			t.Fatal("too many changes in a year")
		}
	}
}

func FuzzOpen(f *testing.F) {
	f.Add(int64(1773194400), uint16(540), uint16(1080), uint8(1), "2026-10-01", "monday")
	f.Fuzz(func(t *testing.T, unix int64, from, to uint16, day uint8, date, value string) {
		if unix < -1<<40 || unix > 1<<40 {
			return
		}
		c := &Calendar{
			Weekly:     []Span{{Day: time.Weekday(day), From: Clock(from), To: Clock(to)}},
			Holidays:   map[Date]string{Date(date): "x"},
			Workdays:   map[Date]string{Date(value): value},
			Exceptions: map[Date]Exception{Date(date + value): {Hours: []Hours{{From: Clock(to), To: Clock(from)}}}},
		}
		at := time.Unix(unix, 0)
		s := c.Open(at)
		if s.Why == "" || !s.Until.IsZero() && !s.Until.After(at) {
			t.Fatalf("%v: got %+v", at, s)
		}
		_ = c.Check(at).Error()
	})
}

func BenchmarkOpen(b *testing.B) {
	c := office(b)
	at := instant(b, "2026-03-11 10:00")
	for b.Loop() {
		c.Open(at)
	}
}

// The time that counts is that in which the calendar is open: over nights, weekends and an emergency.
func TestAfter(t *testing.T) {
	office := &Calendar{Zone: time.UTC}
	for day := time.Monday; day <= time.Friday; day++ {
		office.Weekly = append(office.Weekly, Span{Day: day, From: 9 * 60, To: 18 * 60})
	}
	stormy := *office
	stormy.Emergency = &Emergency{Since: time.Date(2026, 3, 3, 9, 0, 0, 0, time.UTC), Until: time.Date(2026, 3, 3, 12, 0, 0, 0, time.UTC)}
	at := func(day, hour, minute int) time.Time { return time.Date(2026, 3, day, hour, minute, 0, 0, time.UTC) }
	for _, c := range []struct {
		cal  *Calendar
		from time.Time
		d    time.Duration
		want time.Time
	}{
		{office, at(2, 10, 0), time.Hour, at(2, 11, 0)}, {office, at(2, 17, 50), 12 * time.Hour, at(4, 11, 50)}, {office, at(2, 17, 0), time.Hour, at(2, 18, 0)},
		{office, at(6, 20, 0), time.Hour, at(9, 10, 0)}, {&stormy, at(2, 17, 0), 2 * time.Hour, at(3, 13, 0)}, {nil, at(7, 3, 0), time.Hour, at(7, 4, 0)},
		{&Calendar{}, at(2, 10, 0), time.Hour, time.Time{}},
	} {
		if got := c.cal.After(c.from, c.d); !got.Equal(c.want) {
			t.Errorf("%s and %s: got %s, want %s", c.from, c.d, got, c.want)
		}
	}
}
