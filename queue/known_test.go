package queue

import (
	"slices"
	"time"
)

type known struct {
	Request
	seq     int
	joined  time.Time
	latest  int
	active  map[int]bool
	offers  map[string]string // open: offer -> agent
	refused map[string]bool
	only    string // the agent who alone may serve for now; "": anybody
}

type member struct {
	state   State
	at      time.Time
	offer   string
	talks   bool
	asked   string // the request of the offer or talk
	wrap    time.Time
	given   map[string]bool
	next    State
	reach   bool
	lost    time.Time // when the device went away; zero: never
	busy    bool
	missing string // the request whose disposition is missing
	wraps   int
	closed  int
}

func (k *checker) before(c, o *known) bool {
	if a, b := k.rank(c), k.rank(o); !a.Equal(b) {
		return a.Before(b)
	}
	if !c.Since.Equal(o.Since) {
		return c.Since.Before(o.Since)
	}
	return c.seq < o.seq
}

// rank is the time that decides the order: a point of priority is worth some waiting, whatever else happens.
func (k *checker) rank(c *known) time.Time {
	q, ok := k.queues[k.home(c)]
	if !ok {
		return k.b.callers[c.ID].rank // its queues are gone while it rings: the rank it had
	}
	worth := q.PriorityWorth
	if worth == 0 {
		worth = 10 * time.Minute
	}
	return c.Since.Add(-time.Duration(c.Priority) * worth)
}

func (m *member) atDesk() bool { return m != nil && atDesk(m.state) }

func hasAny(skills map[string]int, any [][]Need) bool {
	for _, list := range any {
		if !slices.ContainsFunc(list, func(n Need) bool { return hasAll(skills, []Need{n}) }) {
			return false
		}
	}
	return true
}

func hasAll(skills map[string]int, needs []Need) bool {
	for _, n := range needs {
		if level, ok := skills[n.Skill]; !ok || level < n.Level {
			return false
		}
	}
	return true
}

// refuse: an agent did not take the caller, who does not wait for them any more.
func (c *known) refuse(agent string) {
	c.refused[agent] = true
	if c.only == agent {
		c.only = ""
	}
}

// turn: there is an agent whom the caller would have been offered now, and nobody stands before them at that one.
func (k *checker) turn(c *known) {
	if !c.Turns {
		k.fail("%s leaves at its turn and waits for an offer", c.ID)
	}
	if c.only != "" && k.mayOpen(c) {
		c.only = ""
	}
	for agent := range k.staff {
		if !k.free(agent) || !k.canServe(agent, c) {
			continue
		}
		first := true
		for _, o := range k.callers {
			first = first && (o == c || len(o.offers) > 0 || !k.before(o, c) || !k.canServe(agent, o))
		}
		if first {
			return
		}
	}
	k.fail("%s leaves at its turn, and no agent is free for it", c.ID)
}

func (k *checker) home(c *known) string {
	for _, s := range c.Steps {
		if _, ok := k.queues[s.Queue]; ok {
			return s.Queue
		}
	}
	return ""
}

func (k *checker) patience(c *known) time.Time {
	most := c.MaxWait
	if most == 0 && !c.Absent {
		most = k.queues[k.home(c)].MaxWait
	}
	if most == 0 {
		return time.Time{}
	}
	return c.joined.Add(most)
}

// atWork: in a talk or an offer, or signed in with a device that is there or was half a minute ago.
func (m *member) atWork(now time.Time) bool {
	there := m.reach || !m.lost.IsZero() && now.Before(m.lost.Add(30*time.Second))
	return m.offer != "" || m.busy || m.next != "" && m.next != Offline && there
}
