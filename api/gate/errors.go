package gate

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"time"

	"github.com/danielgtaylor/huma/v2"
)

// fault is an error that says itself what a person should hear.
type fault interface {
	Fault() (kind, sentence string)
}

// later is an error that says when to try again.
type later interface {
	RetryAfter() time.Duration
}

var statuses = map[string]int{
	"invalid": http.StatusUnprocessableEntity, "not-found": http.StatusNotFound, "conflict": http.StatusConflict, "forbidden": http.StatusForbidden,
	"unauthorised": http.StatusUnauthorized, "throttled": http.StatusTooManyRequests, "unavailable": http.StatusServiceUnavailable,
}

// Answer turns an error into a status and a sentence; what is our fault is logged whole, and what is not meant for people is
// said as "internal".
func (g *Gate) Answer(err error) (int, string) {
	status, sentence := http.StatusInternalServerError, "Something went wrong on our side; the log says what."
	var f fault
	switch {
	case errors.As(err, &f):
		kind, text := f.Fault()
		if known, ok := statuses[kind]; ok {
			status, sentence = known, text
		}
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		g.Logger.Debug("request given up", "err", err)
		return http.StatusServiceUnavailable, "This took too long: try again."
	}
	if status >= http.StatusInternalServerError {
		g.Logger.Error("request failed", "err", err)
	}
	return status, sentence
}

// retryAfter is the header that says when to try again, in whole seconds; "" where nothing does.
func retryAfter(err error) string {
	var l later
	if !errors.As(err, &l) {
		return ""
	}
	return strconv.Itoa(int((l.RetryAfter() + time.Second - 1) / time.Second))
}

// refused is an error as huma wants it.
func (g *Gate) refused(err error) error {
	var status huma.StatusError
	if errors.As(err, &status) {
		return err
	}
	code, sentence := g.Answer(err)
	refusal := error(huma.NewError(code, sentence))
	if wait := retryAfter(err); wait != "" {
		refusal = huma.ErrorWithHeaders(refusal, http.Header{"Retry-After": {wait}})
	}
	return refusal
}

// Problem answers with RFC 9457 where huma does not.
func Problem(w http.ResponseWriter, status int, sentence string) {
	h := w.Header()
	for _, name := range []string{"Content-Length", "Content-Encoding", "Etag", "Last-Modified", "Content-Disposition"} {
		h.Del(name)
	}
	h.Set("Content-Type", "application/problem+json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(map[string]any{"status": status, "title": http.StatusText(status), "detail": sentence})
}

// Refuse answers an error where huma does not.
func (g *Gate) Refuse(w http.ResponseWriter, err error) {
	var status huma.StatusError
	if errors.As(err, &status) {
		Problem(w, status.GetStatus(), status.Error())
		return
	}
	code, sentence := g.Answer(err)
	Problem(w, code, sentence)
}
