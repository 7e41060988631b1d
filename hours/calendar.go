// Package hours says whether a hotline is open at an instant, why, and until when.
//
// It knows weekly spans, holidays, make-up working days (调休), single exceptions and an emergency close. It is not a shift planner
// for people, keeps no clock and reads no files: the caller brings the instant and the calendar.
//
// A span belongs to the day on which it starts. A night shift that begins on the eve of a holiday therefore runs to its end, and one
// that would begin on the holiday does not take place.
package hours

import (
	"fmt"
	"strconv"
	"strings"
	"time"
	_ "time/tzdata" // a calendar must not depend on what is installed beside the binary
)

// Date is a calendar day in the calendar's own zone, written "2026-10-01". Other writings are reported by Calendar.Check and match
// no day.
type Date string

// Clock is a time of day in minutes since midnight, 0 to 1440; 1440 is 24:00, the end of the day.
type Clock int

// Span is one stretch of opening hours. A span whose To is not after From runs over midnight into the next day.
type Span struct {
	Day      time.Weekday // the day on which the span starts
	From, To Clock
}

// Hours is a stretch of opening hours without a weekday, for a single day. To not after From runs over midnight.
type Hours struct {
	From, To Clock
}

// Exception replaces everything else about one day, holidays and make-up days included. No Hours means closed all day.
type Exception struct {
	Name  string // shown as the reason; "" says only that it is an exception
	Hours []Hours
}

// Emergency closes the calendar whatever else it says.
type Emergency struct {
	Why   string    // shown as the reason
	Since time.Time // zero: always has been
	Until time.Time // zero: until it is lifted, which Check warns about
}

// Calendar is the opening hours of one hotline. It is read-only while used: replace it whole. The zero value is never open.
type Calendar struct {
	Name       string
	Zone       *time.Location     // nil: Asia/Shanghai
	Weekly     []Span             // overlapping spans count once
	Holidays   map[Date]string    // day -> name; no span starts on it
	Workdays   map[Date]string    // make-up day -> whose hours it takes: "monday", "friday 国庆节调休", "周五"; "" is Monday
	Exceptions map[Date]Exception // wins over holidays and make-up days
	Emergency  *Emergency         // nil: none
}

// shanghai is the zone of a calendar that names none. The zone is fixed data of the binary; China has kept no summer time since 1991.
var shanghai = loadShanghai() //nolint:gochecknoglobals // a constant that the standard library has to look up

// loadShanghai falls back to the fixed offset, which is right for every year this program will see.
func loadShanghai() *time.Location {
	if zone, err := time.LoadLocation("Asia/Shanghai"); err == nil {
		return zone
	}
	return time.FixedZone("Asia/Shanghai", 8*60*60)
}

// zone is the calendar's zone.
func (c *Calendar) zone() *time.Location {
	if c.Zone == nil {
		return shanghai
	}
	return c.Zone
}

// DateOf is the day of an instant in its own zone.
func DateOf(t time.Time) Date { return Date(t.Format(time.DateOnly)) }

// Time is midnight at the start of the day in a zone. The error names a date that is none.
func (d Date) Time(zone *time.Location) (time.Time, error) {
	t, err := time.ParseInLocation(time.DateOnly, string(d), zone)
	if err != nil {
		return time.Time{}, fmt.Errorf("%q is no date; write it like 2026-10-01", string(d))
	}
	return t, nil
}

// ParseClock reads "09:00" to "24:00".
func ParseClock(s string) (Clock, error) {
	hour, minute, found := strings.Cut(s, ":")
	h, errHour := strconv.ParseUint(hour, 10, 8)
	m, errMinute := strconv.ParseUint(minute, 10, 8)
	c := Clock(h*60 + m)
	if !found || errHour != nil || errMinute != nil || len(hour) > 2 || len(minute) != 2 || m > 59 || c > 24*60 {
		return 0, fmt.Errorf("%q is no time of day; write it like 09:00, 24:00 at the latest", s)
	}
	return c, nil
}

// String is "09:00".
func (c Clock) String() string { return fmt.Sprintf("%02d:%02d", int(c)/60, int(c)%60) }

// weekdays are the names of days in what people write, all small letters.
var weekdays = map[string]time.Weekday{
	"sunday": time.Sunday, "monday": time.Monday, "tuesday": time.Tuesday, "wednesday": time.Wednesday, "thursday": time.Thursday,
	"friday": time.Friday, "saturday": time.Saturday,
	"sun": time.Sunday, "mon": time.Monday, "tue": time.Tuesday, "wed": time.Wednesday, "thu": time.Thursday, "fri": time.Friday,
	"sat": time.Saturday,
	"周日":  time.Sunday, "周一": time.Monday, "周二": time.Tuesday, "周三": time.Wednesday, "周四": time.Thursday, "周五": time.Friday,
	"周六": time.Saturday,
}

// ParseWeekday reads "monday", "mon" or "周一".
func ParseWeekday(s string) (time.Weekday, error) {
	day, ok := weekdays[strings.ToLower(strings.TrimSpace(s))]
	if !ok {
		return 0, fmt.Errorf("%q is no day of the week", s)
	}
	return day, nil
}

// makeUp reads the value of a make-up day: the weekday whose hours count, and the rest as a name.
func makeUp(value string) (day time.Weekday, name string, err error) {
	word, name, _ := strings.Cut(strings.TrimSpace(value), " ")
	if word == "" {
		return time.Monday, "", nil
	}
	day, err = ParseWeekday(word)
	return day, strings.TrimSpace(name), err
}
