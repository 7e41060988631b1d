package events

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"hotline/account"
	"hotline/api/gate"
	"hotline/cdr"
)

// Routes is the route of the event stream, with what it asks. All fields are required.
type Routes struct {
	*gate.Gate
	Stream *Stream
	Facts  cdr.FactStore
}

// Add adds the route, which docs/protocols/events.md describes.
func (s *Routes) Add() {
	op := huma.Operation{
		Method: "GET", Path: "/api/v1/events", OperationID: "stream-events", Summary: "Facts of calls and states of agents as they happen", Tags: []string{"events"},
		Description: "Server-sent events. Each fact has its number as id; Last-Event-ID (or since) goes on after it without a gap and without a repeat. " +
			"Event fact holds a fact with its number, event agent an agent's change of state.",
		Parameters: []*huma.Param{
			gate.QueryParam("since", "number of the last fact seen; 0 for everything that is kept; absent for what comes next",
				&huma.Schema{Type: huma.TypeInteger, Minimum: new(float64)}),
			{Name: "Last-Event-ID", In: "header", Description: "the same, as browsers send it; it goes before since", Schema: &huma.Schema{Type: huma.TypeString}},
		},
		Responses: map[string]*huma.Response{"200": gate.Says("The stream", "text/event-stream")},
	}
	gate.Answers(&op, 422, 503)
	s.Plain(account.Supervisor, op, s.events)
}

// errEnded is the end of a stream that nobody is to blame for.
var errEnded = errors.New("stream ended")

// events is GET /api/v1/events.
func (s *Routes) events(w http.ResponseWriter, r *http.Request) {
	since, resume, ok := sinceOf(r)
	if !ok {
		gate.Problem(w, http.StatusUnprocessableEntity, "Last-Event-ID and since are the number of a fact.")
		return
	}
	out := &writer{w: w, control: http.NewResponseController(w)}
	for {
		reader, last, ok := s.Stream.subscribe()
		if !ok {
			if !out.begun {
				w.Header().Set("Retry-After", "10")
				gate.Problem(w, http.StatusServiceUnavailable, "Too many event streams are open, or the program is stopping.")
			}
			return
		}
		switch {
		case !resume && last > 0:
			since = last
		case !resume:
			since = -1
		}
		next, err := s.follow(r, out, reader, since)
		s.Stream.leave(reader)
		if err != nil {
			s.Logger.Debug("event stream ended", "err", err)
			return
		}
		if since, resume = next, true; since < 0 {
			since = s.Stream.before()
			resume = since >= 0
		}
	}
}

// sinceOf is where a reader wants to go on; resume is false for one that wants what comes next, ok for one that makes no sense.
func sinceOf(r *http.Request) (since int64, resume, ok bool) {
	text := r.Header.Get("Last-Event-ID")
	if text == "" {
		text = r.URL.Query().Get("since")
	}
	if text == "" {
		return -1, false, true
	}
	n, err := strconv.ParseInt(text, 10, 64)
	return n, true, err == nil && n >= 0
}

// follow catches up from the store and then sends what comes; it returns the last number when the reader was too slow. since -1
// begins with what comes next.
func (s *Routes) follow(r *http.Request, out *writer, reader chan event, since int64) (int64, error) {
	if err := out.begin(); err != nil {
		return since, err
	}
	since, err := s.catchUp(r.Context(), out, since)
	if err != nil {
		return since, err
	}
	alive, check := time.NewTicker(keepAlive), time.NewTicker(recheck)
	defer alive.Stop()
	defer check.Stop()
	for {
		err := error(nil)
		select {
		case <-r.Context().Done():
			err = r.Context().Err()
		case <-check.C:
			err = s.stillMay(r)
		case <-alive.C:
			err = out.comment("alive")
		case ev, open := <-reader:
			if !open {
				return since, nil
			}
			since, err = out.after(since, ev)
		}
		if err != nil {
			return since, err
		}
	}
}

// stillMay is nil while the one who asked may listen.
func (s *Routes) stillMay(r *http.Request) error {
	if who, err := s.Who(r); err != nil || !who.Role.Atleast(account.Supervisor) {
		return errors.Join(errEnded, err)
	}
	return nil
}

// catchUp sends the facts after since that the store has. A number from beyond the end of the journal, as a reader has after a
// backup was restored, begins with what comes next.
func (s *Routes) catchUp(ctx context.Context, out *writer, since int64) (int64, error) {
	if since > 0 {
		own, err := s.Facts.FactsSince(ctx, since-1, 1)
		if err != nil {
			return since, fmt.Errorf("look for fact %d: %w", since, err)
		}
		if len(own) == 0 {
			return -1, nil
		}
	}
	for since >= 0 {
		facts, err := s.Facts.FactsSince(ctx, since, pageOf)
		if err != nil {
			return since, fmt.Errorf("read facts after %d: %w", since, err)
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
	return since, nil
}

// writer writes server-sent events.
type writer struct {
	w       http.ResponseWriter
	control *http.ResponseController
	begun   bool
}

// begin opens the stream, once.
func (o *writer) begin() error {
	if o.begun {
		return nil
	}
	o.begun = true
	h := o.w.Header()
	h.Set("Content-Type", "text/event-stream; charset=utf-8")
	h.Set("X-Accel-Buffering", "no") // proxies must pass each event on
	return o.write(": hotline\nretry: 2000\n\n")
}

func (o *writer) event(ev event) error {
	data, err := json.Marshal(ev.Data)
	if err != nil {
		return err
	}
	if ev.Number > 0 {
		return o.write(fmt.Sprintf("id: %d\nevent: %s\ndata: %s\n\n", ev.Number, ev.Kind, data))
	}
	return o.write(fmt.Sprintf("event: %s\ndata: %s\n\n", ev.Kind, data))
}

// after sends an event unless it is a fact up to since, and returns the number of the last fact sent.
func (o *writer) after(since int64, ev event) (int64, error) {
	if ev.Number != 0 && ev.Number <= since {
		return since, nil
	}
	if err := o.event(ev); err != nil {
		return since, err
	}
	return max(since, ev.Number), nil
}

func (o *writer) comment(text string) error { return o.write(": " + text + "\n\n") }

func (o *writer) write(text string) error {
	if err := o.control.SetWriteDeadline(time.Now().Add(writeFor)); err != nil && !errors.Is(err, errors.ErrUnsupported) {
		return err
	}
	if _, err := o.w.Write([]byte(text)); err != nil {
		return err
	}
	return o.control.Flush()
}
