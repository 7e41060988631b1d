package ivr

import (
	"strings"
	"time"

	"hotline/hours"
	"hotline/ivr/form"
	"hotline/ivr/variable"
	"hotline/number"
)

// hoursNode asks a calendar whether it is open now. While the whole centre is closed out of turn it is not, and the caller hears why.
type hoursNode struct {
	calendar              string
	line                  int
	open, closed, holiday form.Way
}

func readHours(_ *Flow, s *form.Section) body {
	n := hoursNode{}
	n.calendar, n.line = s.Need("calendar", "give the id of a calendar")
	on := s.Sub("on")
	n.open, n.closed, n.holiday = on.Must("open"), on.Must("closed"), on.Way("holiday")
	on.Done()
	return n
}

func (n hoursNode) begin(r *Run) move {
	c, ok := r.lib.Calendars[n.calendar]
	switch {
	case !ok || c == nil:
		return hangUp(causeInternal, 0)
	case r.facts.Shut != nil:
		if len(r.facts.Shut.Said) == 0 {
			return take(n.closed)
		}
		r.answer()
		r.plays++
		r.say(Play{Play: r.plays, Prompts: r.facts.Shut.Said, Language: r.language})
		return waitFor(playing{play: r.plays, next: n.closed})
	case c.Open(r.now).Open:
		return take(n.open)
	case n.holiday.To != "" && holiday(c, r.now):
		return take(n.holiday)
	}
	return take(n.closed)
}

func (n hoursNode) refers() Reference { return Reference{To: "calendar", ID: n.calendar, Line: n.line} }

// holiday says whether the day of an instant is a holiday of the calendar.
func holiday(c *hours.Calendar, t time.Time) bool {
	zone := c.Zone
	if zone == nil {
		zone = time.FixedZone("CST", 8*60*60) // Asia/Shanghai, which has known no summer time since 1991
	}
	_, yes := c.Holidays[hours.Date(t.In(zone).Format(time.DateOnly))]
	return yes
}

// callerNode looks at who calls.
type callerNode struct{ vip, blocked, anonymous, otherwise form.Way }

func readCaller(_ *Flow, s *form.Section) body {
	on := s.Sub("on")
	defer on.Done()
	return callerNode{vip: on.Way("vip"), blocked: on.Way("blocked"), anonymous: on.Way("anonymous"), otherwise: on.Must("else")}
}

func (n callerNode) begin(r *Run) move {
	switch c := r.facts; {
	case c.Blocked && n.blocked.To != "":
		return take(n.blocked)
	case c.VIP && n.vip.To != "":
		return take(n.vip)
	case c.Caller.Kind == number.Anonymous && n.anonymous.To != "":
		return take(n.anonymous)
	}
	return take(n.otherwise)
}

// regionNode looks at where the caller is from: the city first, then the province.
type regionNode struct {
	regions   map[string]form.Way // "广东" or "广东/广州"
	otherwise form.Way
}

func readRegion(_ *Flow, s *form.Section) body {
	n := regionNode{regions: map[string]form.Way{}}
	regions := s.Sub("regions")
	if regions.Len() == 0 {
		s.Bad(regions.Line, "%s needs \"regions\": which region leads where, such as 广东/广州: south", s.What)
	}
	regions.All(form.AsWays, func(region, to string, line int) {
		province, city, both := strings.Cut(region, "/")
		if province == "" || both && (city == "" || strings.Contains(city, "/")) {
			s.Bad(line, "%s has the region %q: write 广东 or 广东/广州", s.What, region)
		}
		n.regions[region] = s.Note(form.Way{Name: "region " + region, To: to, Line: line, Need: true})
	})
	n.otherwise = s.Must("else")
	return n
}

func (n regionNode) begin(r *Run) move {
	where := r.facts.Region
	if e, ok := n.regions[where.Province+"/"+where.City]; ok {
		return take(e)
	}
	if e, ok := n.regions[where.Province]; ok && where.Province != "" {
		return take(e)
	}
	return take(n.otherwise)
}

// branchNode asks a condition in the language of github.com/expr-lang/expr. What cannot be answered goes the way else.
type branchNode struct {
	condition       variable.Condition
	then, otherwise form.Way
}

const maxCondition = 1000 // bytes

func readBranch(_ *Flow, s *form.Section) body {
	text, line := s.Need("if", "write a condition, such as if: level == \"gold\"")
	n := branchNode{then: s.Must("then"), otherwise: s.Must("else")}
	if len(text) > maxCondition {
		s.Bad(line, "the condition of %s has %d bytes; it may have %d: split it into two branches", s.What, len(text), maxCondition)
		return n
	}
	if text == "" {
		return n
	}
	var err error
	if n.condition, err = variable.Compile(text); err != nil {
		first, _, _ := strings.Cut(err.Error(), "\n")
		s.Bad(line, "the condition of %s cannot be read (%s): compare variables, such as level == \"gold\" and int(age) > 17", s.What, first)
	}
	return n
}

func (n branchNode) begin(r *Run) move {
	if n.condition.Holds(r.env()) {
		return take(n.then)
	}
	return take(n.otherwise)
}

// setNode gives variables values, in the order of the file.
type setNode struct {
	names  []string
	values []variable.Text
	next   form.Way
}

func readSet(_ *Flow, s *form.Section) body {
	n := setNode{next: s.Must("next")}
	vars := s.Sub("vars")
	if vars.Len() == 0 {
		s.Bad(vars.Line, "%s needs \"vars\": names with their values", s.What)
	}
	vars.All(form.AsTexts, func(name, value string, line int) {
		settable(s, name, line)
		n.names = append(n.names, name)
		n.values = append(n.values, s.Variables(value, line))
	})
	return n
}

func (n setNode) begin(r *Run) move {
	for i, name := range n.names {
		r.assign(name, n.values[i].Fill(r.value, nil))
	}
	return take(n.next)
}
