package configs

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"hotline/account"
	"hotline/hours"
	"hotline/internal/yamldoc"
	"hotline/ivr"
	"hotline/ivr/form"
	"hotline/ivr/lint"
	"hotline/media/codec"
	"hotline/media/sdp"
	"hotline/number"
	"hotline/route"
)

// checker gathers what a document says about things that refer to each other.
type checker struct {
	doc      *yamldoc.Doc
	warnings yamldoc.Problems
	queues   map[string]bool
	phones   map[string]bool
	trunks   map[string]bool
	flows    map[string]bool
	library  *ivr.Library
	built    *Built
}

// check finds what decoding cannot: names used twice, names that lead nowhere, values out of range, and what the rooms
// that use the data say of it. It returns the warnings, which it also puts into Warnings.
func (d *Data) check(doc *yamldoc.Doc) yamldoc.Problems {
	library := &ivr.Library{Flows: map[string]*ivr.Flow{}, Calendars: map[string]*hours.Calendar{}}
	c := &checker{
		doc: doc, queues: map[string]bool{}, phones: map[string]bool{}, trunks: map[string]bool{}, flows: map[string]bool{}, library: library,
		built: &Built{Routes: &route.Table{Calendars: library.Calendars}, ByPhone: map[string]string{}},
	}
	c.calendars(d.Calendars)
	for i, q := range d.Queues {
		c.queue(fmt.Sprintf("queues[%d]", i), q)
	}
	c.phoneAccounts(d.Phones)
	for i, t := range d.Trunks {
		c.trunk(fmt.Sprintf("trunks[%d]", i), t)
	}
	for i, q := range d.Queues {
		c.callback(fmt.Sprintf("queues[%d].callback", i), q.Callback)
	}
	c.flowSources(d.Sources)
	c.numbers(d.Numbers)
	c.routes(d.Routes)
	c.table(d)
	c.people(d.People)
	c.callers("callers.vip", d.Callers.VIP)
	c.callers("callers.blocked", d.Callers.Blocked)
	c.outside(d)
	c.codes(d)
	if len(doc.Problems) == 0 {
		c.trunkSet(d.Trunks)
	}
	d.Warnings = nil
	for _, w := range c.warnings {
		d.Warnings = append(d.Warnings, yamldoc.Problem{File: w.File, Line: w.Line, Text: "warning: " + w.Text}.Error())
	}
	return c.warnings
}

// Recheck is what ReadData would say of a centre that comes from the store or an editor: paths such as "queues[2].ring" say where,
// for flows File and Line do.
func (d *Data) Recheck() (problems, warnings yamldoc.Problems) {
	for i := range d.People {
		d.People[i].at = fmt.Sprintf("people[%d]", i)
	}
	for i := range d.Phones {
		d.Phones[i].at = fmt.Sprintf("phones[%d]", i)
	}
	doc := &yamldoc.Doc{}
	warnings = d.check(doc)
	return doc.Problems, warnings
}

func (c *checker) warn(path, format string, args ...any) {
	c.warnings = append(c.warnings, yamldoc.Problem{File: c.doc.File, Line: c.doc.Line(path), Path: path, Text: fmt.Sprintf(format, args...)})
}

func (c *checker) calendars(calendars []Calendar) {
	seen := map[string]bool{}
	for i, cal := range calendars {
		path := fmt.Sprintf("calendars[%d]", i)
		c.id(seen, path+".id", cal.ID)
		built, err := cal.build()
		if err != nil {
			c.doc.At(path, "%v", err)
			built = &hours.Calendar{} // so that who refers to it is not blamed
		}
		c.library.Calendars[cal.ID] = built
		if err != nil {
			continue
		}
		for _, p := range built.Check(time.Now()) {
			if p.Warning {
				c.warn(path, "calendar %s: %s: %s", cal.ID, p.Where, p.Text)
			} else {
				c.doc.At(path, "calendar %s: %s: %s", cal.ID, p.Where, p.Text)
			}
		}
	}
}

func (c *checker) phoneAccounts(phones []Phone) {
	for _, p := range phones {
		if c.phones[p.User] || p.User == "" {
			c.doc.At(p.at, "user %q is empty or listed twice", p.User)
		}
		c.phones[p.User] = true
		c.srtp(p.at+".srtp", p.SRTP)
		c.codecs(p.at+".codecs", p.Codecs)
		if p.Password == "" && p.HA1MD5 == "" && p.HA1SHA256 == "" {
			c.doc.At(p.at, "%s has no password: write one, or `generate`", p.User)
		}
	}
}

func (c *checker) codecs(path string, names []string) {
	if _, err := codec.List(names); err != nil {
		c.doc.At(path, "%v", err)
	}
}

func (c *checker) srtp(path, policy string) {
	if _, ok := sdp.SecurityNamed(policy); !ok && policy != "" {
		c.doc.At(path, "off, optional or required, not %q", policy)
	}
}

