package ua

import (
	"slices"
	"sync"
	"testing"

	"github.com/emiago/sipgo/sip"

	"hotline/call"
	"hotline/sip/session"
)

// said keeps the answers to a REFER and what its sender was told later.
type said struct {
	mu             sync.Mutex
	replies, tells []int
}

func (s *said) referred(user, replaces string) session.Referred {
	keep := func(to *[]int) func(int) {
		return func(code int) {
			s.mu.Lock()
			defer s.mu.Unlock()
			*to = append(*to, code)
		}
	}
	return session.Referred{
		To: sip.Uri{Scheme: "sip", User: user, Host: "127.0.0.1"}, By: "<sip:1001@127.0.0.1>", Replaces: replaces,
		Reply: keep(&s.replies), Notify: keep(&s.tells),
	}
}

func (s *said) has(replies, tells []int) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Equal(s.replies, replies) && slices.Equal(s.tells, tells)
}

func TestTransferIsAskedOfTheCallAndItsEndToldOnce(t *testing.T) {
	r := newRig(t, 0, carrier())
	s, got := r.bare(carrierAddr, nil).dial("4001", "01066551234", offerOf("", "8"))
	a, w := r.arrival()
	for _, c := range []struct {
		name, user, replaces string
		reply                int
	}{
		{"to nobody", "", "", 400},
		{"attended, unreadable", "1003", "abc;to-tag=1", 400},
		{"blind", "1003", "", 202},
	} {
		var heard said
		a.Leg.onLane(func() { a.Leg.onSession(heard.referred(c.user, c.replaces)) })
		a.Leg.Transferred(486)
		a.Leg.Transferred(200)
		var tells []int
		if c.reply == 202 {
			tells = []int{486}
		}
		eventually(t, c.name, func() bool { return heard.has([]int{c.reply}, tells) })
	}
	if asked := await[call.TransferAsked](t, w, nil); asked != (call.TransferAsked{Leg: call.CallerLeg, To: "1003", By: "<sip:1001@127.0.0.1>"}) {
		t.Errorf("got %+v", asked)
	}
	s.Hangup(0, "")
	next[session.Ended](t, got)
	await[call.LegEnded](t, w, nil)
	if n := has[call.TransferAsked](w); n != 1 {
		t.Errorf("the call was asked %d times", n)
	}
	r.idle()
}
