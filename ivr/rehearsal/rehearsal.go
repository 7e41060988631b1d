// Package rehearsal leads a call through a flow without a telephone: for an editor that shows what its flow does.
package rehearsal

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"hotline/ivr"
	"hotline/ivr/form"
)

// Rehearsal is a run without a telephone: it answers the run's commands with what somebody says happens, and keeps a clock of its own. The
// run is the one that leads calls; a Rehearsal adds nothing to what a flow does.
type Rehearsal struct {
	run   *ivr.Run
	now   time.Time
	sound func(language string, p ivr.Prompt) time.Duration
	at    ivr.Entered

	playing   ivr.Play // Play 0: nothing that ends
	ends      time.Time
	timer     int // 0: none; of a queue or a dial its own end
	due       time.Time
	full      time.Time   // of a Voicemail: the end of the longest message
	outside   ivr.Command // what the run waits for besides: Queue, Dial, Voicemail or Ask; nil: nothing
	talking   bool
	commanded []ivr.Command
}

// ErrNotNow says that what somebody let happen cannot happen at this point of a call.
var ErrNotNow = errors.New("this cannot happen now")

// What a Rehearsal waits for, besides keys and time.
const (
	WaitsSound   = "sound"   // the end of a prompt
	WaitsKey     = "key"     // keys, or the end of the patience
	WaitsTime    = "time"    // nothing but time
	WaitsQueue   = "queue"   // an agent, or that the queue gives up
	WaitsDial    = "dial"    // that somebody answers, or nobody does
	WaitsTalk    = "talk"    // the end of a talk
	WaitsMessage = "message" // the end of a message
	WaitsLookup  = "lookup"  // the answer of another system
	WaitsNothing = ""        // the call is over
)

// Happening is something that happens in a Rehearsal.
type Happening struct {
	// What is "key", "on" (until the next thing that comes by itself), "wait" (For), "answered" (by an agent or a target), "left" (the queue
	// gives up: Why is that of QueueLeft), "failed" (a dial: Why is a word of call.Cause), "talk-ended" (Why "survey" invites to one),
	// "recorded" (the end of a message), "looked-up" (Values) or "lookup-failed".
	What   string
	Key    byte
	Why    string
	For    time.Duration
	Values map[string]string
}

// Begin begins a flow of a library at an instant. sound is how long a prompt is, 0 where that is not known; nil: of none is it known. The commands
// are those up to the first wait.
func Begin(l *ivr.Library, flow string, c ivr.Context, at time.Time, sound func(language string, p ivr.Prompt) time.Duration) (
	*Rehearsal, []ivr.Command, error,
) {
	run, err := l.Start(flow, c)
	if err != nil {
		return nil, nil, err
	}
	if sound == nil {
		sound = func(string, ivr.Prompt) time.Duration { return 0 }
	}
	h := &Rehearsal{run: run, now: at, sound: sound}
	h.step(ivr.Begin{})
	return h, h.take(), nil
}

// At is the time of the rehearsed call.
func (h *Rehearsal) At() time.Time { return h.now }

// Node is where the call is; the last one after its end.
func (h *Rehearsal) Node() ivr.Entered { return h.at }

// Variables are the flow's own, a copy.
func (h *Rehearsal) Variables() map[string]string { return h.run.Variables() }

// Waits says what the call waits for: one of the Waits words.
func (h *Rehearsal) Waits() string {
	switch h.outside.(type) {
	case ivr.Queue:
		return h.orTalk(WaitsQueue)
	case ivr.Dial:
		return h.orTalk(WaitsDial)
	case ivr.Voicemail:
		return WaitsMessage
	case ivr.Ask:
		return WaitsLookup
	}
	switch {
	case h.run.Ended():
		return WaitsNothing
	case h.playing.Play > 0:
		return WaitsSound
	case h.run.Asks():
		return WaitsKey
	}
	return WaitsTime
}

func (h *Rehearsal) orTalk(waits string) string {
	if h.talking {
		return WaitsTalk
	}
	return waits
}

// Do lets something happen and returns what the flow commands. The error is ErrNotNow.
func (h *Rehearsal) Do(in Happening) ([]ivr.Command, error) {
	if h.run.Ended() {
		return nil, fmt.Errorf("the call is over: %w", ErrNotNow)
	}
	if ok := h.happen(in); !ok {
		return nil, fmt.Errorf("%s while the call waits for %s: %w", in.What, h.Waits(), ErrNotNow)
	}
	return h.take(), nil
}

func (h *Rehearsal) happen(in Happening) bool {
	waits := h.Waits()
	switch in.What {
	case "key":
		return h.key(in.Key)
	case "wait":
		h.pass(in.For)
		return true
	case "on":
		return h.on()
	case "answered":
		if waits != WaitsQueue && waits != WaitsDial {
			return false
		}
		h.talking, h.timer = true, 0
		return true
	}
	return h.answer(waits, in)
}

