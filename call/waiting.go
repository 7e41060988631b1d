package call

import (
	"strconv"
	"strings"
	"time"

	"hotline/ivr"
	"hotline/route"
)

// mostLost is how often within one moment a flow may ask for a queue that no rule gives.
const mostLost = 5

// place is the caller's stay in the queue: kept while agents are rung.
type place struct {
	cmd    ivr.Queue
	steps  []route.Step
	queue  string
	prio   int
	told   int // the position last announced
	at     int // the position now
	speech int // the Play that announces, 0 none

	estimate  time.Duration // of the wait from now; 0 unknown
	estimated bool          // it was noted
	comforts  int           // comfort messages played
	hello     bool          // a customer called back is greeted before the music
}

// enqueue finds the queues and the reason for them. Where no rule matches, the flow's own edge decides.
func (c *Call) enqueue(cmd ivr.Queue) phase {
	topic := cmd.Topic
	if topic == "" {
		topic = c.topic
	}
	choice := route.Choice{Reason: "the flow names this queue", ReasonZH: "流程指定了这个队列", Steps: []route.Step{{Queue: cmd.Queue}}, Priority: cmd.Priority}
	if cmd.Queue == "" {
		var ok bool
		choice, ok = c.setup.Routes.Choose(route.Query{DID: c.setup.Plan.DID, Region: c.setup.Region, Topic: topic, At: c.now})
		if !ok || len(choice.Steps) == 0 {
			c.note(Fact{Kind: LeftQueue, Topic: topic, Reason: "no-route"})
			if c.lost++; c.lost > mostLost { // the flow sends the caller to the same place again and again
				return c.finish(end{cause: Internal, side: "system"})
			}
			return c.advance(ivr.QueueLeft{Why: "no-agents"})
		}
		choice.Priority += cmd.Priority
	}
	if choice.Language != "" {
		c.language = choice.Language
	}
	queue := choice.Steps[0].Queue
	c.note(Fact{
		Kind: Routed, Topic: topic, Queue: queue, Rule: choice.Rule, Reason: choice.Reason, ReasonZH: choice.ReasonZH,
		Region: c.setup.Region.String(), Priority: choice.Priority,
	})
	return &waiting{place: &place{cmd: cmd, steps: choice.Steps, queue: queue, prio: choice.Priority}, joining: true}
}

// waiting is in the queue with nobody being rung.
type waiting struct {
	*place
	joining bool // not joined yet
}

func (p *waiting) enter(c *Call) {
	if p.joining {
		p.joining = false
		c.last = p.place
		c.note(Fact{Kind: Queued, Queue: p.queue, Priority: p.prio, Topic: c.topic})
		if c.since.IsZero() {
			c.since = c.now
		}
		c.do(JoinQueue{
			Steps: p.steps, Priority: p.prio, Since: c.since, MaxWait: p.cmd.MaxWait, NeedAgents: p.cmd.NeedAgents, NeedReady: p.cmd.NeedReady,
			Familiar: c.setup.Familiar, FamiliarAt: c.setup.FamiliarAt, Absent: c.absent(), Turns: c.absent() && !c.setup.Callback.AgentFirst,
		})
		p.music(c)
	}
	if p.cmd.Every > 0 {
		c.setTimer("announce", p.cmd.Every)
	}
}

// music is what the caller hears while waiting.
func (p *place) music(c *Call) {
	if c.absent() {
		return
	}
	if p.hello {
		p.hello = false
		p.speech = c.play(c.guest, []ivr.Prompt{{File: backHello}}, "", false)
		return
	}
	file := p.cmd.Music
	if file == "" {
		file = c.setup.Music[p.queue]
	}
	if file == "" {
		file = holdMusic
	}
	p.speech = 0
	c.play(c.guest, []ivr.Prompt{{File: file}}, "", true)
}

// giveBack takes the caller out of the queue.
func (p *waiting) giveBack(c *Call) { p.leave(c, "abandoned") }

func (p *place) leave(c *Call, why string) {
	c.do(LeaveQueue{Why: why})
	c.note(Fact{Kind: LeftQueue, Queue: p.queue, Reason: why})
}

