package queue

import (
	"fmt"
	"testing"
	"time"
)

// witness takes down what a checker complains of instead of failing.
type witness struct {
	testing.TB
	said string
}

func (*witness) Helper() {}

func (w *witness) Fatalf(format string, args ...any) {
	w.said = fmt.Sprintf(format, args...)
	panic(w)
}

// hear runs what the checker may complain of and returns its words; "" when it is content.
func (w *witness) hear(do func()) (said string) {
	defer func() {
		if r := recover(); r != nil && r != any(w) {
			panic(r)
		}
		said = w.said
	}()
	do()
	return ""
}

// watched is a queue with two agents at work, of whom 802 may be waited for in particular, under a checker that w hears.
func watched(w *witness) *checker {
	k := newChecker(w, start, []Queue{{ID: "west", WrapUp: 50 * time.Second, FamiliarFor: time.Minute, FamiliarWithin: time.Hour}},
		[]Agent{{ID: "801", Queues: map[string]int{"west": 1}}, {ID: "802", Queues: map[string]int{"west": 1}}})
	for _, id := range []string{"801", "802"} {
		k.reaches(id, true)
		k.effects(k.b.Reach(k.now, id, true))
		k.set(id, Ready)
	}
	return k
}

// waits lets a caller join who knows an agent; "" nobody.
func (k *checker) waits(id, knows string) {
	r := Request{ID: id, Steps: []Step{{Queue: "west"}}, Familiar: knows, FamiliarAt: start}
	k.seq++
	c := &known{Request: r, seq: k.seq, joined: k.now, refused: map[string]bool{}, offers: map[string]string{}}
	c.Since = k.now
	k.activate(c)
	k.callers[id], k.joined[id] = c, 1
	effects := k.b.Join(k.now, r)
	k.bind(c)
	k.effects(effects)
}

// instead is what the board said with another caller in its offers.
func instead(effects []Effect, id string) []Effect {
	for i, e := range effects {
		if made, ok := e.(OfferMade); ok {
			made.Offer.Request = id
			effects[i] = made
		}
	}
	return effects
}

// TestCheckerSeesOvertaking breaks the order of service on purpose under the checker of the fuzz.
func TestCheckerSeesOvertaking(t *testing.T) {
	t.Run("an agent is free", func(t *testing.T) {
		w := &witness{TB: t}
		k := watched(w)
		k.effects(k.b.Busy(k.now, "801", true, false))
		k.effects(k.b.Busy(k.now, "802", true, false))
		k.waits("c1", "")
		k.waits("c2", "")
		said := w.hear(func() { k.verb = "busy"; k.effects(instead(k.b.Busy(k.now, "801", false, false), "c2")) })
		if want := "busy at 09:00:00.000: c1 is overtaken by c2 at agent 801"; said != want {
			t.Errorf("the checker says %q, want %q", said, want)
		}
	})
	t.Run("the agent of both leaves", func(t *testing.T) {
		w := &witness{TB: t}
		k := watched(w)
		k.effects(k.b.Busy(k.now, "802", true, false))
		k.waits("c1", "802")
		k.waits("c2", "802")
		k.set("802", NotReady)
		said := w.hear(func() { k.verb = "busy"; k.effects(instead(k.b.Busy(k.now, "802", false, false), "c2")) })
		if want := "busy at 09:00:00.000: c1 is overtaken by c2 at agent 801"; said != want {
			t.Errorf("the checker says %q, want %q", said, want)
		}
	})
	t.Run("nobody else may serve before the time is over", func(t *testing.T) {
		w := &witness{TB: t}
		k := watched(w)
		k.waits("c0", "801")
		k.accept("offer-1")
		k.effects(k.b.Busy(k.now, "802", true, false))
		k.waits("c1", "802")
		k.waits("c2", "")
		k.hangUp("801", false) // 50 s of wrap-up
		k.now = k.now.Add(59 * time.Second)
		if said := w.hear(func() { k.tick(); k.settled() }); said != "" || k.staff["801"].asked != "c2" {
			t.Errorf("the checker says %q of a caller served before one who waits for another agent, and 801 has %q", said, k.staff["801"].asked)
		}
	})
	t.Run("others may, but only after an agent was free", func(t *testing.T) {
		w := &witness{TB: t}
		k := watched(w)
		k.waits("c0", "801")
		k.accept("offer-1")
		k.effects(k.b.Busy(k.now, "802", true, false))
		k.waits("c1", "802")
		k.waits("c2", "")
		k.hangUp("801", false)
		k.now = k.now.Add(61 * time.Second) // one tick that comes late
		if said := w.hear(func() { k.tick(); k.settled() }); said != "" || k.staff["801"].asked != "c2" {
			t.Errorf("the checker says %q of what happened in the right order, and 801 has %q", said, k.staff["801"].asked)
		}
	})
}
