package api

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"sync"
	"time"

	"hotline/account"
	"hotline/cdr"
)

// Bounds of the event stream.
const (
	perReader  = 1024             // events a slow reader may be behind before it is sent back to the store
	pageOf     = 500              // facts read at once when a reader resumes
	maxReaders = 500              // streams at once
	keepAlive  = 15 * time.Second // a comment so that proxies keep the stream open
)

// Events is the stream of facts to whoever listens: a cdr.Listener. A reader that is too slow is not waited for; it reads
// on from the store by its number.
type Events struct {
	mu      sync.Mutex
	readers map[chan event]bool
}

// event is one line of the stream. Number is 0 for what has no place in the journal: agents' states.
type event struct {
	Number int64
	Kind   string
	Data   any
}

// NewEvents is a stream without readers.
func NewEvents() *Events { return &Events{readers: map[chan event]bool{}} }

// Facts sends committed facts to the readers; it makes Events a cdr.Listener.
func (e *Events) Facts(facts []cdr.Numbered) {
	e.mu.Lock()
	defer e.mu.Unlock()
	for reader := range e.readers {
		for _, f := range facts {
			e.send(reader, event{f.Number, "fact", f})
		}
	}
}

// Agent sends an agent's change of state to the readers.
func (e *Events) Agent(c cdr.AgentChange) {
	e.mu.Lock()
	defer e.mu.Unlock()
	for reader := range e.readers {
		e.send(reader, event{0, "agent", c})
	}
}

// send drops a reader that does not keep up: its channel is closed, and it resumes from the store.
func (e *Events) send(reader chan event, ev event) {
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

func (e *Events) subscribe() (chan event, bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if len(e.readers) >= maxReaders {
		return nil, false
	}
	reader := make(chan event, perReader)
	e.readers[reader] = true
	return reader, true
}

func (e *Events) leave(reader chan event) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.readers[reader] {
		delete(e.readers, reader)
		close(reader)
	}
}

// events is GET /api/v1/events: server-sent events. Each fact has its number as id; Last-Event-ID (or ?since=) resumes after it
// without a gap and without a repeat.
func (s *server) events(w http.ResponseWriter, r *http.Request) {
	who := s.who(r)
	if !who.Role.Atleast(account.Supervisor) {
		problem(w, http.StatusForbidden, "The event stream takes the role supervisor.")
		return
	}
	since, resume := sinceOf(r)
	out := &stream{w: w, control: http.NewResponseController(w)}
	w.Header().Set("Content-Type", "text/event-stream")
	for {
		reader, ok := s.Events.subscribe()
		if !ok {
			problem(w, http.StatusServiceUnavailable, "Too many event streams are open.")
			return
		}
		if !resume {
			since = -1
		}
		next, err := s.follow(r.Context(), out, reader, since)
		s.Events.leave(reader)
		if err != nil || r.Context().Err() != nil {
			return
		}
		since, resume = next, true
	}
}

func sinceOf(r *http.Request) (int64, bool) {
	text := r.Header.Get("Last-Event-ID")
	if text == "" {
		text = r.URL.Query().Get("since")
	}
	n, err := strconv.ParseInt(text, 10, 64)
	return n, err == nil && n >= 0
}

// follow catches up from the store and then sends what comes; it returns the last number when the reader was too slow. since -1
// begins with what comes next.
func (s *server) follow(ctx context.Context, out *stream, reader chan event, since int64) (int64, error) {
	if err := out.comment("hotline"); err != nil {
		return since, err
	}
	for since >= 0 {
		facts, err := s.Calls.FactsSince(ctx, since, pageOf)
		if err != nil {
			return since, err
		}
		for _, f := range facts {
			if err := out.event(event{f.Number, "fact", f}); err != nil {
				return since, err
			}
			since = f.Number
		}
		if len(facts) < pageOf {
			break
		}
	}
	alive := time.NewTicker(keepAlive)
	defer alive.Stop()
	for {
		select {
		case <-ctx.Done():
			return since, ctx.Err()
		case <-alive.C:
			if err := out.comment("alive"); err != nil {
				return since, err
			}
		case ev, open := <-reader:
			if !open {
				return since, nil
			}
			if ev.Number != 0 && ev.Number <= since {
				continue
			}
			if err := out.event(ev); err != nil {
				return since, err
			}
			since = max(since, ev.Number)
		}
	}
}

// stream writes server-sent events.
type stream struct {
	w       http.ResponseWriter
	control *http.ResponseController
}

func (o *stream) event(ev event) error {
	data, err := json.Marshal(ev.Data)
	if err != nil {
		return err
	}
	if ev.Number > 0 {
		_, err = fmt.Fprintf(o.w, "id: %d\nevent: %s\ndata: %s\n\n", ev.Number, ev.Kind, data)
	} else {
		_, err = fmt.Fprintf(o.w, "event: %s\ndata: %s\n\n", ev.Kind, data)
	}
	return o.flush(err)
}

func (o *stream) comment(text string) error {
	_, err := fmt.Fprintf(o.w, ": %s\n\n", text)
	return o.flush(err)
}

func (o *stream) flush(err error) error {
	if err != nil {
		return err
	}
	if err := o.control.SetWriteDeadline(time.Now().Add(2 * keepAlive)); err != nil {
		return err
	}
	return o.control.Flush()
}
