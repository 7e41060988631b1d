package configs

import (
	"fmt"
	"slices"
	"time"
	"unicode/utf8"

	"hotline/queue"
	"hotline/route"
)

// Queue is a line of callers.
type Queue struct {
	ID            string        `yaml:"id" json:"id"`
	Name          string        `yaml:"name,omitempty" json:"name,omitempty"`
	Strategy      string        `yaml:"strategy,omitempty" json:"strategy,omitempty"`
	Ring          time.Duration `yaml:"ring,omitempty" json:"ring,omitempty"`
	RingNext      time.Duration `yaml:"ring_next,omitempty" json:"ringNext,omitempty"` // for ring-progressively
	WrapUp        time.Duration `yaml:"wrap_up,omitempty" json:"wrapUp,omitempty"`
	WrapMore      time.Duration `yaml:"wrap_more,omitempty" json:"wrapMore,omitempty"`           // a wrap-up may be lengthened by it, once
	Dispositions  []string      `yaml:"dispositions,omitempty" json:"dispositions,omitempty"`    // what agents may choose from; none: anything
	Script        string        `yaml:"script,omitempty" json:"script,omitempty"`                // what agents are shown to say; "": nothing
	MustDispose   bool          `yaml:"must_dispose,omitempty" json:"mustDispose,omitempty"`     // wrap-up lasts until one is chosen
	MaxWait       time.Duration `yaml:"max_wait,omitempty" json:"maxWait,omitempty"`             // 0: for ever
	MaxWaiting    int           `yaml:"max_waiting,omitempty" json:"maxWaiting,omitempty"`       // 0: any number
	PriorityWorth time.Duration `yaml:"priority_worth,omitempty" json:"priorityWorth,omitempty"` // the waiting that one point of priority is worth
	Familiar      time.Duration `yaml:"familiar,omitempty" json:"familiar,omitempty"`            // how long a caller waits for the agent they know
	FamiliarDays  int           `yaml:"familiar_days,omitempty" json:"familiarDays,omitempty"`   // 0: 30
	Hours         string        `yaml:"hours,omitempty" json:"hours,omitempty"`                  // a calendar; none: always open
	AtClosing     string        `yaml:"at_closing,omitempty" json:"atClosing,omitempty"`         // serve (also when empty) or leave
	Music         string        `yaml:"music,omitempty" json:"music,omitempty"`
	Whisper       *Whisper      `yaml:"whisper,omitempty" json:"whisper,omitempty"`
	Callback      *Callback     `yaml:"callback,omitempty" json:"callback,omitempty"`
	Misses        int           `yaml:"misses,omitempty" json:"misses,omitempty"` // unanswered offers in a row until 未应答; 0 never
}

// Whisper is what an agent hears, alone, before a caller is put through.
type Whisper struct {
	Prompt string            `yaml:"prompt,omitempty" json:"prompt,omitempty"`
	Topics map[string]string `yaml:"topics,omitempty" json:"topics,omitempty"` // topic -> prompt
	Wait   bool              `yaml:"wait,omitempty" json:"wait,omitempty"`     // how long the caller has waited
}

// Callback is how the customers of a queue are called back.
type Callback struct {
	First    string        `yaml:"first,omitempty" json:"first,omitempty"`        // agent (also when empty) or customer
	Ring     time.Duration `yaml:"ring,omitempty" json:"ring,omitempty"`          // of the customer's phone; 0: 40 s
	Tries    int           `yaml:"tries,omitempty" json:"tries,omitempty"`        // 0: 3
	Retry    time.Duration `yaml:"retry,omitempty" json:"retry,omitempty"`        // 0: 10 min
	Expires  time.Duration `yaml:"expires,omitempty" json:"expires,omitempty"`    // 0: 12 h
	Trunk    string        `yaml:"trunk,omitempty" json:"trunk,omitempty"`        // "": any
	CallerID string        `yaml:"caller_id,omitempty" json:"callerId,omitempty"` // "": the number the customer called
	Record   bool          `yaml:"record,omitempty" json:"record,omitempty"`
}

