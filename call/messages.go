package call

import (
	"time"

	"hotline/ivr"
)

// leavingMessage records the caller after a tone.
type leavingMessage struct {
	cmd  ivr.Voicemail
	tone int  // the Play of the beep
	tape bool // who talks later is recorded again
}

func (p *leavingMessage) enter(c *Call) {
	c.answer()
	c.stopRecording() // a conversation's recording ends where the message begins
	p.tape, c.wanted = c.wanted, false
	p.tone = c.play(c.guest, []ivr.Prompt{{File: beep}}, "", false)
}

func (p *leavingMessage) giveBack(c *Call) { p.keep(c) }

// keep ends the message; nothing is noted for one that never began.
func (p *leavingMessage) keep(c *Call) {
	c.wanted = p.tape
	if c.record == "" {
		return
	}
	c.note(Fact{Kind: Voicemail, Recording: c.record, Queue: p.cmd.Queue, Topic: c.topic})
	c.stopRecording()
}

func (p *leavingMessage) on(c *Call, ev Event) phase {
	switch ev := ev.(type) {
	case PromptDone:
		if ev.Play == p.tone {
			c.startRecording("voicemail", c.guest, "")
			longest := p.cmd.Max
			if longest <= 0 {
				longest = 2 * time.Minute
			}
			c.setTimer("message", longest)
		}
	case TimerFired:
		if ev.Timer.Name == "message" {
			p.keep(c)
			return c.advance(ivr.Recorded{})
		}
	case Digit:
		if ev.Key == '#' {
			p.keep(c)
			return c.advance(ivr.Recorded{})
		}
	}
	return p
}
