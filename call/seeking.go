package call

import (
	"hotline/ivr"
	"hotline/route"
)

// seeking is an agent who waits for an agent of a queue, to consult them. It is no wait of the caller's: no fact says that they were queued.
type seeking struct {
	cmd   ivr.Queue
	rings rings
	phone string // of who waits, once they are gone
}

// begin joins the queue.
func (s *seeking) begin(c *Call) {
	steps := []route.Step{{Queue: s.cmd.Queue}}
	if s.cmd.Queue == "" {
		topic := s.cmd.Topic
		if topic == "" {
			topic = c.topic
		}
		choice, _ := c.setup.Routes.Choose(route.Query{DID: c.setup.Plan.DID, Region: c.setup.Region, Topic: topic, At: c.now})
		steps = choice.Steps
	}
	c.do(JoinQueue{Steps: steps, Priority: s.cmd.Priority, Since: c.now, MaxWait: s.cmd.MaxWait, NeedAgents: true, NeedReady: true})
}

// sought takes what concerns the queue; false: it is nothing of that kind.
func (p *consulting) sought(c *Call, ev Event) (next phase, mine bool) {
	if _, left := ev.(QueueLeft); left {
		p.seek.rings.giveBack(c, Cancelled)
		p.seek = nil
		return p.failed(c, Unavailable), true
	}
	got, mine := p.seek.rings.on(c, ev)
	if got != nil {
		p.seek = nil
		p.reached(c, got.leg)
	}
	return p, mine
}

// stopSeeking leaves the queue and lets go of whoever rings.
func (p *consulting) stopSeeking(c *Call) {
	if p.seek != nil {
		p.seek.rings.giveBack(c, Cancelled)
		c.do(LeaveQueue{Why: "abandoned"})
		p.seek = nil
	}
}
