package ivr

import (
	"errors"
	"fmt"
	"time"

	"hotline/hours"
	"hotline/number"
)

// ErrNoFlow is returned by Start for a flow that the library does not have.
var ErrNoFlow = errors.New("no such flow")

// Library is all flows of a node and the calendars they ask. It is never changed while runs use it: an edit makes a new one.
type Library struct {
	Flows     map[string]*Flow           // by id
	Calendars map[string]*hours.Calendar // by id
	Prompts   map[string]bool            // file names known to exist; nil: not checked by Lint
	Queues    map[string]bool            // ids known to exist; nil: not checked by Lint
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
	wait := &node{name: "queue", kind: "queue", does: queueNode{queue: template{parts: []part{{plain: queue}}}}}
	f := &Flow{ID: "transfer", Language: c.Language, Start: wait.name, nodes: map[string]*node{wait.name: wait}, order: []*node{wait}}
	return newRun(l, f, c), nil
}
