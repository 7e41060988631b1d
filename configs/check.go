package configs

import (
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"time"

	"hotline/hours"
	"hotline/internal/yamldoc"
	"hotline/ivr"
)

// checker gathers what a document says about things that refer to each other.
type checker struct {
	doc    *yamldoc.Doc
	queues map[string]bool
	phones map[string]bool
	trunks map[string]bool
	flows  map[string]bool
	cals   map[string]bool
}

// check finds what decoding cannot: names used twice, names that lead nowhere, values out of range.
func (d *Data) check(doc *yamldoc.Doc) {
	c := &checker{doc: doc, queues: map[string]bool{}, phones: map[string]bool{}, trunks: map[string]bool{}, flows: map[string]bool{}, cals: map[string]bool{}}
	library := &ivr.Library{Flows: map[string]*ivr.Flow{}, Calendars: map[string]*hours.Calendar{}}
	for i, cal := range d.Calendars {
		path := fmt.Sprintf("calendars[%d]", i)
		c.id(c.cals, path+".id", cal.ID)
		built, err := cal.build()
		if err != nil {
			doc.At(path, "%v", err)
			continue
		}
		library.Calendars[cal.ID] = built
	}
	for i, q := range d.Queues {
		c.id(c.queues, fmt.Sprintf("queues[%d].id", i), q.ID)
	}
	for _, p := range d.Phones {
		if c.phones[p.User] {
			doc.At("phones", "%s is listed twice", p.User)
		}
		c.phones[p.User] = true
	}
	for i, t := range d.Trunks {
		c.trunk(fmt.Sprintf("trunks[%d]", i), t)
	}
	c.flowSources(d.Sources, library)
	c.numbers(d.Numbers)
	c.routes(d.Routes)
	c.people(d.People)
	for _, p := range library.Lint() {
		if !p.Warning {
			doc.Problems = append(doc.Problems, yamldoc.Problem{File: p.File, Line: p.Line, Text: p.Text})
		}
	}
}

// id notes a name and complains of an empty or doubled one.
func (c *checker) id(seen map[string]bool, path, id string) {
	switch {
	case id == "":
		c.doc.At(path, "give it a name")
	case seen[id]:
		c.doc.At(path, "%q is used twice", id)
	}
	seen[id] = true
}

// refers complains of a name that leads nowhere; an empty one is left to others.
func (c *checker) refers(known map[string]bool, path, what, id string) {
	if id == "" || known[id] {
		return
	}
	names := make([]string, 0, len(known))
	for n := range known {
		names = append(names, n)
	}
	slices.Sort(names)
	if len(names) > 12 {
		names = append(names[:12], "...")
	}
	c.doc.At(path, "there is no %s %q; there is %s", what, id, strings.Join(names, ", "))
}

func (c *checker) trunk(path string, t Trunk) {
	c.id(c.trunks, path+".id", t.ID)
	for i, s := range t.Sources {
		if _, err := prefix(s); err != nil {
			c.doc.At(fmt.Sprintf("%s.sources[%d]", path, i), "%q is no address or prefix such as 203.0.113.7 or 203.0.113.0/24", s)
		}
	}
	for i, target := range t.Targets {
		at := fmt.Sprintf("%s.targets[%d]", path, i)
		if _, err := netip.ParseAddrPort(target.Address); err != nil {
			c.doc.At(at+".address", "%q is no address with a port such as 203.0.113.7:5060", target.Address)
		}
		if target.Transport != "" && target.Transport != "udp" && target.Transport != "tcp" {
			c.doc.At(at+".transport", "udp or tcp, not %q", target.Transport)
		}
	}
	if len(t.Sources) == 0 && len(t.Targets) == 0 {
		c.doc.At(path, "give sources (for calls in), targets (for calls out), or both")
	}
}

// prefix reads an address or a prefix.
func prefix(s string) (netip.Prefix, error) {
	if addr, err := netip.ParseAddr(s); err == nil {
		return netip.PrefixFrom(addr, addr.BitLen()), nil
	}
	return netip.ParsePrefix(s)
}

func (c *checker) flowSources(sources []FlowSource, library *ivr.Library) {
	for _, s := range sources {
		f, err := ivr.Read(s.File, []byte(s.Source))
		if err != nil {
			c.adopt(s.File, err)
			continue
		}
		if c.flows[f.ID] {
			c.doc.Problems = append(c.doc.Problems, yamldoc.Problem{File: s.File, Text: fmt.Sprintf("flow %q exists twice", f.ID)})
		}
		c.flows[f.ID] = true
		library.Flows[f.ID] = f
	}
}

// adopt takes a flow's own findings over.
func (c *checker) adopt(file string, err error) {
	var problems ivr.Problems
	if !errors.As(err, &problems) {
		c.doc.Problems = append(c.doc.Problems, yamldoc.Problem{File: file, Text: err.Error()})
		return
	}
	for _, p := range problems {
		c.doc.Problems = append(c.doc.Problems, yamldoc.Problem{File: p.File, Line: p.Line, Text: p.Text})
	}
}

