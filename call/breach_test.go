package call

import (
	"strings"
	"testing"
)

// breach is a promise of a call, broken on purpose: how, and what the auditor has to say of it.
type breach struct {
	promise string
	how     func(a *auditor)
	says    string
}

// does tells the auditor actions of a call; facts get their numbers.
func (a *auditor) does(actions ...Action) {
	for _, act := range actions {
		if note, ok := act.(Note); ok {
			note.Fact.Seq = a.seq + 1
			act = note
		}
		a.watch([]Action{act})
	}
}

func noted(kind Kind) Note { return Note{Fact: Fact{Kind: kind}} }

// twice does the same again.
func twice(act Action) func(*auditor) { return func(a *auditor) { a.does(act, act) } }

// once does something that is then left as it is.
func once(actions ...Action) func(*auditor) {
	return func(a *auditor) {
		a.does(append(actions, noted(Ended))...)
		a.finish()
	}
}

func breaches() []breach {
	dial, room := Dial{Leg: "leg2"}, Meet{Seats: []Seat{{Leg: CallerLeg}}}
	return []breach{
		{"a call has an end", func(a *auditor) { a.finish() }, "0 ends"},
		{"a call has one end", twice(noted(Ended)), "fact ended after the end"},
		{"nothing is done when it is over", func(a *auditor) { a.does(Done{}, dial) }, "after the call was done"},
		{"facts are numbered", func(a *auditor) { a.watch([]Action{Note{Fact: Fact{Kind: Started, Seq: 7}}}) }, "fact 7 after 0"},
		{"no caller is lost in a queue", once(JoinQueue{}), "the caller is still in the queue"},
		{"a caller waits in one queue", twice(JoinQueue{}), "joined a queue twice"},
		{"nobody leaves a queue without being there", func(a *auditor) { a.does(LeaveQueue{}) }, "left a queue and was in none"},
		{"a wait that is told begins and ends", once(noted(Queued)), "entered a queue and never left"},
		{"every agent is given back", func(a *auditor) { a.offers["o1"] = "open"; a.finish() }, "agent of offer o1 was never given back (open)"},
		{"an agent is free after the talk", func(a *auditor) {
			a.offers["o1"] = "open"
			once(AcceptOffer{Offer: "o1"})(a)
		}, "agent of offer o1 was never given back (accepted)"},
		{"an agent is given back once", func(a *auditor) {
			a.offers["o1"] = "open"
			a.does(AcceptOffer{Offer: "o1"}, FreeAgent{Offer: "o1"}, FreeAgent{Offer: "o1"})
		}, `offer o1 became freed but was "freed"`},
		{"who is free does not talk on", func(a *auditor) {
			a.offers["o1"] = "open"
			a.does(dial, SetTimer{Timer: TimerID{Name: "ring:o1"}}, AcceptOffer{Offer: "o1"}, FreeAgent{Offer: "o1"})
		}, "the agent of o1 is free and talks on"},
		{"no leg is left up", once(dial), "legs left up: map[leg2:true]"},
		{"a leg is told to end once", func(a *auditor) { a.does(dial, EndLeg{Leg: "leg2"}, EndLeg{Leg: "leg2"}) }, "leg leg2 was told to end twice"},
		{"who hears each other is there", func(a *auditor) { a.does(Bridge{A: CallerLeg, B: "leg2"}) }, "bridged caller and leg2"},
		{"who sits in a room is not bridged", func(a *auditor) {
			a.legs[CallerLeg], a.several = true, true
			a.does(dial, room, Bridge{A: CallerLeg, B: "leg2"})
		}, "while there is a room"},
		{"a seat is for who is there", func(a *auditor) { a.several = true; a.does(room) }, "a seat for caller"},
		{"a room has a reason", func(a *auditor) { a.legs[CallerLeg] = true; a.does(room) }, "a room for nobody's sake"},
		{"one supervises at a time", func(a *auditor) {
			a.does(Note{Fact: Fact{Kind: Supervised, Agent: "s1", Reason: "listen"}}, Note{Fact: Fact{Kind: Supervised, Agent: "s2", Reason: "listen"}})
		}, "s2 supervises beside s1"},
		{"supervision ends", once(Note{Fact: Fact{Kind: Supervised, Agent: "s1", Reason: "listen"}}), `"s1" supervises for ever`},
		{"a phone is busy once", twice(PhoneBusy{Phone: "1001", On: true}), "phone 1001 busy=true twice"},
		{"a phone listens once", twice(PhoneBusy{Phone: "1001", On: true, Listens: true}), "phone 1001 of a supervisor busy=true twice"},
		{"a phone is busy as long as it talks", once(PhoneBusy{Phone: "1001", On: true}), "phone 1001 stays busy for ever"},
		{"a recording ends", once(Record{Recording: "r1", Left: CallerLeg}), "recordings run on: map[r1:true]"},
		{"who is not in the room is not recorded in it", func(a *auditor) { a.does(Record{Recording: "r1", Left: CallerLeg, With: []LegID{"leg2"}}) }, "leg2 is recorded in a room where they are not"},
		{"who is muted is not recorded", func(a *auditor) {
			a.does(Record{Recording: "r1", Left: CallerLeg, Right: "leg2"})
			a.look(&Call{legs: map[LegID]*leg{"leg2": {muted: true}}})
		}, "leg2 is muted and recorded"},
		{"what is said aside is not recorded", func(a *auditor) {
			a.does(Record{Recording: "r1", Left: CallerLeg, Right: "leg2"})
			a.look(&Call{phase: &consulting{by: "leg2"}})
		}, "what is said aside is recorded"},
		{"a slot is given back", func(a *auditor) { a.slots["701"] = true; once()(a) }, "slots held for ever"},
		{"a slot is given back by who holds it", func(a *auditor) { a.does(FreeSlot{Slot: "701"}) }, "slot 701 was given back and not held"},
		{"who comes from another call is taken or turned away", func(a *auditor) { a.guests["g1"] = true; once()(a) }, "neither taken nor turned away"},
		{"a caller is answered once", func(a *auditor) { a.does(AnswerLeg{}, AnswerLeg{}); once()(a) }, "answered 2 times"},
	}
}

// TestAuditorSeesEachBreach breaks each promise of a call once under the auditor of the fuzz: an auditor who never complains proves nothing.
func TestAuditorSeesEachBreach(t *testing.T) {
	for _, b := range breaches() {
		t.Run(b.promise, func(t *testing.T) {
			a := newAuditor()
			b.how(a)
			if said := strings.Join(a.problems, "; "); !strings.Contains(said, b.says) {
				t.Errorf("the auditor says %q, want %q", said, b.says)
			}
		})
	}
}
