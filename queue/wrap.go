package queue

import "time"

// wrap is an agent's work after a talk. It ends once: by its time, by Ready, or, where a disposition is wanted, when both
// the time is over (or Ready was asked for) and the disposition is there.
type wrap struct {
	of      string    // the request written up; "" none
	until   time.Time // zero: the time is over
	more    time.Duration
	missing bool // the disposition
}

func (w wrap) on() bool { return !w.until.IsZero() || w.missing }

func (w wrap) reason() string {
	if w.until.IsZero() {
		return "disposition missing, call " + w.of
	}
	return "after call " + w.of
}

// runOut ends the time.
func (w *wrap) runOut() {
	w.until = time.Time{}
	if !w.missing {
		*w = wrap{}
	}
}

func (s *seat) endWrap() { s.wrap.runOut() }

// beginWrap is the moment a talk is over.
func (b *Board) beginWrap(s *seat, h *booking) {
	l := h.line
	if l.WrapUp <= 0 && !l.Disposition {
		return
	}
	s.wrap = wrap{of: h.Request, more: l.WrapMore, missing: l.Disposition && !s.disposed[h.Request]}
	clear(s.disposed)
	if l.WrapUp > 0 {
		s.wrap.until = b.now.Add(l.WrapUp)
	}
}

// EndWrap ends an agent's wrap-up, whatever they are to be next. One whose disposition is missing goes on until that is there.
func (b *Board) EndWrap(now time.Time, agent, source string) []Effect {
	b.begin(now)
	s := b.seats[agent]
	if s == nil || s.shown.To != WrapUp || s.wrap.until.IsZero() {
		return b.reject("end-wrap", agent, "no such agent, or no wrap-up whose time runs")
	}
	s.endWrap()
	b.settle(s, cause{reason: "wrap-up ended", source: orElse(source, "unknown")})
	b.serve(s)
	return b.done()
}

// Lengthen adds the queue's WrapMore to an agent's wrap-up, once for each.
func (b *Board) Lengthen(now time.Time, agent string) []Effect {
	b.begin(now)
	s := b.seats[agent]
	if s == nil || s.shown.To != WrapUp || s.wrap.more <= 0 {
		return b.reject("lengthen", agent, "no such agent, no wrap-up, or one that was lengthened")
	}
	if s.wrap.until.IsZero() {
		s.wrap.until = b.now
	}
	s.wrap.until = s.wrap.until.Add(s.wrap.more)
	s.wrap.more = 0
	b.settle(s, cause{})
	return b.done()
}

// Dispose says that the agent has given the disposition of a request, in the talk or after it. A wrap-up that only waited
// for it is over.
func (b *Board) Dispose(now time.Time, agent, request string) []Effect {
	b.begin(now)
	s := b.seats[agent]
	switch {
	case s == nil:
		return b.reject("dispose", agent, "no such agent")
	case s.held != nil && s.held.Request == request:
		if s.disposed == nil {
			s.disposed = map[string]bool{}
		}
		s.disposed[request] = true
		return b.done()
	case !s.wrap.missing || s.wrap.of != request:
		return b.reject("dispose", agent, "no wrap-up of that request waits for it")
	}
	s.wrap.missing = false
	if !s.wrap.on() {
		s.wrap = wrap{}
	}
	b.settle(s, cause{reason: "disposition given", source: "agent " + s.ID})
	b.serve(s)
	return b.done()
}
