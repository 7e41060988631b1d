// Package events is the stream of facts and of agents' states, as docs/protocols/events.md describes it: who is too slow is sent back to the
// store, misses nothing, and keeps nobody waiting.
package events

import (
	"sync"
	"time"

	"hotline/call"
	"hotline/cdr"
)

// Bounds of the event stream.
const (
	perReader  = 1024             // events a slow reader may be behind before it is sent back to the store
	pageOf     = 500              // facts read at once when a reader resumes
	maxReaders = 500              // streams at once
	keepAlive  = 15 * time.Second // a comment so that proxies keep the stream open
	recheck    = 4 * time.Second  // whether the reader may still listen
	writeFor   = 30 * time.Second // one write; a reader who takes longer is gone
)

// Stream is the stream of facts to whoever listens: a cdr.Listener. A reader that is too slow is not waited for; it reads
// on from the store by its number.
type Stream struct {
	mu          sync.Mutex
	readers     map[chan event]bool
	first, last int64 // numbers of the first and the last fact it was shown; 0: none yet
	closed      bool
	heard       map[call.ID]bool // calls of which something was heard since it was asked last; nil while nobody watches it
}

// event is one line of the stream. Number is 0 for what has no place in the journal: agents' states.
type event struct {
	Number int64
	Kind   string
	Data   any
}

// New is a stream without readers.
func New() *Stream { return &Stream{readers: map[chan event]bool{}} }

// Facts sends committed facts to the readers; it makes Stream a cdr.Listener.
func (e *Stream) Facts(facts []cdr.Numbered) {
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, f := range facts {
		if e.first == 0 {
			e.first = f.Number
		}
		e.last = max(e.last, f.Number)
		if e.heard != nil {
			e.heard[f.Call] = true
		}
	}
	for reader := range e.readers {
		for _, f := range facts {
			e.send(reader, event{f.Number, "fact", f})
		}
	}
}

// Agent sends an agent's change of state to the readers.
func (e *Stream) Agent(c cdr.AgentChange) {
	e.mu.Lock()
	defer e.mu.Unlock()
	for reader := range e.readers {
		e.send(reader, event{0, "agent", c})
	}
}

// Close ends all streams, and those that begin later; for the end of the process, which would wait for them.
func (e *Stream) Close() {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.closed = true
	for reader := range e.readers {
		delete(e.readers, reader)
		close(reader)
	}
}

// send drops a reader that does not keep up: its channel is closed, and it resumes from the store.
func (e *Stream) send(reader chan event, ev event) {
	if !e.readers[reader] {
		return
	}
	select {
	case reader <- ev:
	default:
		delete(e.readers, reader)
		close(reader)
	}
}

// subscribe gives a reader and the number of the last fact shown before it, 0 where there was none; false: no more readers.
func (e *Stream) subscribe() (reader chan event, last int64, ok bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.closed || len(e.readers) >= maxReaders {
		return nil, 0, false
	}
	reader = make(chan event, perReader)
	e.readers[reader] = true
	return reader, e.last, true
}

func (e *Stream) leave(reader chan event) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.readers[reader] {
		delete(e.readers, reader)
		close(reader)
	}
}

// before is the number in front of the first fact ever shown, -1 while there is none: where a reader goes on who came before it.
func (e *Stream) before() int64 {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.first == 0 {
		return -1
	}
	return e.first - 1
}

// Watch begins or ends to note of which calls something is heard.
func (e *Stream) Watch(on bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.heard = nil
	if on {
		e.heard = map[call.ID]bool{}
	}
}

// Touched are the calls of which something was heard since it was asked last.
func (e *Stream) Touched() map[call.ID]bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	heard := e.heard
	if heard != nil {
		e.heard = map[call.ID]bool{}
	}
	return heard
}

// Again notes a call that could not be read.
func (e *Stream) Again(id call.ID) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.heard != nil {
		e.heard[id] = true
	}
}