// answer brings the result of what the call waits for outside the flow.
func (h *Rehearsal) answer(waits string, in Happening) bool {
	switch {
	case in.What == "left" && slices.Contains(h.Leaves(), in.Why):
		h.step(ivr.QueueLeft{Why: in.Why})
	case in.What == "failed" && waits == WaitsDial:
		h.step(ivr.DialEnded{Cause: in.Why})
	case in.What == "talk-ended" && waits == WaitsTalk:
		h.step(ivr.TalkEnded{Invited: in.Why == "survey"})
	case in.What == "recorded" && waits == WaitsMessage:
		h.step(ivr.Recorded{})
	case in.What == "looked-up" && waits == WaitsLookup:
		h.step(ivr.LookedUp{Values: in.Values})
	case in.What == "lookup-failed" && waits == WaitsLookup:
		h.step(ivr.LookedUp{Err: "rehearsed"})
	default:
		return false
	}
	return true
}

// Leaves are the reasons for which the queue that the call waits in may give it up; nil while it waits in none. Two of them only come
// where the flow has a way for them.
func (h *Rehearsal) Leaves() []string {
	q, ok := h.outside.(ivr.Queue)
	if !ok || h.talking {
		return nil
	}
	why := []string{"timeout", "full", "closed"}
	if q.NeedAgents {
		why = append(why, "no-agents")
	}
	if q.NeedReady {
		why = append(why, "on-break")
	}
	return why
}

func (h *Rehearsal) key(key byte) bool {
	if !form.IsKey(key) {
		return false
	}
	if q, ok := h.outside.(ivr.Queue); ok && !h.talking && strings.IndexByte(q.Keys, key) >= 0 {
		h.step(ivr.QueueLeft{Why: "key", Key: key})
		return true
	}
	h.step(ivr.Digit{Key: key})
	return true
}

// next is the instant of what comes next by itself.
func (h *Rehearsal) next() (time.Time, bool) {
	switch {
	case h.playing.Play > 0:
		return h.ends, true
	case h.timer != 0:
		return h.due, true
	}
	return time.Time{}, false
}

// on goes to what comes next by itself; false where nothing does.
func (h *Rehearsal) on() bool {
	if _, message := h.outside.(ivr.Voicemail); message {
		h.now = h.full
		h.step(ivr.Recorded{})
		return true
	}
	at, ok := h.next()
	if !ok {
		return false
	}
	h.now = at
	switch h.outside.(type) {
	case ivr.Queue:
		h.step(ivr.QueueLeft{Why: "timeout"})
	case ivr.Dial:
		h.step(ivr.DialEnded{Cause: "no-answer"})
	default:
		h.fire()
	}
	return true
}

// fire brings the end of the sound or of the timer.
func (h *Rehearsal) fire() {
	if id := h.playing.Play; id > 0 {
		h.playing = ivr.Play{}
		h.step(ivr.Played{Play: id})
		return
	}
	id := h.timer
	h.timer = 0
	h.step(ivr.Timer{ID: id})
}

// pass lets time pass, with all that it brings.
func (h *Rehearsal) pass(d time.Duration) {
	until := h.now.Add(max(d, 0))
	for !h.run.Ended() {
		at, ok := h.next()
		if !ok || at.After(until) || !h.on() {
			break
		}
	}
	if h.now.Before(until) {
		h.now = until
	}
}

// take are the commands since the last time.
func (h *Rehearsal) take() []ivr.Command {
	out := h.commanded
	h.commanded = nil
	return out
}

// step lets the run take an input and notes what it waits for then.
func (h *Rehearsal) step(in ivr.Input) {
	for _, c := range h.run.Step(h.now, in) {
		h.commanded = append(h.commanded, c)
		h.note(c)
	}
	if h.run.Ended() {
		h.playing, h.timer, h.outside, h.talking = ivr.Play{}, 0, nil, false
	}
}

func (h *Rehearsal) note(c ivr.Command) {
	switch c := c.(type) {
	case ivr.Entered:
		h.at, h.outside, h.talking, h.playing, h.timer = c, nil, false, ivr.Play{}, 0
	case ivr.Play:
		h.timer = 0
		if h.playing = c; c.Loop {
			h.playing = ivr.Play{}
		}
		h.ends = h.now
		for _, p := range c.Prompts {
			h.ends = h.ends.Add(h.sound(c.Language, p))
		}
	case ivr.Stop:
		h.playing = ivr.Play{}
	case ivr.SetTimer:
		h.timer, h.due = c.ID, h.now.Add(c.After)
	case ivr.Queue:
		h.outside = c
		h.sits(c.MaxWait)
	case ivr.Dial:
		h.outside = c
		h.sits(c.For)
	case ivr.Voicemail:
		h.outside, h.full = c, h.now.Add(c.Max)
	case ivr.Ask:
		h.outside = c
	}
}

// sits gives what is outside the flow its own end, where it has one.
func (h *Rehearsal) sits(most time.Duration) {
	if h.timer = 0; most > 0 {
		h.timer, h.due = -1, h.now.Add(most)
	}
}
