package ivr

import (
	"maps"
	"time"

	"hotline/ivr/form"
)

// Bounds of a run. A flow that reaches one ends its call with the cause "internal": it never spins and never grows.
const (
	maxSteps  = 200    // nodes entered in one Step without waiting
	maxVisits = 20_000 // nodes entered in one call
	maxDepth  = 8      // sub-flows within sub-flows
	maxMenus  = 16     // menus that * can go back through
	maxAhead  = 8      // keys pressed before a menu asks
	maxSkips  = 3      // prompts that one key skips
)

// Words of call.Cause that a run uses by itself.
const (
	causeNormal      = "normal"
	causeInternal    = "internal"
	causeNotFound    = "not-found"
	causeNoAnswer    = "no-answer"
	causeUnavailable = "unavailable"
)

// Run leads one call through a flow. It belongs to one goroutine.
type Run struct {
	lib      *Library
	facts    Context
	vars     map[string]string
	topic    string
	language string

	stack []frame // the flows being run; the last is the current one
	wait  activity
	ahead []byte // keys pressed during a prompt, for the next menu or collect

	begun, answered, early, ended bool

	talked, invited bool // since the latest survey: to somebody, who asked for one

	plays, timers, visits int
	skips                 int // in the current Step

	now time.Time // of the current Step
	out []Command
}

// frame is a flow being run.
type frame struct {
	flow  *Flow
	back  form.Way // of the flow below, taken on return
	menus []string // visited, for *
}

// activity is what a run waits for: the one thing going on between two steps.
type activity interface{ on(r *Run, in Input) move }

// listener is an activity that takes keys: keys pressed ahead are kept for it.
type listener interface{ listens() bool }

// move says what comes next: an end, something to wait for, or a target.
type move struct {
	end  *Hangup
	wait activity
	to   string
}

func waitFor(a activity) move { return move{wait: a} }

func hangUp(cause string, sip int) move { return move{end: &Hangup{Cause: cause, SIP: sip}} }

// take goes a way. A missing one ends the call: normally where that is allowed, else as a fault of the flow.
func take(w form.Way) move {
	switch {
	case w.To != "":
		return move{to: w.To}
	case w.Need:
		return hangUp(causeInternal, 0)
	}
	return hangUp(causeNormal, 0)
}

func newRun(l *Library, f *Flow, c Context) *Run {
	r := &Run{lib: l, facts: c, vars: map[string]string{}, topic: c.Topic, language: c.Language}
	maps.Copy(r.vars, c.Vars)
	if r.language == "" {
		r.language = f.Language
	}
	r.stack = []frame{{flow: f}}
	return r
}

// Step takes one input and returns what to do now, nil for nothing. It never panics, never waits, and returns nothing more
// after a Hangup.
func (r *Run) Step(now time.Time, in Input) []Command {
	if r.ended {
		return nil
	}
	r.now, r.out, r.skips = now, nil, 0
	switch _, begin := in.(Begin); {
	case begin && !r.begun:
		r.begun = true
		r.walk(move{to: r.flow().Start})
	case !begin && r.wait != nil:
		r.walk(r.wait.on(r, in))
	}
	return r.out
}

// Ended says that the run has returned its Hangup.
func (r *Run) Ended() bool { return r.ended }

// Asks says that the run waits for keys, or keeps those that are pressed meanwhile.
func (r *Run) Asks() bool {
	_, listens := r.wait.(listener)
	return listens
}

// Variables are those that the flow has set and the call's own, a copy.
func (r *Run) Variables() map[string]string { return maps.Clone(r.vars) }

// walk follows moves until one waits or ends the call.
func (r *Run) walk(m move) {
	for range maxSteps {
		switch {
		case m.end != nil:
			r.finish(*m.end)
			return
		case m.wait != nil:
			r.settle(m.wait)
			return
		}
		m = r.enter(m.to)
	}
	r.finish(Hangup{Cause: causeInternal})
}

func (r *Run) settle(a activity) {
	r.wait = a
	if l, ok := a.(listener); !ok || !l.listens() {
		r.ahead = nil
	}
}

func (r *Run) finish(h Hangup) {
	r.say(h)
	r.ended, r.wait = true, nil
}

// enter goes to a target of the current flow and lets its node begin.
func (r *Run) enter(to string) move {
	switch to {
	case form.ToHangup:
		return hangUp(causeNormal, 0)
	case form.ToReturn:
		return r.leave()
	}
	n, ok := r.flow().byName[to]
	if r.visits++; !ok || r.visits > maxVisits {
		return hangUp(causeInternal, 0)
	}
	r.say(Entered{Flow: r.flow().ID, Version: r.flow().Version, Node: n.Name, Type: n.Type})
	return n.does.begin(r)
}

// leave returns from a sub-flow. The outermost flow has nowhere to return to: the call is over.
func (r *Run) leave() move {
	if len(r.stack) == 1 {
		return hangUp(causeNormal, 0)
	}
	back := r.top().back
	r.stack = r.stack[:len(r.stack)-1]
	return take(back)
}

func (r *Run) top() *frame { return &r.stack[len(r.stack)-1] }

func (r *Run) flow() *Flow { return r.top().flow }

func (r *Run) say(c Command) { r.out = append(r.out, c) }

// answer answers the call where a node needs sound both ways, unless the flow chose to speak before an answer.
func (r *Run) answer() {
	if !r.early {
		r.answerNow()
	}
}

func (r *Run) answerNow() {
	if !r.answered {
		r.answered = true
		r.say(Answer{})
	}
}

// play starts prompts and returns the number of the Play; 0 when there is nothing to play.
func (r *Run) play(prompts []form.Prompt) int {
	sounds := r.render(prompts)
	if len(sounds) == 0 {
		return 0
	}
	r.plays++
	r.say(Play{Play: r.plays, Prompts: sounds, Language: r.language})
	return r.plays
}

// timer asks for a Timer and returns its number.
func (r *Run) timer(after time.Duration) int {
	r.timers++
	r.say(SetTimer{ID: r.timers, After: after})
	return r.timers
}
