package queue

import (
	"slices"
	"strings"
	"testing"
	"time"
)

// breach is a promise of the board, broken on purpose: how, and what the checker has to say of it.
type breach struct {
	promise string
	how     func(k *checker)
	says    string
}

// pass tells the checker a verb's effects without those of one kind, and checks what holds between two verbs.
func pass[E Effect](k *checker, effects []Effect) {
	k.effects(slices.DeleteFunc(effects, func(e Effect) bool { _, is := e.(E); return is }))
	k.settled()
}

// twice repeats each effect of one kind.
func twice[E Effect](k *checker, effects []Effect) {
	var out []Effect
	for _, e := range effects {
		out = append(out, e)
		if _, is := e.(E); is {
			out = append(out, e)
		}
	}
	k.effects(out)
}

// both lets 801 and 802 be busy, so that who joins waits.
func both(k *checker) {
	k.effects(k.b.Busy(k.now, "801", true, false))
	k.effects(k.b.Busy(k.now, "802", true, false))
	k.staff["801"].busy, k.staff["802"].busy = true, true
}

func breaches() []breach {
	return []breach{
		{"an agent is in one offer at a time", func(k *checker) {
			k.waits("c1", "")
			k.waits("c2", "")
			held := k.b.seats["801"].held.Offer
			held.ID, held.Request = "offer-9", "c2"
			k.callers["c2"].offers = map[string]string{}
			k.effects([]Effect{OfferMade{held}})
		}, "801 is offered c2 and held by c1 already"},
		{"a caller is offered to one agent at a time", func(k *checker) {
			k.waits("c1", "")
			k.effects([]Effect{OfferMade{Offer{ID: "offer-9", Request: "c1", Agent: "802", Queue: "west"}}})
		}, "offer for c1, who does not wait"},
		{"no caller is lost", func(k *checker) {
			both(k)
			k.waits("c1", "")
			k.b.drop(k.b.callers["c1"], "lost")
			k.settled()
		}, "0 requests on the board, want 1"},
		{"no caller ends twice", func(k *checker) {
			both(k)
			k.waits("c1", "")
			k.callers["c1"].MaxWait = time.Nanosecond
			k.now = k.now.Add(time.Second)
			twice[GaveUp](k, []Effect{GaveUp{Request: "c1", Why: Timeout}})
		}, "c1 gives up (timeout) and does not wait"},
		{"nobody waits while an agent is free", func(k *checker) {
			both(k)
			k.waits("c1", "")
			s := k.b.seats["801"]
			s.busy, k.staff["801"].busy = false, false
			k.b.settle(s, cause{reason: "talk over", source: "phone"}) // without looking for a caller
			out := k.b.out
			k.b.out = nil
			k.effects(out)
			k.settled()
		}, "c1 waits though 801 is free"},
		{"nobody gives up before the time", func(k *checker) {
			both(k)
			k.waits("c1", "")
			k.effects([]Effect{GaveUp{Request: "c1", Why: Timeout}})
		}, "c1 gives up too early"},
		{"the place told is the place", func(k *checker) {
			both(k)
			k.waits("c1", "")
			k.effects([]Effect{Told{"c1", 2, 2, 0}})
		}, "c1 is told 2 of 2, got counted as 1 of 1"},
		{"a wrap-up ends once", func(k *checker) {
			k.waits("c1", "")
			k.accept("offer-1")
			k.hangUp("801", false)
			k.now = k.now.Add(time.Minute)
			twice[AgentChanged](k, k.b.Tick(k.now))
		}, "801 goes from wrap-up, but was ready"},
		{"a wrap-up does not end early", func(k *checker) {
			k.waits("c1", "")
			k.accept("offer-1")
			k.hangUp("801", false)
			k.effects([]Effect{AgentChanged{Agent: "801", From: WrapUp, To: Ready, Reason: "wrap-up over", Source: "queue", Next: Ready, At: k.now}})
		}, "wrap-up of 801 ended too often or too early"},
		{"a wrap-up is let out of", func(k *checker) {
			k.waits("c1", "")
			k.accept("offer-1")
			k.hangUp("801", false)
			k.b.alarms.clear(&k.b.seats["801"].alarm)
			k.now = k.now.Add(time.Minute)
			k.tick()
			k.settled()
		}, "801 is not let out of wrap-up"},
		{"every change is said", func(k *checker) {
			k.verb = "busy"
			k.staff["801"].busy = true
			pass[AgentChanged](k, k.b.Busy(k.now, "801", true, false))
		}, "agent on the board"},
		{"an offer needs somebody who may serve", func(k *checker) {
			k.waits("c1", "")
			k.agents["801"] = Agent{ID: "801", Queues: map[string]int{"east": 1}}
			k.callers["c1"].offers = map[string]string{}
			k.staff["801"].offer = ""
			k.effects([]Effect{OfferMade{Offer{ID: "offer-9", Request: "c1", Agent: "801", Queue: "west"}}})
		}, "801 cannot serve c1"},
		{"a callback leaves in its turn", func(k *checker) {
			both(k)
			k.waits("c1", "")
			k.callers["c1"].Turns = true
			k.effects([]Effect{GaveUp{Request: "c1", Why: Turn}})
		}, "c1 leaves at its turn, and no agent is free for it"},
		{"agents at work are counted", func(k *checker) {
			k.b.lines["west"].atWork--
			k.settled()
		}, "1 agents of west are counted at work, want 2"},
	}
}

// TestCheckerSeesEachBreach breaks each promise of the board once under the checker of the fuzz: a check that never complains proves nothing.
func TestCheckerSeesEachBreach(t *testing.T) {
	for _, b := range breaches() {
		t.Run(b.promise, func(t *testing.T) {
			w := &witness{TB: t}
			k := watched(w)
			if said := w.hear(func() { b.how(k) }); !strings.Contains(said, b.says) {
				t.Errorf("the checker says %q, want %q", said, b.says)
			}
		})
	}
}
