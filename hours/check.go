package hours

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// Problem is one thing wrong with a calendar.
type Problem struct {
	Where   string // "weekly 3", "holidays 2026-02-30"
	Text    string // one sentence
	Warning bool   // the calendar works, but probably not as meant
}

// Problems are all of them, in the order weekly, holidays, make-up days, exceptions, emergency, years.
type Problems []Problem

// Error joins the sentences, one a line.
func (ps Problems) Error() string {
	lines := make([]string, len(ps))
	for i, p := range ps {
		lines[i] = p.String()
	}
	return strings.Join(lines, "\n")
}

// Err is nil when there are at most warnings, and the mistakes otherwise.
func (ps Problems) Err() error {
	mistakes := slices.DeleteFunc(slices.Clone(ps), func(p Problem) bool { return p.Warning })
	if len(mistakes) == 0 {
		return nil
	}
	return mistakes
}

// String is "weekly 3: ...", with "warning: " in front of a warning.
func (p Problem) String() string {
	if p.Warning {
		return "warning: " + p.Where + ": " + p.Text
	}
	return p.Where + ": " + p.Text
}

// add notes a mistake.
func (ps *Problems) add(where, format string, args ...any) {
	*ps = append(*ps, Problem{Where: where, Text: fmt.Sprintf(format, args...)})
}

// warn notes a warning.
func (ps *Problems) warn(where, format string, args ...any) {
	*ps = append(*ps, Problem{Where: where, Text: fmt.Sprintf(format, args...), Warning: true})
}

// noticeMonth is the month in which the State Council has published the next year's holidays.
const noticeMonth = time.November

// Check looks for mistakes and for what somebody will soon have forgotten. now decides which years the holidays must cover: the
// present one, and from November on the next.
func (c *Calendar) Check(now time.Time) Problems {
	var ps Problems
	c.checkWeekly(&ps)
	for _, date := range slices.Sorted(maps.Keys(c.Holidays)) {
		c.checkDate(&ps, "holidays", date)
		if _, both := c.Workdays[date]; both {
			ps.add("workdays "+string(date), "is a holiday and a make-up working day")
		}
	}
	for _, date := range slices.Sorted(maps.Keys(c.Workdays)) {
		c.checkDate(&ps, "workdays", date)
		day, _, err := makeUp(c.Workdays[date])
		if err != nil {
			ps.add("workdays "+string(date), "%v", err)
		} else if len(c.weekly(day)) == 0 {
			ps.warn("workdays "+string(date), "takes the hours of %s, which has none", day)
		}
	}
	for _, date := range slices.Sorted(maps.Keys(c.Exceptions)) {
		c.checkDate(&ps, "exceptions", date)
		checkHours(&ps, "exceptions "+string(date), c.Exceptions[date].Hours)
	}
	c.checkEmergency(&ps, now)
	c.checkYears(&ps, now.In(c.zone()))
	return ps
}

// checkDate looks at one date.
func (c *Calendar) checkDate(ps *Problems, where string, date Date) {
	if _, err := date.Time(c.zone()); err != nil {
		ps.add(where+" "+string(date), "%v", err)
	}
}

// checkWeekly looks at the spans of the week, and finds those that overlap, over midnight and from Saturday to Sunday too.
func (c *Calendar) checkWeekly(ps *Problems) {
	if len(c.Weekly) == 0 && len(c.Exceptions) == 0 {
		ps.warn("weekly", "has no spans, so the calendar is never open")
	}
	for i, s := range c.Weekly {
		where := fmt.Sprintf("weekly %d", i+1)
		if s.Day < time.Sunday || s.Day > time.Saturday {
			ps.add(where, "day %d is none; 0 is Sunday and 6 Saturday", int(s.Day))
			continue
		}
		if !checkRange(ps, where, s.hours()) {
			continue
		}
		for j, o := range c.Weekly[:i] {
			if o.hours().usable() && overlap(s, o) {
				ps.add(where, "%s %s-%s overlaps weekly %d, %s %s-%s", s.Day, s.From, s.To, j+1, o.Day, o.From, o.To)
			}
		}
	}
}

// checkHours looks at the hours of one day.
func checkHours(ps *Problems, where string, hours []Hours) {
	for i, h := range hours {
		if !checkRange(ps, where, h) {
			continue
		}
		for _, o := range hours[:i] {
			if o.usable() && overlap(Span{From: h.From, To: h.To}, Span{From: o.From, To: o.To}) {
				ps.add(where, "%s-%s overlaps %s-%s", h.From, h.To, o.From, o.To)
			}
		}
	}
}

// checkRange looks at two times of day. It is false when they cannot be used.
func checkRange(ps *Problems, where string, h Hours) bool {
	switch {
	case h.usable():
		return true
	case h.From == h.To:
		ps.add(where, "%s-%s is empty; all day is 00:00-24:00", h.From, h.To)
	default:
		ps.add(where, "%s-%s lies outside the day; 00:00 to 24:00 is possible", h.From, h.To)
	}
	return false
}

// hours is the span without its day.
func (s Span) hours() Hours { return Hours{From: s.From, To: s.To} }

// usable says whether the times lie in a day and differ. Open passes over those that do not.
func (h Hours) usable() bool {
	return h.From >= 0 && h.From < 24*60 && h.To >= 0 && h.To <= 24*60 && h.From != h.To
}

// weekMinutes is the length of a week.
const weekMinutes = 7 * 24 * 60

// overlap says whether two usable spans share a minute of the week.
func overlap(a, b Span) bool {
	start := func(s Span) int { return int(s.Day)*24*60 + int(s.From) }
	length := func(s Span) int { return (int(s.To)-int(s.From)+24*60-1)%(24*60) + 1 }
	ahead := func(from, to int) int { return (to - from + weekMinutes) % weekMinutes }
	return ahead(start(a), start(b)) < length(a) || ahead(start(b), start(a)) < length(b)
}

// checkEmergency looks for an emergency that cannot end or never was.
func (c *Calendar) checkEmergency(ps *Problems, now time.Time) {
	e := c.Emergency
	switch {
	case e == nil:
	case e.Until.IsZero():
		ps.warn("emergency", "has no end, so the calendar stays closed until somebody lifts it")
	case !e.Until.After(e.Since):
		ps.add("emergency", "ends before it begins")
	case !now.Before(e.Until):
		ps.warn("emergency", "ended at %s and can be removed", e.Until.In(c.zone()).Format("2006-01-02 15:04"))
	}
}

// checkYears warns about years without holidays. A calendar that has none at all is meant so: a hotline that never closes.
func (c *Calendar) checkYears(ps *Problems, now time.Time) {
	if len(c.Holidays) == 0 {
		return
	}
	years := []int{now.Year()}
	if now.Month() >= noticeMonth {
		years = append(years, now.Year()+1)
	}
	for _, year := range years {
		prefix := fmt.Sprintf("%04d-", year)
		known := false
		for date := range c.Holidays {
			known = known || strings.HasPrefix(string(date), prefix)
		}
		if !known {
			ps.warn("holidays", "has none for %d; the State Council publishes each year's in November before it", year)
		}
	}
}