func (c *checker) callback(path string, b *Callback) {
	if b == nil {
		return
	}
	if !slices.Contains([]string{"", "agent", "customer"}, b.First) {
		c.doc.At(path+".first", "agent or customer, not %q", b.First)
	}
	for key, span := range map[string]struct{ is, most time.Duration }{
		"ring": {b.Ring, 2 * time.Minute}, "retry": {b.Retry, 24 * time.Hour}, "expires": {b.Expires, 7 * 24 * time.Hour},
	} {
		if span.is < 0 || span.is > span.most {
			c.doc.At(path+"."+key, "a time from 0s to %s, not %s", span.most, span.is)
		}
	}
	if b.Tries < 0 || b.Tries > 10 {
		c.doc.At(path+".tries", "from 0 (3 tries) to 10")
	}
	c.refers(c.trunks, path+".trunk", "trunk", b.Trunk)
}

// maxScript is how many characters a script may have: it is read while somebody waits.
const maxScript = 10_000

// familiarDays is how long an agent is known to a caller where a queue does not say.
const familiarDays = 30

func (q Queue) build() queue.Queue {
	days := q.FamiliarDays
	if days == 0 {
		days = familiarDays
	}
	return queue.Queue{
		ID: q.ID, Name: q.Name, Strategy: queue.Strategy(q.Strategy), RingFor: q.Ring, RingNext: q.RingNext, WrapUp: q.WrapUp, WrapMore: q.WrapMore,
		Disposition: q.MustDispose, MaxWait: q.MaxWait, MaxWaiting: q.MaxWaiting, PriorityWorth: q.PriorityWorth,
		FamiliarFor: q.Familiar, FamiliarWithin: time.Duration(days) * 24 * time.Hour, ClosingLeaves: q.AtClosing == "leave",
		Music: q.Music, MissesBeforeAway: q.Misses,
	}
}

func (c *checker) queue(path string, q Queue) {
	c.id(c.queues, path+".id", q.ID)
	if s := queue.Strategy(q.Strategy); s != "" && !s.Known() {
		c.doc.At(path+".strategy", "%q is no strategy; there is %v", s, queue.Strategies)
	}
	for key, d := range map[string]time.Duration{
		"ring": q.Ring, "ring_next": q.RingNext, "wrap_up": q.WrapUp, "wrap_more": q.WrapMore, "max_wait": q.MaxWait,
		"priority_worth": q.PriorityWorth, "familiar": q.Familiar,
	} {
		if d < 0 || d > 24*time.Hour {
			c.doc.At(path+"."+key, "a time from 0s to 24h, not %s", d)
		}
	}
	for key, n := range map[string]int{"max_waiting": q.MaxWaiting, "misses": q.Misses, "familiar_days": q.FamiliarDays} {
		if n < 0 {
			c.doc.At(path+"."+key, "0 or more")
		}
	}
	if n := utf8.RuneCountInString(q.Script); n > maxScript {
		c.doc.At(path+".script", "at most %d characters, not %d", maxScript, n)
	}
	if !slices.Contains([]string{"", "serve", "leave"}, q.AtClosing) {
		c.doc.At(path+".at_closing", "serve or leave, not %q", q.AtClosing)
	}
	if q.AtClosing != "" && q.Hours == "" {
		c.doc.At(path+".at_closing", "is about hours, and the queue has none")
	}
	c.refers(c.calendarNames(), path+".hours", "calendar", q.Hours)
}

// needs turns skills with their levels into what a route asks for, by name.
func needs(skills map[string]int) []route.Need {
	var all []route.Need
	for skill, level := range skills {
		all = append(all, route.Need{Skill: skill, Level: level})
	}
	slices.SortFunc(all, func(x, y route.Need) int {
		if x.Skill < y.Skill {
			return -1
		}
		return 1
	})
	return all
}

// anyOf checks the alternatives of a step.
func (c *checker) anyOf(path string, any []map[string]int) {
	for i, list := range any {
		if len(list) < 2 {
			c.doc.At(fmt.Sprintf("%s[%d]", path, i), "name at least two skills to choose from; one alone belongs under skills")
		}
	}
}
