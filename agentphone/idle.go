package agentphone

import (
	"context"

	"hotline/media/codec"
)

// idle is the way to a browser that waits for calls. Nothing is sent on it but the browser's checks: as long as they come,
// sound would too. Its station's lock covers it.
type idle struct {
	way  *way
	stop context.CancelFunc
	up   bool
}

// end gives the way up.
func (i *idle) end() {
	if i.stop != nil {
		i.stop()
	}
	*i = idle{}
}

// standBy begins the way to a browser that waits, in place of an earlier one.
func (s *station) standBy(ctx context.Context, by *link, sdp string) (answer string, err error) {
	s.mu.Lock()
	owns := s.owner == by
	s.mu.Unlock()
	if !owns {
		return "", errNotOwner
	}
	o, err := readOffer(sdp, s.phones.codecs(codec.None))
	if err != nil {
		return "", err
	}
	var w *way
	var stop context.CancelFunc
	known := make(chan struct{}) // closed when w is the station's: the way must not be found before
	mine := func(f func()) {
		<-known
		s.lock(func() {
			if s.idle.way == w {
				f()
			}
		})
	}
	w, answer, stop, err = s.phones.connect(ctx, o, func(found) { mine(func() { s.idle.up = true }) }, func(err error) {
		mine(func() {
			s.idle.end()
			s.phones.Logger.Info("a waiting browser's sound is gone", "user", s.user, "err", err)
		})
	})
	if err != nil {
		return "", err
	}
	s.lock(func() {
		if s.owner != by {
			stop()
			return
		}
		s.idle.end()
		s.idle.way, s.idle.stop = w, stop
	})
	close(known)
	return answer, nil
}

// idleCandidate takes a candidate for the way of a browser that waits.
func (s *station) idleCandidate(by *link, candidate string) {
	s.mu.Lock()
	w, owns := s.idle.way, s.owner == by
	s.mu.Unlock()
	if w != nil && owns {
		go w.candidate(candidate) // ICE has locks of its own
	}
}
