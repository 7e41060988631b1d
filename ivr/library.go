package ivr

import (
	"errors"
	"fmt"
	"time"

	"hotline/hours"
	"hotline/ivr/form"
	"hotline/ivr/variable"
	"hotline/number"
)

// ErrNoFlow is returned by Start for a flow that the library does not have.
var ErrNoFlow = errors.New("no such flow")

// Library is all flows of a node and the calendars they ask. It is never changed while runs use it: an edit makes a new one.
type Library struct {
	Flows     map[string]*Flow           // by id
	Calendars map[string]*hours.Calendar // by id
	Prompts   map[string]bool            // file names known to exist; nil: not checked by package lint
	Queues    map[string]bool            // ids known to exist; nil: not checked by package lint
}

// Context is what is known about a call when its flow starts.
type Context struct {
	Caller   number.Number
	Region   number.Region
	Dialled  string
	DID      string
	Topic    string
	Language string // empty: the flow's
	VIP      bool
	Blocked  bool
	Vars     map[string]string // copied; nil: none
	Surveyed time.Time         // when the caller was last asked how it was; zero: never
	Shut     *Shut             // nil: nobody closed the whole centre out of turn
}

// Shut is the whole centre closed out of turn: no calendar is open then.
type Shut struct {
	Said []Prompt // what callers hear first; nil: what the flow has for when it is closed will do
}

// Start makes a run of a flow. Nothing happens before Step(now, Begin{}). It returns ErrNoFlow for an unknown flow.
func (l *Library) Start(flow string, c Context) (*Run, error) {
	f, ok := l.Flows[flow]
	if !ok {
		return nil, fmt.Errorf("start flow %q: %w", flow, ErrNoFlow)
	}
	return newRun(l, f, c), nil
}

// StartQueue is Start for the smallest flow there is: it waits for an agent of the queue, and where the queue gives up, the run ends with the
// cause "no-answer" or "unavailable". It returns ErrNoFlow for a queue that is known not to exist.
func (l *Library) StartQueue(queue string, c Context) (*Run, error) {
	if l.Queues != nil && !l.Queues[queue] {
		return nil, fmt.Errorf("start with queue %q: %w", queue, ErrNoFlow)
	}
	return l.startNode("transfer", "queue", queueNode{queue: variable.Plain(queue)}, c), nil
}

// StartVoicemail is the smallest flow that takes a message for a queue.
func (l *Library) StartVoicemail(queue string, c Context) *Run {
	return l.startNode("closed", "voicemail", voicemailNode{prompts: []form.Prompt{shipped("voicemail")}, max: 2 * time.Minute, queue: variable.Plain(queue)}, c)
}

// StartCallback is the smallest flow that agrees on a callback by a queue.
func (l *Library) StartCallback(queue string, c Context) *Run {
	return l.startNode("closed", "callback", callbackNode{queue: variable.Plain(queue)}, c)
}

// startNode runs a flow of one node.
func (l *Library) startNode(flow, kind string, does body, c Context) *Run {
	only := &Node{Name: kind, Type: kind, does: does}
	f := &Flow{ID: flow, Language: c.Language, Start: only.Name, byName: map[string]*Node{only.Name: only}, Nodes: []*Node{only}}
	return newRun(l, f, c)
}
