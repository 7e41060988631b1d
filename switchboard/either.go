package switchboard

import (
	"sync"

	"hotline/call"
	"hotline/media"
)

// Dialler rings one device of a phone; what happens is told to sink.
type Dialler func(sink func(call.Event)) Line

// Either rings several devices of one phone as one leg, an agent's browser and the desk phone beside it: whichever answers is
// the leg, and the others stop. A person's no on one is a no on all; otherwise the leg ends when the last one has.
func Either(sink func(call.Event), diallers ...Dialler) Line {
	e := &either{sink: sink, lines: make([]Line, len(diallers)), over: make([]bool, len(diallers)), chosen: -1}
	for i, dial := range diallers {
		line := dial(func(ev call.Event) { e.hear(i, ev) })
		e.mu.Lock()
		e.lines[i] = line
		late := e.chosen >= 0 && e.chosen != i || e.done
		e.mu.Unlock()
		if late { // another one was faster than the making of this one
			line.Hangup(call.AnsweredBefore, 0)
		}
	}
	return e
}

type either struct {
	mu     sync.Mutex
	sink   func(call.Event)
	lines  []Line
	over   []bool
	chosen int // whose events are the leg's; -1: nobody answered yet
	rang   bool
	done   bool           // LegEnded was told
	word   *call.LegEnded // the best of those that ended
}

// hear takes what one device tells.
func (e *either) hear(i int, ev call.Event) {
	e.mu.Lock()
	pass, stop, cause := e.decide(i, ev)
	sink := e.sink
	var others []Line
	for n, line := range e.lines {
		if stop && n != i && line != nil && !e.over[n] {
			others = append(others, line)
		}
	}
	e.mu.Unlock()
	for _, line := range others {
		line.Hangup(cause, 0)
	}
	if pass != nil {
		sink(pass)
	}
}

// decide says what the call hears of an event, and whether the other devices stop.
func (e *either) decide(i int, ev call.Event) (pass call.Event, stop bool, cause call.Cause) {
	if _, ended := ev.(call.LegEnded); ended {
		e.over[i] = true
	}
	if e.done || e.chosen >= 0 && e.chosen != i {
		return nil, false, ""
	}
	switch ev := ev.(type) {
	case call.LegRinging:
		if e.rang {
			return nil, false, ""
		}
		e.rang = true
	case call.LegEarly:
		if e.chosen < 0 {
			return nil, false, "" // who listens to an agent's ringing phone hears ringing
		}
	case call.LegAnswered:
		e.chosen = i
		return ev, true, call.AnsweredBefore
	case call.LegEnded:
		return e.ended(i, ev)
	}
	return ev, false, ""
}

func (e *either) ended(i int, ev call.LegEnded) (pass call.Event, stop bool, cause call.Cause) {
	if e.word == nil || e.word.Cause == call.NotRegistered {
		e.word = &ev
	}
	refused := ev.Cause == call.Declined && ev.ByPeer
	for n := range e.lines {
		if !e.over[n] && e.chosen != i && !refused {
			return nil, false, ""
		}
	}
	e.done = true
	if refused || e.chosen == i {
		e.word = &ev
	}
	return *e.word, refused, call.Declined
}

// line is the device that answered, or the first.
func (e *either) line() Line {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.lines[max(e.chosen, 0)]
}

// Ring, Early and Answer are for legs that came in.
func (e *either) Ring() {}

// Early does nothing.
func (e *either) Early() {}

// Answer does nothing.
func (e *either) Answer() {}

// Hangup ends whatever rings or talks.
func (e *either) Hangup(cause call.Cause, status int) {
	e.mu.Lock()
	var up []Line
	for i, line := range e.lines {
		if line != nil && !e.over[i] {
			up = append(up, line)
		}
	}
	e.mu.Unlock()
	for _, line := range up {
		line.Hangup(cause, status)
	}
}

// Move lets the device that answered go on in another call.
func (e *either) Move(id call.LegID, near *media.Stream, sink func(call.Event)) {
	e.mu.Lock()
	e.sink = sink
	i := max(e.chosen, 0)
	line, word := e.lines[i], e.word
	done := e.done
	e.mu.Unlock()
	if done {
		again := *word
		again.Leg = id
		sink(again)
	} else if m, ok := line.(mover); ok {
		m.Move(id, near, func(ev call.Event) { e.hear(i, ev) })
	}
}

// Transferred tells the device that asked.
func (e *either) Transferred(status int) { e.line().Transferred(status) }

// Stream is the sound of the device that answered.
func (e *either) Stream() *media.Stream { return e.line().Stream() }
