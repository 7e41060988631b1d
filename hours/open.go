package hours

import (
	"fmt"
	"slices"
	"time"
)

// horizon is how many days ahead Open looks for the next change. Nobody needs a date further off, and a closed calendar has none.
const horizon = 400

// State is the answer of Open.
type State struct {
	Open  bool
	Why   string    // one readable sentence in English
	WhyZH string    // the same in Chinese
	Until time.Time // when Open changes next, in the calendar's zone; zero: not within 400 days
}

// stretch is one opening between two instants, the second not included.
type stretch struct {
	from, to time.Time
	day      day
}

// day is what the calendar says about one date.
type day struct {
	hours []Hours
	why   string // "" on an ordinary day
	whyZH string
}

// Open says whether the calendar is open at t, why, and until when. A nil calendar is always open: a rule that names no hours.
func (c *Calendar) Open(t time.Time) State {
	if c == nil {
		return State{Open: true, Why: "open at all hours", WhyZH: "全天开放"}
	}
	t = t.In(c.zone())
	s := c.regular(t)
	e := c.Emergency
	switch {
	case e == nil || !e.Until.IsZero() && !t.Before(e.Until):
		return s
	case t.Before(e.Since):
		return c.beforeEmergency(s)
	}
	out := State{Why: "closed for an emergency", WhyZH: "紧急关闭"}
	if e.Why != "" {
		out.Why, out.WhyZH = out.Why+": "+e.Why, out.WhyZH+"："+e.Why
	}
	if e.Until.IsZero() {
		return out
	}
	end := e.Until.In(c.zone())
	if after := c.regular(end); after.Open {
		out.Until = end
	} else {
		out.Until = after.Until
	}
	return out
}

// After is when the calendar will have been open for d since t; zero: not within sight, since it closes for good. A nil calendar is always
// open. What an emergency takes away that nobody has declared yet is not known.
func (c *Calendar) After(t time.Time, d time.Duration) time.Time {
	for range horizon {
		s := c.Open(t)
		switch {
		case s.Open && (s.Until.IsZero() || !s.Until.Before(t.Add(d))):
			return t.Add(d)
		case s.Until.IsZero():
			return time.Time{}
		case s.Open:
			d -= s.Until.Sub(t)
		}
		t = s.Until
	}
	return time.Time{}
}

// beforeEmergency shortens a state that an announced emergency will end.
func (c *Calendar) beforeEmergency(s State) State {
	since := c.Emergency.Since.In(c.zone())
	switch {
	case s.Open && (s.Until.IsZero() || s.Until.After(since)):
		s.Until = since
	case !s.Open && !s.Until.IsZero() && !s.Until.Before(since):
		// It would open inside the emergency: ask again when that is over.
		s.Until = time.Time{}
		if !c.Emergency.Until.IsZero() {
			s.Until = c.Open(since).Until
		}
	}
	return s
}

// regular is Open without the emergency.
func (c *Calendar) regular(t time.Time) State {
	today := c.day(t)
	next, found := c.next(t)
	if !found || t.Before(next.from) {
		s := State{Why: "closed: " + closedWhy(today), WhyZH: closedWhyZH(today)}
		if found {
			s.Until = next.from
		}
		return s
	}
	s := State{Open: true, Why: "open", WhyZH: "营业中", Until: next.to}
	if next.day.why != "" {
		s.Why, s.WhyZH = "open: "+next.day.why, "营业中:"+next.day.whyZH
	}
	if next.to.Sub(t) > (horizon-2)*24*time.Hour {
		s.Until = time.Time{}
	}
	return s
}

// closedWhy is the reason of a day on which the calendar is closed at the moment.
func closedWhy(d day) string {
	if d.why != "" {
		return d.why
	}
	return "outside opening hours"
}

// closedWhyZH is closedWhy in Chinese.
func closedWhyZH(d day) string {
	if d.whyZH != "" {
		return "休息:" + d.whyZH
	}
	return "非营业时间"
}

// next is the opening that holds t, or the first after it, joined with all that touch it.
func (c *Calendar) next(t time.Time) (stretch, bool) {
	var cur stretch
	found := false
	for i := -1; i <= horizon; i++ {
		date := time.Date(t.Year(), t.Month(), t.Day()+i, 0, 0, 0, 0, t.Location())
		openings := c.openings(date)
		// Openings of later days start at midnight or later, so a gap before this day is final.
		if found && cur.to.Before(date) {
			break
		}
		for _, o := range openings {
			switch {
			case !o.to.After(t):
			case !found:
				cur, found = o, true
			case !o.from.After(cur.to):
				if o.to.After(cur.to) {
					cur.to = o.to
				}
			default:
				return cur, true
			}
		}
	}
	return cur, found
}

// openings are the stretches that start on a date, by start.
func (c *Calendar) openings(date time.Time) []stretch {
	d := c.day(date)
	out := make([]stretch, 0, len(d.hours))
	for _, h := range d.hours {
		if !h.usable() {
			continue // Check reports it
		}
		to := int(h.To)
		if h.To < h.From {
			to += 24 * 60
		}
		out = append(out, stretch{from: at(date, int(h.From)), to: at(date, to), day: d})
	}
	slices.SortStableFunc(out, func(a, b stretch) int { return a.from.Compare(b.from) })
	return out
}

// at is a time of day by the wall clock, so that 09:00 stays 09:00 on the day the clocks change.
func at(date time.Time, minutes int) time.Time {
	return time.Date(date.Year(), date.Month(), date.Day(), 0, minutes, 0, 0, date.Location())
}

// day says what counts on the date of an instant: exception, holiday, make-up day, weekday, in this order.
func (c *Calendar) day(t time.Time) day {
	date := DateOf(t)
	if e, ok := c.Exceptions[date]; ok {
		name := e.Name
		if name == "" {
			name = string(date)
		}
		return day{hours: e.Hours, why: "exception " + name, whyZH: "特别安排 " + name}
	}
	if name, ok := c.Holidays[date]; ok {
		return day{why: "holiday " + name, whyZH: "节假日 " + name}
	}
	value, ok := c.Workdays[date]
	if !ok {
		return day{hours: c.weekly(t.Weekday())}
	}
	weekday, name, err := makeUp(value)
	if err != nil {
		return day{hours: c.weekly(t.Weekday())}
	}
	why := fmt.Sprintf("make-up working day with the hours of %s", weekday)
	whyZH := "调休上班,按" + chineseDays[weekday] + "时间"
	if name != "" {
		why, whyZH = why+" ("+name+")", whyZH+"("+name+")"
	}
	return day{hours: c.weekly(weekday), why: why, whyZH: whyZH}
}

// chineseDays are the days of the week in Chinese, by time.Weekday.
var chineseDays = [...]string{"周日", "周一", "周二", "周三", "周四", "周五", "周六"}

// weekly are the spans of one weekday.
func (c *Calendar) weekly(weekday time.Weekday) []Hours {
	var out []Hours
	for _, s := range c.Weekly {
		if s.Day == weekday {
			out = append(out, s.hours())
		}
	}
	return out
}