func (p *waiting) on(c *Call, ev Event) phase {
	switch ev := ev.(type) {
	case Offered:
		return &offering{place: p.place, first: ev}
	case QueueTold:
		p.learn(c, ev)
		if (p.cmd.Position || p.cmd.Wait) && p.told == 0 {
			p.announce(c)
		}
	case TimerFired:
		if ev.Timer.Name == "announce" {
			p.announce(c)
			c.setTimer("announce", p.cmd.Every)
		}
	case PromptDone:
		if ev.Play == p.speech {
			p.music(c)
		}
	case QueueWidened:
		p.widened(c, ev)
	case QueueLeft:
		c.note(Fact{Kind: LeftQueue, Queue: p.queue, Reason: ev.Why})
		if c.absent() {
			return p.turnCame(c, ev.Why)
		}
		if ev.Closing != nil {
			return c.closed(*ev.Closing)
		}
		return c.advance(ivr.QueueLeft{Why: ev.Why})
	case Digit:
		if ev.Leg == c.guest && strings.IndexByte(p.cmd.Keys, ev.Key) >= 0 {
			p.leave(c, "key")
			return c.advance(ivr.QueueLeft{Why: "key", Key: ev.Key})
		}
	}
	return p
}

func (p *place) widened(c *Call, ev QueueWidened) {
	c.note(Fact{Kind: Widened, Queue: ev.Queue})
}

// learn takes in the place and the estimate. The first estimate is noted, to be held against what came true.
func (p *place) learn(c *Call, ev QueueTold) {
	p.at, p.estimate = ev.Position, ev.Estimate
	if p.estimate > 0 && !p.estimated {
		p.estimated = true
		c.note(Fact{Kind: Estimated, Queue: p.queue, For: p.estimate})
	}
}

// announce says the caller's place and how long it will be, as far as the flow wants it and it is known, and a comfort
// message; at least one of them.
func (p *place) announce(c *Call) {
	var prompts []ivr.Prompt
	if p.cmd.Position && p.at > 0 {
		p.told = p.at
		prompts = ivr.Speak(c.language, "position", strconv.Itoa(p.at))
	}
	if p.cmd.Wait && p.estimate > 0 {
		p.told = max(p.at, 1)
		prompts = append(prompts, ivr.Prompt{File: estimateIs})
		prompts = append(prompts, ivr.Speak(c.language, "seconds", strconv.Itoa(coarse(p.estimate)))...)
	}
	if n := len(p.cmd.Comfort); n > 0 {
		prompts = append(prompts, ivr.Prompt{File: p.cmd.Comfort[p.comforts%n]})
		p.comforts++
	}
	if len(prompts) == 0 {
		prompts = []ivr.Prompt{{File: pleaseHold}}
	}
	p.speech = c.play(c.guest, prompts, "", false)
}

// coarse is a wait in seconds as people say it: in tens below a minute, in whole minutes above, never less than it is.
func coarse(d time.Duration) int {
	unit := 10 * time.Second
	if d > time.Minute {
		unit = time.Minute
	}
	return int(((d + unit - 1) / unit * unit).Seconds())
}

// offering rings an agent for the caller, or several at once; the caller goes on hearing the music.
type offering struct {
	*place
	first Offered
	rings rings
}

func (p *offering) enter(c *Call) {
	if p.speech != 0 { // what was being said stops when an agent is rung
		p.music(c)
	}
	p.rings.ring(c, p.first)
}

func (p *offering) giveBack(c *Call) {
	p.rings.giveBack(c, Cancelled)
	p.leave(c, "abandoned")
}

func (p *offering) on(c *Call, ev Event) phase {
	got, mine := p.rings.on(c, ev)
	switch {
	case got != nil:
		return p.answered(c, *got)
	case mine && len(p.rings) == 0: // the caller waits again when nobody rings any more
		return &waiting{place: p.place}
	case !mine:
		p.meanwhile(c, ev)
	}
	return p
}

// answered: an agent has the caller, or is about to.
func (p *offering) answered(c *Call, r ring) phase {
	next := &talking{near: c.guest, leg: r.leg, joins: r.leg, greets: true}
	if c.absent() {
		p.served(c, r.Offered)
		return &reaching{place: p.place, talk: next}
	}
	if w := c.setup.Whispers[r.Queue]; w.any(c.topic) {
		return &whispering{place: p.place, talk: next, offer: r.Offered}
	}
	p.served(c, r.Offered)
	return next
}

// served notes the end of a wait that came to an agent.
func (p *place) served(c *Call, o Offered) {
	c.since = time.Time{}
	c.note(Fact{Kind: LeftQueue, Queue: o.Queue, Agent: o.Agent, Reason: "answered"})
}

// meanwhile is what a waiting caller also hears of while an agent is rung.
func (p *offering) meanwhile(c *Call, ev Event) {
	switch ev := ev.(type) {
	case QueueTold:
		p.learn(c, ev)
	case PromptDone:
		if ev.Play == p.speech {
			p.music(c)
		}
	case QueueWidened:
		p.widened(c, ev)
	}
}