func (c *checker) numbers(numbers []Number) {
	for i, n := range numbers {
		path := fmt.Sprintf("numbers[%d]", i)
		if n.Number == "" {
			c.doc.At(path+".number", "give the number that is dialled")
		}
		if n.From != "" && n.From != "trunk" && n.From != "phone" {
			c.doc.At(path+".from", "trunk or phone, not %q", n.From)
		}
		if n.Flow == "" {
			c.doc.At(path+".flow", "say which flow answers")
		}
		c.refers(c.flows, path+".flow", "flow", n.Flow)
		c.refers(c.trunks, path+".trunk", "trunk", n.Trunk)
	}
}

func (c *checker) routes(routes []Route) {
	seen := map[string]bool{}
	for i, r := range routes {
		path := fmt.Sprintf("routes[%d]", i)
		c.id(seen, path+".id", r.ID)
		c.refers(c.cals, path+".hours", "calendar", r.Hours)
		if len(r.Steps) == 0 {
			c.doc.At(path+".steps", "name at least one queue")
		}
		for n, s := range r.Steps {
			c.refers(c.queues, fmt.Sprintf("%s.steps[%d].queue", path, n), "queue", s.Queue)
		}
	}
}

func (c *checker) people(people []Person) {
	seen := map[string]bool{}
	for _, p := range people {
		if seen[p.Login] || p.Login == "" {
			c.doc.At("people", "login %q is empty or listed twice", p.Login)
		}
		seen[p.Login] = true
		if p.Role != "" && p.Role != "agent" && p.Role != "supervisor" && p.Role != "admin" {
			c.doc.At("people", "%s: role is agent, supervisor or admin, not %q", p.Login, p.Role)
		}
		c.refers(c.phones, "people", "phone", p.Phone)
		for q := range p.Queues {
			c.refers(c.queues, "people", "queue", q)
		}
	}
}

// build makes the calendar that the rules use.
func (c Calendar) build() (*hours.Calendar, error) {
	out := &hours.Calendar{Name: c.ID, Holidays: map[hours.Date]string{}, Workdays: map[hours.Date]string{}}
	if c.Zone != "" {
		zone, err := time.LoadLocation(c.Zone)
		if err != nil {
			return nil, fmt.Errorf("zone: %w", err)
		}
		out.Zone = zone
	}
	for _, line := range c.Weekly {
		spans, err := parseWeekly(line)
		if err != nil {
			return nil, fmt.Errorf("weekly %q: %w", line, err)
		}
		out.Weekly = append(out.Weekly, spans...)
	}
	for day, name := range c.Holidays {
		out.Holidays[hours.Date(day)] = name
	}
	for day, like := range c.Workdays {
		out.Workdays[hours.Date(day)] = like
	}
	if c.Closed != nil {
		e := &hours.Emergency{Why: c.Closed.Why}
		if c.Closed.Until != "" {
			until, err := time.Parse(time.RFC3339, c.Closed.Until)
			if err != nil {
				return nil, fmt.Errorf("closed.until: %w", err)
			}
			e.Until = until
		}
		out.Emergency = e
	}
	return out, nil
}

var weekdays = []string{"sun", "mon", "tue", "wed", "thu", "fri", "sat"}

// parseWeekly reads "mon-fri 09:00-18:00" or "sat,sun 22:00-06:00"; "daily" is every day.
func parseWeekly(line string) ([]hours.Span, error) {
	days, times, ok := strings.Cut(strings.TrimSpace(line), " ")
	from, to, ok2 := strings.Cut(strings.TrimSpace(times), "-")
	if !ok || !ok2 {
		return nil, fmt.Errorf("write it as mon-fri 09:00-18:00")
	}
	a, err := clock(from)
	if err != nil {
		return nil, err
	}
	b, err := clock(to)
	if err != nil {
		return nil, err
	}
	on, err := daysOf(days)
	if err != nil {
		return nil, err
	}
	var spans []hours.Span
	for _, d := range on {
		spans = append(spans, hours.Span{Day: d, From: a, To: b})
	}
	return spans, nil
}

func daysOf(text string) ([]time.Weekday, error) {
	if text == "daily" {
		text = "mon-sun"
	}
	var all []time.Weekday
	for part := range strings.SplitSeq(text, ",") {
		a, b, ok := strings.Cut(part, "-")
		if !ok {
			b = a
		}
		from, to := slices.Index(weekdays, a), slices.Index(weekdays, b)
		if from < 0 || to < 0 {
			return nil, fmt.Errorf("%q is no day; days are %v or daily", part, weekdays)
		}
		for d := from; ; d = (d + 1) % 7 {
			all = append(all, time.Weekday(d))
			if d == to {
				break
			}
		}
	}
	return all, nil
}

func clock(text string) (hours.Clock, error) {
	var h, m int
	if _, err := fmt.Sscanf(text, "%d:%d", &h, &m); err != nil || h < 0 || h > 24 || m < 0 || m > 59 || h*60+m > 1440 {
		return 0, fmt.Errorf("%q is no time of day such as 09:00", text)
	}
	return hours.Clock(h*60 + m), nil
}
