package ivr

import (
	"time"

	"hotline/ivr/form"
	"hotline/ivr/variable"
)

// answerNode answers the call.
type answerNode struct{ next form.Way }

func readAnswer(_ *Flow, s *form.Section) body { return answerNode{next: s.Must("next")} }

func (n answerNode) begin(r *Run) move {
	r.answerNow()
	return take(n.next)
}

// ringNode lets the caller hear ringing, for a while if it says so.
type ringNode struct {
	length time.Duration
	next   form.Way
}

func readRing(_ *Flow, s *form.Section) body {
	return ringNode{length: s.Duration("for", 0, 0, 2*time.Minute), next: s.Must("next")}
}

func (n ringNode) begin(r *Run) move {
	if !r.answered {
		r.say(Ring{})
	}
	if n.length == 0 {
		return take(n.next)
	}
	return waitFor(pause{timer: r.timer(n.length), next: n.next})
}

func (n ringNode) waits() bool { return n.length > 0 }

// pause waits for a timer.
type pause struct {
	timer int
	next  form.Way
}

func (p pause) on(_ *Run, in Input) move {
	if t, ok := in.(Timer); ok && t.ID == p.timer {
		return take(p.next)
	}
	return waitFor(p)
}

// earlyNode opens sound before an answer, and may speak at once. What follows is heard without an answer, until a node
// answers expressly or must (voicemail, echo).
type earlyNode struct {
	prompts []form.Prompt
	next    form.Way
}

func readEarly(_ *Flow, s *form.Section) body {
	return earlyNode{prompts: s.Prompts("prompts"), next: s.Must("next")}
}

func (n earlyNode) begin(r *Run) move {
	if !r.answered && !r.early {
		r.early = true
		r.say(Early{})
	}
	if id := r.play(n.prompts); id > 0 {
		return waitFor(playing{play: id, next: n.next})
	}
	return take(n.next)
}

// playNode plays prompts. A key interrupts it unless it must be heard; that key is kept for the menu behind.
type playNode struct {
	prompts       []form.Prompt
	interruptible bool
	next          form.Way
}

func readPlay(_ *Flow, s *form.Section) body {
	return playNode{prompts: s.SomePrompts("prompts"), interruptible: s.Flag("interruptible", true), next: s.Must("next")}
}

func (n playNode) begin(r *Run) move {
	r.answer()
	if n.interruptible && len(r.ahead) > 0 && r.skips < maxSkips {
		r.skips++
		return take(n.next)
	}
	if id := r.play(n.prompts); id > 0 {
		return waitFor(playing{play: id, keys: n.interruptible, next: n.next})
	}
	return take(n.next)
}

func (n playNode) waits() bool { return true }

// playing waits for the end of prompts, or for a key where that interrupts.
type playing struct {
	play int
	keys bool
	next form.Way
}

func (p playing) on(r *Run, in Input) move {
	switch in := in.(type) {
	case Played:
		if in.Play == p.play {
			return take(p.next)
		}
	case Digit:
		if p.keys && len(r.ahead) < maxAhead {
			r.ahead = append(r.ahead, in.Key)
			r.say(Stop{})
			return take(p.next)
		}
	}
	return waitFor(p)
}

func (p playing) listens() bool { return p.keys }

// echoNode sends the caller its own sound, for a while or for ever.
type echoNode struct {
	length time.Duration
	next   form.Way
}

func readEcho(_ *Flow, s *form.Section) body {
	return echoNode{length: s.Duration("for", 0, 0, time.Hour), next: s.Way("next")}
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
type recordNode struct{ next form.Way }

func readRecord(_ *Flow, s *form.Section) body { return recordNode{next: s.Must("next")} }

func (n recordNode) begin(r *Run) move {
	r.say(Record{})
	return take(n.next)
}

// topicNode says what the call is about.
type topicNode struct {
	topic variable.Text
	next  form.Way
}

func readTopic(_ *Flow, s *form.Section) body {
	text, line := s.Need("topic", "name the topic, such as refund")
	return topicNode{topic: s.Variables(text, line), next: s.Must("next")}
}

func (n topicNode) begin(r *Run) move {
	r.topic = n.topic.Fill(r.value, nil)
	r.say(Topic{Topic: r.topic})
	return take(n.next)
}

// subflowNode runs another flow, which comes back here by the target "return".
type subflowNode struct {
	flow string
	line int
	next form.Way
}

func readSubflow(_ *Flow, s *form.Section) body {
	id, line := s.Need("flow", "give the id of the flow to run")
	return subflowNode{flow: id, line: line, next: s.Must("next")}
}

func (n subflowNode) begin(r *Run) move {
	f, ok := r.lib.Flows[n.flow]
	if !ok || len(r.stack) >= maxDepth {
		return hangUp(causeInternal, 0)
	}
	r.stack = append(r.stack, frame{flow: f, back: n.next})
	return move{to: f.Start}
}

func (n subflowNode) refers() Reference { return Reference{To: "flow", ID: n.flow, Line: n.line} }

// hangupNode ends the call, or refuses it when it is not answered.
type hangupNode struct {
	prompts []form.Prompt
	cause   string
	sip     int
}

// causes are the words of call.Cause that a flow may end a call with.
var causes = []string{
	causeNormal, "busy", "declined", causeNoAnswer, "not-registered", causeNotFound, "forbidden", "not-acceptable",
	causeUnavailable, "failed",
}

func readHangup(_ *Flow, s *form.Section) body {
	return hangupNode{prompts: s.Prompts("prompts"), cause: s.Word("cause", causes...), sip: s.Count("sip", 0, 400, 699)}
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
