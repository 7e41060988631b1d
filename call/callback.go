package call

import (
	"cmp"
	"time"

	"hotline/ivr"
	"hotline/route"
)

// Prompts of the shipped set that callbacks play.
const (
	backAgent = "callback-agent" // to the agent, while the customer is dialled
	backHello = "callback-hello" // to the customer who is dialled first
)

// backRing is how long a customer's phone rings where a Callback does not say.
const backRing = 40 * time.Second

// Callback makes a call one that we begin: it keeps a customer's place in a queue, and dials them when it is their turn. The Setup's From is
// the customer.
type Callback struct {
	Of         ID     // the call that asked for it; "" none
	Number     string // E.164, dialled through Trunk
	Trunk      string // ids separated by commas; "" any
	Shown      string // our number that the customer sees; "": the trunk's own
	Queue      string
	Steps      []route.Step // none: the queue alone
	Priority   int
	Since      time.Time     // of the place; zero: now
	AgentFirst bool          // the agent's phone rings first; otherwise the customer's, who then stands at the head of the queue
	Ring       time.Duration // of the customer's phone; 0: 40 s
	Record     bool
	MaxWait    time.Duration // for the turn; 0: for ever
}

// absent is true while a callback has nobody on the line.
func (c *Call) absent() bool { return c.setup.Callback != nil && c.front == "" }

// keepPlace begins a callback: it waits for its turn.
func (c *Call) keepPlace() phase {
	b := c.setup.Callback
	c.wanted = b.Record
	steps := b.Steps
	if len(steps) == 0 {
		steps = []route.Step{{Queue: b.Queue}}
	}
	if c.since = b.Since; c.since.IsZero() {
		c.since = c.now
	}
	c.note(Fact{Kind: Routed, Topic: c.topic, Queue: b.Queue, Reason: "callback", ReasonZH: "预约的回电", Region: c.setup.Region.String(), Priority: b.Priority})
	return &waiting{place: &place{cmd: ivr.Queue{Queue: b.Queue, MaxWait: b.MaxWait}, steps: steps, queue: b.Queue, prio: b.Priority}, joining: true}
}

// turnCame: the queue gave the place up. With "turn" an agent would have been offered: now the customer is dialled.
func (p *waiting) turnCame(c *Call, why string) phase {
	if why == "turn" {
		return &reaching{place: p.place}
	}
	c.phase = &flowing{} // nothing is held any more
	return c.finish(end{cause: Unavailable, side: "system"})
}

// reaching dials the customer of a callback, with the agent on the line already or before an agent is looked for.
type reaching struct {
	*place
	talk *talking // with the agent who answered first; nil: the customer comes first
	play int      // what the agent hears before the ringing
}

func (p *reaching) enter(c *Call) {
	b := c.setup.Callback
	t := ivr.Target{Kind: ivr.ToNumber, Value: b.Number, Trunk: b.Trunk}
	c.legs[CallerLeg] = &leg{}
	c.note(Fact{Kind: Dialled, Leg: CallerLeg, To: t.Value, Trunk: t.Trunk})
	c.do(Dial{Leg: CallerLeg, Target: t, From: b.Shown})
	c.setTimer("ring", cmp.Or(b.Ring, backRing))
	if p.talk != nil {
		p.play = c.play(p.talk.leg, []ivr.Prompt{{File: backAgent}}, "", false)
	}
}

func (p *reaching) giveBack(c *Call) {
	if p.talk != nil {
		p.talk.giveBack(c)
	}
	c.end(CallerLeg, Cancelled, 0)
}

func (p *reaching) on(c *Call, ev Event) phase {
	switch ev := ev.(type) {
	case LegAnswered:
		if ev.Leg == CallerLeg {
			return p.reached(c)
		}
	case LegEnded:
		if ev.Leg == CallerLeg {
			return c.finish(end{cause: ev.Cause, sip: ev.SIP, side: "system"})
		}
		if p.talk != nil && ev.Leg == p.talk.leg {
			return c.finish(end{cause: Cancelled, side: "agent"})
		}
	case TimerFired:
		if ev.Timer.Name == "ring" {
			c.end(CallerLeg, NoAnswer, 0)
			return c.finish(end{cause: NoAnswer, side: "system"})
		}
	case PromptDone:
		if p.talk != nil && ev.Leg == p.talk.leg && ev.Play == p.play {
			c.play(p.talk.leg, []ivr.Prompt{{File: ringback}}, "", true)
		}
	}
	return p
}

// reached: the customer is on the line, and the call lives by them from now on.
func (p *reaching) reached(c *Call) phase {
	c.front, c.answered = CallerLeg, true
	c.note(Fact{Kind: Answered, Leg: CallerLeg})
	if p.talk != nil {
		if c.up(p.talk.leg) {
			c.do(StopPlay{Leg: p.talk.leg})
			return p.talk
		}
		return c.finish(end{cause: Cancelled, side: "agent"})
	}
	if c.wanted {
		c.startRecording("call", CallerLeg, "")
	}
	p.hello, p.cmd.MaxWait = true, 0
	return &waiting{place: p.place, joining: true}
}

// askCallback notes what a caller agreed on with the flow: who keeps callbacks hears of it.
func (c *Call) askCallback(cmd ivr.CallBack) {
	f := Fact{Kind: CallbackAsked, To: cmd.Number, Topic: cmp.Or(cmd.Topic, c.topic), DID: c.setup.Plan.DID, Region: c.setup.Region.String()}
	last := c.last
	switch {
	case cmd.Queue != "":
		f.Queue, f.Steps = cmd.Queue, []route.Step{{Queue: cmd.Queue}}
	case last != nil:
		f.Queue, f.Steps, f.Priority = last.queue, last.steps, last.prio
	default:
		choice, _ := c.setup.Routes.Choose(route.Query{DID: c.setup.Plan.DID, Region: c.setup.Region, Topic: f.Topic, At: c.now})
		if f.Steps = choice.Steps; len(choice.Steps) > 0 {
			f.Queue, f.Priority = choice.Steps[0].Queue, choice.Priority
		}
	}
	if !c.since.IsZero() {
		f.For = c.now.Sub(c.since)
	}
	c.note(f)
}
