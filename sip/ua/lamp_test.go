package ua

import (
	"strings"
	"testing"

	"hotline/call"
	"hotline/ivr"
	"hotline/sip/event"
	"hotline/sip/session"
	"hotline/sip/transport"
)

// TestLampsFollowThePhone: rings, talks, over; with the tags by which the call can be picked up.
func TestLampsFollowThePhone(t *testing.T) {
	r := newRig(t, 0)
	r.ua.Events = event.New(event.Config{Contact: func(transport.Peer) string { return "" }}, r.tx)
	invited := make(chan *session.Session, 1)
	b := r.bare(otherAddr, func(s *session.Session) {
		s.SetSink(func(session.Event) {})
		s.Ring()
		invited <- s
	})
	b.registers("1002")
	_, w := r.dial(ivr.ToPhone, "1002")
	s := <-invited
	await[call.LegRinging](t, w, nil)
	state := func(want string) event.Call {
		t.Helper()
		var got []event.Call
		eventually(t, "the lamp to show "+want, func() bool {
			got = r.ua.Events.Calls("1002")
			return len(got) == 1 && got[0].State == want || len(got) == 0 && want == ""
		})
		if want == "" {
			return event.Call{}
		}
		return got[0]
	}
	c := state("early")
	if tags(s) != c.ID+";to-tag="+c.RemoteTag+";from-tag="+c.LocalTag || !c.Recipient || c.Remote == "" {
		t.Errorf("got %+v, the phone says %s", c, tags(s))
	}
	s.Answer([]byte(strings.ReplaceAll(string(offerOf("", "8")), "127.0.40.2", otherAddr.String())))
	await[call.LegAnswered](t, w, nil)
	state("confirmed")
	s.Hangup(0, "")
	await[call.LegEnded](t, w, nil)
	state("")

	phone := r.registered("1001", phoneAddr, nil)
	talk, err := phone.Call("4001", "1001")
	if err != nil {
		t.Fatal(err)
	}
	a, _ := r.arrival()
	eventually(t, "the caller's own lamp", func() bool {
		got := r.ua.Events.Calls("1001")
		return len(got) == 1 && got[0].State == "trying" && !got[0].Recipient && got[0].Remote == "4001"
	})
	a.Leg.Answer()
	eventually(t, "it to talk", func() bool {
		got := r.ua.Events.Calls("1001")
		return len(got) == 1 && got[0].State == "confirmed"
	})
	talk.Hangup()
	eventually(t, "it to go out", func() bool { return len(r.ua.Events.Calls("1001")) == 0 })
	r.idle()
}
