package call

import (
	"cmp"
	"strings"
	"time"

	"hotline/ivr"
	"hotline/route"
)

// ringColleague bounds how long an agent who is named rings.
const ringColleague = 30 * time.Second

// way is what a number that a phone dials leads to: whom it rings, or a flow.
type way struct {
	dial *ivr.Dial // nil: a flow that does something else first
	plan route.Plan
	run  *ivr.Run
	said []ivr.Command // its first

	queue   *ivr.Queue // of wayToConsult: where one waits for an agent
	skipped int
}

// The kinds of destinations that a command may name beside what a phone could dial.
const (
	toAgent = "agent"
	toQueue = "queue"
	toFlow  = "flow"
)

// wayTo asks the routes and the flow what a phone that dials the target would reach, or what agent:ID, queue:NAME and flow:NAME lead to; a
// status when that is not to be.
func (c *Call) wayTo(to, phone string) (w way, status int) {
	if phone == "" {
		return w, Forbidden.SIP()
	}
	kind, name, named := strings.Cut(to, ":")
	if named && kind == toAgent {
		return c.wayToAgent(name)
	}
	s := c.setup
	w.plan = route.Plan{Flow: name, DID: s.Plan.DID, Topic: c.topic, Language: c.language}
	start := s.Flows.Start
	switch {
	case !named:
		var ok bool
		if w.plan, ok = s.Routes.Arrive(to, route.Origin{Kind: route.FromPhone, Phone: phone}); !ok {
			return w, NotFound.SIP()
		}
	case kind == toQueue:
		start = s.Flows.StartQueue
	case kind != toFlow:
		return w, NotFound.SIP()
	}
	run, err := start(w.plan.Flow, ivr.Context{
		Caller: s.From, Region: s.Region, Dialled: to, DID: w.plan.DID, Topic: w.plan.Topic, Language: w.plan.Language, VIP: s.VIP, Blocked: s.Blocked, Vars: s.Vars,
		Shut: s.Shut,
	})
	if err != nil {
		return w, NotFound.SIP()
	}
	w.run, w.said = run, run.Step(c.now, ivr.Begin{})
	return w, c.look(&w)
}

// wayToDesk is wayToAgent, or for "" leads to a phone that is no agent's.
func (c *Call) wayToDesk(agent, phone string) (w way, status int) {
	if agent != "" {
		return c.wayToAgent(agent)
	}
	t := ivr.Target{Kind: ivr.ToPhone, Value: phone}
	w.dial = &ivr.Dial{Targets: []ivr.Target{t}, For: ringColleague}
	return w, c.barred(w.dial.Targets)
}

// wayToAgent leads to the phone of an agent, whatever number it has.
func (c *Call) wayToAgent(agent string) (w way, status int) {
	for phone, id := range c.setup.Agents {
		if id == agent {
			t := ivr.Target{Kind: ivr.ToPhone, Value: phone}
			w.dial = &ivr.Dial{Targets: []ivr.Target{t}, For: ringColleague}
			return w, c.barred(w.dial.Targets)
		}
	}
	return w, NotFound.SIP()
}

// look says where the first commands of a flow lead.
func (c *Call) look(w *way) (status int) {
	for _, said := range w.said {
		switch said := said.(type) {
		case ivr.Entered, ivr.Ring, ivr.Topic:
		case ivr.Dial:
			w.dial = &said
			return c.barred(said.Targets)
		case ivr.Hangup:
			return cmp.Or(said.SIP, Cause(said.Cause).SIP())
		case ivr.Early:
			return Forbidden.SIP() // it announces why nobody can be reached: nothing to hand a caller over to
		default:
			return 0
		}
	}
	return Forbidden.SIP()
}

// mostSkipped bounds how many announcements of a flow are passed over for who consults it.
const mostSkipped = 20

// wayToConsult is wayTo for an agent who wants to talk to whoever is there: what the flow says first is passed over. One that asks for keys or
// looks something up cannot be consulted.
func (c *Call) wayToConsult(to, phone string) (w way, status int) {
	if w, status = c.wayTo(to, phone); status != 0 || w.dial != nil {
		return w, status
	}
	for said := w.said; len(said) > 0 && w.skipped < mostSkipped; w.skipped++ {
		play := 0
		for _, cmd := range said {
			switch cmd := cmd.(type) {
			case ivr.Queue:
				w.queue = &cmd
				return w, 0
			case ivr.Dial:
				w.dial = &cmd
				return w, c.barred(cmd.Targets)
			case ivr.Play:
				play = cmd.Play
			}
		}
		if play == 0 {
			break
		}
		said = w.run.Step(c.now, ivr.Played{Play: play})
	}
	return w, NotAcceptable.SIP()
}

// barred is the status for targets that may not be transferred to, or are on this call already; 0 when they may be rung.
func (c *Call) barred(targets []ivr.Target) int {
	for _, t := range targets {
		switch {
		case t.Kind == ivr.ToPhone:
		case t.Kind == ivr.ToNumber && c.setup.Outside:
			continue
		default:
			return Forbidden.SIP()
		}
		for _, l := range c.legs {
			if l.phone == t.Value {
				return Busy.SIP()
			}
		}
	}
	return 0
}
