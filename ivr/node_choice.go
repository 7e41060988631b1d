package ivr

import (
	"strings"
	"time"

	"hotline/hours"
	"hotline/ivr/variable"
	"hotline/number"
)

// hoursNode asks a calendar whether it is open now. While the whole centre is closed out of turn it is not, and the caller hears why.
type hoursNode struct {
	calendar              string
	line                  int
	open, closed, holiday edge
}

func readHours(_ *Flow, s *section) body {
	n := hoursNode{}
	n.calendar, n.line = s.need("calendar", "give the id of a calendar")
	on := s.sub("on")
	n.open, n.closed, n.holiday = on.must("open"), on.must("closed"), on.edge("holiday")
	on.done()
	return n
}

func (n hoursNode) begin(r *Run) move {
	c, ok := r.lib.Calendars[n.calendar]
	switch {
	case !ok || c == nil:
		return hangUp(causeInternal, 0)
	case r.facts.Shut != nil:
		if len(r.facts.Shut.Said) == 0 {
			return n.closed.take()
		}
		r.answer()
		r.plays++
		r.say(Play{Play: r.plays, Prompts: r.facts.Shut.Said, Language: r.language})
		return waitFor(playing{play: r.plays, next: n.closed})
	case c.Open(r.now).Open:
		return n.open.take()
	case n.holiday.to != "" && holiday(c, r.now):
		return n.holiday.take()
	}
	return n.closed.take()
}

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
type callerNode struct{ vip, blocked, anonymous, otherwise edge }

func readCaller(_ *Flow, s *section) body {
	on := s.sub("on")
	defer on.done()
	return callerNode{vip: on.edge("vip"), blocked: on.edge("blocked"), anonymous: on.edge("anonymous"), otherwise: on.must("else")}
}

func (n callerNode) begin(r *Run) move {
	switch c := r.facts; {
	case c.Blocked && n.blocked.to != "":
		return n.blocked.take()
	case c.VIP && n.vip.to != "":
		return n.vip.take()
	case c.Caller.Kind == number.Anonymous && n.anonymous.to != "":
		return n.anonymous.take()
	}
	return n.otherwise.take()
}

// regionNode looks at where the caller is from: the city first, then the province.
type regionNode struct {
	regions   map[string]edge // "广东" or "广东/广州"
	otherwise edge
}

func readRegion(_ *Flow, s *section) body {
	n := regionNode{regions: map[string]edge{}}
	regions := s.sub("regions")
	if len(regions.fields) == 0 {
		s.src.bad(regions.line, "%s needs \"regions\": which region leads where, such as 广东/广州: south", s.what)
	}
	regions.all(asWays, func(region, to string, line int) {
		province, city, both := strings.Cut(region, "/")
		if province == "" || both && (city == "" || strings.Contains(city, "/")) {
			s.src.bad(line, "%s has the region %q: write 广东 or 广东/广州", s.what, region)
		}
		n.regions[region] = s.src.note(edge{name: "region " + region, to: to, line: line, need: true})
	})
	n.otherwise = s.must("else")
	return n
}

func (n regionNode) begin(r *Run) move {
	where := r.facts.Region
	if e, ok := n.regions[where.Province+"/"+where.City]; ok {
		return e.take()
	}
	if e, ok := n.regions[where.Province]; ok && where.Province != "" {
		return e.take()
	}
	return n.otherwise.take()
}

// branchNode asks a condition in the language of github.com/expr-lang/expr. What cannot be answered takes the else edge.
type branchNode struct {
	condition       variable.Condition
	then, otherwise edge
}

const maxCondition = 1000 // bytes

func readBranch(_ *Flow, s *section) body {
	text, line := s.need("if", "write a condition, such as if: level == \"gold\"")
	n := branchNode{then: s.must("then"), otherwise: s.must("else")}
	if len(text) > maxCondition {
		s.src.bad(line, "the condition of %s has %d bytes; it may have %d: split it into two branches", s.what, len(text), maxCondition)
		return n
	}
	if text == "" {
		return n
	}
	var err error
	if n.condition, err = variable.Compile(text); err != nil {
		first, _, _ := strings.Cut(err.Error(), "\n")
		s.src.bad(line, "the condition of %s cannot be read (%s): compare variables, such as level == \"gold\" and int(age) > 17", s.what, first)
	}
	return n
}

func (n branchNode) begin(r *Run) move {
	if n.condition.Holds(r.env()) {
		return n.then.take()
	}
	return n.otherwise.take()
}

// setNode gives variables values, in the order of the file.
type setNode struct {
	names  []string
	values []variable.Text
	next   edge
}

func readSet(_ *Flow, s *section) body {
	n := setNode{next: s.must("next")}
	vars := s.sub("vars")
	if len(vars.fields) == 0 {
		s.src.bad(vars.line, "%s needs \"vars\": names with their values", s.what)
	}
	vars.all(asTexts, func(name, value string, line int) {
		s.variable(name, line)
		n.names = append(n.names, name)
		n.values = append(n.values, s.template(value, line))
	})
	return n
}

func (n setNode) begin(r *Run) move {
	for i, name := range n.names {
		r.assign(name, n.values[i].Fill(r.value, nil))
	}
	return n.next.take()
}
