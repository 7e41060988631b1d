package call

import "hotline/ivr"

// Closing is what callers hear of whose queue was closed out of turn, and where those go who waited in it.
type Closing struct {
	Queue string
	Said  []ivr.Prompt // none: nothing is said
	Then  string       // one of the words below
	To    string       // the queue of ThenQueue
}

// What comes after the message of a Closing.
const (
	ThenFlow      = ""          // the flow goes on as it does with a queue that is closed
	ThenHangup    = "hangup"    // the call ends
	ThenQueue     = "queue"     // the caller waits in another queue, for as long as they have
	ThenVoicemail = "voicemail" // the caller leaves a message for the queue
	ThenCallback  = "callback"  // the caller may agree on a callback
)

// closing says why the caller has left the queue.
type closing struct {
	Closing
	play int
}

func (c *Call) closed(k Closing) phase {
	p := &closing{Closing: k}
	if len(k.Said) == 0 {
		return p.then(c)
	}
	return p
}

func (p *closing) enter(c *Call) { p.play = c.play(c.guest, p.Said, "", false) }

func (*closing) giveBack(*Call) {}

func (p *closing) on(c *Call, ev Event) phase {
	if done, ok := ev.(PromptDone); ok && done.Leg == c.guest && done.Play == p.play {
		return p.then(c)
	}
	return p
}

func (p *closing) then(c *Call) phase {
	s := c.setup
	facts := ivr.Context{Caller: s.From, Region: s.Region, Dialled: s.Dialled, DID: s.Plan.DID, Topic: c.topic, Language: c.language, VIP: s.VIP, Blocked: s.Blocked, Vars: s.Vars}
	switch p.Then {
	case ThenHangup:
		return c.finish(end{cause: Unavailable, side: "system"})
	case ThenVoicemail:
		return c.take(s.Flows.StartVoicemail(p.Queue, facts))
	case ThenCallback:
		return c.take(s.Flows.StartCallback(p.Queue, facts))
	case ThenQueue:
		if run, err := s.Flows.StartQueue(p.To, facts); err == nil {
			return c.take(run)
		}
	}
	return c.advance(ivr.QueueLeft{Why: "closed"})
}

// take lets the caller go on in another flow.
func (c *Call) take(run *ivr.Run) phase {
	c.unseat()
	c.run = run
	f := &flowing{}
	c.phase = f
	c.epoch++
	return c.follow(f, run.Step(c.now, ivr.Begin{}))
}
