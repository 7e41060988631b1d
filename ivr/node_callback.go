package ivr

import (
	"time"

	"hotline/ivr/form"
	"hotline/ivr/variable"
	"hotline/number"
)

// callbackNode asks the caller by which number they want to be called back, and says so (CallBack): the caller's own, confirmed by a key,
// or another that they enter. It speaks shipped prompts, so that it needs none.
type callbackNode struct {
	queue                 variable.Text
	cancel, timeout, next form.Way
}

func readCallback(_ *Flow, s *form.Section) body {
	n := callbackNode{}
	n.queue, _ = s.Filled("queue")
	on := s.Sub("on")
	n.cancel, n.timeout = on.Way("cancel"), on.Way("timeout")
	on.Done()
	n.next = s.Way("next")
	return n
}

func (n callbackNode) waits() bool { return true }

func (n callbackNode) refers() Reference { return toQueue(n.queue) }

func (n callbackNode) begin(r *Run) move {
	r.answer()
	w := &wanting{node: n}
	if e := r.facts.Caller.E164; e != "" {
		return w.confirm(r, r.facts.Caller)
	}
	return w.enter(r)
}

const (
	callbackPatience = 8 * time.Second // to the first key
	callbackBetween  = 4 * time.Second // from one digit to the next
	callbackMost     = 20              // digits of a number
)

// wanting is a callback being agreed on: either a number is confirmed, or one is entered.
type wanting struct {
	attempt
	node     callbackNode
	number   number.E164
	entering bool
	typed    string
}

// shipped is a prompt of the shipped set.
func shipped(name string) form.Prompt { return form.Prompt{File: variable.Plain(name)} }

func (w *wanting) question(prompts ...form.Prompt) attempt {
	return attempt{asking: asking{prompts: prompts, bargeIn: true, tries: 3, onTimeout: w.node.timeout}, first: callbackPatience}
}

// confirm reads a number to the caller: 1 takes it, 2 asks for another, * takes nothing.
func (w *wanting) confirm(r *Run, n number.Number) move {
	w.number, w.entering = n.E164, false
	said := form.Prompt{Text: variable.Plain(n.National()), Say: "phone"}
	w.attempt = w.question(shipped("callback-number"), said, shipped("callback-confirm"))
	w.ask(r, nil)
	return waitFor(w)
}

// enter lets the caller type a number.
func (w *wanting) enter(r *Run) move {
	w.entering, w.typed = true, ""
	w.attempt = w.question(shipped("callback-enter"))
	w.ask(r, nil)
	return waitFor(w)
}

func (w *wanting) on(r *Run, in Input) move {
	switch d, isDigit := in.(Digit); {
	case isDigit:
		if form.IsKey(d.Key) && w.interrupt(r) {
			return w.key(r, d.Key)
		}
	case w.late(in):
		if w.entering && w.typed != "" {
			return w.complete(r)
		}
		return w.fail(r, w, true)
	default:
		w.heard(r, in)
	}
	return waitFor(w)
}

func (w *wanting) key(r *Run, key byte) move {
	switch {
	case w.entering:
		return w.digit(r, key)
	case key == '1':
		return w.agreed(r)
	case key == '2':
		return w.enter(r)
	case key == '*':
		return take(w.node.cancel)
	}
	return w.fail(r, w, false)
}

// digit is one key of a number: # ends it, * begins it anew, or with nothing typed takes nothing.
func (w *wanting) digit(r *Run, key byte) move {
	switch {
	case key == '#':
		return w.complete(r)
	case key == '*' && w.typed == "":
		return take(w.node.cancel)
	case key == '*':
		w.typed = ""
	case '0' <= key && key <= '9' && len(w.typed) < callbackMost:
		w.typed += string(key)
	}
	w.timer = r.timer(callbackBetween)
	return waitFor(w)
}

// complete takes what was typed where it is a number that can be dialled.
func (w *wanting) complete(r *Run) move {
	n := number.Parse(w.typed)
	if n.E164 != "" {
		return w.confirm(r, n)
	}
	w.typed, w.invalid = "", []form.Prompt{shipped("callback-invalid")}
	return w.fail(r, w, false)
}

func (w *wanting) agreed(r *Run) move {
	r.say(CallBack{Number: string(w.number), Queue: w.node.queue.Fill(r.value, nil), Topic: r.topic})
	play := r.play([]form.Prompt{shipped("callback-accepted")})
	return waitFor(playing{play: play, next: w.node.next})
}
