package call

import (
	"cmp"
	"strconv"
	"strings"

	"hotline/ivr"
)

// flowing is in the voice flow: prompts, keys, look-ups. plays holds the flow's numbers of what plays, by ours.
type flowing struct {
	play, flowPlay int
	ask            int
}

func (*flowing) enter(*Call)    {}
func (*flowing) giveBack(*Call) {}

func (p *flowing) on(c *Call, ev Event) phase {
	switch ev := ev.(type) {
	case Digit:
		if ev.Leg == c.guest {
			return c.advance(ivr.Digit{Key: ev.Key})
		}
	case PromptDone:
		if ev.Play == p.play {
			return c.advance(ivr.Played{Play: p.flowPlay})
		}
	case TimerFired:
		if id, ok := strings.CutPrefix(ev.Timer.Name, "flow:"); ok {
			n, _ := strconv.Atoi(id)
			return c.advance(ivr.Timer{ID: n})
		}
	case LookedUp:
		if ev.Lookup == p.ask {
			return c.advance(ivr.LookedUp{Values: ev.Values, Err: ev.Err})
		}
	}
	return p
}

// advance feeds the flow and carries out what it says; the last command may lead to another phase.
func (c *Call) advance(in ivr.Input) phase {
	p, staying := c.phase.(*flowing)
	if !staying {
		c.unseat()
		// Timers set below belong to the phase that begins now.
		p = &flowing{}
		c.phase = p
		c.epoch++
	}
	if c.run == nil || c.run.Ended() { // a callback has no flow to go on in, nor has who came back from one that had ended
		return c.finish(end{cause: Normal, side: cmp.Or(c.left, "system")})
	}
	return c.follow(p, c.run.Step(c.now, in))
}

// follow carries out commands of the flow.
func (c *Call) follow(p *flowing, cmds []ivr.Command) phase {
	for _, cmd := range cmds {
		if next := c.obey(p, cmd); next != nil {
			return next
		}
	}
	return p
}

// obey carries out one command; a phase when it leads elsewhere, else nil.
func (c *Call) obey(p *flowing, cmd ivr.Command) phase {
	switch cmd := cmd.(type) {
	case ivr.Play:
		p.flowPlay, p.play = cmd.Play, c.play(c.guest, cmd.Prompts, cmd.Language, cmd.Loop)
	case ivr.Stop:
		c.do(StopPlay{Leg: c.guest})
	case ivr.SetTimer:
		c.setTimer("flow:"+strconv.Itoa(cmd.ID), cmd.After)
	case ivr.Ask:
		c.lastPlay++
		p.ask = c.lastPlay
		c.do(Lookup{Lookup: p.ask, Ask: cmd.Lookup})
	case ivr.Queue:
		c.left = ""
		return c.enqueue(cmd)
	case ivr.Dial:
		c.left = ""
		return &dialling{cmd: cmd}
	case ivr.Voicemail:
		c.left = ""
		return &leavingMessage{cmd: cmd}
	case ivr.Hangup:
		how := end{cause: Cause(cmd.Cause), sip: cmd.SIP, side: cmp.Or(c.left, "system")}
		if next := c.recalled(how); next != nil {
			return next
		}
		return c.finish(how)
	default:
		c.obeyAtOnce(cmd)
	}
	return nil
}

// obeyAtOnce carries out the commands that wait for nothing.
func (c *Call) obeyAtOnce(cmd ivr.Command) {
	switch cmd := cmd.(type) {
	case ivr.Answer:
		c.answer()
	case ivr.Ring:
		if !c.answered {
			c.do(RingLeg{Leg: CallerLeg})
		}
	case ivr.Early:
		c.openEarly()
	case ivr.Echo:
		c.do(Echo{Leg: c.guest})
	case ivr.Record:
		c.wanted = true
		if c.answered {
			c.startRecording("call", c.guest, "")
		}
	case ivr.Entered:
		c.note(Fact{Kind: Entered, Flow: cmd.Flow, FlowVersion: cmd.Version, Node: cmd.Node, Reason: cmd.Type})
	case ivr.CallBack:
		c.askCallback(cmd)
	case ivr.SurveyAsked:
		c.note(c.ofTalk(Fact{Kind: SurveyAsked}))
	case ivr.Rated:
		c.note(c.ofTalk(Fact{Kind: Rated, Score: cmd.Score, Reason: cmd.Reason}))
	case ivr.Topic:
		c.topic = cmd.Topic
		c.note(Fact{Kind: Chosen, Topic: cmd.Topic})
	}
}

// ofTalk gives a fact the agent who talked last, and the queue that had brought them.
func (c *Call) ofTalk(f Fact) Fact {
	if c.talked != nil {
		f.Agent = c.talked.agent
		if c.talked.offer != nil {
			f.Queue = c.talked.offer.Queue
		}
	}
	return f
}

func (c *Call) openEarly() {
	if c.answered || c.early {
		return
	}
	c.early = true
	c.do(EarlyLeg{Leg: CallerLeg})
}
