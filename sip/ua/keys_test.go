package ua

import (
	"net/netip"
	"slices"
	"testing"

	"hotline/call"
	"hotline/internal/testkit"
	"hotline/media"
	"hotline/media/dtmf"
	"hotline/sip/trunk"
)

// TestKeysAsTheTrunkSays: a caller presses 5 by event, 6 by INFO and 7 as a tone; what counts is what the trunk's dtmf says. A trunk
// without events is sent none either.
func TestKeysAsTheTrunkSays(t *testing.T) {
	tone := slices.Concat(make([]int16, 1600), dtmf.Tone('7', 800), make([]int16, 1600))
	for _, row := range []struct {
		name string
		keys trunk.Keys
		want string // any order
	}{
		{"whatever comes", trunk.Keys{}, "56"}, // events were agreed, so nobody listens to the speech
		{"all ways", trunk.Keys{Events: true, Info: true, Tones: true}, "567"},
		{"events alone", trunk.Keys{Events: true}, "5"},
		{"tones alone", trunk.Keys{Tones: true}, "57"}, // the phone sends 5 as a tone, for want of events
		{"tones and INFO", trunk.Keys{Tones: true, Info: true}, "567"},
	} {
		t.Run(row.name, func(t *testing.T) {
			c := carrier()
			c.Keys = row.keys
			r := newRig(t, 0, c)
			p := r.phone(testkit.Config{Bind: netip.AddrPortFrom(carrierAddr, 0), User: "1"})
			talk := must(p.Call("4001", ""))(t)
			a, w := r.arrival()
			a.Leg.Answer()
			until(t, talk, "answered")
			talk.PressInfo('6')
			talk.Press('5')
			heard := func(key byte) bool {
				return slices.ContainsFunc(w.all(), func(ev call.Event) bool { d, ok := ev.(call.Digit); return ok && d.Key == key })
			}
			eventually(t, "the key 5", func() bool { return heard('5') })
			talk.Play(tone, true)
			if row.keys.Tones {
				eventually(t, "the key 7", func() bool { return heard('7') })
			} else {
				talk.Press('8') // and when this came, 7 would have
				if row.keys.Events || row.keys.Any() {
					eventually(t, "the key 8", func() bool { return heard('8') })
				}
			}
			for _, key := range []byte("567") {
				if want := slices.Contains([]byte(row.want), key); heard(key) != want {
					t.Errorf("key %c: heard %v, want %v", key, heard(key), want)
				}
			}
			talk.Hangup()
			await[call.LegEnded](t, w, nil)
		})
	}
}

// TestToneKeysWithoutTelephoneEvent: a peer that offers no telephone-event is listened to.
func TestToneKeysWithoutTelephoneEvent(t *testing.T) {
	r := newRig(t, 0, carrier())
	b := r.bare(carrierAddr, nil)
	s, _ := b.dial("4001", "1", offerOf("", "8"))
	a, w := r.arrival()
	if got := a.Leg.keyTones(a.Leg.chosen); got != media.TonesAlone {
		t.Errorf("listens to tones: %v, want while alone", got)
	}
	s.Hangup(0, "")
	await[call.LegEnded](t, w, nil)
}
