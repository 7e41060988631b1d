package ivr

import (
	"time"

	"hotline/ivr/variable"
)

// answerNode answers the call.
type answerNode struct{ next edge }

func readAnswer(_ *Flow, s *section) body { return answerNode{next: s.must("next")} }

func (n answerNode) begin(r *Run) move {
	r.answerNow()
	return n.next.take()
}

// ringNode lets the caller hear ringing, for a while if it says so.
type ringNode struct {
	length time.Duration
	next   edge
}

func readRing(_ *Flow, s *section) body {
	return ringNode{length: s.duration("for", 0, 0, 2*time.Minute), next: s.must("next")}
}

func (n ringNode) begin(r *Run) move {
	if !r.answered {
		r.say(Ring{})
	}
	if n.length == 0 {
		return n.next.take()
	}
	return waitFor(pause{timer: r.timer(n.length), next: n.next})
}

func (n ringNode) waits() bool { return n.length > 0 }

// pause waits for a timer.
type pause struct {
	timer int
	next  edge
}

func (p pause) on(_ *Run, in Input) move {
	if t, ok := in.(Timer); ok && t.ID == p.timer {
		return p.next.take()
	}
	return waitFor(p)
}

// earlyNode opens sound before an answer, and may speak at once. What follows is heard without an answer, until a node
// answers expressly or must (voicemail, echo).
type earlyNode struct {
	prompts []prompt
	next    edge
}

func readEarly(_ *Flow, s *section) body {
	return earlyNode{prompts: s.prompts("prompts"), next: s.must("next")}
}

func (n earlyNode) begin(r *Run) move {
	if !r.answered && !r.early {
		r.early = true
		r.say(Early{})
	}
	if id := r.play(n.prompts); id > 0 {
		return waitFor(playing{play: id, next: n.next})
	}
	return n.next.take()
}

// playNode plays prompts. A key interrupts it unless it must be heard; that key is kept for the menu behind.
type playNode struct {
	prompts       []prompt
	interruptible bool
	next          edge
}

func readPlay(_ *Flow, s *section) body {
	return playNode{prompts: s.somePrompts("prompts"), interruptible: s.flag("interruptible", true), next: s.must("next")}
}

func (n playNode) begin(r *Run) move {
	r.answer()
	if n.interruptible && len(r.ahead) > 0 && r.skips < maxSkips {
		r.skips++
		return n.next.take()
	}
	if id := r.play(n.prompts); id > 0 {
		return waitFor(playing{play: id, keys: n.interruptible, next: n.next})
	}
	return n.next.take()
}

func (n playNode) waits() bool { return true }

// playing waits for the end of prompts, or for a key where that interrupts.
type playing struct {
	play int
	keys bool
	next edge
}

func (p playing) on(r *Run, in Input) move {
	switch in := in.(type) {
	case Played:
		if in.Play == p.play {
			return p.next.take()
		}
	case Digit:
		if p.keys && len(r.ahead) < maxAhead {
			r.ahead = append(r.ahead, in.Key)
			r.say(Stop{})
			return p.next.take()
		}
	}
	return waitFor(p)
}

func (p playing) listens() bool { return p.keys }

// echoNode sends the caller its own sound, for a while or for ever.
type echoNode struct {
	length time.Duration
	next   edge
}

func readEcho(_ *Flow, s *section) body {
	return echoNode{length: s.duration("for", 0, 0, time.Hour), next: s.edge("next")}
}

func (n echoNode) begin(r *Run) move {
	r.answerNow()
	r.say(Echo{})
	if n.length == 0 {
		return waitFor(forever{})
	}
	return waitFor(pause{timer: r.timer(n.length), next: n.next})
}

func (n echoNode) waits() bool { return true }

// forever waits for nothing that a run hears of: the caller hangs up some day.
type forever struct{}

func (f forever) on(*Run, Input) move { return waitFor(f) }

// recordNode starts a recording from here on. It does not answer: there is nothing to record before sound flows.
type recordNode struct{ next edge }

func readRecord(_ *Flow, s *section) body { return recordNode{next: s.must("next")} }

func (n recordNode) begin(r *Run) move {
	r.say(Record{})
	return n.next.take()
}

// topicNode says what the call is about.
type topicNode struct {
	topic variable.Text
	next  edge
}

func readTopic(_ *Flow, s *section) body {
	text, line := s.need("topic", "name the topic, such as refund")
	return topicNode{topic: s.template(text, line), next: s.must("next")}
}

func (n topicNode) begin(r *Run) move {
	r.topic = n.topic.Fill(r.value, nil)
	r.say(Topic{Topic: r.topic})
	return n.next.take()
}

// subflowNode runs another flow, which comes back here by the target "return".
type subflowNode struct {
	flow string
	line int
	next edge
}

func readSubflow(_ *Flow, s *section) body {
	id, line := s.need("flow", "give the id of the flow to run")
	return subflowNode{flow: id, line: line, next: s.must("next")}
}

func (n subflowNode) begin(r *Run) move {
	f, ok := r.lib.Flows[n.flow]
	if !ok || len(r.stack) >= maxDepth {
		return hangUp(causeInternal, 0)
	}
	r.stack = append(r.stack, frame{flow: f, back: n.next})
	return move{to: f.Start}
}

// hangupNode ends the call, or refuses it when it is not answered.
type hangupNode struct {
	prompts []prompt
	cause   string
	sip     int
}

// causes are the words of call.Cause that a flow may end a call with.
var causes = []string{
	causeNormal, "busy", "declined", causeNoAnswer, "not-registered", causeNotFound, "forbidden", "not-acceptable",
	causeUnavailable, "failed",
}

func readHangup(_ *Flow, s *section) body {
	return hangupNode{prompts: s.prompts("prompts"), cause: s.word("cause", causes...), sip: s.count("sip", 0, 400, 699)}
}

func (n hangupNode) begin(r *Run) move {
	if r.answered || r.early {
		if id := r.play(n.prompts); id > 0 {
			return waitFor(lastWords{play: id, end: Hangup{Cause: n.cause, SIP: n.sip}})
		}
	}
	return hangUp(n.cause, n.sip)
}

// lastWords waits for a goodbye to be spoken.
type lastWords struct {
	play int
	end  Hangup
}

func (w lastWords) on(_ *Run, in Input) move {
	if p, ok := in.(Played); ok && p.Play == w.play {
		return move{end: &w.end}
	}
	return waitFor(w)
}