func (c *checker) callers(path string, numbers []string) {
	for i, text := range numbers {
		if number.Parse(text).E164 == "" {
			c.doc.At(fmt.Sprintf("%s[%d]", path, i), "%q is no telephone number", text)
		}
	}
}

// table adds what route.Check finds where nothing was said of the entry yet. That no rule takes every call is only a warning.
func (c *checker) table(d *Data) {
	c.built.numbers(d.Numbers)
	c.built.rules(d.Routes)
	for _, err := range c.built.Routes.Check() {
		path := "routes"
		var kind string
		var n int
		if _, scan := fmt.Sscanf(err.Error(), "%s %d ", &kind, &n); scan == nil {
			path = fmt.Sprintf("%ss[%d]", strings.Replace(strings.TrimSuffix(kind, "s"), "rule", "route", 1), n-1)
		}
		switch {
		case errors.Is(err, route.ErrNoCatchAll):
			c.warn(path, "%v", err)
		case !c.blamed(path):
			c.doc.At(path, "%v", err)
		}
	}
}

// blamed is true where an entry has a problem already.
func (c *checker) blamed(path string) bool {
	return slices.ContainsFunc(c.doc.Problems, func(p yamldoc.Problem) bool { return strings.HasPrefix(p.Path, path+".") })
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

func (c *checker) flowSources(sources []FlowSource) {
	files := map[string]bool{}
	for _, s := range sources {
		if name := flowName(s); files[name] {
			c.doc.Problems = append(c.doc.Problems, yamldoc.Problem{File: s.File, Text: fmt.Sprintf("two files with flows are called %s: rename one", name)})
		} else {
			files[name] = true
		}
		f, err := ivr.Read(s.File, []byte(s.Source))
		if err != nil {
			c.adopt(s.File, err)
			continue
		}
		if c.flows[f.ID] {
			c.doc.Problems = append(c.doc.Problems, yamldoc.Problem{File: s.File, Text: fmt.Sprintf("flow %q exists twice", f.ID)})
		}
		c.flows[f.ID] = true
		c.library.Flows[f.ID] = f
	}
	c.library.Queues = c.queues
	for _, p := range lint.Flows(c.library) {
		if p.Warning {
			c.warnings = append(c.warnings, yamldoc.Problem{File: p.File, Line: p.Line, Text: p.Text})
		} else {
			c.doc.Problems = append(c.doc.Problems, yamldoc.Problem{File: p.File, Line: p.Line, Text: p.Text})
		}
	}
}

func (c *checker) calendarNames() map[string]bool {
	names := map[string]bool{}
	for n := range c.library.Calendars {
		names[n] = true
	}
	return names
}

// adopt takes a flow's own findings over.
func (c *checker) adopt(file string, err error) {
	var problems form.Problems
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
		if n.From != "" && n.From != "trunk" && n.From != "phone" && n.From != "web" {
			c.doc.At(path+".from", "trunk, phone or web, not %q", n.From)
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
		c.refers(c.calendarNames(), path+".hours", "calendar", r.Hours)
		if len(r.Steps) == 0 {
			c.doc.At(path+".steps", "name at least one queue")
		}
		for n, s := range r.Steps {
			c.refers(c.queues, fmt.Sprintf("%s.steps[%d].queue", path, n), "queue", s.Queue)
			c.anyOf(fmt.Sprintf("%s.steps[%d].any", path, n), s.Any)
		}
	}
}

func (c *checker) people(people []Person) {
	seen, phones := map[string]bool{}, map[string]string{}
	for _, p := range people {
		if seen[strings.ToLower(p.Login)] || p.Login == "" {
			c.doc.At(p.at, "login %q is empty or listed twice", p.Login)
		}
		seen[strings.ToLower(p.Login)] = true
		if p.Role != "" && p.Role != "agent" && p.Role != "supervisor" && p.Role != "admin" {
			c.doc.At(p.at, "%s: role is agent, supervisor or admin, not %q", p.Login, p.Role)
		}
		if p.Password != "" {
			if err := account.CheckPassword(p.Password, p.Login); err != nil {
				c.doc.At(p.at, "%s: %v", p.Login, err)
			}
		}
		c.refers(c.phones, p.at+".phone", "phone", p.Phone)
		if other := phones[p.Phone]; other != "" && p.Phone != "" {
			c.doc.At(p.at, "%s and %s have the same phone %s", other, p.Login, p.Phone)
		}
		phones[p.Phone] = p.Login
		c.membership(p)
	}
}

// membership checks the queues of one person.
func (c *checker) membership(p Person) {
	for q, level := range p.Queues {
		c.refers(c.queues, p.at+".queues", "queue", q)
		if level < 0 || level > 100 {
			c.doc.At(p.at, "%s: the level in queue %s is a number from 0 to 100, not %d", p.Login, q, level)
		}
	}
	if len(p.Queues) > 0 && p.Phone == "" {
		c.warn(p.at, "%s is in queues but has no phone, and is offered nobody", p.Login)
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
	a, err := hours.ParseClock(from)
	if err != nil {
		return nil, err
	}
	b, err := hours.ParseClock(to)
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
