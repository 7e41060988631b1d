package call

import (
	"strconv"
	"time"

	"hotline/ivr"
)

// whisperWithin bounds what an agent hears before the caller is put through.
const whisperWithin = 15 * time.Second

// Whisper is what an agent hears, alone, before a caller of a queue is put through.
type Whisper struct {
	Prompt string            // a file; "" nothing
	Topics map[string]string // topic -> file; nil for none
	Wait   bool              // and how long the caller has waited
}

func (w Whisper) any(topic string) bool { return w.Prompt != "" || w.Wait || w.Topics[topic] != "" }

// words are the prompts of a whisper.
func (w Whisper) words(c *Call) []ivr.Prompt {
	var all []ivr.Prompt
	for _, file := range []string{w.Prompt, w.Topics[c.topic]} {
		if file != "" {
			all = append(all, ivr.Prompt{File: file})
		}
	}
	if w.Wait {
		all = append(all, ivr.Prompt{File: waitedFor})
		all = append(all, ivr.Speak(c.language, "seconds", strconv.Itoa(int(c.now.Sub(c.since).Seconds())))...)
	}
	return all
}

// whispering is between the agent's answer and the talk: the agent hears whom they get, the caller still the music.
type whispering struct {
	*place
	talk  *talking
	offer Offered
	play  int
}

func (p *whispering) enter(c *Call) {
	p.play = c.play(p.talk.leg, c.setup.Whispers[p.offer.Queue].words(c), "", false)
	c.setTimer("whisper", whisperWithin)
}

func (p *whispering) giveBack(c *Call) {
	c.note(Fact{Kind: LeftQueue, Queue: p.offer.Queue, Reason: "abandoned"})
	p.talk.giveBack(c)
}

func (p *whispering) on(c *Call, ev Event) phase {
	switch ev := ev.(type) {
	case PromptDone:
		if ev.Leg == p.talk.leg && ev.Play == p.play {
			return p.through(c)
		}
		if ev.Leg == c.guest && ev.Play == p.speech {
			p.music(c)
		}
	case Digit:
		if ev.Leg == p.talk.leg && ev.Key == '#' { // the agent has heard enough
			return p.through(c)
		}
	case TimerFired:
		if ev.Timer.Name == "whisper" {
			return p.through(c)
		}
	case LegEnded:
		if ev.Leg == p.talk.leg {
			return p.back(c)
		}
	}
	return p
}

func (p *whispering) through(c *Call) phase {
	if l := c.legs[p.talk.leg]; l == nil || l.ending {
		return p // about to be gone
	}
	c.do(StopPlay{Leg: p.talk.leg})
	p.served(c, p.offer)
	return p.talk
}

// back: the agent is gone before the caller was put through. The caller waits on, with the time waited so far.
func (p *whispering) back(c *Call) phase {
	c.note(Fact{Kind: Refused, Agent: p.offer.Agent, Queue: p.offer.Queue, Leg: p.talk.leg, Reason: "declined"})
	c.note(Fact{Kind: LeftQueue, Queue: p.queue, Reason: "agent-left"})
	return &waiting{place: p.place, joining: true}
}
